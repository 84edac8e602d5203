"""What a channel settled: kept whole, and shown on the orders that it is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.aftersales import ChannelStatement, StatementLine
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.orders.order_record import NAMES
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import fingerprint, hub_id, pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, update_rows, upsert

STATEMENT = tables.statement
LINE = tables.statement_line
ORDER = tables.order
WAITING = Question(
    sa.select(LINE.c.id, LINE.c.order_channel_id, STATEMENT.c.integration)
    .outerjoin(STATEMENT, STATEMENT.c.id == LINE.c.statement_id)
    .where(LINE.c.order_id.is_(None)),
    LINE.c.order_channel_id,
)


def ingest(tx: Transaction, task: Task, records: Sequence[ChannelStatement]) -> int:
    """Take in a page; answers how many were new or changed. The same one read again changes nothing."""
    statement = sa.select(STATEMENT).where(STATEMENT.c.integration == task.integration)
    known = {
        row.channel_id: row.fingerprint
        for row in select_in(tx, statement, STATEMENT.c.channel_id, [each.channel_id for each in records])
    }
    changed = [each for each in records if known.get(each.channel_id) != fingerprint(each)]
    upsert(tx, STATEMENT, [_row(task, each) for each in changed], keep=("created_at",))
    for each in changed:
        _store_lines(tx, task, each, is_new=each.channel_id not in known)
        _check(tx, task, each)
    return len(changed)


def adopt(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    """Orders that were read later than their statements are found in them."""
    by_channel_id = {row.channel_id: row.id for row in NAMES.rows(tx, order_ids)}
    found = WAITING.rows(tx, by_channel_id)
    # Sorted out here: asked for the integration too, SQLite would go through all that it has.
    rows = [row for row in found if row.integration == task.integration]
    update_rows(tx, LINE, {row.id: {"order_id": by_channel_id[row.order_channel_id]} for row in rows})


def statement_id(task: Task, channel_id: str) -> str:
    return hub_id("sta", task.integration, channel_id)


def _row(task: Task, each: ChannelStatement) -> dict[str, Any]:
    return {
        "id": statement_id(task, each.channel_id),
        "integration": task.integration,
        "channel_id": each.channel_id,
        "currency": each.settled.currency,
        "settled": str(each.settled.amount),
        "state": each.state,
        "body": pack(each),
        "fingerprint": fingerprint(each),
        "stated_at": each.stated_at,
        "created_at": task.now,
        "updated_at": task.now,
    }


def _store_lines(tx: Transaction, task: Task, each: ChannelStatement, *, is_new: bool) -> None:
    """All lines of a statement are replaced: it is small, and a line has no other identity than its place in it."""
    key = statement_id(task, each.channel_id)
    tx.execute(sa.delete(LINE).where(LINE.c.statement_id == key))
    orders = _orders(tx, task, [line.order_id for line in each.lines if line.order_id])
    rows = [_line_row(key, place, line, orders) for place, line in enumerate(each.lines)]
    if rows:
        tx.execute(sa.insert(LINE), rows)
    if is_new:
        said = f"in statement {each.channel_id} of {each.stated_at:%Y-%m-%d}"
        currency = each.settled.currency
        record(
            tx,
            task,
            [
                Event(
                    Subject.ORDER,
                    orders[line.order_id],
                    f"{line.settled:.2f} {currency} settled {said}",
                    direction="in",
                )
                for line in each.lines
                if line.order_id in orders
            ],
        )


def _line_row(statement: str, place: int, line: StatementLine, orders: dict[str, str]) -> dict[str, Any]:
    return {
        "id": hub_id("stl", statement, str(place), line.channel_id),
        "statement_id": statement,
        "order_id": orders.get(line.order_id),
        "order_channel_id": line.order_id,
        "settled": str(line.settled),
        "body": pack(line),
    }


def _orders(tx: Transaction, task: Task, channel_ids: Iterable[str]) -> dict[str, str]:
    statement = sa.select(ORDER.c.id, ORDER.c.channel_id).where(ORDER.c.integration == task.integration)
    return {row.channel_id: row.id for row in select_in(tx, statement, ORDER.c.channel_id, channel_ids)}


def _check(tx: Transaction, task: Task, each: ChannelStatement) -> None:
    """A statement that is not the sum of its lines is said to be so, and shown with the difference."""
    key = f"statement-differs:{statement_id(task, each.channel_id)}"
    if each.unexplained == 0:
        close_cases(tx, task.now, [key])
        return
    case = Case(
        key=key,
        kind="statement_differs",
        subject=Subject.RECORD,
        subject_id=each.channel_id,
        cause=(
            f"Statement {each.channel_id} of {task.integration} settles {each.settled}, and its lines make up "
            f"{each.settled.amount - each.unexplained:.2f}: {each.unexplained:+.2f} are in no line"
        ),
        fix="Compare the statement with the one in Seller Center; nothing of it is changed by the hub",
        evidence={"settled": str(each.settled.amount), "difference": str(each.unexplained)},
    )
    open_case(tx, task, case)
