"""What crosses the border between the hub and a channel, in the hub's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from crossdock.domain.money import Money, total
from crossdock.domain.order import FulfilledBy, LineStatus, OrderStatus

ChannelId = NewType("ChannelId", str)
"""A platform's own id of a record, always a string."""
ChannelSku = NewType("ChannelSku", str)
"""The SKU by which one channel knows a variant; empty when the channel has none."""


# Products


class WeightUnit(StrEnum):
    GRAM = "g"
    KILOGRAM = "kg"
    OUNCE = "oz"
    POUND = "lb"
    TONNE = "t"


class LengthUnit(StrEnum):
    CENTIMETER = "cm"
    INCH = "in"


@dataclass(frozen=True, slots=True)
class Weight:
    value: Decimal
    unit: WeightUnit


@dataclass(frozen=True, slots=True)
class Dimensions:
    length: Decimal
    width: Decimal
    height: Decimal
    unit: LengthUnit


@dataclass(frozen=True, slots=True)
class Option:
    """One choice that distinguishes a variant: ("Color", "Red")."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Image:
    url: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """What a variant costs. `current` is what a shopper pays now; the others are None where not set."""

    current: Money
    base: Money | None = None
    sale: Money | None = None
    msrp: Money | None = None


@dataclass(frozen=True, slots=True)
class ChannelVariant:
    """One sellable variant as a channel offers it. `gtin` is any of UPC, EAN, GTIN, ISBN, digits only."""

    channel_id: ChannelId
    channel_sku: ChannelSku
    options: tuple[Option, ...] = ()
    prices: Prices | None = None
    gtin: str = ""
    mpn: str = ""
    weight: Weight | None = None
    dimensions: Dimensions | None = None
    image_url: str = ""
    is_stock_tracked: bool = True
    is_stock_shared: bool = False
    """Whether units are counted for the product as a whole, so that this variant has no number of its own."""
    is_purchasable: bool = True
    warehouse_ids: tuple[ChannelId, ...] = ()
    """The channel's warehouses that this variant has stock in, where the channel says so."""


class ListingState(StrEnum):
    """Where a product stands on its channel."""

    LIVE = "live"
    IN_REVIEW = "in_review"
    REFUSED = "refused"
    DRAFT = "draft"
    INACTIVE = "inactive"
    FROZEN = "frozen"
    REMOVED = "removed"


class Standing(StrEnum):
    """What a channel says of a variant whose stock it is to count."""

    COUNTED = "counted"
    UNCOUNTED = "uncounted"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """By which ids and SKU a channel knows a variant."""

    product_id: ChannelId
    variant_id: ChannelId
    sku: ChannelSku


@dataclass(frozen=True, slots=True)
class ChannelProduct:
    """A product with its variants. A product without options has exactly one variant."""

    channel_id: ChannelId
    title: str
    variants: tuple[ChannelVariant, ...]
    sku: ChannelSku = ChannelSku("")
    """The SKU of the product record itself, which BigCommerce has beside those of its variants."""
    description: str = ""
    brand: str = ""
    categories: tuple[str, ...] = ()
    """Names, from root to leaf joined by " / ", most important first."""
    images: tuple[Image, ...] = ()
    state: ListingState = ListingState.LIVE
    state_reasons: tuple[str, ...] = ()
    is_visible: bool = True
    is_taxable: bool = True
    modified_at: datetime | None = None
    required_modifiers: tuple[str, ...] = ()
    """Names of required choices that do not change the SKU; such products cannot be ordered through the API."""


# Locations and stock


class LocationKind(StrEnum):
    WAREHOUSE = "warehouse"
    RETURNS = "returns"
    PLATFORM_WAREHOUSE = "platform_warehouse"
    IMPLIED = "implied"
    """Known by its stock only, while the channel's locations are not pulled; no list shows it."""


@dataclass(frozen=True, slots=True)
class Address:
    name: str = ""
    company: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country_code: str = ""
    phone: str = ""
    email: str = ""
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class ChannelLocation:
    channel_id: ChannelId
    name: str
    code: str = ""
    kind: LocationKind = LocationKind.WAREHOUSE
    is_active: bool = True
    is_default: bool = False
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class ChannelStock:
    """One variant's stock at one location, in units. `available` is what the channel itself would still sell."""

    variant_id: ChannelId
    channel_sku: ChannelSku
    location_id: ChannelId
    available: int
    on_hand: int
    is_sellable: bool = True


@dataclass(frozen=True, slots=True)
class StockTarget:
    """What a channel should offer of one variant: units per location of the channel."""

    product_id: ChannelId
    variant_id: ChannelId
    channel_sku: ChannelSku
    quantities: tuple[tuple[ChannelId, int], ...]
    comes_back: bool = False
    """Whether it has stock again, after it had none, while its listing is known to be off sale."""


@dataclass(frozen=True, slots=True)
class StockAdjustment:
    """A relative change of on-hand units at one location of the channel; negative for a sale elsewhere."""

    variant_id: ChannelId
    channel_sku: ChannelSku
    location_id: ChannelId
    delta: int


# Orders


@dataclass(frozen=True, slots=True)
class LineTax:
    """One tax within a line's `tax`; `rate` is a share, such as 0.0825, and None where the channel does not say."""

    name: str
    amount: Money
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ChannelOrderLine:
    """One line. All amounts are for the whole line and never negative; `unit_price` is the list price of one.

    `total` = quantity × unit_price − seller_discount − platform_discount, without tax unless
    the order's prices include it.
    """

    channel_id: ChannelId
    channel_sku: ChannelSku
    name: str
    quantity: int
    unit_price: Money
    seller_discount: Money
    platform_discount: Money
    tax: Money
    status: LineStatus = LineStatus.OPEN
    quantity_canceled: int = 0
    quantity_shipped: int = 0
    variant_id: ChannelId = ChannelId("")
    product_id: ChannelId = ChannelId("")
    unit_ids: tuple[ChannelId, ...] = ()
    """Ids of the units behind the line, where the channel has one per unit (TikTok Shop line items)."""
    is_gift: bool = False
    taxes: tuple[LineTax, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedAmount:
    """A fee or discount under the channel's name for it. `is_platform_funded`: the platform pays it to the seller."""

    name: str
    amount: Money
    is_platform_funded: bool = False


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """How the channel's total comes about, all in the order's currency:

    `total` = subtotal + shipping − shipping_seller_discount − shipping_platform_discount + tax + fees
    − order_discount + unexplained, where `subtotal` is the sum of the lines after their discounts. `tax` is 0
    where prices include it, and then `included_tax` says how much.
    """

    subtotal: Money
    shipping: Money
    shipping_seller_discount: Money
    shipping_platform_discount: Money
    tax: Money
    fees: Money
    order_discount: Money
    included_tax: Money
    total: Money
    named_fees: tuple[NamedAmount, ...] = ()
    """What `fees` is the sum of."""
    named_discounts: tuple[NamedAmount, ...] = ()
    """What `order_discount` is the sum of."""
    unexplained: Money | None = None
    """What the channel's own parts leave of its total, more or less; None where they add up."""

    @property
    def platform_discount(self) -> Money:
        """What of `order_discount` the platform pays to the seller."""
        funded = (each.amount for each in self.named_discounts if each.is_platform_funded)
        return total(funded, self.total.currency)


@dataclass(frozen=True, slots=True)
class ShippedUnits:
    """Units of one line that left. `variant_id` and `channel_sku` tell what they are where the line is not known."""

    line_id: ChannelId
    quantity: int
    variant_id: ChannelId = ChannelId("")
    channel_sku: ChannelSku = ChannelSku("")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One shipment or package as a channel has it on record. `carrier` is its name for people, "UPS"."""

    channel_id: ChannelId
    units: tuple[ShippedUnits, ...]
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    service: str = ""
    shipped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChannelOrder:
    channel_id: ChannelId
    number: str
    status: OrderStatus | None
    """None where the channel's status has no place in an order's life (BigCommerce Refunded): keep what it was."""
    channel_status: str
    placed_at: datetime
    modified_at: datetime
    currency: str
    lines: tuple[ChannelOrderLine, ...]
    totals: OrderTotals
    fulfilled_by: FulfilledBy = FulfilledBy.SELLER
    is_reservation: bool = False
    """Placed but not released (TikTok UNPAID, BigCommerce Pending): commits stock, is not shown as an order."""
    shipping_address: Address | None = None
    billing_address: Address | None = None
    shipping_method: str = ""
    location_id: ChannelId = ChannelId("")
    """The channel's location that the order is to ship from, where it says so."""
    tags: frozenset[str] = frozenset()
    """Such as sample, replacement, exchange, pre_order, refunded, partially_refunded, cancel_requested."""
    external_source: str = ""
    external_reference: str = ""
    """Who wrote the order through the API, and that system's own id of it."""
    stock_is_taken: bool = True
    """Whether the channel's own stock numbers are already net of this order."""
    channel_status_id: str = ""
    """The platform's own key of its status, which no store can rename; `channel_status` is for people."""
    shipped_at: datetime | None = None
    """When the last of its goods left, where the channel says so."""
    parcels: tuple[Parcel, ...] | None = None
    """What has left of it, on channels that say so with the order itself; None on those that keep it apart."""


# Readings


@dataclass(frozen=True, slots=True)
class Account:
    """What a connection check found out about the account behind the credentials."""

    channel_id: ChannelId
    name: str
    currency: str
    region: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    """More to show or to decide by, as texts: weight_unit, time_zone, stock_behavior, plan …"""
    missing_access: tuple[str, ...] = ()
    """Each area the credentials lack, with what to grant: "orders: read (store_v2_orders)"."""
