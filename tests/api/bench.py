"""A hub with two made-up platforms behind it, seeded through the hub's own operations, and a client of its API."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from crossdock.api import ApiDesk, build_api
from crossdock.app import Hub
from crossdock.config import Config
from crossdock.connectors.contract import Connector, Hint, Rules, SignatureError, SignsInByLink
from crossdock.connectors.errors import CredentialsError
from crossdock.connectors.settings import ConnectorSettings, Credentials, credential, setting
from crossdock.domain.channel import Account, ChannelId
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import integrations, keys
from crossdock.operations.task import Task
from crossdock.store.cipher import Cipher
from crossdock.store.database import Database, Transaction

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STORE, SHOP = "my-store", "my-shop"
WEBHOOK_SECRET = "webhook-secret-of-the-shop"
GOOD_CODE = "good-code"
SHOWN = "https://api.example.com/v3"


class StoreCredentials(Credentials):
    api_path: str = credential(title="API path", help="Where the store is.")
    access_token: SecretStr = credential(title="Access token", help="Goes with every call.")


class StoreSettings(ConnectorSettings):
    products: bool = setting(False, group="Products", title="Pull products", help="Read the catalog.")
    inventory: bool = setting(False, group="Inventory", title="Pull stock", help="Read the stock.")
    orders: bool = setting(False, group="Orders", title="Pull orders", help="Read the orders.")


class Store(Connector):
    """The platform that owns catalog and stock."""

    key = "bigcommerce"
    title = "BigCommerce"
    settings_type = StoreSettings
    credentials_type = StoreCredentials

    def check(self) -> Account:
        credentials = self.toolbox.credentials
        assert isinstance(credentials, StoreCredentials)
        if credentials.access_token.get_secret_value() != "good-token":
            raise CredentialsError("The store does not accept this access token")
        return Account(
            ChannelId("abc123"),
            "Brewers",
            "USD",
            region="US",
            facts={"plan": "Plus", "shop_cipher": "HIDDEN-FACT"},
        )

    def flows(self) -> Mapping[tuple[str, Entity], bool]:
        settings = self.toolbox.settings
        assert isinstance(settings, StoreSettings)
        return {
            ("pull", Entity.PRODUCTS): settings.products,
            ("pull", Entity.INVENTORY): settings.inventory,
            ("pull", Entity.ORDERS): settings.orders,
            ("push", Entity.SALES): settings.inventory,
        }


class ShopCredentials(Credentials):
    app_secret: SecretStr = credential(title="App secret", help="Signs everything.")


class ShopSettings(ConnectorSettings):
    products: bool = setting(False, group="Products", title="Push products", help="Offer the catalog.")
    inventory: bool = setting(False, group="Inventory", title="Push inventory", help="Offer the stock.")
    orders: bool = setting(False, group="Orders", title="Pull orders", help="Read the orders.")
    inventory_buffer: int = setting(
        0, group="Inventory", title="Buffer", help="Units held back from sale.", ge=0
    )


class Shop(Connector, SignsInByLink):
    """The selling channel; it is connected by its owner's consent."""

    key = "tiktok_shop"
    title = "TikTok Shop"
    settings_type = ShopSettings
    credentials_type = ShopCredentials
    exchanged: ClassVar[list[str]] = []

    def authorize_link(self, state: str) -> str:
        return f"https://consent.example.com/authorize?state={state}"

    def exchange_code(self, code: str) -> Mapping[str, str]:
        self.exchanged.append(code)
        if code != GOOD_CODE:
            raise CredentialsError("The code is <not> good")
        return {"access_token": "shop-token"}

    def check(self) -> Account:
        return Account(ChannelId("777"), "Tea <Shop>", "USD", region="US")

    def flows(self) -> Mapping[tuple[str, Entity], bool]:
        settings = self.toolbox.settings
        assert isinstance(settings, ShopSettings)
        return {
            ("pull", Entity.LOCATIONS): settings.inventory,
            ("pull", Entity.LISTINGS): settings.products,
            ("pull", Entity.ORDERS): settings.orders,
            ("push", Entity.PRODUCTS): settings.products,
            ("push", Entity.INVENTORY): settings.inventory,
        }

    def rules(self) -> Rules:
        settings = self.toolbox.settings
        assert isinstance(settings, ShopSettings)
        return Rules(
            inventory_buffer=settings.inventory_buffer,
            channel_sku_refusal="This shop knows a variant by its master SKU only",
        )

    @classmethod
    def read_webhook(cls, credentials: Credentials, headers: Mapping[str, str], body: bytes) -> Hint:
        assert isinstance(credentials, ShopCredentials)
        wanted = signature(body, credentials.app_secret.get_secret_value())
        if not hmac.compare_digest(headers.get("x-signature", ""), wanted):
            raise SignatureError("The signature does not fit")
        event = json.loads(body)
        return Hint(
            event["id"],
            tuple(Entity(name) for name in event.get("entities", [])),
            is_deauthorized=event.get("deauthorized", False),
            authorization_ends=datetime.fromisoformat(event["ends"]) if "ends" in event else None,
        )


CONNECTORS: dict[str, type[Connector]] = {kind.key: kind for kind in (Store, Shop)}


def signature(body: bytes, secret: str = WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, by: timedelta) -> None:
        self.now += by


_APPS: list[FastAPI] = []


def _app_of(desk: ApiDesk) -> FastAPI:
    """One application for all, since putting its routes together takes longer than most tests."""
    if not _APPS:
        _APPS.append(build_api(desk))
    _APPS[0].state.desk = desk
    return _APPS[0]


@dataclass
class Bench:
    """The hub, its API, and what the API asked of the engine."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    woken: list[str] = field(default_factory=list)
    hinted: list[str] = field(default_factory=list)
    has_own_app: bool = False
    """Whether its requests are counted apart from those of other tests."""

    def __post_init__(self) -> None:
        self.hub = Hub(Config(database_url=self.database.url), self.database, Cipher(["key"]), self.clock)
        desk = ApiDesk(
            self.hub,
            wake=lambda flow: self.woken.append(str(flow)),
            hint=lambda flow, _: self.hinted.append(str(flow)),
            connectors=CONNECTORS,
        )
        self.app = build_api(desk) if self.has_own_app else _app_of(desk)
        with self.database.transaction() as tx:
            self.read_key = keys.create(tx, "looker", ["read"], NOW)
            self.write_key = keys.create(tx, "doer", ["read", "write"], NOW)
        self.stranger = TestClient(self.app)
        self.reader = self._client(self.read_key)
        self.client = self._client(self.write_key)

    def _client(self, key: str) -> TestClient:
        return TestClient(self.app, headers={"Authorization": f"Bearer {key}"})

    def close(self) -> None:
        for client in (self.stranger, self.reader, self.client):
            client.close()

    def task(self, tx: Transaction, integration: str) -> Task:
        """A run of the integration, now."""
        return Task(
            integration=integration,
            now=self.clock(),
            cipher=self.hub.cipher,
            rules=self.hub.rules_of(integration),
            truth=integrations.truth(tx),
            run_id=f"{integration}/pull-products:1",
            flow=f"{integration}/pull-products",
        )

    def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON; anything but 200 fails the test."""
        response = self.reader.get(f"/api/v1{path}", params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        response = self.client.request(method, f"/api/v1{path}", json=body, params=query)
        assert response.status_code in (200, 201, 202), response.text
        return response.json()

    def deliver(self, event: Mapping[str, Any], integration: str = SHOP) -> int:
        """A platform's webhook, well signed; answers the status."""
        body = json.dumps(event).encode()
        return self.stranger.post(
            f"/webhooks/{integration}", content=body, headers={"X-Signature": signature(body)}
        ).status_code

    def flow_on(self, flow: FlowKey) -> bool:
        return any(each["key"] == str(flow) and each["is_on"] for each in self.get("/flows"))


def pull_orders(integration: str) -> FlowKey:
    return FlowKey(integration, Direction.PULL, Entity.ORDERS)
