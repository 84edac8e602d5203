"""Stock as its owner counts it: readings become counts in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelLocation, ChannelStock, LocationKind
from crossdock.domain.inventory import MovementKind
from crossdock.domain.sync import Direction, Entity
from crossdock.operations import publishing
from crossdock.operations.catalog import skus
from crossdock.operations.routing import again
from crossdock.operations.stock import ledger, locations, sales
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

LEVEL = tables.level
LISTING = tables.listing
VARIANT = tables.variant
LOCATION = tables.location

CLOCK_ERROR = timedelta(minutes=1)


def ingest(tx: Transaction, task: Task, stocks: Sequence[ChannelStock], *, read_began_at: datetime) -> int:
    """Take over the owner's numbers as counts; answers how many differed.

    A reading that began before the one already stored is older, whenever it arrives, and is left out;
    one from the future was stored while a clock ran ahead, and would keep all others out until then.
    A record that a person locked stays as it is.
    """
    variants = _variants_of(tx, task, stocks)
    places = _places(tx, task, stocks, read_began_at)
    known = _known_levels(tx, variants.values())
    counts: list[Movement] = []
    rows: list[dict[str, object]] = []
    for stock in stocks:
        variant, place = variants.get(stock.variant_id), places.get(stock.location_id)
        if variant is None or place is None:
            continue
        was = known.get((variant, place))
        if was is not None and _stays(task, was, read_began_at):
            continue
        on_hand, unavailable = stock.on_hand, _unavailable(stock)
        if was is None or was.on_hand != on_hand or was.unavailable != unavailable:
            delta = on_hand - (was.on_hand if was else 0)
            counts.append(_count(task, variant, place, delta, _withheld(was, unavailable)))
        rows.append(
            {
                "variant_id": variant,
                "location_id": place,
                "unavailable": unavailable,
                "read_at": read_began_at,
            }
        )
    upsert(tx, LEVEL, [row | {"on_hand": 0, "committed": 0} for row in rows], keep=("on_hand", "committed"))
    ledger.append(tx, task, [count for count in counts if count.on_hand])
    _mark_withheld(tx, counts)
    sales.reopen_refused(tx, task, [count.variant_id for count in counts])
    return len(counts)


def _stays(task: Task, was: sa.Row[Any], read_began_at: datetime) -> bool:
    """Whether a stored number is kept: by a person's lock, or as the younger one."""
    is_younger = was.read_at is not None and read_began_at < was.read_at <= task.now + CLOCK_ERROR
    return bool(was.is_locked) or is_younger


def _variants_of(tx: Transaction, task: Task, stocks: Sequence[ChannelStock]) -> dict[str, str]:
    """The hub variant of each of the owner's items: by link, else by SKU where no catalog is read from the owner."""
    scope = task.rules.inventory_skus
    wanted = [stock for stock in stocks if not scope or stock.channel_sku in scope]
    linked = select_in(
        tx,
        sa.select(LISTING.c.channel_id, LISTING.c.variant_id).where(
            LISTING.c.integration == task.integration, LISTING.c.variant_id.is_not(None)
        ),
        LISTING.c.channel_id,
        [stock.variant_id for stock in wanted],
    )
    found: dict[str, str] = {row.channel_id: row.variant_id for row in linked}
    rest = [stock for stock in wanted if stock.variant_id not in found and stock.channel_sku]
    by_sku = skus.meant(tx, task.integration, [stock.channel_sku for stock in rest])
    return found | {s.variant_id: by_sku[s.channel_sku] for s in rest if s.channel_sku in by_sku}


def vanished(tx: Transaction, integration: str, *, before: datetime, since: datetime | None) -> bool:
    """Whether a variant that is counted there was last read before the one and after the other moment."""
    latest = sa.func.max(LEVEL.c.read_at)
    statement = (
        sa.select(LEVEL.c.variant_id)
        .join(LOCATION, LOCATION.c.id == LEVEL.c.location_id)
        .join(VARIANT, VARIANT.c.id == LEVEL.c.variant_id)
        .where(
            LOCATION.c.integration == integration,
            VARIANT.c.is_stock_tracked,
            ~VARIANT.c.is_removed,
            ~LEVEL.c.is_locked,
        )
        .group_by(LEVEL.c.variant_id)
        .having(latest < before)
        .limit(1)
    )
    if since is not None:
        statement = statement.having(latest > since)
    return tx.execute(statement).first() is not None


def is_any_uncounted(tx: Transaction, owner: str) -> bool:
    """Whether a variant that the owner lists has no number of it, as one that was linked since the last reading."""
    theirs = LEVEL.c.location_id.in_(sa.select(LOCATION.c.id).where(LOCATION.c.integration == owner))
    counted = sa.exists().where(LEVEL.c.variant_id == VARIANT.c.id, LEVEL.c.read_at.is_not(None), theirs)
    statement = (
        sa.select(VARIANT.c.id)
        .join(LISTING, LISTING.c.variant_id == VARIANT.c.id)
        .where(LISTING.c.integration == owner, VARIANT.c.is_stock_tracked, ~VARIANT.c.is_removed)
        .where(~counted)
        .limit(1)
    )
    return tx.execute(statement).first() is not None


def _places(tx: Transaction, task: Task, stocks: Sequence[ChannelStock], seen_at: datetime) -> dict[str, str]:
    """The hub location of each of the owner's. While its locations are not pulled, they are known by their stock."""
    known = sa.select(LOCATION.c.channel_id, LOCATION.c.id).where(LOCATION.c.integration == task.integration)
    found = {row.channel_id: row.id for row in tx.execute(known)}
    missing = {str(stock.location_id) for stock in stocks} - found.keys()
    if missing and not _locations_are_pulled(tx, task.integration):
        implied = [
            ChannelLocation(ChannelId(place), f"Location {place}", kind=LocationKind.IMPLIED)
            for place in sorted(missing)
        ]
        locations.ingest(tx, task, implied, read_began_at=seen_at)
        found = {row.channel_id: row.id for row in tx.execute(known)}
    return found


def _locations_are_pulled(tx: Transaction, integration: str) -> bool:
    flow = tables.flow
    statement = sa.select(flow.c.is_on).where(
        flow.c.integration == integration,
        flow.c.direction == Direction.PULL,
        flow.c.entity == Entity.LOCATIONS,
    )
    return bool(tx.scalar(statement))


def _known_levels(
    tx: Transaction, variant_ids: Iterable[str]
) -> dict[tuple[str, str], sa.Row[tuple[object, ...]]]:
    rows = select_in(tx, sa.select(LEVEL), LEVEL.c.variant_id, variant_ids)
    return {(row.variant_id, row.location_id): row for row in rows}


def _unavailable(stock: ChannelStock) -> int:
    """Units the owner itself would not sell: its safety stock, or all of them."""
    return stock.on_hand - stock.available if stock.is_sellable else stock.on_hand


def _withheld(was: sa.Row[tuple[object, ...]] | None, unavailable: int) -> str:
    before = was.unavailable if was is not None else 0
    return "" if before == unavailable else f"; {unavailable} of them not for sale"


def _count(task: Task, variant: str, place: str, delta: int, withheld: str) -> Movement:
    return Movement(
        variant, place, MovementKind.COUNT, f"Counted by {task.integration}{withheld}", on_hand=delta
    )


def _mark_withheld(tx: Transaction, counts: Sequence[Movement]) -> None:
    """A change of what is withheld moves no stock, but changes what may be offered."""
    withheld = [count.variant_id for count in counts if not count.on_hand]
    publishing.mark_variants(tx, withheld)
    again.retry_for(tx, withheld)
