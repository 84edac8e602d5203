"""Products that people and files give the hub, beside those of a platform."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crossdock.domain.own_catalog import FaultyError, ProductEntry, VariantEntry
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import own_products, product_files
from crossdock.operations.catalog.own_products import Became, Given, NotOursError
from crossdock.operations.catalog.product_files import Report
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, listing, order, product, stock


def entry(key: str, *skus: str, **values: str) -> ProductEntry:
    variants = tuple(VariantEntry(sku, {"price": "10", "currency": "USD"}) for sku in skus)
    return ProductEntry(key, {"title": f"Product {key}"} | values, variants)


def give(hub: Bench, *entries: ProductEntry, is_preview: bool = False) -> list[Given]:
    hub.rules.setdefault(HUB, hub.rules[STORE])
    with hub.step(HUB, run_id="", actor="ann") as (tx, task):
        return own_products.take(tx, task, entries, is_preview=is_preview)


def became(given: Sequence[Given]) -> dict[str, str]:
    return {one.key: one.became for one in given}


def take_file(hub: Bench, text: str, *, is_preview: bool = False) -> Report:
    hub.rules.setdefault(HUB, hub.rules[STORE])
    lines = text.splitlines(keepends=True)
    return product_files.take(hub.database, lambda _: hub.task(HUB), lines, is_preview=is_preview)


def marked(hub: Bench, entity: Entity = Entity.PRODUCTS) -> set[str]:
    table = tables.publication
    return {row.record_id for row in hub.rows(table, table.c.entity == entity, table.c.is_dirty)}


def test_what_is_given_is_a_product_of_the_hub_that_feeds_the_channels(hub: Bench) -> None:
    assert became(give(hub, entry("tea", "TEA-1"))) == {"tea": Became.CREATED}

    (row,) = hub.rows(tables.product)
    assert (row.source, row.channel_id, row.title) == (HUB, "tea", "Product tea")
    assert hub.skus() == {"TEA-1"}
    assert marked(hub) == {row.id}
    assert hub.rows(tables.listing) == [], "the hub is no channel"


def test_giving_it_again_changes_nothing(hub: Bench) -> None:
    give(hub, entry("tea", "TEA-1"))
    (before,) = hub.rows(tables.product)

    assert became(give(hub, entry("tea", "TEA-1"))) == {"tea": Became.UNCHANGED}
    assert hub.rows(tables.product) == [before]


def test_what_is_not_given_stays(hub: Bench) -> None:
    give(hub, entry("tea", "TEA-1", brand="Acme"))

    changed = ProductEntry("tea", {}, (VariantEntry("TEA-1", {"price": "12"}),))
    assert became(give(hub, changed)) == {"tea": Became.CHANGED}

    with hub.database.reading() as tx:
        ((_, now),) = own_products.every(tx, HUB)
    prices = now.variants[0].prices
    assert prices is not None
    assert (now.title, now.brand, str(prices.current)) == ("Product tea", "Acme", "12.00 USD")


def test_a_preview_says_what_would_happen_and_writes_nothing(hub: Bench) -> None:
    give(hub, entry("tea", "TEA-1"))

    found = give(hub, entry("tea", "TEA-1"), entry("cup", "CUP-1"), ProductEntry("bad", {}), is_preview=True)

    assert became(found) == {"tea": Became.UNCHANGED, "cup": Became.CREATED, "bad": Became.REFUSED}
    assert hub.skus() == {"TEA-1"}


def test_a_sku_of_another_product_is_refused_by_its_owner(hub: Bench) -> None:
    hub.read_products(product("TEA-1", title="Store's tea"))

    tea, cup, twin = give(hub, entry("tea", "TEA-1"), entry("cup", "CUP-1"), entry("twin", "CUP-1"))

    assert "“Store's tea” of store" in tea.faults[0].problem
    assert (cup.became, twin.became) == (Became.CREATED, Became.REFUSED)
    assert "'cup'" in twin.faults[0].problem
    assert hub.cases() == []


def test_a_sku_that_is_almost_another_is_taken_and_said(hub: Bench) -> None:
    hub.read_products(product("TEA-1", title="Store's tea"))

    (given,) = give(hub, entry("tea", "tea-1"))

    assert given.became is Became.CREATED
    assert "differ by case" in given.notes[0]


def test_a_waiting_order_goes_on_when_its_product_is_given(hub: Bench) -> None:
    hub.locate()
    hub.read_orders(order("1", line("TEA-1", 1)))
    assert len(hub.cases("line_unmatched")) == 1

    give(hub, entry("tea", "TEA-1"))

    assert hub.cases() == []


def test_a_listing_of_the_same_sku_is_linked(hub: Bench) -> None:
    hub.read_listings(listing("TEA-1"))

    give(hub, entry("tea", "TEA-1"))

    assert hub.links() == {"l-TEA-1": "TEA-1"}


def test_removing_takes_it_off_every_channel_and_keeps_its_history(hub: Bench) -> None:
    hub.locate()
    give(hub, entry("tea", "TEA-1"))
    with hub.step(HUB) as (tx, task):
        own_products.remove(tx, task, own_products.key_of(tx, "TEA-1"))

    (row,) = hub.rows(tables.product)
    assert row.is_removed
    assert hub.skus() == set()
    assert marked(hub) == {row.id}
    assert became(give(hub, entry("tea", "TEA-1"))) == {"tea": Became.CREATED}
    assert hub.skus() == {"TEA-1"}


def test_one_variant_can_be_removed_but_not_the_last(hub: Bench) -> None:
    csv = "product,title,sku,option1_name,option1_value\nmug,Mug,A,Color,Red\nmug,,B,Color,Blue\n"
    take_file(hub, csv)

    with hub.step(HUB) as (tx, task):
        own_products.remove_variant(tx, task, "A")
    assert hub.skus() == {"B"}
    with hub.step(HUB) as (tx, task), pytest.raises(FaultyError, match="only variant"):
        own_products.remove_variant(tx, task, "B")


def test_products_of_a_platform_are_not_the_hubs_to_change(hub: Bench) -> None:
    hub.read_products(product("TEA-1"))

    with hub.database.reading() as tx:
        with pytest.raises(NotOursError, match="comes from store"):
            own_products.key_of(tx, "TEA-1")
        with pytest.raises(LookupError):
            own_products.key_of(tx, "NONE")


def test_where_the_hub_becomes_the_source_it_takes_over_what_has_the_same_sku(hub: Bench) -> None:
    hub.open_shop(TEA=5)
    hub.read_orders(order("1", line("TEA", 2)))
    before = hub.variant_id("TEA")
    hub.truth = SourcesOfTruth(catalog=HUB, inventory=STORE)

    (given,) = give(hub, entry("tea", "TEA"))

    assert given.became is Became.CHANGED
    assert hub.variant_id("TEA") == before, "stock, orders and links hang on it"
    assert {row.source for row in hub.rows(tables.product)} == {HUB}
    assert hub.links() == {"l-TEA": "TEA"}
    hub.read_stock(stock("TEA", 9))
    assert hub.offered("TEA") == 7


FILE = """product,title,sku,price,currency,option1_name,option1_value
tea,Teapot,TEA-1,24.50,USD,,
mug,Mug,MUG-RED,9,USD,Color,Red
mug,,MUG-BLUE,nine,USD,Color,Blue
cup,,CUP-1,3,USD,,
tin,Tin,TIN-1,5,USD,,
"""


def test_bad_rows_are_reported_and_the_rest_is_taken(hub: Bench) -> None:
    report = take_file(hub, FILE)

    assert (report.created, report.refused, report.faulty_rows, report.rows) == (2, 2, 3, 5)
    assert hub.skus() == {"TEA-1", "TIN-1"}
    assert [(fault.line, fault.column) for fault in report.faults] == [(3, "price"), (5, "title")]
    assert sorted(report.changes) == ["tea", "tin"]


def test_a_file_can_be_given_again_and_previewed(hub: Bench) -> None:
    first = take_file(hub, FILE, is_preview=True)
    assert (first.created, hub.skus()) == (2, set())

    take_file(hub, FILE)
    again = take_file(hub, FILE)
    assert (again.created, again.unchanged, again.changes) == (0, 2, [])


def test_a_preview_says_what_the_file_does_where_a_sku_is_given_twice_far_apart(hub: Bench) -> None:
    many = [f"p{n},Title,T-{n},5,USD" for n in range(product_files.BATCH + 50)]
    text = "\n".join(["product,title,sku,price,currency", *many, "twin,Twin,T-7,5,USD"])

    foreseen, done = take_file(hub, text, is_preview=True), take_file(hub, text)

    assert (foreseen.refused, foreseen.faulty_rows) == (done.refused, done.faulty_rows) == (1, 1)
    assert [fault.line for fault in foreseen.faults] == [fault.line for fault in done.faults]
    assert "given for the product 'p7' as well" in foreseen.faults[0].problem


def test_what_is_exported_is_imported_without_a_change(
    hub: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    take_file(hub, FILE.replace("nine", "9.50").replace("cup,,", "cup,=Cup,"))
    place = tmp_path_factory.mktemp("export") / "products.csv"
    with place.open("w", encoding="utf-8", newline="") as out:
        assert product_files.write(hub.database, HUB, out) == 4

    report = take_file(hub, place.read_text(encoding="utf-8"))

    assert (report.unchanged, report.created, report.changed, report.faults) == (4, 0, 0, [])


def test_many_products_are_taken_in_batches(hub: Bench) -> None:
    rows = [f"p{n},Product {n},SKU-{n},1,USD" for n in range(450)]

    report = take_file(hub, "product,title,sku,price,currency\n" + "\n".join(rows))

    assert report.created == 450
    assert len(hub.skus()) == 450
    assert SHOP not in {row.source for row in hub.rows(tables.product)}
