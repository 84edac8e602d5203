"""What becomes of the sales behind an order that is created on the platform which owns stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import ChannelId
from crossdock.domain.inventory import ReportState
from crossdock.domain.order import OrderStatus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import close_cases, open_case, open_cases, open_keys
from crossdock.operations.orders import copies, copy_cases
from crossdock.operations.orders.copies import Copy
from crossdock.operations.stock import observing, sales
from crossdock.operations.stock.beside import due_beside
from crossdock.operations.stock.intents import Item, set_state
from crossdock.operations.stock.sales import Due, IntentKind
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

REPORT = tables.sale_report
INTENT = tables.intent
LISTING = tables.listing
ORDER = tables.order

PAUSE = timedelta(minutes=1)
MOST_DOUBLINGS = 5

UNSENT = [state for state in ReportState if state.can_be_withdrawn]

Sent = tuple[str, Sequence[Item]]
"""An intent, and what it sent."""

Copied = tuple[str, ChannelId]
"""An original, and the channel id of its copy."""


@dataclass(frozen=True, slots=True)
class UnclearOrder:
    """An intent about one order of the owner whose answer was lost."""

    intent_id: str
    kind: IntentKind
    items: list[Item]
    order_id: str


def unclear_orders(tx: Transaction, owner: str) -> list[UnclearOrder]:
    """Orders of the owner that may or may not have been created or canceled."""
    kinds = [IntentKind.ORDER, IntentKind.ORDER_CANCEL]
    rows = tx.execute(
        sa.select(INTENT).where(
            INTENT.c.integration == owner, INTENT.c.kind.in_(kinds), INTENT.c.state == ReportState.UNCLEAR
        )
    ).all()
    found = []
    for row in rows:
        order = tx.scalar(sa.select(REPORT.c.order_id).where(REPORT.c.intent_id == row.id).limit(1))
        if order is not None:
            items = msgspec.json.decode(row.body, type=list[Item])
            found.append(UnclearOrder(row.id, IntentKind(row.kind), items, str(order)))
    return found


def orders_to_create(tx: Transaction, owner: str, *, now: datetime, limit: int) -> list[str]:
    """Hub orders with sales that are to reach the owner: those that failed least first, of them the oldest.

    Those that cannot go yet take no place of another: the owner lists none of their goods, it is not known yet
    whether it has the order, or the order has been set aside for a while.
    """
    aside = sa.select(REPORT.c.order_id).where(REPORT.c.owner == owner, REPORT.c.again_at > now)
    is_listed = sa.exists().where(LISTING.c.integration == owner, LISTING.c.variant_id == REPORT.c.variant_id)
    unclear = (
        sa.select(REPORT.c.order_id)
        .join(INTENT, INTENT.c.id == REPORT.c.intent_id)
        .where(
            REPORT.c.owner == owner, INTENT.c.kind == IntentKind.ORDER, INTENT.c.state == ReportState.UNCLEAR
        )
    )
    statement = (
        sa.select(REPORT.c.order_id)
        .where(REPORT.c.owner == owner, REPORT.c.state == ReportState.OPEN, REPORT.c.quantity < 0)
        .where(is_listed, REPORT.c.order_id.not_in(unclear), REPORT.c.order_id.not_in(aside))
        .group_by(REPORT.c.order_id)
        .order_by(sa.func.max(REPORT.c.attempts), sa.func.min(REPORT.c.id))
        .limit(limit)
    )
    return list(tx.scalars(statement))


def failing_orders(tx: Transaction, owner: str) -> set[str]:
    """Orders that are still to be created, and could not be when they were tried last."""
    statement = sa.select(REPORT.c.order_id).where(
        REPORT.c.owner == owner,
        REPORT.c.attempts > 0,
        REPORT.c.quantity < 0,
        REPORT.c.state.in_([ReportState.OPEN, ReportState.UNCLEAR]),
    )
    return set(tx.scalars(statement))


def set_aside(tx: Transaction, task: Task, order: str, failure: str) -> None:
    """An order that could not be created, though no word was said against it, has its turn after the others.

    That is the next run, and from the second time on after a pause, which is longer each time.
    """
    again_in = PAUSE * ((1 << min(_count_attempt(tx, task, order) - 1, MOST_DOUBLINGS)) - 1)
    _change(tx, task, order, again_at=task.now + again_in)
    number = _number(tx, order)
    open_case(tx, task, copy_cases.not_created(task, order, number, failure, again_in=again_in))


def put_behind(tx: Transaction, task: Task, order: str) -> None:
    """Nothing came through, so it is no matter of this order; still others are tried before it the next time."""
    _count_attempt(tx, task, order)


def _count_attempt(tx: Transaction, task: Task, order: str) -> int:
    """Count one failure more, and answer how many there are."""
    made = sa.select(sa.func.max(REPORT.c.attempts)).where(
        REPORT.c.owner == task.integration, REPORT.c.order_id == order
    )
    attempts = int(tx.scalar(made) or 0) + 1
    _change(tx, task, order, attempts=attempts)
    return attempts


def _change(tx: Transaction, task: Task, order: str, **values: Any) -> None:
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.owner == task.integration, REPORT.c.order_id == order)
        .values(**values)
    )


def cancel_unclear(tx: Transaction, task: Task, order: str, failure: str) -> None:
    open_case(tx, task, copy_cases.cancel_unclear(task, order, _number(tx, order), failure))


def _number(tx: Transaction, order: str) -> str:
    return str(tx.scalar(sa.select(ORDER.c.number).where(ORDER.c.id == order)))


def reopen(tx: Transaction, task: Task, order: str) -> int:
    """Whatever was refused of an order is to be sent again, now, with all the rest of it; answers how many sales."""
    _change(tx, task, order, again_at=None)
    result = tx.execute(
        sa.update(REPORT)
        .where(
            REPORT.c.owner == task.integration,
            REPORT.c.order_id == order,
            REPORT.c.state == ReportState.REFUSED,
        )
        .values(state=ReportState.OPEN, intent_id=None)
    )
    return int(result.rowcount)


def refused(tx: Transaction, task: Task, sent: Sent, copy: Copy, refusal: RefusedError) -> None:
    """Nothing was created: the commitments stay, a person is told, and new stock has it tried again."""
    intent, items = sent
    sales.answer_intent(tx, task, intent, ReportState.REFUSED, str(refusal))
    for item in items:
        set_state(tx, item.report_ids, ReportState.REFUSED)
    close_cases(tx, task.now, [copy_cases.unclear_key(task, copy.original_id)])
    open_case(tx, task, copy_cases.refused(task, copy.original_id, copy.order.number, refusal))


def created(
    tx: Transaction, task: Task, sent: Sent, created: ChannelId, without_product: Collection[str]
) -> None:
    """The order takes its goods off the stock, except those that it has no product for."""
    intent, items = sent
    sales.answered(
        tx,
        task,
        intent,
        [item for item in items if item.channel_sku not in without_product],
        f"order {created}",
    )
    booked = [item for item in items if item.channel_sku in without_product]
    for item in booked:
        set_state(tx, item.report_ids, ReportState.REFUSED)
    open_cases(tx, task, [copy_cases.without_product(task, created, item) for item in booked])


def not_canceled(tx: Transaction, task: Task, sent: Sent, copied: Copied, refusal: RefusedError) -> None:
    """The order stays as it is there, and so do its units; only a person, or the order itself, changes that."""
    intent, items = sent
    sales.answer_intent(tx, task, intent, ReportState.REFUSED, str(refusal))
    bare_not_canceled(tx, task, copied, refusal, items)


def bare_not_canceled(
    tx: Transaction, task: Task, copied: Copied, refusal: RefusedError, items: Sequence[Due | Item]
) -> None:
    """The same where nothing was sent of its units, as of those that the owner lists no more."""
    original, created = copied
    unlisted = _unlisted_to_give_back(tx, task, original)
    kept = [report for item in items for report in item.report_ids] + [row.id for row in unlisted]
    set_state(tx, kept, ReportState.REFUSED)
    close_cases(tx, task.now, [copy_cases.unclear_key(task, original)])
    open_case(tx, task, copy_cases.not_canceled(task, original, _number(tx, original), created, refusal))


def canceled(tx: Transaction, task: Task, sent: Sent, copied: Copied) -> None:
    """The order is canceled there; its units show in the number before long."""
    _, created = copied
    sales.answered(tx, task, *sent, f"canceled {created}")
    unlisted_canceled(tx, task, copied)


def unlisted_canceled(tx: Transaction, task: Task, copied: Copied) -> None:
    """What the owner lists no more has no number that would show it: with the order canceled, nothing is left to do."""
    original, created = copied
    by_place: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in _unlisted_to_give_back(tx, task, original):
        by_place[row.variant_id, row.location_id].append(row)
    what = f"Order {created} in {task.integration} is canceled"
    for rows in by_place.values():
        observing.end(tx, task, rows, what)
    if by_place:
        record(tx, task, [Event(Subject.ORDER, original, what, direction="out")])
    close_cases(tx, task.now, [copy_cases.unclear_key(task, original)])


def _unlisted_to_give_back(tx: Transaction, task: Task, original: str) -> Sequence[Any]:
    is_listed = sa.exists().where(
        LISTING.c.integration == task.integration, LISTING.c.variant_id == REPORT.c.variant_id
    )
    statement = sa.select(REPORT).where(
        REPORT.c.owner == task.integration,
        REPORT.c.order_id == original,
        REPORT.c.state.in_(UNSENT),
        REPORT.c.quantity > 0,
        ~is_listed,
    )
    return tx.execute(statement.order_by(REPORT.c.id)).all()


def end_given_back(tx: Transaction, task: Task) -> None:
    """Whoever canceled an order here by hand has given its units back already: nothing of them is left to send."""
    canceled = sa.select(ORDER.c.copy_of).where(
        ORDER.c.integration == task.integration,
        ORDER.c.copy_of.is_not(None),
        ORDER.c.status_there == OrderStatus.CANCELED,
    )
    given_back = (
        REPORT.c.owner == task.integration,
        REPORT.c.quantity > 0,
        REPORT.c.state.in_(UNSENT),
        REPORT.c.order_id.in_(canceled),
    )
    for order in tx.scalars(sa.select(REPORT.c.order_id).where(*given_back).distinct()).all():
        beside = due_beside(tx, task.integration, order, states=UNSENT)
        kept = [key for item in beside for key in item.report_ids]
        tx.execute(
            sa.update(REPORT)
            .where(*given_back, REPORT.c.order_id == order, REPORT.c.id.not_in(kept))
            .values(state=ReportState.SEEN, ended_at=task.now, intent_id=None)
        )


def ask_to_reduce(tx: Transaction, task: Task, order: str, created: ChannelId, items: Sequence[Item]) -> None:
    open_case(tx, task, copy_cases.reduced(task, order, created, items))


def close_settled(tx: Transaction, task: Task) -> None:
    """Close the cases of orders that nobody has to do anything about any more."""
    in_flight = [state for state in ReportState if state.is_in_flight]
    _close_without(tx, task, copy_cases.reduced_key(task, ""), REPORT.c.state.in_(in_flight))
    for key in (copy_cases.refused_key(task, ""), copy_cases.not_canceled_key(task, "")):
        _close_without(tx, task, key, REPORT.c.state.in_(UNSENT))
    _close_without(tx, task, copy_cases.unclear_key(task, ""), REPORT.c.state.in_([*UNSENT, *in_flight]))
    _close_of_unwanted(tx, task)
    _close_of_right_totals(tx, task)


def _close_of_unwanted(tx: Transaction, task: Task) -> None:
    """An order that was never created is no matter any more once it is canceled, or has a copy all the same."""
    prefix = copy_cases.never_created_key(task, "")
    orders = [key.removeprefix(prefix) for key in sorted(open_keys(tx, prefix))]
    wanted = copies.still_wanted(tx, task.integration, orders)
    close_cases(tx, task.now, [prefix + order for order in orders if order not in wanted])


def _close_of_right_totals(tx: Transaction, task: Task) -> None:
    """Somebody corrected the copy, or it is not wanted any more."""
    prefix = copy_cases.total_key(task, "")
    orders = [key.removeprefix(prefix) for key in sorted(open_keys(tx, prefix))]
    right = copies.with_right_totals(tx, task.integration, orders)
    close_cases(tx, task.now, [prefix + order for order in right])


def _close_without(tx: Transaction, task: Task, prefix: str, waiting: sa.ColumnElement[bool]) -> None:
    """Of the cases whose keys start so and end in an order: those whose order has no such report left."""
    keys = open_keys(tx, prefix)
    orders = [key.removeprefix(prefix) for key in sorted(keys)]
    statement = sa.select(REPORT.c.order_id).where(REPORT.c.owner == task.integration, waiting)
    held = {row.order_id for row in select_in(tx, statement, REPORT.c.order_id, orders)}
    close_cases(tx, task.now, [key for key in keys if key.removeprefix(prefix) not in held])
