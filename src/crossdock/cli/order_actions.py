"""The commands by which a person acts on an order on its way: hold it, route it, edit what is set here, put it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from crossdock.cli.explaining import found
from crossdock.cli.moments import moment_of
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import acting, open_hub
from crossdock.operations.orders import editing, reviewing
from crossdock.operations.routing import by_hand, requests
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.operations.views.views import OrderDetail
from crossdock.store.database import Transaction
from crossdock.sync import lease

Order = Annotated[str, typer.Argument(help="The order, by its id or number.")]


def hold(
    order: Order,
    minutes: Annotated[int | None, typer.Option(help="For so long, from now on.")] = None,
    until: Annotated[
        str, typer.Option(help="Until then, as 2026-03-02T10:00:00+01:00; without an end until it is ready.")
    ] = "",
    reason: Annotated[str, typer.Option(help="Why, for people.")] = "",
    as_json: AsJson = False,
) -> None:
    """Hold an order: nothing of it is sent meanwhile. Marking it ready ends the hold."""
    given = moment_of("--until", until)

    def act(tx: Transaction, task: Task, key: str) -> None:
        end = reviewing.hold_end(task.now, minutes=minutes, until=given)
        reviewing.hold(tx, task, key, until=end, reason=reason)

    _act(order, act, as_json=as_json)


def route(order: Order, as_json: AsJson = False) -> None:
    """Have an order routed again: what no location has yet is decided anew."""
    _act(order, requests.reroute, as_json=as_json)


def tag(
    order: Order,
    add: Annotated[list[str] | None, typer.Option(help="A tag to give, as often as needed.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="A tag of the hub's to take away.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give an order tags here, or take some away; those of its channel stay."""
    _act(
        order,
        lambda tx, task, key: editing.tag(tx, task, key, add=add or (), remove=remove or ()),
        as_json=as_json,
    )


def note(
    order: Order,
    text: Annotated[str, typer.Argument(help="The note; empty takes it away.")],
    as_json: AsJson = False,
) -> None:
    """Set the note that goes with an order to its locations."""
    _act(order, lambda tx, task, key: editing.note(tx, task, key, text), as_json=as_json)


def method(
    order: Order,
    name: Annotated[str, typer.Argument(help="The shipping method; empty goes back to the channel's.")],
    as_json: AsJson = False,
) -> None:
    """Ship an order by another method than its channel says, before it is requested of a location."""
    _act(order, lambda tx, task, key: editing.method(tx, task, key, name), as_json=as_json)


def archive(order: Order, as_json: AsJson = False) -> None:
    """Put an order away that is over."""
    _act(order, editing.archive, as_json=as_json)


def unarchive(order: Order, as_json: AsJson = False) -> None:
    """Take an order out of the archive."""
    _act(order, editing.unarchive, as_json=as_json)


def _act(order: str, act: Callable[[Transaction, Task, str], object], *, as_json: bool) -> None:
    with open_hub() as hub:
        with hub.database.serial() as tx:
            shown = found(views.order_to_change(tx, order), f"order {order}")
            act(tx, acting(hub, tx, shown.integration), shown.id)
            after = found(views.order(tx, shown.id, hub.cipher), f"order {order}")
        lease.want(hub.database, by_hand.ROUTING)
    answer(after, f"Order {shown.number}: {after.order.status}. {_last(after)}".rstrip(), as_json=as_json)


def _last(after: OrderDetail) -> str:
    return after.events[0].what if after.events else ""
