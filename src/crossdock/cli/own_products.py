"""Commands that give the hub products of its own, from files or one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from crossdock.app import Hub
from crossdock.cli.failures import CommandError
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import acting, open_hub
from crossdock.cli.tables import table
from crossdock.domain.own_catalog import FaultyError
from crossdock.domain.product_csv import HeaderError, from_cells
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.catalog import own_products, product_files
from crossdock.operations.catalog.own_products import Became, NotOursError
from crossdock.operations.catalog.product_files import Report
from crossdock.operations.task import HUB
from crossdock.sync import lease

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
Currency = Annotated[
    str, typer.Option(help="The currency of prices that are given without one, such as USD.")
]
FAULTY_ROWS = 2


def import_products(
    file: Annotated[Path, typer.Argument(help="A CSV file, one row per variant.")],
    currency: Currency = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in a CSV file of products. Bad rows are reported, the rest is taken."""
    with open_hub() as hub, _reading(file) as lines:
        try:
            report = product_files.take(
                hub.database, lambda tx: acting(hub, tx), lines, currency=currency, is_preview=dry_run
            )
        except HeaderError as error:
            raise CommandError(f"{file}: {error}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file}: the file has to be UTF-8") from None
        if not dry_run:
            _wake_pushes(hub)
    answer(report, *_shown(report), as_json=as_json)
    if report.faulty_rows:
        raise typer.Exit(FAULTY_ROWS)


@contextmanager
def _reading(file: Path) -> Iterator[Iterator[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            yield lines
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None


def _shown(report: Report) -> Iterator[RenderableType]:
    would = "would be " if report.is_preview else ""
    yield (
        f"{report.rows} rows: {report.created} products {would}created, {report.changed} changed, "
        f"{report.unchanged} unchanged, {report.refused} refused; {report.faulty_rows} faulty rows"
    )
    if report.faults:
        rows = [(fault.line, fault.column, fault.value, fault.problem) for fault in report.faults]
        yield table("Faults", ("Line", "Column", "Value", "Problem"), rows)
    yield from report.notes


def export_products(
    file: Annotated[Path, typer.Argument(help="Where to write the CSV file.")],
    source: Annotated[str, typer.Option(help="Products of this integration instead of the hub's own.")] = HUB,
    as_json: AsJson = False,
) -> None:
    """Write products to a CSV file that `import` reads again."""
    with open_hub() as hub, file.open("w", encoding="utf-8", newline="") as out:
        if source != HUB:
            hub.integration(source)
        count = product_files.write(hub.database, source, out)
    answer({"file": str(file), "products": count}, f"{count} products written to {file}", as_json=as_json)


def set_product(
    product: Annotated[str, typer.Argument(help="Your own name of the product.")],
    values: Annotated[
        list[str], typer.Argument(help="COLUMN=VALUE, as in a file: title=Mug sku=MUG-1 price=9.90.")
    ],
    currency: Currency = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Create a product of the hub's own or change one: a row of a file, given by hand."""
    cells = dict(_pair(value) for value in values)
    try:
        entry = from_cells({"product": product, **cells})
    except HeaderError as error:
        raise CommandError(str(error)) from None
    with open_hub() as hub:
        with hub.database.serial() as tx:
            (given,) = own_products.take(tx, acting(hub, tx), [entry], currency=currency, is_preview=dry_run)
        if given.became is Became.REFUSED:
            raise CommandError("; ".join(f"{fault.field}: {fault.problem}" for fault in given.faults))
        if not dry_run:
            _wake_pushes(hub)
    document = {"product": given.key, "became": given.became, "is_dry_run": dry_run, "notes": given.notes}
    would = "would be " if dry_run else ""
    answer(document, f"{product}: {would}{given.became}", *given.notes, as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"{text!r} is no COLUMN=VALUE")
    return name.strip().casefold(), value


def remove_product(
    product: Annotated[str, typer.Argument(help="Your own name of the product, its id, or a SKU.")],
    only_sku: Annotated[bool, typer.Option(help="Only the variant with this SKU.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a product of the hub's own off: channels stop offering it, its history stays."""
    with open_hub() as hub:
        with hub.database.serial() as tx:
            try:
                key = own_products.key_of(tx, product)
                if only_sku:
                    own_products.remove_variant(tx, acting(hub, tx), product)
                else:
                    own_products.remove(tx, acting(hub, tx), key)
            except LookupError:
                raise CommandError(f"There is no product {product!r}") from None
            except (NotOursError, FaultyError) as error:
                raise CommandError(str(error)) from None
        _wake_pushes(hub)
    answer({"removed": product}, f"{product} is removed.", as_json=as_json)


def _wake_pushes(hub: Hub) -> None:
    with hub.database.reading() as tx:
        dirty = publishing.dirty_flows(tx)
    for name, entity in dirty:
        lease.want(hub.database, FlowKey(name, Direction.PUSH, Entity(entity)))
