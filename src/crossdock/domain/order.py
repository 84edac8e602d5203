"""Orders: their statuses and what a status means for stock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands in the hub."""

    DRAFT = "Draft"
    NEW = "New"
    ON_HOLD = "On Hold"
    TO_BE_VALIDATED = "To Be Validated"
    REVIEW_REQUIRED = "Review Required"
    READY_FOR_FULFILLMENT = "Ready For Fulfillment"
    SENT_TO_FULFILLMENT = "Sent To Fulfillment"
    PARTIALLY_FULFILLED = "Partially Fulfilled"
    FULFILLED = "Fulfilled"
    CANCELED = "Canceled"
    ARCHIVED = "Archived"
    CLOSED = "Closed"


class FulfilledBy(StrEnum):
    """Who ships: the seller, the seller with the platform's label (TTS), or the platform's warehouse (FBT)."""

    SELLER = "seller"
    PLATFORM_LABEL = "platform_label"
    """Somebody else sees to it, so that the hub has it on record only."""
    PLATFORM_LABEL_PACKED_HERE = "platform_label_packed_here"
    """A location of the hub packs it; the label comes from the platform."""
    PLATFORM_WAREHOUSE = "platform_warehouse"

    @property
    def takes_merchant_stock(self) -> bool:
        """Goods that leave the platform's own warehouse never were in the merchant's stock."""
        return self is not FulfilledBy.PLATFORM_WAREHOUSE

    @property
    def arrives_fulfilled(self) -> bool:
        """Whether the platform sees to the shipping, so that the hub has nothing to ship."""
        return self not in (FulfilledBy.SELLER, FulfilledBy.PLATFORM_LABEL_PACKED_HERE)


class LineStatus(StrEnum):
    OPEN = "open"
    SHIPPED = "shipped"
    CANCELED = "canceled"


class Review(StrEnum):
    """Whether a person has to look at an order before it goes on."""

    NONE = ""
    REQUIRED = "required"
    DONE = "done"
    AFTER_HOLD = "after_hold"
    """Required as soon as the order's hold is over."""


def read_channel_statuses(given: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """A channel's statuses by key or name, as keys. `names` is key → name. Raises ValueError that lists them."""
    return tuple(dict.fromkeys(_channel_status(text, names) for text in given))


def read_status_map(
    given: Mapping[str, str], names: Mapping[str, str], *, canceled: Collection[str]
) -> dict[str, str]:
    """Channel status → hub status, each by key or name, as keys and values. Raises ValueError that says what fits.

    Canceled stands for what the channel calls so and for nothing else: stock follows the channel's own
    cancellations, and an order must not seem dead while its goods are still sold.
    """
    found: dict[str, str] = {}
    for theirs, ours in given.items():
        key, status = _channel_status(theirs, names), _hub_status(ours)
        if key in found:
            raise ValueError(f"{names[key]!r} is named twice")
        if (status is OrderStatus.CANCELED) is not (key in canceled):
            dead = ", ".join(names[each] for each in sorted(canceled))
            raise ValueError(
                f"{names[key]} cannot become {status.value}: {dead} are Canceled, and no other status is"
            )
        found[key] = status.value
    return found


def _channel_status(text: str, names: Mapping[str, str]) -> str:
    wanted = str(text).strip().casefold()
    for key, name in names.items():
        if wanted in (key.casefold(), name.casefold()):
            return key
    listed = ", ".join(key if key == name else f"{key} {name}" for key, name in names.items())
    raise ValueError(f"{text!r} is no status of the channel; choose from {listed}")


def _hub_status(text: str) -> OrderStatus:
    wanted = str(text).strip().casefold()
    for status in OrderStatus:
        if wanted in (status.value.casefold(), status.name.casefold()):
            return status
    raise ValueError(f"{text!r} is no hub status; choose from {', '.join(OrderStatus)}")
