"""Makes shipping requests: their numbers and methods, their lines, and what the timelines of orders say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import sqlalchemy as sa

from crossdock.domain.automations import Trigger
from crossdock.domain.routing import Part, decider
from crossdock.domain.shipping import RequestState
from crossdock.domain.words import counted
from crossdock.operations.automations import agenda
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.routing import methods
from crossdock.operations.routing.requested import PART, REQUEST
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import hub_id
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LOCATION = tables.location


@dataclass(frozen=True, slots=True)
class Wish:
    """Lines of an order (a row of its table) that a location is to ship, by a card or, where that is empty, a person."""

    order: Any
    part: Part
    card: str = ""


def make(tx: Transaction, task: Task, wishes: Sequence[Wish]) -> list[str]:
    """Make these requests; answers their numbers. So many statements as for one are enough for all."""
    if not wishes:
        return []
    places = _places(tx, wishes)
    keys = [hub_id("req", wish.order.id, str(place)) for wish, place in zip(wishes, places, strict=True)]
    numbers = _numbers(tx, wishes, places)
    rules = methods.every(tx)
    rows, lines = [], []
    for key, number, wish in zip(keys, numbers, wishes, strict=True):
        rows.append(
            {
                "id": key,
                "order_id": wish.order.id,
                "number": number,
                "integration": wish.part.integration,
                "location_id": wish.part.location,
                "state": RequestState.DUE,
                "method": methods.choose(rules, *_shipped_by(wish)),
                "card": wish.card,
                "actor": task.actor,
                "is_dirty": True,
                "created_at": task.now,
                "updated_at": task.now,
            }
        )
        lines += _lines(key, wish.part)
    tx.execute(sa.insert(REQUEST), rows)
    tx.execute(sa.insert(PART), lines)
    record(tx, task, _events(tx, wishes, numbers))
    agenda.note(tx, task, Trigger.SHIPPING_REQUEST_UPDATED, keys)
    return numbers


def _places(tx: Transaction, wishes: Iterable[Wish]) -> list[int]:
    """Of each the place among the requests of its order, from 1."""
    ids = {wish.order.id for wish in wishes}
    statement = sa.select(REQUEST.c.order_id, sa.func.count().label("made")).group_by(REQUEST.c.order_id)
    made = Counter({row.order_id: row.made for row in select_in(tx, statement, REQUEST.c.order_id, ids)})
    places = []
    for wish in wishes:
        made[wish.order.id] += 1
        places.append(made[wish.order.id])
    return places


def _numbers(tx: Transaction, wishes: Sequence[Wish], places: Sequence[int]) -> list[str]:
    """The first choice of each that no other request has."""
    choices = [_choices(wish.order, place) for wish, place in zip(wishes, places, strict=True)]
    firsts = [next(each) for each in choices]
    taken = _taken(tx, firsts)
    numbers = []
    for number, others in zip(firsts, choices, strict=True):
        while number in taken:
            number = next(others)
            taken |= _taken(tx, [number])
        taken.add(number)
        numbers.append(number)
    return numbers


def _taken(tx: Transaction, numbers: Iterable[str]) -> set[str]:
    rows = select_in(tx, sa.select(REQUEST.c.number), REQUEST.c.number, numbers)
    return {row.number for row in rows}


def _choices(order: Any, place: int) -> Iterator[str]:
    """The order's number with a suffix; with its channel's name before it where another order has that already.

    Two orders of one channel may have the same number as well: these are counted.
    """
    number = f"{order.number}-{place}"
    yield number
    yield f"{order.integration}-{number}"
    yield from (f"{order.integration}-{number}-{again}" for again in count(2))


def _shipped_by(wish: Wish) -> tuple[str, str, str]:
    """The order's channel, its method there or as set here, and the warehouse."""
    order = wish.order
    return (order.integration, order.method_here or order.shipping_method, wish.part.integration)


def _lines(request: str, part: Part) -> list[dict[str, Any]]:
    ids = sorted(line for line, units in part.units.items() if units > 0)
    return [
        {
            "request_id": request,
            "line_id": line,
            "position": place,
            "quantity": part.units[line],
            "quantity_stopped": 0,
            "quantity_released": 0,
        }
        for place, line in enumerate(ids, start=1)
    ]


def _events(tx: Transaction, wishes: Sequence[Wish], numbers: Sequence[str]) -> list[Event]:
    ids = {wish.part.location for wish in wishes}
    statement = sa.select(LOCATION.c.id, LOCATION.c.name)
    names = {row.id: row.name for row in select_in(tx, statement, LOCATION.c.id, ids)}
    events = []
    for wish, number in zip(wishes, numbers, strict=True):
        part = wish.part
        by = decider(wish.card) if wish.card else "a person"
        units = counted(sum(part.units.values()), "unit")
        what = f"{units} from {names.get(part.location, part.location)} by {part.integration}"
        said = f"Shipping request {number}: {what}, decided by {by}"
        events.append(Event(Subject.ORDER, wish.order.id, said))
    return events
