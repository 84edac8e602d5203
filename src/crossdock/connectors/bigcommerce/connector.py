"""The BigCommerce connector: what it can do, joined from its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from crossdock.connectors.bigcommerce import account, webhooks
from crossdock.connectors.bigcommerce.api_path import ApiPath
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.created_order import Destination, LinkedLines, from_order
from crossdock.connectors.bigcommerce.names import NameBook
from crossdock.connectors.bigcommerce.orders import Orders
from crossdock.connectors.bigcommerce.products import Products
from crossdock.connectors.bigcommerce.settings import (
    BigCommerceCredentials,
    BigCommerceSettings,
    InventoryDirection,
    ProductsDirection,
)
from crossdock.connectors.bigcommerce.stock import LARGEST_REPORT, Locations, Stock
from crossdock.connectors.bigcommerce.store_facts import StoreFacts
from crossdock.connectors.bigcommerce.tracking import Tracking
from crossdock.connectors.contract import (
    Connector,
    CreatesOrders,
    Hint,
    PullsInventory,
    PullsLocations,
    PullsOrders,
    PullsProducts,
    Rules,
    SalesReport,
    TakesSalesReports,
    Toolbox,
)
from crossdock.connectors.errors import RefusedError
from crossdock.connectors.settings import ConnectorSettings, Credentials
from crossdock.domain.channel import (
    Account,
    ChannelId,
    ChannelLocation,
    ChannelOrder,
    ChannelProduct,
    ChannelSku,
    ChannelStock,
    StockAdjustment,
)
from crossdock.domain.sync import Cursor, Entity, Page

CANCELLED = 5


class BigCommerce(
    Connector,
    PullsProducts,
    PullsLocations,
    PullsInventory,
    PullsOrders,
    TakesSalesReports,
    CreatesOrders,
):
    key: ClassVar[str] = "bigcommerce"
    title: ClassVar[str] = "BigCommerce"
    settings_type: ClassVar[type[ConnectorSettings]] = BigCommerceSettings
    credentials_type: ClassVar[type[Credentials]] = BigCommerceCredentials

    def __init__(self, toolbox: Toolbox) -> None:
        super().__init__(toolbox)
        if not isinstance(toolbox.settings, BigCommerceSettings):
            raise TypeError("BigCommerce needs its own settings")
        self._settings = toolbox.settings
        self._credentials = _own(toolbox.credentials)
        self._path = ApiPath.parse(self._credentials.api_path)
        token = self._credentials.access_token.get_secret_value()
        self._client = Client(toolbox.http, self._path, token)
        self._facts = StoreFacts(self._client, toolbox.facts)
        self._tracking = Tracking(self._client, toolbox.memory)

    # The connection

    def check(self) -> Account:
        return account.check(self._client, store_hash=self._path.store_hash)

    def flows(self) -> Mapping[tuple[str, Entity], bool]:
        settings = self._settings
        pulls_stock = settings.inventory is InventoryDirection.PULL
        return {
            ("pull", Entity.PRODUCTS): settings.products is ProductsDirection.PULL,
            ("push", Entity.PRODUCTS): settings.products is ProductsDirection.PUSH,
            ("pull", Entity.LOCATIONS): settings.locations,
            ("pull", Entity.ORDERS): settings.orders,
            ("pull", Entity.INVENTORY): pulls_stock,
            ("push", Entity.INVENTORY): settings.inventory is InventoryDirection.PUSH,
            ("push", Entity.SALES): pulls_stock,
        }

    def rules(self) -> Rules:
        settings = self._settings
        return Rules(
            product_skus=frozenset(settings.product_skus),
            order_ids=frozenset(settings.order_ids),
            inventory_skus=frozenset(settings.inventory_skus),
            ignore_orders_before=settings.ignore_orders_created_before,
            sales_report=SalesReport(settings.sales_report.value),
            inventory_buffer=settings.inventory_buffer,
            inventory_percentage=settings.inventory_percentage,
            out_of_stock_below=settings.out_of_stock_below,
            inventory_location=settings.inventory_location,
            switches_items=settings.item_sync,
            pushes_cancellations=settings.cancel_orders,
            cancels_originals=settings.cancel_originals,
            restocks_returns=settings.restock_refunds,
        )

    def refusal(self, direction: str, entity: Entity) -> str | None:
        unavailable = {Entity.PRODUCTS: "products", Entity.INVENTORY: "inventory"}
        if direction == "push" and entity in unavailable:
            return f"Pushing {unavailable[entity]} to BigCommerce is not available in this version."
        return None

    # Pulls

    def pull_products(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]:
        return self._products.pull(since, self.toolbox.clock)

    @cached_property
    def _products(self) -> Products:
        names = NameBook(self._client, self.toolbox.memory)
        return Products(self._client, self._facts, names, self._tracking)

    def pull_locations(self, since: Cursor | None) -> Iterator[Page[ChannelLocation]]:
        return Locations(self._client).pull(since, self.toolbox.clock)

    def pull_inventory(self, since: Cursor | None) -> Iterator[Page[ChannelStock]]:
        return self._stock.pull(since, self.toolbox.clock)

    def read_stock(self, variants: Sequence[tuple[ChannelId, ChannelSku]]) -> Iterator[Page[ChannelStock]]:
        return self._stock.read([variant_id for variant_id, _ in variants], self.toolbox.clock)

    @cached_property
    def _stock(self) -> Stock:
        return Stock(self._client, self._tracking)

    def pull_orders(self, since: Cursor | None) -> Iterator[Page[ChannelOrder]]:
        earliest: datetime | None = self._settings.ignore_orders_created_before
        return self._orders.pull(since, self.toolbox.clock, created_since=earliest)

    @cached_property
    def _orders(self) -> Orders:
        return Orders(
            self._client,
            stock_behavior=self._facts.stock_behavior,
            takes_drafts=self._settings.draft_orders,
        )

    # Sales made elsewhere

    @property
    def largest_report(self) -> int:
        return LARGEST_REPORT

    def report_sales(self, adjustments: Sequence[StockAdjustment]) -> str:
        return self._stock.report(adjustments)

    def find_order(self, external_reference: str) -> ChannelId | None:
        return self._orders.find(external_reference)

    def create_order(self, order: ChannelOrder, lines: LinkedLines) -> ChannelId:
        """The platform has no idempotency key: call find_order with the order's id before a second attempt."""
        if order.currency != self._facts.currency:
            raise RefusedError(
                f"The order is in {order.currency}, the store sells in {self._facts.currency}",
                fix="Report these sales by a stock adjustment instead.",
            )
        destination = Destination(self._settings.created_order_status, self._facts.country)
        created = self._client.create_order(from_order(order, lines, destination))
        return ChannelId(str(created.id))

    def cancel_order(self, channel_id: ChannelId) -> None:
        """Status 5; the store puts the units back where its settings say so, once."""
        self._client.update_order(channel_id, {"status_id": CANCELLED})

    # Webhooks

    @classmethod
    def read_webhook(cls, credentials: Credentials, headers: Mapping[str, str], body: bytes) -> Hint:
        own = _own(credentials)
        store_hash = ApiPath.parse(own.api_path).store_hash
        return webhooks.read(own.client_secret.get_secret_value(), store_hash, headers, body)

    def ensure_webhooks(self, public_url: str) -> list[str]:
        """Have events of all flows that are on delivered to `public_url`. Says what had to be done."""
        webhooks.check_destination(public_url, self._path)
        wanted = {
            entity for (direction, entity), is_on in self.flows().items() if is_on and direction == "pull"
        }
        secret = self._credentials.client_secret.get_secret_value()
        return webhooks.ensure(self._client, public_url, client_secret=secret, entities=wanted)


def _own(credentials: Credentials) -> BigCommerceCredentials:
    if not isinstance(credentials, BigCommerceCredentials):
        raise TypeError("BigCommerce needs its own credentials")
    return credentials
