"""When a report of a sale has done its duty: the owner's numbers show it, its own sales allowed for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.domain.inventory import MovementKind, ReportState, Seen, seen
from crossdock.domain.order import OrderStatus
from crossdock.operations.exceptions import close_cases, open_case
from crossdock.operations.stock import ledger
from crossdock.operations.stock.intents import IN_FLIGHT, Item, reading, set_state, unclear_case, unclear_key
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.stock.sales import AS_ORDERS, Due, Groups, IntentKind
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

REPORT = tables.sale_report
INTENT = tables.intent
LEVEL = tables.level
LINE = tables.order_line
LOCATION = tables.location
MOVEMENT = tables.movement
ORDER = tables.order

SHOWS_WITHIN = timedelta(minutes=15)
"""Accepted reports whose effect is not seen by then are shown to a person."""


def measured(
    tx: Transaction, owner: str, items: Iterable[Due], *, orders_read_until: datetime | None
) -> list[Due]:
    """Those whose stored numbers were read before the owner's orders were: all sales within them are known.

    Sent against any other reading, a report could wait for ever: a sale that is in it would be allowed for twice.
    """
    if orders_read_until is None:
        return list(items)
    read_at = {item.variant_id: oldest_reading(tx, owner, item.variant_id) for item in items}
    return [i for i in items if (at := read_at[i.variant_id]) is None or at <= orders_read_until]


def observe(tx: Transaction, task: Task, *, orders_read_until: datetime | None) -> int:
    """Settle the reports whose effect the owner's stored numbers show; answers how many still wait.

    Only readings count that began after the answer, and before the owner's orders were last pulled
    (None: its orders are not pulled at all). The youngest goes first: an effect that two reports could
    have had is that of the one which was accepted.
    """
    rows = tx.execute(
        sa.select(INTENT)
        .where(
            INTENT.c.integration == task.integration,
            INTENT.c.state.in_([ReportState.ANSWERED, ReportState.UNCLEAR]),
        )
        .order_by(INTENT.c.created_at.desc())
    ).all()
    pending = 0
    for row in rows:
        items = _together(msgspec.json.decode(row.body, type=list[Item]))
        states = [_observe_item(tx, task, row, item, orders_read_until) for item in items]
        waiting = sum(1 for state in states if state is not Seen.YES)
        pending += waiting
        if not waiting:
            tx.execute(sa.update(INTENT).where(INTENT.c.id == row.id).values(state=ReportState.SEEN))
    return pending


def _together(items: Sequence[Item]) -> list[Item]:
    """What was sent at once of one variant, as of an order that several locations ship, shows at once."""
    deltas: dict[str, int] = defaultdict(int)
    for item in items:
        deltas[item.variant_id] += item.delta
    return [msgspec.structs.replace(item, delta=deltas[item.variant_id]) for item in items]


def _observe_item(
    tx: Transaction, task: Task, intent: Any, item: Item, orders_read_until: datetime | None
) -> Seen:
    open_ids = [
        row.id
        for row in tx.execute(
            sa.select(REPORT.c.id).where(REPORT.c.intent_id == intent.id, REPORT.c.state.in_(IN_FLIGHT))
        )
        if row.id in item.report_ids
    ]
    if not open_ids:
        return Seen.YES
    if intent.state == ReportState.UNCLEAR and intent.kind in AS_ORDERS:
        return Seen.UNKNOWN  # a reading may show it, but the order has to be known: it is looked for
    if intent.state == ReportState.ANSWERED and _is_locked(tx, item.variant_id, item.location_id):
        _settle(tx, task, intent, item, open_ids)
        return Seen.YES
    read_at = oldest_reading(tx, task.integration, item.variant_id)
    if read_at is None or read_at < intent.answered_at or (orders_read_until and read_at > orders_read_until):
        return Seen.UNKNOWN
    now = reading(tx, task.integration, item.variant_id, item.location_id)
    others = _own_units(tx, item, intent.created_at) + _other_units(tx, task, item, intent)
    is_by_hand = intent.kind == IntentKind.EXPECTED
    verdict = seen(item.before, now, delta=item.delta, own_units=others, is_by_hand=is_by_hand)
    if verdict is Seen.YES:
        _settle(tx, task, intent, item, open_ids)
    elif not _is_overdue(task, intent, item):
        return verdict
    elif verdict is Seen.UNKNOWN and _is_shown_by_order(tx, task, intent, item, read_at):
        _settle(tx, task, intent, item, open_ids)
        return Seen.YES
    else:
        # Its commitment stays, but it must not hold back the sales after it for ever.
        set_state(tx, open_ids, ReportState.UNCLEAR)
        why = "it was accepted, and the number does not show it"
        number = _order_number(tx, item) if intent.kind in AS_ORDERS else ""
        open_case(tx, task, unclear_case(task, item, intent.id, why, order=number))
    return verdict


def _is_overdue(task: Task, intent: Any, item: Item) -> bool:
    """What a person is to give back there is waited for as long as it takes; its case says so already."""
    if intent.kind == IntentKind.EXPECTED and item.delta > 0:
        return False
    return bool(intent.state == ReportState.ANSWERED and task.now - intent.answered_at > SHOWS_WITHIN)


def _is_shown_by_order(tx: Transaction, task: Task, intent: Any, item: Item, read_at: datetime) -> bool:
    """Whether the owner shows the order that was to move these units, and its number, read since, is net of it.

    To be asked of a number that has moved: one that stands where it stood says that the owner has taken nothing.
    What hides the effect then is a change by hand, and the report would be applied twice if it was sent once more.
    """
    if intent.kind not in AS_ORDERS or read_at - intent.answered_at <= SHOWS_WITHIN:
        return False
    originals = sa.select(REPORT.c.order_id).where(REPORT.c.id.in_(item.report_ids))
    copies = sa.select(ORDER).where(
        ORDER.c.integration == task.integration, ORDER.c.copy_of.in_(originals), ORDER.c.status_there != ""
    )
    found = tx.execute(copies).all()
    if len(found) != 1:
        return False
    (copy,) = found
    if intent.kind == IntentKind.ORDER_CANCEL:
        return bool(copy.status_there == OrderStatus.CANCELED)
    ordered = sa.func.coalesce(sa.func.sum(LINE.c.quantity - LINE.c.quantity_canceled), 0)
    of_it = (LINE.c.order_id == copy.id, LINE.c.variant_id == item.variant_id)
    is_whole = int(tx.scalar(sa.select(ordered).where(*of_it)) or 0) >= -item.delta
    return bool(copy.status_there != OrderStatus.CANCELED and copy.stock_is_taken and is_whole)


def _order_number(tx: Transaction, item: Item) -> str:
    statement = sa.select(ORDER.c.number).join(REPORT, REPORT.c.order_id == ORDER.c.id)
    return str(tx.scalar(statement.where(REPORT.c.id.in_(item.report_ids)).limit(1)) or "")


def oldest_reading(tx: Transaction, owner: str, variant_id: str) -> datetime | None:
    """When the oldest of the stored numbers of this variant was read."""
    read_at: datetime | None = tx.scalar(
        sa.select(sa.func.min(LEVEL.c.read_at))
        .join(LOCATION, LOCATION.c.id == LEVEL.c.location_id)
        .where(LEVEL.c.variant_id == variant_id, LOCATION.c.integration == owner)
    )
    return read_at


def _own_units(tx: Transaction, item: Item, since: datetime) -> int:
    """Net units that the owner itself sold since: its number moved by these as well."""
    total = tx.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(MOVEMENT.c.noted), 0)).where(
            MOVEMENT.c.variant_id == item.variant_id, MOVEMENT.c.at > since
        )
    )
    return int(total or 0)


def _other_units(tx: Transaction, task: Task, item: Item, intent: Any) -> int:
    """Units of the other reports of this variant that the owner accepted, and that its number before lacks as well.

    Those are the ones that were sent since, and those that are measured against the very same reading.
    """
    total = tx.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(REPORT.c.quantity), 0))
        .join(INTENT, INTENT.c.id == REPORT.c.intent_id)
        .where(
            REPORT.c.owner == task.integration,
            REPORT.c.variant_id == item.variant_id,
            REPORT.c.state.in_([ReportState.ANSWERED, ReportState.SEEN]),
            INTENT.c.created_at >= intent.created_at,
            INTENT.c.id != intent.id,
        )
    )
    return -int(total or 0)


def _is_locked(tx: Transaction, variant_id: str, location_id: str) -> bool:
    """Whether the stored number follows no reading, so that none will ever show the report."""
    where = (LEVEL.c.variant_id == variant_id, LEVEL.c.location_id == location_id)
    return bool(tx.scalar(sa.select(LEVEL.c.is_locked).where(*where)))


def _settle(tx: Transaction, task: Task, intent: Any, item: Item, report_ids: list[int]) -> None:
    """The owner's number contains the report: the commitment has done its duty."""
    rows = tx.execute(sa.select(REPORT).where(REPORT.c.id.in_(report_ids))).all()
    why = f"The number of {task.integration} contains this sale now"
    end(tx, task, rows, why)
    close_cases(tx, task.now, [unclear_key(task, item, intent.id)])


def settle_even(tx: Transaction, task: Task, groups: Groups) -> None:
    """What one order gives back, another has sold: where that comes to nothing, nothing is to be sent."""
    for rows in groups.values():
        if sum(row.quantity for row in rows) == 0:
            why = f"As many were given back meanwhile, so the number of {task.integration} is right as it is"
            end(tx, task, rows, why)


def end(tx: Transaction, task: Task, rows: Sequence[Any], why: str) -> None:
    """Reports of one variant at one location need no more: what they kept from sale is released.

    A locked record follows no number of the owner's: what was sold is taken off it here.
    """
    is_locked = _is_locked(tx, rows[0].variant_id, rows[0].location_id)
    set_state(tx, [row.id for row in rows], ReportState.SEEN, ended_at=task.now)
    movements = [
        Movement(
            row.variant_id,
            row.location_id,
            MovementKind.RELEASE if row.quantity < 0 else MovementKind.RECEIVE,
            "Taken off the locked record" if is_locked else why,
            on_hand=row.quantity if is_locked else 0,
            committed=min(row.quantity, 0),
            order_id=row.order_id,
            line_id=row.line_id,
        )
        for row in rows
        if row.quantity < 0 or is_locked
    ]
    ledger.append(tx, task, movements)
