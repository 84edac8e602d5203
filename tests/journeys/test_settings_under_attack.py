"""Settings that change at the worst moment: what follows from them follows all the same, once."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import integrations
from crossdock.operations.setup.effects import NeedsConfirmationError
from crossdock.operations.setup.spec import Spec
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock.sync.lease import FencedError
from journeys.test_hub_stock import PLACES, count, counted_skus
from journeys.test_hub_stock import default_stock as store_default
from journeys.test_stock import live
from support.asking import Asking
from support.catalogs import COMPLETE
from support.world import SHOP, STORE, World

OFF = {"products": "disabled", "orders": False, "inventory": "disabled", "locations": False}


@pytest.fixture
def live_world(small_world: World) -> World:
    return live(small_world)


def to_hub(made: World) -> Spec:
    """The hub takes stock over, and writes it to the store from now on."""
    return made.spec(
        store={"inventory": "push"},
        shop=COMPLETE,
        sources_of_truth={"catalog": STORE, "inventory": HUB},
        locations=PLACES,
    )


def with_store(made: World, **settings: Any) -> Spec:
    return made.spec(store=settings, shop=COMPLETE)


def hooked(made: World) -> set[str]:
    return {hook.scope for hook in made.store.store.hooks.values()}


def test_flows_that_a_change_turns_on_have_their_events_sent_here(small_world: World) -> None:
    small_world.hub.config = replaced(small_world, "http://127.0.0.1:9")
    small_world.connect(store=OFF | {"orders": True}, shop=COMPLETE)
    assert "store/inventory/location/created" not in hooked(small_world)

    small_world.hub.apply(with_store(small_world, **OFF | {"orders": True, "locations": True}))

    assert {"store/inventory/location/created", "store/order/*"} <= hooked(small_world)


def test_events_that_cannot_be_had_after_a_change_are_a_case_and_the_change_stands(
    small_world: World,
) -> None:
    small_world.connect(store=OFF | {"orders": True}, shop=COMPLETE)
    small_world.hub.config = replaced(small_world, "http://nobody.example")

    small_world.hub.apply(with_store(small_world, **OFF | {"orders": True, "locations": True}))

    assert [case.subject_id for case in small_world.open_cases("webhooks")] == [STORE]
    assert FlowKey(STORE, Direction.PULL, Entity.LOCATIONS) in small_world.hub.flows()


def replaced(made: World, public_url: str) -> Any:
    return made.hub.config.model_copy(update={"public_url": public_url})


def test_a_run_that_is_under_way_when_stock_changes_hands_goes_no_further(live_world: World) -> None:
    flow = FlowKey(SHOP, Direction.PULL, Entity.ORDERS)
    held = leases.begin(live_world.database, flow, "run-old", "a-worker")
    assert held is not None

    live_world.hub.apply(to_hub(live_world), confirm=True)

    with pytest.raises(FencedError), live_world.database.serial() as tx:
        leases.check(tx, held)


@pytest.mark.parametrize("entity", [Entity.INVENTORY, Entity.PRODUCTS])
def test_a_push_that_is_under_way_when_its_settings_change_does_not_take_the_new_ones_for_done(
    live_world: World, entity: Entity
) -> None:
    flow = FlowKey(SHOP, Direction.PUSH, entity)
    held = leases.begin(live_world.database, flow, "run-old", "a-worker")
    assert held is not None

    live_world.hub.apply(live_world.spec(shop=COMPLETE | {"inventory_buffer": 5}))

    with pytest.raises(FencedError), live_world.database.serial() as tx:
        leases.check(tx, held)
    assert flow in leases.due(live_world.database)


def test_a_push_that_is_under_way_goes_on_where_only_another_account_is_changed(live_world: World) -> None:
    held = leases.begin(
        live_world.database, FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY), "run-old", "a-worker"
    )
    assert held is not None

    live_world.hub.apply(with_store(live_world, ignore_orders_created_before="2020-01-01T00:00:00Z"))

    with live_world.database.serial() as tx:
        leases.check(tx, held)


def test_a_sale_before_stock_changes_hands_is_not_sold_again_by_the_store(live_world: World) -> None:
    sku = next(sku for sku in counted_skus(live_world) if live_world.shop_stock().get(sku, 0) >= 3)
    live_world.sell(sku, 2)
    live_world.sync()

    live_world.hub.apply(to_hub(live_world), confirm=True)
    count(live_world, sku, 10)
    live_world.sync()

    assert live_world.shop_stock()[sku] == 8
    assert store_default(live_world)[sku] == 8


def test_a_sale_before_stock_goes_back_to_the_store_lowers_it_once(live_world: World) -> None:
    sku = next(sku for sku in counted_skus(live_world) if live_world.shop_stock().get(sku, 0) >= 3)
    live_world.hub.apply(to_hub(live_world), confirm=True)
    count(live_world, sku, 10)
    live_world.sync()
    live_world.sell(sku, 2)
    live_world.sync()
    assert store_default(live_world)[sku] == 8
    before = live_world.store_stock()[sku]

    live_world.hub.apply(live_world.spec(shop=COMPLETE), confirm=True)
    live_world.sync()

    assert live_world.store_stock()[sku] == before


def test_a_change_that_is_not_confirmed_leaves_nothing_behind(live_world: World) -> None:
    before = snapshot(live_world)

    with pytest.raises(NeedsConfirmationError):
        live_world.hub.apply(to_hub(live_world))
    live_world.hub.preview(to_hub(live_world))

    assert snapshot(live_world) == before


def test_the_same_description_twice_differs_in_nothing_and_leaves_no_version(live_world: World) -> None:
    live_world.hub.apply(to_hub(live_world), confirm=True)
    before = snapshot(live_world)

    again = live_world.hub.apply(to_hub(live_world))

    assert again.differences == ()
    assert snapshot(live_world) == before


def test_a_setting_that_only_another_version_of_the_hub_knows_stops_nothing(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_world.connect(shop=COMPLETE)
    asking = Asking(small_world, monkeypatch)
    with small_world.database.transaction() as tx:
        settings = {**integrations.every(tx)[1].settings, "of_another_version": 1}
        integrations.change(tx, SHOP, now=small_world.hub.clock(), settings=settings)

    asking.send("PATCH", f"/integrations/{SHOP}/settings", {"inventory_buffer": 3})
    exported = asking.get(f"/integrations/{SHOP}/settings/export")
    asking.send("POST", f"/integrations/{SHOP}/settings/import", exported)

    assert small_world.hub.rules_of(SHOP).inventory_buffer == 3
    assert "of_another_version" not in exported["settings"]


def test_two_quick_changes_of_direction_end_as_if_there_was_none(live_world: World) -> None:
    live_world.hub.apply(to_hub(live_world), confirm=True)
    live_world.hub.apply(live_world.spec(shop=COMPLETE), confirm=True)
    live_world.sync()
    before, stock = live_world.writes(), (live_world.store_stock(), live_world.shop_stock())

    live_world.sync()

    assert live_world.writes() == before
    assert (live_world.store_stock(), live_world.shop_stock()) == stock


def snapshot(made: World) -> dict[str, list[Any]]:
    names = ("integration", "hub_setting", "flow", "settings_version", "location", "movement", "sale_report")
    found = {name: made.rows(tables.metadata.tables[name]) for name in names}
    assert found["flow"]
    return found
