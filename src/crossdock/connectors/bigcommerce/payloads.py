"""The records that the platform sends, as far as we read them. Unknown keys are ignored, nulls accepted."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Raw, Struct


class Pagination(Struct, frozen=True):
    total: int | None = None
    per_page: int | None = None


class Meta(Struct, frozen=True):
    pagination: Pagination | None = None


class Envelope(Struct, frozen=True):
    """What v3 wraps its lists in."""

    data: list[Raw] | None = None
    meta: Meta | None = None


class Stamp(Struct, frozen=True):
    """The two fields by which a changing list is read in order."""

    id: int | None = None
    date_modified: str | None = None


# Store


class TimeZone(Struct, frozen=True):
    name: str | None = None


class Store(Struct, frozen=True):
    id: str | int = ""
    name: str | None = None
    currency: str | None = None
    country_code: str | None = None
    weight_units: str | None = None
    dimension_units: str | None = None
    plan_name: str | None = None
    timezone: TimeZone | None = None


class InventorySettings(Struct, frozen=True):
    update_stock_behavior: str | None = None
    refund_order_stock_adjustment: bool | None = None


class InventorySettingsAnswer(Struct, frozen=True):
    data: InventorySettings | None = None


# Catalog


class OptionValue(Struct, frozen=True):
    label: str | None = None
    option_display_name: str | None = None
    option_id: int | None = None
    id: int | None = None


class Variant(Struct, frozen=True):
    id: int
    sku: str | None = None
    price: Decimal | None = None
    sale_price: Decimal | None = None
    retail_price: Decimal | None = None
    calculated_price: Decimal | None = None
    weight: Decimal | None = None
    calculated_weight: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    depth: Decimal | None = None
    upc: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    image_url: str | None = None
    purchasing_disabled: bool | None = None
    option_values: list[OptionValue] | None = None


class Image(Struct, frozen=True):
    id: int | None = None
    url_zoom: str | None = None
    url_standard: str | None = None
    is_thumbnail: bool | None = None
    sort_order: int | None = None


class Product(Struct, frozen=True):
    id: int
    name: str
    sku: str | None = None
    description: str | None = None
    price: Decimal | None = None
    sale_price: Decimal | None = None
    retail_price: Decimal | None = None
    calculated_price: Decimal | None = None
    weight: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    depth: Decimal | None = None
    upc: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    brand_id: int | None = None
    categories: list[int] | None = None
    inventory_tracking: str | None = None
    availability: str | None = None
    is_visible: bool | None = None
    date_modified: str | None = None
    base_variant_id: int | None = None
    variants: list[Variant] | None = None
    images: list[Image] | None = None


class NamedProduct(Struct, frozen=True):
    """A product as far as it names other records, whose names belong to what is mapped of it."""

    id: int
    brand_id: int | None = None
    categories: list[int] | None = None


class TrackedProduct(Struct, frozen=True):
    """A product as far as it says how its stock is counted."""

    id: int
    inventory_tracking: str | None = None
    base_variant_id: int | None = None


class Brand(Struct, frozen=True):
    id: int
    name: str | None = None


class Category(Struct, frozen=True):
    category_id: int
    name: str | None = None
    parent_id: int | None = None


# Stock and locations


class Identity(Struct, frozen=True):
    sku: str | None = None
    variant_id: int | None = None
    product_id: int | None = None


class ItemSettings(Struct, frozen=True):
    is_in_stock: bool | None = None
    safety_stock: int | None = None


class ItemLocation(Struct, frozen=True):
    location_id: int
    available_to_sell: int | None = None
    total_inventory_onhand: int | None = None
    location_enabled: bool | None = None
    settings: ItemSettings | None = None


class Item(Struct, frozen=True):
    identity: Identity
    locations: list[ItemLocation] | None = None


class LocationAddress(Struct, frozen=True):
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country_code: str | None = None
    email: str | None = None
    phone: str | None = None


class Location(Struct, frozen=True):
    id: int
    code: str | None = None
    label: str | None = None
    enabled: bool | None = None
    address: LocationAddress | None = None


class Transaction(Struct, frozen=True):
    transaction_id: str


# Orders


class OrderAddress(Struct, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    street_1: str | None = None
    street_2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country_iso2: str | None = None
    phone: str | None = None
    email: str | None = None
    shipping_method: str | None = None


class AppliedDiscount(Struct, frozen=True):
    amount: Decimal | None = None


class OrderLine(Struct, frozen=True):
    id: int
    quantity: int
    product_id: int | None = None
    variant_id: int | None = None
    name: str | None = None
    sku: str | None = None
    price_ex_tax: Decimal | None = None
    price_inc_tax: Decimal | None = None
    total_ex_tax: Decimal | None = None
    total_inc_tax: Decimal | None = None
    total_tax: Decimal | None = None
    quantity_shipped: int | None = None
    order_address_id: int | None = None
    applied_discounts: list[AppliedDiscount] | None = None


class PickupLocation(Struct, frozen=True):
    id: int | None = None


class Consignment(OrderAddress, frozen=True):
    """Where some lines go: an address, a pick-up place or a download."""

    line_items: Raw = Raw()
    location: PickupLocation | None = None
    pickup_method_display_name: str | None = None


class EmailConsignments(Struct, frozen=True):
    gift_certificates: list[Consignment] | None = None


class Consignments(Struct, frozen=True):
    shipping: list[Consignment] | None = None
    pickups: list[Consignment] | None = None
    downloads: list[Consignment] | None = None
    email: EmailConsignments | None = None


class Fee(Struct, frozen=True):
    display_name_merchant: str | None = None
    type: str | None = None
    cost_ex_tax: Decimal | None = None
    cost_inc_tax: Decimal | None = None


class Order(Struct, frozen=True):
    id: int
    status_id: int
    date_created: str
    date_modified: str
    total_inc_tax: Decimal
    date_shipped: str | None = None
    default_currency_code: str | None = None
    currency_code: str | None = None
    status: str | None = None
    is_deleted: bool | None = None
    is_tax_inclusive_pricing: bool | None = None
    items_total: int | None = None
    total_tax: Decimal | None = None
    shipping_cost_ex_tax: Decimal | None = None
    shipping_cost_inc_tax: Decimal | None = None
    handling_cost_ex_tax: Decimal | None = None
    handling_cost_inc_tax: Decimal | None = None
    wrapping_cost_ex_tax: Decimal | None = None
    wrapping_cost_inc_tax: Decimal | None = None
    discount_amount: Decimal | None = None
    coupon_discount: Decimal | None = None
    store_credit_amount: Decimal | None = None
    gift_certificate_amount: Decimal | None = None
    external_source: str | None = None
    external_order_id: str | None = None
    billing_address: OrderAddress | None = None
    consignments: Raw = Raw()
    fees: Raw = Raw()


class OrderStanding(Struct, frozen=True):
    """How an order stands: what is looked at before and after its status is changed."""

    status_id: int
    items_shipped: int | None = None
    staff_notes: str | None = None


class RefundItem(Struct, frozen=True):
    item_type: str
    item_id: int | None = None
    quantity: int | None = None
    requested_amount: Decimal | None = None


class Refund(Struct, frozen=True):
    id: int
    order_id: int
    created: str
    total_amount: Decimal
    reason: str | None = None
    total_tax: Decimal | None = None
    items: list[RefundItem] | None = None


class FoundOrder(Struct, frozen=True):
    id: int
    external_order_id: str | None = None
    is_deleted: bool | None = None
    total_inc_tax: Decimal | None = None


class Created(Struct, frozen=True):
    id: int
    total_inc_tax: Decimal | None = None


# Webhooks


class Hook(Struct, frozen=True):
    id: int
    scope: str
    destination: str
    is_active: bool | None = None
    headers: dict[str, str] | None = None
    updated_at: int | None = None


class Delivery(Struct, frozen=True):
    scope: str
    producer: str | None = None
    created_at: str | float | None = None
    data: Raw = Raw(b"null")


class StockChange(Struct, frozen=True):
    """Whose stock changed, as events of stock say: in a part of their own, or beside where it lies."""

    product_id: int | None = None
    variant_id: int | None = None
    inventory: StockChange | None = None
