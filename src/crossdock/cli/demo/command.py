"""The command itself: sets the stage, lets the steps run, shows the report, and stays up unless told otherwise."""

from __future__ import annotations

import logging
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which
from typing import Annotated

import typer

from crossdock.app import Hub
from crossdock.cli import keys
from crossdock.cli.demo.door import to_the_door
from crossdock.cli.demo.merchant import SHOP, STORE, WAREHOUSE
from crossdock.cli.demo.platforms import Platforms, started
from crossdock.cli.demo.report import IN_REVIEW, LIVE, NotListed, Report
from crossdock.cli.demo.steps import Stage, connect, sell, wait_for_equal_stock, writes_of_another_sync
from crossdock.cli.failures import FAILED, CommandError
from crossdock.cli.listening import AddressTakenError, listening
from crossdock.cli.output import AsJson, answer, say, to_people
from crossdock.cli.rounds import FlowResult, engine_stopped
from crossdock.cli.sync import progress
from crossdock.config import Config
from crossdock.operations.views import views
from crossdock.operations.views.views import ChannelCounts, Standing, Summary
from crossdock.sync.engine import Engine

commands = typer.Typer()
MOST_SHOWN = 500


@commands.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Leave when done: 0 only when everything is right.")
    ] = False,
    products: Annotated[int, typer.Option(min=4, max=2000, help="Products of the made-up merchant.")] = 200,
    port: Annotated[int, typer.Option(help="Where the hub's API listens afterwards.")] = 8700,
    seed: Annotated[int, typer.Option(help="The same seed makes the same merchant.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Try everything without an account: both platforms simulated, synced, sold on, and compared."""
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        listener = None if once else stack.enter_context(_listening(port))
        platforms = stack.enter_context(
            started(products=products, seed=seed, redirect_url=f"{address}/oauth/return")
        )
        hub = stack.enter_context(_hub(port))
        engine = hub.engine(works=True)
        engine.start()
        stack.enter_context(engine_stopped(engine))
        report = _run(hub, engine, platforms)
        answer(report.as_document(), *report.shown(), as_json=as_json)
        if listener is None:
            raise typer.Exit(FAILED if report.problems() else 0)
        if not as_json:
            say(to_people(), whereabouts(hub, platforms, address))
        # What goes wrong from now on is what somebody tries out on the pages, and can be asked for.
        logging.getLogger().setLevel(logging.ERROR)
        from crossdock.server import serve  # here: only two commands need a web server

        serve(hub, engine, listener)


def _listening(port: int) -> socket.socket:
    try:
        return listening("127.0.0.1", port)
    except AddressTakenError as error:
        raise AddressTakenError(f"{error}, as in make demo PORT={port + 1}") from None


@contextmanager
def _hub(port: int) -> Iterator[Hub]:
    """A hub of its own in a temporary folder, whatever the environment says."""
    with tempfile.TemporaryDirectory(prefix="crossdock-demo-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "crossdock.sqlite"
        hub = Hub.open(
            Config(
                database_url=f"sqlite:///{file}", secret_key=None, public_url="", private_hosts="", port=port
            )
        )
        try:
            yield hub
        finally:
            hub.close()


def _run(hub: Hub, engine: Engine, platforms: Platforms) -> Report:
    began = time.monotonic()
    connect(hub, platforms)
    with progress("Demo:") as watch:
        stage = Stage(hub, engine, platforms, watch)
        first = stage.sync()
        stage.sync_until(lambda: not _counts_of_shop(_summary(hub)).in_review)
        stocks = wait_for_equal_stock(stage)
        sold = sell(stage)
        shipped = to_the_door(stage)
        repeated = writes_of_another_sync(stage)
    return Report(
        counts=_counts(_summary(hub), first),
        not_listed=list(_not_listed(hub)),
        stock_differences=stocks.differences(),
        compared_skus=len(stocks.shop),
        sold=sold,
        shipped=shipped,
        repeated_writes=repeated,
        failed_flows=[f"{each.flow}: {each.error}" for each in first if each.has_failed],
        seconds=time.monotonic() - began,
    )


def _summary(hub: Hub) -> Summary:
    with hub.database.reading() as tx:
        return views.summary(tx)


def _not_listed(hub: Hub) -> Iterator[NotListed]:
    with hub.database.reading() as tx:
        for state in (
            Standing.REFUSED,
            Standing.BLOCKED,
            Standing.DRAFT,
            Standing.WAITING,
            Standing.EXCLUDED,
        ):
            for product in views.products(tx, state=state, limit=MOST_SHOWN).items:
                for standing in product.channels:
                    yield NotListed(product.title, standing.state, standing.message, standing.fix)


def _counts_of_shop(summary: Summary) -> ChannelCounts:
    found = [channel for channel in summary.channels if channel.integration == SHOP]
    if not found:
        raise CommandError("TikTok Shop is not among the channels of the demo's hub")
    return found[0]


def _counts(summary: Summary, first: list[FlowResult]) -> dict[str, int]:
    shop = _counts_of_shop(summary)
    return {
        "products pulled from BigCommerce": summary.products,
        "variants pulled": summary.variants,
        "variants linked to TikTok Shop": shop.linked,
        LIVE: shop.synced,
        IN_REVIEW: shop.in_review,
        "products waiting to be sent": shop.waiting,
        "products kept as drafts, with what they lack": shop.draft,
        "products left out by a setting": shop.excluded,
        "products refused, with a reason": shop.refused + shop.blocked,
        "requests confirmed by TikTok Shop": sum(
            each.confirmed for each in first if each.flow.startswith(SHOP)
        ),
        "orders": sum(sum(by_status.values()) for by_status in summary.orders.values()),
    }


def whereabouts(hub: Hub, platforms: Platforms, address: str) -> str:
    """Where everything is, and what can be tried: each command on a line of its own, to be copied."""
    secret = keys.made(hub, "demo", ["read", "write"])
    crossdock = program()
    return f"""
The hub's API: {address}/api/v1
  described at {address}/api/v1/openapi.json
  curl -H 'Authorization: Bearer {secret}' {address}/api/v1/products

The command line, in another terminal, in this folder; the integrations are called {STORE} and {SHOP}:
  export CROSSDOCK_DATABASE_URL={hub.config.database_url}
  {crossdock} orders
  {crossdock} exceptions
  {crossdock} pick-list {WAREHOUSE}

BigCommerce's page: {platforms.store.control}
TikTok Shop's page: {platforms.shop.control}

Place orders and change stock on these pages, or have reviews wait for you on TikTok Shop's.
The hub follows within a minute. What goes wrong is told by {crossdock} flows. Ctrl-C ends."""


def program() -> str:
    """How this program is called from here: by its name, or by its path where a shell would not find that."""
    if which("crossdock"):
        return "crossdock"
    return os.path.relpath(Path(sys.executable).with_name("crossdock"))
