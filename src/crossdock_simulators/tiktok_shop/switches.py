"""What a test or a person can turn while the simulator runs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any


@dataclass
class Switches:
    """Delays are seconds of the simulator's clock; a limit of 0 means none."""

    auto_approve: bool = True
    review_delay_seconds: float = 2.0
    refused_title_word: str = "forbidden"
    daily_listing_quota: int = 0
    accepts_zero_quantity: bool = True
    drafts_need_everything: bool = False
    brands_are_authorized: bool = False
    restocks_on_cancellation: bool = True
    low_stock_threshold: int = 0
    checks_tracking_patterns: bool = False
    sells_labels: bool = True
    offers_pickup: bool = True
    offers_drop_off: bool = True
    hold_minutes: float = 60.0
    unpaid_minutes: float = 24 * 60.0
    cancellation_deadline_hours: float = 48.0
    refund_delay_seconds: float = 60.0
    first_scan_hours: float = 12.0
    delivery_hours: float = 72.0
    completion_days: float = 14.0
    platform_shipping_hours: float = 24.0
    cancels_late_orders: bool = True
    unknown_fields: bool = False
    unknown_values: bool = False
    calls_per_second: dict[str, float] = field(default_factory=dict)

    def change(self, values: dict[str, Any]) -> None:
        """Take values from JSON or from a form, where every value is a text."""
        known = {f.name for f in fields(self)}
        if unknown := values.keys() - known:
            raise ValueError(f"Unknown switches: {', '.join(sorted(unknown))}")
        for name, value in values.items():
            setattr(self, name, _typed(getattr(self, name), value))

    def delay(self, name: str) -> timedelta:
        """The switch `name` as a duration, by the unit at the end of its name."""
        unit = name.rsplit("_", 1)[1]
        return timedelta(**{unit: getattr(self, name)})


def _typed(present: Any, value: Any) -> Any:
    if isinstance(present, bool):
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "on", "yes")
    if isinstance(present, dict):
        return {str(name): float(rate) for name, rate in dict(value).items()}
    return type(present)(value)
