"""What can be seen of shipping requests: which location is to ship what, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.operations.orders import cancellation_requests
from crossdock.operations.routing.requested import REQUEST
from crossdock.operations.views import view_fulfillments
from crossdock.operations.views.view_fulfillments import FulfillmentView
from crossdock.operations.views.view_page import Slice, beyond, bounded, marked_moment, sliced
from crossdock.operations.warehouse import goods, still_open
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LOCATION = tables.location


@dataclass(frozen=True, slots=True)
class RequestLineView:
    """One line. `number` is its place in the request; of `quantity`, some may be stopped or shipped."""

    number: str
    line_id: str
    sku: str
    name: str
    quantity: int
    stopped: int
    shipped: int
    open: int


@dataclass(frozen=True, slots=True)
class RequestView:
    """One shipping request. `channel` has the order, `warehouse` is told; `card` is the routing card that decided.

    `message` says what it waits for, or what the warehouse said; `again_at` is when that is tried again.
    `asks_to_cancel`: the buyer does, and nobody has decided yet, so that nothing of it should leave.
    """

    number: str
    order_id: str
    order_number: str
    channel: str
    warehouse: str
    location_id: str
    location: str
    state: str
    method: str
    card: str
    actor: str
    channel_id: str
    message: str
    again_at: datetime | None
    sent_at: datetime | None
    created_at: datetime
    updated_at: datetime
    asks_to_cancel: bool
    lines: list[RequestLineView]


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """One shipping request with what has left of it."""

    request: RequestView
    fulfillments: list[FulfillmentView]


def requests(  # noqa: PLR0913  # these are the filters of a list
    tx: Transaction,
    *,
    order: str = "",
    warehouse: str = "",
    location: str = "",
    state: str = "",
    after: str = "",
    limit: int = 50,
) -> Slice[RequestView]:
    """Shipping requests, the newest first; `order` is an id or number, `location` an id, code or name. Raises MarkError."""
    statement = _selected()
    if order:
        statement = statement.where(sa.or_(REQUEST.c.order_id == order, ORDER.c.number == order))
    if warehouse:
        statement = statement.where(REQUEST.c.integration == warehouse)
    if location:
        named = (REQUEST.c.location_id, LOCATION.c.code, LOCATION.c.name)
        statement = statement.where(sa.or_(*(column == location for column in named)))
    if state:
        statement = statement.where(REQUEST.c.state == state)
    if after:
        place = marked_moment(after)
        statement = statement.where(beyond(REQUEST.c.created_at, REQUEST.c.number, place, newest=True))
    newest = (REQUEST.c.created_at.desc(), REQUEST.c.number.desc())
    rows = tx.execute(statement.order_by(*newest).limit(bounded(limit) + 1)).all()
    shown = {each.number: each for each in _views(tx, rows)}
    return sliced(
        rows,
        limit,
        to_item=lambda row: shown[row.number],
        key=lambda row: (row.created_at.isoformat(), row.number),
    )


def requests_of_order(tx: Transaction, order_id: str) -> list[RequestView]:
    """All requests of one order, the first of them first."""
    oldest = (REQUEST.c.created_at, REQUEST.c.number)
    rows = tx.execute(_selected().where(REQUEST.c.order_id == order_id).order_by(*oldest)).all()
    return _views(tx, rows)


def request(tx: Transaction, number: str) -> RequestDetail | None:
    """One request by its number."""
    rows = tx.execute(_selected().where(REQUEST.c.number == number)).all()
    if not rows:
        return None
    [shown] = _views(tx, rows)
    return RequestDetail(shown, view_fulfillments.of_request(tx, rows[0].id))


def _selected() -> sa.Select[Any]:
    return (
        sa.select(
            REQUEST,
            ORDER.c.number.label("order_number"),
            ORDER.c.integration.label("channel"),
            LOCATION.c.name.label("location"),
        )
        .join(ORDER, ORDER.c.id == REQUEST.c.order_id)
        .outerjoin(LOCATION, LOCATION.c.id == REQUEST.c.location_id)
    )


def _views(tx: Transaction, rows: Sequence[Any]) -> list[RequestView]:
    ids = {row.id: row for row in rows}
    parts = still_open.parts(tx, select_in(tx, sa.select(REQUEST), REQUEST.c.id, ids))
    sold = goods.of_lines(tx, [part.line_id for some in parts.values() for part in some])
    lines = {
        key: [
            RequestLineView(
                number=str(part.position),
                line_id=part.line_id,
                sku=sold[part.line_id][1].sku,
                name=sold[part.line_id][1].name,
                quantity=part.quantity,
                stopped=part.stopped,
                shipped=part.shipped,
                open=part.left,
            )
            for part in some
        ]
        for key, some in parts.items()
    }
    asked = cancellation_requests.undecided(tx, [row.order_id for row in rows])
    return [_view(row, lines[row.id], asks_to_cancel=row.order_id in asked) for row in rows]


def _view(row: Any, lines: list[RequestLineView], *, asks_to_cancel: bool) -> RequestView:
    return RequestView(
        number=row.number,
        order_id=row.order_id,
        order_number=row.order_number,
        channel=row.channel,
        warehouse=row.integration,
        location_id=row.location_id,
        location=row.location or row.location_id,
        state=row.state,
        method=row.method,
        card=row.card,
        actor=row.actor,
        channel_id=row.channel_id,
        message=row.message,
        again_at=row.again_at,
        sent_at=row.sent_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        asks_to_cancel=asks_to_cancel,
        lines=lines,
    )
