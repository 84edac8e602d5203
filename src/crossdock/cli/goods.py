"""Commands that show what is sold: products, stock and orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from crossdock.cli import (
    aftersales,
    explaining,
    fulfillments,
    order_actions,
    order_lists,
    order_reviews,
    own_products,
    stock,
)
from crossdock.cli.explaining import found, timeline
from crossdock.cli.failures import ListsByDefault
from crossdock.cli.options import options
from crossdock.cli.output import After, AsJson, Limit, answer, more
from crossdock.cli.session import open_hub
from crossdock.cli.tables import table
from crossdock.cli.wording import standing
from crossdock.operations.views import views
from crossdock.operations.views.views import ProductDetail, Standing, StockView

commands = typer.Typer()
product_commands = typer.Typer(cls=ListsByDefault)
order_commands = typer.Typer(cls=ListsByDefault)
inventory_commands = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    product_commands, name="products", help="Show products, or change what is the hub's to decide."
)
commands.add_typer(order_commands, name="orders", help="Show orders, or act on one.")
product_commands.command("options")(options)
product_commands.command("import")(own_products.import_products)
product_commands.command("export")(own_products.export_products)
product_commands.command("set")(own_products.set_product)
product_commands.command("remove")(own_products.remove_product)
order_commands.command("list")(order_lists.orders)
order_commands.command("show")(order_lists.show)
order_commands.command("cancel")(aftersales.cancel)
product_commands.command("components")(stock.components)
inventory_commands.command("set")(stock.set_record)
inventory_commands.command("import")(stock.import_stock)
inventory_commands.command("preview")(stock.preview)
order_commands.command("ready")(order_reviews.ready)
order_commands.command("review")(order_reviews.review)
order_commands.command("sent")(fulfillments.sent)
order_commands.command("hold")(order_actions.hold)
order_commands.command("route")(order_actions.route)
order_commands.command("tag")(order_actions.tag)
order_commands.command("note")(order_actions.note)
order_commands.command("method")(order_actions.method)
order_commands.command("archive")(order_actions.archive)
order_commands.command("unarchive")(order_actions.unarchive)
commands.add_typer(inventory_commands, name="inventory", help="Show stock, or count it.")

Search = Annotated[str, typer.Option(help="Part of a title, SKU or number.")]


@product_commands.command("list")
def products(  # noqa: PLR0913  # these are the filters of a list
    product: Annotated[str, typer.Argument(help="One product in full, by its id or a SKU.")] = "",
    search: Search = "",
    state: Annotated[Standing | None, typer.Option(help="Only those standing so on a channel.")] = None,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """The catalog, and where each product stands on each channel."""
    with open_hub() as hub, hub.database.reading() as tx:
        if product:
            detail = found(views.product(tx, product, hub.rules_of), f"product {product}")
            answer(detail, *_product(detail), as_json=as_json)
            return
        listed = views.products(tx, search=search, state=state or "", after=after, limit=limit)
    rows = [(p.id, p.title, p.source, _skus(p.skus), _states(p.channels)) for p in listed.items]
    columns = ("Id", "Title", "Source", "SKUs", "Channels")
    notes = [
        (p.id, standing(c.integration, c.state, c.message, c.fix))
        for p in listed.items
        for c in p.channels
        if c.message or c.fix
    ]
    shown = table("Products", columns, rows, notes=notes, gives_way=("Source", "SKUs"))
    answer(listed, shown, *more(listed.next), as_json=as_json)


def _skus(skus: list[str]) -> str:
    return skus[0] if len(skus) == 1 else f"{skus[0]} and {len(skus) - 1} more" if skus else ""


def _states(channels: list[views.ChannelStanding]) -> str:
    return "\n".join(standing(c.integration, c.state, "", "") for c in channels)


def _product(detail: ProductDetail) -> Iterator[RenderableType]:
    yield Text.assemble((detail.title, "bold"), f"  {detail.id}, from {detail.source}")
    yield from (Text(standing(c.integration, c.state, c.message, c.fix)) for c in detail.channels)
    rows = [
        (
            v.sku,
            ", ".join(f"{name}: {value}" for name, value in v.options.items()),
            f"{v.price} {v.currency}".strip(),
            sum(level.available for level in v.stock if level.counts),
            "\n".join(f"{each.integration}: {each.channel_id} {each.state}" for each in v.listings),
        )
        for v in detail.variants
    ]
    yield table("Variants", ("SKU", "Options", "Price", "Available", "Listings"), rows)
    yield timeline(detail.events)


@inventory_commands.command("list")
def inventory(
    sku: Annotated[str, typer.Argument(help="One SKU: why its number is what it is, and its ledger.")] = "",
    search: Search = "",
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """Stock per SKU."""
    if sku:
        explaining.explain(explaining.Explained.SKU, sku, as_json=as_json)
        return
    with open_hub() as hub, hub.database.reading() as tx:
        listed = views.inventory(tx, search=search, after=after, limit=limit)
    rows = [_stock(each) for each in listed.items]
    columns = ("SKU", "Title", "On hand", "Committed", "Unavailable", "Available", "Where")
    shown = table("Inventory", columns, rows, gives_way=("Where", "Title"))
    answer(listed, shown, *more(listed.next), as_json=as_json)


def _stock(each: StockView) -> tuple[object, ...]:
    where = ", ".join(f"{level.location}: {level.available}" for level in each.levels if level.counts)
    where = where if each.is_counted else f"never counted{where and f'; {where}'}"
    return (each.sku, each.title, each.on_hand, each.committed, each.unavailable, each.available, where)
