"""Orders as TikTok Shop answers them."""

from __future__ import annotations

import msgspec

from crossdock.connectors.tiktok_shop.payloads import Payload, Text


class ItemTax(Payload, frozen=True):
    tax_type: Text = None
    tax_amount: Text = None
    tax_rate: Text = None


class ListedSku(Payload, frozen=True):
    """A component of a virtual bundle, and how many of it the bundle holds."""

    sku_id: str | int
    sku_count: int | None = 1
    product_id: Text = None
    seller_sku: Text = None


class SubItem(Payload, frozen=True):
    """One unit inside a virtual bundle."""

    id: str | int
    sku_id: Text = None
    product_id: Text = None
    seller_sku: Text = None
    product_name: Text = None
    display_status: Text = None
    original_price: Text = None
    sale_price: Text = None
    seller_discount: Text = None
    platform_discount: Text = None
    item_tax: list[ItemTax] | None = None
    package_id: Text = None
    tracking_number: Text = None
    shipping_provider_id: Text = None
    shipping_provider_name: Text = None
    rts_time: int | None = None


class LineItem(SubItem, frozen=True):
    """One unit of an order: TikTok Shop's lines have no quantity."""

    currency: Text = None
    sku_type: Text = None
    is_gift: bool | None = None
    sub_item_info: list[SubItem] | None = None
    combined_listing_skus: list[ListedSku] | None = None


class Payment(Payload, frozen=True):
    currency: Text = None
    total_amount: Text = None
    original_shipping_fee: Text = None
    shipping_fee: Text = None
    shipping_fee_seller_discount: Text = None
    shipping_fee_platform_discount: Text = None
    shipping_fee_cofunded_discount: Text = None
    tax: Text = None
    product_tax: Text = None
    shipping_fee_tax: Text = None
    payment_platform_discount: Text = None
    payment_discount_service_fee: Text = None
    small_order_fee: Text = None
    retail_delivery_fee: Text = None
    buyer_service_fee: Text = None
    handling_fee: Text = None
    shipping_insurance_fee: Text = None
    item_insurance_fee: Text = None
    item_insurance_tax: Text = None
    distance_shipping_fee: Text = None
    distance_fee: Text = None


class District(Payload, frozen=True):
    address_level: Text = None
    address_level_name: Text = None
    address_name: Text = None


class RecipientAddress(Payload, frozen=True):
    name: Text = None
    first_name: Text = None
    last_name: Text = None
    phone_number: Text = None
    region_code: Text = None
    postal_code: Text = None
    post_town: Text = None
    full_address: Text = None
    address_detail: Text = None
    address_line1: Text = None
    address_line2: Text = None
    address_line3: Text = None
    address_line4: Text = None
    district_info: list[District] | None = None


class Order(Payload, frozen=True):
    id: str | int
    create_time: int
    update_time: int
    rts_time: int | None = None
    status: Text = None
    order_type: Text = None
    fulfillment_type: Text = None
    shipping_type: Text = None
    delivery_option_id: Text = None
    delivery_option_name: Text = None
    warehouse_id: Text = None
    buyer_email: Text = None
    is_buyer_request_cancel: bool | None = None
    is_sample_order: bool | None = None
    is_replacement_order: bool | None = None
    is_exchange_order: bool | None = None
    is_subscription_order: bool | None = None
    payment: Payment | None = None
    recipient_address: RecipientAddress | None = None
    line_items: list[LineItem] | None = None


class Orders(Payload, frozen=True):
    orders: list[msgspec.Raw] | None = None
    next_page_token: Text = None


class OrdersById(Payload, frozen=True):
    """Orders asked for by name: there is nobody beside a bad one to go on with."""

    orders: list[Order] | None = None


class ReferenceDetail(Payload, frozen=True):
    order_id: Text = None


class RefusedReference(Payload, frozen=True):
    """Its code is a text, unlike those of other calls."""

    code: Text = None
    message: Text = None
    detail: ReferenceDetail | None = None


class ReferenceErrors(Payload, frozen=True):
    errors: list[RefusedReference] | None = None
