"""Commands about routing: its cards, rehearsals of orders, and what the cards cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from crossdock.cli.explaining import found
from crossdock.cli.failures import CommandError, ListsByDefault
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import acting, open_hub
from crossdock.cli.tables import table
from crossdock.cli.units import units_by_sku
from crossdock.domain.filters import Filters
from crossdock.domain.routing import Card, Destination, Region
from crossdock.operations.routing import card_views, cards, coverage, rehearsal, reporting
from crossdock.operations.routing.card_views import CardView
from crossdock.operations.routing.cards import Kept
from crossdock.operations.routing.rehearsal import Rehearsal, Sample
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.store.database import Transaction

commands = typer.Typer()
routing_commands = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    routing_commands,
    name="routing",
    help="Show and change routing cards, rehearse orders, and see what the cards cover.",
)

Name = Annotated[str, typer.Argument(help="The name of the card.")]
To = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        help="LOCATION, or LOCATION=US,CA:Ontario,CA:Quebec with the regions it ships to; the preferred one first.",
    ),
]
Filter = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        help="NAME=VALUE, as channels=my-shop,my-store or min_total=50; countries, states, skus, tags, without_tags, "
        "methods, max_total, min_weight and max_weight (grams) as well. NAME= clears it.",
    ),
]
Split = Annotated[
    bool | None, typer.Option("--split/--no-split", help="Whether several locations may share an order.")
]
Blind = Annotated[
    bool | None,
    typer.Option("--no-stock-check/--stock-check", help="Whether inventory is not checked."),
]
Future = Annotated[
    bool | None,
    typer.Option("--future/--no-future", help="Whether stock that is still to come counts."),
]
On = Annotated[bool | None, typer.Option("--on/--off", help="Whether the card is tried.")]
Position = Annotated[int | None, typer.Option(help="When it is tried, from 1 on.")]

LISTS = ("channels", "countries", "states", "skus", "tags", "without_tags", "methods")
NUMBERS = ("min_total", "max_total", "min_weight", "max_weight")


@routing_commands.command("list")
def list_cards(as_json: AsJson = False) -> None:
    """All cards, in the order in which they are tried."""
    with open_hub() as hub, hub.database.reading() as tx:
        listed = card_views.every(tx)
    rows = [
        (each.position, each.name, each.is_on, [d.location for d in each.destinations], _switches(each))
        for each in listed
    ]
    notes = [(each.name, d.why_not) for each in listed for d in each.destinations if d.why_not]
    columns = ("Tried", "Name", "On", "Locations", "Switches")
    answer(listed, table("Routing cards", columns, rows, notes=notes), as_json=as_json)


@routing_commands.command("show")
def show_card(name: Name, as_json: AsJson = False) -> None:
    """One card: its filters, its locations by preference, and its switches."""
    with open_hub() as hub, hub.database.reading() as tx:
        shown = card_views.of(tx, cards.get(tx, name))
    _answer_card(shown, as_json=as_json)


@routing_commands.command("add")
def add_card(  # noqa: PLR0913  # each is one thing that a card says
    name: Name,
    to: To = None,
    filter_: Filter = None,
    split: Split = None,
    no_stock_check: Blind = None,
    future: Future = None,
    on: On = None,
    position: Position = None,
    as_json: AsJson = False,
) -> None:
    """Add a card, behind all others unless --position says otherwise."""
    wanted = Card(
        name,
        tuple(_destination(text) for text in to or ()),
        _filters(Filters(), filter_ or ()),
        allows_split=bool(split),
        ignores_stock=bool(no_stock_check),
        sends_future=bool(future),
    )

    def added(tx: Transaction, task: Task) -> Kept:
        return cards.add(tx, task, wanted, is_on=on is not False, position=position)

    _change(added, as_json=as_json)


@routing_commands.command("change")
def change_card(  # noqa: PLR0913  # each is one thing that a card says
    name: Name,
    to: To = None,
    filter_: Filter = None,
    split: Split = None,
    no_stock_check: Blind = None,
    future: Future = None,
    on: On = None,
    rename: Annotated[str | None, typer.Option(help="Another name for it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a card: what is not named stays, but --to names all of its locations anew."""
    given = {"name": rename, "allows_split": split, "ignores_stock": no_stock_check, "sends_future": future}
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if to:
        values["destinations"] = tuple(_destination(text) for text in to)

    def changed(tx: Transaction, task: Task) -> Kept:
        was = cards.get(tx, name)
        filters = _filters(was.card.filters, filter_ or ())
        wanted = replace(was.card, filters=filters, **values)
        return cards.change(tx, task, name, wanted, is_on=was.is_on if on is None else on)

    _change(changed, as_json=as_json)


@routing_commands.command("move")
def move_card(
    name: Name,
    position: Annotated[int, typer.Argument(help="When it is to be tried, from 1 on.")],
    as_json: AsJson = False,
) -> None:
    """Have a card tried sooner or later."""
    _change(lambda tx, task: cards.move(tx, task, name, position), as_json=as_json)


@routing_commands.command("remove")
def remove_card(name: Name, as_json: AsJson = False) -> None:
    """Remove a card for good; orders on their way stay where they are."""
    with open_hub() as hub, hub.database.serial() as tx:
        was = card_views.of(tx, cards.get(tx, name))
        cards.remove(tx, acting(hub, tx), name)
    answer(was, f"Routing card {was.name} is removed.", as_json=as_json)


@routing_commands.command("rehearse")
def rehearse(  # noqa: PLR0913  # each is one thing that a made-up order has
    order: Annotated[str, typer.Option(help="A past order, by its id or number.")] = "",
    country: Annotated[str, typer.Option(help="Of a made-up order, in two letters, such as US.")] = "",
    line: Annotated[list[str] | None, typer.Option(help="SKU=QUANTITY, as often as needed.")] = None,
    channel: Annotated[str, typer.Option(help="The integration that it would come from.")] = "",
    state: Annotated[str, typer.Option(help="The state or province.")] = "",
    total: Annotated[str, typer.Option(help="Its total, such as 49.90.")] = "",
    currency: Annotated[str, typer.Option(help="The currency of the total.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="A tag, as often as needed.")] = None,
    method: Annotated[str, typer.Option(help="Its shipping method.")] = "",
    weight: Annotated[str, typer.Option(help="In grams; that of its variants if not said.")] = "",
    as_json: AsJson = False,
) -> None:
    """Where a past or a made-up order would go today, and why the other cards and locations would not get it."""
    if bool(order) == bool(country):
        raise CommandError("Name a past order with --order, or a made-up one with --country and --line")
    sample = Sample(
        channel,
        country,
        units_by_sku("--line", line or ()),
        state=state,
        total=_number("--total", total) or Decimal(0),
        currency=currency,
        tags=tuple(tag or ()),
        method=method,
        weight=_number("--weight", weight),
    )
    with open_hub() as hub, hub.database.reading() as tx:
        task = acting(hub, tx)
        if order:
            shown = found(views.order_to_change(tx, order), f"order {order}")
            rehearsed = found(rehearsal.of_order(tx, task, shown.id), f"order {order}")
        else:
            rehearsed = rehearsal.of_sample(tx, task, sample)
    _answer_rehearsal(rehearsed, as_json=as_json)


@routing_commands.command("coverage")
def show_coverage(
    days: Annotated[int, typer.Option(help="How many days back orders are looked at.")] = 30,
    as_json: AsJson = False,
) -> None:
    """What the cards cover: locations that can ship, orders of the past days, and what nobody takes."""
    with open_hub() as hub, hub.database.reading() as tx:
        shown = coverage.report(tx, acting(hub, tx), days=days)
    rows = [
        (
            each.card,
            each.is_on,
            [d.location for d in each.destinations if not d.why_not],
            each.orders,
            each.shadowed_by + (" (never reached)" if each.is_never_reached else ""),
        )
        for each in shown.cards
    ]
    notes = [(each.card, d.why_not) for each in shown.cards for d in each.destinations if d.why_not]
    limit = " (the newest of more)" if shown.is_cut else ""
    columns = ("Card", "On", "Can ship from", "Orders", "Behind a card for all")
    unnamed = ", ".join(shown.unnamed_locations) or "none"
    answer(
        shown,
        table("Routing cards", columns, rows, notes=notes),
        f"Orders of the last {days} days: {shown.orders}{limit}; by location preferences {shown.preferred}, "
        f"by no card {shown.unrouted}",
        table("Lacked most often", ("What", "Orders"), [(each.what, each.orders) for each in shown.lacked]),
        table(
            "Countries without a card",
            ("Country", "Orders"),
            [(each.what, each.orders) for each in shown.uncovered_countries],
        ),
        f"Locations that no card names: {unnamed}",
        as_json=as_json,
    )


def _change(what: Callable[[Transaction, Task], Kept], *, as_json: bool) -> None:
    with open_hub() as hub, hub.database.serial() as tx:
        shown = card_views.of(tx, what(tx, acting(hub, tx)))
    _answer_card(shown, as_json=as_json)


def _answer_card(shown: CardView, *, as_json: bool) -> None:
    filters = [(name, _plain(getattr(shown.filters, name))) for name in (*LISTS, *NUMBERS)]
    rows = [("Tried as number", str(shown.position)), ("On", "yes" if shown.is_on else "no")]
    rows += [(name.replace("_", " ").capitalize(), value) for name, value in filters if value]
    rows += [("Switches", _switches(shown))] if _switches(shown) else []
    places = [(d.location, _regions(d.regions), d.why_not or "can ship") for d in shown.destinations]
    answer(
        shown,
        table(f"Routing card {shown.name}", ("What", "Is"), rows),
        table("Locations by preference", ("Location", "Ships to", "State"), places),
        as_json=as_json,
    )


def _answer_rehearsal(shown: Rehearsal, *, as_json: bool) -> None:
    rows = [(each.card, "takes it" if each.wins else "", "; ".join(each.why)) for each in shown.cards]
    places = [(each.card, spot.location, spot.why) for each in shown.cards for spot in each.locations]
    answer(
        shown,
        shown.summary,
        table("Cards", ("Card", "Outcome", "Why"), rows),
        table("Locations", ("Card", "Location", "Why"), places),
        *(f"Nothing can ship from there: {why}" for why in shown.report.unlinked if not places),
        *shown.notes,
        reporting.NO_MATTER_OF_SKUS,
        as_json=as_json,
    )


def _switches(shown: CardView) -> str:
    named = (
        (shown.allows_split, "allow split"),
        (shown.ignores_stock, "do not check inventory"),
        (shown.sends_future, "send future orders immediately"),
    )
    return ", ".join(name for is_set, name in named if is_set)


def _regions(regions: Iterable[Region]) -> str:
    told = [
        f"{each.country}: {' or '.join(each.states)}" if each.states else each.country for each in regions
    ]
    return ", ".join(told) or "everywhere"


def _plain(value: Any) -> str:
    return "" if value is None else ", ".join(value) if isinstance(value, tuple) else str(value)


def _destination(text: str) -> Destination:
    """LOCATION, or LOCATION=US,CA:Ontario; states of one country belong together."""
    location, _, given = text.partition("=")
    states: dict[str, list[str]] = {}
    for region in filter(None, (part.strip() for part in given.split(","))):
        country, _, state = region.partition(":")
        states.setdefault(country.strip(), []).extend([state.strip()] if state.strip() else [])
    return Destination(
        location.strip(), tuple(Region(country, tuple(some)) for country, some in states.items())
    )


def _filters(before: Filters, texts: Iterable[str]) -> Filters:
    """The filters with these set anew. Raises CommandError."""
    values: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or name not in (*LISTS, *NUMBERS):
            names = ", ".join((*LISTS, *NUMBERS))
            raise CommandError(f"--filter: {text!r} is not NAME=VALUE; the names are {names}")
        values[name] = (
            tuple(filter(None, (part.strip() for part in value.split(","))))
            if name in LISTS
            else _number(f"--filter {name}", value)
        )
    return replace(before, **values)


def _number(option: str, text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise CommandError(f"{option}: {text!r} is no number, such as 49.90") from None
