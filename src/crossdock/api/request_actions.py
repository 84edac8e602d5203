"""Routes by which people act on shipping requests: ask a location, stop what was asked, or tell its warehouse again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from crossdock.api.access import Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.order_actions import order_of
from crossdock.api.problems import documented, not_found
from crossdock.domain.sync import FlowKey
from crossdock.operations.routing import by_hand, requests
from crossdock.operations.routing.requests import Ask
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.operations.views.views import RequestView
from crossdock.store.database import Transaction

router = APIRouter(tags=["Shipping requests"], responses=documented(401, 403, 404, 422))


class AskForm(BaseModel):
    """What a location is to ship of an order."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"location": "Main warehouse", "lines": {"TEA-1": 2}}},
    )

    location: str = Field(max_length=200, description="Its name, code or id; it is linked to a warehouse")
    lines: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict, description="Units by SKU or line id; empty for all that nobody was asked for"
    )


@router.post(
    "/orders/{id_or_number}/shipping-requests",
    status_code=201,
    summary="Ask a location to ship an order, or a part of it",
)
def add_shipping_request(key: Writer, desk: Desk, id_or_number: str, form: AskForm) -> RequestView:
    """In place of the routing. The location's warehouse is told next."""
    with desk.database.serial() as tx:
        order, task = order_of(desk, tx, id_or_number, key.name)
        number = requests.ask(tx, task, order, Ask(form.location, form.lines))
        shown, flows = _request(tx, number), by_hand.flows_of(tx, number)
    for flow in flows:
        desk.wake(flow)
    return shown


@router.post("/shipping-requests/{number}/stop", summary="Take a shipping request back")
def stop_request(key: Writer, desk: Desk, number: str) -> RequestView:
    """A warehouse that has it is asked not to ship. Once that is certain, its units are routed anew."""
    return _said(desk, key.name, number, by_hand.stop)


@router.post(
    "/shipping-requests/{number}/stopped", summary="Say that nothing more of a shipping request will leave"
)
def settle_stopped_request(key: Writer, desk: Desk, number: str) -> RequestView:
    """A person knows it, whatever its warehouse has said: what has not left is routed anew, unless it was canceled."""
    return _said(desk, key.name, number, by_hand.stopped)


@router.post("/shipping-requests/{number}/retry", summary="Tell a warehouse again of a shipping request")
def retry_request(key: Writer, desk: Desk, number: str) -> RequestView:
    """Where it was refused, could not be stopped, or got no clear answer."""
    return _said(desk, key.name, number, by_hand.retry)


def _said(
    desk: ApiDesk, actor: str, number: str, say: Callable[[Transaction, Task, str], list[FlowKey]]
) -> RequestView:
    with desk.database.serial() as tx:
        channel = _request(tx, number).channel
        task = desk.task(tx, channel, rules=desk.hub.rules_of(channel), actor=actor)
        flows = say(tx, task, number)
        shown = _request(tx, number)
    for flow in flows:
        desk.wake(flow)
    return shown


def _request(tx: Transaction, number: str) -> RequestView:
    if (found := views.request(tx, number)) is None:
        raise not_found(f"shipping request with the number {number!r}")
    return found.request
