"""Commands about shipping methods and carriers: what something is called elsewhere, and who may be meant."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.failures import ListsByDefault
from crossdock.cli.output import AsJson, answer, day
from crossdock.cli.session import acting, open_hub, refuse_unknown
from crossdock.cli.tables import table
from crossdock.operations.fulfillments import carrier_finder
from crossdock.operations.routing import methods
from crossdock.operations.routing.methods import MethodRule, OrderMethod

commands = typer.Typer()
method_commands = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    method_commands, name="shipping-methods", help="Show or set what orders' shipping methods are elsewhere."
)
carrier_commands = typer.Typer(no_args_is_help=True)
commands.add_typer(
    carrier_commands, name="carriers", help="Find the carrier that a name or number stands for."
)

Warehouse = Annotated[str, typer.Argument(help="The warehouse integration.")]
Channel = Annotated[str, typer.Option(help="Of orders of this integration only.")]
Method = Annotated[str, typer.Option(help="What the order calls it, whatever the case; any if not said.")]


@method_commands.command("list")
def list_methods(as_json: AsJson = False) -> None:
    """The map, the methods that orders of the last 90 days had, and the warehouses' own."""
    with open_hub() as hub, hub.database.reading() as tx:
        rules = methods.every(tx)
        ordered = methods.of_orders(tx, now=hub.clock())
        own = methods.of_warehouses(tx)
    document = {"map": rules, "order_methods": ordered, "warehouse_methods": own}
    answer(
        document,
        table(
            "Shipping methods",
            ("Channel", "Method", "Warehouse", "Ships by"),
            [(rule.channel or "any", rule.method or "any", rule.warehouse, rule.to) for rule in rules],
        ),
        table(
            "Order methods",
            ("Channel", "Method", "Orders", "Last", "Becomes"),
            [(m.channel, m.method, m.orders, day(m.last_placed_at), _becomes(m)) for m in ordered],
            gives_way=("Last",),
        ),
        table(
            "Fulfillment methods",
            ("Warehouse", "Method", "In the map", "Requests"),
            [(m.warehouse, m.method, m.is_in_map, m.requests) for m in own],
        ),
        as_json=as_json,
    )


def _becomes(method: OrderMethod) -> str:
    return ", ".join(
        f"{each.to or 'its own choice'} at {each.warehouse}{'' if each.is_mapped else ' (not mapped)'}"
        for each in method.warehouses
    )


@method_commands.command("set")
def set_method(
    warehouse: Warehouse,
    to: Annotated[str, typer.Argument(help="The warehouse's own name or code of the method.")],
    channel: Channel = "",
    method: Method = "",
    as_json: AsJson = False,
) -> None:
    """Map a shipping method, or map it anew; the row that says most wins."""
    with open_hub() as hub, hub.database.serial() as tx:
        rule = methods.put(tx, acting(hub, tx), MethodRule(channel, method, warehouse, to))
    said = f"{rule.method or 'Any method'} of {rule.channel or 'any channel'} is shipped by {warehouse} as {rule.to}"
    answer(rule, said, as_json=as_json)


@method_commands.command("remove")
def remove_method(
    warehouse: Warehouse, channel: Channel = "", method: Method = "", as_json: AsJson = False
) -> None:
    """Take a row out of the map."""
    with open_hub() as hub, hub.database.serial() as tx:
        methods.remove(tx, acting(hub, tx), channel=channel, method=method, warehouse=warehouse)
    removed = {"channel": channel, "method": method, "warehouse": warehouse}
    answer(removed, "Removed from the map of shipping methods.", as_json=as_json)


@carrier_commands.command("find")
def find_carrier(
    name: Annotated[str, typer.Argument(help="The carrier's name, as somebody wrote it.")] = "",
    number: Annotated[str, typer.Option(help="A tracking number, whose shape tells more.")] = "",
    integration: Annotated[str, typer.Option(help="Among the carriers of one channel only.")] = "",
    as_json: AsJson = False,
) -> None:
    """Who may be meant, among the carriers known here and those that a channel named when it refused one."""
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        with hub.database.reading() as tx:
            who = carrier_finder.find(tx, name, number, integration)
    rows = [("known here", each.name, f"{each.share:.0%}", each.why) for each in who.candidates]
    rows += [
        (channel.integration, each.name, f"{each.share:.0%}", each.why)
        for channel in who.channels
        for each in channel.candidates
    ]
    shown = table("Carriers that may be meant", ("Where", "Carrier", "Share", "Why"), rows)
    answer(who, shown, *([who.warning] if who.warning else []), as_json=as_json)
