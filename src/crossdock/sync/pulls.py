"""Each entity's pull: which connector method reads it, and which operation takes it in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, cast

import sqlalchemy as sa

from crossdock.connectors.contract import (
    PullsInventory,
    PullsListings,
    PullsLocations,
    PullsOrders,
    PullsProducts,
    ReadsNamedStock,
    TakesShippingRequests,
)
from crossdock.domain.channel import (
    ChannelId,
    ChannelLocation,
    ChannelOrder,
    ChannelProduct,
    ChannelSku,
    ChannelStock,
)
from crossdock.domain.sync import Direction, Entity, FlowKey, Page
from crossdock.operations.catalog import listings, met, products
from crossdock.operations.orders import orders
from crossdock.operations.setup import integrations
from crossdock.operations.stock import inventory, location_map, locations, readings
from crossdock.operations.stock.readings import Variants
from crossdock.operations.task import Task
from crossdock.store import tables, wishes
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices
from crossdock.sync import lease as leases
from crossdock.sync.aftersales import follow_orders, pull_returns, pull_statements
from crossdock.sync.cancellations import pull_cancellations
from crossdock.sync.counts import pull_counts
from crossdock.sync.fulfillments import pull_fulfillments
from crossdock.sync.pull import pull, sweep_began
from crossdock.sync.shipping_requests import pull_shipping_requests
from crossdock.sync.webhooks import pull_webhooks
from crossdock.sync.work import Position, Work, is_on, position, run_inline

READ_AT_ONCE = 200
MOST_LOOKS = 3
LOOK_FOR_DELETED_EVERY = timedelta(minutes=10)
STOCK_NEEDS = (Entity.PRODUCTS, Entity.LISTINGS, Entity.LOCATIONS)


class Sweep(Protocol):
    """Takes away what a full reading since `began_at` neither met nor wrote."""

    def __call__(
        self, tx: Transaction, task: Task, *, began_at: datetime, met: Collection[ChannelId]
    ) -> int: ...


def pull_products(work: Work) -> None:
    """Products in; where the channel owns stock, that of products which are new or changed is read at once."""
    connector = cast(PullsProducts, work.connector)
    changed: list[str] = []

    def ingest(tx: Transaction, task: Task, page: Page[ChannelProduct], at: Position) -> int:
        ids = products.ingest(tx, task, page.records, read_began_at=page.read_began_at, digests=page.digests)
        if not at.is_first_sweep:
            changed.extend(ids)
        _sweep(tx, task, page, at, products.sweep)
        return len(ids)

    pull(work, lambda at: connector.pull_products(at.cursor), ingest)
    if changed and _owns_stock(work):
        read_stock(work, _channel_variants(work, tables.variant.c.product_id, changed))
    elif not _owns_stock(work):
        _have_stock_counted(work)


def pull_listings(work: Work) -> None:
    connector = cast(PullsListings, work.connector)

    def ingest(tx: Transaction, task: Task, page: Page[ChannelProduct], at: Position) -> int:
        written = listings.ingest(tx, task, page.records, read_began_at=page.read_began_at)
        _sweep(tx, task, page, at, listings.sweep)
        return written

    pull(work, lambda at: connector.pull_listings(at.cursor), ingest)
    _have_stock_counted(work)


def _sweep(tx: Transaction, task: Task, page: Page[ChannelProduct], at: Position, sweep: Sweep) -> None:
    """Note what a sweep meets; with its last page, whatever it did not meet is gone."""
    began = sweep_began(page, at)
    if began is None:
        return
    if at.cursor is None:
        met.forget(tx, task)
    # What cannot be understood is there all the same.
    here = [*page.readable, *(record.channel_id for record in page.unreadable)]
    if not page.completes_sweep:
        met.note(tx, task, here)
        return
    sweep(tx, task, began_at=began, met=met.products(tx, task).union(here))
    met.forget(tx, task)


def _have_stock_counted(work: Work) -> None:
    """Variants that this run found on the platform that owns stock have no number yet: have it read now."""
    owner = FlowKey(work.truth.inventory, Direction.PULL, Entity.INVENTORY)
    if work.tally.written and owner.integration:
        with work.database.reading() as tx:
            is_wanted = is_on(tx, owner) and inventory.is_any_uncounted(tx, owner.integration)
        if is_wanted:
            leases.want(work.database, owner, is_hint=True)


def pull_locations(work: Work) -> None:
    connector = cast(PullsLocations, work.connector)

    def ingest(tx: Transaction, task: Task, page: Page[ChannelLocation], at: Position) -> int:
        written = locations.ingest(tx, task, page.records, read_began_at=page.read_began_at)
        if page.completes_sweep and (began := sweep_began(page, at)):
            locations.sweep(tx, task, began_at=began)
            for name in [each.name for each in integrations.every(tx)]:
                # Any of them may name one of these locations in its settings.
                location_map.check(tx, replace(task, integration=name, rules=work.desk.rules_of(name)))
        return written

    pull(work, lambda at: connector.pull_locations(at.cursor), ingest)


def pull_inventory(work: Work) -> None:
    """Stock in, once the products and locations that it belongs to have been read; those runs wake this one."""
    if isinstance(work.connector, TakesShippingRequests):
        pull_counts(work)
        return
    with work.database.reading() as tx:
        if not all(_is_read(tx, work, entity) for entity in STOCK_NEEDS):
            return
        at = position(tx, work.lease.flow)
    if _read_named(work, at):
        return
    connector = cast(PullsInventory, work.connector)
    began = work.desk.clock()
    left_out: Variants = []

    def ingest(tx: Transaction, task: Task, page: Page[ChannelStock], _: Position) -> int:
        written, judged = readings.take_in_others(tx, task, page)
        left_out.extend(judged)
        return written

    pull(work, lambda at: connector.pull_inventory(at.cursor), ingest)
    if left_out:
        look(work, list(dict.fromkeys(left_out)))
    with work.transaction() as tx:
        _look_for_deleted(tx, work, began)
        if at is None or at.sweep_began_at is None:
            wishes.answered(tx, work.lease.flow, work.lease.epoch)
        elif wishes.are_any(tx, work.lease.flow, work.lease.epoch):
            work.retry_in = 0.0  # an earlier run had read the first pages, perhaps before the wish


def _read_named(work: Work, at: Position | None) -> bool:
    """Read just the stock that events have named; False where everything is to be read, or more than that tells.

    Everything is due as often as ever: steady events do not put it off.
    """
    connector, flow, epoch = work.connector, work.lease.flow, work.lease.epoch
    if not isinstance(connector, ReadsNamedStock) or at is None:
        return False
    if at.read_until is None or at.cursor is None or at.sweep_began_at is not None:
        return False
    whole_at = at.read_until + timedelta(seconds=integrations.RHYTHMS[flow.direction, flow.entity].seconds)
    with work.database.reading() as tx:
        names = wishes.named(tx, flow, epoch)
    if not names or work.desk.clock() >= whole_at:
        return False
    pages = connector.read_named_stock(names)
    if pages is None:
        return False
    left_out: Variants = []
    for page in pages:
        with work.transaction() as tx:
            written, judged = readings.take_in_others(tx, work.task(), page)
            work.tally.read += len(page.records)
            work.tally.written += written
            work.tally.unchanged += len(page.records) - written
        left_out.extend(judged)
    if left_out:
        look(work, list(dict.fromkeys(left_out)))
    with work.transaction() as tx:
        wishes.answered(tx, flow, epoch)
    work.retry_in = max(0.0, (whole_at - work.desk.clock()).total_seconds())
    return True


def _look_for_deleted(tx: Transaction, work: Work, began: datetime) -> None:
    """What is no longer counted may have been deleted: read the whole catalog now, which tells, not at its next sweep."""
    flow = FlowKey(work.integration, Direction.PULL, Entity.PRODUCTS)
    at = position(tx, flow)
    if at is None or at.swept_at is None or not is_on(tx, flow) or work.rules.inventory_skus:
        return
    # What a recent sweep has found to exist, though uncounted, is looked for again only now and then.
    is_recent = began - at.swept_at < LOOK_FOR_DELETED_EVERY
    if inventory.vanished(tx, work.integration, before=began, since=at.swept_at if is_recent else None):
        integrations.restart_flow(tx, flow)


def _is_read(tx: Transaction, work: Work, entity: Entity) -> bool:
    """Whether that pull is off, or has read everything once."""
    flow = FlowKey(work.integration, Direction.PULL, entity)
    at = position(tx, flow)
    return at is None or not is_on(tx, flow) or not at.is_first_sweep


def pull_orders(work: Work) -> None:
    """Orders in; where the channel owns stock, the stock of what was sold is read at once."""
    if sold := _pull_orders(work):
        read_stock(work, sold)


def _pull_orders(work: Work) -> Variants:
    """Answers the owner's variants in the orders that are new or changed; none where the channel is not the owner."""
    connector = cast(PullsOrders, work.connector)
    changed: list[str] = []

    def ingest(tx: Transaction, task: Task, page: Page[ChannelOrder], at: Position) -> int:
        since = at.first_began_at or sweep_began(page, at)
        ids = orders.ingest(tx, task, page.records, reading_since=since)
        follow_orders(tx, work, task, ids)
        if not at.is_first_sweep:
            changed.extend(ids)
        return len(ids)

    pull(work, lambda at: connector.pull_orders(at.cursor), ingest)
    if not (changed and _owns_stock(work)):
        return []
    return _channel_variants(work, tables.order_line.c.order_id, changed)


def _owns_stock(work: Work) -> bool:
    return work.integration == work.truth.inventory and isinstance(work.connector, PullsInventory)


def _channel_variants(work: Work, column: sa.Column[str], values: list[str]) -> Variants:
    """The channel's ids of the variants of these orders or products, by a column of either."""
    line, variant, listing = tables.order_line, tables.variant, tables.listing
    statement = sa.select(listing.c.channel_id, listing.c.channel_sku).where(
        listing.c.integration == work.integration
    )
    if column.table is line:
        statement = statement.join(line, line.c.variant_id == listing.c.variant_id)
    else:
        statement = statement.join(variant, variant.c.id == listing.c.variant_id)
    with work.database.reading() as tx:
        rows = select_in(tx, statement.distinct(), column, values)
    return [(ChannelId(row.channel_id), ChannelSku(row.channel_sku)) for row in rows]


def read_stock(work: Work, variants: Variants) -> None:
    """Read and store the owner's numbers of just these variants; those with reports under way as `look` does."""
    with work.database.reading() as tx:
        judged = set(readings.under_way(tx, work.integration)).intersection(variants)
    for page in numbers(work, [one for one in variants if one not in judged]):
        with work.transaction() as tx:
            written, left_out = readings.take_in_others(tx, work.task(), page)
            work.tally.written += written
            judged.update(left_out)
    if judged:
        look(work, sorted(judged))


def look(work: Work, variants: Variants) -> tuple[datetime | None, int]:
    """Read the owner's numbers of these, then its orders, and take both in with what they show of reports under way.

    Answers since when the orders are current (None: they are not read at all), and how many reports still wait.
    """
    for _ in range(MOST_LOOKS):
        pages = list(numbers(work, variants))
        orders_read_until, sold = _orders_behind(work)
        if not sold:
            break
        variants = list(dict.fromkeys([*variants, *sold]))
    with work.transaction() as tx:
        written, waiting = readings.take_in(
            tx, work.task(), pages, orders_read_until=orders_read_until, is_judged=not sold
        )
        work.tally.written += written
    return orders_read_until, waiting


def _orders_behind(work: Work) -> tuple[datetime | None, Variants]:
    """Read the orders now. A run of theirs does so by itself, and answers what was sold meanwhile; others are told."""
    if work.lease.flow.entity is Entity.ORDERS:
        began = work.desk.clock()
        return began, _pull_orders(work)
    return run_inline(work, Entity.ORDERS, pull_orders), []


def numbers(work: Work, variants: Variants) -> Iterator[Page[ChannelStock]]:
    """The channel's stock of these variants, as it is now; of what it does not count there is none."""
    connector = cast(PullsInventory, work.connector)
    for some in slices(variants, READ_AT_ONCE):
        yield from connector.read_stock(some)


PULLS = {
    Entity.PRODUCTS: pull_products,
    Entity.LISTINGS: pull_listings,
    Entity.LOCATIONS: pull_locations,
    Entity.INVENTORY: pull_inventory,
    Entity.ORDERS: pull_orders,
    Entity.CANCELLATIONS: pull_cancellations,
    Entity.FULFILLMENTS: pull_fulfillments,
    Entity.RETURNS: pull_returns,
    Entity.STATEMENTS: pull_statements,
    Entity.SHIPPING_REQUESTS: pull_shipping_requests,
    Entity.WEBHOOKS: pull_webhooks,
}
