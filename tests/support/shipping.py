"""An order of the shop, its copy in the store, and what has left of it: what tests of fulfillments are told in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crossdock.connectors.contract import Rules
from crossdock.domain.channel import ChannelId, ChannelOrder, ChannelSku, Parcel, ShippedUnits
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Confirmed, Entity, Outcome
from crossdock.operations.fulfillments import fulfillment_push, fulfillments, parcels
from crossdock.operations.fulfillments.fulfillment_push import Due
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.orders import cancellations
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.views import views
from crossdock.operations.views.views import FulfillmentView
from crossdock.store import tables
from support import make
from support.make import SHOP, STORE, Bench

S1, C1 = order_id(SHOP, "S1"), order_id(STORE, "C1")
UPS = Tracking("UPS", "1Z-1")
PUSHES = Rules(pushes_fulfillments=True)
CANCELS = Rules(pushes_cancellations=True)


def sold(units: Mapping[str, int], **more: Any) -> ChannelOrder:
    """Order S1 of the shop, which names its parcels with it; by SKU what it says is `shipped` and `canceled`."""
    shipped, canceled = more.pop("shipped", {}), more.pop("canceled", {})
    lines = [
        make.line(
            sku,
            quantity,
            quantity_shipped=shipped.get(sku, 0),
            quantity_canceled=canceled.get(sku, 0),
            variant_id=f"l-{sku}",
        )
        for sku, quantity in units.items()
    ]
    return make.order("S1", *lines, **({"parcels": ()} | more))


def teas_and_mugs_sold(hub: Bench) -> Bench:
    """Three teas and two mugs are sold in the shop, as order S1, of ten units each."""
    hub.open_shop(TEA=10, MUG=10)
    hub.read_orders(sold({"TEA": 3, "MUG": 2}))
    return hub


def copied(units: Mapping[str, int], **more: Any) -> ChannelOrder:
    """The same as the hub has created it in the store: order C1."""
    lines = [make.line(sku, quantity, f"c-{sku}", variant_id=f"v-{sku}") for sku, quantity in units.items()]
    return make.order("C1", *lines, external_source="crossdock", external_reference="S1", **more)


def parcel(key: str, number: str = "", carrier: str = "", **units: int) -> Parcel:
    """A parcel as the shop has it of S1, by SKU."""
    parts = tuple(ShippedUnits(ChannelId(f"line-{sku}"), quantity) for sku, quantity in units.items())
    return Parcel(ChannelId(key), parts, carrier or ("UPS" if number else ""), number)


def shipment(key: str, number: str = "", **units: int) -> Parcel:
    """A shipment as the store has it of the copy C1, by SKU."""
    parts = tuple(
        ShippedUnits(ChannelId(f"c-{sku}"), quantity, ChannelId(f"v-{sku}"), ChannelSku(sku))
        for sku, quantity in units.items()
    )
    return Parcel(ChannelId(key), parts, "UPS" if number else "", number)


def read(
    hub: Bench, *some: Parcel, order: str = "C1", of: str = STORE, asked_at: datetime | None = None
) -> int:
    """All that a channel has on record of an order, the store's of the copy unless told otherwise, when it was asked."""
    with hub.step(of) as (tx, task):
        began = asked_at or task.now
        return parcels.ingest(tx, task, [OrderShipments(ChannelId(order), some)], read_began_at=began)


def enter(hub: Bench, tracking: Tracking = UPS, units: Mapping[str, int] | None = None, **more: Any) -> str:
    """Somebody records in the hub what has left of S1."""
    order = more.pop("order", S1)
    with hub.step(SHOP, actor="ada") as (tx, task):
        return fulfillments.enter(tx, task, order, Entry(tracking, units or {}, **more))


def correct(hub: Bench, key: str, tracking: Tracking) -> None:
    with hub.step(SHOP, actor="ada") as (tx, task):
        fulfillments.correct(tx, task, key, tracking)


def void(hub: Bench, key: str) -> None:
    with hub.step(SHOP, actor="ada") as (tx, task):
        fulfillments.void(tx, task, key)


def cancel(hub: Bench, units: int = 0) -> str:
    """Somebody cancels S1 in the hub, or so many teas of it."""
    with hub.step(SHOP, rules=CANCELS) as (tx, task):
        return cancellations.cancel(tx, task, S1, Wish({"TEA": units} if units else {}))


def due(hub: Bench, integration: str = SHOP) -> list[Due]:
    """What the integration is to be told now, about to be sent."""
    with hub.step(integration, rules=PUSHES) as (tx, task):
        found, _ = fulfillment_push.due(tx, task, limit=50)
        fulfillment_push.about_to_send(tx, task, found)
    return found


def settle(hub: Bench, one: Due, outcome: Outcome, integration: str = SHOP) -> None:
    with hub.step(integration, rules=PUSHES) as (tx, task):
        fulfillment_push.settle(tx, task, one, outcome)


def tell(hub: Bench, *ids: str, integration: str = SHOP) -> list[Due]:
    """The integration takes everything that is due, under these ids."""
    found = due(hub, integration)
    for one, key in zip(found, ids, strict=True):
        settle(hub, one, Confirmed(one.change.key, ChannelId(key)), integration)
    return found


def lines(hub: Bench, order: str = S1) -> dict[str, tuple[int, int, int]]:
    """By SKU: units shipped, canceled and open."""
    table = tables.order_line
    return {
        row.channel_sku: (
            row.quantity_shipped,
            row.quantity_canceled,
            row.quantity - row.quantity_canceled - row.quantity_shipped,
        )
        for row in hub.rows(table, table.c.order_id == order)
    }


def status(hub: Bench, order: str = S1) -> str:
    [row] = hub.rows(tables.order, tables.order.c.id == order)
    return str(row.status)


def shown(hub: Bench, **filters: Any) -> Sequence[FulfillmentView]:
    with hub.database.reading() as tx:
        return views.fulfillments(tx, **filters).items


def marks(hub: Bench) -> dict[tuple[str, str], int]:
    """How often each channel was given cause to look at each fulfillment."""
    table = tables.publication
    rows = hub.rows(table, table.c.entity == Entity.FULFILLMENTS)
    return {(row.integration, row.record_id): row.marks for row in rows}
