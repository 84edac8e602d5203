"""The `crossdock-simulators` command: both platforms with a seeded merchant, and a 3PL where wanted, until it is stopped."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from threading import Event, Thread

from crossdock_simulators import merchant as goods
from crossdock_simulators.bigcommerce.app import Simulator as BigCommerce
from crossdock_simulators.bigcommerce.app import serve
from crossdock_simulators.bigcommerce.limits import QUOTAS
from crossdock_simulators.bigcommerce.seed import load_merchant
from crossdock_simulators.shipstation.app import Simulator as ShipStation
from crossdock_simulators.tiktok_shop.app import Simulator as TikTokShop
from crossdock_simulators.tiktok_shop.seed import load_listings


def run(arguments: Sequence[str] | None = None) -> int:
    """Print one line of JSON when both platforms answer, then wait."""
    options = _parser().parse_args(arguments)
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    if options.until_stdin_closes:
        Thread(target=_watch_stdin, args=(stopped,), daemon=True).start()
    with ExitStack() as stack:
        described = _start(stack, options)
        sys.stdout.write(json.dumps(described) + "\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


def _start(stack: ExitStack, options: argparse.Namespace) -> dict[str, dict[str, str]]:
    bigcommerce = stack.enter_context(closing(BigCommerce(plan=options.plan, seed=options.seed)))
    tiktok_shop = stack.enter_context(
        closing(TikTokShop(region=options.region, redirect_url=options.redirect_url, seed=options.seed))
    )
    seller = goods.merchant(options.products, seed=options.seed, defects=options.defects)
    load_merchant(bigcommerce.store, seller)
    listings = goods.existing_listings(seller, options.listings, seed=options.seed, defects=options.defects)
    load_listings(tiktok_shop.shop, listings)
    store = stack.enter_context(serve(bigcommerce, port=options.bigcommerce_port)).address
    shop = stack.enter_context(serve(tiktok_shop, port=options.tiktok_port)).address
    api_path = f"{store}/stores/{bigcommerce.store.store_hash}/v3/"
    addresses = {"address": store, "api_path": api_path, "control": f"{store}/_sim"}
    bases = {"api_base": shop, "token_base": shop, "authorize_base": shop, "control": f"{shop}/_sim"}
    warehouse = _start_warehouse(stack, options) if options.shipstation else {}
    return {
        "bigcommerce": {**addresses, **bigcommerce.credentials},
        "tiktok_shop": {**bases, **tiktok_shop.credentials},
        **warehouse,
    }


def _start_warehouse(stack: ExitStack, options: argparse.Namespace) -> dict[str, dict[str, str]]:
    shipstation = stack.enter_context(closing(ShipStation(seed=options.seed)))
    address = stack.enter_context(serve(shipstation, port=options.shipstation_port)).address
    return {"shipstation": {"api_base": address, "control": f"{address}/_sim", **shipstation.credentials}}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="crossdock-simulators", description="BigCommerce and TikTok Shop on this machine, for trials."
    )
    parser.add_argument("--products", type=int, default=200, help="products of the merchant")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same merchant")
    parser.add_argument("--defects", action="store_true", help="plant mistakes in SKUs, images and weights")
    parser.add_argument("--listings", type=int, default=0, help="listings that TikTok Shop has already")
    parser.add_argument("--region", default="US", help="the market of the TikTok Shop")
    parser.add_argument("--bigcommerce-port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--tiktok-port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--shipstation", action="store_true", help="an empty ShipStation account as well")
    parser.add_argument("--shipstation-port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--redirect-url", default="", help="where TikTok Shop sends the seller back")
    parser.add_argument("--plan", choices=sorted(QUOTAS), default="Enterprise", help="BigCommerce plan")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end together with the parent")
    return parser


def _watch_stdin(stopped: Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    stopped.set()
