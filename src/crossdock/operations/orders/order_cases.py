"""What a person must know of an order that was read: lines no product has, and figures that do not add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelOrder
from crossdock.domain.order import OrderStatus
from crossdock.domain.validation import Problem
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.database import Transaction

ORDER = tables.order
LINE = tables.order_line
UNMATCHED = Question(
    sa.select(LINE.c.order_id, LINE.c.channel_sku, LINE.c.name, ORDER.c.number, ORDER.c.integration)
    .join(ORDER, ORDER.c.id == LINE.c.order_id)
    .where(LINE.c.variant_id.is_(None), ORDER.c.counts, ORDER.c.status != OrderStatus.CANCELED),
    LINE.c.order_id,
)
ROUNDING = Decimal("0.01")
"""What rounding may make of one unit: a difference below it is shown on the order and calls nobody."""


def flag_unmatched(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """One case per order with unmatched lines, naming their SKUs; closed once all are matched or it is over."""
    ids = list(dict.fromkeys(order_ids))
    unmatched: dict[str, list[Any]] = {}
    for row in UNMATCHED.rows(tx, ids):
        unmatched.setdefault(row.order_id, []).append(row)
    open_cases(tx, task, [_unmatched_case(order, rows) for order, rows in unmatched.items()])
    close_cases(tx, task.now, [_unmatched_key(order) for order in ids if order not in unmatched])


def _unmatched_key(order: str) -> str:
    return f"line-unmatched:{order}"


def _unmatched_case(order: str, rows: list[Any]) -> Case:
    named = ", ".join(
        f"“{row.channel_sku}” ({row.name})" if row.channel_sku else f"no SKU ({row.name})" for row in rows
    )
    return Case(
        key=_unmatched_key(order),
        kind="line_unmatched",
        subject=Subject.ORDER,
        subject_id=order,
        cause=f"Order {rows[0].number} of {rows[0].integration} has lines whose SKU no product has: {named}",
        fix=(
            "Add a product with exactly this SKU, or enter it under Channel Options as the Channel SKU of the variant "
            "that it is, where the channel has that column, or correct the SKU on the channel; the order goes on by "
            "itself then"
        ),
        evidence={"skus": [row.channel_sku for row in rows]},
    )


def flag_totals(tx: Transaction, task: Task, orders: Sequence[ChannelOrder]) -> None:
    """One case per order whose parts do not make its total, beyond rounding."""
    by_id = {order_id(task.integration, order.channel_id): order for order in orders}
    off = {key for key, order in by_id.items() if _is_off(order)}
    open_cases(tx, task, [_total_case(task, key, by_id[key]) for key in sorted(off)])
    close_cases(tx, task.now, [_total_key(key) for key in by_id if key not in off])


def _is_off(order: ChannelOrder) -> bool:
    unexplained = order.totals.unexplained
    units = max(1, sum(line.quantity for line in order.lines))
    return unexplained is not None and abs(unexplained.amount) > ROUNDING * units


def _total_key(order: str) -> str:
    return f"total-unexplained:{order}"


def _total_case(task: Task, key: str, order: ChannelOrder) -> Case:
    total, unexplained = order.totals.total, order.totals.unexplained or order.totals.total
    return Case(
        key=_total_key(key),
        kind="total_unexplained",
        subject=Subject.ORDER,
        subject_id=key,
        cause=(
            f"Order {order.number} of {task.integration} has a total of {total}, and its lines, discounts, shipping, "
            f"taxes and fees come to {total - unexplained}"
        ),
        fix="Compare the order on the channel and correct it there, or dismiss this: the total of the channel counts",
        evidence={"unexplained": str(unexplained)},
    )


_KINDS = {Problem.ADDRESS: "address_invalid", Problem.DUPLICATE: "order_duplicate"}
"""Problems with a case of their own here; lines without a product have theirs as soon as the order is read."""


def flag_problems(
    tx: Transaction,
    task: Task,
    orders: Iterable[Any],
    found: Mapping[str, Mapping[Problem, tuple[str, ...]]],
) -> None:
    """One case for each thing that keeps an order from being shipped; closed once it is right or decided."""
    rows = list(orders)
    due = {
        _problem_key(kind, row.id): _problem_case(row, kind, found[row.id][kind])
        for row in rows
        for kind in _KINDS
        if kind in found.get(row.id, {})
    }
    open_cases(tx, task, list(due.values()))
    keys = [_problem_key(kind, row.id) for row in rows for kind in _KINDS]
    close_cases(tx, task.now, [key for key in keys if key not in due])


def _problem_key(kind: Problem, order: str) -> str:
    return f"{_KINDS[kind].replace('_', '-')}:{order}"


def _problem_case(row: Any, kind: Problem, texts: Sequence[str]) -> Case:
    ready = "or let it go on as it is: crossdock orders ready"
    if kind is Problem.ADDRESS:
        cause = f"The address of order {row.number} of {row.integration} will not do: {'; '.join(texts)}"
        fix = f"Correct the address on the channel, which the hub reads by itself, {ready} {row.number}"
    else:
        others = ", ".join(texts)
        cause = f"{row.integration} has order {row.number} more than once: also under {others}"
        fix = f"Cancel the one that is too many, {ready} {row.id}"
    return Case(
        key=_problem_key(kind, row.id),
        kind=_KINDS[kind],
        subject=Subject.ORDER,
        subject_id=row.id,
        cause=cause,
        fix=fix,
        evidence={"lacks": list(texts)},
    )
