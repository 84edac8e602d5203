"""Routes about what comes after a sale: cancellations and statements."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import SliceQuery
from crossdock.api.problems import documented, not_found
from crossdock.domain.aftersales import Answer, CancellationState, CancelReason, Decision
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.orders import cancellation_requests, cancellations
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.views import views
from crossdock.operations.views.views import CancellationView, OrderDetail, Slice, StatementView

router = APIRouter(tags=["After sales"], responses=documented(401, 403, 422))


class CancelForm(BaseModel):
    """What to cancel of an order, and why."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"reason": "out_of_stock", "lines": {"TEA-1": 1}}},
    )

    lines: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict, description="Units by SKU or line id; empty for the whole order"
    )
    reason: CancelReason = CancelReason.OTHER
    note: str = Field(
        "", max_length=500, description="For people; where the channel has a place for it, it goes there"
    )
    restock: bool = Field(True, description="Whether the units go back on sale")


class RejectForm(BaseModel):
    """Why a buyer's request is rejected."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"note": "Already packed"}}
    )

    reason: str = Field("", max_length=200, description="The channel's name of it; empty for its usual one")
    note: str = Field("", max_length=500, description="What the buyer is told beside it")


class CancellationQuery(SliceQuery):
    """Which cancellations."""

    integration: str = Field("", description="Of this integration only")
    state: CancellationState | None = Field(None, description="In this state only")


class StatementQuery(SliceQuery):
    """Which statements."""

    integration: str = Field("", description="Of this integration only")


@router.post(
    "/orders/{id_or_number}/cancel",
    summary="Cancel an order, whole or in part",
    responses=documented(404),
)
def cancel_order(key: Writer, desk: Desk, id_or_number: str, form: CancelForm) -> OrderDetail:
    """Its channel is told where the settings say so. Canceling once more what its channel was not told tells it."""
    with desk.database.serial() as tx:
        found = views.order_to_change(tx, id_or_number)
        if found is None:
            raise not_found(f"order with the id or number {id_or_number!r}")
        channel = found.integration
        task = desk.task(tx, channel, rules=desk.hub.rules_of(channel), actor=key.name)
        wish = Wish(form.lines, reason=form.reason, note=form.note, restocks=form.restock)
        cancellations.cancel(tx, task, found.id, wish)
        shown = views.order(tx, found.id, desk.hub.cipher)
    desk.wake(FlowKey(channel, Direction.PUSH, Entity.CANCELLATIONS))
    if shown is None:
        raise not_found(f"order with the id {found.id!r}")
    return shown


@router.get("/cancellations", summary="Cancellations, the newest first")
def list_cancellations(
    _: Reader, desk: Desk, query: Annotated[CancellationQuery, Query()]
) -> Slice[CancellationView]:
    filters = query.model_dump() | {"state": query.state or ""}
    with desk.database.reading() as tx:
        return views.cancellations(tx, **filters)


@router.post(
    "/cancellations/{cancellation}/approve",
    summary="Approve a buyer's request to cancel",
    responses=documented(404),
)
def approve_cancellation(key: Writer, desk: Desk, cancellation: str) -> CancellationView:
    return _decided(desk, key.name, cancellation, Answer(Decision.APPROVE))


@router.post(
    "/cancellations/{cancellation}/reject",
    summary="Reject a buyer's request to cancel",
    responses=documented(404),
)
def reject_cancellation(key: Writer, desk: Desk, cancellation: str, form: RejectForm) -> CancellationView:
    """Where the channel takes no rejection, the answer says what stands for it."""
    return _decided(desk, key.name, cancellation, Answer(Decision.REJECT, form.reason, form.note))


def _decided(desk: ApiDesk, actor: str, cancellation: str, answer: Answer) -> CancellationView:
    with desk.database.serial() as tx:
        found = views.cancellation(tx, cancellation)
        if found is None:
            raise not_found(f"cancellation with the id {cancellation!r}")
        rules = desk.hub.rules_of(found.integration)
        task = desk.task(tx, found.integration, rules=rules, actor=actor)
        cancellation_requests.decide(tx, task, cancellation, answer)
        shown = views.cancellation(tx, cancellation)
    desk.wake(FlowKey(found.integration, Direction.PUSH, Entity.CANCELLATIONS))
    if shown is None:
        raise not_found(f"cancellation with the id {cancellation!r}")
    return shown


@router.get("/statements", summary="What the channels settled, the newest first")
def list_statements(_: Reader, desk: Desk, query: Annotated[StatementQuery, Query()]) -> Slice[StatementView]:
    with desk.database.reading() as tx:
        return views.statements(tx, **query.model_dump())
