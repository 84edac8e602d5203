"""A platform that owns stock, as reports of sales meet it: it applies some late, and some answers are lost."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import ChannelOrder
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Entity
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import by_hand, requests
from crossdock.operations.routing.requests import Ask
from crossdock.operations.setup import integrations
from crossdock.operations.stock import balancing, locations, observing, sales
from crossdock.operations.stock.intents import Item
from support.make import SHOP, STORE, Bench, line, listing, location, order, product, stock

SKU = "A"
PLACES = ("1", "2")


@dataclass
class Sale:
    """An order of one line; how much of it is canceled by now."""

    key: str
    quantity: int
    canceled: int = 0

    @property
    def net(self) -> int:
        return self.quantity - self.canceled

    def as_order(self) -> ChannelOrder:
        status = OrderStatus.CANCELED if not self.net else OrderStatus.READY_FOR_FULFILLMENT
        return order(
            self.key,
            line(SKU, self.quantity, quantity_canceled=self.canceled),
            number=self.key,
            status=status,
        )


@dataclass
class Owner:
    """The store, with its true numbers, and the hub's way of working on it."""

    hub: Bench
    units: dict[str, int] = field(default_factory=lambda: {"1": 20, "2": 5})
    sales: list[Sale] = field(default_factory=list)
    own: list[tuple[Sale, str]] = field(default_factory=list)
    late: list[Item] = field(default_factory=list)
    """Accepted, not applied yet."""
    applied: int = 0
    """Units that reports have lowered it by."""
    applied_when_read: int = 0
    total_when_read: int = 0

    def __post_init__(self) -> None:
        self.hub.read_locations(location("1", is_default=True), location("2"))
        self.hub.read_locations(location(is_default=True), of=SHOP)
        self.hub.read_products(product(SKU))
        self.hub.read_listings(listing(SKU))
        self.read()

    @property
    def total(self) -> int:
        return sum(self.units.values())

    # On the platforms

    def sell(self, quantity: int) -> Sale:
        """A buyer in the shop."""
        sale = Sale(f"s{len(self.sales)}", quantity)
        self.sales.append(sale)
        self.hub.read_orders(sale.as_order())
        return sale

    def cancel(self, sale: Sale, units: int) -> None:
        sale.canceled += units
        self.hub.read_orders(sale.as_order())

    def sell_own(self, quantity: int, place: str) -> None:
        """A buyer in the store, of whom the hub does not know yet."""
        self.own.append((Sale(f"o{len(self.own)}", quantity), place))
        self.units[place] -= quantity

    def cancel_own(self, index: int, units: int) -> None:
        sale, place = self.own[index]
        sale.canceled += units
        self.units[place] += units

    def apply(self, items: Sequence[Item]) -> None:
        for item in items:
            self.units[item.channel_location_id] += item.delta
            self.applied -= item.delta

    def apply_late(self) -> None:
        self.apply([self.late.pop(0)])

    # How the hub works on it

    def link_places(self) -> None:
        """Both of its locations ship by a warehouse."""
        with self.hub.step() as (tx, task):
            integrations.add(tx, "wms", "wms", b"", now=task.now)
            integrations.configure_flows(tx, "wms", {("push", Entity.SHIPPING_REQUESTS): True}, {})
            for place in PLACES:
                locations.change(tx, task, self.place(place), linked_integration="wms")

    def place(self, channel_id: str) -> str:
        return locations.location_id(STORE, channel_id)

    def ask(self, sale: Sale, place: str, units: int) -> None:
        """A location is asked to ship units of a sale, unless others were asked for them."""
        order, wish = order_id(SHOP, sale.key), Ask(self.place(place), {SKU: units})
        with contextlib.suppress(SettingsError), self.hub.step() as (tx, task):
            requests.ask(tx, task, order, wish)

    def stop(self, number: str) -> None:
        with contextlib.suppress(SettingsError), self.hub.step() as (tx, task):
            by_hand.stop(tx, task, number)

    def read(self) -> None:
        self.hub.read_stock(*(stock(SKU, self.units[place], place) for place in PLACES))
        self.applied_when_read, self.total_when_read = self.applied, self.total

    def pull_own_orders(self) -> None:
        """As the hub pulls the owner's orders: what was sold is read at once."""
        if self.hub.read_orders(*(sale.as_order() for sale, _ in self.own), of=STORE):
            self.read()

    def look(self, *, meanwhile: int = 0) -> None:
        """Read the numbers, then the orders, then judge; `meanwhile` units are sold in the store in between."""
        self.read()
        if meanwhile:
            self.sell_own(meanwhile, "1")
        began = self.hub.tick()
        self.pull_own_orders()
        with self.hub.step(STORE) as (tx, task):
            observing.observe(tx, task, orders_read_until=began)

    def take_due(self, *, meanwhile: int = 0) -> tuple[str, list[Item]] | None:
        """What the hub would send now, put down as an intent; None when nothing can be sent."""
        self.read()
        if meanwhile:
            self.sell_own(meanwhile, "1")
        began = self.hub.tick()
        self.pull_own_orders()
        with self.hub.step(STORE) as (tx, task):
            balancing.settle_even(tx, task, without=())
            due = observing.measured(tx, STORE, sales.due(tx, STORE, limit=10), orders_read_until=began)
            assert all(item.delta for item in due), "the owner takes no report of nothing"
            return sales.write_intent(tx, task, due, kind="stock_adjustment") if due else None

    def accept(self, sent: tuple[str, list[Item]], *, is_late: bool = False) -> None:
        with self.hub.step(STORE) as (tx, task):
            sales.answered(tx, task, *sent, "t-1")
        if is_late:
            self.late += sent[1]
        else:
            self.apply(sent[1])

    def lose_answer(self, sent: tuple[str, list[Item]], *, fate: str) -> None:
        """`fate` says whether it was applied all the same: "now", "late" or "never"."""
        with self.hub.step(STORE) as (tx, task):
            sales.unclear(tx, task, *sent, "the connection broke")
        if fate == "now":
            self.apply(sent[1])
        elif fate == "late":
            self.late += sent[1]

    def refuse(self, sent: tuple[str, list[Item]]) -> None:
        with self.hub.step(STORE) as (tx, task):
            sales.refused(tx, task, *sent, "not enough stock")

    def withdraw(self, sent: tuple[str, list[Item]]) -> None:
        with self.hub.step(STORE) as (tx, task):
            sales.withdrawn(tx, task, *sent, "asked to slow down")

    def send_again(self) -> int:
        """A person looked into it: what is refused or unclear was not applied."""
        with self.hub.step(STORE) as (tx, task):
            return sales.send_again(tx, task, self.hub.variant_id(SKU))

    def send(self) -> bool:
        """Report what is due, at its best."""
        sent = self.take_due()
        if sent is not None:
            self.accept(sent)
        return sent is not None
