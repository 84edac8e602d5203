"""Routes about what has left: fulfillments of every channel, those that are recorded here, and orders sent to be shipped."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import SliceQuery
from crossdock.api.problems import documented, not_found
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.operations.fulfillments import fulfillment_push, fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.orders import sending
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.operations.views.views import FulfillmentView, OrderDetail, OrderView, Slice
from crossdock.store.database import Transaction

router = APIRouter(tags=["Fulfillments"], responses=documented(401, 403, 422))

EXAMPLE: dict[str, Any] = {
    "lines": {"TEA-1": 2},
    "carrier": "UPS",
    "tracking_number": "1Z999AA10123456784",
    "reference": "parcel-4711",
}


class FulfillmentForm(BaseModel):
    """What has left of an order."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": EXAMPLE})

    lines: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict, description="Units by SKU or line id; empty for all that is still open"
    )
    carrier: str = Field("", max_length=100, description="Its name, such as UPS; needed with a number")
    tracking_number: str = Field("", description="At most 50 characters without spaces")
    tracking_url: str = Field("", max_length=500, description="Where the buyer can follow the parcel")
    service: str = Field("", max_length=100, description="The carrier's service, such as Ground")
    shipped_at: AwareDatetime | None = Field(None, description="With its time zone; now where left out")
    reference: str = Field(
        "", max_length=100, description="Your own id of it: given again, it is the same fulfillment"
    )


class TrackingForm(BaseModel):
    """What is corrected; what is left out stays, but an address goes with the carrier and number it leads to."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"tracking_number": "1Z999AA10123456785"}},
    )

    carrier: str | None = Field(None, max_length=100)
    tracking_number: str | None = Field(None, description="At most 50 characters without spaces")
    tracking_url: str | None = Field(None, max_length=500)
    service: str | None = Field(None, max_length=100)


class FulfillmentQuery(SliceQuery):
    """Which fulfillments."""

    integration: str = Field("", description="Of this integration's orders, or recorded there")
    order: str = Field("", max_length=200, description="Of this order, by its id or number")
    state: FulfillmentState | None = Field(None, description="In this state only")
    search: str = Field("", max_length=200, description="Part of a carrier, a tracking or order number")


@router.get("/fulfillments", summary="What has left, the newest first, and which channels know of it")
def list_fulfillments(
    _: Reader, desk: Desk, query: Annotated[FulfillmentQuery, Query()]
) -> Slice[FulfillmentView]:
    filters = query.model_dump() | {"state": query.state or ""}
    with desk.database.reading() as tx:
        return views.fulfillments(tx, **filters)


@router.get("/fulfillments/{fulfillment}", summary="One fulfillment", responses=documented(404))
def get_fulfillment(_: Reader, desk: Desk, fulfillment: str) -> FulfillmentView:
    with desk.database.reading() as tx:
        return _fulfillment(tx, fulfillment)


@router.post(
    "/orders/{id_or_number}/fulfillments",
    status_code=201,
    summary="Record what has left of an order",
    responses=documented(404) | {200: {"description": "It was recorded under this reference already"}},
)
def add_fulfillment(
    key: Writer, desk: Desk, id_or_number: str, form: FulfillmentForm, response: Response
) -> FulfillmentView:
    """Every channel that has the order is told, where its settings say so. A `reference` given again adds nothing."""
    tracking = Tracking(form.carrier, form.tracking_number, form.tracking_url, form.service)
    entry = Entry(tracking, form.lines, shipped_at=form.shipped_at, reference=form.reference)
    with desk.database.serial() as tx:
        shown = _order(tx, id_or_number)
        is_known = fulfillments.is_recorded(tx, shown.id, form.reference)
        made = fulfillments.enter(tx, _task(desk, tx, shown.integration, key.name), shown.id, entry)
        found = _fulfillment(tx, made)
    if is_known:
        response.status_code = 200
    _wake(desk, made)
    return found


@router.patch(
    "/fulfillments/{fulfillment}",
    summary="Correct the tracking of a fulfillment that was recorded here",
    responses=documented(404),
)
def correct_fulfillment(key: Writer, desk: Desk, fulfillment: str, form: TrackingForm) -> FulfillmentView:
    """Channels that were told get the correction. What a channel recorded itself is corrected there."""
    with desk.database.serial() as tx:
        was = _fulfillment(tx, fulfillment)
        before = Tracking(was.carrier, was.tracking_number, was.tracking_url, was.service)
        tracking = before.corrected(
            carrier=form.carrier, number=form.tracking_number, url=form.tracking_url, service=form.service
        )
        fulfillments.correct(tx, _task(desk, tx, was.integration, key.name), fulfillment, tracking)
        found = _fulfillment(tx, fulfillment)
    _wake(desk, fulfillment)
    return found


@router.post(
    "/fulfillments/{fulfillment}/void",
    summary="Take back a fulfillment that was recorded here: its units are open again",
    responses=documented(404),
)
def void_fulfillment(key: Writer, desk: Desk, fulfillment: str) -> FulfillmentView:
    with desk.database.serial() as tx:
        was = _fulfillment(tx, fulfillment)
        fulfillments.void(tx, _task(desk, tx, was.integration, key.name), fulfillment)
        found = _fulfillment(tx, fulfillment)
    _wake(desk, fulfillment)
    return found


@router.post(
    "/orders/{id_or_number}/sent",
    summary="Say that an order was sent to a location to be shipped",
    responses=documented(404),
)
def mark_order_sent(key: Writer, desk: Desk, id_or_number: str) -> OrderDetail:
    """Its channel shows that where it can and its settings say so."""
    with desk.database.serial() as tx:
        shown = _order(tx, id_or_number)
        sending.mark_sent(tx, _task(desk, tx, shown.integration, key.name), shown.id)
        found = views.order(tx, shown.id, desk.hub.cipher)
        flows = sending.flows_of(tx, shown.id)
    for flow in flows:
        desk.wake(flow)
    if found is None:
        raise not_found(f"order with the id {shown.id!r}")
    return found


def _task(desk: ApiDesk, tx: Transaction, integration: str, actor: str) -> Task:
    return desk.task(tx, integration, rules=desk.hub.rules_of(integration), actor=actor)


def _order(tx: Transaction, id_or_number: str) -> OrderView:
    if (found := views.order_to_change(tx, id_or_number)) is None:
        raise not_found(f"order with the id or number {id_or_number!r}")
    return found


def _fulfillment(tx: Transaction, key: str) -> FulfillmentView:
    if (found := views.fulfillment(tx, key)) is None:
        raise not_found(f"fulfillment with the id {key!r}")
    return found


def _wake(desk: ApiDesk, fulfillment: str) -> None:
    with desk.database.reading() as tx:
        flows = fulfillment_push.flows_of(tx, fulfillment)
    for flow in flows:
        desk.wake(flow)
