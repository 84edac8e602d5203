"""Bundles where the hub owns stock: what their components allow, and what orders take of those."""

from __future__ import annotations

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import ListingState
from crossdock.operations.catalog import bundles, products
from crossdock.operations.task import SourcesOfTruth
from crossdock.store import tables
from operations.own_bench import ANNEX, MAIN, change, compose, decide
from support.make import STORE, Bench, line, order, product, variant


def test_a_bundle_offers_what_its_components_allow_and_is_looked_at_when_one_changes(own: Bench) -> None:
    change(own, "A", on_hand=7)
    change(own, "B", on_hand=9)
    compose(own, "C", A=2, B=1)
    assert own.offered("C") == 3
    with own.step() as (tx, _):
        tx.execute(tables.publication.update().values(is_dirty=False))

    change(own, "A", on_hand=4)

    assert own.offered("C") == 2
    assert own.publication(own.variant_id("C")).is_dirty


def test_a_bundle_waits_until_all_its_components_are_counted(own: Bench) -> None:
    change(own, "A", on_hand=7)
    compose(own, "C", A=1, B=1)

    assert own.offers("C")["C"].waiting_for

    change(own, "B", on_hand=0)
    assert own.offered("C") == 0


def test_an_order_of_a_bundle_takes_its_components_once_through_its_whole_life(own: Bench) -> None:
    change(own, "A", on_hand=10)
    change(own, "B", on_hand=10)
    compose(own, "C", A=2, B=1)

    own.read_orders(order("1", line("C", 3)))
    assert (own.committed("A"), own.committed("B"), own.committed("C")) == (6, 3, 0)
    own.read_orders(order("1", line("C", 3, quantity_canceled=1)))
    assert (own.committed("A"), own.committed("B")) == (4, 2)
    own.read_orders(order("1", line("C", 3, quantity_canceled=1, quantity_shipped=2)))

    assert (own.on_hand("A"), own.on_hand("B"), own.committed("A"), own.committed("B")) == (6, 8, 0, 0)
    assert own.ledger_differences() == {}


def test_a_bundle_that_is_put_together_otherwise_later_changes_no_order(own: Bench) -> None:
    change(own, "A", on_hand=10)
    change(own, "B", on_hand=10)
    compose(own, "C", A=2)
    own.read_orders(order("1", line("C", 2)))

    compose(own, "C", B=5)
    own.read_orders(order("1", line("C", 2, quantity_shipped=2)))

    assert (own.on_hand("A"), own.on_hand("B"), own.committed("A")) == (6, 10, 0)


def test_a_location_that_keeps_bundles_gives_them_as_such(own: Bench) -> None:
    change(own, "A", on_hand=10)
    change(own, "C", on_hand=4)
    change(own, "C", ANNEX, on_hand=99)
    compose(own, "C", A=2)
    assert own.offered("C") == 5, "10 of A at Main; C itself counts nowhere"

    decide(own, MAIN, keeps_bundles=True)
    assert own.offered("C") == 4
    own.read_orders(order("1", line("C", 1)))

    assert (own.committed("C"), own.committed("A")) == (1, 0)


def test_a_component_that_nobody_counts_bounds_no_bundle(own: Bench) -> None:
    own.read_products(product(variant("Z", is_stock_tracked=False)))
    change(own, "A", on_hand=4)
    compose(own, "C", A=1, Z=1)

    own.read_orders(order("1", line("C", 1)))

    assert (own.offered("C"), own.committed("A"), own.committed("Z")) == (3, 1, 0)


@pytest.mark.parametrize(
    ("bundle", "parts", "words"),
    [
        ("A", {"A": 1}, "component of itself"),
        ("A", {"C": 1}, "is a bundle itself"),
        ("B", {"A": 1}, "bundles hold no bundles"),
        ("A", {"B": 0}, "1 to"),
        ("A", {"nothing": 1}, "no variant has the master SKU"),
    ],
)
def test_a_bundle_holds_no_bundle_and_not_itself(
    own: Bench, bundle: str, parts: dict[str, int], words: str
) -> None:
    compose(own, "C", B=1)

    with pytest.raises(SettingsError, match=words):
        compose(own, bundle, **parts)


def test_where_a_platform_owns_stock_it_counts_its_bundles_itself(hub: Bench) -> None:
    hub.open_shop(A=4, C=7)
    compose(hub, "C", A=2)

    hub.read_orders(order("1", line("C", 1)))

    assert (hub.offered("C"), hub.committed("A")) == (6, 0)


def leave_catalog(hub: Bench, sku: str) -> None:
    with hub.step() as (tx, task):
        products.ingest(tx, task, [product(sku, state=ListingState.REMOVED)], read_began_at=task.now)


def test_a_component_that_left_the_catalog_is_a_case_until_it_is_back(own: Bench) -> None:
    change(own, "A", on_hand=10)
    change(own, "B", on_hand=10)
    compose(own, "C", A=2, B=1)

    leave_catalog(own, "B")

    (case,) = own.cases()
    assert "“C” is put together from “B”, which is no longer in the catalog" in case.cause
    assert own.offered("C") == 0
    with own.database.reading() as tx:
        assert {(one.sku, one.is_removed) for one in bundles.components(tx, "C")} == {
            ("A", False),
            ("B", True),
        }
    own.read_products(product("B"))
    assert own.cases() == []
    assert own.offered("C") == 5


def test_the_case_of_a_component_that_left_closes_when_the_bundle_is_made_of_others_or_gone_itself(
    own: Bench,
) -> None:
    for sku in "ABC":
        change(own, sku, on_hand=10)
    compose(own, "C", A=2, B=1)
    leave_catalog(own, "B")

    compose(own, "C", A=3)
    others = (own.cases(), own.offered("C"))
    leave_catalog(own, "A")
    again = own.cases()
    leave_catalog(own, "C")

    assert others == ([], 3)
    assert len(again) == 1
    assert own.cases() == []


def test_a_component_that_left_is_of_no_concern_where_a_platform_counts_its_bundles_itself(
    own: Bench,
) -> None:
    compose(own, "C", A=2)
    own.truth = SourcesOfTruth(catalog=STORE, inventory=STORE)

    leave_catalog(own, "A")

    assert own.cases() == []
