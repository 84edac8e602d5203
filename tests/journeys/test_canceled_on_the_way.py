"""Buyers think again, or are given time to: before an order is sent, while it waits, and after it was sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.task import HUB
from crossdock.store import tables
from journeys.test_buyers_cancellations import ask
from journeys.test_catalog import use_currency
from journeys.test_changed_during_the_hold import keep
from journeys.test_hub_stock import MAIN, both, on_shelf
from journeys.test_stock import assert_ledger_adds_up
from journeys.test_to_the_door import FILES, link_files, orders_out
from support.canceling import on_shop
from support.delivering import ANYWHERE, MANUAL, WMS, Dispatch, dispatch
from support.merchant import NUMBER
from support.sftp_server import sftp_server
from support.world import SHOP, STORE, World, world


@pytest.fixture
def by_hand(small_world: World, monkeypatch: pytest.MonkeyPatch) -> Dispatch:
    """People ship from the main warehouse."""
    here = dispatch(small_world, monkeypatch)
    here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
    return here


def test_s111_an_order_that_is_canceled_on_its_platform_before_it_is_sent_asks_no_location(
    by_hand: Dispatch,
) -> None:
    here, made = by_hand, by_hand.world
    here.set(STORE, "hold_minutes=30")
    of_shop, of_store = here.sell(2, on_hold=True), here.sell_in_store(3)
    for number in (of_shop, of_store):
        assert (here.status(number), here.requests(number)) == ("On Hold", [])
    assert both(made, here.sku) == (20, 20)

    made.act(f"{made.shop_address}/_sim/orders/{of_shop}/cancel", {})
    made.act(f"{made.store_address}/_sim/orders/{of_store}/cancel", {})
    made.act(f"{made.shop_address}/_sim/clock", {"advance_seconds": 3700})
    end_hold(here)
    made.run(FlowKey(HUB, Direction.PUSH, Entity.ROUTING))
    assert here.requests(of_store) == [(MAIN, "due", 3)], "routed before anybody knew"
    here.sync()

    assert (here.status(of_shop), here.requests(of_shop)) == ("Canceled", [])
    assert (here.status(of_store), here.requests(of_store)) == ("Canceled", [(MAIN, "stopped", 0)])
    assert here.ask.told("requests", "show", f"{of_store}-1")["request"]["sent_at"] is None
    assert (here.pick_list(), here.ask.told("pick-list", WMS)) == ({}, [])
    assert both(made, here.sku) == (25, 25)
    here.assert_idle()


def test_s111_nothing_leaves_while_a_buyer_asks_to_cancel_and_the_answer_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(tmp_path, region="GB") as made:
        use_currency(made, "GBP")
        here = dispatch(made, monkeypatch)
        here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
        kept, gone = (str(made.sell(here.sku, units)["id"]) for units in (2, 3))
        for number in (kept, gone):
            ask(made, {"id": number})
        here.sync()
        assert [here.requests(number) for number in (kept, gone)] == [[(MAIN, "due", 2)], [(MAIN, "due", 3)]]
        [waits] = {r["message"] for r in here.ask.told("requests")["items"]}
        assert waits == "Waits for the decision about the buyer's request to cancel"
        assert here.pick_list() == {}

        decide(here, kept, "reject", "--note", "It is packed")
        decide(here, gone, "approve")
        here.sync()

        assert here.requests(kept) == [(MAIN, "sent", 2)]
        assert here.requests(gone) == [(MAIN, "stopped", 0)]
        assert here.pick_list() == {here.sku: 2}
        assert (here.status(kept), here.status(gone)) == ("Sent To Fulfillment", "Canceled")
        assert here.status_on_shop(gone) == "CANCELLED"
        assert both(made, here.sku) == (23, 23)
        assert_ledger_adds_up(made)
        here.assert_idle()


def decide(here: Dispatch, number: str, what: str, *more: str) -> None:
    [request] = [each for each in here.ask.told("cancellations")["items"] if each["order_number"] == number]
    here.ask.told("cancellations", what, request["id"], *more)


def test_s111_what_is_canceled_after_it_was_sent_is_taken_out_of_the_pick_list(by_hand: Dispatch) -> None:
    here, made = by_hand, by_hand.world
    shrinks, goes, in_store = here.sell(2), here.sell(3), here.sell_in_store(4)
    assert here.pick_list() == {here.sku: 9}
    first_unit = on_shop(made, shrinks).lines[0].id
    ask(made, {"id": shrinks}, line_ids=[first_unit])
    ask(made, {"id": goes})
    here.sync()

    for number in (shrinks, goes):
        decide(here, number, "approve")
    made.act(f"{made.store_address}/_sim/orders/{in_store}/cancel", {})
    here.sync()

    assert here.requests(shrinks) == [(MAIN, "sent", 1)]
    assert here.requests(goes) == here.requests(in_store) == [(MAIN, "stopped", 0)]
    assert here.pick_list() == {here.sku: 1}
    assert taken_out(here) == {f"{shrinks}-1": 1, f"{goes}-1": 3, f"{in_store}-1": 4}
    here.ask.said("requests", "ship", f"{goes}-1", "--carrier", "UPS", "--tracking", NUMBER)
    assert both(made, here.sku) == (24, 24)

    here.ship(f"{shrinks}-1")
    here.sync()
    assert here.on_shop(shrinks) == [(NUMBER, 1)]
    assert [here.status(number) for number in (shrinks, goes)] == ["Fulfilled", "Canceled"]
    assert_ledger_adds_up(made)
    here.assert_idle()


def taken_out(here: Dispatch) -> dict[str, int]:
    """Units not to be shipped after all, by request."""
    [shelf] = here.ask.told("pick-list", WMS)
    return {each["request"]: each["quantity"] for each in shelf["take_out"] if each["sku"] == here.sku}


def test_s111_a_warehouse_that_does_not_answer_has_not_stopped_it_and_a_case_says_so(
    small_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = dispatch(small_world, monkeypatch)
    with sftp_server(tmp_path / "3pl") as server:
        link_files(here, server)
        number = here.sell(2)
        assert here.requests(number) == [(MAIN, "sent", 2)]
        ask(small_world, {"id": number})
        here.sync()

        decide(here, number, "approve")
        here.sync()

        [[created], [canceled]] = sorted(
            orders_out(server), key=lambda rows: rows[0]["operation"] != "create"
        )
        assert (created["operation"], created["quantity"]) == ("create", "2")
        assert (canceled["operation"], canceled["number"]) == ("cancel", created["number"])
        assert [state for _, state, _ in here.requests(number)] == ["not_stopped"]
        [cause] = here.cases("request_not_stopped")
        assert f"{FILES} could not stop shipping request {number}-1" in cause

        assert here.status(number) == "Canceled"

        here.ask.told("requests", "stopped", f"{number}-1")
        here.sync()
        assert (here.requests(number), here.cases()) == ([(MAIN, "stopped", 0)], [])
        assert on_shelf(small_world, here.sku) == (25, 0)
        here.assert_idle()
        assert len(orders_out(server)) == 2


def test_an_order_in_its_hold_is_replaced_by_an_edit_and_routed_by_itself_afterwards(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dispatch(small_world, monkeypatch)
    here.set(SHOP, "hold_minutes=30")
    here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
    number = here.sell(3, on_hold=True)
    keep(small_world, {"id": number}, here.sku, 2)
    small_world.act(f"{small_world.shop_address}/_sim/clock", {"advance_seconds": 3700})
    here.sync()
    assert (here.status(number), here.requests(number)) == ("On Hold", [])

    end_hold(here)
    here.world.sync()

    assert here.requests(number) == [(MAIN, "sent", 2)]
    assert here.status(number) == "Sent To Fulfillment"
    assert both(small_world, here.sku) == (23, 23)
    here.assert_idle()


def end_hold(here: Dispatch) -> None:
    """The minutes of the hold pass."""
    order, over = tables.order, here.world.hub.clock() - timedelta(seconds=1)
    with here.world.database.transaction() as tx:
        tx.execute(order.update().where(order.c.is_held).values(hold_until=over))
