"""Reports of what the owner of stock has deleted: nothing is left there to lower, and no number will ever show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.rules import SalesReport
from crossdock.domain.channel import ChannelId, ChannelRecord, ChannelSku, ListingState, Standing
from crossdock.domain.inventory import ReportState
from crossdock.domain.order import OrderStatus
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import close_cases, open_cases
from crossdock.operations.orders import copy_cases
from crossdock.operations.stock import observing
from crossdock.operations.stock.intents import refused_key, unclear_key_of
from crossdock.operations.stock.sales import AS_ORDERS
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

INTENT = tables.intent
LINE = tables.order_line
LISTING = tables.listing
ORDER = tables.order
PRODUCT = tables.product
REPORT = tables.sale_report
VARIANT = tables.variant

UNSENT = [state for state in ReportState if state.can_be_withdrawn]
WAITING = [*UNSENT, *(state for state in ReportState if state.is_in_flight)]

WHY = {
    Standing.GONE: "it has deleted this product",
    Standing.UNCOUNTED: "it does not track the stock of this product any more",
}

Suspects = Mapping[str, Sequence[ChannelRecord]]
"""By variant, the owner's records that it may have been."""


def suspected(tx: Transaction, task: Task) -> Suspects:
    """Variants that the owner's own catalog has lost while sales of them are not told of.

    Whether they are deleted there only the owner can say: they may as well have been left out of what is read, or be
    sold there still under a SKU that is another's in the hub. So each may have been any record of its product that
    belongs to no other variant of it, and where none of these is gone, it is not suspected at all.
    """
    other = VARIANT.alias("other")
    statement = (
        sa.select(REPORT.c.variant_id, *_RECORD, LISTING.c.state)
        .join(VARIANT, VARIANT.c.id == REPORT.c.variant_id)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
        .join(
            LISTING,
            sa.and_(
                LISTING.c.integration == task.integration,
                LISTING.c.product_channel_id == PRODUCT.c.channel_id,
            ),
        )
        .outerjoin(other, other.c.id == LISTING.c.variant_id)
        .where(*_can_end(task), VARIANT.c.is_removed, PRODUCT.c.source == task.integration)
        .where(sa.or_(other.c.id.is_(None), other.c.product_id != PRODUCT.c.id))
        .distinct()
        .order_by(REPORT.c.variant_id, LISTING.c.channel_id)
    )
    found: dict[str, list[ChannelRecord]] = defaultdict(list)
    are_gone = set()
    for row in tx.execute(statement):
        product, variant = ChannelId(row.product_channel_id), ChannelId(row.channel_id)
        found[row.variant_id].append(ChannelRecord(product, variant, ChannelSku(row.channel_sku)))
        if row.state == ListingState.REMOVED:
            are_gone.add(row.variant_id)
    return {variant: records for variant, records in found.items() if variant in are_gone}


_RECORD = (LISTING.c.product_channel_id, LISTING.c.channel_id, LISTING.c.channel_sku)


def end(tx: Transaction, task: Task, told: Mapping[ChannelId, Standing]) -> None:
    """What is held back for sales of variants that the owner has no number of any more is held back for nothing.

    `told` is what it says of its records; a variant that may have been one it says nothing of stays as it is.
    """
    ends = {variant: _standing(records, told) for variant, records in suspected(tx, task).items()}
    ends = {variant: standing for variant, standing in ends.items() if standing in WHY}
    by_place: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in _waiting(tx, task, ends):
        by_place[row.variant_id, row.location_id].append(row)
    for (variant, _), rows in by_place.items():
        why = f"Nothing is left to lower in {task.integration}: {WHY[ends[variant]]}"
        observing.end(tx, task, rows, why)
    ended = [row for rows in by_place.values() for row in rows]
    keys = {refused_key(task, row.variant_id, row.location_id) for row in ended}
    keys |= {unclear_key_of(task, row.variant_id, row.intent_id) for row in ended if row.intent_id}
    close_cases(tx, task.now, sorted(keys))
    record(tx, task, _events(task, ended, ends))
    if task.rules.sales_report is SalesReport.ORDER:
        _tell_of_uncreated(tx, task, ended, ends)


def _standing(records: Iterable[ChannelRecord], told: Mapping[ChannelId, Standing]) -> Standing:
    """That of a variant which may have been any of these records: the most that one of them may be."""
    all_told = {told.get(one.variant_id, Standing.COUNTED) for one in records}
    return next(one for one in Standing if one in all_told)


def _can_end(task: Task) -> tuple[sa.ColumnElement[bool], ...]:
    """Which reports wait, and for nothing but a number of the owner's.

    An order that may or may not have been created has to be known first, and is looked for. What a canceled order
    gives back has its copy canceled, if it has one that stands; there is no number needed for that.
    """
    is_looked_for = sa.select(INTENT.c.id).where(
        INTENT.c.kind.in_(AS_ORDERS), INTENT.c.state == ReportState.UNCLEAR
    )
    is_known = sa.or_(REPORT.c.intent_id.is_(None), REPORT.c.intent_id.not_in(is_looked_for))
    waits = (REPORT.c.owner == task.integration, REPORT.c.state.in_(WAITING), is_known)
    if task.rules.sales_report is SalesReport.ELSEWHERE:
        return waits
    copy = ORDER.alias("copy")
    standing_copy = sa.exists().where(
        copy.c.integration == task.integration,
        copy.c.copy_of == REPORT.c.order_id,
        copy.c.status_there != OrderStatus.CANCELED,
    )
    is_canceled = sa.exists().where(ORDER.c.id == REPORT.c.order_id, ORDER.c.status == OrderStatus.CANCELED)
    cancels = sa.and_(REPORT.c.quantity > 0, REPORT.c.state.in_(UNSENT), is_canceled, standing_copy)
    return (*waits, ~cancels)


def _waiting(tx: Transaction, task: Task, variant_ids: Collection[str]) -> Sequence[Any]:
    statement = (
        sa.select(REPORT, LINE.c.channel_sku)
        .outerjoin(LINE, LINE.c.id == REPORT.c.line_id)
        .where(*_can_end(task))
        .order_by(REPORT.c.id)
    )
    return select_in(tx, statement, REPORT.c.variant_id, variant_ids)


def _events(task: Task, ended: Sequence[Any], ends: Mapping[str, Standing]) -> list[Event]:
    """On the timeline of each variant, and of each of its orders."""
    by_variant, by_order = defaultdict(list), defaultdict(list)
    for row in ended:
        by_variant[row.variant_id].append(row)
        by_order[row.order_id, row.variant_id].append(row)
    what = f"were still to be told to {task.integration}, or to show there"
    acknowledged = EventStatus.ACKNOWLEDGED
    return [
        Event(Subject.VARIANT, variant, f"{_units(rows)} units {what}: {WHY[ends[variant]]}", acknowledged)
        for variant, rows in sorted(by_variant.items())
    ] + [
        Event(
            Subject.ORDER,
            order,
            f"{_units(rows)} units of “{_sku(rows)}” {what}: {WHY[ends[variant]]}",
            acknowledged,
        )
        for (order, variant), rows in sorted(by_order.items())
    ]


def _units(rows: Sequence[Any]) -> str:
    """What was sold and what was given back, each by itself."""
    sold = sum(row.quantity for row in rows if row.quantity < 0)
    given_back = sum(row.quantity for row in rows if row.quantity > 0)
    return " and ".join(f"{units:+d}" for units in (sold, given_back) if units)


def _sku(rows: Sequence[Any]) -> str:
    return next((row.channel_sku for row in rows if row.channel_sku), "?")


def _tell_of_uncreated(
    tx: Transaction, task: Task, ended: Sequence[Any], ends: Mapping[str, Standing]
) -> None:
    """Nothing is left that would have these orders created: a person has to know, unless they are not wanted."""
    sold: dict[str, list[Any]] = defaultdict(list)
    for row in ended:
        if row.quantity < 0:
            sold[row.order_id].append(row)
    has_copy = sa.select(ORDER.c.copy_of).where(
        ORDER.c.integration == task.integration, ORDER.c.copy_of.is_not(None)
    )
    comes_yet = sa.select(REPORT.c.order_id).where(
        REPORT.c.owner == task.integration, REPORT.c.state.in_(WAITING), REPORT.c.quantity < 0
    )
    statement = sa.select(ORDER.c.id, ORDER.c.number).where(
        ORDER.c.status != OrderStatus.CANCELED, ORDER.c.id.not_in(has_copy), ORDER.c.id.not_in(comes_yet)
    )
    cases = []
    for order in select_in(tx, statement, ORDER.c.id, sold):
        rows = sold[order.id]
        named = ", ".join(dict.fromkeys(f"“{_sku([row])}”" for row in rows))
        why = WHY[ends[rows[0].variant_id]]
        cases.append(copy_cases.never_created(task, order.id, order.number, named, why))
    open_cases(tx, task, cases)
