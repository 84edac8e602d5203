"""Stock gets another owner while orders are under way: each unit sold still counts exactly once."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.channel import ChannelOrder
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import bundles
from crossdock.operations.setup import integrations
from crossdock.operations.stock import own_locations, own_stock, sales, stock_owner
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.stock.sales import IntentKind
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, listing, location, order, product, stock

MAIN = "Main"


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """The store owns ten units of A; the shop sells them too."""
    hub.open_shop(A=10)
    return hub


def give_to(hub: Bench, owner: str) -> None:
    """As a change of the sources of truth does it."""
    former = hub.truth.inventory
    hub.truth = SourcesOfTruth(catalog=STORE, inventory=owner)
    with hub.step(HUB) as (tx, task):
        integrations.set_truth(tx, hub.truth)
        stock_owner.hand_over(tx, task, former=former)


def add_place(hub: Bench) -> None:
    with hub.step(HUB) as (tx, task):
        own_locations.add(tx, task, OwnLocation(MAIN))


def count(hub: Bench, units: int, sku: str = "A") -> None:
    with hub.step(HUB) as (tx, task):
        own_stock.change(tx, task, sku, MAIN, RecordChange(on_hand=units))


def sold(key: str, units: int, **more: Any) -> ChannelOrder:
    return order(key, line("A", units, **more))


def taken_by_hub(hub: Bench, *, place_first: bool) -> None:
    """The hub owns stock from now on; ten units lie in its warehouse, those not yet shipped among them."""
    if place_first:
        add_place(hub)
    give_to(hub, HUB)
    if not place_first:
        add_place(hub)
    count(hub, 10)


@pytest.mark.parametrize("place_first", [True, False])
def test_what_is_sold_and_not_shipped_stays_promised_where_the_hub_takes_stock_over(
    selling: Bench, place_first: bool
) -> None:
    selling.read_orders(sold("1", 3))
    selling.read_orders(sold("s", 2), of=STORE)

    taken_by_hub(selling, place_first=place_first)

    assert selling.offered("A") == 5
    selling.read_orders(sold("1", 3, quantity_shipped=3))
    selling.read_orders(sold("s", 2, quantity_shipped=2), of=STORE)
    assert selling.offered("A") == 5
    assert selling.ledger_differences() == {}


@pytest.mark.parametrize("place_first", [True, False])
def test_what_was_shipped_before_is_not_taken_off_the_hubs_shelf_again(
    selling: Bench, place_first: bool
) -> None:
    selling.read_orders(sold("1", 3, quantity_shipped=3))
    selling.read_orders(sold("s", 2, quantity_shipped=2), of=STORE)

    taken_by_hub(selling, place_first=place_first)
    selling.read_orders(sold("1", 3, quantity_shipped=3, name="delivered"))
    selling.read_orders(sold("s", 2, quantity_shipped=2, name="delivered"), of=STORE)

    assert selling.offered("A") == 10


def test_a_number_that_the_hub_wrote_contains_what_was_sold_and_none_of_it_is_reported_again(
    hub: Bench,
) -> None:
    owned = hub_that_sold_three_of_ten(hub)
    told_the_store(owned, is_settled=True)

    give_to(owned, STORE)
    owned.read_stock(stock("A", 7))
    owned.read_orders(sold("1", 3, quantity_shipped=3))

    assert owned.offered("A") == 7
    assert owned.reports() == [(-3, ReportState.SEEN)]
    owned.read_orders(sold("1", 3, quantity_canceled=3))
    assert owned.reports()[1:] == [(3, ReportState.OPEN)]
    assert owned.ledger_differences() == {}


@pytest.mark.parametrize("shipped", [0, 1, 3])
def test_of_a_number_that_the_hub_did_not_write_what_is_not_shipped_is_held_back_and_reported(
    hub: Bench, shipped: int
) -> None:
    owned = hub_that_sold_three_of_ten(hub)
    told_the_store(owned, is_settled=False)
    owned.read_orders(sold("1", 3, quantity_shipped=shipped))

    give_to(owned, STORE)
    owned.read_stock(stock("A", 10))

    assert owned.offered("A") == 10 - (3 - shipped)
    assert sum(units for units, state in owned.reports() if state is ReportState.OPEN) == shipped - 3


def test_the_owners_own_orders_are_in_its_number_again_when_it_takes_stock_back(selling: Bench) -> None:
    selling.read_orders(sold("s", 2), of=STORE)
    taken_by_hub(selling, place_first=True)

    give_to(selling, STORE)
    selling.read_stock(stock("A", 8))

    assert selling.offered("A") == 8
    assert selling.ledger_differences() == {}


def test_there_and_back_and_there_again_leaves_every_order_promised_once(selling: Bench) -> None:
    selling.read_orders(sold("1", 3, quantity_shipped=1))
    selling.read_orders(sold("s", 2), of=STORE)
    taken_by_hub(selling, place_first=True)

    for owner in (STORE, HUB, STORE, HUB):
        give_to(selling, owner)

    assert selling.offered("A") == 10 - 2 - 2
    assert selling.ledger_differences() == {}


def test_a_report_that_was_under_way_frees_nothing_twice_when_its_answer_comes_late(selling: Bench) -> None:
    selling.read_orders(sold("1", 3))
    with selling.step(STORE) as (tx, task):
        due = sales.due(tx, STORE, limit=10)
        intent, items = sales.write_intent(tx, task, due, kind=IntentKind.ADJUSTMENT)

    taken_by_hub(selling, place_first=True)
    with selling.step(STORE) as (tx, task):
        sales.answered(tx, task, intent, items, "t-1")

    assert selling.offered("A") == 7
    assert selling.reports() == [(-3, ReportState.SEEN)]


def test_a_sale_that_was_not_reported_yet_is_not_reported_to_who_owns_stock_no_more(selling: Bench) -> None:
    selling.read_orders(sold("1", 3))

    taken_by_hub(selling, place_first=True)

    with selling.step(STORE) as (tx, _):
        assert sales.due(tx, STORE, limit=10) == []
    assert selling.offered("A") == 7


def test_a_bundle_sold_before_holds_its_components_when_the_hub_takes_stock_over(selling: Bench) -> None:
    selling.read_products(product("BOX"))
    selling.read_listings(listing("BOX"))
    selling.read_stock(stock("BOX", 4))
    selling.read_orders(order("1", line("BOX", 2)))
    with selling.step(HUB) as (tx, task):
        bundles.set_components(tx, task, "BOX", {"A": 3})

    taken_by_hub(selling, place_first=True)

    assert selling.offered("A") == 10 - 6


def hub_that_sold_three_of_ten(hub: Bench) -> Bench:
    """The hub owns ten units of A in a warehouse of its own; three are sold in the shop."""
    hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
    for name in (STORE, SHOP):
        hub.read_locations(location(is_default=True), of=name)
    add_place(hub)
    hub.read_products(product("A"))
    hub.read_listings(listing("A"))
    count(hub, 10)
    hub.read_orders(sold("1", 3))
    return hub


def told_the_store(hub: Bench, *, is_settled: bool) -> None:
    """While the hub owned stock it wrote its numbers to the store; the last one has arrived there, or not."""
    table = tables.publication
    with hub.step(STORE) as (tx, _):
        integrations.configure_flows(tx, STORE, {("push", Entity.INVENTORY): True}, {})
        if is_settled:
            tx.execute(
                table.update().where(table.c.integration == STORE).values(state="settled", is_dirty=False)
            )
