"""Example of an order's way to the door, as the API answers it with the order."""

from __future__ import annotations

from typing import Any

SUMMARY = "Routing card 'United States' decided: Main warehouse ships 2 units through my-warehouse"

WAY: dict[str, Any] = {
    "progress": [
        {"stage": "Ordered", "color": "green", "text": "Placed on my-shop at 2026-03-02 09:30 UTC"},
        {"stage": "Ingested", "color": "green", "text": "First read at 2026-03-02 09:31 UTC"},
        {"stage": "Hold released", "color": "green", "text": "Nothing holds it"},
        {"stage": "Routed", "color": "green", "text": SUMMARY},
        {"stage": "Fulfilled", "color": "gray", "text": "None of 2 units have left"},
    ],
    "hold": {"is_held": False, "until": None, "reason": ""},
    "problems": [],
    "routing": {
        "state": "routed",
        "is_rehearsed": False,
        "decided_at": "2026-03-02T10:31:04Z",
        "summary": SUMMARY,
        "words": [
            SUMMARY,
            "SKU matching does not control routing: the routing cards do, and the locations that they name",
        ],
    },
    "method": "Standard",
    "note": "Gift, no invoice",
    "tags_here": [],
}
