"""The commands by which a person lets an order go on, or has it wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from crossdock.cli.explaining import found
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import acting, open_hub
from crossdock.domain.order import OrderStatus
from crossdock.operations.orders import reviewing
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.store.database import Transaction

Order = Annotated[str, typer.Argument(help="The order, by its id or number.")]


def ready(order: Order, as_json: AsJson = False) -> None:
    """Mark an order ready: it was looked at and goes on."""
    _decide(order, reviewing.mark_ready, as_json=as_json)


def review(order: Order, as_json: AsJson = False) -> None:
    """Have an order wait until somebody marks it ready."""
    _decide(order, reviewing.require_review, as_json=as_json)


def _decide(order: str, decide: Callable[[Transaction, Task, str], OrderStatus], *, as_json: bool) -> None:
    with open_hub() as hub, hub.database.serial() as tx:
        shown = found(views.order_to_change(tx, order), f"order {order}")
        status = decide(tx, acting(hub, tx, shown.integration), shown.id)
    later = reviewing.held_later(status) if decide is reviewing.require_review else ""
    answer({"id": shown.id, "status": status}, f"Order {shown.number}: {status}{later}", as_json=as_json)
