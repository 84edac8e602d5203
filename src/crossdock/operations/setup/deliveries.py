"""Webhooks as they arrive: which were here before, which flows they concern, and the owner's withdrawal of access."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crossdock.connectors.contract import Hint
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, open_case
from crossdock.operations.setup import integrations
from crossdock.operations.setup.integrations import Status
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

DELIVERY = tables.delivery
FLOW = tables.flow

KEPT = timedelta(days=3)
"""Longer than any platform goes on repeating an event: BigCommerce for two days."""

CONCERNED: dict[Entity, tuple[tuple[Direction, Entity], ...]] = {
    Entity.PRODUCTS: ((Direction.PULL, Entity.PRODUCTS), (Direction.PULL, Entity.LISTINGS)),
    Entity.LISTINGS: ((Direction.PULL, Entity.LISTINGS), (Direction.PULL, Entity.PRODUCTS)),
    Entity.LOCATIONS: ((Direction.PULL, Entity.LOCATIONS),),
    Entity.INVENTORY: ((Direction.PULL, Entity.INVENTORY), (Direction.PUSH, Entity.INVENTORY)),
    Entity.ORDERS: ((Direction.PULL, Entity.ORDERS),),
    Entity.SALES: (),
    Entity.CANCELLATIONS: ((Direction.PULL, Entity.CANCELLATIONS),),
    Entity.FULFILLMENTS: ((Direction.PULL, Entity.FULFILLMENTS),),
    Entity.RETURNS: ((Direction.PULL, Entity.RETURNS),),
    Entity.STATEMENTS: ((Direction.PULL, Entity.STATEMENTS),),
    Entity.SHIPPING_REQUESTS: ((Direction.PULL, Entity.SHIPPING_REQUESTS),),
    Entity.DRIFT: (),
    Entity.WEBHOOKS: (),
}
"""Which flows look where an event points. Whoever pushes stock looks whether the channel still shows its number."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A verified event, as it came."""

    integration: str
    hint: Hint
    received_at: datetime


def fresh(tx: Transaction, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Those that were not delivered before, each once."""
    found = {(one.integration, one.hint.event_id): one for one in reversed(arrivals)}
    statement = sa.select(DELIVERY.c.integration, DELIVERY.c.event_id)
    rows = select_in(tx, statement, DELIVERY.c.event_id, list({event_id for _, event_id in found}))
    known = {(row.integration, row.event_id) for row in rows}
    return [one for key, one in reversed(found.items()) if key not in known]


def remember(tx: Transaction, arrivals: Sequence[Arrival]) -> None:
    """From here on these are known; those too old to come again are forgotten."""
    newest = max(one.received_at for one in arrivals)
    tx.execute(sa.delete(DELIVERY).where(DELIVERY.c.received_at < newest - KEPT))
    rows = [
        {"integration": one.integration, "event_id": one.hint.event_id, "received_at": one.received_at}
        for one in arrivals
    ]
    upsert(tx, DELIVERY, rows, keep=("received_at",))


def wanted(tx: Transaction, arrivals: Sequence[Arrival]) -> dict[FlowKey, list[Arrival]]:
    """The flows that these hint at, each with what hints at it."""
    found: dict[FlowKey, list[Arrival]] = {}
    flows: dict[tuple[str, tuple[Entity, ...]], list[FlowKey]] = {}
    for one in arrivals:
        about = (one.integration, one.hint.entities)
        if about not in flows:
            flows[about] = concerned(tx, *about)
        for flow in flows[about]:
            found.setdefault(flow, []).append(one)
    return found


def named(flow: FlowKey, arrivals: Iterable[Arrival]) -> frozenset[str]:
    """The records that these events name to this flow; none unless each of them names some."""
    if flow.entity is not Entity.INVENTORY:
        return frozenset()
    names = [one.hint.stock_of for one in arrivals]
    return frozenset(itertools.chain(*names)) if all(names) else frozenset()


def concerned(tx: Transaction, integration: str, entities: Iterable[Entity]) -> list[FlowKey]:
    """The flows of this integration that are on and look at these entities."""
    rows = tx.execute(
        sa.select(FLOW).where(FLOW.c.integration == integration, FLOW.c.is_on, FLOW.c.refusal == "")
    )
    on = {(row.direction, row.entity) for row in rows}
    wanted = dict.fromkeys(place for entity in entities for place in CONCERNED[entity])
    return [FlowKey(integration, *place) for place in wanted if place in on]


def warn_of_end(tx: Transaction, task: Task, ends: datetime) -> None:
    """The owner's consent runs out soon; until then everything goes on."""
    open_case(
        tx,
        task,
        Case(
            # Under this prefix the case closes by itself once the connection is checked anew.
            key=f"flow-failing:{task.integration}/authorization-ends",
            kind="connection",
            subject=Subject.INTEGRATION,
            subject_id=task.integration,
            cause=f"{task.integration}: the owner's consent ends on {ends:%Y-%m-%d}; then nothing is read or written",
            fix="Have the owner consent again before that day: connect the integration anew",
        ),
    )


def deauthorize(tx: Transaction, task: Task) -> None:
    """The account's owner has withdrawn the hub's access: nothing runs until somebody connects again."""
    reason = "The account's owner has withdrawn this hub's access"
    integrations.change(tx, task.integration, now=task.now, status=Status.ERROR, status_reason=reason)
    open_case(
        tx,
        task,
        Case(
            # Under this prefix the case closes by itself once the connection is good again.
            key=f"flow-failing:{task.integration}/deauthorized",
            kind="connection",
            subject=Subject.INTEGRATION,
            subject_id=task.integration,
            cause=f"{task.integration}: {reason}; nothing is read or written",
            fix="Have the owner consent again: connect the integration anew",
        ),
    )
    record(tx, task, [Event(Subject.INTEGRATION, task.integration, reason, EventStatus.FAILED, "in")])
