"""Routes about returns and refunds: the list, and the answers to those that wait for the seller."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import SliceQuery
from crossdock.api.problems import documented, not_found
from crossdock.domain.aftersales import ReturnAnswer, ReturnDecision
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.orders import return_answers
from crossdock.operations.views import views
from crossdock.operations.views.views import ReturnView, Slice

router = APIRouter(tags=["After sales"], responses=documented(401, 403, 422))


class ApproveReturnForm(BaseModel):
    """How a return is approved."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": {"keep": False}})

    keep: bool = Field(False, description="Whether the buyer gets the money and keeps the goods")


class RejectReturnForm(BaseModel):
    """Why a return is rejected."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"reason": "The item is not the one that was sold"}},
    )

    reason: str = Field(
        max_length=200, description="The channel's name of it, or the text that it shows for it"
    )
    note: str = Field("", max_length=500, description="What the buyer is told beside it")


class ReturnQuery(SliceQuery):
    """Which returns."""

    integration: str = Field("", description="Of this integration only")
    waiting: bool = Field(False, description="Only those that wait for the seller's answer")


@router.get("/returns", summary="Returns and refunds, the newest first")
def list_returns(_: Reader, desk: Desk, query: Annotated[ReturnQuery, Query()]) -> Slice[ReturnView]:
    with desk.database.reading() as tx:
        return views.returns(tx, **query.model_dump())


@router.post(
    "/returns/{id_or_number}/approve",
    summary="Approve a return, or goods that came back",
    responses=documented(404),
)
def approve_return(
    key: Writer, desk: Desk, id_or_number: str, form: ApproveReturnForm | None = None
) -> ReturnView:
    """`asks` of the return says which of both it is about. Its channel is told next."""
    decision = ReturnDecision.LET_KEEP if form is not None and form.keep else ReturnDecision.APPROVE
    return _answered(desk, key.name, id_or_number, ReturnAnswer(decision))


@router.post(
    "/returns/{id_or_number}/reject",
    summary="Reject a return, or goods that came back",
    responses=documented(404),
)
def reject_return(key: Writer, desk: Desk, id_or_number: str, form: RejectReturnForm) -> ReturnView:
    """A reason that the channel does not take becomes a case which lists those that it takes."""
    answer = ReturnAnswer(ReturnDecision.REJECT, form.reason, form.note)
    return _answered(desk, key.name, id_or_number, answer)


def _answered(desk: ApiDesk, actor: str, id_or_number: str, answer: ReturnAnswer) -> ReturnView:
    with desk.database.serial() as tx:
        found = views.one_return(tx, id_or_number)
        if found is None:
            raise not_found(f"return with the id or number {id_or_number!r}")
        rules = desk.hub.rules_of(found.integration)
        task = desk.task(tx, found.integration, rules=rules, actor=actor)
        return_answers.decide(tx, task, found.id, answer)
        shown = views.one_return(tx, found.id)
    desk.wake(FlowKey(found.integration, Direction.PUSH, Entity.RETURNS))
    if shown is None:
        raise not_found(f"return with the id {found.id!r}")
    return shown
