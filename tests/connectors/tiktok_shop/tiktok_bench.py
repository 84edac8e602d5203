"""A TikTok Shop connector on a bench: with a simulated shop, or with answers written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image as Picture

from crossdock.connectors.contract import Toolbox
from crossdock.connectors.http import Answer, Http
from crossdock.connectors.tiktok_shop.connector import TikTokShop
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings
from crossdock.domain.catalog import Listable, ListableVariant, Product, ProductKind, Sku, Variant
from crossdock.domain.channel import (
    ChannelId,
    ChannelSku,
    Dimensions,
    Image,
    LengthUnit,
    Option,
    Prices,
    Weight,
    WeightUnit,
)
from crossdock.domain.money import Money
from crossdock_simulators.kit import Served
from crossdock_simulators.tiktok_shop.app import Simulator

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FACTS = {
    "shop_id": "7495540735365777507",
    "shop_name": "Demo Outfitters",
    "shop_cipher": "ROW_cipher",
    "region": "US",
    "currency": "USD",
}
CREDENTIALS = {"app_key": "68xu9ks5p4i8", "app_secret": "hush-hush", "service_id": "734"}


class MemoryVault:
    def __init__(self, tokens: Mapping[str, str]) -> None:
        self.kept = dict(tokens)

    def tokens(self) -> Mapping[str, str]:
        return dict(self.kept)

    @contextmanager
    def refreshing(self) -> Iterator[dict[str, str]]:
        tokens = dict(self.kept)
        yield tokens
        self.kept = tokens


class DictMemory:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get(self, kind: str, key: str) -> str | None:
        return self.kept.get((kind, key))

    def put(self, kind: str, key: str, value: str) -> None:
        self.kept[kind, key] = value


@dataclass(frozen=True)
class Sent:
    """A call as it left, with its body decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    content: bytes | None


Script = Callable[[Sent], Any]


class ScriptedHttp(Http):
    """Answers each call with what the script makes of it: an Answer, an exception, or the `data` of a success."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.sent: list[Sent] = []
        self._script = script

    def send(self, method: str, url: str, **call: Any) -> Answer:
        content = call.get("content")
        sent = Sent(
            method=method,
            path="/" + url.split("/", 3)[3].partition("?")[0],
            query=dict(call.get("params") or {}),
            body=json.loads(content) if content else None,
            headers=dict(call.get("headers") or {}),
            content=content,
        )
        self.sent.append(sent)
        made = self._script(sent)
        if isinstance(made, Exception):
            raise made
        return made if isinstance(made, Answer) else success(made)

    def paths(self) -> list[str]:
        return [sent.path for sent in self.sent]


def success(data: Any) -> Answer:
    return answer({"code": 0, "message": "Success", "request_id": "r1", "data": data})


def refusal(
    code: int, message: str = "No", *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    body = {"code": code, "message": message, "request_id": "r2", "data": None}
    return answer(body, status=status, headers=headers)


def answer(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, dict(headers or {}), json.dumps(body).encode())


def good_tokens(now: datetime = NOW) -> dict[str, str]:
    return {
        "access_token": "TTP_access",
        "access_token_expires_at": str(int(now.timestamp()) + 6 * 86_400),
        "refresh_token": "TTP_refresh",
        "refresh_token_expires_at": str(int(now.timestamp()) + 300 * 86_400),
    }


@dataclass
class Bench:
    """A connector and everything it was given."""

    http: Http
    credentials: Mapping[str, Any] = field(default_factory=lambda: dict(CREDENTIALS))
    facts: Mapping[str, str] = field(default_factory=lambda: dict(FACTS))
    clock: Callable[[], datetime] = lambda: NOW
    vault: MemoryVault = field(default_factory=lambda: MemoryVault(good_tokens()))
    memory: DictMemory = field(default_factory=DictMemory)

    def connector(self, **settings: Any) -> TikTokShop:
        return TikTokShop(self.toolbox(**settings))

    def toolbox(self, **settings: Any) -> Toolbox:
        return Toolbox(
            integration="tiktok",
            http=self.http,
            credentials=TikTokShopCredentials.parse(self.credentials),
            settings=TikTokShopSettings.parse(settings),
            vault=self.vault,
            memory=self.memory,
            clock=self.clock,
            facts=self.facts,
        )


def scripted(script: Script, **changes: Any) -> tuple[Bench, ScriptedHttp]:
    http = ScriptedHttp(script)
    return Bench(http, **changes), http


@dataclass
class SimulatedShop:
    """A simulated shop that has already authorized us."""

    simulator: Simulator
    bench: Bench
    address: str
    images: str

    def connector(self, **settings: Any) -> TikTokShop:
        return self.bench.connector(**settings)

    def do(self, path: str, **asked: Any) -> Any:
        """Something that a buyer, the seller or the platform does by hand."""
        answer = self.bench.http.send(
            "POST",
            f"{self.address}/_sim{path}",
            headers={"content-type": "application/json"},
            content=json.dumps(asked).encode(),
        )
        assert answer.is_success, answer.body
        return json.loads(answer.body)

    def calls(self, path_pattern: str = "", since: int = 0) -> list[str]:
        entries = self.simulator.journal.entries(since)
        return [f"{e.method} {e.path}" for e in entries if "/_sim" not in e.path and path_pattern in e.path]

    def stock(self, sku_id: str) -> dict[str, int]:
        levels = self.simulator.shop.stock_of(sku_id)
        return {warehouse: level.available for warehouse, level in levels.items()}


@contextmanager
def simulated_shop(region: str = "US", *, facts: bool = True, **options: Any) -> Iterator[SimulatedShop]:
    simulator = Simulator(region=region, **options)
    images = ImageServer()
    with Served(simulator.asgi) as served, Served(images) as image_served:
        http = Http()
        grant = simulator.authorizations.grant()
        now = datetime.now(UTC)
        bench = Bench(
            http=http,
            credentials={
                **simulator.credentials,
                "api_base": served.address,
                "token_base": served.address,
                "authorize_base": served.address,
            },
            facts={},
            clock=lambda: datetime.now(UTC),
            vault=MemoryVault(
                good_tokens(now) | {"access_token": grant.access_token, "refresh_token": grant.refresh_token}
            ),
        )
        if facts:
            bench.facts = bench.connector().check().facts
        simulator.journal.clear()
        try:
            yield SimulatedShop(simulator, bench, served.address, image_served.address)
        finally:
            http.close()
            simulator.close()


class ImageServer:
    """Serves /<name>-<width>x<height>.<format> as a picture of one color, and anything else as not found."""

    async def __call__(self, scope: Mapping[str, Any], _receive: Any, send: Any) -> None:
        content = picture_named(scope["path"])
        await send({"type": "http.response.start", "status": 200 if content else 404, "headers": []})
        await send({"type": "http.response.body", "body": content})


def picture_named(path: str) -> bytes:
    name, _, extension = path.rpartition(".")
    size = name.rpartition("-")[2]
    if "x" not in size:
        return b""
    width, height = (int(side) for side in size.split("x"))
    return picture(width, height, extension.upper(), shade=sum(map(ord, name)) % 256)


def picture(width: int, height: int, kind: str = "JPEG", shade: int = 128) -> bytes:
    target = BytesIO()
    kind = {"JPG": "JPEG"}.get(kind, kind)
    Picture.new("RGB", (width, height), (shade, 90, 160)).save(target, kind)
    return target.getvalue()


def variant(
    sku: str,
    *options: tuple[str, str],
    price: str = "20.00",
    currency: str = "USD",
    quantity: int | None = 5,
    warehouse: str = "7068517275539719942",
    channel_id: str | None = None,
    **more: Any,
) -> ListableVariant:
    own = Variant(
        id=f"hub-{sku}",
        sku=Sku(sku),
        options=tuple(Option(name, value) for name, value in options),
        prices=Prices(current=Money.of(price, currency)),
        weight=more.pop("weight", Weight(Decimal(1), WeightUnit.POUND)),
        dimensions=more.pop("dimensions", _box()),
        **more,
    )
    return ListableVariant(
        variant=own,
        channel_sku=ChannelSku(sku),
        channel_id=ChannelId(channel_id) if channel_id else None,
        quantities=() if quantity is None else ((ChannelId(warehouse), quantity),),
    )


def _box() -> Dimensions:
    side = Decimal(10)
    return Dimensions(side, side, side, LengthUnit.INCH)


def listable(
    *variants: ListableVariant,
    title: str = "Canvas tote bag",
    description: str = "<p>A bag of heavy cotton.</p>",
    images: tuple[str, ...] = (),
    categories: tuple[str, ...] = ("Bags",),
    others: tuple[str, ...] = (),
    product_id: str = "p1",
    brand: str = "",
) -> Listable:
    product = Product(
        id=product_id,
        kind=ProductKind.PARENT if len(variants) > 1 else ProductKind.SIMPLE,
        title=title,
        variants=tuple(v.variant for v in variants),
        description=description,
        categories=categories,
        brand=brand,
        images=tuple(Image(url, position) for position, url in enumerate(images)),
    )
    return Listable(product, variants, tuple(ChannelId(other) for other in others))
