"""Goods that left and are canceled, shipments that were recorded and are deleted: neither is forgotten."""

from __future__ import annotations

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.fulfillments import parcels
from crossdock.operations.setup import integrations
from crossdock.operations.task import Task
from journeys.test_fulfillments import ONE, PULLS, SHOP_PUSHES, merchant
from journeys.test_stock import assert_ledger_adds_up, both
from support.world import SHOP, STORE, World

BOTH_WAYS = PULLS | {"push_fulfillments": True}
DAYS = 86_400


def test_goods_that_left_stay_off_sale_when_their_order_is_canceled(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TikTok Shop never heard that they left, since it knows no such carrier, and cancels the order in the end."""
    here = merchant(small_world, monkeypatch, shop=SHOP_PUSHES)
    before = both(small_world, here.sku)
    number = here.sell(2)
    here.add(number, carrier="Brown Van", tracking=ONE)
    here.sync()

    small_world.act(f"{small_world.shop_address}/_sim/clock", {"advance_seconds": 10 * DAYS})
    here.sync()
    here.sync()

    assert (here.status_on_shop(number), here.status(number)) == ("CANCELLED", "Canceled")
    assert both(small_world, here.sku) == (before[0] - 2, before[1] - 2)
    [case] = small_world.open_cases("fulfillment_exceeds")

    assert "off sale" in case.cause
    [left] = here.shown(number)["fulfillments"]
    here.ask.told("fulfillments", "void", left["id"])
    here.sync()
    here.sync()

    assert both(small_world, here.sku) == before
    assert small_world.open_cases("fulfillment_exceeds") == []
    assert_ledger_adds_up(small_world)


def test_a_shipment_that_the_merchant_deletes_is_told_and_made_anew_on_demand(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, store=BOTH_WAYS, shop=SHOP_PUSHES)
    number = here.sell(2)
    here.add(number)
    here.sync()

    here.call_store("DELETE", f"orders/{here.order_in_store().id}/shipments")
    here.sync()
    here.sync()

    assert here.in_store() == []
    [case] = here.ask.told("exceptions", "--kind", "fulfillment_gone")["items"]
    here.ask.told("exceptions", "retry", str(case["id"]))
    here.sync()

    assert here.in_store() == [(ONE, 2)]
    assert (here.on_shop(number), small_world.open_cases()) == ([(ONE, 2)], [])
    here.sync()
    assert len(here.shown(number)["fulfillments"]) == 1


def test_a_page_from_before_a_shipment_was_taken_back_makes_nobody_ship(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(
        small_world, monkeypatch, store=BOTH_WAYS, shop=SHOP_PUSHES | {"push_fulfillments": False}
    )
    number = here.sell(2)
    here.add(number)
    here.sync()
    here.call_store("PUT", f"orders/{here.order_in_store().id}", {"staff_notes": "looked at"})
    [page] = [each for each in small_world.hub.connector(STORE).pull_fulfillments(None) if each.records]

    [left] = here.shown(number)["fulfillments"]
    here.ask.told("fulfillments", "void", left["id"])
    here.set(SHOP, "push_fulfillments=true")
    small_world.run(FlowKey(STORE, Direction.PUSH, Entity.FULFILLMENTS))
    with small_world.database.serial() as tx:
        task = Task(STORE, small_world.hub.clock(), small_world.hub.cipher, truth=integrations.truth(tx))
        parcels.ingest(tx, task, page.records, read_began_at=page.read_began_at)
    small_world.run(FlowKey(SHOP, Direction.PUSH, Entity.FULFILLMENTS))
    here.sync()

    assert (here.in_store(), here.on_shop(number)) == ([], [])
    assert here.status(number) == "Ready For Fulfillment"
    assert [each["state"] for each in here.shown(number)["fulfillments"]] == ["voided"]
