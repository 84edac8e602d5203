"""What can be set for a BigCommerce store, and the credentials of its API account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from crossdock.connectors.bigcommerce.api_path import ApiPath
from crossdock.connectors.settings import (
    Choice,
    Credentials,
    ScopedSettings,
    SkuList,
    When,
    credential,
    setting,
)


def _is_api_path(text: str) -> str:
    ApiPath.parse(text)
    return text


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
        when=When("orders", (True,)),
    )
    order_ids: SkuList = setting(
        (),
        group="Orders",
        title="Process only orders with specific order IDs",
        help="Only these orders are processed, for testing. Empty means all.",
        when=When("orders", (True,)),
    )
    ignore_orders_created_before: Annotated[datetime, AfterValidator(_in_utc)] | None = setting(
        None,
        group="Orders",
        title="Ignore orders created before",
        help="Older orders are left alone. A date, or a time with its zone; UTC where none is given.",
        when=When("orders", (True,)),
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
        when=When("sales_report", (SalesReportWay.ORDER,)),
        ge=1,
        le=14,
    )
    inventory_skus: SkuList = setting(
        (),
        group="Inventory",
        title="Process inventory information only for products with specific SKUs",
        help="Only these SKUs are processed. Empty means all.",
        when=When("inventory", (InventoryDirection.PULL, InventoryDirection.PUSH)),
    )
    inventory_location: str = setting(
        "",
        group="Inventory",
        title="Push inventory from a specific location only",
        help="The one hub location whose numbers are pushed. Empty means the totals of all.",
        when=When("inventory", (InventoryDirection.PUSH,)),
    )
    locations: bool = setting(
        False,
        group="Locations",
        title="Pull locations from BigCommerce",
        help="Take in the store's locations, so that stock can be kept apart by place.",
    )
