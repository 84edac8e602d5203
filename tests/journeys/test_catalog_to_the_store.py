"""The hub's products on their way into BigCommerce: created once, kept in step, hidden when they leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelSku, ChannelVariant, Option, Prices
from crossdock.operations.catalog import products
from crossdock.operations.task import HUB, SourcesOfTruth, Task
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from support import make
from support.world import STORE, World, world

OFF = {"orders": False, "inventory": "disabled", "locations": False}


def variant(sku: str, color: str = "") -> ChannelVariant:
    price = make.money(20)
    options = (Option("Color", color),) if color else ()
    return make.variant(sku, f"hub-{sku}", options=options, prices=Prices(price, base=price))


TOTE = ChannelProduct(ChannelId("tote"), "Tote", (variant("TOTE-R", "Red"), variant("TOTE-B", "Blue")))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, products=4) as opened:
        yield feeding(opened)


def feeding(opened: World) -> World:
    """A hub whose own catalog feeds a store that sells a few products already."""
    shop = {"products": "disabled", "orders": False, "inventory": False, "locations": False}
    truth = {"catalog": HUB, "inventory": HUB}
    opened.hub.apply(opened.spec(store={"products": "push", **OFF}, shop=shop, sources_of_truth=truth))
    assert opened.hub.connect(STORE).status == "Connected"
    return opened


def take_in(hub: World, *records: ChannelProduct) -> None:
    task = Task(HUB, datetime.now(UTC), make.CIPHER, truth=SourcesOfTruth(HUB, HUB))
    with hub.database.transaction() as tx:
        products.ingest(tx, task, records, read_began_at=task.now)


def record(hub: World, sku: str) -> Any:
    """The store's product that has this SKU; there must be one only."""
    store = hub.store.store
    found = {
        variant.product_id
        for variant in store.variants.values()
        if sku in (variant.sku, store.products[variant.product_id].sku)
    }
    assert len(found) == 1, found
    return store.products[found.pop()]


@pytest.mark.parametrize("kind", ["reset_after", "error_after", "error"])
def test_a_product_is_created_once_in_the_store_even_where_its_answer_is_lost(hub: World, kind: Any) -> None:
    before = len(hub.store.store.products)
    take_in(hub, TOTE)
    hub.store.faults.add(Fault(kind=kind, method="POST", path="/catalog/products$"))

    hub.sync()
    hub.retry()
    hub.retry()

    assert len(hub.store.store.products) == before + 1
    assert record(hub, "TOTE-R").name == "Tote"
    states = {row.state for row in hub.rows(tables.publication)}
    assert (states, hub.open_cases()) == ({"settled"}, [])


def test_a_product_that_the_store_sells_already_is_linked_and_brought_to_the_hubs_content(hub: World) -> None:
    held = next(one for one in hub.store.store.products.values() if not one.options)
    before = len(hub.store.store.products)

    take_in(hub, replace(TOTE, title="The hub's name", variants=(variant(held.sku),)))
    hub.sync()

    assert len(hub.store.store.products) == before
    assert held.name == "The hub's name"
    listing = hub.rows(tables.listing, tables.listing.c.channel_sku == held.sku)
    assert [bool(row.variant_id) for row in listing] == [True]


def test_a_changed_product_is_edited_and_one_that_is_hidden_in_the_catalog_is_hidden_in_the_store(
    hub: World,
) -> None:
    take_in(hub, TOTE)
    hub.sync()
    take_in(hub, replace(TOTE, title="Big tote"))
    hub.sync()
    assert record(hub, "TOTE-R").name == "Big tote"

    take_in(hub, replace(TOTE, title="Big tote", is_visible=False))
    hub.sync()
    assert record(hub, "TOTE-R").own["is_visible"] is False

    take_in(hub, replace(TOTE, title="Big tote"))
    hub.sync()
    assert record(hub, "TOTE-R").own["is_visible"] is True


def test_a_product_that_the_store_cannot_take_is_a_case_and_the_others_go_on(hub: World) -> None:
    sku = ChannelSku("MUG")
    euro = Prices(make.money(5, "EUR"))
    mug = ChannelProduct(ChannelId("mug"), "Mug", (ChannelVariant(ChannelId("hub-MUG"), sku, prices=euro),))

    take_in(hub, TOTE, mug)
    hub.sync()

    (case,) = hub.open_cases("push_refused")
    assert "priced in EUR, the store in USD" in case.cause
    assert record(hub, "TOTE-R").name == "Tote"
