"""Which units shipping requests still have to ship, and of which request it is what has left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.shipping import RequestState
from crossdock.operations.routing import requested
from crossdock.operations.routing.requested import REQUEST, RequestPart
from crossdock.store.database import Transaction
from crossdock.store.query import select_in


def parts(tx: Transaction, requests: Iterable[Any]) -> dict[str, list[RequestPart]]:
    """The lines of these requests, by the request's id."""
    rows = {row.id: row for row in requests}
    found: dict[str, list[RequestPart]] = {key: [] for key in rows}
    for of_order in requested.parts_of(tx, [row.order_id for row in rows.values()]).values():
        for part in of_order:
            if part.request.id in found:
                found[part.request.id].append(part)
    return found


def left(of_request: Iterable[RequestPart]) -> dict[str, int]:
    """Units by line that are still to be shipped with a request; lines with none are left out."""
    return {part.line_id: part.left for part in of_request if part.left}


def may_leave(of_request: Iterable[RequestPart]) -> dict[str, int]:
    """As `left`, with those that are to be stopped as long as it is not certain that they are."""
    return {part.line_id: part.held for part in of_request if part.held}


def may_have_left(of_request: Iterable[RequestPart]) -> dict[str, int]:
    """As `may_leave`, with those that were stopped: all that was asked for and is not on record as gone."""
    return {part.line_id: part.quantity - part.shipped for part in of_request if part.quantity > part.shipped}


def by_id(tx: Transaction, request_id: str) -> Any:
    """The row of this request."""
    return tx.execute(sa.select(REQUEST).where(REQUEST.c.id == request_id)).one()


def request_of(tx: Transaction, order_id: str, leaving: Mapping[str, int], request_id: str = "") -> Any:
    """The request that these units by line are of: the one named, or the only one that a location has with all of them
    open.

    None where there is none, or several could be meant. Raises SettingsError where the one named has fewer open.
    """
    statement = sa.select(REQUEST).where(REQUEST.c.order_id == order_id).order_by(REQUEST.c.number)
    rows = [row for row in tx.execute(statement) if RequestState(row.state).is_at_location]
    still = {key: may_leave(some) for key, some in parts(tx, rows).items()}
    if request_id:
        row = next(each for each in rows if each.id == request_id)
        for line, quantity in leaving.items():
            if quantity > (most := still[row.id].get(line, 0)):
                raise SettingsError(
                    "lines",
                    f"{quantity} cannot be shipped; shipping request {row.number} has {most} of it open",
                )
        return row
    fitting = [row for row in rows if _covers(still[row.id], leaving)]
    return fitting[0] if len(fitting) == 1 else None


def _covers(still: Mapping[str, int], leaving: Mapping[str, int]) -> bool:
    return all(still.get(line, 0) >= quantity for line, quantity in leaving.items())


def numbered(tx: Transaction, numbers: Sequence[str]) -> list[Any]:
    """The rows of these requests in the order in which they are named. Raises SettingsError naming one that is not there."""
    found = {row.number: row for row in select_in(tx, sa.select(REQUEST), REQUEST.c.number, numbers)}
    for number in numbers:
        if number not in found:
            raise SettingsError(
                "number", f"there is no shipping request {number!r}; `crossdock requests` lists them"
            )
    return [found[number] for number in dict.fromkeys(numbers)]
