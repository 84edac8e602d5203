"""The state of one simulated seller, changed in transactions that can be dropped whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from threading import RLock
from typing import Any

from crossdock_simulators.kit import Clock, Deliveries, Scheduler
from crossdock_simulators.tiktok_shop import events
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.ids import Ids
from crossdock_simulators.tiktok_shop.records import (
    Cancellation,
    ExternalOrder,
    Image,
    Order,
    Package,
    Product,
    Return,
    Sku,
    Statement,
    Stock,
    Subscription,
    Warehouse,
)
from crossdock_simulators.tiktok_shop.regions import Region
from crossdock_simulators.tiktok_shop.switches import Switches

SETTLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the shop and the app that was made for it are."""

    shop_id: str
    cipher: str
    code: str
    name: str
    app_key: str
    app_secret: str
    service_id: str


class Tables:
    """Records by id. Inner mappings are replaced, never changed, so a shallow copy is a snapshot."""

    def __init__(self) -> None:
        self.products: dict[str, Product] = {}
        self.owners: dict[str, str] = {}
        # Which products have, or once had, a SKU of this name: a short list to search in.
        self.names: dict[str, tuple[str, ...]] = {}
        self.stock: dict[str, Mapping[str, Stock]] = {}
        self.images: dict[str, Image] = {}
        self.orders: dict[str, Order] = {}
        self.packages: dict[str, Package] = {}
        self.cancellations: dict[str, Cancellation] = {}
        self.returns: dict[str, Return] = {}
        self.statements: dict[str, Statement] = {}
        self.external_orders: dict[tuple[str, str], ExternalOrder] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.app_webhooks: dict[str, str] = {}
        self.created_under: dict[str, dict[str, Any]] = {}
        self.listed_on: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()
        self.brands: dict[str, str] = {}

    def copies(self) -> dict[str, Any]:
        return {name: table.copy() for name, table in vars(self).items()}

    def restore(self, copies: Mapping[str, Any]) -> None:
        vars(self).update(copies)


class Shop:
    """Effects (timers and webhooks) wait until the transaction that asked for them succeeds."""

    def __init__(
        self, *, identity: Identity, region: Region, clock: Clock, deliveries: Deliveries, seed: int
    ) -> None:
        self.identity = identity
        self.region = region
        self.clock = clock
        self.switches = Switches()
        self.tables = Tables()
        self.warehouses: dict[str, Warehouse] = {}
        self.random = Random(seed)
        self.ids = Ids(seed)
        self.lock = RLock()
        self._deliveries = deliveries
        self._scheduler = Scheduler(clock)
        self._effects: list[Callable[[], None]] = []
        self._due: datetime | None = None

    def now(self) -> datetime:
        """Whole seconds, because that is all the API can say."""
        return self._moment().replace(microsecond=0)

    @contextmanager
    def transaction(self, *, dropped: bool = False) -> Iterator[None]:
        """A dropped transaction runs, answers, and leaves no trace."""
        with self.lock:
            saved = self.tables.copies() if dropped else None
            try:
                yield
            except BaseException:
                self._effects.clear()
                raise
            effects, self._effects = self._effects, []
            if saved is not None:
                self.tables.restore(saved)
                return
            for effect in effects:
                effect()

    def settle(self) -> bool:
        """Let everything that is due happen, so that a moved clock shows in the next answer."""
        return self._scheduler.wait_idle(SETTLE_SECONDS)

    def close(self) -> None:
        self._scheduler.close()

    def after(self, delay: timedelta, action: Callable[[], None]) -> None:
        due = self._moment() + delay

        def run() -> None:
            with self.transaction():
                self._due = due
                try:
                    action()
                finally:
                    self._due = None

        self._effects.append(lambda: self._scheduler.at(due, run))

    def publish(self, name: str, data: Mapping[str, Any]) -> None:
        """Tell the shop's subscriber and the app's, if there are any."""
        subscription = self.tables.subscriptions.get(name)
        urls = {subscription.address if subscription else "", self.tables.app_webhooks.get(name, "")} - {""}
        if not urls:
            return
        body = events.envelope(
            name,
            data,
            shop_id=self.identity.shop_id,
            notification_id=self.ids.new("notification"),
            now=seconds(self.now()),
        )
        for url in sorted(urls):
            self._effects.append(lambda url=url: self._send(url, body))  # type: ignore[misc]

    def count_write(self, kind: str) -> None:
        self.tables.writes[kind] += 1

    def product(self, product_id: str) -> Product:
        if (product := self.tables.products.get(product_id)) is None:
            raise ApiError(12019150, product_id)
        return product

    def order(self, order_id: str) -> Order:
        if (order := self.tables.orders.get(order_id)) is None:
            raise ApiError(21008111, order_id)
        return order

    def sku(self, sku_id: str) -> Sku | None:
        """The SKU as it is live."""
        product = self.tables.products.get(self.tables.owners.get(sku_id, ""))
        if product is None:
            return None
        return next((sku for sku in product.content.skus if sku.id == sku_id), None)

    def products_named(self, seller_skus: Iterable[str]) -> list[Product]:
        """The products that have one of these SKUs live, in the order of their ids."""
        wanted = set(seller_skus)
        ids = {product_id for name in wanted for product_id in self.tables.names.get(name, ())}
        candidates = [self.tables.products[product_id] for product_id in sorted(ids, key=int)]
        return [p for p in candidates if any(sku.seller_sku in wanted for sku in p.content.skus)]

    def stock_of(self, sku_id: str) -> Mapping[str, Stock]:
        return self.tables.stock.get(sku_id, {})

    def move_stock(self, sku_id: str, warehouse_id: str, *, available: int = 0, committed: int = 0) -> None:
        levels = self.stock_of(sku_id)
        level = levels.get(warehouse_id, Stock())
        moved = Stock(max(level.available + available, 0), max(level.committed + committed, 0))
        self.tables.stock[sku_id] = {**levels, warehouse_id: moved}

    def set_available(self, sku_id: str, quantities: Iterable[tuple[str, int]]) -> None:
        levels = dict(self.stock_of(sku_id))
        for warehouse_id, quantity in quantities:
            levels[warehouse_id] = Stock(quantity, levels.get(warehouse_id, Stock()).committed)
        self.tables.stock[sku_id] = levels

    def default_warehouse(self) -> Warehouse:
        return next(w for w in self.warehouses.values() if w.is_default and w.type == "SALES_WAREHOUSE")

    def _moment(self) -> datetime:
        """What is due happens at its own time, however far a person moved the clock beyond it."""
        return self._due or self.clock.now()

    def _send(self, url: str, body: bytes) -> None:
        identity = self.identity
        events.deliver(self._deliveries, url, body, app_key=identity.app_key, secret=identity.app_secret)


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())
