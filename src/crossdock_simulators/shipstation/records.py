"""What the account remembers: orders, labels, fulfillments, stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

Json = dict[str, Any]
PACIFIC: Final = ZoneInfo("America/Los_Angeles")
FIRST_ID: Final = 94_113_592


@dataclass(slots=True)
class Order:
    """`own` holds the fields that whoever created it gave; the rest is the platform's."""

    id: int
    own: Json
    created: datetime
    modified: datetime
    items: list[Json] = field(default_factory=list)

    @property
    def number(self) -> str:
        return str(self.own["orderNumber"])

    @property
    def key(self) -> str:
        return str(self.own["orderKey"])

    @property
    def status(self) -> str:
        return str(self.own["orderStatus"])

    @property
    def store_id(self) -> int:
        return int(self.own["advancedOptions"]["storeId"])


@dataclass(slots=True)
class Shipment:
    """A label that was bought. `items` are rows of item id and quantity."""

    id: int
    order_id: int
    fields: Json
    items: list[tuple[int, int]]
    created: datetime
    voided: datetime | None = None


@dataclass(slots=True)
class Fulfillment:
    """An order that was marked as shipped."""

    id: int
    order_id: int
    fields: Json
    created: datetime


@dataclass
class Account:
    """All of one account. `refuses_locked` says how a change of an order that is not open is answered."""

    now: Callable[[], datetime]
    orders: dict[int, Order] = field(default_factory=dict)
    shipments: dict[int, Shipment] = field(default_factory=dict)
    fulfillments: dict[int, Fulfillment] = field(default_factory=dict)
    stores: dict[int, str] = field(default_factory=lambda: {67_001: "Manual Orders", 67_002: "Crossdock"})
    refuses_locked: bool = True
    ids: count[int] = field(default_factory=lambda: count(FIRST_ID))

    def order_by_key(self, key: str) -> Order | None:
        return next((order for order in self.orders.values() if order.key == key), None)

    def shipped(self, order: Order) -> dict[int, int]:
        """Units by item that labels which are not void hold."""
        found: dict[int, int] = {}
        for one in self.shipments.values():
            if one.order_id == order.id and one.voided is None:
                for item, quantity in one.items:
                    found[item] = found.get(item, 0) + quantity
        return found

    def touch(self, order: Order, status: str = "") -> None:
        if status:
            order.own["orderStatus"] = status
        order.modified = self.now()


def written(moment: datetime | None) -> str | None:
    """As the platform writes dates: Pacific time, seven digits of a second, no zone."""
    return moment.astimezone(PACIFIC).strftime("%Y-%m-%dT%H:%M:%S.%f0") if moment else None


def moment(text: str) -> datetime:
    """A date of a filter or an order; without a zone it is in Pacific time. Raises ValueError."""
    found = datetime.fromisoformat(text.strip())
    return (found if found.tzinfo else found.replace(tzinfo=PACIFIC)).astimezone(UTC)
