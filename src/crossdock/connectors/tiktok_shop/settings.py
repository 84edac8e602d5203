"""What can be set for a TikTok Shop integration, and what it means to the hub."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import field_validator

from crossdock.connectors import selling_settings
from crossdock.connectors.contract import BuyerCancellations, Rules
from crossdock.connectors.settings import ScopedSettings, SkuList, When, setting
from crossdock.connectors.tiktok_shop.choices import (
    BuyerRequests,
    CategoryVersion,
    FulfilledByTikTok,
    Handover,
    IncompleteProducts,
    ProductsFlow,
    ShippedByTikTok,
    SpecialOrders,
    UnmappedLocations,
)
from crossdock.connectors.tiktok_shop.mapping.order_status import CANCELED, STATUS_NAMES
from crossdock.domain.order import read_channel_statuses, read_status_map
from crossdock.domain.units import to_dimensions, to_weight

SPECIAL_TAGS = frozenset({"sample", "replacement", "exchange"})
PRE_ORDER_TAG = "pre_order"
FBT_TAG = "fbt"


_PUSHED = When("products", (ProductsFlow.PUSH,))
_ORDERS = When("orders", (True,))
_STOCK = When("inventory", (True,))


class TikTokShopSettings(ScopedSettings):
    products: ProductsFlow = setting(
        ProductsFlow.DISABLED,
        group="Products",
        title="Process product catalog updates",
        help="The direction of the catalog. Push works for US and UK shops only; Disabled leaves orders and "
        "inventory syncing.",
    )
    product_skus: SkuList = setting(
        (),
        group="Products",
        title="Process only products with specific SKUs",
        help="Exact SKUs; empty for all.",
        when=When("products", (ProductsFlow.PULL, ProductsFlow.PUSH)),
    )
    force_product_resync: bool = selling_settings.force_product_resync()
    category_map: dict[str, str] = setting(
        {},
        group="Products",
        title="Category map",
        help="Hub category (its name, or its path as Root / Leaf) → TikTok Shop category id.",
        when=_PUSHED,
    )
    default_category: str = setting(
        "",
        group="Products",
        title="Default category",
        help="TikTok Shop category id for products that neither the map nor TikTok Shop's advice can place.",
        when=_PUSHED,
    )
    attribute_defaults: dict[str, str] = setting(
        {},
        group="Products",
        title="Attribute values",
        help="Attribute name → value, or category id/attribute name → value for one category. Several values "
        "are parted by a semicolon.",
        when=_PUSHED,
    )
    attribute_map: dict[str, str] = setting(
        {},
        group="Products",
        title="Attribute map",
        help="Attribute name, or category id/attribute name → the hub's brand, title, sku, mpn, gtin, weight or "
        "category, or the name of an option. Where the product has none, Attribute values serve.",
        when=_PUSHED,
    )
    incomplete_products: IncompleteProducts = setting(
        IncompleteProducts.DRAFT,
        group="Products",
        title="Products that lack required data",
        help="Attributes, certificates, a size chart or a brand authorization that are missing can be supplied "
        "later: meanwhile the product is a draft on TikTok Shop, or stays in the hub.",
        when=_PUSHED,
    )
    daily_upload_limit: int | None = setting(
        None,
        group="Products",
        title="Products created per day at most",
        help="By UTC day; the others follow by themselves. Empty: until TikTok Shop says that its own limit is "
        "reached. New shops may create 100 a day.",
        ge=1,
        when=_PUSHED,
    )
    default_package_weight: str = setting(
        "",
        group="Products",
        title="Default package weight",
        help="For products without a weight, such as 1.5 lb or 700 g.",
        when=_PUSHED,
    )
    default_package_size: str = setting(
        "",
        group="Products",
        title="Default package size",
        help="For products without measures, such as 12x10x2 in.",
        when=_PUSHED,
    )
    category_version: CategoryVersion = setting(
        CategoryVersion.AUTO,
        group="Products",
        title="Category tree",
        help="Which of TikTok Shop's category trees the ids above come from.",
        when=_PUSHED,
    )
    untracked_quantity: int | None = setting(
        None,
        group="Products",
        title="Quantity of products without stock tracking",
        help="What to offer of products whose stock nobody counts; empty keeps them off TikTok Shop.",
        ge=0,
        le=99_999,
    )
    orders: bool = setting(
        False,
        group="Orders",
        title="Pull orders from TikTok Shop",
        help="Orders become hub orders.",
    )
    order_ids: SkuList = setting(
        (),
        group="Orders",
        title="Process only orders with specific order IDs",
        help="For testing; empty for all.",
        when=_ORDERS,
    )
    ignore_orders_created_before: datetime | None = setting(
        None,
        group="Orders",
        title="Ignore orders created before",
        help="Date or time (UTC); older orders are left alone.",
        when=_ORDERS,
    )
    hold_minutes: int = selling_settings.hold_minutes(
        _ORDERS, advice="Buyers may change or cancel for about an hour, so 60 is advised."
    )
    hold_from: selling_settings.HoldFrom = selling_settings.hold_from(_ORDERS)
    hold_hours: selling_settings.HoldHours = selling_settings.hold_hours(_ORDERS)
    hold_next: selling_settings.HoldNext = selling_settings.hold_next(_ORDERS)
    special_orders: SpecialOrders = setting(
        SpecialOrders.PULL,
        group="Orders",
        title="Sample, replacement and exchange orders",
        help="They cost the buyer nothing and still need shipping.",
        when=_ORDERS,
    )
    pre_orders: SpecialOrders = setting(
        SpecialOrders.PULL,
        group="Orders",
        title="Pre-orders",
        help="Orders of goods that are released or made later.",
        when=_ORDERS,
    )
    status_map: dict[str, str] = setting(
        {},
        group="Orders",
        title="Order status map",
        help="TikTok Shop status → hub status, where it differs from the usual one.",
        when=_ORDERS,
    )
    locked_statuses: SkuList = setting(
        (),
        group="Orders",
        title="Locked statuses",
        help="TikTok Shop statuses in which the hub never cancels an order there.",
    )
    cancel_orders: bool = setting(
        False,
        group="Orders",
        title="Cancel TikTok Shop orders canceled in the hub",
        help="An order, or some of its lines, that is canceled in the hub is canceled on TikTok Shop.",
    )
    cancel_reason: str = setting(
        "",
        group="Orders",
        title="Cancellation reason",
        help="TikTok Shop's name of the reason to give; empty for the one that fits the market and the case.",
        when=When("cancel_orders", (True,)),
    )
    buyer_cancellations: BuyerRequests = setting(
        BuyerRequests.REVIEW,
        group="Orders",
        title="Buyer cancellation requests",
        help="What happens when a buyer asks to cancel an order that is paid and not yet shipped.",
        when=_ORDERS,
    )
    inventory: bool = setting(
        False,
        group="Inventory",
        title="Push inventory to TikTok Shop",
        help="TikTok Shop offers what the hub has available.",
    )
    inventory_skus: SkuList = setting(
        (),
        group="Inventory",
        title="Process inventory information only for products with specific SKUs",
        help="Exact SKUs; empty for all.",
        when=_STOCK,
    )
    inventory_buffer: int = selling_settings.inventory_buffer(_STOCK)
    inventory_percentage: int = selling_settings.inventory_percentage(_STOCK)
    out_of_stock_below: int = selling_settings.out_of_stock_below(_STOCK, channel="TikTok Shop")
    last_units_below: int = selling_settings.last_units_below(_STOCK)
    last_units_share: int = selling_settings.last_units_share(_STOCK)
    last_units_buffer: int = selling_settings.last_units_buffer(_STOCK)
    inventory_location: str = selling_settings.inventory_location(_STOCK)
    item_sync: bool = selling_settings.item_sync(_STOCK)
    warehouse_map: dict[str, str] = selling_settings.warehouse_map(
        _STOCK,
        help="Hub location (name, code or id) → TikTok Shop warehouse id.",
    )
    unmapped_locations: UnmappedLocations = setting(
        UnmappedLocations.DEFAULT,
        group="Inventory",
        title="Quantities of unmapped locations",
        help="Where the stock of locations outside the map is offered.",
        when=_STOCK,
    )
    force_inventory_resync: bool = selling_settings.force_inventory_resync(does="push")
    push_fulfillments: bool = setting(
        False,
        group="Fulfillments",
        title="Push fulfillments to TikTok Shop",
        help="Carrier and tracking of the hub's fulfillments are sent to TikTok Shop, which counts the units as shipped.",
    )
    carrier_map: dict[str, str] = setting(
        {},
        group="Fulfillments",
        title="Carrier map",
        help="Carrier as the hub names it → name or id of TikTok Shop's shipping provider, where those differ.",
        when=When("push_fulfillments", (True,)),
    )
    shipped_by_tiktok: ShippedByTikTok = setting(
        ShippedByTikTok.RECORD,
        group="Fulfillments",
        title="Orders shipped by TikTok's label",
        help="Such orders are shipped somehow and only recorded, or a location packs them. In the latter case Push "
        "fulfillments has TikTok Shop make the label, which it may charge for, once the location says what it packed.",
        when=_ORDERS,
    )
    handover: Handover = setting(
        Handover.DROP_OFF,
        group="Fulfillments",
        title="How TikTok's carrier gets parcels",
        help="For markets where that is said of each package; the other way is taken where this one is not offered.",
        when=When("shipped_by_tiktok", (ShippedByTikTok.PACK,)),
    )
    locations: bool = setting(
        False,
        group="Locations",
        title="Pull warehouses",
        help="TikTok Shop's warehouses become hub locations.",
    )
    location_preferences: dict[str, str] = setting(
        {},
        group="Locations",
        title="Location preferences",
        help="TikTok Shop warehouse (name or id) → hub location (name, code or id) that its orders are taken from.",
        when=_ORDERS,
    )
    fulfilled_by_tiktok: FulfilledByTikTok = setting(
        FulfilledByTikTok.RECORD,
        group="Locations",
        title="Fulfilled by TikTok",
        help="Orders that leave TikTok's own warehouses never touch the merchant's stock.",
        when=_ORDERS,
    )

    returns: bool = setting(
        False,
        group="Returns, refunds, statements",
        title="Pull returns and refunds",
        help="Returns and refunds of buyers are shown on their orders, with money and lines.",
        when=_ORDERS,
    )
    restock_returns: bool = setting(
        False,
        group="Returns, refunds, statements",
        title="Restock returned items",
        help="Count goods that came back into stock again.",
        when=When("returns", (True,)),
    )
    answer_returns: bool = setting(
        False,
        group="Returns, refunds, statements",
        title="Answer returns from the hub",
        help="What people decide in the hub about a return, or about goods that came back, is told to TikTok Shop.",
        when=When("returns", (True,)),
    )
    statements: bool = setting(
        False,
        group="Returns, refunds, statements",
        title="Pull statements",
        help="What TikTok Shop settled and paid out, shown on the orders it is for.",
        when=_ORDERS,
    )

    @field_validator("ignore_orders_created_before", mode="after")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    @field_validator(
        "ignore_orders_created_before", "untracked_quantity", "daily_upload_limit", mode="before"
    )
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("status_map", mode="after")
    @classmethod
    def _is_a_status_map(cls, value: dict[str, str]) -> dict[str, str]:
        return read_status_map(value, STATUS_NAMES, canceled={CANCELED})

    @field_validator("locked_statuses", mode="after")
    @classmethod
    def _are_statuses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return read_channel_statuses(value, STATUS_NAMES)

    @field_validator("default_package_weight", mode="after")
    @classmethod
    def _is_a_weight(cls, value: str) -> str:
        if value.strip():
            to_weight(value)
        return value.strip()

    @field_validator("default_package_size", mode="after")
    @classmethod
    def _is_a_size(cls, value: str) -> str:
        if value.strip():
            to_dimensions(value)
        return value.strip()


def to_rules(settings: TikTokShopSettings) -> Rules:
    """The settings in the words that all connectors share."""
    chosen = {PRE_ORDER_TAG: settings.pre_orders} | dict.fromkeys(SPECIAL_TAGS, settings.special_orders)
    left_out = {tag for tag, choice in chosen.items() if choice is SpecialOrders.LEAVE_OUT}
    if settings.fulfilled_by_tiktok is FulfilledByTikTok.LEAVE_OUT:
        left_out.add(FBT_TAG)
    return Rules(
        product_skus=frozenset(settings.product_skus),
        order_ids=frozenset(settings.order_ids),
        inventory_skus=frozenset(settings.inventory_skus),
        ignore_orders_before=settings.ignore_orders_created_before,
        leaves_out_tags=frozenset(left_out),
        holds_tags=frozenset(tag for tag, choice in chosen.items() if choice is SpecialOrders.HOLD),
        **selling_settings.hold_rules(settings),
        **selling_settings.share_rules(settings),
        inventory_location=settings.inventory_location,
        switches_items=settings.item_sync,
        warehouse_map=dict(settings.warehouse_map),
        unmapped_to_default=settings.unmapped_locations is UnmappedLocations.DEFAULT,
        untracked_quantity=settings.untracked_quantity,
        needs_return_warehouse=True,
        location_preferences=dict(settings.location_preferences),
        pushes_cancellations=settings.cancel_orders,
        pushes_fulfillments=settings.push_fulfillments,
        buyer_cancellations=BuyerCancellations(settings.buyer_cancellations.value),
        restocks_returns=settings.restock_returns,
        answers_returns=settings.answer_returns,
        locked_statuses=frozenset(settings.locked_statuses),
    )
