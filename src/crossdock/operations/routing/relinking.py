"""Shipping requests of a location that is another warehouse's now, or in use no more: nobody is told of them any more."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from crossdock.domain.shipping import RequestState
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.orders import order_life
from crossdock.operations.routing import stopping
from crossdock.operations.routing.requested import REQUEST
from crossdock.operations.routing.state import Routing
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices

ORDER = tables.order
LOCATION = tables.location
NOT_THERE = (RequestState.DUE, RequestState.REFUSED)
"""Requests that no warehouse has."""


def taken_from(tx: Transaction, task: Task, location_ids: Collection[str]) -> None:
    """Take back what these locations were to ship by warehouses that they are not linked to, or no more ship at all.

    Its orders are decided anew. What a warehouse has already stays with it.
    """
    is_lost = sa.or_(
        ~LOCATION.c.is_active, sa.func.coalesce(LOCATION.c.linked_integration, "") != REQUEST.c.integration
    )
    statement = (
        sa.select(REQUEST.c.order_id, REQUEST.c.number, LOCATION.c.id.label("location_id"), LOCATION.c.name)
        .join(LOCATION, LOCATION.c.id == REQUEST.c.location_id)
        .where(REQUEST.c.state.in_(NOT_THERE), is_lost)
        .order_by(REQUEST.c.created_at, REQUEST.c.number)
    )
    rows = select_in(tx, statement, LOCATION.c.id, location_ids)
    for row in rows:
        stopping.stop(tx, task, row.number)
    said = {row.order_id: f"To be routed again, as {row.name} does not ship it any more" for row in rows}
    for some in slices(sorted(said)):
        tx.execute(sa.update(ORDER).where(ORDER.c.id.in_(some)).values(routing=Routing.PENDING))
        order_life.settle(tx, task, some)
        commitments.apply(tx, task, some)
    record(tx, task, [Event(Subject.ORDER, order, what) for order, what in said.items()])
