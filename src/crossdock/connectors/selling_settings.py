"""What can be set alike for every channel that sells: labels, limits and help stand here once."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from pydantic import AfterValidator

from crossdock.connectors.settings import Choice, When, button, setting
from crossdock.domain.holding import EXAMPLE, BusinessHours

STOCK = "Inventory"
ORDERS = "Orders"


class HoldFrom(Choice):
    PLACEMENT = "placement", "When the order was placed"
    INGEST = "ingest", "When the order came in"


class HoldNext(Choice):
    READY = "ready", "Ready For Fulfillment"
    REVIEW = "review", "Review Required"


def _are_hours(text: str) -> str:
    if text:
        BusinessHours.parse(text)
    return text.strip()


HoldHours = Annotated[str, AfterValidator(_are_hours)]


def hold_minutes(when: When, *, advice: str = "") -> Any:
    """Minutes: an int up to a week. `advice` is a sentence about the channel."""
    return setting(
        10,
        group=ORDERS,
        title="Hold new orders (minutes)",
        help=" ".join(
            filter(None, ["How long an order waits before it is sent anywhere; 0 for not at all.", advice])
        ),
        ge=0,
        le=7 * 24 * 60,
        when=when,
    )


def hold_from(when: When) -> Any:
    return setting(
        HoldFrom.PLACEMENT, group=ORDERS, title="Hold counts from", help="When the minutes begin.", when=when
    )


def hold_hours(when: When) -> Any:
    """Days, hours and time zone: a text."""
    return setting(
        "",
        group=ORDERS,
        title="Hold only in business hours",
        help=f"Only minutes within these hours count, as {EXAMPLE}. Empty means around the clock.",
        when=when,
    )


def hold_next(when: When) -> Any:
    return setting(
        HoldNext.READY,
        group=ORDERS,
        title="Status after the hold",
        help="Review Required has a person release every order.",
        when=when,
    )


class Holding(Protocol):
    """The settings of a channel that say how long its orders are held."""

    @property
    def hold_minutes(self) -> int: ...

    @property
    def hold_from(self) -> HoldFrom: ...

    @property
    def hold_hours(self) -> str: ...

    @property
    def hold_next(self) -> HoldNext: ...


def hold_rules(settings: Holding) -> dict[str, Any]:
    """The same as fields of `Rules`."""
    return {
        "hold_minutes": settings.hold_minutes,
        "holds_from_ingest": settings.hold_from is HoldFrom.INGEST,
        "hold_hours": BusinessHours.parse(settings.hold_hours) if settings.hold_hours else None,
        "reviews_after_hold": settings.hold_next is HoldNext.REVIEW,
    }


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


def last_units_below(when: When) -> Any:
    """Units: an int; 0 is off."""
    return setting(
        0,
        group=STOCK,
        title="Last-units guard below",
        help="With fewer units available than this, only the share below is offered here, as channels that show the same "
        "units can sell each of them twice before they hear of each other. 0 is off.",
        ge=0,
        when=when,
    )


def last_units_share(when: When) -> Any:
    """Percent: an int from 0 to 100."""
    return setting(
        50,
        group=STOCK,
        title="Share of the last units",
        help="The percentage of what is available that is offered here under the last-units guard, rounded down. 0 leaves "
        "the last units to the other channels; the shares of all channels should not exceed 100.",
        ge=0,
        le=100,
        when=when,
    )


def last_units_buffer(when: When) -> Any:
    """Units: an int."""
    return setting(
        0,
        group=STOCK,
        title="Buffer of the last units",
        help="Units held back from that share. Where the buffers of all channels together are what sells until each of them "
        "has heard of it, no unit is sold twice.",
        ge=0,
        when=when,
    )


class Offering(Protocol):
    """The settings of a channel that say how much of the stock is offered on it."""

    @property
    def inventory_buffer(self) -> int: ...

    @property
    def inventory_percentage(self) -> int: ...

    @property
    def out_of_stock_below(self) -> int: ...

    @property
    def last_units_below(self) -> int: ...

    @property
    def last_units_share(self) -> int: ...

    @property
    def last_units_buffer(self) -> int: ...


def share_rules(settings: Offering) -> dict[str, Any]:
    """The same as fields of `Rules`."""
    return {
        "inventory_buffer": settings.inventory_buffer,
        "inventory_percentage": settings.inventory_percentage,
        "out_of_stock_below": settings.out_of_stock_below,
        "last_units_below": settings.last_units_below,
        "last_units_share": settings.last_units_share,
        "last_units_buffer": settings.last_units_buffer,
    }


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
