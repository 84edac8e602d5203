"""Commands about the places that hold stock."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from typing import Annotated

import typer

from crossdock.cli.failures import CommandError, ListsByDefault
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import acting, open_hub
from crossdock.cli.tables import table
from crossdock.operations.setup import integrations, spec_locations
from crossdock.operations.setup.spec import LocationSpec, Spec
from crossdock.operations.stock import location_map, own_locations
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.views import views
from crossdock.operations.views.views import LocationView

commands = typer.Typer()
locations = typer.Typer(cls=ListsByDefault)
commands.add_typer(locations, name="locations", help="Show locations, or decide what counts.")


@locations.command("list")
def list_locations(as_json: AsJson = False) -> None:
    """Every location, whether its stock counts, and whether orders can be sent there to be shipped."""
    with open_hub() as hub, hub.database.reading() as tx:
        found = views.locations(tx)
    rows = [(p.id, p.name, p.integration, p.kind, p.code, p.counts, not p.why_no_destination) for p in found]
    notes = [(p.name, "; ".join(_notes(p))) for p in found]
    columns = ("Id", "Name", "Integration", "Kind", "Code", "Counts", "Ships")
    answer(found, table("Locations", columns, rows, notes=notes, gives_way=("Code", "Kind")), as_json=as_json)


def _notes(place: LocationView) -> Iterator[str]:
    if place.is_default:
        yield "the default"
    if not place.counts:
        yield f"does not count: {place.reason}"
    if place.linked_integration:
        yield f"linked to {place.linked_integration}"


@locations.command("show")
def show_location(
    location: Annotated[str, typer.Argument(help="The name, code or id of the location.")],
    integration: Annotated[
        str, typer.Option(help="Of which integration, where several have that name.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """One location: what is decided about it, and whether routing may send orders there."""
    with open_hub() as hub, hub.database.reading() as tx:
        row = spec_locations.find(tx, LocationSpec(location=location, integration=integration))
        shown = [each for each in views.locations(tx) if row is not None and each.id == row.id]
    if not shown:
        raise CommandError(f"There is no location {location!r} to be shown")
    found = shown[0]
    rows = [
        ("Integration", found.integration),
        ("Code", found.code),
        ("Kind", found.kind),
        ("In use", found.is_active),
        ("Linked to", found.linked_integration or "no 3PL or warehouse"),
        ("Routing", found.why_no_destination or "orders can be sent here"),
        ("Counts", found.reason or "yes"),
        ("Left out for", found.excluded_for),
        ("Unlimited", found.is_unlimited),
        ("Keeps bundles", found.keeps_bundles),
    ]
    kept = [(what, value) for what, value in rows if value not in ("", [])]
    answer(found, table(f"{found.name} ({found.id})", ("What", "Is"), kept), as_json=as_json)


@locations.command("map")
def show_map(
    name: Annotated[str, typer.Argument(help="The integration whose warehouses are meant.")],
    as_json: AsJson = False,
) -> None:
    """Which location feeds which warehouse of a channel, and where the channel's orders are taken from."""
    with open_hub() as hub:
        hub.integration(name)
        rules = hub.rules_of(name)
        with hub.database.reading() as tx:
            found = location_map.of_channel(tx, name, rules, owner=integrations.truth(tx).inventory)
    feeds = [(f.location, f.warehouse or "nowhere", f.why) for f in found.feeds]
    takes = [(t.warehouse, t.kind, t.location, t.why) for t in found.takes]
    answer(
        found,
        table("Stock goes", ("From location", "To warehouse", "Why"), feeds),
        table("Orders are taken", ("Of warehouse", "Kind", "From location", "Why"), takes),
        *found.warnings,
        as_json=as_json,
    )


@locations.command("set")
def set_location(  # noqa: PLR0913  # each is one thing that can be decided
    location: Annotated[str, typer.Argument(help="The name, code or id of the location.")],
    integration: Annotated[
        str, typer.Option(help="Of which integration, where several have that name.")
    ] = "",
    excluded: Annotated[
        bool | None, typer.Option("--excluded/--included", help="Whether its stock is left out everywhere.")
    ] = None,
    linked_to: Annotated[
        str | None, typer.Option(help="The 3PL or warehouse that ships from it; '' unlinks it.")
    ] = None,
    unlimited: Annotated[
        bool | None, typer.Option("--unlimited/--limited", help="Whether whatever is asked for is there.")
    ] = None,
    keeps_bundles: Annotated[
        bool | None,
        typer.Option("--keeps-bundles/--no-keeps-bundles", help="Whether bundles are stocked here as such."),
    ] = None,
    default: Annotated[
        bool | None,
        typer.Option("--default", help="Of the hub's own: what nothing else decides is taken here."),
    ] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Of the hub's own: whether it is in use.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Decide about one location; every number that is pushed is looked at again."""
    place = LocationSpec(
        location=location,
        integration=integration,
        excluded=excluded,
        linked_to=linked_to,
        unlimited=unlimited,
        keeps_bundles=keeps_bundles,
        default=default,
        active=active,
    )
    if place == LocationSpec(location=location, integration=integration):
        raise CommandError("Say what to set, such as --excluded, --included or --linked-to INTEGRATION")
    with open_hub() as hub:
        found = hub.apply(Spec(locations=[place]), actor=getpass.getuser()).differences
    rows = [(each.where, each.what, each.before, each.after) for each in found]
    shown = table("Changed", ("Where", "What", "Before", "After"), rows)
    answer(found, shown if found else "Nothing to change.", as_json=as_json)


@locations.command("add")
def add_location(
    name: Annotated[str, typer.Argument(help="Its name.")],
    code: Annotated[str, typer.Option(help="A short code; it stays when the name changes.")] = "",
    default: Annotated[
        bool, typer.Option("--default", help="What nothing else decides is taken here.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a warehouse of the hub's own, whose stock people and files count."""
    with open_hub() as hub, hub.database.serial() as tx:
        added = own_locations.add(tx, acting(hub, tx), OwnLocation(name, code, is_default=default))
        found = next(each for each in views.locations(tx) if each.id == added)
    answer(found, f"{found.name} is added as a location of the hub.", as_json=as_json)
