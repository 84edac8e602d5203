"""Orders: their statuses and what a status means for stock."""

from __future__ import annotations

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
    PLATFORM_WAREHOUSE = "platform_warehouse"

    @property
    def takes_merchant_stock(self) -> bool:
        """Goods that leave the platform's own warehouse never were in the merchant's stock."""
        return self is not FulfilledBy.PLATFORM_WAREHOUSE

    @property
    def arrives_fulfilled(self) -> bool:
        """Whether the platform sees to the shipping, so that the hub has nothing to ship."""
        return self is not FulfilledBy.SELLER


class LineStatus(StrEnum):
    OPEN = "open"
    SHIPPED = "shipped"
    CANCELED = "canceled"
