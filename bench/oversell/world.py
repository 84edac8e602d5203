"""Both platforms, a hub of its own process between them, and the buyers."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import sqlalchemy as sa
from pydantic import SecretStr

from bench.oversell.blame import Happened, History, Platform, Read
from bench.served import free_port
from crossdock.app import Hub
from crossdock.config import Config
from crossdock.operations.setup import integrations
from crossdock.operations.setup.spec import Spec
from crossdock.operations.stock import own_stock
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock.sync.runner import Runner

STORE, SHOP, PLACE = "store", "shop", "Main warehouse"
PRODUCTS = 12
ON: dict[str, Any] = {"orders": True, "locations": True, "hold_minutes": 0}
REFUSED_PAUSE_SECONDS = 0.05
START_SECONDS = 60.0


@dataclass
class Platforms:
    """Where the platforms answer, and what they wrote down."""

    store: Mapping[str, Any]
    shop: Mapping[str, Any]
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    def act(self, platform: str, path: str, **body: Any) -> httpx.Response:
        address = getattr(self, platform)["address"]
        return self.http.post(f"{address}/_sim/{path}", json=body)

    def notes(self) -> list[list[Any]]:
        rows: list[list[Any]] = self.http.get(f"{self.store['address']}/_bench/notes").json()
        return rows

    def shown(self, platform: str) -> dict[str, int]:
        """Units on sale per SKU."""
        state = self.http.get(f"{getattr(self, platform)['address']}/_sim/state").json()
        if platform == "store":
            return {row["sku"]: row["onhand"] for row in state["stock"] if row["location_id"] == 1}
        skus = [sku for product in state["products"] for sku in product["skus"]]
        return {sku["seller_sku"]: sum(one["available"] for one in sku["stock"].values()) for sku in skus}


@contextmanager
def platforms() -> Iterator[Platforms]:
    command = [sys.executable, "-m", "bench.oversell.platforms", str(PRODUCTS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("The platforms have no pipes")
        try:
            yield Platforms(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


@dataclass(frozen=True)
class Way:
    """How the hub is set up: who owns stock, whether the platforms call, and the guards by channel."""

    owner: str
    by_webhook: bool
    guards: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def spec(self, at: Platforms) -> Spec:
        pull = self.owner == STORE
        store = {"products": "pull", "inventory": "pull" if pull else "push"}
        return Spec.model_validate(
            {
                "sources_of_truth": {"catalog": STORE, "inventory": self.owner},
                "locations": [] if pull else [{"location": PLACE, "integration": HUB, "default": True}],
                "integrations": [
                    {
                        "name": STORE,
                        "connector": "bigcommerce",
                        "credentials": at.store["given"],
                        "settings": ON | store | dict(self.guards.get(STORE, {})),
                    },
                    {
                        "name": SHOP,
                        "connector": "tiktok_shop",
                        "credentials": at.shop["given"],
                        "settings": ON | {"inventory": True} | dict(self.guards.get(SHOP, {})),
                    },
                ],
            }
        )


class World:
    """One run: `units` of each of `count` SKUs are on sale everywhere when it is ready."""

    def __init__(self, folder: Path, at: Platforms, way: Way, *, count: int, units: int) -> None:
        self.at, self.way, self.units = at, way, units
        self.port = free_port()
        url = f"http://127.0.0.1:{self.port}" if way.by_webhook else ""
        self._file = folder / "hub.sqlite"
        self._config = Config(
            database_url=f"sqlite:///{self._file}", secret_key=SecretStr("bench"), public_url=url
        )
        self._runs = itertools.count(1)
        hub = Hub.open(self._config)
        self._connect(hub)
        self._sync(hub)
        self.skus = self._choose(hub, count)
        for sku in self.skus:
            self._stock(hub, sku)
        self._sync(hub)
        hub.close()

    def _connect(self, hub: Hub) -> None:
        hub.apply(self.way.spec(self.at))
        done = hub.connect(STORE)
        self.at.act("shop", "redirect-url", url="http://127.0.0.1:1/oauth/return")
        link = hub.connect(SHOP).authorize_link
        asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        form = {**asked, "decision": "approve", "account": "owner", "period": "365"}
        reply = self.at.http.post(link.partition("?")[0], data=form)
        back = {
            name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()
        }
        last = hub.connect(SHOP, code=back["code"], state=back["state"])
        if {done.status, last.status} != {"Connected"}:
            raise RuntimeError(f"{done.reason} {last.reason}")

    def _sync(self, hub: Hub) -> None:
        """Everything once and whatever follows from it, without the engine."""
        for flow in hub.flows(None):
            leases.want(hub.database, flow)
        while due := leases.due(hub.database):
            for flow in due:
                lease = leases.begin(hub.database, flow, f"{flow}:bench-{next(self._runs)}", "bench")
                if lease is not None:
                    runner = Runner(
                        hub.desk,
                        lambda name, _: hub.connector(name),
                        lambda each: leases.want(hub.database, each, is_hint=True),
                    )
                    leases.finish(hub.database, lease, runner.run(lease))

    def _choose(self, hub: Hub, count: int) -> list[str]:
        """SKUs that both platforms list and that are counted."""
        listing, variant = tables.listing, tables.variant
        both = (
            sa.select(variant.c.sku)
            .join(listing, listing.c.variant_id == variant.c.id)
            .where(listing.c.integration == SHOP, variant.c.is_stock_tracked, ~variant.c.is_stock_shared)
            .order_by(variant.c.sku)
        )
        with hub.database.reading() as tx:
            found = [str(sku) for sku in tx.scalars(both)]
        shown = self.at.shown("store")
        chosen = [sku for sku in found if sku in shown][:count]
        if len(chosen) < count:
            raise RuntimeError(f"Only {len(chosen)} SKUs are counted and listed on both platforms")
        return chosen

    def _stock(self, hub: Hub, sku: str) -> None:
        if self.way.owner == STORE:
            for place in (1, 2, 3):
                self.at.act(
                    "store", "stock", sku=sku, location_id=place, quantity=self.units if place == 1 else 0
                )
            return
        with hub.database.serial() as tx:
            task = Task(HUB, hub.clock(), hub.cipher, truth=integrations.truth(tx), actor="bench")
            own_stock.change(tx, task, sku, PLACE, RecordChange(on_hand=self.units))

    @contextmanager
    def serving(self) -> Iterator[None]:
        """`crossdock serve` in its own process."""
        environment = os.environ | {
            "CROSSDOCK_DATABASE_URL": self._config.database_url,
            "CROSSDOCK_SECRET_KEY": self._config.secrets()[0],
            "CROSSDOCK_PUBLIC_URL": self._config.public_url,
            "CROSSDOCK_LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "crossdock", "serve", "--port", str(self.port)]
        log = self._file.with_suffix(".log")
        with (
            log.open("w") as told,
            subprocess.Popen(  # noqa: S603
                command, env=environment, stderr=told
            ) as process,
        ):
            try:
                self._wait_for_answer()
                yield
            finally:
                process.terminate()
                process.wait(timeout=60)

    def _wait_for_answer(self) -> None:
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.at.http.get(f"http://127.0.0.1:{self.port}/healthz").status_code < 500:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > give_up:
                raise RuntimeError("The hub does not answer")
            time.sleep(0.1)

    def histories(self, since: float) -> dict[str, History]:
        """What happened to each SKU after `since`, told from the platforms' notes."""
        notes = [row for row in self.at.notes() if row[1] >= since]
        reads: dict[Platform, list[Read]] = {"store": [], "shop": []}
        for kind, at, platform, *more in notes:
            if kind == "read":
                reads[platform].append(Read(more[0], at))
        return {sku: History(self.units, _moves(notes, sku), reads) for sku in self.skus}

    def wrongs(self) -> list[str]:
        """What does not hold in the hub afterwards; empty when everything does."""
        hub = Hub.open(self._config)
        with hub.database.reading() as tx:
            moved, level = tables.movement, tables.level
            sums = {
                (row.variant_id, row.location_id): (row.on_hand, row.committed)
                for row in tx.execute(
                    sa.select(
                        moved.c.variant_id,
                        moved.c.location_id,
                        sa.func.sum(moved.c.on_hand).label("on_hand"),
                        sa.func.sum(moved.c.committed).label("committed"),
                    ).group_by(moved.c.variant_id, moved.c.location_id)
                )
            }
            levels = {
                (row.variant_id, row.location_id): (row.on_hand, row.committed)
                for row in tx.execute(sa.select(level))
            }
            orders = tx.scalar(
                sa.select(sa.func.count()).select_from(tables.order).where(tables.order.c.copy_of.is_(None))
            )
        hub.close()
        wrongs = []
        if any(levels.get(key, (0, 0)) != value for key, value in sums.items()):
            wrongs.append("a level is not the sum of its movements")
        if any(committed < 0 for _, committed in levels.values()):
            wrongs.append("less than nothing is committed")
        placed = sum(1 for row in self.at.notes() if row[0] == "sale")
        if orders != placed:
            wrongs.append(f"{placed} orders were placed and the hub has {orders}")
        return wrongs


def _moves(notes: list[list[Any]], sku: str) -> list[Happened]:
    moves, asked = [], {}
    for kind, at, platform, *more in notes:
        if kind == "read" or more[0] != sku:
            continue
        if kind == "asked":
            asked[platform, more[1]] = at
        else:
            moves.append(Happened(at, platform, kind, more[1], more[2], asked.get((platform, more[1]), at)))
    return moves


class Buyers:
    """They buy one unit after the other on both platforms, whatever is on sale, until nothing was for a while."""

    def __init__(
        self, at: Platforms, skus: list[str], *, per_platform: int, orders_per_second: float
    ) -> None:
        self._at, self._skus, self._stop = at, skus, threading.Event()
        self._pause = per_platform / orders_per_second if orders_per_second else 0.0
        self._last_sale = time.monotonic()
        self._threads = [
            threading.Thread(target=self._buy, args=(platform, number), daemon=True)
            for platform in ("store", "shop")
            for number in range(per_platform)
        ]

    def buy_until_quiet(self, seconds: float) -> None:
        self._last_sale = time.monotonic()
        for thread in self._threads:
            thread.start()
        while time.monotonic() - self._last_sale < seconds:
            time.sleep(0.1)
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _buy(self, platform: str, number: int) -> None:
        with httpx.Client(timeout=60) as http:
            address = getattr(self._at, platform)["address"]
            for turn in itertools.count(number):
                if self._stop.is_set():
                    return
                sku = self._skus[turn % len(self._skus)]
                if http.post(f"{address}/_sim/orders", json=_order(platform, sku)).status_code < 300:
                    self._last_sale = time.monotonic()
                    time.sleep(self._pause)
                else:
                    time.sleep(REFUSED_PAUSE_SECONDS)


def _order(platform: str, sku: str) -> dict[str, Any]:
    if platform == "store":
        return {"lines": [{"sku": sku, "quantity": 1}]}
    return {
        "lines": [{"seller_sku": sku, "quantity": 1}],
        "paid": True,
        "on_hold": False,
        "shipping_type": "SELLER",
    }
