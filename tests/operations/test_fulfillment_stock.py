"""What a fulfillment does to stock: each unit leaves the shelf once, and is back there when that is taken back."""

from __future__ import annotations

import pytest

from crossdock.domain.order import OrderStatus
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from support import make, shipping
from support.make import SHOP, STORE, Bench
from support.shipping import (
    cancel,
    correct,
    enter,
    sold,
    tell,
    void,
)


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """Three teas and two mugs sold in the shop."""
    hub.open_shop(TEA=10, MUG=10)
    hub.read_orders(sold({"TEA": 3, "MUG": 2}))
    return hub


@pytest.fixture
def own(hub: Bench) -> Bench:
    """The hub itself owns the stock: three teas of ten are sold in the shop."""
    hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
    hub.read_locations(make.location(is_default=True), of=HUB)
    hub.read_locations(make.location(is_default=True), of=SHOP)
    hub.read_products(make.product("TEA"))
    hub.read_orders(sold({"TEA": 3}))
    return hub


def test_each_unit_leaves_the_hubs_shelf_once(own: Bench) -> None:
    key = enter(own, units={"TEA": 2})
    assert (own.on_hand("TEA"), own.committed("TEA")) == (-2, 1)
    tell(own, "p1")

    own.read_orders(
        sold({"TEA": 3}, shipped={"TEA": 2}, parcels=(shipping.parcel("p1", "1Z-1", TEA=2),)),
    )
    correct(own, key, Tracking("UPS", "1Z-2"))

    assert (own.on_hand("TEA"), own.committed("TEA")) == (-2, 1)
    assert own.ledger_differences() == {}


def test_what_is_taken_back_lies_on_the_shelf_and_is_promised_again(own: Bench) -> None:
    key = enter(own)
    void(own, key)
    assert (own.on_hand("TEA"), own.committed("TEA")) == (0, 3)

    enter(own, units={"TEA": 1})
    assert (own.on_hand("TEA"), own.committed("TEA")) == (-1, 2)
    cancel(own, 2)

    assert (own.on_hand("TEA"), own.committed("TEA")) == (-1, 0)
    assert own.ledger_differences() == {}


def test_what_left_where_stock_has_no_limit_is_noted_only_and_noted_back(own: Bench) -> None:
    with own.step(HUB) as (tx, _):
        tx.execute(tables.location.update().values(is_unlimited=True))
    key = enter(own)
    assert (own.on_hand("TEA"), own.committed("TEA")) == (0, 0)

    void(own, key)

    assert (own.on_hand("TEA"), own.committed("TEA")) == (0, 3)
    assert sum(row.noted for row in own.rows(tables.movement)) == 0


def test_what_leaves_changes_nothing_for_a_platform_that_owns_stock(selling: Bench) -> None:
    before = (selling.reports(), selling.committed("TEA"), selling.offered("TEA"))

    void(selling, enter(selling))
    enter(selling)

    assert (selling.reports(), selling.committed("TEA"), selling.offered("TEA")) == before


def test_an_order_of_the_owner_that_the_hub_ships_is_promised_until_the_owner_shows_it(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    hub.read_orders(make.order("B1", make.line("TEA", 3), stock_is_taken=False), of=STORE)

    enter(hub, order=order_id(STORE, "B1"))
    assert hub.offered("TEA") == 7
    hub.read_stock(make.stock("TEA", 7))
    shown_there = make.line("TEA", 3, quantity_shipped=3)
    hub.read_orders(make.order("B1", shown_there, status=OrderStatus.FULFILLED), of=STORE)

    assert (hub.committed("TEA"), hub.offered("TEA")) == (0, 7)
