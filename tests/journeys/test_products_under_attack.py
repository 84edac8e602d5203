"""Pushed products where things go wrong between two steps: nothing twice, nothing lost, nothing left on sale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.sync import Direction, Entity, Outcome, Rejected
from crossdock.operations.catalog import channel_options
from crossdock.operations.task import SourcesOfTruth, Task
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_catalog_to_the_store import TOTE, feeding, take_in, variant
from support.world import STORE, World

MUG = replace(TOTE, variants=(variant("MUG"),))


@pytest.fixture
def hub(any_world: World) -> World:
    return feeding(any_world)


def lose_the_answer(hub: World) -> None:
    hub.store.faults.add(Fault(kind="reset_after", method="POST", path="/catalog/products$"))
    hub.sync()


def give_channel_sku(hub: World, sku: str, channel_sku: str) -> None:
    with hub.database.serial() as tx:
        task = Task(STORE, hub.hub.clock(), hub.hub.cipher, truth=SourcesOfTruth("hub", "hub"))
        channel_options.set_channel_sku(tx, task, sku, channel_sku)


def test_a_sku_renamed_while_a_create_is_unclear_makes_no_second_product(hub: World) -> None:
    before = len(hub.store.store.products)
    take_in(hub, TOTE)
    lose_the_answer(hub)

    take_in(
        hub,
        replace(
            TOTE,
            variants=(
                replace(TOTE.variants[0], channel_sku=ChannelSku("NEW-R")),
                replace(TOTE.variants[1], channel_sku=ChannelSku("NEW-B")),
            ),
        ),
    )
    hub.sync()
    hub.retry()

    assert len(hub.store.store.products) == before + 1


def test_a_channel_sku_given_while_a_create_is_unclear_makes_no_second_product(hub: World) -> None:
    before = len(hub.store.store.products)
    take_in(hub, MUG)
    lose_the_answer(hub)

    give_channel_sku(hub, "MUG", "STORE-MUG")
    hub.sync()
    hub.retry()

    assert len(hub.store.store.products) == before + 1


def test_a_second_channel_sku_given_while_a_create_is_unclear_makes_no_second_product(hub: World) -> None:
    before = len(hub.store.store.products)
    take_in(hub, MUG)
    give_channel_sku(hub, "MUG", "STORE-MUG")
    lose_the_answer(hub)

    give_channel_sku(hub, "MUG", "STORE-MUG-2")
    hub.sync()
    hub.retry()

    assert len(hub.store.store.products) == before + 1


def test_a_listed_product_whose_channel_sku_is_changed_is_a_case_until_the_two_are_equal_again(
    hub: World,
) -> None:
    before = len(hub.store.store.products)
    take_in(hub, MUG)
    give_channel_sku(hub, "MUG", "STORE-MUG")
    hub.sync()

    give_channel_sku(hub, "MUG", "ANOTHER-MUG")
    hub.sync()
    hub.sync()
    (case,) = hub.open_cases("push_refused")
    assert "STORE-MUG" in case.cause
    assert len(hub.store.store.products) == before + 1

    give_channel_sku(hub, "MUG", "STORE-MUG")
    hub.sync()
    assert hub.open_cases() == []
    assert len(hub.store.store.products) == before + 1


def test_a_variant_that_left_the_catalog_cannot_be_bought_any_more(hub: World) -> None:
    take_in(hub, TOTE)
    hub.sync()
    take_in(hub, replace(TOTE, variants=TOTE.variants[:1]))
    hub.sync()

    (left,) = [one for one in hub.store.store.variants.values() if one.sku == "TOTE-B"]
    assert left.own.get("purchasing_disabled")


def test_losing_the_connectors_memory_creates_nothing_twice_and_settles(hub: World) -> None:
    take_in(hub, TOTE)
    hub.sync()
    before = len(hub.store.store.products), len(hub.store.store.variants)
    with hub.database.transaction() as tx:
        tx.execute(sa.delete(tables.memory))
    writes = hub.writes()
    for _ in range(3):
        hub.hub.resync(STORE, Direction.PUSH, Entity.PRODUCTS)
        hub.sync()
    assert (len(hub.store.store.products), len(hub.store.store.variants)) == before
    assert hub.writes() == writes
    assert hub.open_cases() == []


@pytest.mark.parametrize("sku", ["tote-x", " TOTE-X", "TOTE-X "])
def test_a_sku_differing_by_case_or_blanks_is_a_case_and_no_second_product(hub: World, sku: str) -> None:
    take_in(hub, replace(TOTE, variants=(variant("TOTE-X"),)))
    hub.create_in_store(name="Other", sku=sku, price="3", stock=1)
    before = len(hub.store.store.products)
    hub.sync()
    hub.sync()
    assert len(hub.store.store.products) == before
    assert hub.open_cases()


def names(hub: World) -> dict[str, list[str]]:
    """The store's products by name, with the SKUs of each."""
    store = hub.store.store
    return {
        product.name: sorted(store.variants[number].sku or product.sku for number in product.variants)
        for product in store.products.values()
    }


def test_a_variant_that_moves_to_another_product_is_a_case_and_both_keep_what_they_have(hub: World) -> None:
    pan = replace(TOTE, channel_id=ChannelId("pan"), title="Pan", variants=(variant("PAN"),))
    take_in(hub, TOTE, pan)
    hub.sync()
    taker = replace(pan, variants=(variant("PAN", "Black"), variant("TOTE-B", "Blue")))

    take_in(hub, replace(TOTE, title="Big tote", variants=TOTE.variants[:1]), taker)
    hub.sync()
    hub.sync()

    assert names(hub)["Big tote"] == ["TOTE-B", "TOTE-R"]
    assert names(hub)["Pan"] == ["PAN"]
    (case,) = hub.open_cases("push_refused")
    assert "spread over several products" in case.cause


def test_a_product_made_of_anothers_variant_does_not_write_into_that_ones_product(hub: World) -> None:
    take_in(hub, TOTE)
    hub.sync()
    blue = replace(TOTE, channel_id=ChannelId("blue"), title="Blue tote", variants=(variant("TOTE-B"),))

    take_in(hub, replace(TOTE, variants=TOTE.variants[:1]), blue)
    hub.sync()
    hub.sync()

    assert names(hub)["Tote"] == ["TOTE-B", "TOTE-R"]
    (case,) = hub.open_cases("push_refused")
    assert "together with those of “Tote”" in case.cause
    writes = hub.writes()
    hub.hub.resync(STORE, Direction.PUSH, Entity.PRODUCTS)
    hub.sync()
    assert hub.writes() == writes


def test_a_product_that_the_store_has_in_two_places_is_not_done_while_one_is_still_on_sale(
    hub: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, MUG)
    for sku in ("TOTE-R", "TOTE-B"):
        hub.create_in_store(name=f"Single {sku}", sku=sku, price="20", stock=1)
    take_in(hub, TOTE)
    hub.sync()
    answer = BigCommerce.deactivate_products

    def refusing_the_first(self: BigCommerce, ids: Sequence[ChannelId]) -> Iterator[Outcome]:
        yield Rejected(str(ids[0]), "locked")
        yield from answer(self, ids[1:])

    monkeypatch.setattr(BigCommerce, "deactivate_products", refusing_the_first)
    take_in(hub, replace(TOTE, is_visible=False))
    hub.sync()

    visible = [
        product.name for product in hub.store.store.products.values() if product.own.get("is_visible", True)
    ]
    assert "Single TOTE-R" in visible
    assert "Single TOTE-B" not in visible
    (case,) = hub.open_cases("push_refused")
    assert "could not be taken off sale: locked" in case.cause
    (row,) = hub.rows(tables.publication, tables.publication.c.state == "rejected")
    assert row.again_at is not None


def test_a_new_product_whose_sku_means_another_one_in_the_store_is_a_case_and_takes_nothing_away(
    hub: World,
) -> None:
    take_in(hub, MUG)
    give_channel_sku(hub, "MUG", "X-1")
    hub.sync()
    mine = hub.rows(tables.listing, tables.listing.c.channel_sku == "X-1")[0].variant_id
    other = replace(TOTE, channel_id=ChannelId("other"), title="Other", variants=(variant("X-1"),))

    take_in(hub, other)
    hub.sync()
    hub.sync()

    assert hub.rows(tables.listing, tables.listing.c.channel_sku == "X-1")[0].variant_id == mine
    assert "Other" not in names(hub)
    (case,) = hub.open_cases("push_refused")
    assert "X-1" in case.cause
