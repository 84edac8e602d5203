"""The TikTok Shop connector: joins its calls and its mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast
from urllib.parse import urlencode

from crossdock.connectors.contract import (
    AnswersBuyers,
    AnswersReturns,
    Connector,
    DeactivatesProducts,
    Hint,
    OffersLabels,
    PullsCancellations,
    PullsListings,
    PullsLocations,
    PullsOrders,
    PullsProducts,
    PullsReturns,
    PullsStatements,
    PushesCancellations,
    PushesFulfillments,
    PushesInventory,
    PushesProducts,
    Rules,
    SendsWebhooks,
    SignsInByLink,
    Toolbox,
    WritesReferences,
)
from crossdock.connectors.errors import AccessMissingError, RefusedError
from crossdock.connectors.settings import Credentials
from crossdock.connectors.showing import ShowsProducts
from crossdock.connectors.tiktok_shop import payloads
from crossdock.connectors.tiktok_shop.answers import ADVISED_RATES
from crossdock.connectors.tiktok_shop.brands import Brands
from crossdock.connectors.tiktok_shop.calls import Caller
from crossdock.connectors.tiktok_shop.cancellations import (
    LINE_MARKETS,
    LINES_REFUSAL,
    NO_REJECTION_MARKETS,
    REJECTION_REFUSAL,
    BuyersAnswered,
    Cancellations,
    Seller,
    pull_cancellations,
)
from crossdock.connectors.tiktok_shop.carriers import Carriers, CarrierSettings
from crossdock.connectors.tiktok_shop.categories import Categories
from crossdock.connectors.tiktok_shop.choices import ProductsFlow, ShippedByTikTok
from crossdock.connectors.tiktok_shop.client import SKUS_A_STOCK_SEARCH, Client
from crossdock.connectors.tiktok_shop.client_aftersales import AfterSalesClient
from crossdock.connectors.tiktok_shop.client_fulfillment import FulfillmentClient
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.drafts import Drafts
from crossdock.connectors.tiktok_shop.images import Images
from crossdock.connectors.tiktok_shop.labels import labels_of
from crossdock.connectors.tiktok_shop.listings import pull_listings, read_windows
from crossdock.connectors.tiktok_shop.mapping import drift
from crossdock.connectors.tiktok_shop.mapping.location import to_location
from crossdock.connectors.tiktok_shop.orders import Wanted, pull_orders
from crossdock.connectors.tiktok_shop.packages import Packages
from crossdock.connectors.tiktok_shop.products import pull_products
from crossdock.connectors.tiktok_shop.publish import Publisher, region_refusal
from crossdock.connectors.tiktok_shop.reading import read_records, to_cursor
from crossdock.connectors.tiktok_shop.references import write_references
from crossdock.connectors.tiktok_shop.regions import currency_of
from crossdock.connectors.tiktok_shop.return_answers import ReturnsAnswered
from crossdock.connectors.tiktok_shop.returns import pull_returns
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings, to_rules
from crossdock.connectors.tiktok_shop.shelf import Shelf
from crossdock.connectors.tiktok_shop.statements import pull_statements
from crossdock.connectors.tiktok_shop.stock import push_inventory, read_offered
from crossdock.connectors.tiktok_shop.tokens import TokenKeeper
from crossdock.connectors.tiktok_shop.uploads import Uploads
from crossdock.connectors.tiktok_shop.webhooks import ensure_webhooks, read_webhook
from crossdock.domain.aftersales import (
    Answer,
    ChannelCancellation,
    ChannelReturn,
    ChannelStatement,
    WantedCancellation,
    WantedReturnAnswer,
)
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import (
    Account,
    ChannelId,
    ChannelLocation,
    ChannelOrder,
    ChannelProduct,
    ListingState,
    StockTarget,
)
from crossdock.domain.drift import Difference
from crossdock.domain.elsewhere import OrderReference
from crossdock.domain.fulfillment import ShippingLabel, WantedFulfillment
from crossdock.domain.sync import Change, Cursor, Entity, Outcome, Page

CHANNEL_SKU_REFUSAL = "TikTok Shop knows a variant by its master SKU only, so its row has no Channel SKU"


class TikTokShop(
    Connector,
    SignsInByLink,
    SendsWebhooks,
    PullsProducts,
    PullsListings,
    PullsLocations,
    PullsOrders,
    PushesProducts,
    DeactivatesProducts,
    PushesInventory,
    ShowsProducts,
    PullsCancellations,
    PushesCancellations,
    AnswersBuyers,
    PushesFulfillments,
    OffersLabels,
    PullsReturns,
    AnswersReturns,
    PullsStatements,
    WritesReferences,
):
    key = "tiktok_shop"
    title = "TikTok Shop"
    settings_type = TikTokShopSettings
    credentials_type = TikTokShopCredentials
    guidance = (
        "In Partner Center: App & Service → your app shows the app key, app secret and service ID. Connect then "
        "leads to a consent page, where only the shop's main (owner) account can consent."
    )
    offers_read_at_once = SKUS_A_STOCK_SEARCH
    keeps_deleted = True
    advised_rates = ADVISED_RATES

    def __init__(self, toolbox: Toolbox) -> None:
        super().__init__(toolbox)
        self._credentials = cast(TikTokShopCredentials, toolbox.credentials)
        self._settings = cast(TikTokShopSettings, toolbox.settings)
        caller = Caller(toolbox, self._credentials)
        self._client = Client(caller)
        self._after_sales = AfterSalesClient(caller)
        self._fulfillment = FulfillmentClient(caller)

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
        pulls_products = settings.products is ProductsFlow.PULL
        # Whoever reads products knows what the shop lists; else it is read to match it by SKU.
        uses_listings = pushes_products or settings.inventory or settings.orders
        return {
            ("pull", Entity.LOCATIONS): settings.locations or settings.inventory or pushes_products,
            ("pull", Entity.PRODUCTS): pulls_products,
            ("pull", Entity.LISTINGS): uses_listings and not pulls_products,
            ("pull", Entity.ORDERS): settings.orders,
            ("push", Entity.REFERENCES): settings.orders,
            ("push", Entity.PRODUCTS): pushes_products,
            ("push", Entity.INVENTORY): settings.inventory,
            ("pull", Entity.CANCELLATIONS): settings.orders,
            # Buyers are answered whether or not the hub cancels orders of its own accord.
            ("push", Entity.CANCELLATIONS): settings.orders or settings.cancel_orders,
            ("push", Entity.FULFILLMENTS): settings.push_fulfillments,
            ("pull", Entity.RETURNS): settings.orders and settings.returns,
            ("push", Entity.RETURNS): settings.orders and settings.returns and settings.answer_returns,
            ("pull", Entity.STATEMENTS): settings.orders and settings.statements,
            ("pull", Entity.DRIFT): settings.inventory or pushes_products,
        }

    def rules(self) -> Rules:
        rules = to_rules(self._settings)
        region = self.toolbox.facts.get("region", "")
        return replace(
            rules,
            channel_sku_refusal=CHANNEL_SKU_REFUSAL,
            line_cancellation_refusal="" if region in LINE_MARKETS else LINES_REFUSAL,
            rejection_refusal=REJECTION_REFUSAL if region in NO_REJECTION_MARKETS else "",
        )

    def refusal(self, direction: str, entity: Entity) -> str | None:
        if (direction, entity) != ("push", Entity.PRODUCTS):
            return None
        shop = self._client.shop()
        return region_refusal(shop.name, shop.region)

    # Pulls

    def pull_products(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]:
        return pull_products(self._client, self.toolbox.clock, self.toolbox.memory, since)

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
        settings = self._settings
        packs = settings.shipped_by_tiktok is ShippedByTikTok.PACK
        wanted = Wanted(settings.ignore_orders_created_before, settings.status_map, packs_label_orders=packs)
        return pull_orders(self._client, self.toolbox.clock, since, wanted)

    # Pushes

    def push_products(self, changes: Sequence[Change[Listable]]) -> Iterator[Outcome]:
        return self._publisher().push(changes)

    def deactivate_products(self, product_ids: Sequence[ChannelId]) -> Iterator[Outcome]:
        return Shelf(self._client, self.toolbox.memory).withdraw(product_ids)

    def push_inventory(self, changes: Sequence[Change[StockTarget]]) -> Iterator[Outcome]:
        return push_inventory(self._client, self.toolbox.memory, changes)

    def read_offered(
        self, targets: Sequence[StockTarget]
    ) -> Iterable[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
        return read_offered(self._client, self.toolbox.memory, targets)

    def shown_products(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]:
        """A hundred a call, by the search, which tells prices and states; reasons of refusals are not asked for."""
        return read_windows(self._client, self.toolbox.clock, since, drift.to_shown)

    def differences(self, wanted: Listable, shown: ChannelProduct) -> Iterable[Difference]:
        shelf = Shelf(self._client, self.toolbox.memory)
        is_known_off = shown.state is ListingState.INACTIVE and shelf.is_known_off(shown.channel_id)
        currency = currency_of(self._client.shop().region)
        return drift.differences(wanted, shown, currency=currency, is_known_off=is_known_off)

    def write_references(self, changes: Sequence[Change[OrderReference]]) -> Iterator[Outcome]:
        return write_references(self._client, changes)

    def _publisher(self) -> Publisher:
        client, memory, clock = self._client, self.toolbox.memory, self.toolbox.clock
        categories = Categories(client, memory, self._settings)
        brands = Brands(client, memory, clock)
        images = Images(self.toolbox.http, client, memory)
        drafts = Drafts(client, categories, brands, images, self._settings)
        limit = self._settings.daily_upload_limit
        return Publisher(
            client, memory, drafts, Uploads(memory, clock, shop_id=client.shop().id, limit=limit)
        )

    # Fulfillments, cancellations, returns, statements

    def push_fulfillments(self, changes: Sequence[Change[WantedFulfillment]]) -> Iterator[Outcome]:
        settings = CarrierSettings(self.toolbox.integration, self._settings.carrier_map)
        carriers = Carriers(self._fulfillment, self.toolbox.memory, self.toolbox.clock, settings)
        handover = self._settings.handover.value.upper()
        return Packages(self._fulfillment, carriers, handover=handover).push(changes)

    def shipping_labels(self, parcels: Sequence[ChannelId]) -> list[ShippingLabel]:
        return labels_of(self._fulfillment, parcels)

    def pull_cancellations(self, since: Cursor | None) -> Iterator[Page[ChannelCancellation]]:
        return pull_cancellations(self._after_sales, self.toolbox.clock, since)

    def push_cancellations(self, changes: Sequence[Change[WantedCancellation]]) -> Iterator[Outcome]:
        seller = Seller(self._settings.cancel_reason, self._settings.locked_statuses)
        return Cancellations(self._after_sales, seller).push(changes)

    def answer_buyers(self, changes: Sequence[Change[Answer]]) -> Iterator[Outcome]:
        return BuyersAnswered(self._after_sales).answer(changes)

    def pull_returns(self, since: Cursor | None) -> Iterator[Page[ChannelReturn]]:
        return pull_returns(self._after_sales, self.toolbox.clock, since)

    def answer_returns(self, changes: Sequence[Change[WantedReturnAnswer]]) -> Iterator[Outcome]:
        return ReturnsAnswered(self._after_sales).answer(changes)

    def pull_statements(self, since: Cursor | None) -> Iterator[Page[ChannelStatement]]:
        return pull_statements(self._after_sales, self.toolbox.clock, since)

    # Webhooks

    @classmethod
    def read_webhook(cls, credentials: Credentials, headers: Mapping[str, str], body: bytes) -> Hint:
        return read_webhook(cast(TikTokShopCredentials, credentials), headers, body)

    def ensure_webhooks(self, address: str, *, former: str = "") -> list[str]:  # noqa: ARG002
        """One address per event. Those of flows that are off stay as they are: a hint at nothing costs nothing."""
        pulled = {
            entity for (direction, entity), is_on in self.flows().items() if is_on and direction == "pull"
        }
        return ensure_webhooks(self._client, address, pulled)
