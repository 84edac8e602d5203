"""Shipments of orders that the settings leave out are left out; those of orders that the hub has are followed."""

from __future__ import annotations

import pytest

from crossdock.connectors.contract import Rules
from support.make import STORE, Bench
from support.shipping import copied, read, shipment, shown, teas_and_mugs_sold


@pytest.fixture
def selling(hub: Bench) -> Bench:
    teas_and_mugs_sold(hub)
    hub.rules[STORE] = Rules(order_ids=frozenset({"7"}))
    return hub


@pytest.mark.parametrize(("order", "is_kept"), [("7", True), ("8", False)])
def test_of_orders_that_the_hub_does_not_have_only_those_listed_are_kept(
    selling: Bench, order: str, is_kept: bool
) -> None:
    read(selling, shipment("s1", "1Z-7", TEA=1), order=order)

    assert len(shown(selling)) == is_kept


def test_an_order_that_the_hub_created_is_followed_whatever_the_list_says(selling: Bench) -> None:
    selling.rules[STORE] = Rules()
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    selling.rules[STORE] = Rules(order_ids=frozenset({"7"}))

    read(selling, shipment("s1", "1Z-7", TEA=1))

    assert [one.order_number for one in shown(selling)] == ["S1"]


def test_what_was_kept_before_the_list_was_filled_is_followed(selling: Bench) -> None:
    selling.rules[STORE] = Rules()
    read(selling, shipment("s1", "1Z-7", TEA=1), order="8")
    selling.rules[STORE] = Rules(order_ids=frozenset({"7"}))

    read(selling, order="8")

    assert [one.state for one in shown(selling)] == ["voided"]
