"""What TikTok Shop answers, as far as it is read: unknown keys are ignored, anything may be null or missing."""

from __future__ import annotations

from decimal import Decimal

import msgspec

Text = str | int | float | None
"""Ids, amounts and measures are texts by the documents; a number in their place is read as one."""


def text(value: Text) -> str:
    return "" if value is None else str(value).strip()


def amount(value: Text) -> Decimal:
    """An amount; empty and null are zero. Raises decimal.InvalidOperation on anything else."""
    return Decimal(text(value) or "0")


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything read."""


class Envelope(Payload, frozen=True):
    code: int | str
    message: str | None = None
    request_id: Text = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class Nothing(Payload, frozen=True):
    """Data that nobody reads."""


class Tokens(Payload, frozen=True):
    access_token: str
    access_token_expire_in: int
    refresh_token: str
    refresh_token_expire_in: int
    open_id: Text = None
    seller_name: Text = None
    user_type: int | None = 0
    granted_scopes: list[str] | None = None


class Shop(Payload, frozen=True):
    id: Text
    cipher: str
    name: Text = None
    region: Text = None
    seller_type: Text = None
    code: Text = None


class Shops(Payload, frozen=True):
    shops: list[Shop] | None = None


class WarehouseAddress(Payload, frozen=True):
    region_code: Text = None
    state: Text = None
    city: Text = None
    contact_person: Text = None
    postal_code: Text = None
    full_address: Text = None
    phone_number: Text = None
    address_line1: Text = None
    address_line2: Text = None
    address_line3: Text = None
    address_line4: Text = None


class Warehouse(Payload, frozen=True):
    id: str | int
    name: Text = None
    effect_status: Text = None
    type: Text = None
    is_default: bool | None = None
    address: WarehouseAddress | None = None


class Warehouses(Payload, frozen=True):
    warehouses: list[msgspec.Raw] | None = None


class ExtraError(Payload, frozen=True):
    code: Text = None
    message: Text = None
    warehouse_id: Text = None


class ErrorDetail(Payload, frozen=True):
    product_id: Text = None
    sku_id: Text = None
    extra_errors: list[ExtraError] | None = None


class ItemError(Payload, frozen=True):
    """One item's refusal inside an answer that is a success as a whole."""

    code: Text = None
    message: Text = None
    detail: ErrorDetail | None = None


class ItemErrors(Payload, frozen=True):
    errors: list[ItemError] | None = None


class WarehouseStock(Payload, frozen=True):
    warehouse_id: Text = None
    available_quantity: int | None = None


class SkuStock(Payload, frozen=True):
    id: str | int
    warehouse_inventory: list[WarehouseStock] | None = None


class ProductStock(Payload, frozen=True):
    product_id: Text = None
    skus: list[SkuStock] | None = None


class Stock(Payload, frozen=True):
    inventory: list[ProductStock] | None = None


class Subscription(Payload, frozen=True):
    event_type: Text = None
    address: Text = None


class Subscriptions(Payload, frozen=True):
    webhooks: list[Subscription] | None = None


class Expiration(Payload, frozen=True):
    """What an event that warns of the authorization's end carries."""

    expiration_time: Text = None


class Event(Payload, frozen=True):
    type: int
    tts_notification_id: Text = None
    shop_id: Text = None
    timestamp: Text = None
    data: msgspec.Raw = msgspec.Raw(b"null")
