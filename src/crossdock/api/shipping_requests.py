"""Routes about shipping requests: what locations are to ship, their pick lists and packing slips, and what has left."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import SliceQuery
from crossdock.api.fulfillments import FulfillmentForm
from crossdock.api.problems import documented, not_found
from crossdock.documents.packing_slip import packing_slips
from crossdock.domain.shipping import RequestState
from crossdock.operations.fulfillments import fulfillment_push, fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.views import views
from crossdock.operations.views.views import FulfillmentView, RequestDetail, RequestView, Slice
from crossdock.operations.warehouse import packing, picking, shipping
from crossdock.operations.warehouse.picking import PickList
from crossdock.store.database import Transaction

router = APIRouter(tags=["Shipping requests"], responses=documented(401, 403, 422))

PDF = "application/pdf"
IS_PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page or more for each request", "content": {PDF: {}}}
}
MOST_SLIPS = 100


class ShipForm(FulfillmentForm):
    """What has left of a shipping request."""

    left_anyway: bool = Field(False, description="It left although it was stopped, or its order canceled")


class RequestQuery(SliceQuery):
    """Which shipping requests."""

    order: str = Field("", max_length=200, description="Of this order, by its id or number")
    warehouse: str = Field("", description="For this warehouse integration")
    location: str = Field("", max_length=200, description="From this location, by its id, code or name")
    state: RequestState | None = Field(None, description="In this state only")


@router.get("/shipping-requests", summary="What locations are to ship, the newest first")
def list_shipping_requests(
    _: Reader, desk: Desk, query: Annotated[RequestQuery, Query()]
) -> Slice[RequestView]:
    filters = query.model_dump() | {"state": query.state or ""}
    with desk.database.reading() as tx:
        return views.requests(tx, **filters)


@router.get(
    "/shipping-requests/{number}",
    summary="One shipping request, and what has left of it",
    responses=documented(404),
)
def get_shipping_request(_: Reader, desk: Desk, number: str) -> RequestDetail:
    with desk.database.reading() as tx:
        return _request(tx, number)


@router.post(
    "/shipping-requests/{number}/ship",
    status_code=201,
    summary="Record what has left of a shipping request",
    responses=documented(404) | {200: {"description": "It was recorded under this reference already"}},
)
def ship_request(key: Writer, desk: Desk, number: str, form: ShipForm, response: Response) -> FulfillmentView:
    """Lines are named by SKU, line id or their number in the request; none means all that is open. Every channel that has
    the order is told, where its settings say so. `warning` says where the number does not look like the carrier's.
    """
    tracking = Tracking(form.carrier, form.tracking_number, form.tracking_url, form.service)
    entry = Entry(
        tracking,
        form.lines,
        shipped_at=form.shipped_at,
        reference=form.reference,
        left_anyway=form.left_anyway,
    )
    with desk.database.serial() as tx:
        shown = _request(tx, number).request
        is_known = fulfillments.is_recorded(tx, shown.order_id, form.reference)
        rules = desk.hub.rules_of(shown.channel)
        task = desk.task(tx, shown.channel, rules=rules, actor=key.name)
        made = shipping.ship(tx, task, number, entry)
        found = views.fulfillment(tx, made)
        flows = fulfillment_push.flows_of(tx, made)
    if found is None:
        raise not_found(f"fulfillment with the id {made!r}")
    if is_known:
        response.status_code = 200
    for flow in flows:
        desk.wake(flow)
    return found


@router.get(
    "/shipping-requests/{number}/packing-slip",
    summary="The packing slip of a shipping request, as PDF",
    response_class=Response,
    responses=documented(404) | IS_PDF,
)
def get_packing_slip(_: Reader, desk: Desk, number: str) -> Response:
    """It says no prices."""
    with desk.database.reading() as tx:
        _request(tx, number)
    return _pdf(desk, [number])


@router.get(
    "/packing-slips",
    summary="The packing slips of several shipping requests, as one PDF",
    response_class=Response,
    responses=IS_PDF,
)
def get_packing_slips(
    _: Reader,
    desk: Desk,
    number: Annotated[list[str], Query(min_length=1, max_length=MOST_SLIPS, description="Again for each")],
) -> Response:
    return _pdf(desk, number)


@router.get(
    "/integrations/{name}/pick-list",
    summary="What a warehouse has to take from its shelves, location by location",
    responses=documented(404),
)
def get_pick_list(
    _: Reader,
    desk: Desk,
    name: str,
    location: Annotated[str, Query(max_length=200, description="Of this location only")] = "",
) -> list[PickList]:
    """`take_out` is what is not to be shipped after all, of the last three days: it may lie packed already."""
    if (rules := desk.rules(name)) is None:
        raise not_found(f"integration {name!r}")
    with desk.database.reading() as tx:
        return picking.pick_lists(
            tx, name, now=desk.hub.clock(), by=rules.warehouse_style.picks_by, location=location
        )


def _pdf(desk: ApiDesk, numbers: list[str]) -> Response:
    with desk.database.reading() as tx:
        names = packing.warehouses(tx, numbers)
    styles = {name: rules.warehouse_style for name in names if (rules := desk.rules(name))}
    with desk.database.reading() as tx:
        slips = packing.slips(tx, numbers, desk.hub.cipher, styles)
    name = "packing-slips.pdf" if len(slips) > 1 else "packing-slip.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(packing_slips(slips), media_type=PDF, headers=headers)


def _request(tx: Transaction, number: str) -> RequestDetail:
    if (found := views.request(tx, number)) is None:
        raise not_found(f"shipping request with the number {number!r}")
    return found
