"""The catalog changes its direction with products on both sides: nothing twice, killed half-way, and undone."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.switching import Preview
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.catalog import listings, products
from crossdock.operations.setup import switching
from crossdock.store import tables
from crossdock.sync.reading import read_listings_now
from support.asking import Asking
from support.catalogs import (
    OFF,
    change,
    fill_shop,
    links,
    owned_by_shop,
    owned_by_store,
    skus_of_shop,
    skus_of_store,
    sold,
    sources,
    sync_fully,
    twice,
)
from support.world import SHOP, STORE, World

PULL_FROM_SHOP = FlowKey(SHOP, Direction.PULL, Entity.PRODUCTS)
PUSH_TO_STORE = FlowKey(STORE, Direction.PUSH, Entity.PRODUCTS)
ONLY_IN_SHOP = (sold("Only on TikTok Shop", "EXTRA"), sold("Also only there", "MORE-RED", "MORE-BLUE"))


class Killed(BaseException):
    """What no code of the hub catches."""


@pytest.fixture
def both_filled(small_world: World) -> World:
    """The store's catalog is listed on TikTok Shop, which has products of its own beside it."""
    made = small_world
    fill_shop(made, ONLY_IN_SHOP)
    made.connect(**owned_by_store(made))
    sync_fully(made)
    return made


def foreseen(made: World, source: str, target: str, *scope: str) -> Preview:
    with made.database.reading() as tx:
        return switching.preview(tx, source=source, target=target, scope=frozenset(scope))


def catalogs(made: World) -> tuple[list[str], list[str]]:
    return skus_of_store(made), skus_of_shop(made)


def assert_in_both_once(made: World) -> None:
    store, shop = catalogs(made)
    assert not twice(store)
    assert not twice(shop)
    assert set(shop) == set(store)
    assert set(links(made)) == set(store)


def test_what_a_change_would_link_and_create_is_known_before(both_filled: World) -> None:
    made = both_filled
    of_store = len(made.store.store.products)

    found = foreseen(made, SHOP, STORE)

    assert (found.linked, found.created, found.held) == (of_store, 2, ())
    assert found.created_samples == ("Also only there", "Only on TikTok Shop")
    assert foreseen(made, SHOP, STORE, "EXTRA").created == 1
    assert foreseen(made, STORE, SHOP).created == 0


def test_s38_after_a_change_of_direction_no_product_whose_sku_the_target_has_is_created_again(
    both_filled: World,
) -> None:
    made = both_filled
    before = len(made.store.store.products)
    expected = foreseen(made, SHOP, STORE)
    ids = {row.sku: row.id for row in made.rows(tables.variant)}

    change(made, **owned_by_shop(made))
    sync_fully(made)

    assert len(made.store.store.products) == before + expected.created
    assert_in_both_once(made)
    assert set(sources(made).values()) == {SHOP}
    assert ids.items() <= {row.sku: row.id for row in made.rows(tables.variant)}.items()


def test_the_other_way_round_creates_nothing_twice_either(small_world: World) -> None:
    made = small_world
    simple = next(p for p in made.store.store.products.values() if p.sku and len(p.variants) == 1)
    fill_shop(made, [*ONLY_IN_SHOP, sold("Sold on both", simple.sku)])
    made.connect(**owned_by_shop(made))
    sync_fully(made)
    only_in_store = set(skus_of_store(made)) - set(skus_of_shop(made))
    assert only_in_store

    change(made, **owned_by_store(made))
    sync_fully(made)

    assert_in_both_once(made)
    assert set(sources(made).values()) == {STORE}


def test_a_change_that_is_killed_while_it_reads_goes_on_where_it_was(
    both_filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = both_filled
    change(made, **owned_by_shop(made))

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(products, "_follow", die)
        with pytest.raises(Killed):
            made.run(PULL_FROM_SHOP)
    made.reopen()
    made.run(PULL_FROM_SHOP)
    sync_fully(made)

    assert_in_both_once(made)


def test_a_change_that_is_killed_between_a_creation_and_its_answer_creates_nothing_twice(
    both_filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = both_filled
    change(made, **owned_by_shop(made))
    made.sync(SHOP)
    before = len(made.store.store.products)

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(listings, "link_confirmed", die)
        with pytest.raises(Killed):
            made.sync(STORE)
    made.reopen()
    made.run(PUSH_TO_STORE)
    sync_fully(made)

    assert len(made.store.store.products) == before + 2
    assert_in_both_once(made)


def test_a_change_is_undone_by_changing_back(both_filled: World) -> None:
    made = both_filled
    links_before = links(made)
    change(made, **owned_by_shop(made))
    sync_fully(made)
    created = catalogs(made)

    change(made, **owned_by_store(made))
    sync_fully(made)

    assert catalogs(made) == created
    assert_in_both_once(made)
    assert set(sources(made).values()) == {STORE}
    assert links_before.items() <= links(made).items()


def test_a_change_is_undone_before_it_was_carried_out(both_filled: World) -> None:
    made = both_filled
    before = catalogs(made)
    change(made, **owned_by_shop(made))
    made.run(PULL_FROM_SHOP)

    change(made, **owned_by_store(made))
    sync_fully(made)

    assert catalogs(made) == before
    assert not twice(sorted(sources(made)))
    from_store = {sku for sku, source in sources(made).items() if source == STORE}
    assert from_store == set(skus_of_store(made))


def test_a_change_is_undone_as_a_whole_by_going_back_to_a_version(
    both_filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one the owner and the two directions would contradict each other."""
    made, ask = both_filled, Asking(both_filled, monkeypatch)
    (first,) = ask.get("/integrations/hub/settings/versions")
    change(made, **owned_by_shop(made))
    sync_fully(made)

    assert "needs confirmation" in ask.said("settings", "revert", "hub", str(first["id"]))
    ask.told("settings", "revert", "hub", str(first["id"]), "--confirm")
    sync_fully(made)

    assert ask.get("/sources-of-truth")["catalog"] == STORE
    assert_in_both_once(made)


def test_what_was_sold_before_and_after_a_change_counts_once(both_filled: World) -> None:
    made = both_filled
    store, shop = made.store_stock(), made.shop_stock()
    sku = next(sku for sku, units in sorted(shop.items()) if store.get(sku) == units and units >= 6)
    made.sell(sku, 1)
    made.sync()

    change(made, **owned_by_shop(made))
    sync_fully(made)
    made.sell(sku, 2)
    made.sync()
    made.sync()

    assert made.store_stock()[sku] == made.shop_stock()[sku] == store[sku] - 3


def test_a_side_that_no_flow_has_read_is_read_to_foresee_a_change(small_world: World) -> None:
    made = small_world
    simple = next(p for p in made.store.store.products.values() if p.sku and len(p.variants) == 1)
    fill_shop(made, [*ONLY_IN_SHOP, sold("Sold on both", simple.sku)])
    idle = OFF | {"orders": False, "inventory": False, "locations": False}
    made.connect(
        sources_of_truth={"catalog": STORE, "inventory": STORE}, store={"products": "pull"}, shop=idle
    )
    made.sync()
    before = made.writes()
    with made.database.reading() as tx:
        assert not switching.is_read(tx, SHOP)

    read_listings_now(made.database, made.hub.connector(SHOP), made.hub._task(SHOP))

    found = foreseen(made, STORE, SHOP)
    assert found.linked == 1
    assert found.created == len(made.store.store.products) - 1
    assert found.only_on_target == 2
    assert made.writes() == before
