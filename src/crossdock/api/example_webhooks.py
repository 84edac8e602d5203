"""How the events of one account fare, as the description of the API shows it."""

from __future__ import annotations

from typing import Any

WEBHOOKS: dict[str, Any] = {
    "integration": "my-store",
    "state": "registered",
    "reason": "",
    "address": "https://hub.example.com/webhooks/my-store",
    "checked_at": "2026-03-02T09:00:04Z",
    "last_delivery_at": "2026-03-02T09:29:58Z",
    "delivered_last_hour": 214,
    "restored_at": "2026-02-27T04:00:03Z",
    "restored_why": "Activated the webhook store/order/*",
    "flows": [
        {
            "flow": "my-store/pull-orders",
            "hints": 168,
            "delivery": {"p50": 0.4, "p95": 1.1, "p99": 2.3},
            "wait": {"p50": 0.08, "p95": 0.14, "p99": 0.4},
            "run": {"p50": 0.31, "p95": 0.52, "p99": 0.9},
            "total": {"p50": 0.8, "p95": 1.7, "p99": 3.1},
            "waiting": 2,
            "waiting_seconds": 0.05,
        }
    ],
}
