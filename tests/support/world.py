"""Both simulated platforms and a hub between them, worked without the engine: what journeys are told in."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import sqlalchemy as sa

from crossdock.app import Hub
from crossdock.config import Config
from crossdock.connectors.contract import Connector
from crossdock.domain.sync import FlowKey
from crossdock.operations.setup.spec import Spec
from crossdock.store import tables
from crossdock.store.database import Database
from crossdock.sync import lease as leases
from crossdock.sync.lease import Lease
from crossdock.sync.runner import Runner
from crossdock_simulators import merchant as goods
from crossdock_simulators.bigcommerce.app import Simulator as BigCommerce
from crossdock_simulators.bigcommerce.seed import load_merchant
from crossdock_simulators.tiktok_shop.app import Simulator as TikTokShop
from support import beginning, blank
from support.stage import on_stage

STORE, SHOP = "store", "tiktok"
AT_ONCE = {"hold_minutes": 0}
STORE_SETTINGS = {"products": "pull", "orders": True, "inventory": "pull", "locations": True} | AT_ONCE
SHOP_SETTINGS = {"products": "push", "orders": True, "inventory": True, "locations": True} | AT_ONCE
LONGEST_SYNC_SECONDS = 120.0


class _Plain:
    """Connectors without pace and fence."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def __call__(self, integration: str, lease: Lease) -> Connector:  # noqa: ARG002
        return self._hub.connector(integration)


class World:
    """A merchant, two platforms, one hub."""

    def __init__(
        self, stack: ExitStack, folder: Path, *, products: int, region: str, seed: int, url: str = ""
    ) -> None:
        self.store = stack.enter_context(closing(BigCommerce(seed=seed)))
        self.shop = stack.enter_context(closing(TikTokShop(region=region, seed=seed)))
        load_merchant(self.store.store, goods.merchant(products, seed=seed))
        self.store_address = stack.enter_context(on_stage(self.store.asgi))
        self.shop_address = stack.enter_context(on_stage(self.shop.asgi))
        self._made_of = (products, region, seed, self.store_address, self.shop_address)
        self.config = Config(
            database_url=url or f"sqlite:///{folder}/hub.sqlite", secret_key="a test's own secret"
        )
        blank.lay_out(self.config.database_url)
        self.hub = Hub.open(self.config)
        stack.callback(self._close)
        self._runs = itertools.count(1)
        self.http = stack.enter_context(httpx.Client(timeout=30))

    # Set-up

    def spec(
        self, *, store: dict[str, Any] | None = None, shop: dict[str, Any] | None = None, **rest: Any
    ) -> Spec:
        return Spec.model_validate(
            {
                "sources_of_truth": {"catalog": STORE, "inventory": STORE},
                "integrations": [
                    {
                        "name": STORE,
                        "connector": "bigcommerce",
                        "credentials": self.store_credentials(),
                        "settings": STORE_SETTINGS | (store or {}),
                    },
                    {
                        "name": SHOP,
                        "connector": "tiktok_shop",
                        "credentials": self.shop_credentials(),
                        "settings": SHOP_SETTINGS | (shop or {}),
                    },
                ],
                **rest,
            }
        )

    def store_credentials(self) -> dict[str, str]:
        path = f"{self.store_address}/stores/{self.store.store.store_hash}/v3/"
        return {"api_path": path, **self.store.credentials}

    def shop_credentials(self) -> dict[str, str]:
        bases = dict.fromkeys(("api_base", "token_base", "authorize_base"), self.shop_address)
        return {**bases, **self.shop.credentials}

    def connect(self, **settings: Any) -> None:
        """Apply the settings and connect both, the owner's consent included."""
        self.hub.apply(self.spec(**settings))
        assert self.hub.connect(STORE).status == "Connected"
        link = self.hub.connect(SHOP).authorize_link
        code, state = self.consent(link)
        done = self.hub.connect(SHOP, code=code, state=state)
        assert done.status == "Connected", done.reason

    def begin(self, how: object, make: Callable[[], object]) -> None:
        """Come to where `make` leads, of which `how` says what makes it differ from others.

        Made once in a process; later worlds that were treated the same so far get a copy.
        """
        key = (self._made_of, self.database.is_sqlite, beginning.so_far(self), repr(how))
        kept = beginning.recall(key)
        if kept is None:
            make()
        self.hub.close()
        if kept is None:
            beginning.keep(key, self)
        else:
            beginning.restore(kept, self)
        self.hub = Hub.open(self.config)

    def consent(self, link: str, **answer: str) -> tuple[str, str]:
        """Press the button on TikTok's consent page; the code and state it sends back."""
        self.http.post(
            f"{self.shop_address}/_sim/redirect-url", json={"url": "http://127.0.0.1:1/oauth/return"}
        )
        asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        form = {**asked, "decision": "approve", "account": "owner", "period": "365", **answer}
        reply = self.http.post(link.partition("?")[0], data=form)
        assert reply.status_code in (302, 303), reply.text
        back = {
            name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()
        }
        return back.get("code", ""), back.get("state", "")

    # Running

    def sync(self, *names: str) -> None:
        """Run these flows, or all, until none of them is due, as `crossdock sync --once` does."""
        wanted = self.hub.flows(list(names) or None)
        for flow in wanted:
            leases.want(self.hub.database, flow)
        self.settle(wanted)

    def _close(self) -> None:
        self.hub.close()

    def reopen(self) -> None:
        """Leave the hub without a word and start it again on its database."""
        self.hub.close()
        self.hub = Hub.open(self.config)

    def retry(self) -> None:
        """A sync after a failure, without waiting for the back-off."""
        self.sync()

    def settle(self, among: list[FlowKey]) -> None:
        give_up = time.monotonic() + LONGEST_SYNC_SECONDS
        while flows := [flow for flow in leases.due(self.hub.database) if flow in among]:
            for flow in flows:
                self.run(flow)
            if time.monotonic() > give_up:
                raise AssertionError(f"Still due after {LONGEST_SYNC_SECONDS} s: {[str(f) for f in flows]}")

    def run(self, flow: FlowKey) -> str:
        """One run of one flow; answers its error, empty where it had none."""
        lease = leases.begin(self.hub.database, flow, f"{flow}:test-{next(self._runs)}", "test-worker")
        assert lease is not None, f"{flow} is taken"
        runner = Runner(
            self.hub.desk, _Plain(self.hub), lambda due: leases.want(self.hub.database, due, is_hint=True)
        )
        ended = runner.run(lease)
        leases.finish(self.hub.database, lease, ended)
        return ended.error

    # Acting on the platforms

    def sell(self, sku: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """A buyer on TikTok Shop; paid and past the hold unless told otherwise."""
        asked = {"lines": [{"seller_sku": sku, "quantity": quantity}], "paid": True, "on_hold": False, **more}
        return self.act(f"{self.shop_address}/_sim/orders", asked)

    def sell_in_store(self, sku: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
        return self.act(
            f"{self.store_address}/_sim/orders", {"lines": [{"sku": sku, "quantity": quantity}], **more}
        )

    def create_in_store(self, *, name: str, sku: str, price: str, stock: int) -> None:
        """The merchant adds a simple product, with stock at the default location."""
        body = {"name": name, "type": "physical", "weight": 8, "price": price, "sku": sku, "is_visible": True}
        body |= {"inventory_tracking": "product", "description": f"<p>{name}, well made.</p>"}
        product = self.in_store("POST", "catalog/products", body)
        some = next(iter(self.store.store.products.values()))
        image = self.in_store("GET", f"catalog/products/{some.id}/images")[0]["url_zoom"]
        self.in_store("POST", f"catalog/products/{product['id']}/images", {"image_url": image})
        self.act(f"{self.store_address}/_sim/stock", {"sku": sku, "quantity": stock})

    def in_store(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A call of the store's version 3 as its merchant; answers the data."""
        address = self.store_credentials()["api_path"] + path
        headers = {"X-Auth-Token": self.store.credentials["access_token"], "Accept": "application/json"}
        reply = self.http.request(method, address, json=body, headers=headers)
        assert reply.status_code < 300, reply.text
        return reply.json()["data"]

    def act(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        reply = self.http.post(url, json=body)
        assert reply.status_code < 300, reply.text
        return dict(reply.json())

    def approve_all(self) -> None:
        """Let TikTok's review come to its end."""
        self.act(f"{self.shop_address}/_sim/clock", {"advance_seconds": 5})

    # Looking

    @property
    def database(self) -> Database:
        return self.hub.database

    def rows(self, table: sa.Table, *where: Any) -> list[Any]:
        with self.database.reading() as tx:
            return list(tx.execute(sa.select(table).where(*where)))

    def open_cases(self, kind: str = "") -> list[Any]:
        case = tables.exception_case
        return [row for row in self.rows(case, case.c.state == "open") if not kind or row.kind == kind]

    def store_stock(self) -> dict[str, int]:
        """Units on hand per SKU in BigCommerce, over all locations."""
        state = self.http.get(f"{self.store_address}/_sim/state").json()
        found: dict[str, int] = {}
        for row in state["stock"]:
            found[row["sku"]] = found.get(row["sku"], 0) + row["onhand"]
        return found

    def shop_stock(self) -> dict[str, int]:
        """Units available per SKU on TikTok Shop, over all warehouses."""
        return {sku: sum(stock.values()) for sku, stock in self.shop_stock_by_warehouse().items()}

    def shop_stock_by_warehouse(self) -> dict[str, dict[str, int]]:
        state = self.http.get(f"{self.shop_address}/_sim/state").json()
        return {
            sku["seller_sku"]: {place: one["available"] for place, one in sku["stock"].items()}
            for product in state["products"]
            for sku in product["skus"]
        }

    def writes(self) -> tuple[int, int]:
        """How many writing requests each platform has answered so far."""
        return _writes(self.store), _writes(self.shop)


READS = ("search", "recommend", "token", "authorize", "_sim")


def _writes(simulator: BigCommerce | TikTokShop) -> int:
    return sum(
        1
        for entry in simulator.journal.entries()
        if entry.method not in ("GET", "HEAD") and not any(word in entry.path for word in READS)
    )


@contextmanager
def world(
    folder: Path, *, products: int = 12, region: str = "US", seed: int = 1, url: str = ""
) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack, folder, products=products, region=region, seed=seed, url=url)
