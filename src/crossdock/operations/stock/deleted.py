"""Reports of what the owner of stock has deleted: nothing is left there to lower, and no number will ever show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelSku, ListingState
from crossdock.domain.inventory import ReportState
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import close_cases
from crossdock.operations.stock import observing
from crossdock.operations.stock.intents import refused_key, unclear_key_of
from crossdock.operations.stock.sales import AS_ORDERS
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

INTENT = tables.intent
LISTING = tables.listing
PRODUCT = tables.product
REPORT = tables.sale_report
VARIANT = tables.variant

WAITING = [state for state in ReportState if state.can_be_withdrawn or state.is_in_flight]

Suspects = Mapping[str, Sequence[tuple[ChannelId, ChannelSku]]]
"""By variant, the owner's records that it may have been, each by its id and SKU there."""


def suspected(tx: Transaction, owner: str) -> Suspects:
    """Variants that the owner's own catalog has lost while sales of them are not told of.

    Whether they are deleted there only the owner can say: they may as well have been left out of what is read.
    """
    statement = (
        sa.select(REPORT.c.variant_id, LISTING.c.channel_id, LISTING.c.channel_sku)
        .join(VARIANT, VARIANT.c.id == REPORT.c.variant_id)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
        .join(
            LISTING,
            sa.and_(
                LISTING.c.integration == owner,
                LISTING.c.product_channel_id == PRODUCT.c.channel_id,
                LISTING.c.state == ListingState.REMOVED,
            ),
        )
        .where(REPORT.c.owner == owner, REPORT.c.state.in_(WAITING))
        .where(VARIANT.c.is_removed, PRODUCT.c.source == owner)
        .distinct()
        .order_by(REPORT.c.variant_id, LISTING.c.channel_id)
    )
    found: dict[str, list[tuple[ChannelId, ChannelSku]]] = defaultdict(list)
    for row in tx.execute(statement):
        found[row.variant_id].append((ChannelId(row.channel_id), ChannelSku(row.channel_sku)))
    return found


def end(tx: Transaction, task: Task, variant_ids: Collection[str]) -> None:
    """The owner has no record of these variants any more: what their sales hold back is held back for nothing.

    An order that may or may not have been created has to be known first, and is looked for.
    """
    by_place: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in _waiting(tx, task.integration, variant_ids):
        by_place[row.variant_id, row.location_id].append(row)
    for rows in by_place.values():
        observing.end(tx, task, rows, f"{task.integration} has deleted it, so there is nothing left to lower")
    ended = [row for rows in by_place.values() for row in rows]
    keys = {refused_key(task, row.variant_id, row.location_id) for row in ended}
    keys |= {unclear_key_of(task, row.variant_id, row.intent_id) for row in ended if row.intent_id}
    close_cases(tx, task.now, sorted(keys))
    record(tx, task, _events(task, ended))


def _waiting(tx: Transaction, owner: str, variant_ids: Collection[str]) -> Sequence[Any]:
    is_looked_for = sa.and_(INTENT.c.kind.in_(AS_ORDERS), INTENT.c.state == ReportState.UNCLEAR)
    statement = (
        sa.select(REPORT)
        .outerjoin(INTENT, INTENT.c.id == REPORT.c.intent_id)
        .where(REPORT.c.owner == owner, REPORT.c.state.in_(WAITING))
        .where(sa.or_(INTENT.c.id.is_(None), ~is_looked_for))
        .order_by(REPORT.c.id)
    )
    return select_in(tx, statement, REPORT.c.variant_id, variant_ids)


def _events(task: Task, ended: Sequence[Any]) -> list[Event]:
    units: dict[str, int] = defaultdict(int)
    for row in ended:
        units[row.variant_id] += row.quantity
    what = f"were still to be told to {task.integration}, or to show there: it has deleted this product"
    return [
        Event(Subject.VARIANT, variant, f"{total:+d} units {what}", EventStatus.ACKNOWLEDGED)
        for variant, total in sorted(units.items())
    ]
