"""Routes about automations: rules, what they have done, and the notifications that they send."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import SliceQuery
from crossdock.api.problems import documented, not_found
from crossdock.domain.automations import Rule
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.automations import listing, outbox, rules, signing
from crossdock.operations.automations.listing import FiringView, NotificationView
from crossdock.operations.automations.outbox import NotificationState
from crossdock.operations.setup.spec_automations import AutomationSpec
from crossdock.operations.task import HUB, Task
from crossdock.operations.views.views import Slice
from crossdock.store.database import Transaction

router = APIRouter(tags=["Automations"], responses=documented(401, 403, 422))
SENDING = FlowKey(HUB, Direction.PUSH, Entity.NOTIFICATIONS)


class AutomationAnswer(BaseModel):
    """A rule as it is kept: `rule` is what a file or a request says of it."""

    id: int
    place: int = Field(description="Counted from 1: rules are asked in this order")
    does: list[str] = Field(description="Its actions in words")
    rule: AutomationSpec


class PlaceForm(BaseModel):
    """Where a rule is to be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": {"place": 1}})

    place: int = Field(ge=1, description="Counted from 1")


class SecretAnswer(BaseModel):
    """What webhooks of the hub are signed with."""

    secret: str


class FiringQuery(SliceQuery):
    """Which part of the log."""

    automation: int | None = Field(None, description="Of this automation only")


class NotificationQuery(SliceQuery):
    """Which notifications."""

    state: NotificationState | None = Field(None, description="In this state only")


@router.get(
    "/automations",
    summary="Automations in the order in which they are asked",
    response_model_exclude_none=True,
)
def list_automations(_: Reader, desk: Desk) -> list[AutomationAnswer]:
    with desk.database.reading() as tx:
        return _all(tx)


@router.post("/automations", status_code=201, summary="Add an automation", response_model_exclude_none=True)
def add_automation(
    key: Writer,
    desk: Desk,
    form: AutomationSpec,
    place: Annotated[int | None, Query(ge=1, description="Counted from 1; last if left out")] = None,
) -> AutomationAnswer:
    with desk.database.serial() as tx:
        added = rules.add(tx, _task(desk, tx, key.name), form.as_rule(), place=place)
        return _answer(tx, added)


@router.get("/automations/log", summary="What automations have done, the latest first")
def list_automation_log(_: Reader, desk: Desk, query: Annotated[FiringQuery, Query()]) -> Slice[FiringView]:
    with desk.database.reading() as tx:
        return listing.firings(tx, **query.model_dump())


@router.post("/automations/secret", summary="The secret that webhooks of the hub are signed with")
def show_webhook_secret(_: Writer, desk: Desk) -> SecretAnswer:
    """It is made when it is asked for, or needed, for the first time."""
    with desk.database.serial() as tx:
        return SecretAnswer(secret=signing.secret(tx, desk.hub.cipher, fresh=secrets.token_urlsafe(32)))


@router.post("/automations/secret/rotate", summary="Sign webhooks with a new secret from now on")
def rotate_webhook_secret(_: Writer, desk: Desk) -> SecretAnswer:
    """Receivers that are to miss nothing accept both secrets for a while."""
    with desk.database.serial() as tx:
        return SecretAnswer(secret=signing.rotate(tx, desk.hub.cipher, fresh=secrets.token_urlsafe(32)))


@router.get(
    "/automations/{automation}",
    summary="One automation",
    response_model_exclude_none=True,
    responses=documented(404),
)
def get_automation(_: Reader, desk: Desk, automation: int) -> AutomationAnswer:
    with desk.database.reading() as tx:
        return _answer(tx, automation)


@router.put(
    "/automations/{automation}",
    summary="Replace an automation",
    response_model_exclude_none=True,
    responses=documented(404),
)
def change_automation(key: Writer, desk: Desk, automation: int, form: AutomationSpec) -> AutomationAnswer:
    """On which records it has acted stays known."""
    with desk.database.serial() as tx:
        _kept(tx, automation)
        rules.change(tx, _task(desk, tx, key.name), form.as_rule(number=automation))
        return _answer(tx, automation)


@router.post(
    "/automations/{automation}/move",
    summary="Have an automation asked earlier or later",
    response_model_exclude_none=True,
    responses=documented(404),
)
def move_automation(key: Writer, desk: Desk, automation: int, form: PlaceForm) -> list[AutomationAnswer]:
    with desk.database.serial() as tx:
        rules.move(tx, _task(desk, tx, key.name), _kept(tx, automation)[1], place=form.place)
        return _all(tx)


@router.delete(
    "/automations/{automation}",
    status_code=204,
    summary="Remove an automation and its log",
    responses=documented(404),
)
def remove_automation(key: Writer, desk: Desk, automation: int) -> None:
    """What it did to records stays on their timelines."""
    with desk.database.serial() as tx:
        rules.remove(tx, _task(desk, tx, key.name), _kept(tx, automation)[1])


@router.get("/notifications", summary="Notifications of automations, the latest first")
def list_notifications(
    _: Reader, desk: Desk, query: Annotated[NotificationQuery, Query()]
) -> Slice[NotificationView]:
    with desk.database.reading() as tx:
        return listing.notifications(tx, **query.model_dump())


@router.get("/notifications/{notification}", summary="One notification", responses=documented(404))
def get_notification(_: Reader, desk: Desk, notification: str) -> NotificationView:
    with desk.database.reading() as tx:
        return _notification(tx, notification)


@router.post(
    "/notifications/{notification}/retry",
    summary="Send a notification that has not arrived once more, under the same id",
    responses=documented(404),
)
def retry_notification(key: Writer, desk: Desk, notification: str) -> NotificationView:
    with desk.database.serial() as tx:
        _notification(tx, notification)
        outbox.retry(tx, _task(desk, tx, key.name), [notification])
        found = _notification(tx, notification)
    desk.wake(SENDING)
    return found


def _task(desk: ApiDesk, tx: Transaction, actor: str) -> Task:
    return desk.task(tx, HUB, actor=actor)


def _all(tx: Transaction) -> list[AutomationAnswer]:
    return [_shown(place, rule) for place, rule in enumerate(rules.every(tx), start=1)]


def _answer(tx: Transaction, automation: int) -> AutomationAnswer:
    return _shown(*_kept(tx, automation))


def _shown(place: int, rule: Rule) -> AutomationAnswer:
    does = [str(action) for action in rule.actions]
    return AutomationAnswer(id=rule.id, place=place, does=does, rule=AutomationSpec.of_rule(rule))


def _kept(tx: Transaction, automation: int) -> tuple[int, Rule]:
    try:
        return rules.get(tx, automation)
    except LookupError:
        raise not_found(f"automation with the number {automation}") from None


def _notification(tx: Transaction, key: str) -> NotificationView:
    if (found := listing.notification(tx, key)) is None:
        raise not_found(f"notification with the id {key!r}")
    return found
