"""What the platform sends of shipments, and of orders as far as their shipments need it."""

from __future__ import annotations

from msgspec import Raw, Struct


class ShipmentItem(Struct, frozen=True):
    """`order_product_id` is the id of the order's line."""

    order_product_id: int
    quantity: int


class Shipment(Struct, frozen=True):
    id: int
    items: list[ShipmentItem]
    date_created: str | None = None
    tracking_number: str | None = None
    shipping_provider: str | None = None
    shipping_provider_display_name: str | None = None
    tracking_carrier: str | None = None
    tracking_link: str | None = None
    generated_tracking_link: str | None = None
    shipping_method: str | None = None


class Made(Struct, frozen=True):
    """A shipment that was just created."""

    id: int


class ShippedOrder(Struct, frozen=True):
    """An order as far as it says whether anything of it has shipped."""

    id: int
    status_id: int
    date_modified: str
    items_shipped: int | None = None
    is_deleted: bool | None = None
    consignments: Raw = Raw()
