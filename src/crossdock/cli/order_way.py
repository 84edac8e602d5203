"""An order's way to the door in words: how far it is, what it waits for, how it was routed, and who ships what."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from crossdock.cli.output import day
from crossdock.cli.tables import table
from crossdock.cli.wording import plain, requested_lines
from crossdock.operations.views.views import OrderDetail


def way(detail: OrderDetail) -> Iterator[RenderableType]:
    """The five steps, then what is set here, then the routing and the shipping requests."""
    steps = [(step.stage, step.color, step.text) for step in detail.progress]
    yield table("Progress", ("Step", "Is", "Because"), steps)
    if detail.method:
        theirs = detail.shipping_method
        its = f" (its channel says {theirs})" if theirs and theirs != detail.method else ""
        yield Text(f"Shipping method: {detail.method}{its}")
    if detail.note:
        yield Text(f"Note: {detail.note}")
    yield from (Text(f"{problem}.") for problem in detail.problems)
    yield from (Text(f"Routing: {word}") for word in detail.routing.words[:1])
    yield from (Text(f"  {word}") for word in detail.routing.words[1:])
    if detail.requests:
        columns = ("Number", "Location", "Warehouse", "State", "Units", "Sent")
        rows = [
            (r.number, r.location, r.warehouse, plain(r.state), requested_lines(r), day(r.sent_at))
            for r in detail.requests
        ]
        notes = [(r.number, r.message) for r in detail.requests]
        yield table("Shipping requests", columns, rows, notes=notes, gives_way=("Sent", "Warehouse"))
