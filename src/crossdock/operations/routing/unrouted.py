"""Orders that no card could take: a case that says what each card lacked, until one does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases
from crossdock.operations.routing import reporting
from crossdock.operations.routing.reporting import Report
from crossdock.operations.task import Task
from crossdock.store.database import Transaction


def key(order_id: str) -> str:
    return f"unroutable:{order_id}"


def close(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    close_cases(tx, task.now, [key(order) for order in order_ids])


def case(order: Any, report: Report) -> Case:
    """What a person must know of an order that no card takes."""
    return Case(
        key=key(order.id),
        kind="unroutable",
        subject=Subject.ORDER,
        subject_id=order.id,
        cause=f"Order {order.number} of {order.integration} is not routed: {reporting.summary(report)}",
        fix=reporting.fix(report),
        evidence={"lacked": reporting.lost_in_words(report), "unlinked": list(report.unlinked)},
    )
