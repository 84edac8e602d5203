"""What rules look at of the records that something happened to, and what notifications tell of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.automations import Happening, Trigger
from crossdock.domain.filters import OrderFacts
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.operations.automations import outbox
from crossdock.operations.events import Subject
from crossdock.operations.routing.order_facts import facts_of
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
FULFILLMENT = tables.fulfillment
REQUEST = tables.shipping_request
CASE = tables.exception_case
PRODUCT = tables.product
VARIANT = tables.variant

REAL = (ORDER.c.copy_of.is_(None), ~ORDER.c.is_reservation, ORDER.c.counts)
"""Orders that a customer placed and that were not over before the hub began: rules act on no others."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record that something happened to. `told` is what a notification says of it, without anything of a buyer."""

    happening: Happening
    subject: Subject
    subject_id: str
    order_id: str = ""
    """The order that actions are about; empty where there is none."""
    told: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What titles may name of it."""


def gather(
    tx: Transaction, task: Task, trigger: Trigger, ids: Iterable[str], *, with_facts: bool
) -> list[Record]:
    """The records in the order in which they were noted; those that are no more, or concern nobody, are left out.

    Without facts no filter that looks at an order may be asked.
    """
    wanted = list(dict.fromkeys(ids))
    found = {record.happening.record: record for record in _GATHER[trigger](tx, trigger, wanted)}
    orders = [record.order_id for record in found.values() if record.order_id]
    facts = facts_of(tx, task, orders) if with_facts and orders else {}
    return [_with(record, facts.get(record.order_id)) for record in found.values()]


def _with(record: Record, facts: OrderFacts | None) -> Record:
    return replace(record, happening=replace(record.happening, order=facts))


def _orders(tx: Transaction, trigger: Trigger, ids: Sequence[str]) -> list[Record]:
    statement = sa.select(ORDER.c.id).where(*REAL)
    found = {row.id for row in select_in(tx, statement, ORDER.c.id, ids)}
    return [Record(Happening(trigger, key), Subject.ORDER, key, key) for key in ids if key in found]


def _fulfillments(tx: Transaction, trigger: Trigger, ids: Sequence[str]) -> list[Record]:
    statement = (
        sa.select(FULFILLMENT.c.id, FULFILLMENT.c.order_id, FULFILLMENT.c.state)
        .join(ORDER, ORDER.c.id == FULFILLMENT.c.order_id)
        .where(FULFILLMENT.c.state == FulfillmentState.SHIPPED, *REAL)
    )
    return [
        Record(
            Happening(trigger, row.id),
            Subject.ORDER,
            row.order_id,
            row.order_id,
            told={"fulfillment": {"id": row.id, "state": row.state}},
        )
        for row in select_in(tx, statement, FULFILLMENT.c.id, ids)
    ]


def _requests(tx: Transaction, trigger: Trigger, ids: Sequence[str]) -> list[Record]:
    return [
        Record(
            Happening(trigger, row.id, request_state=row.state),
            Subject.ORDER,
            row.order_id,
            row.order_id,
            told={
                "shipping_request": {
                    "id": row.id,
                    "number": row.number,
                    "state": row.state,
                    "integration": row.integration,
                }
            },
            names={"request": row.number, "status": row.state.replace("_", " ")},
        )
        for row in select_in(tx, sa.select(REQUEST), REQUEST.c.id, ids)
    ]


def _cases(tx: Transaction, trigger: Trigger, keys: Sequence[str]) -> list[Record]:
    """Open cases by their keys. One that opened and closed in the same transaction concerns nobody."""
    statement = sa.select(CASE).where(CASE.c.state == "open", CASE.c.kind.not_in(outbox.QUIET))
    return [
        Record(
            Happening(trigger, str(row.id), case_kind=row.kind),
            Subject(row.subject_kind),
            row.subject_id,
            row.subject_id if row.subject_kind == Subject.ORDER else "",
            told={"case": {"id": row.id, "kind": row.kind, "cause": row.cause, "fix": row.fix}},
            names={"case": row.cause},
        )
        for row in select_in(tx, statement, CASE.c.key, keys)
    ]


def _products(tx: Transaction, trigger: Trigger, ids: Sequence[str]) -> list[Record]:
    skus: dict[str, list[str]] = defaultdict(list)
    statement = sa.select(VARIANT.c.product_id, VARIANT.c.sku).where(~VARIANT.c.is_removed)
    for row in select_in(tx, statement.order_by(VARIANT.c.sku), VARIANT.c.product_id, ids):
        skus[row.product_id].append(row.sku)
    rows = select_in(tx, sa.select(PRODUCT.c.id, PRODUCT.c.title, PRODUCT.c.is_removed), PRODUCT.c.id, ids)
    return [
        Record(
            Happening(trigger, row.id, product_skus=frozenset(skus[row.id]), product_title=row.title),
            Subject.PRODUCT,
            row.id,
            told={
                "product": {
                    "id": row.id,
                    "title": row.title,
                    "skus": skus[row.id],
                    "is_removed": row.is_removed,
                }
            },
            names={"product": row.title},
        )
        for row in rows
    ]


_GATHER: dict[Trigger, Callable[[Transaction, Trigger, Sequence[str]], list[Record]]] = {
    Trigger.ORDER_NEW: _orders,
    Trigger.ORDER_UPDATED: _orders,
    Trigger.FULFILLMENT_CREATED: _fulfillments,
    Trigger.SHIPPING_REQUEST_UPDATED: _requests,
    Trigger.EXCEPTION: _cases,
    Trigger.PRODUCT_UPDATED: _products,
}
