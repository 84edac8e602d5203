"""What can be set alike for every channel that stock is pushed to: labels, limits and help stand here once."""

from __future__ import annotations

from typing import Any

from crossdock.connectors.settings import When, button, setting

STOCK = "Inventory"


def inventory_buffer(when: When) -> Any:
    """Units: an int."""
    return setting(0, group=STOCK, title="Buffer", help="Units held back from sale.", ge=0, when=when)


def inventory_percentage(when: When) -> Any:
    """Percent: an int from 0 to 100."""
    return setting(
        100,
        group=STOCK,
        title="Percentage of stock",
        help="The share of what is available that is offered here, rounded down.",
        ge=0,
        le=100,
        when=when,
    )


def out_of_stock_below(when: When, *, channel: str) -> Any:
    """Units: an int. `channel` is what a sentence calls it, as in "the store"."""
    return setting(
        0,
        group=STOCK,
        title="Out-of-stock threshold",
        help=f"With fewer units than this {channel} is told that there are none.",
        ge=0,
        when=when,
    )


def inventory_location(when: When) -> Any:
    """The name, code or id of a hub location: a text."""
    return setting(
        "",
        group=STOCK,
        title="Push inventory from a specific location only",
        help="The one hub location whose numbers are pushed. Empty means the totals of all.",
        when=when,
    )


def item_sync(when: When) -> Any:
    return setting(
        True,
        group=STOCK,
        title="Channel sync per item",
        help="Whether single SKUs can be switched off for this channel; while off, those switches have no effect.",
        when=when,
    )


def warehouse_map(when: When, *, help: str) -> Any:  # noqa: A002  # as `setting` calls it
    """Hub location → the channel's location. `help` says how both are named, and where the others go."""
    return setting({}, group=STOCK, title="Location to warehouse map", help=help, when=when)


def force_product_resync() -> Any:
    return button(
        group="Products",
        title="Force product catalog resync",
        help="Once: read or push the whole catalog again, then go on with what changes.",
        resyncs="products",
    )


def force_inventory_resync(*, does: str) -> Any:
    """`does` is "push", or "read or push" where stock is taken from the channel as well."""
    return button(
        group=STOCK,
        title="Force inventory resync",
        help=f"Once: {does} every quantity in scope again, then go on with what changes.",
        resyncs="inventory",
    )
