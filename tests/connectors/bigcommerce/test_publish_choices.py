"""What the settings make of a new product: its prices, its categories and its tax class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.bigcommerce import documents
from connectors.bigcommerce.publish_bench import Bench, bench, change, listable, problems, variant
from connectors.bigcommerce.scripted import connector
from crossdock.connectors.errors import SettingsError
from crossdock.domain.sync import Confirmed, Rejected
from crossdock_simulators.kit import Fault

RED, BLUE = ("Color", "Red"), ("Color", "Blue")
TOTE = listable(variant("TOTE-R", RED), variant("TOTE-B", BLUE, price="22"))


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as opened:
        yield opened
        if documents.IS_THERE:
            assert problems(opened.http.sent) == set()


def test_prices_stand_on_every_variant(at: Bench) -> None:
    at.push(
        change(listable(variant("A", RED, price="20", msrp="30"), variant("B", BLUE, price="20", msrp="30")))
    )

    assert [at.variant(sku).own["price"] for sku in "AB"] == [20, 20]
    assert [at.variant(sku).own["retail_price"] for sku in "AB"] == [30, 30]
    assert at.product("A").own["price"] == 20


def test_prices_are_inherited_from_the_parent_where_they_are_equal(at: Bench) -> None:
    colors = ["Red", "Blue", "Sand"]
    prices = ["20", "22", "20"]
    parts = [variant(c, ("Color", c), price=p) for c, p in zip(colors, prices, strict=True)]

    at.push(change(listable(*parts)), prices_on="inherit")

    assert at.product("Red").own["price"] == 20
    assert [at.variant(color).own.get("price") for color in colors] == [None, 22, None]


def test_a_sale_of_some_variants_only_does_not_stand_on_their_product(at: Bench) -> None:
    at.push(change(listable(variant("A", RED, sale="15"), variant("B", BLUE))), prices_on="inherit")

    assert at.product("A").own.get("sale_price", 0) == 0
    assert [at.variant(sku).own.get("sale_price") for sku in "AB"] == [15, None]


def test_the_price_field_mapping_decides_which_price_goes_where(at: Bench) -> None:
    at.push(
        change(listable(variant("MUG", price="20", sale="15", msrp="30"))),
        price_map={"price": "sale", "msrp": "base"},
    )

    own = at.product("MUG").own
    assert (own["price"], own["retail_price"], own.get("sale_price", 0)) == (15, 20, 0)


@pytest.mark.parametrize("setting", ["number", "name", "path"])
def test_new_products_go_into_the_default_category(at: Bench, setting: str) -> None:
    number, category = next(iter(at.store.categories.items()))
    at.store.categories[900] = {"name": "Totes", "parent_id": number}
    chosen = {"number": "900", "name": "totes", "path": f"{category['name']} / Totes"}[setting]

    (outcome,) = at.push(change(TOTE), default_category=chosen)

    assert isinstance(outcome, Confirmed)
    assert at.product("TOTE-R").own["categories"] == [900]


def test_a_category_that_the_store_has_under_the_same_path_wins_over_the_default(at: Bench) -> None:
    number, category = next(iter(at.store.categories.items()))
    at.store.categories[900] = {"name": "Totes", "parent_id": number}
    tote = replace(TOTE, product=replace(TOTE.product, categories=(f"{category['name']} / Totes", "Nowhere")))

    at.push(change(tote), default_category=str(number))

    assert at.product("TOTE-R").own["categories"] == [900]


CATEGORIES = r"/catalog/trees/categories"


@pytest.mark.parametrize(
    ("default", "placed"), [("", "it is in none"), ("23", "it is in the “Default product category”")]
)
@pytest.mark.parametrize(("status", "why"), [(403, "lacks access"), (422, "no readable reason")])
def test_categories_that_cannot_be_read_are_said_in_the_outcome(
    at: Bench, status: int, why: str, default: str, placed: str
) -> None:
    at.store.categories[23] = {"name": "Rest", "parent_id": 0}
    tote = replace(TOTE, product=replace(TOTE.product, categories=("Kitchen",)))
    times = 1 if status == 422 else 2
    at.shop.simulator.faults.add(Fault("error", method="GET", path=CATEGORIES, status=status, times=times))

    (outcome,) = at.push(change(tote), default_category=default)

    assert isinstance(outcome, Confirmed)
    (note,) = outcome.notes
    assert note.startswith(f"Its categories “Kitchen” could not be read from the store, so {placed}: ")
    assert why in note
    assert at.product("TOTE-R").own.get("categories", []) == ([23] if default else [])


def test_one_category_that_cannot_be_read_leaves_the_others(at: Bench) -> None:
    at.store.categories |= {23: {"name": "Totes", "parent_id": 0}, 24: {"name": "Bags", "parent_id": 0}}
    tote = replace(TOTE, product=replace(TOTE.product, categories=("Bags", "Totes")))
    at.shop.simulator.faults.add(Fault("error", method="GET", path=CATEGORIES, status=422))

    (outcome,) = at.push(change(tote))

    assert isinstance(outcome, Confirmed)
    assert "“Bags” could not be read from the store, so it is in those that could" in outcome.notes[0]
    assert at.product("TOTE-R").own["categories"] == [23]


@pytest.mark.parametrize(
    ("chosen", "said"), [("Hats", "no category Hats"), ("77", "no category 77"), ("Twin", "2 categories")]
)
def test_a_default_category_that_is_not_clear_refuses_new_products_with_a_fix(
    at: Bench, chosen: str, said: str
) -> None:
    at.store.categories |= {901: {"name": "Twin", "parent_id": 0}, 902: {"name": "Twin", "parent_id": 901}}

    (outcome,) = at.push(change(TOTE), default_category=chosen)

    assert isinstance(outcome, Rejected)
    assert said in outcome.reason
    assert "Default product category" in outcome.fix
    assert at.writes() == []


def test_a_product_that_is_not_taxable_gets_the_default_tax_class(at: Bench) -> None:
    book = replace(TOTE, product=replace(TOTE.product, is_taxable=False))

    at.push(change(book), default_tax_class="3")
    (plain,) = at.push(change(replace(listable(variant("MUG"), title="Mug", is_taxable=False))))

    assert at.product("TOTE-R").own["tax_class_id"] == 3
    assert isinstance(plain, Confirmed)
    assert "Default tax class for non-taxable products" in plain.notes[0]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("default_tax_class", "reduced"), ("price_map", {"price": "cheapest"}), ("price_map", {"cost": "base"})],
)
def test_a_setting_that_means_nothing_is_refused_by_its_name(setting: str, value: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        connector(lambda _: (204, None), **{setting: value})

    assert caught.value.field == setting
