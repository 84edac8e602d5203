"""One example answer per operation of the API, shown in its description."""

from __future__ import annotations

from typing import Any

from crossdock.api.example_automations import AUTOMATION_EXAMPLES
from crossdock.api.example_drift import DRIFT
from crossdock.api.example_records import (
    AT,
    CANCELLATION,
    EVENT,
    EXPLANATION,
    FULFILLMENT,
    LEVEL,
    LOCATION,
    MOMENT,
    ORDER,
    ORDER_IN_FULL,
    PRODUCT,
    PRODUCT_IN_FULL,
    RETURN,
    RETURN_ASKED,
    STANDING,
    STATEMENT,
    STOCK,
)
from crossdock.api.example_routing import ROUTING_EXAMPLES
from crossdock.api.example_shipping import SHIPPING_EXAMPLES
from crossdock.api.example_webhooks import WEBHOOKS

FLOW = "my-store/pull-orders"

INTEGRATION: dict[str, Any] = {
    "name": "my-store",
    "connector": "bigcommerce",
    "status": "Connected",
    "status_reason": "",
    "account": "Brewers",
    "region": "US",
    "currency": "USD",
    "facts": {"id": "abc123", "weight_unit": "lb"},
    "checked_at": AT,
    "flows": {"on": 4, "off": 3, "refused": 0},
    "open_cases": 0,
    "settings": {"products": "pull", "inventory": "pull"},
    "credentials": {"api_path": "set", "client_id": "set", "client_secret": "set", "access_token": "set"},
}
SETTING: dict[str, Any] = {
    "key": "inventory_buffer",
    "title": "Inventory buffer",
    "group": "Inventory",
    "kind": "number",
    "value": 1,
    "default": 0,
    "help": "Units held back from sale.",
    "choices": [],
    "when": "Push inventory to TikTok Shop is True",
}
FLOW_ROW: dict[str, Any] = {
    "key": FLOW,
    "integration": "my-store",
    "direction": "pull",
    "entity": "orders",
    "is_on": True,
    "refusal": "",
    "due_in": 12.5,
    "running": False,
    "failures": 0,
    "last_error": "",
    "last_success_at": MOMENT,
    "read_until": AT,
    "swept_at": AT,
    "every_seconds": 30.0,
}
RUN: dict[str, Any] = {
    "id": f"{FLOW}:42",
    "flow": FLOW,
    "integration": "my-store",
    "worker": "hub-1",
    "state": "done",
    "started_at": AT,
    "ended_at": MOMENT,
    "tally": {"read": 3, "written": 1, "unchanged": 2},
    "error": "",
}
CASE: dict[str, Any] = {
    "id": 7,
    "kind": "sku_near_miss",
    "subject_kind": "variant",
    "subject_id": "var_17b2c9a4e05df368",
    "about": "TEA-1",
    "integration": "my-shop",
    "flow": "my-shop/pull-listings",
    "cause": "Listing 1729 of my-shop is not linked, as its SKU is almost a master SKU: TEA-1 / tea-1",
    "fix": "Make the two SKUs equal on one of the two platforms, to the letter",
    "evidence": {"channel_sku": "tea-1", "master_sku": "TEA-1"},
    "state": "open",
    "opened_at": AT,
    "closed_at": None,
    "closed_by": "",
}
CHANGED: dict[str, Any] = {
    "is_dry_run": False,
    "differences": [
        {"where": "integration my-store", "what": "products", "before": "disabled", "after": "push"}
    ],
    "effect": {
        "starts": ["my-store/push-products"],
        "stops": [],
        "resyncs": [],
        "catalog": [
            {
                "source": "my-shop",
                "target": "my-store",
                "preview": {
                    "linked": 118,
                    "created": 2,
                    "held": ["tea-1"],
                    "without_sku": 0,
                    "only_on_target": 4,
                    "linked_samples": ["Teapot"],
                    "created_samples": ["Mug", "Tray"],
                },
                "unread": [],
            }
        ],
        "consequences": ["Hub products are created and updated on my-store; those it has by SKU are linked."],
        "confirmations": [
            "The catalog would go from my-shop to my-store and both have products: 118 products would be linked, "
            "2 created and 1 SKUs held back in doubt; duplicates can arise where SKUs differ"
        ],
    },
}
VERSION: dict[str, Any] = {
    "id": 3,
    "integration": "my-shop",
    "at": MOMENT,
    "actor": "command line",
    "summary": "inventory_buffer: 0 → 1",
    "before": {"inventory_buffer": 0},
    "after": {"inventory_buffer": 1},
}
WOKEN: dict[str, Any] = {"flows": [FLOW]}
CHANNEL_OPTIONS: dict[str, Any] = {
    "product_id": PRODUCT["id"],
    "title": "Teapot",
    "sku": "TEA-1",
    "shows_channel_sku": True,
    "hint": "",
    "rows": [
        {
            "integration": "my-store",
            "connector": "bigcommerce",
            "sku": "TEA-1",
            "channel_sku": "TEA-OLD",
            "is_synced": True,
            "listing": "345",
            "listing_sku": "TEA-OLD",
        }
    ],
}
CLOSED: dict[str, Any] = CASE | {"state": "resolved", "closed_at": MOMENT, "closed_by": "warehouse script"}


ORDER_SENT: dict[str, Any] = ORDER_IN_FULL | {"order": ORDER | {"status": "Sent To Fulfillment"}}
COMPONENTS: list[dict[str, Any]] = [
    {"sku": "MUG-1", "title": "Mug", "quantity": 2, "is_stock_tracked": True, "is_removed": False}
]


def _slice(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next": ""}


LABELS = {
    "fulfillment": FULFILLMENT["id"],
    "labels": [
        {
            "parcel": "1152321127278713123",
            "url": "https://labels.example/1152321127278713123.pdf?expires=86400",
            "tracking_number": "9400111899223197428490",
        }
    ],
}
EXAMPLES: dict[str, Any] = {
    "list_connectors": [
        {
            "step": 2,
            "key": "bigcommerce",
            "title": "BigCommerce",
            "guidance": "In the store's control panel: Advanced Settings → API Accounts → …",
            "groups": ["Products", "Orders", "Inventory", "Fulfillments", "Locations"],
            "capabilities": ["pulls products", "pulls orders"],
            "credentials": [
                {
                    "key": "access_token",
                    "title": "Access token",
                    "help": "Goes with every call.",
                    "is_secret": True,
                    "is_required": True,
                }
            ],
        }
    ],
    "describe_settings": [SETTING],
    "list_integrations": [INTEGRATION],
    "get_integration": INTEGRATION,
    "add_integration": INTEGRATION
    | {"status": "Not Configured", "status_reason": "Saved, not connected yet"},
    "replace_credentials": INTEGRATION | {"status": "Not Configured"},
    "get_settings": [SETTING],
    "change_settings": CHANGED,
    "preview_settings": CHANGED | {"is_dry_run": True},
    "list_setting_versions": [VERSION],
    "revert_settings": CHANGED,
    "export_settings": {"connector": "bigcommerce", "settings": {"products": "pull", "orders": True}},
    "import_settings": CHANGED,
    "connect_integration": {
        "integration": "my-shop",
        "status": "Connecting",
        "reason": "",
        "hint": "",
        "authorize_link": "https://services.tiktokshops.us/open/authorize?service_id=123&state=…",
        "account": "",
        "region": "",
        "currency": "",
    },
    "get_sources": {"catalog": "my-store", "inventory": "my-store", "overrides": []},
    "set_sources": CHANGED,
    "apply_spec": CHANGED,
    "list_flows": [FLOW_ROW],
    "get_flow": FLOW_ROW,
    "run_flow": WOKEN,
    "resync_flow": WOKEN,
    "list_runs": _slice(RUN),
    "get_run": RUN,
    "list_exceptions": _slice(CASE),
    "get_exception": CASE,
    "list_drift": _slice(DRIFT),
    "list_webhooks": [WEBHOOKS],
    "reconcile": {"flows": ["my-shop/pull-drift"]},
    "resolve_exception": CLOSED,
    "dismiss_exception": CLOSED | {"state": "dismissed"},
    "retry_exception": WOKEN,
    "get_summary": {
        "products": 120,
        "variants": 310,
        "channels": [
            {
                "integration": "my-shop",
                "listings": 290,
                "linked": 288,
                "synced": 110,
                "in_review": 4,
                "refused": 1,
                "blocked": 2,
                "waiting": 3,
                "draft": 0,
                "excluded": 0,
                "not_listed": 0,
            }
        ],
        "refusals": [
            {
                "integration": "my-shop",
                "product_id": PRODUCT["id"],
                "title": "Teapot",
                "state": STANDING["state"],
                "reason": STANDING["message"],
                "fix": STANDING["fix"],
            }
        ],
        "orders": {"my-shop": {"Ready For Fulfillment": 5, "Fulfilled": 41}},
        "reservations": 1,
        "open_cases": {"sku_near_miss": 1},
    },
    "list_products": _slice(PRODUCT),
    "get_product": PRODUCT_IN_FULL,
    "give_product": {"product": "teapot", "became": "created", "is_dry_run": False, "notes": []},
    "import_products": {
        "is_preview": False,
        "rows": 310,
        "created": 118,
        "changed": 1,
        "unchanged": 0,
        "refused": 1,
        "faulty_rows": 1,
        "changes": ["teapot"],
        "faults": [{"line": 7, "column": "price", "value": "ten", "problem": "'ten' is no amount"}],
        "notes": [],
    },
    "get_channel_options": CHANNEL_OPTIONS,
    "set_channel_options": CHANNEL_OPTIONS,
    "list_orders": _slice(ORDER),
    "get_order": ORDER_IN_FULL,
    "mark_order_ready": ORDER_IN_FULL,
    "cancel_order": ORDER_IN_FULL,
    "list_fulfillments": _slice(FULFILLMENT),
    "get_fulfillment": FULFILLMENT,
    "add_fulfillment": FULFILLMENT,
    "correct_fulfillment": FULFILLMENT,
    "void_fulfillment": FULFILLMENT | {"state": "voided"},
    "ask_for_labels": LABELS,
    "mark_order_sent": ORDER_SENT,
    "list_cancellations": {"items": [CANCELLATION], "next": ""},
    "approve_cancellation": CANCELLATION | {"decision": "approve", "decided_by": "till"},
    "reject_cancellation": CANCELLATION | {"decision": "reject", "decided_by": "till"},
    "list_returns": {"items": [RETURN], "next": ""},
    "approve_return": RETURN_ASKED,
    "reject_return": RETURN_ASKED | {"decision": "reject", "decision_reason": "Not the item that was sold"},
    "list_statements": {"items": [STATEMENT], "next": ""},
    "review_order": ORDER_IN_FULL,
    "list_inventory": _slice(STOCK),
    "explain_sku": EXPLANATION,
    "list_ledger": [
        {
            "id": 91,
            "at": AT,
            "location": "Main warehouse",
            "kind": "commit",
            "on_hand": 0,
            "committed": 2,
            "noted": 0,
            "order_id": ORDER["id"],
            "run_id": "my-shop/pull-orders:12",
            "reason": "Order 577087614418520388 of my-shop: 2 sold",
        }
    ],
    "set_record": LEVEL,
    "import_stock": {
        "is_dry_run": False,
        "changed": 310,
        "unchanged": 12,
        "bad": [
            {"line": 7, "column": "on_hand", "value": "ten", "problem": "a whole number of units, 0 or more"}
        ],
    },
    "preview_inventory": _slice(
        {
            "sku": "TEA-1",
            "title": "Teapot",
            "offered": 9,
            "quantities": {"7068517275539719942": 9},
            "confirmed": 10,
            "is_different": True,
            "reason": "",
        }
    ),
    "get_components": COMPONENTS,
    "set_components": COMPONENTS,
    "add_location": LOCATION | {"integration": "hub", "code": "MAIN", "channel_id": "MAIN"},
    "list_locations": [LOCATION],
    "get_location": LOCATION,
    "get_location_map": {
        "integration": "my-shop",
        "feeds": [
            {
                "location": LOCATION["name"],
                "location_id": LOCATION["id"],
                "warehouse": "Main",
                "warehouse_id": "7068517275539719942",
                "why": "Outside the map: to the default warehouse",
            }
        ],
        "takes": [
            {
                "warehouse": "Main",
                "warehouse_id": "7068517275539719942",
                "kind": "warehouse",
                "location": LOCATION["name"],
                "location_id": LOCATION["id"],
                "why": "By location preference",
            }
        ],
        "warnings": ["There is no active return warehouse"],
    },
    "change_location": LOCATION
    | {"is_excluded": True, "counts": False, "reason": "It is excluded by a person"},
    "list_events": [EVENT],
    **AUTOMATION_EXAMPLES,
    **SHIPPING_EXAMPLES,
    **ROUTING_EXAMPLES,
    "get_health": {"status": "ok", "database": True, "worker_beat_age": 1.4, "problem": ""},
    "get_readiness": {"ready": True, "reasons": []},
}
