"""Stock as its owner counts it, and the number that each channel is offered of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crossdock.connectors.contract import Rules
from crossdock.domain.channel import ChannelId, LocationKind
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.publishing import State
from crossdock.operations.setup import integrations
from crossdock.operations.stock import locations, offering
from crossdock.store import tables
from support.make import SHOP, STORE, TRUTH, Bench, line, listing, location, order, product, stock, variant


def test_a_reading_becomes_a_count_and_the_same_reading_nothing(hub: Bench) -> None:
    hub.locate()
    hub.read_products(product("A"))

    assert hub.read_stock(stock("A", 5)) == 1
    assert hub.read_stock(stock("A", 5)) == 0
    assert hub.read_stock(stock("A", 3)) == 1

    counts = hub.rows(tables.movement, by=tables.movement.c.id)
    assert [(row.kind, row.on_hand) for row in counts] == [("count", 5), ("count", -2)]
    assert hub.ledger_differences() == {}


def test_a_reading_that_began_earlier_is_older_whenever_it_arrives(hub: Bench) -> None:
    hub.open_shop(A=5)
    early = hub.tick()
    hub.read_stock(stock("A", 3))

    assert hub.read_stock(stock("A", 9), at=early) == 0
    assert hub.on_hand("A") == 3


def test_a_sale_before_the_first_reading_is_subtracted_from_it(hub: Bench) -> None:
    hub.locate()
    hub.read_products(product("A"))
    hub.read_orders(order("1", line("A", 2)))

    hub.read_stock(stock("A", 5))

    assert (hub.on_hand("A"), hub.offered("A")) == (5, 3)


def test_units_that_the_owner_would_not_sell_are_not_offered(hub: Bench) -> None:
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    settle(hub, key)

    hub.read_stock(stock("A", 5, available=3))

    assert hub.offered("A") == 3
    assert hub.publication(key).is_dirty


def test_a_location_that_may_not_sell_offers_nothing(hub: Bench) -> None:
    hub.open_shop(A=5)

    hub.read_stock(stock("A", 5, is_sellable=False))

    assert hub.offered("A") == 0


def test_items_and_locations_that_the_hub_does_not_know_are_passed_over(hub: Bench) -> None:
    hub.open_shop(A=5)
    with hub.database.transaction() as tx:
        integrations.configure_flows(tx, STORE, {("pull", Entity.LOCATIONS): True}, {})

    assert hub.read_stock(stock("Z", 5), stock("A", 5, "99")) == 0


def test_a_location_is_known_by_its_stock_while_locations_are_not_pulled(hub: Bench) -> None:
    hub.open_shop(A=5)

    hub.read_stock(stock("A", 7, "99"))

    assert hub.on_hand("A") == 12


def test_stock_is_matched_by_sku_where_no_catalog_comes_from_its_owner(hub: Bench) -> None:
    hub.locate()
    hub.read_products(product("A"))
    named = stock("A", 4)

    hub.read_stock(type(named)(ChannelId("other"), named.channel_sku, named.location_id, 4, 4))

    assert hub.on_hand("A") == 4


def test_the_sku_list_of_the_owner_limits_what_is_read(hub: Bench) -> None:
    hub.open_shop(A=5, B=5)
    hub.rules[STORE] = Rules(inventory_skus=frozenset({"A"}))

    hub.read_stock(stock("A", 1), stock("B", 1))

    assert (hub.on_hand("A"), hub.on_hand("B")) == (1, 5)


def test_the_buffer_is_held_back_and_the_offer_never_below_zero(hub: Bench) -> None:
    hub.open_shop(A=5, B=1)
    hub.rules[SHOP] = Rules(inventory_buffer=2)

    assert (hub.offered("A"), hub.offered("B")) == (3, 0)


def test_stock_that_was_never_read_is_waited_for_and_not_offered_as_zero(hub: Bench) -> None:
    hub.locate()
    hub.read_products(product("A"))

    assert hub.offers("A")["A"].waiting_for.startswith("its stock")


def test_a_channel_without_warehouses_is_waited_for(hub: Bench) -> None:
    hub.read_locations(location(is_default=True))
    hub.read_products(product("A"))
    hub.read_stock(stock("A", 5))

    assert hub.offers("A")["A"].waiting_for == f"the warehouses of {SHOP}"


def test_skus_off_the_channels_list_are_left_out_with_the_settings_name(hub: Bench) -> None:
    hub.open_shop(A=5)
    hub.rules[SHOP] = Rules(inventory_skus=frozenset({"B"}))

    assert (
        hub.offers("A")["A"].excluded_by
        == "Process inventory information only for products with specific SKUs"
    )


@pytest.mark.parametrize(("quantity", "offered"), [(None, 0), (99, 99)])
def test_goods_without_stock_tracking_get_the_number_of_the_setting(
    hub: Bench, quantity: int | None, offered: int
) -> None:
    hub.locate()
    hub.read_products(product(variant("A", is_stock_tracked=False)))
    hub.rules[SHOP] = Rules(untracked_quantity=quantity)

    assert hub.offered("A") == offered
    assert bool(hub.offers("A")["A"].excluded_by) is (quantity is None)


def test_what_cannot_be_bought_is_offered_at_zero(hub: Bench) -> None:
    hub.open_shop(A=5)

    hub.read_products(product(variant("A", is_purchasable=False)))

    assert hub.offered("A") == 0


def test_units_go_to_the_warehouses_that_the_map_names(hub: Bench) -> None:
    hub.read_locations(location("1", is_default=True), location("2", name="Annex"))
    hub.read_locations(location("W1", is_default=True), location("W2", name="West"), of=SHOP)
    hub.read_products(product("A"))
    hub.read_stock(stock("A", 4, "1"), stock("A", 9, "2"))

    hub.rules[SHOP] = Rules(warehouse_map={"Annex": "West"})
    assert hub.offers("A")["A"].quantities == (("W1", 4), ("W2", 9))

    hub.rules[SHOP] = Rules(warehouse_map={"Annex": "West"}, unmapped_to_default=False)
    assert hub.offers("A")["A"].quantities == (("W2", 9),)


def test_every_warehouse_that_a_listing_has_stock_in_is_named(hub: Bench) -> None:
    hub.read_locations(location(is_default=True))
    hub.read_locations(location("W1", is_default=True), location("W2"), of=SHOP)
    hub.read_products(product("A"))
    stocked = variant("A", "l-A", warehouse_ids=(ChannelId("W1"), ChannelId("W2")))
    hub.read_listings(product(stocked, channel_id="of-A"))
    hub.read_stock(stock("A", 5))

    assert hub.offers("A")["A"].quantities == (("W1", 5), ("W2", 0))


def test_the_platforms_own_warehouse_is_no_place_to_send_stock_to(hub: Bench) -> None:
    hub.open_shop(A=5)

    hub.read_locations(location("fbt", kind=LocationKind.PLATFORM_WAREHOUSE), of=SHOP)

    assert hub.offers("A")["A"].quantities == (("1", 5),)


def test_an_excluded_location_does_not_count_and_every_listing_is_looked_at_again(hub: Bench) -> None:
    hub.read_locations(location("1", is_default=True), location("2"))
    hub.read_locations(location(is_default=True), of=SHOP)
    hub.read_products(product("A"))
    hub.read_listings(listing("A"))
    hub.read_stock(stock("A", 4, "1"), stock("A", 9, "2"))
    key = hub.variant_id("A")
    settle(hub, key)

    with hub.step(STORE) as (tx, task):
        locations.change(tx, task, locations.location_id(STORE, "2"), is_excluded=True)

    assert hub.offered("A") == 4
    assert hub.publication(key).is_dirty


def test_what_people_set_on_a_location_survives_its_next_reading(hub: Bench) -> None:
    hub.read_locations(location("1"))
    with hub.step(STORE) as (tx, task):
        locations.change(tx, task, locations.location_id(STORE, "1"), is_excluded=True)

    assert hub.read_locations(location("1", name="Renamed")) == 1

    (row,) = hub.rows(tables.location)
    assert (row.name, row.is_excluded) == ("Renamed", True)


def test_a_location_that_a_full_reading_did_not_see_stops_counting(hub: Bench) -> None:
    hub.read_locations(location("1", is_default=True), location("2"))
    hub.read_locations(location(is_default=True), of=SHOP)
    hub.read_products(product("A"))
    hub.read_stock(stock("A", 4, "1"), stock("A", 9, "2"))
    began = hub.tick()
    hub.read_locations(location("1", is_default=True))

    with hub.step(STORE) as (tx, task):
        assert locations.sweep(tx, task, began_at=began) == 1

    assert hub.offered("A") == 4


def test_a_location_knows_no_setting_but_those_of_people(hub: Bench) -> None:
    with hub.step(STORE) as (tx, task), pytest.raises(ValueError, match="A location has no name"):
        locations.change(tx, task, "x", name="Mine")


def test_only_the_owners_locations_count(hub: Bench) -> None:
    hub.open_shop(A=5)
    hub.truth = type(TRUTH)(catalog=STORE, inventory="warehouse")

    assert hub.offers("A")["A"].waiting_for


@pytest.mark.parametrize(
    ("is_on", "swept", "expected"), [(True, False, False), (True, True, True), (False, False, True)]
)
def test_stock_counts_as_read_once_its_pull_has_seen_everything(
    hub: Bench, is_on: bool, swept: bool, expected: bool
) -> None:
    with hub.database.transaction() as tx:
        tx.execute(
            tables.flow.insert().values(
                key="store/pull-inventory",
                integration=STORE,
                direction="pull",
                entity=Entity.INVENTORY,
                is_on=is_on,
                lane="urgent",
                every_seconds=60.0,
                due_at=0.0,
                swept_at=hub.now if swept else None,
            )
        )
        assert offering.has_been_read(tx, STORE) is expected


def settle(hub: Bench, key: str) -> None:
    """As if the shop had answered for what it is offered now."""
    with hub.step(SHOP) as (tx, task):
        (row,) = [r for r in publishing.dirty(tx, SHOP, Entity.INVENTORY, limit=9) if r.record_id == key]
        publishing.settle(tx, task, Entity.INVENTORY, State(key, "f", "null", row.marks))
    assert not hub.publication(key).is_dirty


def test_a_reading_stored_while_the_clock_ran_ahead_does_not_keep_out_those_after_it(hub: Bench) -> None:
    hub.open_shop(A=5)
    hub.read_stock(stock("A", 3), at=hub.now + timedelta(hours=1))

    hub.read_stock(stock("A", 9))

    assert hub.on_hand("A") == 9
