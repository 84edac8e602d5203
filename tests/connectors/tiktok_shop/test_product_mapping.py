"""Texts, measures, options, attributes and checks of a product on its way to TikTok Shop."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.tiktok_shop.tiktok_bench import listable, variant
from crossdock.connectors.tiktok_shop.categories import mapped_category
from crossdock.connectors.tiktok_shop.mapping.attributes import (
    Filled,
    Sources,
    fill,
    missing,
    notes,
)
from crossdock.connectors.tiktok_shop.mapping.checks import code_type, faults
from crossdock.connectors.tiktok_shop.mapping.options import from_options, is_clothing
from crossdock.connectors.tiktok_shop.mapping.product import differs_in_price, from_present_sku, from_prices
from crossdock.connectors.tiktok_shop.mapping.text import from_description, from_title
from crossdock.connectors.tiktok_shop.mapping.units import (
    from_dimensions,
    from_weight,
)
from crossdock.connectors.tiktok_shop.payloads_product import (
    Attribute,
    AttributeValue,
    RequirementCondition,
)
from crossdock.domain.channel import Option, Prices
from crossdock.domain.money import Money
from crossdock.domain.units import to_dimensions, to_weight

GOOD = listable(variant("A"), images=("https://img.example/a.jpg",))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("  Tote \n bag  ", "Tote bag"),
        ("Tote &amp; more <b>bold</b>", "Tote & more bold"),
        ("Tote 🎒🔥 ✨bag", "Tote bag"),
        ("See https://shop.example/x?y=1 now", "See now"),
        ("wow!!!!!!!!!!!!!!", "wow!!!!!!!!!"),
        ("Café 20°C ® ™", "Café 20°C ® ™"),
        ("word " * 100, ("word " * 51).strip()),
        ("x" * 10 + "y" * 300, "x" * 9 + "y" * 9),
    ],
)
def test_a_title_is_brought_into_shape(title: str, expected: str) -> None:
    assert from_title(title) == expected


def test_a_description_keeps_simple_markup_and_loses_links_images_and_scripts() -> None:
    given = (
        '<p style="x">Bag&nbsp;one <a href="https://shop.example">here</a> www.shop.example</p>'
        '<img src="https://cdn.example/a.jpg"><script>alert(1)</script><ul><li>Big 🎒</li></ul>'
    )

    assert from_description(given) == "<p>Bag one here </p><ul><li>Big </li></ul>"


def test_a_description_that_is_too_long_is_cut_and_stays_whole_html() -> None:
    cut = from_description("<p>" + "some words " * 2000 + "</p>")

    assert len(cut) <= 10_000
    assert cut.startswith("<p>some")
    assert cut.endswith(("words</p>", "some</p>"))


@pytest.mark.parametrize(
    ("weight", "is_imperial", "expected"),
    [
        ("1.5 lb", True, ("1.50", "POUND")),
        ("700 g", True, ("1.55", "POUND")),
        ("0.1 g", True, ("0.01", "POUND")),
        ("24 oz", False, ("0.681", "KILOGRAM")),
        ("2 kg", False, ("2.000", "KILOGRAM")),
    ],
)
def test_a_weight_is_told_in_the_markets_unit(
    weight: str, is_imperial: bool, expected: tuple[str, str]
) -> None:
    told = from_weight(to_weight(weight), is_imperial=is_imperial)

    assert (told["value"], told["unit"]) == expected


def test_a_package_size_is_told_in_whole_units_rounded_up() -> None:
    size = to_dimensions("12.2 x 10 × 2 in")

    assert from_dimensions(size, is_imperial=True) == {
        "length": "13",
        "width": "10",
        "height": "2",
        "unit": "INCH",
    }
    assert from_dimensions(size, is_imperial=False) == {
        "length": "31",
        "width": "26",
        "height": "6",
        "unit": "CENTIMETER",
    }


@pytest.mark.parametrize("text", ["", "lb", "1.5", "0 lb", "1,5 lb", "-2 kg"])
def test_what_is_no_weight_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no weight"):
        to_weight(text)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("036000291452", "UPC"),
        ("4006381333931", "EAN"),
        ("96385074", "EAN"),
        ("00012345600012", "GTIN"),
        ("080442957X", "ISBN"),
        ("036000291453", None),
        ("12345", None),
        ("ABCDEFGHIJKL", None),
        ("٠٣٦٠٠٠٢٩١٤٥٢", None),
    ],
)
def test_a_product_code_is_known_by_length_and_check_digit(code: str, kind: str | None) -> None:
    assert code_type(code) == kind


def test_a_good_product_lacks_nothing() -> None:
    assert faults(GOOD, currency="USD") == []


COLORS = [variant("A", ("Color", "Red")), variant("B", ("Color", "Blue"))]
WANTING: dict[str, tuple[Any, str]] = {
    "title": (listable(variant("A"), title="🔥🔥", images=("u",)), "no title"),
    "description": (listable(variant("A"), description="<img src=x>", images=("u",)), "no description"),
    "image": (listable(variant("A")), "no image"),
    "variants": (listable(images=("u",)), "no variant"),
    "sku": (listable(variant(""), images=("u",)), "without SKU"),
    "sku with space": (listable(variant("A B"), images=("u",)), "the SKU 'A B'"),
    "long sku": (listable(variant("A" * 51), images=("u",)), "the SKU"),
    "price": (listable(variant("A", price="0"), images=("u",)), "no price"),
    "currency": (listable(variant("A", currency="GBP"), images=("u",)), "in GBP, the shop sells in USD"),
    "stock": (listable(variant("A", quantity=None), images=("u",)), "no stock known"),
    "code": (listable(variant("A", gtin="123"), images=("u",)), "123 of A is no valid"),
    "same code": (
        listable(
            variant("A", ("Color", "Red"), gtin="036000291452"),
            variant("B", ("Color", "Blue"), gtin="036000291452"),
            images=("u",),
        ),
        "stands on two SKUs",
    ),
    "options differ": (
        listable(COLORS[0], variant("B", ("Size", "L")), images=("u",)),
        "differ in other options",
    ),
    "no options": (listable(variant("A"), variant("B"), images=("u",)), "differ in other options"),
    "equal options": (listable(COLORS[0], variant("B", ("Color", "Red")), images=("u",)), "equal options"),
    "four options": (
        listable(variant("A", *((name, "x") for name in "abcd")), images=("u",)),
        "more than 3 options",
    ),
    "long option": (listable(variant("A", ("Color", "x" * 51)), images=("u",)), "too long"),
    "many skus": (
        listable(COLORS[0], images=("u",), others=tuple(str(n) for n in range(300))),
        "more than 300",
    ),
}


@pytest.mark.parametrize("name", WANTING)
def test_what_a_product_lacks_is_said_with_a_fix(name: str) -> None:
    product, words = WANTING[name]

    found = faults(product, currency="USD")

    assert [fault for fault in found if words in fault.reason and fault.fix] == found


def test_stock_need_not_be_known_of_a_sku_that_is_there_already() -> None:
    known = listable(variant("A", quantity=None, channel_id="7"), images=("u",))

    assert faults(known, currency="USD") == []


COLOR = Attribute(id="1", name="Color", type="SALES_PROPERTY", values=[AttributeValue(id="11", name="Red")])
OCCASION = Attribute(
    id="2",
    name="Occasion",
    type="PRODUCT_PROPERTY",
    is_required=True,
    values=[AttributeValue(id="21", name="Birthday")],
)
SCENT = Attribute(
    id="3",
    name="Scent",
    type="PRODUCT_PROPERTY",
    is_customizable=True,
    requirement_conditions=[
        RequirementCondition(condition_type="VALUE_ID_MATCH", attribute_id="2", attribute_value_id="21")
    ],
)


def test_options_use_the_categorys_own_attributes_where_it_has_them() -> None:
    options = (Option("Colour", "red"), Option("Fit", "Loose"))

    assert from_options(options, [COLOR], {options[0]: "uri-1"}) == [
        {"id": "1", "value_id": "11", "sku_img": {"uri": "uri-1"}},
        {"name": "Fit", "value_name": "Loose"},
    ]


def filled(
    attributes: list[Attribute], sources: Sources, *, category_id: str = "1", of: Any = GOOD
) -> Filled:
    return fill(attributes, of, sources, category_id=category_id)


def test_an_attribute_takes_the_settings_value_and_that_of_its_category_first() -> None:
    defaults = Sources(defaults={"occasion": "Birthday", "900/Occasion": "Wedding", "Scent": "Rose"})

    assert filled([OCCASION, SCENT], defaults).values == {"2": [{"id": "21"}], "3": [{"name": "Rose"}]}
    assert filled([OCCASION], defaults, category_id="900").values == {}


def test_an_attribute_comes_from_the_product_where_the_map_says_so_and_else_from_the_settings() -> None:
    sources = Sources({"Scent": "fragrance", "900/scent": "brand"}, {"Scent": "Rose"})
    scented = listable(variant("A", ("Fragrance", "Pine")))

    values = [
        filled([SCENT], sources, of=scented).values,
        filled([SCENT], sources, of=GOOD).values,
        filled([SCENT], sources, category_id="900", of=listable(variant("A"), brand="Acme")).values,
    ]

    assert values == [{"3": [{"name": name}]} for name in ("Pine", "Rose", "Acme")]


def test_several_values_go_only_where_an_attribute_takes_several() -> None:
    many = msgspec.structs.replace(SCENT, is_multiple_selection=True)
    mapped = Sources({"Scent": "Fragrance"})
    scented = listable(variant("A", ("Fragrance", "Pine")), variant("B", ("Fragrance", "Rose")))

    several = filled([many], mapped, of=scented)
    one_only = filled([SCENT], mapped, of=scented)
    typed = filled([many], Sources(defaults={"Scent": "Pine; Rose, wild"}))

    assert several.values == {"3": [{"name": "Pine"}, {"name": "Rose"}]}
    assert one_only.values == {}
    assert notes([SCENT], one_only) == [
        "The attribute Scent takes one value only, and not Pine, Rose; it was left out"
    ]
    assert typed.values == {"3": [{"name": "Pine"}, {"name": "Rose, wild"}]}


def test_a_free_value_goes_only_where_the_category_allows_one_and_a_number_where_it_wants_one() -> None:
    closed = msgspec.structs.replace(OCCASION, is_customizable=False)
    number = msgspec.structs.replace(SCENT, value_data_format="POSITIVE_INT_OR_DECIMAL")

    assert filled([closed], Sources(defaults={"Occasion": "Wedding"})).refused == {
        "2": "does not take “Wedding”"
    }
    assert filled([number], Sources(defaults={"Scent": "strong"})).values == {}
    assert filled([number], Sources(defaults={"Scent": "2.5"})).values == {"3": [{"name": "2.5"}]}


def test_required_attributes_without_value_are_named_with_examples_category_and_settings() -> None:
    nothing = Filled({}, {"2": "does not take “Wedding”"})

    (fault,) = missing([OCCASION, SCENT, COLOR], nothing, {}, category="Candles (900)")
    (along,) = missing([OCCASION, SCENT], Filled({"2": [{"id": "21"}]}, {}), {}, category="900")
    there = missing([OCCASION], nothing, {"2": [{"id": "22"}]}, category="900")

    assert fault.reason == (
        "the attribute Occasion (such as Birthday) of category Candles (900), which does not take “Wedding”"
    )
    assert "attribute_defaults" in fault.fix
    assert "attribute_map" in fault.fix
    assert "Scent" in along.reason
    assert there == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Womenswear & Underwear", "Dresses"), True),
        (("Kitchen", "Mugs"), False),
        (("Clothing / T-shirts",), True),
    ],
)
def test_clothing_is_known_by_the_names_of_its_category(names: tuple[str, ...], expected: bool) -> None:
    assert is_clothing(names) is expected


def test_the_most_specific_category_that_the_map_knows_wins() -> None:
    paths = ("Home", "Home / Kitchen / Mugs", "Gifts / Mugs")

    assert mapped_category(paths, {"home": "1", "Mugs": "2"}) == "2"
    assert mapped_category(paths, {"Home / Kitchen": "3", "gifts": "4"}) == "3"
    assert mapped_category(paths, {"Garden": "5"}) == ""


def test_a_higher_price_to_compare_with_is_told_in_the_us_only() -> None:
    prices = Prices(current=Money(Decimal("18"), "USD"), base=Money(Decimal("25"), "USD"))

    assert from_prices(prices, currency="USD") == {
        "price": {"amount": "18.00", "currency": "USD"},
        "list_price": {"amount": "25.00", "currency": "USD"},
    }
    assert "list_price" not in from_prices(prices, currency="GBP")


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ({"price": {"sale_price": "18"}}, False),
        ({"price": {"tax_exclusive_price": "18.0"}}, False),
        ({"price": {"sale_price": "18.01"}}, True),
        ({"price": None}, True),
    ],
)
def test_a_price_differs_by_its_value_and_not_by_its_spelling(
    present: dict[str, Any], expected: bool
) -> None:
    assert differs_in_price({"price": {"amount": "18.00", "currency": "USD"}}, present) is expected


def test_a_sku_that_stays_keeps_everything_an_edit_would_clear() -> None:
    present = {
        "id": "7",
        "seller_sku": "OTHER",
        "external_sku_id": "x",
        "identifier_code": {"code": "036000291452", "type": "UPC"},
        "price": {"sale_price": "5"},
        "inventory": [{"warehouse_id": "w", "quantity": 1}],
        "sales_attributes": [
            {
                "id": "1",
                "name": "Color",
                "value_id": "11",
                "value_name": "Red",
                "sku_img": {"uri": "u", "urls": []},
            }
        ],
    }

    assert from_present_sku(present) == {
        "id": "7",
        "seller_sku": "OTHER",
        "external_sku_id": "x",
        "identifier_code": {"code": "036000291452", "type": "UPC"},
        "sales_attributes": [
            {"id": "1", "value_id": "11", "value_name": "Red", "name": "Color", "sku_img": {"uri": "u"}}
        ],
    }
