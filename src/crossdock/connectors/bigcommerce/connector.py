"""The BigCommerce connector: what it can do, joined from its parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from crossdock.connectors import selling_settings
from crossdock.connectors.bigcommerce import account, webhooks
from crossdock.connectors.bigcommerce.api_path import ApiPath
from crossdock.connectors.bigcommerce.cancellations import LINES_REFUSAL, Cancellations
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.created_orders import CreatedOrders
from crossdock.connectors.bigcommerce.digests import ProductDigests
from crossdock.connectors.bigcommerce.finding import Finder
from crossdock.connectors.bigcommerce.mapping import drift
from crossdock.connectors.bigcommerce.mapping.created_order import Destination
from crossdock.connectors.bigcommerce.mapping.listing import Style
from crossdock.connectors.bigcommerce.mapping.order import StoreRules
from crossdock.connectors.bigcommerce.mapping.order_status import DRAFT_TAG
from crossdock.connectors.bigcommerce.names import NameBook
from crossdock.connectors.bigcommerce.orders import Orders
from crossdock.connectors.bigcommerce.products import Products
from crossdock.connectors.bigcommerce.publish import Publisher
from crossdock.connectors.bigcommerce.refunds import Refunds
from crossdock.connectors.bigcommerce.sent_orders import SentOrders
from crossdock.connectors.bigcommerce.settings import (
    BigCommerceCredentials,
    BigCommerceSettings,
    InventoryDirection,
    PricesOn,
    ProductsDirection,
    RefusedStock,
)
from crossdock.connectors.bigcommerce.shelves import Shelves
from crossdock.connectors.bigcommerce.shipment_push import ShipmentPush
from crossdock.connectors.bigcommerce.shipments import Shipments
from crossdock.connectors.bigcommerce.standing import standing
from crossdock.connectors.bigcommerce.stock import LARGEST_REPORT, Locations, Stock
from crossdock.connectors.bigcommerce.stock_push import StockPush
from crossdock.connectors.bigcommerce.store_facts import StoreFacts
from crossdock.connectors.bigcommerce.tracking import IDS_PER_CALL, Tracking
from crossdock.connectors.contract import (
    Connector,
    CreatesOrders,
    DeactivatesProducts,
    Hint,
    PullsFulfillments,
    PullsInventory,
    PullsListings,
    PullsLocations,
    PullsOrders,
    PullsProducts,
    PullsReturns,
    PushesCancellations,
    PushesFulfillments,
    PushesInventory,
    PushesProducts,
    ReadsNamedStock,
    Rules,
    SalesReport,
    TakesSalesReports,
    TellsWhenSent,
    Toolbox,
)
from crossdock.connectors.settings import ConnectorSettings, Credentials
from crossdock.connectors.showing import ShowsProducts, ShowsStanding, ShowsStock
from crossdock.domain.aftersales import CancelReason, ChannelReturn, WantedCancellation
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import (
    Account,
    ChannelId,
    ChannelLocation,
    ChannelOrder,
    ChannelProduct,
    ChannelRecord,
    ChannelSku,
    ChannelStock,
    Standing,
    StockAdjustment,
    StockTarget,
)
from crossdock.domain.drift import Difference, ShownStock
from crossdock.domain.elsewhere import CreatedOrder, LinkedLines
from crossdock.domain.fulfillment import OrderShipments, WantedFulfillment
from crossdock.domain.sync import Change, Cursor, Entity, Outcome, Page

DEFAULT_LOCATION = "1"
"""Every store has it, and it cannot be deleted."""
ORIGINAL_CANCELED = "the order that it was created for was canceled"


class BigCommerce(
    Connector,
    PullsProducts,
    PullsListings,
    PushesProducts,
    DeactivatesProducts,
    PullsLocations,
    PullsInventory,
    ReadsNamedStock,
    PushesInventory,
    ShowsStock,
    ShowsProducts,
    ShowsStanding,
    PullsOrders,
    TakesSalesReports,
    CreatesOrders,
    PushesCancellations,
    PullsReturns,
    PullsFulfillments,
    PushesFulfillments,
    TellsWhenSent,
):
    key: ClassVar[str] = "bigcommerce"
    title: ClassVar[str] = "BigCommerce"
    settings_type: ClassVar[type[ConnectorSettings]] = BigCommerceSettings
    credentials_type: ClassVar[type[Credentials]] = BigCommerceCredentials
    guidance: ClassVar[str] = (
        "In the store's control panel: Advanced Settings → API Accounts → create an API account with read and write "
        "access on orders, products, inventory and fulfillments. Its details are shown once; enter them here."
    )
    stock_shows_after_seconds = (0.3, 0.7, 2.0, 5.0)
    stock_written_at_once = 2000
    offers_read_at_once = IDS_PER_CALL
    keeps_deleted = False

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
        pushes_stock = settings.inventory is InventoryDirection.PUSH
        return {
            ("pull", Entity.PRODUCTS): settings.products is ProductsDirection.PULL,
            ("push", Entity.PRODUCTS): settings.products is ProductsDirection.PUSH,
            ("pull", Entity.LISTINGS): self._needs_listings(),
            ("pull", Entity.LOCATIONS): settings.locations,
            ("pull", Entity.ORDERS): settings.orders,
            ("pull", Entity.INVENTORY): pulls_stock,
            ("push", Entity.INVENTORY): pushes_stock,
            ("push", Entity.SALES): pulls_stock,
            ("push", Entity.CANCELLATIONS): settings.cancel_orders,
            ("pull", Entity.RETURNS): settings.orders and settings.refunds,
            ("pull", Entity.FULFILLMENTS): settings.pull_fulfillments,
            ("push", Entity.FULFILLMENTS): settings.push_fulfillments or settings.in_progress,
            ("pull", Entity.DRIFT): pushes_stock or settings.products is ProductsDirection.PUSH,
        }

    def _needs_listings(self) -> bool:
        """What the store lists is matched by SKU wherever its products are not read for the catalog."""
        settings = self._settings
        uses_products = settings.products is ProductsDirection.PUSH or settings.orders
        uses_stock = settings.inventory is not InventoryDirection.DISABLED
        return settings.products is not ProductsDirection.PULL and (uses_products or uses_stock)

    def rules(self) -> Rules:
        settings = self._settings
        return Rules(
            product_skus=frozenset(settings.product_skus),
            order_ids=frozenset(settings.order_ids),
            inventory_skus=frozenset(settings.inventory_skus),
            ignore_orders_before=settings.ignore_orders_created_before,
            leaves_out_tags=frozenset() if settings.draft_orders else frozenset({DRAFT_TAG}),
            sales_report=SalesReport(settings.sales_report.value),
            **selling_settings.hold_rules(settings),
            **selling_settings.share_rules(settings),
            inventory_location=settings.inventory_location,
            target_location=settings.target_location,
            default_location=DEFAULT_LOCATION,
            warehouse_map=dict(settings.warehouse_map),
            lists_with_stock=False,
            switches_items=settings.item_sync,
            pushes_cancellations=settings.cancel_orders,
            line_cancellation_refusal=LINES_REFUSAL,
            cancels_originals=settings.cancel_originals,
            restocks_returns=settings.restock_refunds,
            locked_statuses=frozenset(settings.locked_statuses),
            pushes_fulfillments=settings.push_fulfillments,
            tells_when_sent=settings.in_progress,
            refused_stock_as_custom_line=settings.refused_stock is RefusedStock.CUSTOM_LINE,
        )

    # Pulls

    def pull_products(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]:
        digests = ProductDigests(self.toolbox.digests, self._settings.model_dump_json())
        return self._read_products().pull(since, self.toolbox.clock, digests)

    def pull_listings(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]:
        """Of a catalog that is left alone only what matching by SKU needs is read."""
        is_left_alone = self._settings.products is ProductsDirection.DISABLED
        reader = self._read_products(skus_only=is_left_alone)
        return reader.pull(since, self.toolbox.clock, ProductDigests())

    def _read_products(self, *, skus_only: bool = False) -> Products:
        return Products(self._client, self._facts, self._names, self._tracking, skus_only=skus_only)

    @cached_property
    def _names(self) -> NameBook:
        return NameBook(self._client, self.toolbox.memory)

    def pull_locations(self, since: Cursor | None) -> Iterator[Page[ChannelLocation]]:
        return Locations(self._client).pull(since, self.toolbox.clock)

    def pull_inventory(self, since: Cursor | None) -> Iterator[Page[ChannelStock]]:
        return self._stock.pull(since, self.toolbox.clock)

    def read_stock(self, variants: Sequence[tuple[ChannelId, ChannelSku]]) -> Iterator[Page[ChannelStock]]:
        return self._stock.read([variant_id for variant_id, _ in variants], self.toolbox.clock)

    def read_named_stock(self, names: Collection[str]) -> list[Page[ChannelStock]] | None:
        return self._stock.read_named(names, self.toolbox.clock)

    @cached_property
    def _stock(self) -> Stock:
        return Stock(self._client, self._tracking)

    def pull_orders(self, since: Cursor | None) -> Iterator[Page[ChannelOrder]]:
        earliest: datetime | None = self._settings.ignore_orders_created_before
        return self._orders.pull(since, self.toolbox.clock, created_since=earliest)

    @cached_property
    def _orders(self) -> Orders:
        rules = StoreRules(self._facts.stock_behavior, self._settings.status_map)
        return Orders(self._client, rules, takes_drafts=self._settings.draft_orders)

    # Products

    def push_products(self, changes: Sequence[Change[Listable]]) -> Iterator[Outcome]:
        return self._publisher.push(changes)

    def deactivate_products(self, product_ids: Sequence[ChannelId]) -> Iterator[Outcome]:
        return self._publisher.deactivate(product_ids)

    @cached_property
    def _publisher(self) -> Publisher:
        shelves = Shelves(self._client, self._names, self._settings.default_category)
        return Publisher(self._client, self.toolbox.memory, self._style, names=self._names, shelves=shelves)

    @cached_property
    def _style(self) -> Style:
        settings = self._settings
        return Style(
            units=self._facts.units(),
            price_map=settings.price_map,
            inherits_prices=settings.prices_on is PricesOn.INHERIT,
            tax_class=int(settings.default_tax_class) if settings.default_tax_class else None,
        )

    def shown_products(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]:
        return self._read_products().show(since, self.toolbox.clock)

    def differences(self, wanted: Listable, shown: ChannelProduct) -> Iterable[Difference]:
        return drift.differences(wanted, shown, self._style)

    def standing(self, records: Sequence[ChannelRecord]) -> Mapping[ChannelId, Standing]:
        return standing(Finder(self._client), records)

    # Stock

    def push_inventory(self, changes: Sequence[Change[StockTarget]]) -> Iterator[Outcome]:
        return self._stock_push.push(changes)

    def read_offered(
        self, targets: Sequence[StockTarget]
    ) -> Iterable[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
        return self._stock_push.offered(targets)

    def shown_stock(self, since: Cursor | None) -> Iterator[Page[ShownStock]]:
        return self._stock_push.shown(since, self.toolbox.clock)

    @cached_property
    def _stock_push(self) -> StockPush:
        return StockPush(self._client, self._tracking)

    # Sales made elsewhere

    @property
    def largest_report(self) -> int:
        return LARGEST_REPORT

    def report_sales(self, adjustments: Sequence[StockAdjustment]) -> str:
        return self._stock.report(adjustments)

    def find_order(self, external_reference: str) -> CreatedOrder | None:
        return self._created_orders("").find(external_reference)

    def create_order(
        self,
        order: ChannelOrder,
        lines: LinkedLines,
        *,
        source: str = "",
        refused: Collection[ChannelId] = (),
    ) -> CreatedOrder:
        return self._created_orders(source, refused).create(order, lines)

    def release_order(self, channel_id: ChannelId, order: ChannelOrder) -> None:
        self._created_orders("").release(channel_id, order)

    def _created_orders(self, source: str, refused: Collection[ChannelId] = ()) -> CreatedOrders:
        settings = self._settings
        destination = Destination(
            settings.created_order_status,
            self._facts.country,
            settings.created_order_channel,
            source,
            frozenset(refused),
        )
        return CreatedOrders(self._client, destination, self._facts.currency, settings.locked_statuses)

    def cancel_order(self, channel_id: ChannelId) -> None:
        """Status 5, unless it left or is locked; the store puts the units back where its settings say so, once."""
        wanted = WantedCancellation(channel_id, CancelReason.OTHER, ORIGINAL_CANCELED)
        self._cancellations.cancel(wanted)

    # Cancellations and refunds

    def push_cancellations(self, changes: Sequence[Change[WantedCancellation]]) -> Iterator[Outcome]:
        return self._cancellations.push(changes)

    @property
    def _cancellations(self) -> Cancellations:
        return Cancellations(self._client, self._settings.locked_statuses)

    def pull_returns(self, since: Cursor | None) -> Iterator[Page[ChannelReturn]]:
        return Refunds(self._client).pull(since, self.toolbox.clock)

    # Fulfillments

    def pull_fulfillments(self, since: Cursor | None) -> Iterator[Page[OrderShipments]]:
        earliest: datetime | None = self._settings.ignore_orders_created_before
        return Shipments(self._client, placed_since=earliest).pull(since, self.toolbox.clock)

    def push_fulfillments(self, changes: Sequence[Change[WantedFulfillment]]) -> Iterator[Outcome]:
        return ShipmentPush(self._client, self._settings.locked_statuses).push(changes)

    def tell_sent(self, changes: Sequence[Change[ChannelId]]) -> Iterator[Outcome]:
        settings = self._settings
        sent = SentOrders(
            self._client, settings.in_progress_status, settings.status_map, settings.locked_statuses
        )
        return sent.tell(changes)

    # Webhooks

    @classmethod
    def read_webhook(cls, credentials: Credentials, headers: Mapping[str, str], body: bytes) -> Hint:
        own = _own(credentials)
        store_hash = ApiPath.parse(own.api_path).store_hash
        return webhooks.read(own.client_secret.get_secret_value(), store_hash, headers, body)

    def ensure_webhooks(self, public_url: str, *, former: str = "") -> list[str]:
        """Have events of all flows that are on delivered to `public_url`. Says what had to be done."""
        webhooks.check_destination(public_url, self._path)
        wanted = {
            entity for (direction, entity), is_on in self.flows().items() if is_on and direction == "pull"
        }
        secret = self._credentials.client_secret.get_secret_value()
        target = webhooks.Target(public_url, former, secret, now=self.toolbox.clock())
        return webhooks.ensure(self._client, target, wanted)


def _own(credentials: Credentials) -> BigCommerceCredentials:
    if not isinstance(credentials, BigCommerceCredentials):
        raise TypeError("BigCommerce needs its own credentials")
    return credentials
