"""Routes by which a person lets an order go on, or has it wait."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from crossdock.api.access import Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.problems import documented, not_found
from crossdock.domain.order import OrderStatus
from crossdock.operations.orders import reviewing
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.operations.views.views import OrderDetail
from crossdock.store.database import Transaction

router = APIRouter(tags=["Records"], responses=documented(401, 403, 404, 422))


@router.post("/orders/{id_or_number}/ready", summary="Mark an order ready: it was looked at and goes on")
def mark_order_ready(key: Writer, desk: Desk, id_or_number: str) -> OrderDetail:
    return _decided(desk, key.name, id_or_number, reviewing.mark_ready)


@router.post("/orders/{id_or_number}/review", summary="Have an order wait until a person marks it ready")
def review_order(key: Writer, desk: Desk, id_or_number: str) -> OrderDetail:
    """Only before it is sent for fulfillment."""
    return _decided(desk, key.name, id_or_number, reviewing.require_review)


def _decided(
    desk: ApiDesk, actor: str, id_or_number: str, decide: Callable[[Transaction, Task, str], OrderStatus]
) -> OrderDetail:
    with desk.database.serial() as tx:
        found = views.order_to_change(tx, id_or_number)
        if found is None:
            raise not_found(f"order with the id or number {id_or_number!r}")
        decide(tx, desk.task(tx, found.integration, actor=actor), found.id)
        shown = views.order(tx, found.id, desk.hub.cipher)
    if shown is None:
        raise not_found(f"order with the id {found.id!r}")
    return shown
