"""Commands about stock that people decide: counts, files, previews and bundles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from crossdock.app import Hub
from crossdock.cli.failures import CommandError
from crossdock.cli.output import After, AsJson, Limit, answer, more
from crossdock.cli.session import acting, open_hub
from crossdock.cli.tables import table
from crossdock.cli.units import units_by_sku
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.catalog import bundles
from crossdock.operations.stock import offering, own_stock, stock_file
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.stock.stock_file import FileError, Imported
from crossdock.operations.views import views
from crossdock.sync import lease

BAD_ROWS = 2


def set_record(  # noqa: PLR0913  # each is one thing that can be set
    sku: Annotated[str, typer.Argument(help="The master SKU, to the letter.")],
    location: Annotated[str, typer.Option(help="The name, code or id of the location.")],
    on_hand: Annotated[int | None, typer.Option(help="A count: so many units are there.")] = None,
    receive: Annotated[
        int | None, typer.Option(help="Units that came in; negative for those that went.")
    ] = None,
    unavailable: Annotated[int | None, typer.Option(help="Units that may not be sold.")] = None,
    buffer: Annotated[int | None, typer.Option(help="Units held back from every channel.")] = None,
    future: Annotated[int | None, typer.Option(help="Units that will come and may be promised.")] = None,
    inbound: Annotated[int | None, typer.Option(help="Units that are on their way.")] = None,
    lock: Annotated[
        bool | None, typer.Option("--lock/--unlock", help="Whether readings leave it as it is.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the ledger.")] = "",
    as_json: AsJson = False,
) -> None:
    """Count a SKU at a location, or set its buffer, lock and future units."""
    wanted = RecordChange(
        on_hand=on_hand,
        receive=receive,
        unavailable=unavailable,
        buffer=buffer,
        future=future,
        inbound=inbound,
        is_locked=lock,
        reason=reason,
    )
    if wanted == RecordChange(reason=reason):
        raise CommandError("Say what to set, such as --on-hand UNITS")
    with open_hub() as hub:
        with hub.database.serial() as tx:
            task = acting(hub, tx)
            own_stock.change(tx, task, sku, location, wanted)
            place, variant = own_stock.find_location(tx, task, location), own_stock.counted_variant(tx, sku)
            levels = views.levels_of(tx, [variant.id])[variant.id]
        _wake_pushes(hub)
    level = next(each for each in levels if each.location_id == place.id)
    columns = ("Location", "On hand", "Committed", "Unavailable", "Available", "Future", "Buffer", "Locked")
    row = (
        level.location,
        level.on_hand,
        level.committed,
        level.unavailable,
        level.available,
        level.future,
        level.buffer,
        level.is_locked,
    )
    answer(level, table(sku, columns, [row]), as_json=as_json)


def import_stock(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns sku, location, on_hand.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in a file of counts. Bad rows are reported, the rest is taken."""
    with open_hub() as hub:
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                done = stock_file.take_file(
                    hub.database, lambda tx: acting(hub, tx), lines, is_dry_run=dry_run
                )
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file}: the file has to be UTF-8") from None
        except FileError as error:
            raise CommandError(f"{file}: {error}") from None
        if not dry_run:
            _wake_pushes(hub)
    answer(done, *_shown(done), as_json=as_json)
    if done.bad:
        raise typer.Exit(BAD_ROWS)


def _shown(done: Imported) -> Iterator[RenderableType]:
    would = "would be " if done.is_dry_run else ""
    yield f"{done.changed} counts {would}changed, {done.unchanged} unchanged, {len(done.bad)} rows not taken"
    if done.bad:
        rows = [(each.line, each.column, each.value, each.problem) for each in done.bad]
        yield table("Not taken", ("Line", "Column", "Value", "Problem"), rows)


def preview(
    name: Annotated[str, typer.Argument(help="The integration that would receive the numbers.")],
    search: Annotated[str, typer.Option(help="Part of a title or SKU.")] = "",
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """The totals that an integration would receive now, beside what it last confirmed."""
    with open_hub() as hub:
        hub.integration(name)
        rules = hub.rules_of(name)
        with hub.database.reading() as tx:
            on = offering.channel(tx, name, rules)
            listed = views.preview(tx, on, search=search, after=after, limit=limit)
    rows = [
        (
            each.sku,
            each.title,
            "left alone" if each.offered is None else each.offered,
            "" if each.confirmed is None else each.confirmed,
            each.is_different,
            each.reason,
        )
        for each in listed.items
    ]
    columns = ("SKU", "Title", "Would receive", "Last confirmed", "Differs", "Why not")
    answer(listed, table(f"Preview for {name}", columns, rows), *more(listed.next), as_json=as_json)


def components(
    sku: Annotated[str, typer.Argument(help="The master SKU of the bundle.")],
    component: Annotated[
        list[str] | None, typer.Option(help="SKU=QUANTITY; once for each component.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="It is no bundle any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a bundle is put together from, or set it."""
    with open_hub() as hub:
        if component or none:
            if component and none:
                raise CommandError("Name components, or say --none, not both")
            wanted = units_by_sku("--component", component or ())
            with hub.database.serial() as tx:
                bundles.set_components(tx, acting(hub, tx), sku, wanted)
            _wake_pushes(hub)
        with hub.database.reading() as tx:
            found = bundles.components(tx, sku)
    rows = [
        (each.sku, each.title, each.quantity, each.is_stock_tracked, not each.is_removed) for each in found
    ]
    columns = ("SKU", "Title", "Quantity", "Counted", "In the catalog")
    answer(found, table(f"Components of {sku}", columns, rows), as_json=as_json)


def _wake_pushes(hub: Hub) -> None:
    with hub.database.reading() as tx:
        dirty = publishing.dirty_flows(tx)
    for name, entity in dirty:
        lease.want(hub.database, FlowKey(name, Direction.PUSH, Entity(entity)))
