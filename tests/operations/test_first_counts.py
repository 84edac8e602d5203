"""SKUs that sell before anybody has counted them, where the hub owns stock: said so, until they are counted."""

from __future__ import annotations

import pytest

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.operations.setup import integrations
from crossdock.operations.stock import offering, own_stock, stock_file
from crossdock.operations.task import HUB
from crossdock.operations.views import views
from operations.own_bench import ANNEX, MAIN, change
from support.make import SHOP, Bench, line, order


def is_counted(own: Bench, sku: str) -> bool:
    with own.database.transaction() as tx:
        integrations.set_truth(tx, own.truth)
        [shown] = views.inventory(tx, search=sku).items
    return shown.is_counted


def test_what_was_never_counted_says_so_and_is_left_alone(own: Bench) -> None:
    assert not is_counted(own, "A")
    with own.step() as (tx, _):
        on = offering.channel(tx, SHOP, Rules())
        offer = offering.offers(tx, on, HUB, [own.variant_id("A")])[own.variant_id("A")]
    assert "first count" in offer.why_not
    assert own.cases() == []

    change(own, "A", on_hand=0)

    assert is_counted(own, "A")


def test_a_sale_of_what_was_never_counted_is_a_case_until_it_is_counted(own: Bench) -> None:
    own.read_orders(order("1", line("A", 7)))

    [case] = own.cases()
    assert (case.kind, case.subject_id) == ("never_counted", own.variant_id("A"))
    assert "7 of “A”" in case.cause
    assert "crossdock inventory set A --location" in case.fix
    assert own.offered("A") == 0
    assert not is_counted(own, "A")

    own.read_orders(order("1", line("A", 7, quantity_shipped=7)))
    [case] = own.cases()
    assert "7 of “A”" in case.cause

    change(own, "A", on_hand=13)
    assert own.cases() == []
    assert (is_counted(own, "A"), own.offered("A")) == (True, 13)


@pytest.mark.parametrize("is_by_file", [True, False])
def test_a_count_of_nothing_is_the_first_count_too(own: Bench, is_by_file: bool) -> None:
    own.read_orders(order("1", line("A", 2)))
    if is_by_file:
        lines = ["sku,location,on_hand\n", f"A,{MAIN},0\n"]
        done = stock_file.take_file(own.database, lambda _: own.task(HUB), lines, is_dry_run=False)
        assert done.changed == 1
    else:
        change(own, "A", on_hand=0)

    assert own.cases() == []
    assert is_counted(own, "A")


def test_a_canceled_sale_and_a_count_elsewhere_need_no_count_more(own: Bench) -> None:
    own.read_orders(order("1", line("A", 2)))
    own.read_orders(order("1", line("A", 2, quantity_canceled=2)))
    assert own.cases() == []

    change(own, "A", place=ANNEX, on_hand=4)
    own.read_orders(order("2", line("A", 2)))
    assert own.cases() == []


def test_a_count_before_the_first_products_were_read_says_what_comes_first(hub: Bench) -> None:
    with pytest.raises(SettingsError, match="crossdock sync"), hub.step(HUB) as (tx, _):
        own_stock.counted_variant(tx, "A")
