"""The demo's last step: both orders go to a manual warehouse, and what leaves it is told to the platforms."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.cli.demo.merchant import STORE, WAREHOUSE, warehouse_file
from crossdock.cli.demo.steps import Stage
from crossdock.cli.session import acting
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.setup import spec
from crossdock.operations.views import views
from crossdock.operations.views.views import RequestView
from crossdock.operations.warehouse import shipping

TRACKING = {"UPS": "1Z999AA10123456784", "USPS": "9400111899223197428490"}
"""Numbers as these carriers make them, one for each order of the demo."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """One order that left: its request, its number, and whether its platform shows it as shipped."""

    order: str
    channel: str
    request: str
    location: str
    tracking: str
    is_told: bool


def to_the_door(stage: Stage) -> list[Shipped]:
    """Set up a warehouse and a routing card, have the orders routed, ship them, and sync until both platforms know."""
    with stage.hub.database.reading() as tx:
        places = [each.id for each in views.locations(tx) if each.integration == STORE and each.is_active]
    stage.hub.apply(spec.read(warehouse_file(stage.platforms, places)))
    stage.sync_until(lambda: bool(_requests(stage, "sent")))
    sent = _requests(stage, "sent")
    made = [_ship(stage, request, carrier) for request, carrier in zip(sent, TRACKING, strict=False)]
    stage.sync_until(lambda: all(_is_told(stage, key) for key in made))
    stage.sync()
    return [
        Shipped(
            order=request.order_number,
            channel=request.channel,
            request=request.number,
            location=request.location,
            tracking=f"{carrier} {TRACKING[carrier]}",
            is_told=_is_told(stage, key),
        )
        for request, carrier, key in zip(sent, TRACKING, made, strict=False)
    ]


def _requests(stage: Stage, state: str) -> list[RequestView]:
    with stage.hub.database.reading() as tx:
        return list(views.requests(tx, warehouse=WAREHOUSE, state=state).items)


def _ship(stage: Stage, request: RequestView, carrier: str) -> str:
    with stage.hub.database.serial() as tx:
        task = acting(stage.hub, tx, request.channel)
        return shipping.ship(tx, task, request.number, Entry(Tracking(carrier, TRACKING[carrier])))


def _is_told(stage: Stage, fulfillment: str) -> bool:
    with stage.hub.database.reading() as tx:
        found = views.fulfillment(tx, fulfillment)
    return found is not None and bool(found.channels) and all(each.parcels for each in found.channels)
