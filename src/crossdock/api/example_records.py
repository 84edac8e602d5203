"""Example records: a product, an order, stock and a location, as the API answers them."""

from __future__ import annotations

from typing import Any

AT = "2026-03-02T09:30:00Z"
MOMENT = "2026-03-02T09:31:04Z"

STANDING: dict[str, Any] = {
    "integration": "my-shop",
    "state": "blocked",
    "message": "Not ready for TikTok Shop: the main image is smaller than 300 × 300",
    "fix": "Upload a larger main image in BigCommerce.",
}
LEVEL: dict[str, Any] = {
    "location_id": "loc_3f2a91c07d5be846",
    "location": "Main warehouse",
    "integration": "my-store",
    "on_hand": 12,
    "committed": 2,
    "unavailable": 0,
    "available": 10,
    "counts": True,
    "reason": "",
}
EVENT: dict[str, Any] = {
    "at": AT,
    "integration": "my-store",
    "direction": "in",
    "status": "Completed",
    "what": "Read from my-store",
    "run_id": "my-store/pull-products:7",
    "request_id": "",
    "actor": "",
}
PRODUCT: dict[str, Any] = {
    "id": "prd_8c1e60d2fa937b54",
    "kind": "simple",
    "title": "Teapot",
    "source": "my-store",
    "variants": 1,
    "skus": ["TEA-1"],
    "channels": [STANDING],
}
PRODUCT_IN_FULL: dict[str, Any] = {
    "id": PRODUCT["id"],
    "kind": "simple",
    "title": "Teapot",
    "source": "my-store",
    "channel_id": "111",
    "is_removed": False,
    "description": "<p>Holds a litre.</p>",
    "brand": "Brewers",
    "categories": ["Kitchen / Tea"],
    "images": ["https://images.example.com/teapot.jpg"],
    "is_visible": True,
    "channels": [STANDING],
    "variants": [
        {
            "id": "var_17b2c9a4e05df368",
            "sku": "TEA-1",
            "options": {},
            "price": "24.90",
            "currency": "USD",
            "gtin": "",
            "is_stock_tracked": True,
            "is_purchasable": True,
            "listings": [
                {
                    "integration": "my-store",
                    "connector": "bigcommerce",
                    "channel_id": "77",
                    "product_channel_id": "111",
                    "state": "live",
                    "channel_sku": "TEA-1",
                }
            ],
            "stock": [LEVEL],
        }
    ],
    "events": [EVENT],
}
ORDER: dict[str, Any] = {
    "id": "ord_5d90b7e2c41f8a36",
    "number": "577087614418520388",
    "integration": "my-shop",
    "channel_id": "577087614418520388",
    "status": "Ready For Fulfillment",
    "channel_status": "AWAITING_SHIPMENT",
    "fulfilled_by": "seller",
    "placed_at": AT,
    "total": "52.30",
    "currency": "USD",
    "lines": 1,
    "tags": [],
    "unmatched_skus": [],
    "is_reservation": False,
    "copy_of": None,
}
ADDRESS: dict[str, Any] = {
    "name": "J*** D**",
    "company": "",
    "lines": ["1*** Elm Street"],
    "city": "Austin",
    "state": "TX",
    "postal_code": "787**",
    "country_code": "US",
    "phone": "(+1)512***01",
    "email": "",
    "is_masked": True,
}
REPORT: dict[str, Any] = {
    "owner": "my-store",
    "order_id": ORDER["id"],
    "sku": "TEA-1",
    "location": "Main warehouse",
    "quantity": -2,
    "state": "answered",
    "created_at": AT,
    "ended_at": None,
}
ORDER_IN_FULL: dict[str, Any] = {
    "order": ORDER,
    "lines": [
        {
            "id": "lin_e8a01c47b9d2f653",
            "sku": "TEA-1",
            "master_sku": "TEA-1",
            "variant_id": "var_17b2c9a4e05df368",
            "name": "Teapot",
            "quantity": 2,
            "quantity_canceled": 0,
            "quantity_shipped": 0,
            "unit_price": "24.90",
            "seller_discount": "2.00",
            "platform_discount": "0.00",
            "tax": "0.00",
            "total": "47.80",
            "is_gift": False,
        }
    ],
    "totals": {
        "subtotal": "47.80",
        "shipping": "4.50",
        "shipping_seller_discount": "0.00",
        "shipping_platform_discount": "0.00",
        "tax": "0.00",
        "fees": "0.00",
        "order_discount": "0.00",
        "included_tax": "0.00",
        "total": "52.30",
    },
    "shipping_address": ADDRESS,
    "billing_address": None,
    "shipping_method": "Standard",
    "modified_at": MOMENT,
    "copies": [],
    "reports": [REPORT],
    "events": [],
}
STOCK: dict[str, Any] = {
    "variant_id": "var_17b2c9a4e05df368",
    "sku": "TEA-1",
    "title": "Teapot",
    "on_hand": 12,
    "committed": 2,
    "unavailable": 0,
    "available": 10,
    "levels": [LEVEL],
}
EXPLANATION: dict[str, Any] = STOCK | {
    "owner": "my-store",
    "is_stock_tracked": True,
    "is_purchasable": True,
    "commitments": [
        {
            "order_id": ORDER["id"],
            "number": ORDER["number"],
            "integration": "my-shop",
            "location": "Main warehouse",
            "units": 2,
        }
    ],
    "reports": [REPORT],
    "channels": [
        {
            "integration": "my-shop",
            "offered": 9,
            "quantities": {"7068517275539719942": 9},
            "buffer": 1,
            "steps": [
                "12 on hand − 2 committed − 0 unavailable = 10 available",
                "− 1 buffer = 9",
                "9 offered",
            ],
            "confirmed": 9,
            "confirmed_quantities": {"7068517275539719942": 9},
            "confirmed_at": MOMENT,
            "state": "settled",
            "reason": "",
            "fix": "",
        }
    ],
}
LOCATION: dict[str, Any] = {
    "id": LEVEL["location_id"],
    "name": "Main warehouse",
    "code": "BC-LOCATION-1",
    "kind": "warehouse",
    "integration": "my-store",
    "channel_id": "1",
    "is_active": True,
    "is_default": True,
    "is_excluded": False,
    "excluded_for": [],
    "linked_integration": None,
    "counts": True,
    "reason": "",
}
