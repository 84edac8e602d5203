"""The ids that orders have on other channels, to be written onto the orders themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelOrderLine
from crossdock.domain.elsewhere import OrderReference
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

ORDER = tables.order
LINE = tables.order_line
REFERENCE = tables.order_reference

LINES_COME_WITHIN = timedelta(minutes=10)
"""So long the lines of a created order are waited for, which its channel names only when it is read."""
AGAIN_AFTER = timedelta(minutes=10)
MOST_DOUBLINGS = 7


class ReferenceState(StrEnum):
    DUE = "due"
    WRITTEN = "written"
    REFUSED = "refused"


def note(tx: Transaction, task: Task, original: Any, reference: ChannelId, *, is_released: bool) -> None:
    """An order got an id on the task's integration, to be written where the order itself is."""
    row = {
        "order_id": original.id,
        "integration": original.integration,
        "of_integration": task.integration,
        "reference": reference,
        "is_released": is_released,
        "state": ReferenceState.DUE,
        "message": "",
        "attempts": 0,
        "updated_at": task.now,
    }
    upsert(tx, REFERENCE, [row], keep=("is_released",))


def waiting(tx: Transaction) -> list[str]:
    """The integrations that have orders to which an id is to be written for the first time."""
    statement = sa.select(REFERENCE.c.integration).where(REFERENCE.c.state == ReferenceState.DUE).distinct()
    return sorted(tx.scalars(statement))


def due(tx: Transaction, task: Task, *, limit: int) -> list[Change[OrderReference]]:
    """What can be written now to the task's integration: each key is "original:integration of the copy"."""
    open_states = [ReferenceState.DUE, ReferenceState.REFUSED]
    rows = tx.execute(
        sa.select(REFERENCE, ORDER.c.channel_id, tables.integration.c.connector)
        .join(ORDER, ORDER.c.id == REFERENCE.c.order_id)
        .join(tables.integration, tables.integration.c.name == REFERENCE.c.of_integration)
        .where(REFERENCE.c.integration == task.integration, REFERENCE.c.state.in_(open_states))
        .order_by(REFERENCE.c.updated_at, REFERENCE.c.order_id)
    ).all()
    ready = [row for row in rows if _is_its_turn(task, row)]
    lines = _lines(tx, ready)
    return [
        Change(
            key=_key(row),
            desired=OrderReference(row.connector, row.reference, lines[row.order_id]),
            channel_id=ChannelId(row.channel_id),
        )
        for row in ready
        if row.order_id in lines
        and (_has_all(lines[row.order_id]) or task.now - row.updated_at > LINES_COME_WITHIN)
    ][:limit]


def _is_its_turn(task: Task, row: Any) -> bool:
    return bool(row.state == ReferenceState.DUE or task.now - row.updated_at > pause(row.attempts))


def pause(attempts: int) -> timedelta:
    """How long to wait after so many refusals: twice as long each time."""
    return AGAIN_AFTER * (1 << min(attempts, MOST_DOUBLINGS))


def _has_all(lines: Sequence[tuple[ChannelId, str]]) -> bool:
    return all(line for _, line in lines)


def _lines(tx: Transaction, rows: Sequence[Any]) -> dict[str, tuple[tuple[ChannelId, str], ...]]:
    """For each unit of an order its line in the copy: by variant, else by SKU; empty while that is not known."""
    originals = [row.order_id for row in rows]
    copies = select_in(tx, sa.select(ORDER.c.id, ORDER.c.copy_of), ORDER.c.copy_of, originals)
    of_copy = {row.id: row.copy_of for row in copies}
    theirs: dict[str, list[Any]] = defaultdict(list)
    for line in select_in(tx, sa.select(LINE), LINE.c.order_id, of_copy):
        theirs[of_copy[line.order_id]].append(line)
    found: dict[str, list[tuple[ChannelId, str]]] = defaultdict(list)
    for line in select_in(tx, sa.select(LINE).order_by(LINE.c.id), LINE.c.order_id, originals):
        there = _line_of(line, theirs[line.order_id])
        body: ChannelOrderLine = unpack(ChannelOrderLine, line.body)
        found[line.order_id] += [(unit, there) for unit in body.unit_ids or (body.channel_id,)]
    return {order: tuple(lines) for order, lines in found.items()}


def _line_of(line: Any, theirs: Sequence[Any]) -> str:
    for other in theirs:
        if line.variant_id is not None and other.variant_id == line.variant_id:
            return str(other.channel_id)
    return next((str(other.channel_id) for other in theirs if other.channel_sku == line.channel_sku), "")


def settle(tx: Transaction, task: Task, change: Change[OrderReference], outcome: Outcome) -> None:
    """What the channel answered: written, or refused and tried again later. A lost answer leaves it due."""
    order, _, of_integration = change.key.partition(":")
    where = (REFERENCE.c.order_id == order, REFERENCE.c.of_integration == of_integration)
    case_key = f"reference-refused:{change.key}"
    if isinstance(outcome, Confirmed):
        values = {"state": ReferenceState.WRITTEN, "message": "", "updated_at": task.now}
        tx.execute(sa.update(REFERENCE).where(*where).values(**values))
        what = f"Order {change.desired.reference} of {of_integration} is noted on {task.integration}"
        record(tx, task, [Event(Subject.ORDER, order, what, direction="out", request_id=outcome.request_id)])
        close_cases(tx, task.now, [case_key])
        return
    if not isinstance(outcome, Rejected):
        return
    values = {
        "state": ReferenceState.REFUSED,
        "message": outcome.reason,
        "attempts": REFERENCE.c.attempts + 1,
        "updated_at": task.now,
    }
    tx.execute(sa.update(REFERENCE).where(*where).values(**values))
    case = Case(
        key=case_key,
        kind="reference_refused",
        subject=Subject.ORDER,
        subject_id=order,
        cause=f"{task.integration} did not take the id {change.desired.reference} of {of_integration}: {outcome.reason}",
        fix="It is tried again by itself; nothing else depends on it",
    )
    open_case(tx, task, case)


def _key(row: Any) -> str:
    return f"{row.order_id}:{row.of_integration}"
