"""Listings and their links: by exactly equal SKU, whichever of the two came first."""

from __future__ import annotations

import pytest

from crossdock.domain.channel import ChannelId, ListingState
from crossdock.domain.sync import Confirmed, Entity
from crossdock.operations import publishing
from crossdock.operations.catalog import listables, listings
from crossdock.operations.catalog.listings import link_confirmed
from crossdock.operations.publishing import PublicationState, State
from crossdock.store import tables
from support.make import SHOP, Bench, listing, product, variant


def test_equal_skus_link_whichever_came_first(hub: Bench) -> None:
    hub.read_products(product("A"))
    hub.read_listings(listing("A"), listing("B"))
    assert hub.links() == {"l-A": "A"}

    hub.read_products(product("B"))
    assert hub.links() == {"l-A": "A", "l-B": "B"}


@pytest.mark.parametrize("almost", ["abc-1", " ABC-1", "ABC-1 ", "ABC -1", "ABC-1\t"])
def test_case_and_white_space_prevent_a_link_and_both_skus_are_shown(hub: Bench, almost: str) -> None:
    hub.read_products(product("ABC-1"))
    hub.read_listings(listing(almost, "1"))

    assert hub.links() == {}
    (case,) = hub.cases("sku_near_miss")
    assert "“ABC-1”" in case.cause
    assert almost.replace(" ", "␣").replace("\t", "␣") in case.cause


def test_a_near_miss_ends_when_the_listing_is_corrected(hub: Bench) -> None:
    hub.read_products(product("ABC"))
    hub.read_listings(listing("abc", "1"))

    hub.read_listings(listing("ABC", "1"))

    assert hub.cases() == []
    assert hub.links() == {"1": "ABC"}


def test_a_near_miss_ends_when_the_product_is_corrected(hub: Bench) -> None:
    hub.read_products(product(variant("ABC ", "1"), channel_id="p"))
    hub.read_listings(listing("ABC", "1"))
    assert len(hub.cases("sku_near_miss")) == 1

    hub.read_products(product(variant("ABC", "1"), channel_id="p"))

    assert hub.cases() == []
    assert hub.links() == {"1": "ABC"}


def test_one_sku_on_two_listings_links_neither_and_names_both(hub: Bench) -> None:
    hub.read_products(product("A"))
    hub.read_listings(listing("A", "1", title="Red cup"), listing("A", "2", title="Blue cup"))

    assert hub.links() == {}
    (case,) = hub.cases("sku_duplicate")
    assert "Red cup" in case.cause
    assert "Blue cup" in case.cause


def test_a_duplicate_ends_when_one_of_the_two_listings_is_gone(hub: Bench) -> None:
    hub.read_products(product("A"))
    hub.read_listings(listing("A", "1"), listing("A", "2"))

    began = hub.tick()
    hub.read_listings(listing("A", "2"))
    with hub.step(SHOP) as (tx, task):
        assert listings.sweep(tx, task, began_at=began, met=["of-2"]) == 1

    assert hub.cases() == []
    assert hub.links() == {"2": "A"}


def test_a_listing_keeps_no_link_to_a_sku_that_it_no_longer_has(hub: Bench) -> None:
    hub.read_products(product("A"), product("B"))
    hub.read_listings(listing("A", "1"))

    hub.read_listings(listing("B", "1"))

    assert hub.links() == {"1": "B"}


def test_two_listings_swap_their_skus_in_one_page(hub: Bench) -> None:
    hub.read_products(product("A"), product("B"))
    hub.read_listings(listing("A", "1"), listing("B", "2"))

    hub.read_listings(listing("B", "1"), listing("A", "2"))

    assert hub.links() == {"1": "B", "2": "A"}


def test_a_listing_read_again_unchanged_costs_nothing(hub: Bench) -> None:
    assert hub.read_listings(listing("A")) == 1
    assert hub.read_listings(listing("A")) == 0


def test_a_link_follows_a_deleted_product_to_its_successor(hub: Bench) -> None:
    hub.read_products(product(variant("A", "1"), channel_id="old"))
    hub.read_listings(listing("A"))

    hub.read_products(product(variant("Z", "1"), channel_id="old"))
    hub.read_products(product(variant("A", "2"), channel_id="new"))

    assert hub.links() == {"l-A": "A"}


def test_a_refusal_by_the_review_is_a_case_with_the_reasons_until_it_goes_live(hub: Bench) -> None:
    refused = listing("A", state=ListingState.REFUSED, state_reasons=("Image shows a logo",))
    hub.read_listings(refused)
    (case,) = hub.cases("listing_refused")
    assert "Image shows a logo" in case.cause

    hub.read_listings(listing("A"))

    assert hub.cases() == []


def test_a_variant_that_its_listing_no_longer_has_is_removed_with_its_link(hub: Bench) -> None:
    hub.read_products(product("A", "B", channel_id="p"))
    both = product(variant("A", "1"), variant("B", "2"), channel_id="of")
    hub.read_listings(both)

    hub.read_listings(product(variant("A", "1"), channel_id="of"))

    assert hub.links() == {"1": "A"}


def test_a_variant_that_moves_to_another_product_of_the_page_keeps_its_link(hub: Bench) -> None:
    hub.read_products(product("A"), product("B"))
    one, two = variant("A", "l-A"), variant("B", "l-B")
    hub.read_listings(product(one, channel_id="one"), product(two, channel_id="two"))

    hub.read_listings(
        product(variant("C", "l-C"), channel_id="one"),
        product(two, one, channel_id="two"),
    )

    assert hub.links() == {"l-A": "A", "l-B": "B"}


def test_what_a_push_learned_is_linked_at_once_and_marked_for_its_stock(hub: Bench) -> None:
    (key,) = hub.read_products(product("A"))
    one = hub.variant_id("A")
    with hub.step(SHOP) as (tx, task):
        row = hub.publication(key, Entity.PRODUCTS)
        (draft,) = listables.drafts(tx, task, [row])
        assert draft.reason.startswith("Waits for")
        sent = {one: variant("A")}
        outcome = Confirmed(key, ChannelId("77"), links=((one, ChannelId("770")),), is_new=True)
        link_confirmed(tx, task, outcome, sent, "Product A")

    assert hub.links() == {"770": "A"}
    assert hub.publication(one).is_dirty


def test_a_product_with_a_near_miss_is_held_back_from_creation(hub: Bench) -> None:
    hub.open_shop(OTHER=1)
    (key,) = hub.read_products(product("ABC"))
    hub.read_listings(listing("abc", "1"))

    with hub.step(SHOP) as (tx, task):
        (draft,) = listables.drafts(tx, task, [hub.publication(key, Entity.PRODUCTS)])

    assert draft.change is None
    assert "may be the same product" in draft.reason


def test_a_removed_listing_frees_its_variant_to_be_listed_anew(hub: Bench) -> None:
    hub.read_products(product("A"))
    hub.read_listings(listing("A", "1"))

    with hub.step(SHOP) as (tx, task):
        listings.remove(tx, task, ["1"])

    assert hub.links() == {}
    hub.read_listings(listing("A", "2"))
    assert hub.links() == {"2": "A"}
    assert {
        row.channel_id: row.state for row in hub.rows(tables.listing, tables.listing.c.integration == SHOP)
    } == {
        "1": "removed",
        "2": "live",
    }


def test_a_refusal_by_the_review_ends_when_the_listing_is_gone(hub: Bench) -> None:
    refused = listing("A", state=ListingState.REFUSED)
    hub.read_listings(refused, listing("B", state=ListingState.REFUSED))

    with hub.step(SHOP) as (tx, task):
        listings.remove(tx, task, ["l-A"])

    (case,) = hub.cases("listing_refused")
    assert case.subject_id == "of-l-B"


def test_a_listing_that_is_no_longer_frozen_is_looked_at_for_the_numbers_that_it_missed(hub: Bench) -> None:
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    hub.read_listings(listing("A", state=ListingState.FROZEN))
    with hub.step(SHOP) as (tx, task):
        set_aside = State(key, "", "null", hub.publication(key).marks)
        publishing.set_aside(tx, task, Entity.INVENTORY, set_aside, PublicationState.EXCLUDED)
    assert not hub.publication(key).is_dirty

    hub.read_listings(listing("A"))

    assert hub.publication(key).is_dirty
