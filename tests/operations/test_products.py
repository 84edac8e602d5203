"""Products of the catalog source: who gets in, who is left out and said so, and how that ends by itself."""

from __future__ import annotations

import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import products
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, listing, order, product, stock, variant


def test_a_product_read_twice_is_stored_once_and_counts_as_unchanged(hub: Bench) -> None:
    assert len(hub.read_products(product("A"))) == 1

    assert hub.read_products(product("A")) == []
    assert len(hub.rows(tables.product)) == 1


def test_variants_without_sku_are_left_out_and_named_until_they_have_one(hub: Bench) -> None:
    hub.read_products(product(variant("", "7"), variant("B"), channel_id="p", title="Cups"))

    (case,) = hub.cases("sku_missing")
    assert "“Cups”" in case.cause
    assert "variant 7" in case.cause
    assert hub.skus() == {"B"}

    hub.read_products(product(variant("A", "7"), variant("B"), channel_id="p", title="Cups"))
    assert hub.cases() == []
    assert hub.skus() == {"A", "B"}


def test_a_sku_of_two_products_stays_with_the_first_and_names_both(hub: Bench) -> None:
    hub.read_products(product(variant("A", "1"), channel_id="p1", title="First"))
    hub.read_products(product(variant("A", "2"), channel_id="p2", title="Second"))

    (case,) = hub.cases("sku_duplicate")
    assert "“Second”" in case.cause
    assert "taken by “First”" in case.cause
    assert [row.product_id for row in hub.rows(tables.variant)] == [products.product_id(STORE, "p1")]


def test_two_products_of_one_page_with_the_same_sku_are_never_merged(hub: Bench) -> None:
    hub.read_products(
        product(variant("A", "1"), channel_id="p1"), product(variant("A", "2"), channel_id="p2")
    )

    assert len(hub.cases("sku_duplicate")) == 1
    assert len(hub.rows(tables.variant)) == 1


def test_a_duplicate_sku_is_resolved_by_giving_the_second_one_its_own(hub: Bench) -> None:
    hub.read_products(
        product(variant("A", "1"), channel_id="p1"), product(variant("A", "2"), channel_id="p2")
    )

    hub.read_products(product(variant("B", "2"), channel_id="p2"))

    assert hub.cases() == []
    assert hub.skus() == {"A", "B"}


def test_a_duplicate_sku_is_resolved_by_changing_the_first_one_too(hub: Bench) -> None:
    first, second = product(variant("A", "1"), channel_id="p1"), product(variant("A", "2"), channel_id="p2")
    hub.read_products(first, second)

    hub.read_products(product(variant("B", "1"), channel_id="p1"), second)

    assert hub.cases() == []
    assert hub.skus() == {"A", "B"}


def test_a_product_left_out_for_its_sku_gets_in_when_it_is_read_again_unchanged(hub: Bench) -> None:
    second = product(variant("A", "2"), channel_id="p2")
    hub.read_products(product(variant("A", "1"), channel_id="p1"), second)
    hub.read_products(product(variant("B", "1"), channel_id="p1"))

    hub.read_products(second)

    assert hub.cases() == []
    assert hub.skus() == {"A", "B"}


def test_two_products_swap_their_skus_in_one_page(hub: Bench) -> None:
    hub.read_products(
        product(variant("A", "1"), channel_id="p1"), product(variant("B", "2"), channel_id="p2")
    )

    hub.read_products(
        product(variant("B", "1"), channel_id="p1"), product(variant("A", "2"), channel_id="p2")
    )

    assert hub.cases() == []
    assert {row.product_id: row.sku for row in hub.rows(tables.variant)} == {
        products.product_id(STORE, "p1"): "B",
        products.product_id(STORE, "p2"): "A",
    }


def test_variants_of_one_product_pass_their_skus_around(hub: Bench) -> None:
    hub.read_products(product(variant("A", "1"), variant("B", "2"), variant("C", "3"), channel_id="p"))

    hub.read_products(product(variant("B", "1"), variant("C", "2"), variant("A", "3"), channel_id="p"))

    assert {row.id: row.sku for row in hub.rows(tables.variant)} == {
        products.variant_id(STORE, variant(sku, key)): sku
        for sku, key in (("B", "1"), ("C", "2"), ("A", "3"))
    }
    assert hub.skus() == {"A", "B", "C"}


def test_a_sku_passes_on_when_its_owner_loses_it_in_the_same_page(hub: Bench) -> None:
    hub.read_products(product(variant("A", "1"), channel_id="p1"))

    hub.read_products(
        product(variant("A", "2"), channel_id="p2"), product(variant("C", "1"), channel_id="p1")
    )

    assert hub.cases() == []
    assert hub.skus() == {"A", "C"}


def test_a_sku_stays_with_its_owner_whatever_comes_before_it_in_the_page(hub: Bench) -> None:
    hub.read_products(product(variant("A", "1"), channel_id="p1", title="First"))

    hub.read_products(
        product(variant("A", "2"), channel_id="p2", title="Thief"),
        product(variant("A", "1"), channel_id="p1", title="First, retitled"),
    )

    (case,) = hub.cases("sku_duplicate")
    assert "“Thief”" in case.cause


def test_only_skus_of_the_list_come_in_and_the_rest_follows_when_it_is_cleared(hub: Bench) -> None:
    hub.rules[STORE] = Rules(product_skus=frozenset({"A"}))
    both = (product("A"), product("B"))
    hub.read_products(*both)
    assert hub.skus() == {"A"}

    hub.rules[STORE] = Rules()
    hub.read_products(*both)
    assert hub.skus() == {"A", "B"}


def test_a_sku_taken_off_the_list_is_offered_no_more(hub: Bench) -> None:
    hub.open_shop(A=5, B=5)
    key = hub.variant_id("B")

    hub.rules[STORE] = Rules(product_skus=frozenset({"A"}))
    hub.read_products(product("A"), product("B"))

    assert hub.skus() == {"A"}
    assert hub.publication(key).is_dirty


def test_a_deleted_variant_gives_its_sku_back_and_is_offered_at_zero(hub: Bench) -> None:
    hub.locate()
    hub.read_products(product("A", "B", channel_id="p"))
    hub.read_listings(listing("B"))
    hub.read_stock(stock("B", 9))
    assert hub.offered("B") == 9
    key = hub.variant_id("B")

    hub.read_products(product("A", channel_id="p"))

    assert hub.skus() == {"A"}
    assert hub.offered(f"removed:{key}") == 0
    assert hub.publication(key).is_dirty


def test_a_full_sweep_removes_what_it_did_not_see_and_nothing_else(hub: Bench) -> None:
    hub.read_products(product("A"), product("B"))
    began = hub.tick()
    hub.read_products(product("A"))

    with hub.step(STORE) as (tx, task):
        assert products.sweep(tx, task, began_at=began, met=["p-A"]) == 1

    assert hub.skus() == {"A"}
    assert hub.events(products.product_id(STORE, "p-B"))[-1] == "Deleted in store"


def test_a_product_that_comes_back_after_a_sweep_is_sold_again(hub: Bench) -> None:
    hub.read_products(product("A"))
    with hub.step(STORE) as (tx, task):
        products.sweep(tx, task, began_at=hub.tick(), met=())
    assert hub.skus() == set()

    hub.read_products(product("A"))

    assert hub.skus() == {"A"}


def test_a_changed_product_is_marked_for_the_shop_and_not_for_its_source(hub: Bench) -> None:
    (key,) = hub.read_products(product("A"))

    assert [row.integration for row in hub.rows(tables.publication)] == [SHOP]
    assert hub.publication(key, Entity.PRODUCTS).is_dirty


def test_a_near_miss_is_closed_when_the_product_gets_another_sku(hub: Bench) -> None:
    hub.read_products(product(variant("ABC", "1"), channel_id="p"))
    hub.read_listings(listing("abc"))
    assert len(hub.cases("sku_near_miss")) == 1

    hub.read_products(product(variant("XYZ", "1"), channel_id="p"))

    assert hub.cases() == []


def test_a_near_miss_of_a_channel_sku_stays_while_somebody_has_that_channel_sku(hub: Bench) -> None:
    hub.read_products(product(variant("MASTER", "1"), channel_id="p"))
    with hub.step(STORE) as (tx, task):
        options = tables.channel_option
        variant_id = tx.scalar(sa.select(tables.variant.c.id))
        row = {"variant_id": variant_id, "integration": SHOP, "channel_sku": "ABC"}
        tx.execute(sa.insert(options).values(**row, updated_at=task.now))
    hub.read_listings(listing("abc"))
    assert len(hub.cases("sku_near_miss")) == 1

    hub.read_products(product(variant("MASTER", "1"), variant("OTHER", "2"), channel_id="p"))

    assert len(hub.cases("sku_near_miss")) == 1


def test_a_near_miss_is_closed_when_the_product_is_deleted(hub: Bench) -> None:
    hub.read_products(product(variant("ABC", "1"), channel_id="p"))
    hub.read_listings(listing("abc"))

    with hub.step(STORE) as (tx, task):
        products.sweep(tx, task, began_at=hub.tick(), met=())

    assert hub.cases() == []


def test_the_shop_sku_list_of_the_source_does_not_hide_a_line_that_was_matched(hub: Bench) -> None:
    hub.open_shop(A=5)
    hub.read_orders(order("1", line("A")))

    hub.read_products(product(variant("B", "v-A"), channel_id="p-A"))
    hub.read_orders(order("1", line("A"), channel_status="CHANGED"))

    assert hub.cases() == []
    assert hub.committed("B") == 1


def test_the_cases_of_a_product_end_when_it_is_deleted(hub: Bench) -> None:
    hub.read_products(product(variant("A", "1"), channel_id="p1"))
    hub.read_products(product(variant("A", "2"), variant("", "3"), channel_id="p2"))
    assert {case.kind for case in hub.cases()} == {"sku_duplicate", "sku_missing"}

    with hub.step(STORE) as (tx, task):
        products.sweep(tx, task, began_at=hub.tick(), met=())

    assert hub.cases() == []
