"""What the simulated shop remembers, as frozen records; a change replaces a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """`fbt_id` is set for a warehouse of the platform, which the seller cannot edit."""

    id: str
    entity_id: str
    name: str
    type: str = "SALES_WAREHOUSE"
    is_default: bool = False
    effect_status: str = "ENABLED"
    fbt_id: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stock:
    available: int = 0
    committed: int = 0


@dataclass(frozen=True, slots=True)
class Image:
    uri: str
    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SalesAttribute:
    id: str
    name: str
    value_id: str
    value_name: str
    image_uri: str = ""


@dataclass(frozen=True, slots=True)
class Sku:
    id: str
    seller_sku: str
    price: Decimal
    sales_attributes: tuple[SalesAttribute, ...] = ()
    external_sku_id: str = ""
    list_price: Decimal | None = None
    identifier_code: tuple[str, str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return ", ".join(attribute.value_name for attribute in self.sales_attributes) or "Default"


@dataclass(frozen=True, slots=True)
class Content:
    """One version of a product, as a buyer would see it."""

    title: str
    description: str
    category_id: str
    image_uris: tuple[str, ...]
    skus: tuple[Sku, ...]
    attributes: tuple[Mapping[str, Any], ...] = ()
    brand_id: str = ""
    external_product_id: str = ""
    package_weight: Mapping[str, str] | None = None
    package_dimensions: Mapping[str, str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def without_prices(self) -> Content:
        """For telling a change of content, which is reviewed, from a change of price, which is not."""
        return replace(self, skus=tuple(replace(sku, price=ZERO, list_price=None) for sku in self.skus))


@dataclass(frozen=True, slots=True)
class Product:
    """`content` is live (or the first version); `under_review` waits to replace it."""

    id: str
    content: Content
    status: str
    audit: str
    created: datetime
    updated: datetime
    under_review: Content | None = None
    draft: Content | None = None
    review: int = 0
    refusals: tuple[str, ...] = ()
    was_live: bool = False

    @property
    def latest(self) -> Content:
        return self.under_review or self.content


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    phone: str
    line1: str
    line2: str
    city: str
    county: str
    state: str
    state_code: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Line:
    """One unit. `package_id` is set once it shipped."""

    id: str
    product_id: str
    product_name: str
    sku_id: str
    sku_name: str
    seller_sku: str
    image_url: str
    original_price: Decimal
    seller_discount: Decimal = ZERO
    platform_discount: Decimal = ZERO
    tax_rate: Decimal = ZERO
    is_gift: bool = False
    gift_retail_price: Decimal = ZERO
    status: str = "UNPAID"
    package_id: str = ""
    cancel_reason: str = ""
    cancel_user: str = ""

    @property
    def sale_price(self) -> Decimal:
        return self.original_price - self.seller_discount - self.platform_discount

    @property
    def tax(self) -> Decimal:
        return (self.sale_price * self.tax_rate).quantize(Decimal("0.01"))

    @property
    def is_open(self) -> bool:
        return not self.package_id and self.status != "CANCELLED"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed when the order was placed and never changes."""

    buyer_id: str
    buyer_email: str
    recipient: Recipient
    warehouse_id: str
    fulfillment_type: str = "FULFILLMENT_BY_SELLER"
    shipping_type: str = "SELLER"
    is_sample: bool = False
    is_replacement: bool = False
    is_exchange: bool = False
    order_type: str = "NORMAL"
    goes_on_hold: bool = True
    hold_minutes: float = 60.0
    buyer_message: str = ""
    shipping_fee: Decimal = ZERO
    shipping_seller_discount: Decimal = ZERO
    shipping_platform_discount: Decimal = ZERO
    tax_rate: Decimal = ZERO
    fees: Mapping[str, Decimal] = field(default_factory=dict)
    """Under their names in the payment, such as small_order_fee."""


@dataclass(frozen=True, slots=True)
class Order:
    """`times` holds the moments that have passed or are promised, under the API's field names."""

    id: str
    terms: Terms
    lines: tuple[Line, ...]
    status: str
    created: datetime
    updated: datetime
    times: Mapping[str, datetime] = field(default_factory=dict)
    is_released: bool = False
    is_buyer_request_cancel: bool = False
    has_updated_recipient_address: bool = False
    cancel_reason: str = ""
    cancellation_initiator: str = ""

    @property
    def open_lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_open)

    def line(self, line_id: str) -> Line | None:
        return next((line for line in self.lines if line.id == line_id), None)


@dataclass(frozen=True, slots=True)
class Package:
    """Of one order, or of several that were combined: same recipient, same warehouse."""

    id: str
    order_ids: tuple[str, ...]
    line_ids: tuple[str, ...]
    status: str
    sub_status: str
    created: datetime
    updated: datetime
    tracking_number: str = ""
    provider_id: str = ""
    shipped: datetime | None = None
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class Cancellation:
    id: str
    order_id: str
    line_ids: tuple[str, ...]
    line_item_ids: tuple[str, ...]
    role: str
    reason: str
    status: str
    created: datetime
    updated: datetime
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Return:
    id: str
    order_id: str
    line_ids: tuple[str, ...]
    line_item_ids: tuple[str, ...]
    type: str
    status: str
    reason: str
    created: datetime
    updated: datetime
    deadline: datetime
    tracking_number: str = ""
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What was settled at one moment: the transactions as they are shown."""

    id: str
    stated: datetime
    rows: tuple[Mapping[str, Any], ...]
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class ExternalOrder:
    id: str
    platform: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Subscription:
    address: str
    created: datetime
    updated: datetime
