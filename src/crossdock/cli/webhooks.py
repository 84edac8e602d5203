"""A command about webhooks: whether the platforms' events come, how late, and what still waits."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from crossdock.cli.output import AsJson, answer, moment
from crossdock.cli.session import open_hub
from crossdock.cli.tables import table
from crossdock.connectors.contract import SendsWebhooks
from crossdock.connectors.registry import CONNECTORS
from crossdock.operations.setup.hints import Spread
from crossdock.operations.views import views
from crossdock.operations.views.views import HintedFlow, WebhookView

commands = typer.Typer()

COLUMNS = ("Integration", "Events", "Last", "Last hour", "Looked after", "Restored")
DELAYS = ("Flow", "Hints", "Delivery", "Wait", "Run", "In all", "p95", "p99", "Waiting")


@commands.command()
def webhooks(as_json: AsJson = False) -> None:
    """Whether the platforms' events come, how long they take until a run has looked (seconds, p50), and what waits."""
    kinds = [key for key, kind in CONNECTORS.items() if issubclass(kind, SendsWebhooks)]
    with open_hub() as hub, hub.database.reading() as tx:
        found = views.webhooks(tx, kinds)
    rows = [
        (
            each.integration,
            each.state,
            each.last_delivery_at,
            each.delivered_last_hour,
            each.checked_at,
            each.restored_at,
        )
        for each in found
    ]
    notes = [(each.integration, said) for each in found for said in _notes(each)]
    health = table("Webhooks", COLUMNS, rows, notes=notes, gives_way=("Looked after", "Restored"))
    delays = table("Delays", DELAYS, [_delay(flow) for each in found for flow in each.flows])
    answer(found, health, delays, as_json=as_json)


def _notes(each: WebhookView) -> Iterator[str]:
    if each.state != "registered":
        why = f": {each.reason}" if each.reason else ""
        yield f"no events are asked for, the hub polls{why}"
    if each.restored_at:
        yield f"restored at {moment(each.restored_at)}: {each.restored_why}"


def _delay(each: HintedFlow) -> tuple[object, ...]:
    parts = [_seconds(spread.p50) for spread in (each.delivery, each.wait, each.run, each.total)]
    return (each.flow, each.hints, *parts, *_tail(each.total), each.waiting)


def _tail(spread: Spread) -> tuple[str, str]:
    return _seconds(spread.p95), _seconds(spread.p99)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
