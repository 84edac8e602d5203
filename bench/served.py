"""A hub between both platforms, set up whole and then served as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx

from bench.hub import SHOP, STORE, Bench
from bench.platforms import Platforms
from crossdock.domain.sync import FlowKey
from crossdock.operations.setup.spec import Spec
from crossdock.sync import lease as leases

AT_ONCE = {"hold_minutes": 0}
STORE_SETTINGS = {"products": "pull", "orders": True, "inventory": "pull", "locations": True} | AT_ONCE
SHOP_SETTINGS = {"products": "push", "orders": True, "inventory": True, "locations": True} | AT_ONCE

COMPLETE = {
    "attribute_defaults": {"Contains batteries": "No", "Fabric": "Cotton", "Ingredients": "Water, glycerin"},
    "untracked_quantity": 50,
}
UP_SECONDS = 60.0


def set_up(bench: Bench) -> None:
    """Connect both, read the catalog and its stock, list it in the shop, and leave nothing to be done."""
    platforms = bench.platforms
    credentials = {name: text for name, text in platforms.store.items() if name != "address"}
    bases = dict.fromkeys(("api_base", "token_base", "authorize_base"), platforms.shop["address"])
    own = {name: text for name, text in platforms.shop.items() if name != "address"}
    store = {
        "name": STORE,
        "connector": "bigcommerce",
        "credentials": credentials,
        "settings": STORE_SETTINGS,
    }
    shop = {
        "name": SHOP,
        "connector": "tiktok_shop",
        "credentials": bases | own,
        "settings": SHOP_SETTINGS | COMPLETE,
    }
    truth = {"catalog": STORE, "inventory": STORE}
    bench.hub.apply(Spec.model_validate({"sources_of_truth": truth, "integrations": [store, shop]}))
    bench.hub.connect(STORE)
    code, state = _consent(platforms, bench.hub.connect(SHOP).authorize_link)
    bench.hub.connect(SHOP, code=code, state=state)
    _settle(bench)
    platforms.act("clock", at="shop", advance_seconds=5)
    _settle(bench)


def _consent(platforms: Platforms, link: str) -> tuple[str, str]:
    """Press the button on the shop's consent page; the code and state it sends back."""
    platforms.act("redirect-url", at="shop", url="http://127.0.0.1:1/oauth/return")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    form = asked | {"decision": "approve", "account": "owner", "period": "365"}
    reply = platforms.http.post(link.partition("?")[0], data=form)
    back = {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}
    return back["code"], back["state"]


def _settle(bench: Bench) -> None:
    """Run every flow once, and then whatever is due."""
    database = bench.hub.database
    wanted = bench.hub.flows()
    for flow in wanted:
        leases.want(database, flow)
    while due := [flow for flow in leases.due(database) if flow in wanted]:
        for flow in due:
            bench.run(flow, wake=lambda found: leases.want(database, found, is_hint=True))


@contextmanager
def serving(url: str, folder: Path, *, is_told: bool) -> Iterator[str]:
    """`crossdock serve` on this database, and its address; told by webhooks, or else polling."""
    port = free_port()
    environment = os.environ | {
        "CROSSDOCK_DATABASE_URL": url,
        "CROSSDOCK_SECRET_KEY": "bench",
        "CROSSDOCK_PUBLIC_URL": f"http://127.0.0.1:{port}" if is_told else "",
        "CROSSDOCK_PORT": str(port),
        "CROSSDOCK_LOG_LEVEL": "WARNING",
    }
    code = "from crossdock.cli.main import run; run()"
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "serve"], env=environment, stdout=log, stderr=log
        )
        try:
            wait_until_up(port)
            if is_told:
                _register(url, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def wait_until_up(port: int) -> None:
    give_up = time.monotonic() + UP_SECONDS
    while time.monotonic() < give_up:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The hub does not answer")


def _register(url: str, port: int) -> None:
    from crossdock.app import Hub
    from crossdock.config import Config

    hub = Hub.open(Config(database_url=url, secret_key="bench", public_url=f"http://127.0.0.1:{port}"))
    for name in (STORE, SHOP):
        hub.register_webhooks(name)
    hub.close()


def flow(text: str) -> FlowKey:
    return FlowKey.parse(text)
