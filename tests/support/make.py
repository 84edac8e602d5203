"""Builders of what crosses the border, and a hub worked operation by operation: what tests of operations are told in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.channel import (
    Address,
    ChannelId,
    ChannelLocation,
    ChannelOrder,
    ChannelOrderLine,
    ChannelProduct,
    ChannelSku,
    ChannelStock,
    ChannelVariant,
    OrderTotals,
)
from crossdock.domain.inventory import ReportState
from crossdock.domain.money import Money
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import listings, products
from crossdock.operations.orders import orders
from crossdock.operations.setup import integrations
from crossdock.operations.stock import inventory, locations, offering
from crossdock.operations.task import SourcesOfTruth, Task
from crossdock.store import tables
from crossdock.store.cipher import Cipher
from crossdock.store.database import Database, Transaction

STORE, SHOP = "store", "tiktok"
TRUTH = SourcesOfTruth(catalog=STORE, inventory=STORE)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CIPHER = Cipher(["a test's own secret"])
MAIN = "1"
"""The store's location and the shop's warehouse that everything is in unless a test says otherwise."""


# What crosses the border


def money(amount: str | int = 0, currency: str = "USD") -> Money:
    return Money.of(amount, currency)


def variant(sku: str, channel_id: str = "", **more: Any) -> ChannelVariant:
    return ChannelVariant(ChannelId(channel_id or f"v-{sku}"), ChannelSku(sku), **more)


def product(
    *skus: str | ChannelVariant, channel_id: str = "", title: str = "", **more: Any
) -> ChannelProduct:
    """A product with a variant per SKU; ids follow from the SKUs unless given."""
    variants = tuple(variant(sku) if isinstance(sku, str) else sku for sku in skus)
    key = channel_id or f"p-{variants[0].channel_sku}"
    return ChannelProduct(ChannelId(key), title or f"Product {key}", variants, **more)


def listing(sku: str, channel_id: str = "", **more: Any) -> ChannelProduct:
    """A product of the shop with one variant."""
    one = channel_id or f"l-{sku}"
    return ChannelProduct(
        ChannelId(f"of-{one}"), more.pop("title", f"Listing {one}"), (variant(sku, one),), **more
    )


def location(channel_id: str = MAIN, name: str = "", **more: Any) -> ChannelLocation:
    return ChannelLocation(ChannelId(channel_id), name or f"Place {channel_id}", **more)


def stock(sku: str, units: int, place: str = MAIN, **more: Any) -> ChannelStock:
    """The store's number of one of its variants."""
    available = more.pop("available", units)
    return ChannelStock(ChannelId(f"v-{sku}"), ChannelSku(sku), ChannelId(place), available, units, **more)


def line(sku: str, quantity: int = 1, channel_id: str = "", **more: Any) -> ChannelOrderLine:
    price, nothing = money(10), money()
    return ChannelOrderLine(
        channel_id=ChannelId(channel_id or f"line-{sku}"),
        channel_sku=ChannelSku(sku),
        name=more.pop("name", f"Item {sku}"),
        quantity=quantity,
        unit_price=price,
        seller_discount=nothing,
        platform_discount=nothing,
        tax=nothing,
        **more,
    )


ADDRESS = Address(
    name="Ada Example",
    lines=("1 Main Street",),
    city="Austin",
    state="Texas",
    postal_code="78701",
    country_code="US",
)


def order(channel_id: str, *lines: ChannelOrderLine, **more: Any) -> ChannelOrder:
    """A released order that the seller ships, unless told otherwise."""
    nothing, units = money(), sum(each.quantity for each in lines)
    totals = OrderTotals(
        subtotal=money(10 * units),
        shipping=nothing,
        shipping_seller_discount=nothing,
        shipping_platform_discount=nothing,
        tax=nothing,
        fees=nothing,
        order_discount=nothing,
        included_tax=nothing,
        total=money(10 * units),
    )
    given: dict[str, Any] = {
        "number": channel_id,
        "status": OrderStatus.READY_FOR_FULFILLMENT,
        "channel_status": "AWAITING_SHIPMENT",
        "placed_at": NOW,
        "modified_at": NOW,
        "currency": "USD",
        "totals": totals,
        "fulfilled_by": FulfilledBy.SELLER,
        "shipping_address": ADDRESS,
    }
    return ChannelOrder(channel_id=ChannelId(channel_id), lines=lines, **(given | more))


# A hub


class Bench:
    """A hub of a store that owns catalog and stock, and a shop that sells; each step is a transaction of its own."""

    def __init__(self, database: Database, *, truth: SourcesOfTruth = TRUTH) -> None:
        self.database, self.truth, self.now = database, truth, NOW
        self.rules: dict[str, Rules] = {STORE: Rules(), SHOP: Rules()}
        with database.transaction() as tx:
            for name in (STORE, SHOP):
                integrations.add(tx, name, name, b"", now=NOW)
            wanted = {("push", Entity.PRODUCTS): True, ("push", Entity.INVENTORY): True}
            integrations.configure_flows(tx, SHOP, wanted, {})

    def tick(self, seconds: float = 1) -> datetime:
        """Time passes; every step takes some."""
        self.now += timedelta(seconds=seconds)
        return self.now

    def task(self, integration: str = STORE, **more: Any) -> Task:
        given: dict[str, Any] = {
            "rules": self.rules.get(integration, Rules()),
            "truth": self.truth,
            "run_id": "run-1",
        }
        return Task(integration=integration, now=self.tick(), cipher=CIPHER, **(given | more))

    @contextmanager
    def step(self, integration: str = STORE, **more: Any) -> Iterator[tuple[Transaction, Task]]:
        """A transaction and who acts in it."""
        task = self.task(integration, **more)
        with self.database.transaction() as tx:
            yield tx, task

    # Records come in

    def locate(self) -> None:
        """One location in the store, one warehouse at the shop."""
        for name in (STORE, SHOP):
            self.read_locations(location(is_default=True), of=name)

    def read_locations(self, *places: ChannelLocation, of: str = STORE) -> int:
        with self.step(of) as (tx, task):
            return locations.ingest(tx, task, places, read_began_at=task.now)

    def read_products(self, *some: ChannelProduct) -> list[str]:
        with self.step(STORE) as (tx, task):
            return products.ingest(tx, task, some, read_began_at=task.now)

    def read_listings(self, *some: ChannelProduct) -> int:
        with self.step(SHOP) as (tx, task):
            return listings.ingest(tx, task, some, read_began_at=task.now)

    def read_stock(self, *some: ChannelStock, at: datetime | None = None) -> int:
        with self.step(STORE) as (tx, task):
            return inventory.ingest(tx, task, some, read_began_at=at or task.now)

    def read_orders(
        self, *some: ChannelOrder, of: str = SHOP, reading_since: datetime | None = None
    ) -> list[str]:
        with self.step(of) as (tx, task):
            return orders.ingest(tx, task, some, reading_since=reading_since)

    def open_shop(self, **units: int) -> None:
        """Locations, and for each SKU a product in the store, a listing at the shop and so many units."""
        self.locate()
        self.read_products(*(product(sku) for sku in units))
        self.read_listings(*(listing(sku) for sku in units))
        self.read_stock(*(stock(sku, count) for sku, count in units.items()))

    # Looking

    def rows(self, table: sa.Table, *where: Any, by: Any = None) -> list[Any]:
        statement = sa.select(table).where(*where)
        with self.database.reading() as tx:
            return list(tx.execute(statement.order_by(by) if by is not None else statement))

    def variant_id(self, sku: str) -> str:
        (row,) = self.rows(tables.variant, tables.variant.c.sku == sku)
        return str(row.id)

    def skus(self) -> set[str]:
        """SKUs of the variants that are sold."""
        return {row.sku for row in self.rows(tables.variant, ~tables.variant.c.is_removed)}

    def links(self) -> dict[str, str]:
        """Of the shop: listing → master SKU."""
        skus = {row.id: row.sku for row in self.rows(tables.variant)}
        found = self.rows(
            tables.listing, tables.listing.c.integration == SHOP, tables.listing.c.variant_id.is_not(None)
        )
        return {row.channel_id: skus[row.variant_id] for row in found}

    def offers(self, *skus: str) -> dict[str, offering.Offer]:
        ids = {self.variant_id(sku): sku for sku in skus}
        with self.database.reading() as tx:
            on = offering.channel(tx, SHOP, self.rules[SHOP])
            found = offering.offers(tx, on, self.truth.inventory, list(ids))
        return {ids[key]: offer for key, offer in found.items()}

    def offered(self, sku: str) -> int:
        """Units that the shop may offer, over all its warehouses."""
        return sum(units for _, units in self.offers(sku)[sku].quantities)

    def committed(self, sku: str) -> int:
        key = self.variant_id(sku)
        return sum(row.committed for row in self.rows(tables.level, tables.level.c.variant_id == key))

    def on_hand(self, sku: str) -> int:
        key = self.variant_id(sku)
        return sum(row.on_hand for row in self.rows(tables.level, tables.level.c.variant_id == key))

    def reports(self) -> list[tuple[int, ReportState]]:
        found = self.rows(tables.sale_report, by=tables.sale_report.c.id)
        return [(row.quantity, ReportState(row.state)) for row in found]

    def cases(self, kind: str = "") -> list[Any]:
        """Open cases, of one kind where one is named."""
        case = tables.exception_case
        found = self.rows(case, case.c.state == "open", by=case.c.id)
        return [row for row in found if not kind or row.kind == kind]

    def events(self, subject_id: str) -> list[str]:
        event = tables.event
        return [row.what for row in self.rows(event, event.c.subject_id == subject_id, by=event.c.id)]

    def publication(self, record_id: str, entity: Entity = Entity.INVENTORY) -> Any:
        table = tables.publication
        where = (table.c.integration == SHOP, table.c.entity == entity, table.c.record_id == record_id)
        (row,) = self.rows(table, *where)
        return row

    def ledger_differences(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Where a level is not the sum of its movements; empty in a hub that is in order."""
        sums: dict[tuple[str, str], list[int]] = {}
        for row in self.rows(tables.movement):
            at = sums.setdefault((row.variant_id, row.location_id), [0, 0])
            at[0] += row.on_hand
            at[1] += row.committed
        for row in self.rows(tables.level):
            at = sums.setdefault((row.variant_id, row.location_id), [0, 0])
            at[0] -= row.on_hand
            at[1] -= row.committed
        return {key: (left, right) for key, (left, right) in sums.items() if left or right}


def empty(database: Database) -> None:
    """Remove every row, children first."""
    with database.transaction() as tx:
        for table in reversed(tables.metadata.sorted_tables):
            tx.execute(sa.delete(table))
