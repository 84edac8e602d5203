"""An example of drift, as the API answers it."""

from __future__ import annotations

from typing import Any

DRIFT: dict[str, Any] = {
    "id": 3,
    "integration": "my-shop",
    "entity": "inventory",
    "record_id": "var_17b2c9a4e05df368",
    "sku": "TEA-1",
    "title": "Teapot",
    "field": "stock",
    "location": "7068517275539719942",
    "expected": "9",
    "shown": "40",
    "cause": "changed there",
    "explanation": "changed there by hand or by another system",
    "evidence": "It was read there as 9 at 2026-03-02 09:30:00 UTC; orders of the platform, read just before, do not "
    "explain the difference",
    "found_at": "2026-03-02T09:30:00Z",
    "run_id": "my-shop/pull-drift:12",
    "left_because": "",
    "repaired_at": "2026-03-02T09:31:04Z",
    "repair": "written again, and read back",
}
