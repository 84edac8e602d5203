"""The demo's own judgement: it must fail as soon as anything differs."""

from __future__ import annotations

import io
import shlex
import socket
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx2 as httpx
import pytest
from pydantic import SecretStr
from rich.console import Console

from crossdock.app import Hub
from crossdock.cli.demo import command
from crossdock.cli.demo.door import Shipped
from crossdock.cli.demo.platforms import Platform, Platforms, Sale
from crossdock.cli.demo.report import IN_REVIEW, LIVE, Report
from crossdock.cli.demo.stock import SoldLine, Stocks, choose_sales, shop_units, sold_lines, store_units
from crossdock.cli.output import say
from crossdock.config import Config
from support.command import Command

GOOD = Report(
    counts={LIVE: 3, IN_REVIEW: 0},
    not_listed=[],
    stock_differences=[],
    compared_skus=3,
    sold=[SoldLine("A", 1, 2, before=10, store_after=7, shop_after=7)],
    shipped=[Shipped("77", "shop", "77-1", "Main", "UPS 1Z1", is_told=True)],
    repeated_writes=[],
    failed_flows=[],
    seconds=1.0,
)


def test_a_run_without_a_difference_has_no_problem() -> None:
    assert GOOD.problems() == []
    assert GOOD.as_document()["succeeded"] is True


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        ({"counts": {LIVE: 0, IN_REVIEW: 0}}, "nothing live"),
        ({"counts": {LIVE: 3, IN_REVIEW: 2}}, "2 products still wait"),
        ({"stock_differences": ["A: the store has 1, TikTok Shop offers 2"]}, "A: the store has 1"),
        ({"compared_skus": 0}, "no stock was compared"),
        ({"sold": []}, "Nothing had enough stock"),
        ({"sold": [SoldLine("A", 1, 2, before=10, store_after=7, shop_after=4)]}, "7 expected"),
        ({"sold": [SoldLine("A", 1, 0, before=10, store_after=10, shop_after=10)]}, "9 expected"),
        ({"shipped": []}, "No order came to the warehouse"),
        ({"shipped": [replace(GOOD.shipped[0], is_told=False)]}, "shop was not told of UPS 1Z1"),
        ({"repeated_writes": ["PUT /products/1"]}, "PUT /products/1"),
        ({"failed_flows": ["shop/pull-orders: down"]}, "shop/pull-orders: down"),
    ],
)
def test_every_difference_is_a_problem_that_says_what_differs(worse: dict[str, object], said: str) -> None:
    report = replace(GOOD, **worse)  # type: ignore[arg-type]

    assert any(said in problem for problem in report.problems())
    assert report.as_document()["succeeded"] is False


@pytest.mark.parametrize("is_on_the_path", [True, False])
def test_what_the_demo_suggests_can_be_copied_into_another_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_on_the_path: bool
) -> None:
    monkeypatch.setattr(command, "which", lambda name: f"/bin/{name}" if is_on_the_path else None)
    monkeypatch.setenv("COLUMNS", "80")
    out = io.StringIO()
    side = Platform({"control": "http://127.0.0.1:1/_sim"}, httpx.Client(), sku_word="sku")
    config = Config(database_url=f"sqlite:///{tmp_path}/demo.sqlite", secret_key=SecretStr("test"))

    with closing(Hub.open(config)) as hub:
        told = command.whereabouts(hub, Platforms(side, side), "http://127.0.0.1:8700")
        say(Console(file=out, width=80), told)

    lines = [line.strip() for line in out.getvalue().splitlines()]
    curl = next(line for line in lines if line.startswith("curl "))
    program = next(line for line in lines if line.endswith("crossdock orders")).removesuffix(" orders")
    assert shlex.split(curl)[2].startswith("Authorization: Bearer cdk_")
    assert f"export CROSSDOCK_DATABASE_URL={config.database_url}" in lines
    assert (program == "crossdock") if is_on_the_path else Path(program).exists()


def test_a_taken_port_says_how_to_choose_another_for_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = Command()("demo", "--port", str(port))

    assert done.code == 1
    assert f"--port, as in make demo PORT={port + 1}" in done.err


def test_units_are_summed_over_all_places_of_both_platforms() -> None:
    store = {"stock": [{"sku": "A", "onhand": 3}, {"sku": "A", "onhand": 4}, {"sku": "B", "onhand": 0}]}
    stock = {"w1": {"available": 5, "committed": 9}, "w2": {"available": 2, "committed": 0}}
    shop = {"products": [{"skus": [{"seller_sku": "A", "stock": stock}]}]}

    assert store_units(store) == {"A": 7, "B": 0}
    assert shop_units(shop) == {"A": 7}


def test_only_skus_that_the_shop_lists_are_compared() -> None:
    assert Stocks({"A": 7, "B": 1}, {"A": 7}).differences() == []
    assert len(Stocks({"A": 7}, {"A": 6, "C": 1}).differences()) == 2


def test_what_is_sold_is_on_both_platforms_with_enough_stock() -> None:
    stocks = Stocks(
        {"A": 50, "B": 50, "C": 50, "D": 50, "E": 1}, {"A": 50, "B": 50, "C": 50, "D": 50, "E": 1}
    )

    on_store, on_shop = choose_sales(stocks)

    sold = {sale.sku for sale in on_store} | {sale.sku for sale in on_shop}
    assert "E" not in sold
    assert {sale.sku for sale in on_store} & {sale.sku for sale in on_shop}


def test_a_sale_counted_twice_or_not_at_all_is_not_right() -> None:
    before = Stocks({"A": 10}, {"A": 10})
    sales = {"on_store": [Sale("A", 2)], "on_shop": [Sale("A", 3)]}

    once, twice, never = (
        sold_lines(before, Stocks({"A": store}, {"A": shop}), **sales)[0]
        for store, shop in ((5, 5), (2, 5), (8, 5))
    )

    assert once.is_right
    assert not twice.is_right
    assert not never.is_right
