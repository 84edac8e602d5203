"""The demo's own judgement: it must fail as soon as anything differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.cli.demo.platforms import Sale
from crossdock.cli.demo.report import IN_REVIEW, LIVE, Report
from crossdock.cli.demo.stock import SoldLine, Stocks, choose_sales, shop_units, sold_lines, store_units

GOOD = Report(
    counts={LIVE: 3, IN_REVIEW: 0},
    not_listed=[],
    stock_differences=[],
    compared_skus=3,
    sold=[SoldLine("A", 1, 2, before=10, store_after=7, shop_after=7)],
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
        ({"repeated_writes": ["PUT /products/1"]}, "PUT /products/1"),
        ({"failed_flows": ["shop/pull-orders: down"]}, "shop/pull-orders: down"),
    ],
)
def test_every_difference_is_a_problem_that_says_what_differs(worse: dict[str, object], said: str) -> None:
    report = replace(GOOD, **worse)  # type: ignore[arg-type]

    assert any(said in problem for problem in report.problems())
    assert report.as_document()["succeeded"] is False


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
