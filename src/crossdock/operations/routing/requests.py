"""Shipping requests: made of what routing decides or a person asks for, and sent to the location's warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import Trigger
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.routing import Part, Routed, Verdict
from crossdock.domain.shipping import RequestState
from crossdock.domain.words import counted
from crossdock.operations.automations import agenda
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import open_cases
from crossdock.operations.orders import line_choice, order_life
from crossdock.operations.routing import (
    deciding,
    methods,
    reporting,
    requested,
    stopping,
    unrouted,
    warehouses,
)
from crossdock.operations.routing.requested import PART, REQUEST
from crossdock.operations.routing.state import Routing
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import hub_id, pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
LOCATION = tables.location
CARD = tables.routing_card


def is_in_use(tx: Transaction) -> bool:
    """Whether anybody has set up where orders are to be shipped from; else they wait, and nobody is called."""
    return tx.execute(sa.select(CARD.c.id).limit(1)).first() is not None or bool(warehouses.names(tx))


def pending(tx: Transaction, *, limit: int) -> list[str]:
    """The next orders to route, those placed first ahead."""
    statement = sa.select(ORDER.c.id).where(ORDER.c.routing == Routing.PENDING)
    return list(tx.scalars(statement.order_by(ORDER.c.placed_at, ORDER.c.id).limit(limit)))


def route(tx: Transaction, task: Task, order_ids: Sequence[str]) -> int:
    """Decide these orders and make their shipping requests; answers how many were routed.

    An order that no card takes gets a case, and is tried again when stock, cards or locations change.
    """
    verdicts = deciding.decide(tx, task, order_ids)
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, verdicts)}
    routed: list[str] = []
    for key, verdict in verdicts.items():
        if _keep(tx, task, orders[key], verdict):
            routed.append(key)
    order_life.settle(tx, task, list(verdicts))
    commitments.apply(tx, task, routed)
    return len(routed)


def _keep(tx: Transaction, task: Task, order: Any, verdict: Verdict) -> bool:
    report = reporting.describe(verdict)
    is_routed = isinstance(verdict, Routed)
    values: dict[str, Any] = {
        "routing_report": pack(report),
        "routing": Routing.ROUTED if is_routed else Routing.FAILED,
    }
    if is_routed:
        values["routed_at"] = task.now
    tx.execute(sa.update(ORDER).where(ORDER.c.id == order.id).values(**values))
    if isinstance(verdict, Routed):
        for part in verdict.parts:
            _add(tx, task, order, part, card=verdict.card)
        unrouted.close(tx, task, [order.id])
        return bool(verdict.parts)
    if order.routing_report != values["routing_report"]:
        said = f"Not routed: {reporting.summary(report)}"
        record(tx, task, [Event(Subject.ORDER, order.id, said, EventStatus.FAILED)])
    open_cases(tx, task, [unrouted.case(order, report)])
    return False


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person wants shipped from a location: units by SKU or line id, or all that nobody was asked for."""

    location: str
    units: Mapping[str, int] = field(default_factory=dict)


def ask(tx: Transaction, task: Task, order_id: str, wish: Ask) -> str:
    """Make a shipping request by hand; answers its number. Raises SettingsError naming the field and the fix."""
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).one()
    _refuse_what_cannot_ship(order)
    place = _place(tx, wish.location)
    lines = tx.execute(sa.select(LINE).where(LINE.c.order_id == order_id).order_by(LINE.c.id)).all()
    held = requested.held_by_line(requested.parts_of(tx, [order_id]).get(order_id, ()))
    left = {
        line.id: line.quantity - line.quantity_canceled - line.quantity_shipped - held.get(line.id, 0)
        for line in lines
    }
    units = _chosen(order, lines, wish.units, left)
    number = _add(tx, task, order, Part(place.id, place.linked_integration, units), card="")
    order_life.settle(tx, task, [order_id])
    commitments.apply(tx, task, [order_id])
    return number


def reroute(tx: Transaction, task: Task, order_id: str) -> None:
    """Have an order decided anew: what no location has is taken back first, what one has stays with it.

    Raises SettingsError where there is nothing to route.
    """
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).one()
    _refuse_what_cannot_ship(order)
    of_order = (REQUEST.c.order_id == order_id, REQUEST.c.state.in_([RequestState.DUE, RequestState.REFUSED]))
    for row in tx.execute(sa.select(REQUEST).where(*of_order)).all():
        stopping.stop(tx, task, row.number)
    tx.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(routing=Routing.PENDING))
    order_life.settle(tx, task, [order_id])
    state = tx.scalar(sa.select(ORDER.c.routing).where(ORDER.c.id == order_id))
    if state != Routing.PENDING:
        raise SettingsError("order", f"order {order.number} has nothing to be routed: it is {order.status}")
    record(tx, task, [Event(Subject.ORDER, order_id, "To be routed again")])


def _refuse_what_cannot_ship(order: Any) -> None:
    if order.copy_of is not None:
        raise SettingsError("order", f"{order.number} is the hub's copy of another order; ship that one")
    if FulfilledBy(order.fulfilled_by).arrives_fulfilled:
        raise SettingsError("order", f"order {order.number} is shipped by {order.integration}")
    ready = (
        OrderStatus.READY_FOR_FULFILLMENT,
        OrderStatus.SENT_TO_FULFILLMENT,
        OrderStatus.PARTIALLY_FULFILLED,
    )
    if order.status not in ready:
        raise SettingsError(
            "status", f"order {order.number} is {order.status}; only one that is {ready[0].value} can be sent"
        )


def _place(tx: Transaction, name: str) -> Any:
    is_it = sa.or_(LOCATION.c.id == name, LOCATION.c.name == name, LOCATION.c.code == name)
    rows = tx.execute(sa.select(LOCATION).where(is_it, LOCATION.c.is_active)).all()
    if len(rows) != 1:
        why = "is no location that is active" if not rows else "are several locations; give the id"
        raise SettingsError("location", f"{name!r} {why}")
    if rows[0].linked_integration not in warehouses.names(tx):
        raise SettingsError("location", f"{name} is not linked to a 3PL or warehouse; link it first")
    return rows[0]


def _chosen(
    order: Any, lines: Sequence[Any], asked: Mapping[str, int], left: Mapping[str, int]
) -> dict[str, int]:
    if not any(units > 0 for units in left.values()):
        raise SettingsError("lines", f"order {order.number} has no open units that nobody was asked for")
    return line_choice.choose(order, lines, asked, left, lambda most: f"be sent; {most} are open and unasked")


def _add(tx: Transaction, task: Task, order: Any, part: Part, *, card: str) -> str:
    earlier = tx.scalar(sa.select(sa.func.count()).where(REQUEST.c.order_id == order.id)) or 0
    number = _free_number(tx, order, earlier + 1)
    key = hub_id("req", order.id, str(earlier + 1))
    tx.execute(
        sa.insert(REQUEST).values(
            id=key,
            order_id=order.id,
            number=number,
            integration=part.integration,
            location_id=part.location,
            state=RequestState.DUE,
            method=methods.find(
                tx, order.integration, order.method_here or order.shipping_method, part.integration
            ),
            card=card,
            actor=task.actor,
            is_dirty=True,
            created_at=task.now,
            updated_at=task.now,
        )
    )
    lines = sorted(line for line, units in part.units.items() if units > 0)
    rows = [
        {"request_id": key, "line_id": line, "position": place, "quantity": part.units[line]}
        for place, line in enumerate(lines, start=1)
    ]
    tx.execute(sa.insert(PART), [{**row, "quantity_stopped": 0, "quantity_released": 0} for row in rows])
    by = f"routing card {card!r}" if card else "a person"
    what = (
        f"{counted(sum(part.units.values()), 'unit')} from {_name(tx, part.location)} by {part.integration}"
    )
    record(tx, task, [Event(Subject.ORDER, order.id, f"Shipping request {number}: {what}, decided by {by}")])
    agenda.note(tx, task, Trigger.SHIPPING_REQUEST_UPDATED, [key])
    return number


def _free_number(tx: Transaction, order: Any, place: int) -> str:
    """The order's number with a suffix; with its channel's name before it where another order has that already."""
    number = f"{order.number}-{place}"
    taken = tx.execute(sa.select(REQUEST.c.id).where(REQUEST.c.number == number)).first()
    return f"{order.integration}-{number}" if taken is not None else number


def _name(tx: Transaction, location: str) -> str:
    return str(tx.scalar(sa.select(LOCATION.c.name).where(LOCATION.c.id == location)) or location)


def waiting(tx: Transaction, now: datetime) -> set[str]:
    """The warehouses that have requests to be sent, changed or stopped now."""
    is_due = sa.or_(REQUEST.c.again_at.is_(None), REQUEST.c.again_at <= now)
    return set(tx.scalars(sa.select(REQUEST.c.integration).where(REQUEST.c.is_dirty, is_due).distinct()))


def affected(tx: Transaction, numbers: Iterable[str]) -> list[str]:
    """The orders of these requests."""
    return sorted(
        {
            row.order_id
            for row in select_in(
                tx, sa.select(REQUEST.c.order_id, REQUEST.c.number), REQUEST.c.number, numbers
            )
        }
    )
