"""Stock gets another owner while orders are under way: each unit sold still counts exactly once."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.channel import ChannelOrder
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Entity
from crossdock.operations import bundles, integrations, own_locations, own_stock, sales, stock_owner
from crossdock.operations.own_locations import OwnLocation
from crossdock.operations.own_stock import RecordChange
from crossdock.operations.sales import IntentKind
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


def push_to_store(hub: Bench, *, is_settled: bool) -> None:
    """While the hub owned stock it wrote its numbers to the store."""
    with hub.step(STORE) as (tx, _):
        integrations.configure_flows(tx, STORE, {("push", Entity.INVENTORY): True}, {})
        if is_settled:
            table = tables.publication
            tx.execute(
                table.update().where(table.c.integration == STORE).values(state="settled", is_dirty=False)
            )


@pytest.mark.parametrize("place_first", [True, False])
def test_what_is_sold_and_not_shipped_stays_promised_where_the_hub_takes_stock_over(
    selling: Bench, place_first: bool
) -> None:
    selling.read_orders(sold("1", 3))
    selling.read_orders(sold("s", 2, stock_is_taken=True) if False else sold("s", 2), of=STORE)

    taken_by_hub(selling, place_first=place_first)

    assert selling.offered("A") == 5
    selling.read_orders(sold("1", 3, quantity_shipped=3))
    selling.read_orders(sold("s", 2, quantity_shipped=2), of=STORE)
    assert (selling.on_hand_of_hub("A"), selling.offered("A")) == (5, 5)
    assert selling.ledger_differences() == {}


@pytest.mark.parametrize("place_first", [True, False])
def test_what_was_shipped_before_is_not_taken_off_the_hubs_shelf_again(
    selling: Bench, place_first: bool
) -> None:
    selling.read_orders(sold("1", 3, quantity_shipped=3))
    selling.read_orders(sold("s", 2, quantity_shipped=2), of=STORE)

    taken_by_hub(selling, place_first=place_first)
    selling.read_orders(sold("1", 3, quantity_shipped=3, name="as delivered"))
    selling.read_orders(sold("s", 2, quantity_shipped=2, name="as delivered"), of=STORE)

    assert selling.offered("A") == 10
