"""One example answer per operation of the API, shown in its description."""

from __future__ import annotations

from typing import Any

from crossdock.api.example_records import (
    AT,
    EVENT,
    EXPLANATION,
    LOCATION,
    MOMENT,
    ORDER,
    ORDER_IN_FULL,
    PRODUCT,
    PRODUCT_IN_FULL,
    STANDING,
    STOCK,
)

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
        {"where": "integration my-shop", "what": "inventory_buffer", "before": "0", "after": "1"}
    ],
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


def _slice(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next": ""}


EXAMPLES: dict[str, Any] = {
    "list_connectors": [
        {
            "key": "bigcommerce",
            "title": "BigCommerce",
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
    "connect_integration": {
        "integration": "my-shop",
        "status": "Connecting",
        "reason": "",
        "authorize_link": "https://services.tiktokshops.us/open/authorize?service_id=123&state=…",
        "account": "",
        "region": "",
        "currency": "",
    },
    "get_sources": {"catalog": "my-store", "inventory": "my-store"},
    "apply_spec": CHANGED,
    "list_flows": [FLOW_ROW],
    "get_flow": FLOW_ROW,
    "run_flow": WOKEN,
    "resync_flow": WOKEN,
    "list_runs": _slice(RUN),
    "get_run": RUN,
    "list_exceptions": _slice(CASE),
    "get_exception": CASE,
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
    "get_channel_options": CHANNEL_OPTIONS,
    "set_channel_options": CHANNEL_OPTIONS,
    "list_orders": _slice(ORDER),
    "get_order": ORDER_IN_FULL,
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
    "get_health": {"status": "ok", "database": True, "worker_beat_age": 1.4},
}
