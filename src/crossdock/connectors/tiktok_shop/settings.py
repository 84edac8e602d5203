"""Credentials and settings of a TikTok Shop integration, and what they mean to the hub."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr, field_validator

from crossdock.connectors.contract import Rules
from crossdock.connectors.settings import (
    Choice,
    Credentials,
    ScopedSettings,
    SkuList,
    When,
    credential,
    setting,
)
from crossdock.connectors.tiktok_shop.mapping.units import to_dimensions, to_weight

SPECIAL_TAGS = frozenset({"sample", "replacement", "exchange"})
FBT_TAG = "fbt"


class Market(Choice):
    US = "US", "United States"
    OTHER = "other", "Any other market"


AUTHORIZE_BASES = {
    Market.US: "https://services.us.tiktokshop.com",
    Market.OTHER: "https://services.tiktokshop.com",
}


class TikTokShopCredentials(Credentials):
    """What Partner Center shows of the app; the tokens themselves come by the seller's consent."""

    app_key: str = credential(title="App key", help="Partner Center → App & Service → your app → App key.")
    app_secret: SecretStr = credential(title="App secret", help="Beside the app key.")
    service_id: str = credential(
        title="Service ID", help="Beside the app key; the consent page asks for this one."
    )
    market: Market = credential(
        title="Market",
        default=Market.US,
        help="The market the app was registered for: it decides where the seller gives consent.",
    )
    shop_id: str = credential(
        title="Shop",
        default="",
        help="Only where one seller has several shops: the id or the code of the one to connect.",
    )
    api_base: str = credential(
        title="API address",
        default="https://open-api.tiktokglobalshop.com",
        help="Where calls go.",
        advanced=True,
    )
    token_base: str = credential(
        title="Token address",
        default="https://auth.tiktok-shops.com",
        help="Where codes and tokens are traded.",
        advanced=True,
    )
    authorize_base: str = credential(
        title="Consent page address",
        default="",
        help="Where the seller gives consent; empty for the page of the market.",
        advanced=True,
    )

    @field_validator("api_base", "token_base", "authorize_base", mode="after")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    def consent_base(self) -> str:
        return self.authorize_base or AUTHORIZE_BASES[self.market]


class ProductsFlow(Choice):
    PULL = "pull", "Pull products from TikTok Shop"
    PUSH = "push", "Push products to TikTok Shop"
    DISABLED = "disabled", "Disabled"


class CategoryVersion(Choice):
    AUTO = "auto", "By the shop's market"
    V1 = "v1", "Three levels (v1)"
    V2 = "v2", "Seven levels (v2)"


class SpecialOrders(Choice):
    PULL = "pull", "Pull"
    HOLD = "hold", "Hold for review"
    LEAVE_OUT = "leave_out", "Leave out"


class UnmappedLocations(Choice):
    DEFAULT = "default_warehouse", "Default warehouse"
    NOWHERE = "nowhere", "Nowhere"


class FulfilledByTikTok(Choice):
    RECORD = "record", "Record as fulfilled"
    LEAVE_OUT = "leave_out", "Leave out"


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
        help="Attribute name → value, or category id/attribute name → value for one category.",
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
        help="Date or time (UTC); older orders are not read.",
        when=_ORDERS,
    )
    special_orders: SpecialOrders = setting(
        SpecialOrders.PULL,
        group="Orders",
        title="Sample, replacement and exchange orders",
        help="They cost the buyer nothing and still need shipping.",
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
    inventory_buffer: int = setting(
        0, group="Inventory", title="Buffer", help="Units held back from sale.", ge=0, when=_STOCK
    )
    warehouse_map: dict[str, str] = setting(
        {},
        group="Inventory",
        title="Location to warehouse map",
        help="Hub location (name, code or id) → TikTok Shop warehouse id.",
        when=_STOCK,
    )
    unmapped_locations: UnmappedLocations = setting(
        UnmappedLocations.DEFAULT,
        group="Inventory",
        title="Quantities of unmapped locations",
        help="Where the stock of locations outside the map is offered.",
        when=_STOCK,
    )
    locations: bool = setting(
        False,
        group="Locations",
        title="Pull warehouses",
        help="TikTok Shop's warehouses become hub locations.",
    )
    fulfilled_by_tiktok: FulfilledByTikTok = setting(
        FulfilledByTikTok.RECORD,
        group="Locations",
        title="Fulfilled by TikTok",
        help="Orders that leave TikTok's own warehouses never touch the merchant's stock.",
        when=_ORDERS,
    )

    @field_validator("ignore_orders_created_before", mode="after")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    @field_validator("ignore_orders_created_before", "untracked_quantity", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

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
    special = settings.special_orders
    left_out = set(SPECIAL_TAGS) if special is SpecialOrders.LEAVE_OUT else set()
    if settings.fulfilled_by_tiktok is FulfilledByTikTok.LEAVE_OUT:
        left_out.add(FBT_TAG)
    return Rules(
        product_skus=frozenset(settings.product_skus),
        order_ids=frozenset(settings.order_ids),
        inventory_skus=frozenset(settings.inventory_skus),
        ignore_orders_before=settings.ignore_orders_created_before,
        leaves_out_tags=frozenset(left_out),
        holds_tags=SPECIAL_TAGS if special is SpecialOrders.HOLD else frozenset(),
        inventory_buffer=settings.inventory_buffer,
        warehouse_map=dict(settings.warehouse_map),
        unmapped_to_default=settings.unmapped_locations is UnmappedLocations.DEFAULT,
        untracked_quantity=settings.untracked_quantity,
    )
