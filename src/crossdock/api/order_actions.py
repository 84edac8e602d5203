"""Routes by which people act on an order on its way: hold it, route it, edit what is set here, put it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from crossdock.api.access import Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.problems import documented, not_found
from crossdock.operations.orders import editing, reviewing
from crossdock.operations.routing import by_hand, requests
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.operations.views.views import OrderDetail
from crossdock.store.database import Transaction

router = APIRouter(tags=["Records"], responses=documented(401, 403, 404, 422))


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HoldForm(_Form):
    """For how long an order is held, and why."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"minutes": 60, "reason": "Address is asked for"}},
    )

    minutes: int | None = Field(None, ge=1, le=reviewing.LONGEST_HOLD_MINUTES, description="From now on")
    until: AwareDatetime | None = Field(
        None, description="In place of minutes, with its time zone; without either until it is marked ready"
    )
    reason: str = Field("", max_length=500)


class NoteForm(_Form):
    """The note that goes with an order to its locations."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"note": "Gift, no invoice"}}
    )

    note: str = Field(max_length=editing.LONGEST_NOTE, description="Empty takes it away")


class MethodForm(_Form):
    """How an order is shipped, in place of its channel's method."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"method": "Next Day"}}
    )

    method: str = Field(max_length=editing.LONGEST_METHOD, description="Empty goes back to the channel's")


@router.post("/orders/{id_or_number}/hold", summary="Hold an order: nothing of it is sent meanwhile")
def hold_order(key: Writer, desk: Desk, id_or_number: str, form: HoldForm) -> OrderDetail:
    """Only before it is sent for fulfillment. Marking it ready ends the hold."""

    def hold(tx: Transaction, task: Task, order: str) -> None:
        until = reviewing.hold_end(task.now, minutes=form.minutes, until=form.until)
        reviewing.hold(tx, task, order, until=until, reason=form.reason)

    return _acted(desk, key.name, id_or_number, hold)


@router.post("/orders/{id_or_number}/route", summary="Have an order routed again")
def route_order(key: Writer, desk: Desk, id_or_number: str) -> OrderDetail:
    """What no location has yet is taken back and decided anew; what one has stays with it."""
    return _acted(desk, key.name, id_or_number, requests.reroute)


@router.put("/orders/{id_or_number}/tags/{tag:path}", summary="Give an order a tag here")
def add_order_tag(key: Writer, desk: Desk, id_or_number: str, tag: str) -> OrderDetail:
    return _acted(
        desk, key.name, id_or_number, lambda tx, task, order: editing.tag(tx, task, order, add=[tag])
    )


@router.delete("/orders/{id_or_number}/tags/{tag:path}", summary="Take a tag of the hub's away from an order")
def remove_order_tag(key: Writer, desk: Desk, id_or_number: str, tag: str) -> OrderDetail:
    return _acted(
        desk, key.name, id_or_number, lambda tx, task, order: editing.tag(tx, task, order, remove=[tag])
    )


@router.put("/orders/{id_or_number}/note", summary="Set the note that goes with an order to its locations")
def set_order_note(key: Writer, desk: Desk, id_or_number: str, form: NoteForm) -> OrderDetail:
    return _acted(
        desk, key.name, id_or_number, lambda tx, task, order: editing.note(tx, task, order, form.note)
    )


@router.put("/orders/{id_or_number}/method", summary="Ship an order by another method than its channel says")
def set_order_method(key: Writer, desk: Desk, id_or_number: str, form: MethodForm) -> OrderDetail:
    """Before any location is asked for it. Routing cards see it as well."""
    return _acted(
        desk, key.name, id_or_number, lambda tx, task, order: editing.method(tx, task, order, form.method)
    )


@router.post("/orders/{id_or_number}/archive", summary="Put an order away that is over")
def archive_order(key: Writer, desk: Desk, id_or_number: str) -> OrderDetail:
    return _acted(desk, key.name, id_or_number, editing.archive)


@router.delete("/orders/{id_or_number}/archive", summary="Take an order out of the archive")
def unarchive_order(key: Writer, desk: Desk, id_or_number: str) -> OrderDetail:
    return _acted(desk, key.name, id_or_number, editing.unarchive)


def _acted(
    desk: ApiDesk, actor: str, id_or_number: str, act: Callable[[Transaction, Task, str], Any]
) -> OrderDetail:
    with desk.database.serial() as tx:
        order, task = order_of(desk, tx, id_or_number, actor)
        act(tx, task, order)
        shown = views.order(tx, order, desk.hub.cipher)
    desk.wake(by_hand.ROUTING)
    if shown is None:
        raise not_found(f"order with the id {order!r}")
    return shown


def order_of(desk: ApiDesk, tx: Transaction, id_or_number: str, actor: str) -> tuple[str, Task]:
    """The id of the order that is meant, and the task of a person who acts on it."""
    found = views.order_to_change(tx, id_or_number)
    if found is None:
        raise not_found(f"order with the id or number {id_or_number!r}")
    rules = desk.hub.rules_of(found.integration)
    return found.id, desk.task(tx, found.integration, rules=rules, actor=actor)
