"""The TikTok Shop connector: joins its calls and its mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast
from urllib.parse import urlencode

from crossdock.connectors.contract import (
    Connector,
    Hint,
    PullsListings,
    PullsLocations,
    PullsOrders,
    PushesInventory,
    PushesProducts,
    Rules,
    SendsWebhooks,
    SignsInByLink,
    Toolbox,
)
from crossdock.connectors.errors import AccessMissingError, RefusedError
from crossdock.connectors.settings import Credentials
from crossdock.connectors.tiktok_shop import payloads
from crossdock.connectors.tiktok_shop.calls import Caller
from crossdock.connectors.tiktok_shop.categories import Categories
from crossdock.connectors.tiktok_shop.choices import ProductsFlow
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.drafts import Drafts
from crossdock.connectors.tiktok_shop.images import Images
from crossdock.connectors.tiktok_shop.listings import pull_listings
from crossdock.connectors.tiktok_shop.mapping.location import to_location
from crossdock.connectors.tiktok_shop.orders import pull_orders
from crossdock.connectors.tiktok_shop.publish import Publisher, region_refusal
from crossdock.connectors.tiktok_shop.reading import read_records, to_cursor
from crossdock.connectors.tiktok_shop.regions import currency_of
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings, to_rules
from crossdock.connectors.tiktok_shop.stock import push_inventory, read_offered
from crossdock.connectors.tiktok_shop.tokens import TokenKeeper
from crossdock.connectors.tiktok_shop.webhooks import ensure_webhooks, read_webhook
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import (
    Account,
    ChannelId,
    ChannelLocation,
    ChannelOrder,
    ChannelProduct,
    StockTarget,
)
from crossdock.domain.sync import Change, Cursor, Entity, Outcome, Page


class TikTokShop(
    Connector,
    SignsInByLink,
    SendsWebhooks,
    PullsListings,
    PullsLocations,
    PullsOrders,
    PushesProducts,
    PushesInventory,
):
    key = "tiktok_shop"
    title = "TikTok Shop"
    settings_type = TikTokShopSettings
    credentials_type = TikTokShopCredentials

    def __init__(self, toolbox: Toolbox) -> None:
        super().__init__(toolbox)
        self._credentials = cast(TikTokShopCredentials, toolbox.credentials)
        self._settings = cast(TikTokShopSettings, toolbox.settings)
        self._client = Client(Caller(toolbox, self._credentials))

    # Connecting

    def authorize_link(self, state: str) -> str:
        """The consent page takes the service id; the app key would only give a page that it does not exist."""
        query = {"service_id": self._credentials.service_id} | ({"state": state} if state else {})
        return f"{self._credentials.consent_base()}/open/authorize?{urlencode(query)}"

    def exchange_code(self, code: str) -> Mapping[str, str]:
        return TokenKeeper(self.toolbox, self._credentials).exchange(code)

    def check(self) -> Account:
        shop = self._client.find_shop()
        facts = {
            "shop_id": shop.id,
            "shop_name": shop.name,
            "shop_code": shop.code,
            "shop_cipher": shop.cipher,
            "region": shop.region,
            "currency": currency_of(shop.region),
            "seller_type": shop.seller_type,
        }
        if self._settings.products is ProductsFlow.PUSH and region_refusal(shop.name, shop.region) is None:
            facts["lacks_before_listing"] = self._lacks_before_listing()
        return Account(
            channel_id=ChannelId(shop.id),
            name=shop.name,
            currency=facts["currency"],
            region=shop.region,
            facts=facts,
            missing_access=tuple(self._missing_access()),
        )

    def _missing_access(self) -> Iterator[str]:
        """Each area is really called: a scope that is named in the token may still not be usable."""
        calls: Mapping[str, Callable[[], object]] = {
            "orders": lambda: self._client.search_orders({"update_time_ge": self._now()}),
            "products": lambda: self._client.search_products({"update_time_ge": self._now()}),
            "warehouses": self._client.warehouses,
        }
        for area, call in calls.items():
            try:
                call()
            except AccessMissingError as error:
                yield f"{area}: {error}"

    def _lacks_before_listing(self) -> str:
        """Each thing the shop must settle in Seller Center first, with TikTok Shop's reason; empty when ready."""
        try:
            checks = self._client.prerequisites().check_results or ()
        except (AccessMissingError, RefusedError):
            return ""
        return "; ".join(
            f"{payloads.text(check.check_item)}: {', '.join(check.fail_reasons or ('not settled',))}"
            for check in checks
            if check.is_failed
        )

    def _now(self) -> int:
        return int(self.toolbox.clock().timestamp())

    # What the settings mean

    def flows(self) -> Mapping[tuple[str, Entity], bool]:
        settings = self._settings
        pushes_products = settings.products is ProductsFlow.PUSH
        has_catalog = settings.products is not ProductsFlow.DISABLED
        return {
            ("pull", Entity.LOCATIONS): settings.locations or settings.inventory or pushes_products,
            ("pull", Entity.PRODUCTS): settings.products is ProductsFlow.PULL,
            ("pull", Entity.LISTINGS): has_catalog or settings.inventory,
            ("pull", Entity.ORDERS): settings.orders,
            ("push", Entity.PRODUCTS): pushes_products,
            ("push", Entity.INVENTORY): settings.inventory,
        }

    def rules(self) -> Rules:
        return to_rules(self._settings)

    def refusal(self, direction: str, entity: Entity) -> str | None:
        if entity is not Entity.PRODUCTS:
            return None
        if direction == "pull":
            return (
                "Pulling products from TikTok Shop is not available yet; choose Push or Disabled. "
                "Listings, orders and inventory sync all the same"
            )
        shop = self._client.shop()
        return region_refusal(shop.name, shop.region)

    # Pulls

    def pull_listings(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]:
        return pull_listings(self._client, self.toolbox.clock, self.toolbox.memory, since)

    def pull_locations(self, since: Cursor | None) -> Iterator[Page[ChannelLocation]]:  # noqa: ARG002
        """All warehouses come in one answer, so every pull is a full sweep."""
        began_at = self.toolbox.clock()
        raws = self._client.warehouses().warehouses or ()
        records = read_records(raws, payloads.Warehouse, to_location)
        yield Page(
            records=records.good,
            cursor=to_cursor({"mode": "sweep"}),
            read_began_at=began_at,
            unreadable=records.unreadable,
            completes_sweep=True,
        )

    def pull_orders(self, since: Cursor | None) -> Iterator[Page[ChannelOrder]]:
        ignore_before = self._settings.ignore_orders_created_before
        return pull_orders(self._client, self.toolbox.clock, since, ignore_before=ignore_before)

    # Pushes

    def push_products(self, changes: Sequence[Change[Listable]]) -> Iterator[Outcome]:
        return self._publisher().push(changes)

    def push_inventory(self, changes: Sequence[Change[StockTarget]]) -> Iterator[Outcome]:
        return push_inventory(self._client, self.toolbox.memory, changes)

    def read_offered(
        self, targets: Sequence[StockTarget]
    ) -> Iterable[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
        return read_offered(self._client, targets)

    def _publisher(self) -> Publisher:
        memory = self.toolbox.memory
        categories = Categories(self._client, memory, self._settings)
        images = Images(self.toolbox.http, self._client, memory)
        return Publisher(self._client, memory, Drafts(self._client, categories, images, self._settings))

    # Webhooks

    @classmethod
    def read_webhook(cls, credentials: Credentials, headers: Mapping[str, str], body: bytes) -> Hint:
        return read_webhook(cast(TikTokShopCredentials, credentials), headers, body)

    def ensure_webhooks(self, address: str) -> list[str]:
        """Those of flows that are off stay as they are: a hint at nothing costs nothing."""
        pulled = {
            entity for (direction, entity), is_on in self.flows().items() if is_on and direction == "pull"
        }
        return ensure_webhooks(self._client, address, pulled)
