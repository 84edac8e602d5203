"""What left the catalog and is still on sale where no stock is pushed: said, until it is settled."""

from __future__ import annotations

import pytest

from crossdock.domain.channel import ChannelId, ChannelProduct, ListingState
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import left_on_sale, products
from crossdock.operations.setup import integrations
from crossdock.operations.task import SourcesOfTruth
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, product, variant

PRODUCTS, STOCK = ("push", Entity.PRODUCTS), ("push", Entity.INVENTORY)


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """A pot in two sizes, listed as one product of a shop that is told no stock."""
    configure(hub, stock=False)
    hub.locate()
    hub.read_products(product("S", "L", channel_id="pot"))
    list_pot(hub)
    return hub


def configure(hub: Bench, *, stock: bool, listed: bool = True) -> None:
    with hub.step(SHOP) as (tx, task):
        integrations.configure_flows(tx, SHOP, {PRODUCTS: listed, STOCK: stock}, {})
        left_on_sale.close_settled(tx, task, SHOP)


def list_pot(hub: Bench, *skus: str, state: ListingState = ListingState.LIVE) -> None:
    variants = tuple(variant(sku, f"l-{sku}") for sku in skus or ("S", "L"))
    hub.read_listings(ChannelProduct(ChannelId("of-pot"), "Pot", variants, state=state))


def leave(hub: Bench, *skus: str) -> None:
    """The store's pot has these sizes only from now on; none means that the product is gone."""
    if skus:
        hub.read_products(product(*skus, channel_id="pot"))
        return
    with hub.step(STORE) as (tx, task):
        products.sweep(tx, task, began_at=hub.tick(), met=())


def told(hub: Bench) -> list[str]:
    return [case.cause.partition(" is ")[0] for case in hub.cases("left_on_sale")]


def test_a_sku_that_left_the_catalog_is_a_case_where_no_stock_is_pushed(selling: Bench) -> None:
    leave(selling, "S")

    (case,) = selling.cases()
    assert "“L” is no longer in the catalog, but product of-pot of tiktok still sells it" in case.cause
    assert "turn on pushing inventory to tiktok" in case.fix
    assert '"listing":"l-L"' in case.evidence


def test_where_stock_is_pushed_the_zero_is_and_no_case_is_needed(selling: Bench) -> None:
    configure(selling, stock=True)

    leave(selling, "S")

    assert selling.cases() == []


def test_a_channel_that_counts_its_own_stock_sells_what_it_has(selling: Bench) -> None:
    selling.truth = SourcesOfTruth(catalog=STORE, inventory=SHOP)

    leave(selling, "S")

    assert selling.cases() == []


def test_the_case_closes_when_the_sku_is_taken_off(selling: Bench) -> None:
    leave(selling, "S")
    list_pot(selling, "S")

    assert selling.cases() == []


def test_the_case_closes_when_the_product_goes_off_sale(selling: Bench) -> None:
    leave(selling, "S")
    list_pot(selling, state=ListingState.INACTIVE)

    assert selling.cases() == []


def test_the_case_closes_when_the_sku_is_back(selling: Bench) -> None:
    leave(selling, "S")
    leave(selling, "S", "L")

    assert selling.links() == {"l-S": "S", "l-L": "L"}
    assert selling.cases() == []


def test_the_case_closes_when_stock_is_pushed(selling: Bench) -> None:
    leave(selling, "S")
    configure(selling, stock=True)

    assert selling.cases() == []
    assert selling.offered(f"removed:{removed(selling)}") == 0


def removed(hub: Bench) -> str:
    (row,) = hub.rows(tables.variant, tables.variant.c.is_removed)
    return str(row.id)


def test_the_case_stays_when_stock_is_pushed_and_the_link_is_gone(selling: Bench) -> None:
    configure(selling, stock=False, listed=False)
    leave(selling, "S")
    list_pot(selling, state=ListingState.IN_REVIEW)
    assert selling.links() == {"l-S": "S"}

    configure(selling, stock=True)

    assert told(selling) == ["“L”"]


def test_a_product_that_goes_off_sale_whole_needs_no_case(selling: Bench) -> None:
    leave(selling)

    assert selling.cases() == []


def test_a_whole_product_is_a_case_where_nothing_takes_it_off_sale(selling: Bench) -> None:
    configure(selling, stock=False, listed=False)

    leave(selling)

    assert sorted(told(selling)) == ["“L”", "“S”"]


def test_a_product_that_other_skus_keep_on_sale_is_a_case(selling: Bench) -> None:
    selling.read_products(product("CUP"))
    list_pot(selling, "S", "L", "CUP")
    with selling.step(STORE) as (tx, task):
        gone = product("S", "L", channel_id="pot", state=ListingState.REMOVED)
        products.ingest(tx, task, [gone], read_began_at=task.now)

    assert sorted(told(selling)) == ["“L”", "“S”"]


def test_one_that_was_not_on_sale_is_none(selling: Bench) -> None:
    list_pot(selling, state=ListingState.INACTIVE)

    leave(selling, "S")

    assert selling.cases() == []
