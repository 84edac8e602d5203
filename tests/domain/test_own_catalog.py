"""Products that people and files give: what is read, what stays, and what is refused with a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.channel import (
    ChannelId,
    ChannelProduct,
    ChannelSku,
    ChannelVariant,
    Dimensions,
    Image,
    LengthUnit,
    Option,
    Prices,
    Weight,
    WeightUnit,
)
from crossdock.domain.money import Money
from crossdock.domain.own_catalog import Fault, FaultyError, ProductEntry, VariantEntry, applied
from crossdock.domain.product_csv import COLUMNS, Group, HeaderError, located, read, rows_of

RED, BLUE = (Option("Color", "Red"),), (Option("Color", "Blue"),)


def entry(*variants: VariantEntry, key: str = "mug", **values: str) -> ProductEntry:
    return ProductEntry(key, {"title": "Mug"} | values, variants)


def one(sku: str = "MUG-1", options: tuple[Option, ...] | None = None, **values: str) -> VariantEntry:
    return VariantEntry(sku, {"price": "10", "currency": "usd"} | values, options)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def faults(present: ChannelProduct | None, given_: ProductEntry) -> dict[str, str]:
    with pytest.raises(FaultyError) as raised:
        applied(present, given_)
    return {fault.field: fault.problem for fault in raised.value.faults}


def test_what_is_given_becomes_a_product() -> None:
    made = applied(None, entry(one(sale_price="8.50", msrp="12", weight="1.5 lb", gtin="0 36000-29145 2")))

    (variant,) = made.variants
    assert (made.channel_id, made.title) == ("mug", "Mug")
    assert variant.prices == Prices(usd("8.50"), base=usd("10"), sale=usd("8.50"), msrp=usd("12"))
    assert variant.weight == Weight(Decimal("1.5"), WeightUnit.POUND)
    assert variant.gtin == "036000291452"
    assert variant.channel_id == variant.channel_sku == "MUG-1"


def test_what_is_not_given_stays_and_none_takes_away() -> None:
    before = applied(None, entry(one(mpn="M1", msrp="12"), brand="Acme"))

    same = applied(before, ProductEntry("mug", {}, (VariantEntry("MUG-1", {}),)))
    cheaper = applied(before, ProductEntry("mug", {}, (VariantEntry("MUG-1", {"price": "9"}),)))
    bare = applied(
        before, ProductEntry("mug", {"brand": "(none)"}, (VariantEntry("MUG-1", {"msrp": "(none)"}),))
    )

    assert same == before
    assert cheaper.variants[0].prices == Prices(usd("9"), base=usd("9"), msrp=usd("12"))
    assert (bare.brand, bare.variants[0].mpn) == ("", "M1")
    assert bare.variants[0].prices == Prices(usd("10"), base=usd("10"))


def test_variants_that_are_not_given_stay() -> None:
    before = applied(None, entry(one("A", RED), one("B", BLUE)))

    after = applied(before, ProductEntry("mug", {}, (VariantEntry("B", {"price": "11"}),)))

    assert [variant.channel_sku for variant in after.variants] == ["A", "B"]


def test_every_fault_is_named_at_once() -> None:
    found = faults(
        None,
        ProductEntry(
            "mug",
            {"visible": "perhaps", "colour": "red"},
            (one(price="ten", weight="heavy", gtin="12", currency="dollars"),),
        ),
    )

    assert set(found) == {"visible", "colour", "price", "weight", "gtin", "currency", "title"}
    assert "one looks like 19.90" in found["price"]
    assert "there are title" in found["colour"]


@pytest.mark.parametrize(
    ("variants", "field"),
    [
        ((), "sku"),
        ((one(""),), "sku"),
        ((VariantEntry("A", {"price": "3"}),), "currency"),
        ((VariantEntry("A", {"msrp": "3", "currency": "USD"}),), "price"),
        ((one(price="-1"),), "price"),
        ((one(price="NaN"),), "price"),
        ((one(sale_price="11"),), "sale_price"),
        ((one("A"), one("B")), "options"),
        ((one("A", RED), one("B", RED)), "options"),
        ((one("A", RED), one("B", (Option("Size", "S"),))), "options"),
        ((one("A", tuple(Option(str(n), "x") for n in range(4))),), "options"),
        ((one(variant_image="file:///etc/passwd"),), "variant_image"),
    ],
)
def test_what_cannot_be_sold_is_refused_by_the_name_of_its_field(
    variants: tuple[VariantEntry, ...], field: str
) -> None:
    assert field in faults(None, entry(*variants))


def test_prices_without_a_currency_take_the_one_of_the_file() -> None:
    made = applied(None, entry(VariantEntry("A", {"price": "3"})), currency="GBP")

    assert made.variants[0].prices == Prices(Money.of("3", "GBP"), base=Money.of("3", "GBP"))


# Files


def text_of(rows: Iterable[Mapping[str, str]]) -> list[str]:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().splitlines(keepends=True)


def rows(text: str) -> list[Group]:
    return list(read(text.splitlines(keepends=True)))


def test_rows_of_one_product_stand_together() -> None:
    found = rows(
        "product,title,sku,option1_name,option1_value,price\n"
        "mug,Mug,A,Color,Red,10\n"
        ",,,,,\n"
        "mug,,B,Color,Blue,11\n"
        "cup,Cup,C,,,3\n"
        "mug,,D,Color,Green,12\n"
    )

    assert [(g.entry.key, [v.sku for v in g.entry.variants]) for g in found] == [
        ("mug", ["A", "B"]),
        ("cup", ["C"]),
        ("mug", []),
    ]
    assert [(fault.line, fault.column) for fault in found[2].faults] == [(6, "product")]
    assert found[0].entry.variants[1].options == BLUE


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_common_delimiter_and_a_byte_order_mark_are_understood(delimiter: str) -> None:
    lines = "product,SKU,Price\nmug, A ,10\n".replace(",", delimiter)

    (group,) = rows("\ufeff" + lines)

    assert group.entry.variants == (VariantEntry(" A ", {"price": "10"}),)


def test_line_numbers_survive_cells_with_several_lines() -> None:
    first, second = rows('product,title,description,sku\na,A,"one\ntwo\nthree",A\nb,B,,\n')

    assert first.lines == (2,)
    assert [(f.line, f.column) for f in second.faults] == [(5, "sku")]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("product,sku,colour", "'colour'"),
        ("product,title", "lacks the column 'sku'"),
        ("sku,product,sku", "'sku' twice"),
        ("", "lacks the column 'product'"),
    ],
)
def test_a_header_that_is_not_understood_is_refused_whole(header: str, said: str) -> None:
    with pytest.raises(HeaderError, match=said):
        rows(header + "\n")


def test_a_fault_is_shown_with_its_line_and_value() -> None:
    (group,) = rows("product,title,sku,price,currency\nmug,Mug,A,ten,USD\n")

    (found,) = located(group, [Fault("price", "is no amount")])

    assert (found.line, found.column, found.value) == (2, "price", "ten")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(
    str.strip
)
FILLED = WORDS.filter(bool).filter(lambda word: word != "(none)")
SKUS = FILLED.map(lambda word: f"{word} x")
AMOUNTS = st.decimals("0", "9999", places=2)


@st.composite
def products(draw: st.DrawFn) -> ChannelProduct:
    names = draw(st.lists(FILLED, min_size=1, max_size=3, unique=True))
    skus = draw(st.lists(SKUS, min_size=1, max_size=4, unique=True))
    variants = []
    for number, sku in enumerate(skus):
        base, msrp = draw(AMOUNTS), draw(st.none() | AMOUNTS)
        variants.append(
            ChannelVariant(
                ChannelId(sku),
                ChannelSku(sku),
                options=tuple(Option(name, f"value {number}") for name in names),
                prices=Prices(
                    Money(base, "USD"),
                    base=Money(base, "USD"),
                    msrp=None if msrp is None else Money(msrp, "USD"),
                ),
                mpn=draw(st.just("") | FILLED),
                weight=draw(st.none() | st.just(Weight(Decimal("1.5"), WeightUnit.KILOGRAM))),
                dimensions=draw(
                    st.none() | st.just(Dimensions(Decimal(1), Decimal(2), Decimal("3.5"), LengthUnit.INCH))
                ),
                is_stock_tracked=draw(st.booleans()),
            )
        )
    return ChannelProduct(
        ChannelId(draw(FILLED)),
        draw(FILLED),
        tuple(variants),
        description=draw(st.just("") | FILLED),
        brand=draw(st.just("") | FILLED),
        categories=tuple(draw(st.lists(FILLED.filter(lambda word: "|" not in word), max_size=2))),
        images=tuple(draw(st.just(()) | st.just((Image("https://images.example.com/1.png"),)))),
        is_visible=draw(st.booleans()),
    )


@given(products())
def test_what_is_written_is_read_again_and_changes_nothing(product: ChannelProduct) -> None:
    (group,) = read(text_of(rows_of(product)))

    assert group.faults == ()
    assert applied(None, group.entry) == product
    assert applied(product, group.entry) == product


@given(FILLED)
def test_no_cell_is_a_formula(word: str) -> None:
    (row,) = rows_of(
        ChannelProduct(ChannelId("a"), f"={word}", (ChannelVariant(ChannelId("s"), ChannelSku("@s")),))
    )

    assert not row["title"].startswith("=")
    assert row["sku"] == "'@s"


def test_a_sku_that_is_given_twice_or_is_blank_is_refused() -> None:
    twice = ProductEntry(
        "mug", {"title": "Mug"}, (VariantEntry("A", {"price": "1"}), VariantEntry("A", {"price": "2"}))
    )
    blank = ProductEntry("mug", {"title": "Mug"}, (VariantEntry("  ", {"price": "1"}),))

    for entry, said in ((twice, "2 times"), (blank, "is needed")):
        with pytest.raises(FaultyError) as refused:
            applied(None, entry, currency="USD")
        assert [fault.field for fault in refused.value.faults] == ["sku"]
        assert said in refused.value.faults[0].problem


def test_a_quotation_mark_that_is_never_closed_is_a_fault_of_its_line_and_the_rows_before_it_count() -> None:
    text = ["product,title,sku,price\n", "mug,Mug,MUG,5\n", 'pan,"Pan,PAN,6\n', *["x" * 999 + "\n"] * 200]

    mug, rest = read(text)

    assert [variant.sku for variant in mug.entry.variants] == ["MUG"]
    assert [(fault.line, "is no CSV" in fault.problem) for fault in rest.faults] == [(3, True)]


@pytest.mark.parametrize("price", ["1e400", "0.00001", "1000000000"])
def test_a_price_that_no_platform_could_take_is_refused(price: str) -> None:
    assert "is no price" in faults(None, entry(one(price=price)))["price"]


def test_a_sale_for_nothing_is_refused_and_says_how_to_end_a_sale() -> None:
    assert "(none)" in faults(None, entry(one(sale_price="0")))["sale_price"]


def test_a_character_that_databases_do_not_keep_is_refused_by_the_name_of_its_field() -> None:
    given_ = ProductEntry("mug\0", {"title": "M\0"}, (one("A\0", options=(Option("Size", "S\0"),)),))

    assert {"product", "title", "sku", "options"} <= faults(None, given_).keys()
