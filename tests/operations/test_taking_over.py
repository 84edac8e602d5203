"""Another source of the catalog: its products are found again, taken over, and nothing is there twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.domain.channel import ChannelProduct, ListingState
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import listings, products
from crossdock.operations.setup import integrations
from crossdock.operations.task import SourcesOfTruth
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, listing, order, product, stock, variant


def turn_to(hub: Bench, source: str) -> None:
    """A person makes this platform the source of the catalog."""
    hub.truth = SourcesOfTruth(catalog=source, inventory=STORE)


def read(hub: Bench, *some: ChannelProduct, of: str = SHOP) -> list[str]:
    with hub.step(of) as (tx, task):
        return products.ingest(tx, task, some, read_began_at=task.now)


def sourced(hub: Bench) -> dict[str, str]:
    """Master SKU → source of its product."""
    sources = {row.id: row.source for row in hub.rows(tables.product)}
    return {
        row.sku: sources[row.product_id] for row in hub.rows(tables.variant, ~tables.variant.c.is_removed)
    }


def links_of(hub: Bench, integration: str) -> dict[str, str]:
    skus = {row.id: row.sku for row in hub.rows(tables.variant)}
    rows = hub.rows(tables.listing, tables.listing.c.integration == integration)
    return {row.channel_id: skus[row.variant_id] for row in rows if row.variant_id}


@pytest.fixture
def shared(hub: Bench) -> Bench:
    """A store and a shop that both have A, with 5 units, and each something of its own; the shop is the source now."""
    hub.open_shop(A=5)
    hub.read_products(product("ONLY-STORE"))
    turn_to(hub, SHOP)
    return hub


def test_a_product_of_the_new_source_keeps_its_id_stock_orders_and_links(shared: Bench) -> None:
    key, before = shared.variant_id("A"), len(shared.rows(tables.product))
    shared.read_orders(order("1", line("A", 2)))

    read(shared, product(variant("A", "l-A"), channel_id="of-l-A", title="As the shop calls it"))

    assert shared.variant_id("A") == key
    assert len(shared.rows(tables.product)) == before
    assert (shared.on_hand("A"), shared.committed("A")) == (5, 2)
    assert links_of(shared, STORE)["v-A"] == links_of(shared, SHOP)["l-A"] == "A"
    assert sourced(shared) == {"A": SHOP, "ONLY-STORE": STORE}
    (row,) = shared.rows(tables.product, tables.product.c.source == SHOP)
    assert row.title == "As the shop calls it"
    assert shared.events(row.id)[-1].startswith("Taken over from store")


def test_a_sku_that_was_never_listed_there_before_is_found_by_its_equal(shared: Bench) -> None:
    read(shared, product(variant("ONLY-STORE", "new"), channel_id="of-new"))

    assert sourced(shared) == {"A": STORE, "ONLY-STORE": SHOP}
    assert shared.cases() == []


def test_what_the_new_source_does_not_have_stays_even_after_its_sweep(shared: Bench) -> None:
    began = shared.tick()
    read(shared, product(variant("A", "l-A"), channel_id="of-l-A"))
    with shared.step(SHOP) as (tx, task):
        assert products.sweep(tx, task, began_at=began, met=()) == 0

    assert sourced(shared) == {"A": SHOP, "ONLY-STORE": STORE}
    assert links_of(shared, STORE) == {"v-A": "A", "v-ONLY-STORE": "ONLY-STORE"}


def test_a_variant_that_only_the_former_source_has_stays_with_its_product(hub: Bench) -> None:
    hub.read_products(product("A", "B", channel_id="p"))
    turn_to(hub, SHOP)
    smaller = product(variant("A", "l-A"), channel_id="of-A")

    read(hub, smaller)
    read(hub, replace(smaller, title="Read again"))

    assert hub.skus() == {"A", "B"}
    assert links_of(hub, STORE) == {"v-A": "A", "v-B": "B"}


def test_a_variant_that_the_new_source_has_no_more_is_gone(hub: Bench) -> None:
    hub.read_products(product("A", "B", channel_id="p"))
    turn_to(hub, SHOP)
    read(hub, product(variant("A", "l-A"), variant("B", "l-B"), channel_id="of-A"))

    read(hub, product(variant("A", "l-A"), channel_id="of-A"))

    assert hub.skus() == {"A"}


def test_changing_back_finds_everything_again(shared: Bench) -> None:
    before = {row.sku: row.id for row in shared.rows(tables.variant)}
    read(
        shared,
        product(variant("A", "l-A"), channel_id="of-l-A"),
        product(variant("ONLY-SHOP", "l-N"), channel_id="of-l-N"),
    )

    turn_to(shared, STORE)
    shared.read_products(product("A"), product("ONLY-STORE"))

    assert sourced(shared) == {"A": STORE, "ONLY-STORE": STORE, "ONLY-SHOP": SHOP}
    assert before.items() <= {row.sku: row.id for row in shared.rows(tables.variant)}.items()
    assert links_of(shared, SHOP) == {"l-A": "A", "l-N": "ONLY-SHOP"}
    assert shared.cases() == []


def test_a_product_that_would_merge_several_is_named_and_left_alone(hub: Bench) -> None:
    hub.read_products(product("A", title="Cup"), product("B", title="Saucer"))
    turn_to(hub, SHOP)

    read(hub, product(variant("A", "l-A"), variant("B", "l-B"), channel_id="of-set", title="Set"))

    (case,) = hub.cases("product_spread")
    assert all(name in case.cause for name in ("“Set”", "“Cup”", "“Saucer”", "A, B"))
    assert sourced(hub) == {"A": STORE, "B": STORE}
    assert links_of(hub, SHOP) == {"l-A": "A", "l-B": "B"}


def test_the_case_of_a_merged_product_ends_when_it_is_divided(hub: Bench) -> None:
    hub.read_products(product("A", title="Cup"), product("B", title="Saucer"))
    turn_to(hub, SHOP)
    read(hub, product(variant("A", "l-A"), variant("B", "l-B"), channel_id="of-set"))

    read(
        hub,
        product(variant("A", "l-A"), channel_id="of-set"),
        product(variant("B", "l-B2"), channel_id="of-b"),
    )

    assert hub.cases() == []
    assert sourced(hub) == {"A": SHOP, "B": SHOP}


def test_a_product_divided_by_the_new_source_is_taken_over_once_and_sold_in_both_parts(hub: Bench) -> None:
    hub.read_products(product("A", "B", channel_id="p"))
    turn_to(hub, SHOP)

    read(
        hub,
        product(variant("A", "l-A"), channel_id="of-A"),
        product(variant("B", "l-B"), channel_id="of-B", title="Second part"),
    )

    assert hub.skus() == {"A", "B"}
    assert links_of(hub, SHOP) == {"l-A": "A", "l-B": "B"}
    assert "“Second part”" in hub.cases("sku_duplicate")[0].cause


def test_a_sku_that_is_almost_that_of_a_listed_product_waits_to_be_settled(shared: Bench) -> None:
    read(shared, product(variant("only-store", "l-N"), channel_id="of-N"))

    assert sourced(shared) == {"A": STORE, "ONLY-STORE": STORE}
    assert len(shared.cases("sku_near_miss")) == 1

    read(shared, product(variant("ONLY-STORE", "l-N"), channel_id="of-N"))

    assert sourced(shared)["ONLY-STORE"] == SHOP
    assert shared.cases() == []


def test_a_product_that_is_taken_over_is_pushed_to_its_former_source(shared: Bench) -> None:
    with shared.database.transaction() as tx:
        integrations.configure_flows(tx, STORE, {("push", Entity.PRODUCTS): True}, {})

    (key,) = read(shared, product(variant("A", "l-A"), channel_id="of-l-A"))

    marked = shared.rows(tables.publication, tables.publication.c.integration == STORE)
    assert [row.record_id for row in marked] == [key]


def test_drafts_and_what_was_never_accepted_stay_listings(shared: Bench) -> None:
    states = (ListingState.DRAFT, ListingState.IN_REVIEW, ListingState.REFUSED, ListingState.FROZEN)
    read(
        shared,
        *(
            product(variant(state, f"l-{state}"), channel_id=f"of-{state}", state=state, is_visible=False)
            for state in states
        ),
    )

    assert shared.skus() == {"A", "ONLY-STORE"}
    kept = shared.rows(tables.listing, tables.listing.c.integration == SHOP)
    assert set(states) <= {row.state for row in kept}
    assert len(shared.cases("listing_refused")) == 2


def test_a_draft_that_goes_live_becomes_a_product(shared: Bench) -> None:
    draft = product(variant("N", "l-N"), channel_id="of-N", state=ListingState.DRAFT, is_visible=False)
    read(shared, draft)

    read(shared, replace(draft, state=ListingState.LIVE, is_visible=True))

    assert sourced(shared)["N"] == SHOP


def test_a_product_that_is_deactivated_is_offered_nowhere_and_one_deleted_is_removed(shared: Bench) -> None:
    one = product(variant("A", "l-A"), channel_id="of-l-A")
    read(shared, one)
    shared.read_stock(stock("A", 9))

    read(shared, replace(one, state=ListingState.INACTIVE, is_visible=False))
    assert shared.offered("A") == 0

    read(shared, replace(one, state=ListingState.REMOVED))
    assert shared.skus() == {"ONLY-STORE"}


def test_a_listing_that_the_channel_says_is_deleted_frees_its_variant(hub: Bench) -> None:
    hub.open_shop(A=5)

    hub.read_listings(listing("A", "l-A", state=ListingState.REMOVED))
    hub.read_listings(listing("A", "l-A2"))

    assert hub.links() == {"l-A2": "A"}


def test_a_sweep_of_the_new_source_removes_listings_that_are_gone(shared: Bench) -> None:
    began = shared.tick()
    read(shared, product(variant("ONLY-STORE", "new"), channel_id="of-new"))
    with shared.step(SHOP) as (tx, task):
        products.sweep(tx, task, began_at=began, met=())

    assert links_of(shared, SHOP) == {"new": "ONLY-STORE"}


def test_a_record_that_another_source_has_by_now_does_not_lend_its_id(hub: Bench) -> None:
    hub.read_products(product(variant("A", "1"), channel_id="p"))
    turn_to(hub, SHOP)
    read(hub, product(variant("A", "l-A"), channel_id="of-A"))
    with hub.step(STORE) as (tx, task):
        listings.remove(tx, task, ["1"])
    turn_to(hub, STORE)

    hub.read_products(product(variant("Z", "1"), channel_id="p"))

    assert sourced(hub) == {"A": SHOP, "Z": STORE}
