"""What can be set for a BigCommerce store, and the credentials of its API account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from crossdock.connectors import selling_settings
from crossdock.connectors.bigcommerce.api_path import ApiPath
from crossdock.connectors.bigcommerce.mapping import order_status
from crossdock.connectors.settings import (
    Choice,
    Credentials,
    ScopedSettings,
    SkuList,
    When,
    credential,
    setting,
)
from crossdock.domain.order import read_channel_statuses, read_status_map


def _is_api_path(text: str) -> str:
    ApiPath.parse(text)
    return text


def _status_map(given: dict[str, str]) -> dict[str, str]:
    return read_status_map(given, order_status.NAMES, canceled={str(each) for each in order_status.CANCELED})


def _statuses(given: tuple[str, ...]) -> tuple[str, ...]:
    return read_channel_statuses(given, order_status.NAMES)


def _is_tax_class(text: str) -> str:
    if text and not (text.isdecimal() and int(text) <= 255):
        raise ValueError("is the number of a tax class, as the store's tax settings count them: 0 to 255")
    return text


def _is_price_map(chosen: dict[str, str]) -> dict[str, str]:
    kinds, fields = ("base", "current", "sale", "msrp"), ("price", "msrp", "sale_price")
    if not (chosen.keys() <= set(fields) and set(chosen.values()) <= set(kinds)):
        raise ValueError(f"maps {', '.join(fields)} to one of {', '.join(kinds)} each")
    return chosen


def _in_utc(moment: datetime) -> datetime:
    """A date or time without a zone is meant in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class BigCommerceCredentials(Credentials):
    """The values of a store-level API account, under the names that the control panel shows."""

    api_path: Annotated[str, AfterValidator(_is_api_path)] = credential(
        title="API path",
        help="The address with the store hash, as in https://api.bigcommerce.com/stores/abc123/v3/.",
    )
    client_id: str = credential(title="Client ID", help="The client ID of the API account.")
    client_secret: SecretStr = credential(
        title="Client secret", help="Proves that a webhook was sent by this store."
    )
    access_token: SecretStr = credential(
        title="Access token", help="Goes with every call. It is shown once, as the API account is created."
    )


class ProductsDirection(Choice):
    PULL = "pull", "Pull updates from BigCommerce product catalog"
    PUSH = "push", "Push updates to BigCommerce product catalog"
    DISABLED = "disabled", "Disabled"


class InventoryDirection(Choice):
    PULL = "pull", "Pull inventory information from BigCommerce"
    PUSH = "push", "Push inventory information to BigCommerce"
    DISABLED = "disabled", "Disabled"


class SalesReportWay(Choice):
    ADJUSTMENT = "adjustment", "A stock adjustment"
    ORDER = "order", "Creating the order in BigCommerce"
    ELSEWHERE = "elsewhere", "Another system does it"


class PricesOn(Choice):
    VARIANTS = "variants", "Set price on variants"
    INHERIT = "inherit", "Inherit from parent"


class RefusedStock(Choice):
    REPORT = "report", "Report it"
    CUSTOM_LINE = "custom_line", "Book the line without a product"


_CATALOG_PUSHED = When("products", (ProductsDirection.PUSH,))
_STOCK_PUSHED = When("inventory", (InventoryDirection.PUSH,))
_ORDERS = When("orders", (True,))
_ORDERS_CREATED = When("sales_report", (SalesReportWay.ORDER,))


class BigCommerceSettings(ScopedSettings):
    """Everything is off until somebody turns it on."""

    products: ProductsDirection = setting(
        ProductsDirection.DISABLED,
        group="Products",
        title="Process product catalog",
        help="The direction of the catalog. Disabled when products already match by SKU.",
    )
    product_skus: SkuList = setting(
        (),
        group="Products",
        title="Process only products with specific SKUs",
        help="Only these SKUs are processed. Empty means all.",
        when=When("products", (ProductsDirection.PULL, ProductsDirection.PUSH)),
    )
    force_product_resync: bool = selling_settings.force_product_resync()
    prices_on: PricesOn = setting(
        PricesOn.VARIANTS,
        group="Products",
        title="Set price on variants or inherit from parent",
        help="Whether every variant gets its own price, or follows its product's where the two are equal.",
        when=_CATALOG_PUSHED,
    )
    default_category: str = setting(
        "",
        group="Products",
        title="Default product category",
        help="Category of products that are created: its number, name, or path as Root / Leaf.",
        when=_CATALOG_PUSHED,
    )
    default_tax_class: Annotated[str, AfterValidator(_is_tax_class)] = setting(
        "",
        group="Products",
        title="Default tax class for non-taxable products",
        help="Number of the tax class of products that are created as not taxable.",
        when=_CATALOG_PUSHED,
    )
    price_map: Annotated[dict[str, str], AfterValidator(_is_price_map)] = setting(
        {"price": "base", "msrp": "msrp", "sale_price": "sale"},
        group="Products",
        title="Price field mapping",
        help="BigCommerce's price, msrp and sale_price → the hub's base, current, sale or msrp; leave one out to keep it.",
        when=_CATALOG_PUSHED,
    )
    orders: bool = setting(
        False,
        group="Orders",
        title="Pull orders from BigCommerce",
        help="Take in the orders of this store and follow their changes.",
    )
    draft_orders: bool = setting(
        False,
        group="Orders",
        title="Pull draft orders",
        help="Take in orders that BigCommerce calls Incomplete, as drafts.",
        when=_ORDERS,
    )
    order_ids: SkuList = setting(
        (),
        group="Orders",
        title="Process only orders with specific order IDs",
        help="Only these orders are processed, for testing. Empty means all.",
        when=_ORDERS,
    )
    ignore_orders_created_before: Annotated[datetime, AfterValidator(_in_utc)] | None = setting(
        None,
        group="Orders",
        title="Ignore orders created before",
        help="Older orders are left alone. A date, or a time with its zone; UTC where none is given.",
        when=_ORDERS,
    )
    status_map: Annotated[dict[str, str], AfterValidator(_status_map)] = setting(
        {},
        group="Orders",
        title="Order status map",
        help="BigCommerce status (number or name) → hub status, where it differs from the usual one.",
        when=_ORDERS,
    )
    hold_minutes: int = selling_settings.hold_minutes(_ORDERS)
    hold_from: selling_settings.HoldFrom = selling_settings.hold_from(_ORDERS)
    hold_hours: selling_settings.HoldHours = selling_settings.hold_hours(_ORDERS)
    hold_next: selling_settings.HoldNext = selling_settings.hold_next(_ORDERS)
    locked_statuses: Annotated[SkuList, AfterValidator(_statuses)] = setting(
        (),
        group="Orders",
        title="Locked statuses",
        help="BigCommerce statuses (numbers or names) that the hub never overwrites.",
    )
    cancel_orders: bool = setting(
        False,
        group="Orders",
        title="Update BigCommerce order status if canceled in the hub",
        help="An order that is canceled in the hub gets the status Cancelled in BigCommerce.",
    )
    cancel_originals: bool = setting(
        False,
        group="Orders",
        title="Cancel the original order when its BigCommerce order is cancelled",
        help="For orders that the hub created here: cancelling one cancels the TikTok Shop order it stands for.",
    )
    in_progress: bool = setting(
        False,
        group="Orders",
        title="Update BigCommerce order status when sent for fulfillment",
        help="An order that was sent to a location to be shipped gets the in-progress status.",
    )
    in_progress_status: int = setting(
        9,
        group="Orders",
        title="In-progress status",
        help="The number of the status that tells of an order under way: 9 is Awaiting Shipment.",
        when=When("in_progress", (True,)),
        ge=1,
        le=14,
    )
    refunds: bool = setting(
        False,
        group="Orders",
        title="Pull refunds from BigCommerce",
        help="Refund records tell what was given back; the accompanying status change counts no second time.",
        when=_ORDERS,
    )
    restock_refunds: bool = setting(
        False,
        group="Orders",
        title="Restock refunded items",
        help="Count refunded goods into the hub's own stock again; BigCommerce's own numbers are BigCommerce's affair.",
        when=When("refunds", (True,)),
    )
    inventory: InventoryDirection = setting(
        InventoryDirection.DISABLED,
        group="Inventory",
        title="Process inventory information",
        help="Who owns stock: with Pull it is BigCommerce.",
    )
    sales_report: SalesReportWay = setting(
        SalesReportWay.ADJUSTMENT,
        group="Inventory",
        title="How TikTok Shop sales lower BigCommerce stock",
        help="The one way by which a sale made elsewhere reaches the stock that BigCommerce owns.",
        when=When("inventory", (InventoryDirection.PULL,)),
    )
    created_order_status: int = setting(
        11,
        group="Inventory",
        title="Status of orders created in BigCommerce",
        help="The number of the status that a paid order gets: 11 is Awaiting Fulfillment.",
        when=_ORDERS_CREATED,
        ge=1,
        le=14,
    )
    created_order_channel: int | None = setting(
        None,
        group="Inventory",
        title="Channel of orders created in BigCommerce",
        help="The number of a connected sales channel of the store; empty for its default storefront.",
        when=_ORDERS_CREATED,
        ge=1,
    )
    refused_stock: RefusedStock = setting(
        RefusedStock.REPORT,
        group="Inventory",
        title="When BigCommerce refuses the stock of an order to be created",
        help="TikTok Shop has sold it already: report it and try again with new stock, or book the line without a product.",
        when=_ORDERS_CREATED,
    )
    inventory_skus: SkuList = setting(
        (),
        group="Inventory",
        title="Process inventory information only for products with specific SKUs",
        help="Only these SKUs are processed. Empty means all.",
        when=When("inventory", (InventoryDirection.PULL, InventoryDirection.PUSH)),
    )
    inventory_location: str = selling_settings.inventory_location(_STOCK_PUSHED)
    target_location: str = setting(
        "",
        group="Inventory",
        title="BigCommerce location that receives the totals",
        help="Name, code or number of the store's location; empty for its default location.",
        when=_STOCK_PUSHED,
    )
    warehouse_map: dict[str, str] = selling_settings.warehouse_map(
        _STOCK_PUSHED,
        help="Hub location (name, code or id) → BigCommerce location; others feed the one that receives the totals.",
    )
    inventory_buffer: int = selling_settings.inventory_buffer(_STOCK_PUSHED)
    inventory_percentage: int = selling_settings.inventory_percentage(_STOCK_PUSHED)
    out_of_stock_below: int = selling_settings.out_of_stock_below(_STOCK_PUSHED, channel="the store")
    last_units_below: int = selling_settings.last_units_below(_STOCK_PUSHED)
    last_units_share: int = selling_settings.last_units_share(_STOCK_PUSHED)
    last_units_buffer: int = selling_settings.last_units_buffer(_STOCK_PUSHED)
    item_sync: bool = selling_settings.item_sync(_STOCK_PUSHED)
    force_inventory_resync: bool = selling_settings.force_inventory_resync(does="read or push")
    pull_fulfillments: bool = setting(
        False,
        group="Fulfillments",
        title="Pull fulfillments from BigCommerce",
        help="Shipments recorded in BigCommerce become the hub's fulfillments.",
    )
    push_fulfillments: bool = setting(
        False,
        group="Fulfillments",
        title="Push fulfillments to BigCommerce",
        help="Fulfillments of the hub become shipments in BigCommerce, those of orders that the hub created there as well.",
    )
    locations: bool = setting(
        False,
        group="Locations",
        title="Pull locations from BigCommerce",
        help="Take in the store's locations, so that stock can be kept apart by place.",
    )
