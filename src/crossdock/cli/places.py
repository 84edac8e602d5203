"""Commands about the places that hold stock."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.failures import CommandError, ListsByDefault
from crossdock.cli.output import AsJson, answer, table
from crossdock.cli.session import open_hub
from crossdock.operations import integrations, location_map, views
from crossdock.operations.spec import LocationSpec, Spec

commands = typer.Typer()
locations = typer.Typer(cls=ListsByDefault)
commands.add_typer(locations, name="locations", help="Show locations, or decide what counts.")


@locations.command("list")
def list_locations(as_json: AsJson = False) -> None:
    """Every location, and whether its stock counts."""
    with open_hub() as hub, hub.database.reading() as tx:
        found = views.locations(tx)
    rows = [
        (
            p.name,
            p.integration,
            p.kind,
            p.code,
            p.is_default,
            "yes" if p.counts else f"no: {p.reason}",
            p.linked_integration,
            p.id,
        )
        for p in found
    ]
    columns = ("Name", "Integration", "Kind", "Code", "Default", "Counts", "Linked to", "Id")
    answer(found, table("Locations", columns, rows), as_json=as_json)


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
def set_location(
    location: Annotated[str, typer.Argument(help="The name, code or id of the location.")],
    integration: Annotated[
        str, typer.Option(help="Of which integration, where several have that name.")
    ] = "",
    excluded: Annotated[
        bool | None, typer.Option("--excluded/--included", help="Whether its stock is left out everywhere.")
    ] = None,
    linked_to: Annotated[
        str | None, typer.Option(help="The integration it is linked to; '' unlinks it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Decide about one location; every number that is pushed is looked at again."""
    if excluded is None and linked_to is None:
        raise CommandError("Say what to set: --excluded, --included or --linked-to INTEGRATION")
    place = LocationSpec(location=location, integration=integration, excluded=excluded, linked_to=linked_to)
    with open_hub() as hub:
        found = hub.apply(Spec(locations=[place]))
    rows = [(each.where, each.what, each.before, each.after) for each in found]
    shown = table("Changed", ("Where", "What", "Before", "After"), rows)
    answer(found, shown if found else "Nothing to change.", as_json=as_json)
