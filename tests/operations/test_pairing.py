"""With no catalog read anywhere: SKUs that two platforms list are known for stock and orders, and for nothing else."""

from __future__ import annotations

import pytest

from crossdock.domain.channel import ListingState
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import listables, listings, products
from crossdock.operations.setup import integrations
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, listing, order, product, stock, variant


@pytest.fixture
def hub(hub: Bench) -> Bench:
    """Products are disabled on both sides, and both list something."""
    with hub.database.transaction() as tx:
        integrations.configure_flows(tx, STORE, {("pull", Entity.PRODUCTS): False}, {})
        integrations.configure_flows(tx, SHOP, {("push", Entity.PRODUCTS): False}, {})
    hub.locate()
    return hub


def read(hub: Bench, *skus: str, of: str) -> None:
    """Each SKU is a listing of its own, known by the platform and the SKU."""
    with hub.step(of) as (tx, task):
        some = [listing(sku, f"{of}-{sku}") for sku in skus]
        listings.ingest(tx, task, some, read_began_at=task.now)


def linked(hub: Bench) -> dict[str, str]:
    skus = {row.id: row.sku for row in hub.rows(tables.variant)}
    rows = hub.rows(tables.listing, tables.listing.c.variant_id.is_not(None))
    return {row.channel_id: skus[row.variant_id] for row in rows}


@pytest.mark.parametrize("first", [STORE, SHOP])
def test_a_sku_that_both_list_is_known_whichever_is_read_first(hub: Bench, first: str) -> None:
    second = SHOP if first == STORE else STORE

    read(hub, "A", f"only-{first}", of=first)
    read(hub, "A", f"only-{second}", of=second)

    assert hub.skus() == {"A"}
    assert linked(hub) == {"store-A": "A", "tiktok-A": "A"}
    assert hub.cases() == []


def test_almost_equal_and_doubled_skus_are_not_paired(hub: Bench) -> None:
    read(hub, "ABC", "D", of=STORE)
    with hub.step(SHOP) as (tx, task):
        some = [listing("abc", "1"), listing("D", "2"), listing("D", "3")]
        listings.ingest(tx, task, some, read_began_at=task.now)

    assert hub.skus() == set()


def test_an_order_that_waited_for_the_sku_goes_on(hub: Bench) -> None:
    read(hub, "A", of=SHOP)
    hub.read_orders(order("1", line("A", 2)))
    assert len(hub.cases("line_unmatched")) == 1

    read(hub, "A", of=STORE)
    hub.read_stock(stock("A", 9))

    assert hub.cases() == []
    assert (hub.on_hand("A"), hub.committed("A")) == (9, 2)


def test_a_sku_that_changes_is_not_the_same_any_more(hub: Bench) -> None:
    read(hub, "A", of=STORE)
    read(hub, "A", of=SHOP)

    with hub.step(STORE) as (tx, task):
        listings.ingest(tx, task, [listing("B", "store-A")], read_began_at=task.now)

    assert linked(hub) == {"tiktok-A": "A"}


def test_what_is_only_looked_at_becomes_no_product(hub: Bench) -> None:
    read(hub, "A", of=STORE)
    with hub.step(SHOP) as (tx, task):
        listings.ingest(tx, task, [listing("A", "1")], read_began_at=task.now, pairs=False)

    assert hub.skus() == set()


def test_such_a_product_has_nothing_to_push(hub: Bench) -> None:
    read(hub, "A", of=STORE)
    read(hub, "A", of=SHOP)
    with hub.database.transaction() as tx:
        integrations.configure_flows(tx, SHOP, {("push", Entity.PRODUCTS): True}, {})

    with hub.step(SHOP) as (tx, task):
        rows = tx.execute(tables.publication.select().where(tables.publication.c.entity == Entity.PRODUCTS))
        (draft,) = listables.drafts(tx, task, rows.all())

    assert draft.change is None
    assert "products of store are not read" in draft.reason


def test_reading_the_catalog_makes_it_a_whole_product(hub: Bench) -> None:
    read(hub, "A", of=STORE)
    read(hub, "A", of=SHOP)
    key = hub.variant_id("A")

    hub.read_products(product(variant("A", "store-A"), channel_id="of-store-A", title="A cup"))

    assert hub.variant_id("A") == key
    (row,) = hub.rows(tables.product)
    assert row.title == "A cup"
    assert "is_content_known" not in row.body


def test_nothing_is_paired_while_the_catalog_is_read(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        integrations.configure_flows(tx, STORE, {("pull", Entity.PRODUCTS): True}, {})

    read(hub, "A", of=STORE)
    read(hub, "A", of=SHOP)

    assert hub.skus() == set()


def test_a_listing_that_is_gone_is_paired_with_nothing(hub: Bench) -> None:
    read(hub, "A", of=SHOP)
    with hub.step(SHOP) as (tx, task):
        gone = listing("A", "tiktok-A", state=ListingState.REMOVED)
        listings.ingest(tx, task, [gone], read_began_at=task.now)

    read(hub, "A", of=STORE)

    assert hub.skus() == set()
    assert products.product_id(STORE, "of-store-A") not in {row.id for row in hub.rows(tables.product)}
