"""The commands that show orders: a list by what people look for, and one in full."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.console import RenderableType

from crossdock.cli import explaining
from crossdock.cli.failures import CommandError
from crossdock.cli.moments import from_day, to_day
from crossdock.cli.output import After, AsJson, Limit, answer, more
from crossdock.cli.session import open_hub, refuse_unknown
from crossdock.cli.tables import table
from crossdock.domain.order import OrderStatus
from crossdock.operations.views import views
from crossdock.operations.views.views import OrderFilters, OrderView

Search = Annotated[str, typer.Option(help="Part of a number, a platform's id or a SKU.")]
Status = Annotated[OrderStatus | None, typer.Option(help="With this status only.", case_sensitive=False)]
Location = Annotated[str, typer.Option(help="To be shipped from it, by its name, code or id.")]
From = Annotated[str, typer.Option("--from", help="Placed on that day or later, or at that moment.")]
To = Annotated[str, typer.Option("--to", help="Placed on that day at the latest, or before that moment.")]
Least = Annotated[str, typer.Option(help="Of at least so much, whatever the currency.")]
Most = Annotated[str, typer.Option(help="Of at most so much, whatever the currency.")]
Exceptions = Annotated[
    bool | None, typer.Option("--exceptions/--no-exceptions", help="With open exception cases, or without.")
]


def orders(  # noqa: PLR0913  # these are the filters of a list
    order: Annotated[str, typer.Argument(help="One order in full, by its id or number.")] = "",
    search: Search = "",
    integration: Annotated[str, typer.Option(help="Of one integration only.")] = "",
    status: Status = None,
    sku: Annotated[str, typer.Option(help="With a line of this SKU, to the letter.")] = "",
    tag: Annotated[str, typer.Option(help="With this tag, its channel's or the hub's.")] = "",
    location: Location = "",
    placed_from: From = "",
    placed_to: To = "",
    total_min: Least = "",
    total_max: Most = "",
    exceptions: Exceptions = None,
    archived: Annotated[bool, typer.Option("--archived", help="Archived ones as well.")] = False,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """Orders, the newest first."""
    if order:
        show(order, as_json=as_json)
        return
    filters = OrderFilters(
        integration=integration,
        status=status or "",
        search=search,
        sku=sku,
        tag=tag,
        location=location,
        placed_from=from_day("--from", placed_from),
        placed_before=to_day("--to", placed_to),
        total_min=_amount("--total-min", total_min),
        total_max=_amount("--total-max", total_max),
        has_exceptions=exceptions,
        is_archived=archived,
    )
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        with hub.database.reading() as tx:
            listed = views.orders(tx, filters, after=after, limit=limit)
    answer(listed, _table(listed.items), *more(listed.next), as_json=as_json)


def _table(listed: list[OrderView]) -> RenderableType:
    columns = ("Number", "Integration", "Status", "Routing", "Placed", "Total", "Tags")
    notes = [
        (o.number, f"no product has the SKU {', '.join(o.unmatched_skus)}")
        for o in listed
        if o.unmatched_skus
    ]
    rows = [_row(each) for each in listed]
    return table("Orders", columns, rows, notes=notes, gives_way=("Placed", "Tags", "Routing"))


def show(
    order: Annotated[str, typer.Argument(help="The order, by its id or number.")], as_json: AsJson = False
) -> None:
    """One order in full: how far it is, what it waits for, and what happened to it."""
    explaining.explain(explaining.Explained.ORDER, order, as_json=as_json)


def _row(o: OrderView) -> tuple[object, ...]:
    tags = ", ".join(o.tags)
    return (o.number, o.integration, o.status, o.routing, o.placed_at, f"{o.total} {o.currency}", tags)


def _amount(option: str, text: str) -> Decimal | None:
    try:
        amount = Decimal(text) if text else None
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount is not None and not amount.is_finite():
        raise CommandError(f"{option}: {text!r} is no amount, as in 19.90")
    return amount
