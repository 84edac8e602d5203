"""Example answers about shipping requests, shipping methods and carriers."""

from __future__ import annotations

from typing import Any

from crossdock.api.example_records import AT, FULFILLMENT, LEVEL, MOMENT, ORDER, ORDER_IN_FULL

NUMBER = f"{ORDER['number']}-1"
REQUEST: dict[str, Any] = {
    "number": NUMBER,
    "order_id": ORDER["id"],
    "order_number": ORDER["number"],
    "channel": "my-shop",
    "warehouse": "my-warehouse",
    "location_id": LEVEL["location_id"],
    "location": "Main warehouse",
    "state": "sent",
    "method": "GROUND",
    "card": "United States",
    "actor": "",
    "channel_id": NUMBER,
    "message": "",
    "again_at": None,
    "sent_at": MOMENT,
    "created_at": AT,
    "updated_at": MOMENT,
    "asks_to_cancel": False,
    "lines": [
        {
            "number": "1",
            "line_id": FULFILLMENT["lines"][0]["line_id"],
            "sku": "TEA-1",
            "name": "Teapot",
            "quantity": 3,
            "stopped": 0,
            "shipped": 2,
            "open": 1,
        }
    ],
}
REQUEST_DETAIL: dict[str, Any] = {"request": REQUEST, "fulfillments": [FULFILLMENT]}
METHOD = {"channel": "my-shop", "method": "standard shipping", "warehouse": "my-warehouse", "to": "GROUND"}
CANDIDATE = {"name": "UPS", "share": 0.95, "why": "1Z999AA10123456784 is a number of UPS by its shape"}

SHIPPING_EXAMPLES: dict[str, Any] = {
    "hold_order": ORDER_IN_FULL,
    "route_order": ORDER_IN_FULL,
    "add_order_tag": ORDER_IN_FULL,
    "remove_order_tag": ORDER_IN_FULL,
    "set_order_note": ORDER_IN_FULL,
    "set_order_method": ORDER_IN_FULL,
    "archive_order": ORDER_IN_FULL,
    "unarchive_order": ORDER_IN_FULL,
    "add_shipping_request": REQUEST | {"state": "due", "card": "", "actor": "till", "sent_at": None},
    "stop_request": REQUEST | {"state": "stopping"},
    "settle_stopped_request": REQUEST | {"state": "stopped"},
    "retry_request": REQUEST,
    "list_shipping_requests": {"items": [REQUEST], "next": ""},
    "get_shipping_request": REQUEST_DETAIL,
    "ship_request": FULFILLMENT,
    "get_pick_list": [
        {
            "location_id": LEVEL["location_id"],
            "location": "Main warehouse",
            "requests": [NUMBER],
            "asked_to_cancel": [],
            "picks": [
                {
                    "sku": "TEA-1",
                    "name": "Teapot",
                    "options": ["Color: Red"],
                    "gtin": "",
                    "quantity": 1,
                    "shares": [{"request": NUMBER, "order_number": ORDER["number"], "quantity": 1}],
                }
            ],
            "take_out": [
                {
                    "request": "577087614418520999-1",
                    "order_number": "577087614418520999",
                    "sku": "MUG-1",
                    "name": "Mug",
                    "quantity": 2,
                    "since": MOMENT,
                }
            ],
        }
    ],
    "list_shipping_methods": {
        "map": [METHOD],
        "order_methods": [
            {
                "channel": "my-shop",
                "method": "Standard Shipping",
                "orders": 41,
                "last_placed_at": AT,
                "warehouses": [{"warehouse": "my-warehouse", "to": "GROUND", "is_mapped": True}],
            }
        ],
        "warehouse_methods": [
            {"warehouse": "my-warehouse", "method": "GROUND", "is_in_map": True, "requests": 12}
        ],
    },
    "set_shipping_method": METHOD,
    "find_carriers": {
        "name": "United Parcel",
        "number": "1Z999AA10123456784",
        "warning": "",
        "candidates": [CANDIDATE],
        "channels": [{"integration": "my-shop", "candidates": [CANDIDATE]}],
    },
}
