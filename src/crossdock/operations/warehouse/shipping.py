"""What a person enters of a shipping request: the carrier and number under which its goods, or a part of them, left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import FulfilledBy
from crossdock.domain.shipping import RequestState
from crossdock.operations.fulfillments import fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry
from crossdock.operations.task import Task
from crossdock.operations.warehouse import still_open
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order
REQUEST_LINE = tables.shipping_request_line
LINE = tables.order_line
VARIANT = tables.variant


def ship(tx: Transaction, task: Task, number: str, entry: Entry) -> str:
    """Record what has left of a request: units by SKU, line id or number of the request's line, or all that is open.

    Answers the id of the fulfillment. It goes for the requests of any warehouse, such as one that phones. With
    `left_anyway` it goes for what was stopped as well, of an order that may be canceled. Raises SettingsError.
    """
    [request] = still_open.numbered(tx, [number])
    if fulfillments.is_recorded(tx, request.order_id, entry.reference):
        return _again(tx, task, request, entry)
    _refuse_what_its_channel_ships(tx, request)
    _refuse_what_is_not_there(request, left_anyway=entry.left_anyway)
    parts = still_open.parts(tx, [request])[request.id]
    still = still_open.may_have_left(parts) if entry.left_anyway else still_open.may_leave(parts)
    if not still:
        raise SettingsError("lines", f"shipping request {number} has nothing left to ship")
    leaving = _named(request, _lines(tx, request), entry.units, still) if entry.units else still
    return fulfillments.enter(tx, task, request.order_id, replace(entry, units=leaving, request=request.id))


def _again(tx: Transaction, task: Task, request: Any, entry: Entry) -> str:
    """The same reference is the same fulfillment, which is of one request only. Raises SettingsError."""
    key = fulfillments.enter(tx, task, request.order_id, entry)
    table = tables.fulfillment
    of_request = tx.scalar(sa.select(table.c.request_id).where(table.c.id == key))
    if of_request not in (request.id, None):
        raise SettingsError(
            "reference",
            f"{entry.reference!r} is of another shipping request of the order; choose another one",
        )
    return key


def _refuse_what_its_channel_ships(tx: Transaction, request: Any) -> None:
    """Nothing is said of it, such as that it may have left anyway, that would be refused next."""
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == request.order_id)).one()
    if FulfilledBy(order.fulfilled_by).arrives_fulfilled:
        raise SettingsError(
            "number",
            f"order {order.number} of {request.number} is shipped by {order.integration}, and its parcels are read from "
            "there; what left beside them is sent back, or taken off its shelf: crossdock inventory set",
        )


def _refuse_what_is_not_there(request: Any, *, left_anyway: bool) -> None:
    """What its warehouse does not have is not of the request: it would be sent there still."""
    state = RequestState(request.state)
    if left_anyway and state in (RequestState.STOPPED, RequestState.SHIPPED):
        return
    if state is RequestState.SHIPPED:
        raise SettingsError("number", f"all of {request.number} has left already")
    if not state.is_at_location:
        if state is RequestState.STOPPED:
            raise SettingsError(
                "number",
                f"{request.number} was stopped; if its goods left all the same, say so with --left-anyway (left_anyway in "
                "the API)",
            )
        was_refused = state is RequestState.REFUSED
        there = request.integration
        why = f"was not taken by {there}" if was_refused else f"has not been handed to {there} yet"
        raise SettingsError(
            "number",
            f"{request.number} {why}; what left all the same is recorded on its order: crossdock fulfillments add",
        )


def _lines(tx: Transaction, request: Any) -> Sequence[Any]:
    statement = (
        sa.select(REQUEST_LINE, LINE.c.channel_sku, LINE.c.channel_id, VARIANT.c.sku)
        .join(LINE, LINE.c.id == REQUEST_LINE.c.line_id)
        .outerjoin(VARIANT, VARIANT.c.id == LINE.c.variant_id)
        .where(REQUEST_LINE.c.request_id == request.id)
        .order_by(REQUEST_LINE.c.position)
    )
    return tx.execute(statement).all()


def _named(
    request: Any, lines: Sequence[Any], asked: Mapping[str, int], still: Mapping[str, int]
) -> dict[str, int]:
    """Units by line id. What was named twice counts together."""
    left, chosen = dict(still), dict[str, int]()
    for name, quantity in asked.items():
        meant = _meant(lines, name)
        if not meant:
            there = ", ".join(sorted({line.sku or line.channel_sku for line in lines}))
            raise SettingsError(
                "lines", f"shipping request {request.number} has no line {name!r}; it has: {there}"
            )
        most = sum(left.get(key, 0) for key in meant)
        if not 0 < quantity <= most:
            raise SettingsError(
                "lines",
                f"{quantity} of {name!r} cannot be shipped; shipping request {request.number} has {most} open",
            )
        for key in meant:
            taken = min(quantity, left.get(key, 0))
            if taken:
                chosen[key] = chosen.get(key, 0) + taken
                left[key] -= taken
                quantity -= taken
    return chosen


def _meant(lines: Sequence[Any], name: str) -> list[str]:
    """The lines of this name: a SKU or an id goes before the number of a line, which may look like one."""
    by_name = [
        line.line_id for line in lines if name in (line.sku, line.channel_sku, line.channel_id, line.line_id)
    ]
    return by_name or [line.line_id for line in lines if name == str(line.position)]
