"""The command about Channel Options: what a variant is called on one channel, and whether it is synced there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import RenderableType

from crossdock.cli.explaining import found
from crossdock.cli.failures import CommandError
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import acting, open_hub
from crossdock.cli.tables import table
from crossdock.operations.catalog import channel_options
from crossdock.operations.catalog.channel_options import ChannelOptions

HIDDEN = "-"


def options(  # each is one thing that can be decided
    product: Annotated[str, typer.Argument(help="A product's id, or the master SKU of one variant.")],
    channel: Annotated[str, typer.Option(help="The integration to decide about.")] = "",
    channel_sku: Annotated[
        str | None, typer.Option(help="Its SKU there, exactly as typed; '' takes it back.")
    ] = None,
    sync: Annotated[
        bool | None, typer.Option("--sync/--no-sync", help="Whether its stock is synced there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the Channel Options of a product, or set them for one variant."""
    with open_hub() as hub:
        if channel_sku is not None or sync is not None:
            if not channel:
                raise CommandError("Say for which integration: --channel NAME")
            hub.integration(channel)
            with hub.database.serial() as tx:
                task = acting(hub, tx, channel)
                channel_options.change(tx, task, product, channel_sku=channel_sku, is_synced=sync)
        with hub.database.reading() as tx:
            shown = found(channel_options.of_product(tx, product, hub.rules_of), f"product {product}")
    answer(_document(shown), _table(shown), *([shown.hint] if shown.hint else []), as_json=as_json)


def _document(shown: ChannelOptions) -> dict[str, object]:
    """A row without a Channel SKU column has no such field, as in the API."""
    rows = [{name: value for name, value in asdict(row).items() if value is not None} for row in shown.rows]
    return asdict(shown) | {"rows": rows}


def _table(shown: ChannelOptions) -> RenderableType:
    columns = ["Channel", "SKU", "Channel SKU", "Channel sync", "Listing"]
    rows = [
        [
            row.integration,
            row.sku,
            HIDDEN if row.channel_sku is None else row.channel_sku,
            "on" if row.is_synced else "off",
            row.listing,
        ]
        for row in shown.rows
    ]
    if not shown.shows_channel_sku:
        columns.remove("Channel SKU")
        for cells in rows:
            del cells[2]
    return table("Channel Options", columns, rows)
