"""What can be seen of cancellations, returns, refunds and statements: as lists, and on their orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.aftersales import ChannelReturn, ChannelStatement, Origin, StatementLine
from crossdock.operations.orders import canceling
from crossdock.operations.orders.return_answers import AnswerState
from crossdock.operations.views.view_page import Slice, amount_text, beyond, bounded, marked_moment, sliced
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

ORDER = tables.order
CANCELLATION = tables.cancellation
RETURN = tables.order_return
STATEMENT = tables.statement
STATEMENT_LINE = tables.statement_line
ANSWERED = (AnswerState.DUE, AnswerState.TOLD, AnswerState.OVERTAKEN)


@dataclass(frozen=True, slots=True)
class CancellationView:
    """One cancellation. `units` is how many it is about, None for the whole order; `deadline` is the buyer's."""

    id: str
    order_id: str | None
    order_number: str
    integration: str
    channel_id: str
    origin: str
    state: str
    reason: str
    note: str
    units: int | None
    refunded: str
    deadline: datetime | None
    decision: str
    decided_by: str
    message: str
    attempts: int
    created_at: datetime
    updated_at: datetime


def cancellations(  # noqa: PLR0913  # these are the filters of a list
    tx: Transaction,
    *,
    integration: str = "",
    state: str = "",
    order_id: str = "",
    after: str = "",
    limit: int = 50,
) -> Slice[CancellationView]:
    """Cancellations, the newest first. Raises MarkError."""
    wanted = {CANCELLATION.c.integration: integration, CANCELLATION.c.state: state}
    where = [
        column == value for column, value in (wanted | {CANCELLATION.c.order_id: order_id}).items() if value
    ]
    rows = _newest(tx, sa.select(CANCELLATION).where(*where), CANCELLATION.c.created_at, after, limit)
    return sliced(rows, limit, to_item=_cancellation, key=lambda row: (row.created_at.isoformat(), row.id))


def cancellation(tx: Transaction, key: str) -> CancellationView | None:
    """One cancellation by its id."""
    row = tx.execute(
        sa.select(CANCELLATION, ORDER.c.number)
        .outerjoin(ORDER, ORDER.c.id == CANCELLATION.c.order_id)
        .where(CANCELLATION.c.id == key)
    ).first()
    return _cancellation(row) if row is not None else None


def _newest(
    tx: Transaction, statement: sa.Select[Any], moment: sa.Column[Any], after: str, limit: int
) -> Sequence[Any]:
    """Rows of a table, the newest first by this column of it, with the number of the order of each."""
    table = moment.table
    if "order_id" in table.c:
        statement = statement.add_columns(ORDER.c.number).outerjoin(ORDER, ORDER.c.id == table.c.order_id)
    if after:
        statement = statement.where(beyond(moment, table.c.id, marked_moment(after), newest=True))
    return tx.execute(statement.order_by(moment.desc(), table.c.id.desc()).limit(bounded(limit) + 1)).all()


def _cancellation(row: Any) -> CancellationView:
    return CancellationView(
        id=row.id,
        order_id=row.order_id,
        order_number=row.number or row.order_channel_id,
        integration=row.integration,
        channel_id=row.channel_id,
        origin=row.origin,
        state=row.state,
        reason=row.reason,
        note=row.note,
        units=_units(row),
        refunded=row.refunded,
        deadline=row.deadline,
        decision=row.decision,
        decided_by=row.decided_by,
        message=row.message,
        attempts=row.attempts,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _units(row: Any) -> int | None:
    if row.lines == "[]":
        return None
    if Origin(row.origin).is_ours:
        return sum(part.quantity for part in canceling.units_of(row))
    return len(unpack(list[str], row.lines))


@dataclass(frozen=True, slots=True)
class ReturnedLineView:
    line_id: str
    name: str
    quantity: int
    amount: str


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One return or refund. `is_restocked` says that its goods were counted into stock again.

    `asks` is what waits for the seller there: request, goods or nothing; `answers` is what can be said to it from the
    hub. `answer_state` is due, told, refused or overtaken once a person has decided; `message` is the channel's.
    """

    id: str
    order_id: str | None
    order_number: str
    integration: str
    channel_id: str
    kind: str
    state: str
    channel_status: str
    reason: str
    currency: str
    refunded: str
    refunded_shipping: str
    refunded_tax: str
    tracking: str
    lines: list[ReturnedLineView]
    is_restocked: bool
    asks: str
    answers: list[str]
    deadline: datetime | None
    decision: str
    decision_reason: str
    note: str
    decided_by: str
    answer_state: str
    message: str
    updated_at: datetime


def returns(  # noqa: PLR0913  # these are the filters of a list
    tx: Transaction,
    *,
    integration: str = "",
    order_id: str = "",
    waiting: bool = False,
    after: str = "",
    limit: int = 50,
) -> Slice[ReturnView]:
    """Returns and refunds, or only those that wait for the seller, the newest first. Raises MarkError."""
    wanted = {RETURN.c.integration: integration, RETURN.c.order_id: order_id}
    where = [column == value for column, value in wanted.items() if value]
    where += [RETURN.c.asks != "", RETURN.c.answer_state.not_in(ANSWERED)] if waiting else []
    rows = _newest(tx, sa.select(RETURN).where(*where), RETURN.c.created_at, after, limit)
    return sliced(rows, limit, to_item=_return, key=lambda row: (row.created_at.isoformat(), row.id))


def one_return(tx: Transaction, id_or_number: str) -> ReturnView | None:
    """One return by its id, or by its number on the channel."""
    row = tx.execute(
        sa.select(RETURN, ORDER.c.number)
        .outerjoin(ORDER, ORDER.c.id == RETURN.c.order_id)
        .where(sa.or_(RETURN.c.id == id_or_number, RETURN.c.channel_id == id_or_number))
        .order_by(RETURN.c.id)
    ).first()
    return _return(row) if row is not None else None


def _return(row: Any) -> ReturnView:
    each: ChannelReturn = unpack(ChannelReturn, row.body)
    return ReturnView(
        id=row.id,
        order_id=row.order_id,
        order_number=row.number or row.order_channel_id,
        integration=row.integration,
        channel_id=row.channel_id,
        kind=row.kind,
        state=row.state,
        channel_status=row.channel_status,
        reason=row.reason,
        currency=row.currency,
        refunded=amount_text(row.refunded),
        refunded_shipping=amount_text(each.refunded_shipping),
        refunded_tax=amount_text(each.refunded_tax),
        tracking=each.tracking,
        lines=[
            ReturnedLineView(line.line_id, line.name, line.quantity, amount_text(line.amount))
            for line in each.lines
        ],
        is_restocked=row.returned_at is not None,
        asks=row.asks,
        answers=[*each.answers],
        deadline=row.deadline,
        decision=row.decision,
        decision_reason=row.decision_reason,
        note=row.note,
        decided_by=row.decided_by,
        answer_state=row.answer_state,
        message=row.message,
        updated_at=row.updated_at,
    )


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement; `unexplained` is what its lines leave of what was settled."""

    id: str
    integration: str
    channel_id: str
    stated_at: datetime
    state: str
    currency: str
    settled: str
    revenue: str
    fees: str
    shipping: str
    adjustment: str
    orders: int
    unexplained: str


def statements(
    tx: Transaction, *, integration: str = "", after: str = "", limit: int = 50
) -> Slice[StatementView]:
    """Statements, the newest first. Raises MarkError."""
    where = [STATEMENT.c.integration == integration] if integration else []
    rows = _newest(tx, sa.select(STATEMENT).where(*where), STATEMENT.c.stated_at, after, limit)
    return sliced(rows, limit, to_item=_statement, key=lambda row: (row.stated_at.isoformat(), row.id))


def _statement(row: Any) -> StatementView:
    each: ChannelStatement = unpack(ChannelStatement, row.body)
    return StatementView(
        id=row.id,
        integration=row.integration,
        channel_id=row.channel_id,
        stated_at=row.stated_at,
        state=row.state,
        currency=row.currency,
        settled=amount_text(row.settled),
        revenue=amount_text(each.revenue),
        fees=amount_text(each.fees),
        shipping=amount_text(each.shipping),
        adjustment=amount_text(each.adjustment),
        orders=len({line.order_id for line in each.lines if line.order_id}),
        unexplained=amount_text(each.unexplained),
    )


@dataclass(frozen=True, slots=True)
class SettlementView:
    """What an order came to in one statement."""

    statement_id: str
    statement: str
    stated_at: datetime
    state: str
    kind: str
    currency: str
    settled: str
    revenue: str
    fees: str
    shipping: str
    adjustment: str


def settlements(tx: Transaction, order_id: str) -> list[SettlementView]:
    """What was settled for an order, statement by statement."""
    rows = tx.execute(
        sa.select(STATEMENT_LINE.c.body, STATEMENT.c.channel_id, STATEMENT.c.id, STATEMENT.c.stated_at)
        .add_columns(STATEMENT.c.state, STATEMENT.c.currency)
        .join(STATEMENT, STATEMENT.c.id == STATEMENT_LINE.c.statement_id)
        .where(STATEMENT_LINE.c.order_id == order_id)
        .order_by(STATEMENT.c.stated_at, STATEMENT_LINE.c.id)
    )
    return [_settlement(row) for row in rows]


def _settlement(row: Any) -> SettlementView:
    line: StatementLine = unpack(StatementLine, row.body)
    return SettlementView(
        statement_id=row.id,
        statement=row.channel_id,
        stated_at=row.stated_at,
        state=row.state,
        kind=line.kind,
        currency=row.currency,
        settled=amount_text(line.settled),
        revenue=amount_text(line.revenue),
        fees=amount_text(line.fees),
        shipping=amount_text(line.shipping),
        adjustment=amount_text(line.adjustment),
    )
