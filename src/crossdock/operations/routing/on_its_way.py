"""A person has seen to a case of an order on its way to the door: what it held back is tried again."""

from __future__ import annotations

import sqlalchemy as sa

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.orders import order_life
from crossdock.operations.routing import by_hand, overdue, request_cases, stopping
from crossdock.operations.routing.state import Routing
from crossdock.operations.task import Task
from crossdock.operations.views.view_cases import CaseView
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order

UNROUTABLE = "unroutable"
VALIDATION = ("address_invalid", "order_duplicate")
KINDS = (*request_cases.KINDS, UNROUTABLE, *VALIDATION, overdue.KIND)


def retry(tx: Transaction, task: Task, case: CaseView) -> list[FlowKey]:
    """Have its warehouse told again, the order routed or looked at again; answers the flows to wake."""
    if case.kind in request_cases.KINDS:
        return by_hand.retry(tx, task, str(case.evidence["request"]))
    if case.kind == UNROUTABLE:
        has_failed = (ORDER.c.id == case.subject_id, ORDER.c.routing == Routing.FAILED)
        tx.execute(sa.update(ORDER).where(*has_failed).values(routing=Routing.PENDING))
    elif case.kind in VALIDATION:
        order_life.settle(tx, task, [case.subject_id])
    elif "request" in case.evidence:
        warehouse = stopping.by_number(tx, str(case.evidence["request"])).integration
        return [FlowKey(warehouse, Direction.PULL, Entity.FULFILLMENTS)]
    return [by_hand.ROUTING]
