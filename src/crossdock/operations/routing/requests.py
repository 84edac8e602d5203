"""Shipping requests: made of what routing decides or a person asks for, and sent to the location's warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.routing import Part, Routed, Verdict
from crossdock.domain.shipping import RequestState
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import open_cases
from crossdock.operations.orders import line_choice, order_life
from crossdock.operations.routing import (
    deciding,
    making,
    reporting,
    requested,
    stopping,
    unrouted,
    warehouses,
)
from crossdock.operations.routing.making import Wish
from crossdock.operations.routing.requested import REQUEST
from crossdock.operations.routing.state import Routing
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, update_rows

ORDER = tables.order
LINE = tables.order_line
LOCATION = tables.location
CARD = tables.routing_card


def is_in_use(tx: Transaction) -> bool:
    """Whether anybody has set up where orders are to be shipped from; else they wait, and nobody is called."""
    return tx.execute(sa.select(CARD.c.id).limit(1)).first() is not None or bool(warehouses.names(tx))


def pending(tx: Transaction, *, limit: int, after: str = "") -> list[str]:
    """The next orders to route, those placed first ahead; with `after` those that come behind that order."""
    spot = sa.tuple_(ORDER.c.placed_at, ORDER.c.id)
    statement = sa.select(ORDER.c.id).where(ORDER.c.routing == Routing.PENDING)
    if after:
        placed_at = sa.select(ORDER.c.placed_at).where(ORDER.c.id == after).scalar_subquery()
        statement = statement.where(spot > sa.tuple_(placed_at, sa.literal(after)))
    return list(tx.scalars(statement.order_by(ORDER.c.placed_at, ORDER.c.id).limit(limit)))


def route(tx: Transaction, task: Task, order_ids: Sequence[str]) -> int:
    """Decide these orders and make their shipping requests; answers how many were routed.

    An order that no card takes gets a case, and is tried again when stock, cards or locations change.
    """
    verdicts = deciding.decide(tx, task, order_ids)
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, verdicts)}
    found = {key: verdict for key, verdict in verdicts.items() if isinstance(verdict, Routed)}
    _keep(tx, task, orders, verdicts)
    wishes = [Wish(orders[key], part, v.card) for key, v in found.items() for part in v.parts]
    making.make(tx, task, wishes)
    unrouted.close(tx, task, found)
    _call(tx, task, [orders[key] for key in verdicts if key not in found], verdicts)
    order_life.settle(tx, task, list(verdicts))
    routed = list(dict.fromkeys(wish.order.id for wish in wishes))
    commitments.apply(tx, task, routed)
    return len(routed)


def _keep(tx: Transaction, task: Task, orders: Mapping[str, Any], verdicts: Mapping[str, Verdict]) -> None:
    """With each order how it was decided."""
    rows: dict[str, dict[str, Any]] = {}
    for key, verdict in verdicts.items():
        is_routed = isinstance(verdict, Routed)
        rows[key] = {
            "routing": Routing.ROUTED if is_routed else Routing.FAILED,
            "routing_report": pack(reporting.describe(verdict)),
            "routed_at": task.now if is_routed else orders[key].routed_at,
        }
    update_rows(tx, ORDER, rows)


def _call(tx: Transaction, task: Task, orders: Sequence[Any], verdicts: Mapping[str, Verdict]) -> None:
    """A person must know of orders, as they were, that no card took, and their timelines say so once."""
    reports = {order.id: reporting.describe(verdicts[order.id]) for order in orders}
    news = [order.id for order in orders if order.routing_report != pack(reports[order.id])]
    said = {key: f"Not routed: {reporting.summary(reports[key])}" for key in news}
    record(tx, task, [Event(Subject.ORDER, key, what, EventStatus.FAILED) for key, what in said.items()])
    open_cases(tx, task, unrouted.cases(tx, orders, reports))


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
    [number] = making.make(tx, task, [Wish(order, Part(place.id, place.linked_integration, units))])
    order_life.settle(tx, task, [order_id])
    commitments.apply(tx, task, [order_id])
    return number


def reroute(tx: Transaction, task: Task, order_id: str) -> None:
    """Have an order decided anew: what no location has is taken back first, what one has stays with it.

    So is what is left of an order of which its channel has shipped some elsewhere, which nobody routes unasked.

    Raises SettingsError where there is nothing to route.
    """
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).one()
    _refuse_what_cannot_ship(order)
    of_order = (REQUEST.c.order_id == order_id, REQUEST.c.state.in_([RequestState.DUE, RequestState.REFUSED]))
    for row in tx.execute(sa.select(REQUEST).where(*of_order)).all():
        stopping.stop(tx, task, row.number)
    is_rest = order.status == OrderStatus.PARTIALLY_FULFILLED
    values = {"routing": Routing.PENDING, "routes_rest": is_rest or order.routes_rest}
    tx.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(**values))
    order_life.settle(tx, task, [order_id])
    state = tx.scalar(sa.select(ORDER.c.routing).where(ORDER.c.id == order_id))
    if state != Routing.PENDING:
        raise SettingsError("order", f"order {order.number} has nothing to be routed: it is {order.status}")
    record(tx, task, [Event(Subject.ORDER, order_id, "To be routed again")])


def _refuse_what_cannot_ship(order: Any) -> None:
    if order.copy_of is not None or order.stands_for:
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
