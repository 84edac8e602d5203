"""What the platform sends, as far as it is read."""

from __future__ import annotations

from msgspec import Raw, Struct


class Store(Struct, frozen=True, rename="camel"):
    store_id: int
    store_name: str = ""
    active: bool = True


class Listing(Struct, frozen=True):
    """One page of a list. `pages` is how many there are; an empty list has none."""

    records: list[Raw]
    pages: int


class OrderItem(Struct, frozen=True, rename="camel"):
    """`line_item_key` is what whoever created the order gave it; an adjustment is no goods."""

    quantity: int
    line_item_key: str | None = None
    sku: str | None = None
    adjustment: bool | None = None


class Order(Struct, frozen=True, rename="camel"):
    """`order_key` is the creator's own, and the only thing by which the platform knows an order again."""

    order_id: int
    order_number: str
    order_status: str
    order_key: str | None = None
    items: list[OrderItem] | None = None


class ShipmentItem(Struct, frozen=True, rename="camel"):
    quantity: int
    line_item_key: str | None = None
    sku: str | None = None


class Shipment(Struct, frozen=True, rename="camel"):
    """A label that was bought there."""

    shipment_id: int
    order_number: str
    create_date: str
    order_id: int | None = None
    order_key: str | None = None
    tracking_number: str | None = None
    carrier_code: str | None = None
    service_code: str | None = None
    voided: bool | None = None
    is_return_label: bool | None = None
    shipment_items: list[ShipmentItem] | None = None


class Fulfillment(Struct, frozen=True, rename="camel"):
    """An order that was marked as shipped without a label of theirs. It names no items: it is all of the order."""

    fulfillment_id: int
    order_id: int
    order_number: str
    create_date: str
    tracking_number: str | None = None
    carrier_code: str | None = None
    voided: bool | None = None


class Mentioned(Struct, frozen=True, rename="camel"):
    """A record as far as it says which order it is of."""

    order_number: str
    order_key: str | None = None
