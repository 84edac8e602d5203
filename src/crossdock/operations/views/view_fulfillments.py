"""What can be seen of fulfillments: what has left, and which channels know of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.domain import carriers
from crossdock.domain.channel import Parcel
from crossdock.domain.sync import Direction, Entity
from crossdock.operations.fulfillments import fulfillment_push, told_parcels
from crossdock.operations.publishing import PublicationState
from crossdock.operations.views.view_page import Slice, beyond, bounded, marked_moment, sliced
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
ORDER = tables.order
LINE = tables.order_line
VARIANT = tables.variant
PUBLICATION = tables.publication
FLOW = tables.flow
REQUEST = tables.shipping_request


class ToldState(StrEnum):
    """Whether a channel knows of a fulfillment."""

    TOLD = "told"
    WAITING = "waiting"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    """Something was sent and not answered; it is looked for there before anything is sent again."""


@dataclass(frozen=True, slots=True)
class ToldView:
    """One channel that has to know. `parcels` are its ids of what stands for the fulfillment there.

    `message` says what it waits for or why it was refused, `fix` what to do; `again_at` is when it is tried again.
    """

    integration: str
    state: str
    parcels: list[str]
    message: str
    fix: str
    again_at: datetime | None
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShippedLineView:
    """Units of one line; `line_id` and `master_sku` are empty while it is not known what they are."""

    line_id: str
    sku: str
    master_sku: str
    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class FulfillmentView:
    """One fulfillment. `integration` has the order; `source` is where the fulfillment was recorded: there, elsewhere, or
    `hub`. `channel_id` is the source's own id of it, or the reference that it was entered with. `request` is the number
    of its shipping request, and `warning` says where the tracking number does not look like one of the carrier's.
    """

    id: str
    order_id: str | None
    order_number: str
    integration: str
    source: str
    channel_id: str
    state: str
    carrier: str
    tracking_number: str
    tracking_url: str
    service: str
    warning: str
    request: str
    shipped_at: datetime | None
    lines: list[ShippedLineView]
    channels: list[ToldView]
    actor: str
    created_at: datetime
    updated_at: datetime


def fulfillments(  # noqa: PLR0913  # these are the filters of a list
    tx: Transaction,
    *,
    integration: str = "",
    order: str = "",
    state: str = "",
    search: str = "",
    after: str = "",
    limit: int = 50,
) -> Slice[FulfillmentView]:
    """Fulfillments, the newest first; `order` is an id or number. `search` looks into carriers, tracking and order numbers.

    Raises MarkError.
    """
    statement = _selected()
    if integration:
        statement = statement.where(
            sa.or_(FULFILLMENT.c.integration == integration, ORDER.c.integration == integration)
        )
    if order:
        named = (FULFILLMENT.c.order_id, ORDER.c.number, FULFILLMENT.c.order_channel_id)
        statement = statement.where(sa.or_(*(column == order for column in named)))
    if state:
        statement = statement.where(FULFILLMENT.c.state == state)
    if search:
        texts = (FULFILLMENT.c.carrier, FULFILLMENT.c.tracking_number, ORDER.c.number)
        statement = statement.where(sa.or_(*(text.icontains(search, autoescape=True) for text in texts)))
    if after:
        place = marked_moment(after)
        statement = statement.where(beyond(FULFILLMENT.c.created_at, FULFILLMENT.c.id, place, newest=True))
    newest = (FULFILLMENT.c.created_at.desc(), FULFILLMENT.c.id.desc())
    rows = tx.execute(statement.order_by(*newest).limit(bounded(limit) + 1)).all()
    shown = {each.id: each for each in _views(tx, rows)}
    return sliced(
        rows,
        limit,
        to_item=lambda row: shown[row.id],
        key=lambda row: (row.created_at.isoformat(), row.id),
    )


def of_order(tx: Transaction, order_id: str) -> list[FulfillmentView]:
    """All fulfillments of one order, the first of them first."""
    oldest = (FULFILLMENT.c.created_at, FULFILLMENT.c.id)
    rows = tx.execute(_selected().where(FULFILLMENT.c.order_id == order_id).order_by(*oldest)).all()
    return _views(tx, rows)


def fulfillment(tx: Transaction, key: str) -> FulfillmentView | None:
    """One fulfillment by its id."""
    shown = _views(tx, tx.execute(_selected().where(FULFILLMENT.c.id == key)).all())
    return shown[0] if shown else None


def of_request(tx: Transaction, request_id: str) -> list[FulfillmentView]:
    """All fulfillments of one shipping request, the first of them first."""
    oldest = (FULFILLMENT.c.created_at, FULFILLMENT.c.id)
    rows = tx.execute(_selected().where(FULFILLMENT.c.request_id == request_id).order_by(*oldest)).all()
    return _views(tx, rows)


def _selected() -> sa.Select[Any]:
    return (
        sa.select(
            FULFILLMENT,
            ORDER.c.number,
            ORDER.c.integration.label("order_integration"),
            REQUEST.c.number.label("request"),
        )
        .outerjoin(ORDER, ORDER.c.id == FULFILLMENT.c.order_id)
        .outerjoin(REQUEST, REQUEST.c.id == FULFILLMENT.c.request_id)
    )


def _views(tx: Transaction, rows: Sequence[Any]) -> list[FulfillmentView]:
    ids = [row.id for row in rows]
    lines = _lines(tx, ids)
    channels = _channels(tx, ids)
    unplaced = [row for row in rows if not lines.get(row.id)]
    masters = _masters(tx, unplaced)
    return [_view(row, lines.get(row.id) or _as_read(row, masters), channels.get(row.id, [])) for row in rows]


def _view(row: Any, lines: list[ShippedLineView], channels: list[ToldView]) -> FulfillmentView:
    return FulfillmentView(
        id=row.id,
        order_id=row.order_id,
        order_number=row.number or row.order_channel_id,
        integration=row.order_integration or row.integration,
        source=row.integration,
        channel_id=row.channel_id,
        state=row.state,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        tracking_url=row.tracking_url,
        service=row.service,
        warning=carriers.doubt(row.carrier, row.tracking_number),
        request=row.request or "",
        shipped_at=row.shipped_at,
        lines=lines,
        channels=channels,
        actor=row.actor,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _lines(tx: Transaction, fulfillment_ids: Iterable[str]) -> dict[str, list[ShippedLineView]]:
    statement = (
        sa.select(PART, LINE.c.channel_sku, LINE.c.name, VARIANT.c.sku)
        .join(LINE, LINE.c.id == PART.c.line_id)
        .outerjoin(VARIANT, VARIANT.c.id == LINE.c.variant_id)
        .order_by(LINE.c.channel_id)
    )
    found: dict[str, list[ShippedLineView]] = defaultdict(list)
    for row in select_in(tx, statement, PART.c.fulfillment_id, fulfillment_ids):
        line = ShippedLineView(row.line_id, row.channel_sku, row.sku or "", row.name, row.quantity)
        found[row.fulfillment_id].append(line)
    return found


def _masters(tx: Transaction, rows: Iterable[Any]) -> dict[str, str]:
    """SKUs by variant, for what has no line of an order."""
    parcels: list[Parcel | None] = [unpack(Parcel | None, row.body) for row in rows]
    ids = [part.variant_id for parcel in parcels if parcel for part in parcel.units if part.variant_id]
    return {row.id: row.sku for row in select_in(tx, sa.select(VARIANT), VARIANT.c.id, ids)}


def _as_read(row: Any, masters: Mapping[str, str]) -> list[ShippedLineView]:
    """What the channel says is in it, where none of it has a line of the order: not read yet, deleted, or too much."""
    parcel: Parcel | None = unpack(Parcel | None, row.body)
    return [
        ShippedLineView("", part.channel_sku, masters.get(part.variant_id, ""), "", part.quantity)
        for part in (parcel.units if parcel else ())
    ]


def _channels(tx: Transaction, fulfillment_ids: Iterable[str]) -> dict[str, list[ToldView]]:
    pushes = (FLOW.c.direction == Direction.PUSH, FLOW.c.entity == Entity.FULFILLMENTS)
    flows = {row.integration: row for row in tx.execute(sa.select(FLOW).where(*pushes))}
    statement = (
        sa.select(PUBLICATION)
        .where(PUBLICATION.c.entity == Entity.FULFILLMENTS, PUBLICATION.c.state != PublicationState.EXCLUDED)
        .order_by(PUBLICATION.c.integration)
    )
    found: dict[str, list[ToldView]] = defaultdict(list)
    for row in select_in(tx, statement, PUBLICATION.c.record_id, fulfillment_ids):
        found[row.record_id].append(_told(row, flows.get(row.integration)))
    return found


def _told(row: Any, flow: Any) -> ToldView:
    state = _state(row)
    message = row.message
    if state is ToldState.WAITING:
        message = _waits_for(row, flow)
    elif state is ToldState.UNCLEAR:
        message = message or f"{row.integration} has not answered yet"
    return ToldView(
        integration=row.integration,
        state=state,
        parcels=list(told_parcels.told(row).parcels),
        message=message,
        fix=row.fix if state is ToldState.REFUSED else "",
        again_at=row.again_at,
        told_at=row.settled_at,
    )


def _state(row: Any) -> ToldState:
    """A change of what the channel has answered for waits like anything new."""
    if row.state == PublicationState.UNCLEAR:
        return ToldState.UNCLEAR
    if row.is_dirty or row.state not in (PublicationState.SETTLED, PublicationState.REJECTED):
        return ToldState.WAITING
    return ToldState.TOLD if row.state == PublicationState.SETTLED else ToldState.REFUSED


def _waits_for(row: Any, flow: Any) -> str:
    if flow is None or not flow.is_on:
        return fulfillment_push.off_message(row.integration)
    # Why the last state of it was refused says nothing of this one.
    why = "" if row.state == PublicationState.REJECTED else row.message
    return str(flow.refusal or why or f"{row.integration} is told next")
