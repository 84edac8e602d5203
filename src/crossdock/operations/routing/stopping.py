"""Cancel safety: what is canceled of an order is asked of no location any more, or its location is asked to stop it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import Trigger
from crossdock.domain.order import FulfilledBy
from crossdock.domain.shipping import RequestState
from crossdock.domain.words import counted
from crossdock.operations.automations import agenda
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.routing import request_cases, requested
from crossdock.operations.routing.request_orders import content, shipping_orders
from crossdock.operations.routing.requested import PART, REQUEST, RequestPart
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
FIXED = frozenset({RequestState.NOT_STOPPED, RequestState.STOPPED, RequestState.SHIPPED})
"""Requests of which nothing can be taken back any more."""
PAST_STOPPING = FIXED | {RequestState.STOPPING}
TAKEN = (RequestState.SENT, RequestState.UNCLEAR, RequestState.STOPPING, RequestState.NOT_STOPPED)
"""Requests that their location has, or may have, so that it has to be asked."""
REFUSED_WHOLE, _REFUSED_PART = "whole", "part"
"""The fingerprint of a request that could not be stopped says how much of it was to be; after “part” comes its content."""


def follow(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    """Take back of the requests of these orders what is not open any more. Repeating it changes nothing.

    What no location has yet comes first, and then the newest: each asks as little of others as can be.
    """
    parts = requested.parts_of(tx, order_ids)
    if not parts:
        return
    lines = {row.id: row for row in select_in(tx, sa.select(LINE), LINE.c.order_id, parts)}
    for order_id, of_order in parts.items():
        over = {
            line: units - _open(lines[line])
            for line, units in requested.left_by_line(of_order).items()
            if units > _open(lines[line])
        }
        _take_back(tx, task, order_id, of_order, over)
        settle_shipped(tx, task, of_order)
    _end_what_its_channel_shipped(tx, task, parts, lines)
    _tell_changes(tx, task, [part.request for of_order in parts.values() for part in of_order])


def _tell_changes(tx: Transaction, task: Task, requests: Sequence[Any]) -> None:
    """Orders that go elsewhere, or are of other goods, than their location was told: it is told again.

    So is one that could not take a part back: the rest of it will leave.
    """
    there = {row.id: row for row in requests if told_content(row) and not row.is_dirty}
    for key, wanted in shipping_orders(tx, task, list(there.values())).items():
        row = there[key]
        if content(wanted) != told_content(row) and any(line.quantity for line in wanted.lines):
            write(tx, task, key, is_dirty=True)
            said = f"Shipping request {row.number}: {row.integration} is told of the change of its order"
            record(tx, task, [Event(Subject.ORDER, row.order_id, said)])


def told_content(request: Any) -> str:
    """What its location has of a request that it is to ship (`request_orders.content`); empty where that is unknown."""
    if request.state == RequestState.SENT:
        return str(request.fingerprint)
    is_kept = request.state == RequestState.NOT_STOPPED and _is_refused_in_part(request)
    return str(request.fingerprint).removeprefix(_REFUSED_PART) if is_kept else ""


def refused_part(told: str) -> str:
    """The fingerprint of a request of which a part could not be taken back, from the content that its location has."""
    return _REFUSED_PART + told.removeprefix(_REFUSED_PART).removeprefix(REFUSED_WHOLE)


def _is_refused_in_part(request: Any) -> bool:
    return bool(request.fingerprint.startswith(_REFUSED_PART))


def _open(line: Any) -> int:
    return int(line.quantity - line.quantity_canceled - line.quantity_shipped)


def _take_back(
    tx: Transaction, task: Task, order_id: str, parts: Sequence[RequestPart], over: dict[str, int]
) -> None:
    fewer: dict[str, dict[str, int]] = defaultdict(dict)
    wholly = _wholly_over(parts, over)
    newest_first = list(reversed(parts))
    for part in sorted(newest_first, key=lambda part: part.is_at_location):
        taken = min(over.get(part.line_id, 0), part.left)
        if taken > 0 and (RequestState(part.request.state) not in FIXED or part.request.id in wholly):
            over[part.line_id] -= taken
            fewer[part.request.id][part.line_id] = taken
    for request_id, units in fewer.items():
        of_request = [part for part in parts if part.request.id == request_id]
        _reduce(tx, task, order_id, of_request, units)


def _wholly_over(parts: Sequence[RequestPart], over: Mapping[str, int]) -> set[str]:
    """Requests of which a part could not be taken back, and of which by now nothing is wanted: that may be possible."""
    refused = {
        part.request.id
        for part in parts
        if part.request.state == RequestState.NOT_STOPPED and _is_refused_in_part(part.request)
    }
    kept = {part.request.id for part in parts if part.left > over.get(part.line_id, 0)}
    return refused - kept


def _reduce(
    tx: Transaction, task: Task, order_id: str, parts: Sequence[RequestPart], units: dict[str, int]
) -> None:
    request = parts[0].request
    was_sent = request.state in TAKEN
    for line, taken in units.items():
        of_line = (PART.c.request_id == request.id, PART.c.line_id == line)
        more: dict[str, Any] = {"quantity_stopped": PART.c.quantity_stopped + taken}
        if not was_sent:
            more["quantity_released"] = more["quantity_stopped"]
        tx.execute(sa.update(PART).where(*of_line).values(**more))
    left = sum(part.left for part in parts) - sum(units.values())
    state = RequestState(request.state)
    if not left:
        state = RequestState.STOPPING if was_sent else RequestState.STOPPED
    if not left and any(part.shipped for part in parts):
        state = RequestState.STOPPING if was_sent else RequestState.SHIPPED
    # What was refused is told again only when a person says so.
    write(tx, task, request.id, state=state, is_dirty=was_sent or state is RequestState.DUE)
    what = counted(sum(units.values()), "unit")
    told = f"{request.integration} is asked not to ship" if was_sent else "not sent any more:"
    record(tx, task, [Event(Subject.ORDER, order_id, f"Shipping request {request.number}: {told} {what}")])
    if state is RequestState.STOPPED:
        request_cases.close(tx, task, request.id)


def stop(tx: Transaction, task: Task, number: str) -> None:
    """A person takes a whole request back. Once it is certain that they do not leave, its units are routed anew.

    Raises SettingsError where it is over, or its location could not stop it.
    """
    request = by_number(tx, number)
    state = RequestState(request.state)
    if state in FIXED or state is RequestState.STOPPING:
        said = {
            RequestState.NOT_STOPPED: f"{request.integration} could not stop it: {request.message}",
            RequestState.STOPPING: f"{request.integration} has been asked to stop it already",
        }
        raise SettingsError("number", said.get(state, f"request {number} is {state} already"))
    of_order = requested.parts_of(tx, [request.order_id])[request.order_id]
    parts = [part for part in of_order if part.request.id == request.id]
    _reduce(tx, task, request.order_id, parts, {part.line_id: part.left for part in parts if part.left})


CAN_BE_STOPPED = (
    RequestState.NOT_STOPPED,
    RequestState.STOPPING,
    RequestState.REFUSED,
    RequestState.SENT,
)
"""States in which a person may know better than the warehouse's answers what will leave."""


def stopped(tx: Transaction, task: Task, number: str) -> None:
    """A person knows that nothing more of a request will leave: its units are free, whatever its warehouse has said.

    Raises SettingsError where it is over, or no warehouse was told of it yet.
    """
    request = by_number(tx, number)
    if request.state not in CAN_BE_STOPPED:
        raise SettingsError(
            "number",
            f"request {request.number} is {request.state}; stopped are those that are "
            f"{', '.join(state.replace('_', ' ') for state in CAN_BE_STOPPED)}",
        )
    of_order = requested.parts_of(tx, [request.order_id])[request.order_id]
    parts = [part for part in of_order if part.request.id == request.id]
    _end(tx, task, parts)
    rest = sum(max(0, part.quantity - part.shipped - part.released) for part in parts)
    said = f"Shipping request {request.number}: {counted(rest, 'unit')} will not leave {request.integration}, a person says"
    record(tx, task, [Event(Subject.ORDER, request.order_id, said)])


def _end(tx: Transaction, task: Task, parts: Sequence[RequestPart]) -> None:
    """Nothing more of a request will leave; `parts` are all its lines."""
    request = parts[0].request
    for part in parts:
        rest = max(0, part.quantity - part.shipped)
        of_line = (PART.c.request_id == request.id, PART.c.line_id == part.line_id)
        tx.execute(sa.update(PART).where(*of_line).values(quantity_stopped=rest, quantity_released=rest))
    is_shipped = any(part.shipped for part in parts)
    state = RequestState.SHIPPED if is_shipped else RequestState.STOPPED
    write(tx, task, request.id, state=state, is_dirty=False, message="")
    request_cases.close(tx, task, request.id)


def _end_what_its_channel_shipped(
    tx: Transaction, task: Task, parts: Mapping[str, Sequence[RequestPart]], lines: Mapping[str, Any]
) -> None:
    """What a location packs with the label of its channel, and could not stop any more, has left once that shows it."""
    late: dict[str, list[RequestPart]] = defaultdict(list)
    for part in (part for of_order in parts.values() for part in of_order):
        if part.request.state == RequestState.NOT_STOPPED:
            late[part.request.id].append(part)
    ids = {of_request[0].request.order_id for of_request in late.values()}
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, ids)}
    for of_request in late.values():
        request, its = of_request[0].request, [lines[part.line_id] for part in of_request]
        order = orders[request.order_id]
        is_theirs = order.fulfilled_by == FulfilledBy.PLATFORM_LABEL
        has_left = any(line.quantity_shipped for line in its) and not any(map(_open, its))
        if is_theirs and has_left and any(part.left for part in of_request):
            _end(tx, task, of_request)
            said = (
                f"Shipping request {request.number} is over: {order.integration} shows its units as shipped"
            )
            record(tx, task, [Event(Subject.ORDER, order.id, said)])


def release(tx: Transaction, request_id: str) -> None:
    """What was taken back of it is certain not to leave."""
    of_request = PART.c.request_id == request_id
    tx.execute(sa.update(PART).where(of_request).values(quantity_released=PART.c.quantity_stopped))


def is_taking_back(tx: Transaction, request_id: str) -> bool:
    """Whether some of it is to be taken back, and is not certain to stay yet."""
    pending = (PART.c.request_id == request_id, PART.c.quantity_stopped != PART.c.quantity_released)
    return tx.execute(sa.select(PART.c.line_id).where(*pending).limit(1)).first() is not None


def keep(tx: Transaction, request_id: str) -> None:
    """What was to be taken back may leave all the same."""
    of_request = PART.c.request_id == request_id
    tx.execute(sa.update(PART).where(of_request).values(quantity_stopped=PART.c.quantity_released))


def by_number(tx: Transaction, number: str) -> Any:
    """The request of this number, or id. Raises SettingsError."""
    is_it = sa.or_(REQUEST.c.number == number, REQUEST.c.id == number)
    found = tx.execute(sa.select(REQUEST).where(is_it)).first()
    if found is None:
        raise SettingsError("number", f"there is no shipping request {number!r}")
    return found


def write(tx: Transaction, task: Task, request_id: str, **values: Any) -> None:
    """Change a request; each change makes an answer to what it was before say nothing of what it is now."""
    changed = {"updated_at": task.now, "marks": REQUEST.c.marks + 1, "again_at": None, "attempts": 0}
    if (state := values.get("state")) is not None and RequestState(state).is_over:
        changed["message"] = ""
    tx.execute(sa.update(REQUEST).where(REQUEST.c.id == request_id).values(**(changed | values)))
    agenda.note(tx, task, Trigger.SHIPPING_REQUEST_UPDATED, [request_id])


def settle_shipped(tx: Transaction, task: Task, parts: Iterable[RequestPart]) -> None:
    """A request of which all has left is over, and open again where some of that was taken back.

    It is not over while its location still has to hear of units that are not to leave.
    """
    by_request: dict[str, list[RequestPart]] = defaultdict(list)
    for part in parts:
        by_request[part.request.id].append(part)
    for of_request in by_request.values():
        request = of_request[0].request
        tally = _Tally.of(of_request)
        if request.state == RequestState.SHIPPED and tally.left:
            write(tx, task, request.id, state=RequestState.SENT, is_dirty=False)
        elif (
            tally.shipped
            and not tally.left
            and not (request.is_dirty and tally.at_risk)
            and request.state
            not in (
                RequestState.SHIPPED,
                RequestState.STOPPED,
                RequestState.STOPPING,
            )
        ):
            write(tx, task, request.id, state=RequestState.SHIPPED, is_dirty=False)
            request_cases.close(tx, task, request.id)


@dataclass(frozen=True, slots=True)
class _Tally:
    shipped: int
    left: int
    at_risk: int
    """Units taken back of which it is not certain that they do not leave."""

    @classmethod
    def of(cls, parts: Sequence[RequestPart]) -> _Tally:
        """Units counted whatever the state of the request says."""
        left = sum(max(0, part.quantity - part.stopped - part.shipped) for part in parts)
        at_risk = sum(part.stopped - part.released for part in parts)
        return cls(sum(part.shipped for part in parts), left, at_risk)
