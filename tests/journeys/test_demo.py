"""The demo, as a newcomer runs it: everything arrives, stock agrees, each sale counts once, nothing is written twice."""

from __future__ import annotations

import pytest

from support.command import Command

pytestmark = pytest.mark.engine


def test_the_demo_succeeds_and_shows_what_moved() -> None:
    done = Command().apart("demo", "--once", "--products", "16", "--json")

    assert done.code == 0, done.out + done.err
    told = done.json()
    assert told["succeeded"] is True
    assert told["counts"]["products pulled from BigCommerce"] == 16
    assert told["counts"]["products listed live"] > 8
    assert told["compared_skus"] >= told["counts"]["products listed live"]
    assert all(each["reason"] for each in told["not_listed"])
    sold = told["sold"]
    assert any(line["sold_on_store"] and line["sold_on_shop"] for line in sold)
    for line in sold:
        left = line["before"] - line["sold_on_store"] - line["sold_on_shop"]
        assert line["store_after"] == line["shop_after"] == left
    assert told["repeated_writes"] == []
