"""Products as rows of a CSV file: one row per variant, the rows of a product together."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.domain.channel import ChannelProduct, ChannelVariant, Option
from crossdock.domain.own_catalog import (
    MOST_OPTIONS,
    NO,
    OF_PRODUCT,
    OF_VARIANT,
    YES,
    Fault,
    ProductEntry,
    VariantEntry,
)
from crossdock.domain.units import dimensions_text, weight_text

OPTION_COLUMNS = tuple(f"option{n}_{part}" for n in range(1, MOST_OPTIONS + 1) for part in ("name", "value"))
COLUMNS = (
    "product",
    "title",
    "description",
    "brand",
    "categories",
    "images",
    "visible",
    "taxable",
    "sku",
    *OPTION_COLUMNS,
    "price",
    "currency",
    "sale_price",
    "msrp",
    "gtin",
    "mpn",
    "weight",
    "dimensions",
    "variant_image",
    "tracked",
)
BETWEEN = "|"
"""Between the categories, and between the images, of a product."""
DELIMITERS = ",;\t"
DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
"""A spreadsheet takes a cell that begins so for a formula, unless an apostrophe stands before it."""


class HeaderError(ValueError):
    """The first line does not name the columns that are known."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one line of the file, counted from 1 with the header."""

    line: int
    column: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one product, and their lines."""

    entry: ProductEntry
    lines: tuple[int, ...]
    faults: tuple[RowFault, ...] = ()


def read(lines: Iterable[str]) -> Iterator[Group]:
    """The products of a file, one by one. Raises HeaderError.

    A product whose rows do not stand together is read the first time only; the later rows are faults.
    So is all that follows a line that is no CSV.
    """
    numbered = enumerate(lines, start=1)
    header, delimiter = _header(numbered)
    seen: set[str] = set()
    rows: list[tuple[int, dict[str, str]]] = []
    broken: list[RowFault] = []
    for number, row in _rows(numbered, header, delimiter, broken):
        if rows and rows[-1][1].get("product", "") != row.get("product", ""):
            yield _group(rows, seen)
            rows = []
        rows.append((number, row))
    if rows:
        yield _group(rows, seen)
    if broken:
        yield Group(ProductEntry("", {}), (broken[0].line,), tuple(broken))


def from_cells(cells: Mapping[str, str]) -> ProductEntry:
    """One row by itself. Raises HeaderError for a column that is not known."""
    if unknown := [name for name in cells if name not in COLUMNS]:
        raise HeaderError(f"There is no column {unknown[0]!r}; the columns are {', '.join(COLUMNS)}")
    return _group([(1, dict(cells))], set()).entry


def _header(numbered: Iterator[tuple[int, str]]) -> tuple[list[str], str]:
    _, first = next(numbered, (1, ""))
    first = first.removeprefix("\ufeff").strip("\r\n")
    delimiter = max(DELIMITERS, key=first.count)
    names = [name.strip().casefold() for name in next(csv.reader([first], delimiter=delimiter), [])]
    known = ", ".join(COLUMNS)
    if unknown := [name for name in names if name and name not in COLUMNS]:
        raise HeaderError(f"Line 1 has a column {unknown[0]!r}; the columns are {known}")
    if missing := [name for name in ("product", "sku") if name not in names]:
        raise HeaderError(f"Line 1 lacks the column {missing[0]!r}; the columns are {known}")
    if twice := [name for name in names if name and names.count(name) > 1]:
        raise HeaderError(f"Line 1 has the column {twice[0]!r} twice")
    return names, delimiter


def _rows(
    numbered: Iterator[tuple[int, str]], header: Sequence[str], delimiter: str, broken: list[RowFault]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with the line each begins at; a line that is no CSV ends them and is added to `broken`."""
    at = {"line": 1}

    def following() -> Iterator[str]:
        for number, line in numbered:
            at["line"] = number
            yield line

    began = 2
    rows = csv.reader(following(), delimiter=delimiter)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            problem = (
                f"is no CSV ({error}); this line and all after it were not read: is a quotation mark open?"
            )
            broken.append(RowFault(began, "", "", problem))
            return
        if any(cell.strip() for cell in cells):
            yield began, {name: _unguarded(cell) for name, cell in zip(header, cells, strict=False) if name}
        began = at["line"] + 1


def _unguarded(cell: str) -> str:
    """Our own files guard what a spreadsheet would take for a formula with an apostrophe."""
    return cell[1:] if cell.startswith("'") and DANGEROUS.match(cell) else cell


def _group(rows: Sequence[tuple[int, dict[str, str]]], seen: set[str]) -> Group:
    key = rows[0][1].get("product", "").strip()
    numbers = tuple(number for number, _ in rows)
    if key in seen and key:
        problem = "its rows do not stand together; put them below one another"
        faults = tuple(RowFault(number, "product", key, problem) for number in numbers)
        return Group(ProductEntry(key, {}), numbers, faults)
    seen.add(key)
    first = rows[0][1]
    entry = ProductEntry(
        key,
        _first_given(rows, OF_PRODUCT),
        tuple(_variant(row) for _, row in rows if row.get("sku", "")),
        categories=_list(first.get("categories", "")),
        images=_list(first.get("images", "")),
    )
    lacking = [number for number, row in rows if not row.get("sku", "")]
    return Group(entry, numbers, tuple(RowFault(number, "sku", "", "is needed") for number in lacking))


def _first_given(rows: Sequence[tuple[int, dict[str, str]]], names: Iterable[str]) -> dict[str, str]:
    """What belongs to the product may stand in any of its rows; the first one counts."""
    return {
        name: value
        for name in names
        if (value := next((row[name].strip() for _, row in rows if row.get(name, "").strip()), ""))
    }


def _variant(row: Mapping[str, str]) -> VariantEntry:
    """A SKU is kept to the letter, blanks and all; nothing else needs its blanks."""
    options = tuple(
        Option(row[name].strip(), row.get(value, "").strip())
        for name, value in zip(OPTION_COLUMNS[::2], OPTION_COLUMNS[1::2], strict=True)
        if row.get(name, "").strip()
    )
    values = {name: row[name].strip() for name in OF_VARIANT if row.get(name, "").strip()}
    return VariantEntry(row["sku"], values, options or None)


def _list(cell: str) -> tuple[str, ...] | None:
    parts = tuple(part.strip() for part in cell.split(BETWEEN) if part.strip())
    return parts or None


def located(group: Group, faults: Sequence[Fault]) -> list[RowFault]:
    """Faults of a product under the line that it begins at, with the value that was given."""
    given = dict(group.entry.values)
    for variant in group.entry.variants:
        given |= {"sku": variant.sku} | {k: v for k, v in variant.values.items() if k not in given}
    line = group.lines[0]
    return [RowFault(line, fault.field, given.get(fault.field, ""), fault.problem) for fault in faults]


# Writing


def rows_of(product: ChannelProduct) -> Iterator[dict[str, str]]:
    """One row per variant; what belongs to the product stands in the first."""
    for position, variant in enumerate(product.variants):
        shared = _product_cells(product) if position == 0 else {}
        cells = {"product": product.channel_id, **shared, **_variant_cells(variant)}
        yield {name: _guarded(value) for name, value in cells.items() if value != ""}


def _guarded(cell: Any) -> str:
    text = str(cell)
    return f"'{text}" if DANGEROUS.match(text) else text


def _product_cells(product: ChannelProduct) -> dict[str, str]:
    return {
        "title": product.title,
        "description": product.description,
        "brand": product.brand,
        "categories": f" {BETWEEN} ".join(product.categories),
        "images": f" {BETWEEN} ".join(image.url for image in product.images),
        "visible": _yes_or_no(product.is_visible),
        "taxable": _yes_or_no(product.is_taxable),
    }


def _variant_cells(variant: ChannelVariant) -> dict[str, str]:
    options: dict[str, str] = {}
    for number, option in enumerate(variant.options[:MOST_OPTIONS], start=1):
        options |= {f"option{number}_name": option.name, f"option{number}_value": option.value}
    prices = variant.prices
    base = (prices.base or prices.current) if prices else None
    return {
        "sku": variant.channel_sku,
        **options,
        "price": str(base.amount) if base else "",
        "currency": base.currency if base else "",
        "sale_price": str(prices.sale.amount) if prices and prices.sale else "",
        "msrp": str(prices.msrp.amount) if prices and prices.msrp else "",
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "weight": weight_text(variant.weight),
        "dimensions": dimensions_text(variant.dimensions),
        "variant_image": variant.image_url,
        "tracked": _yes_or_no(variant.is_stock_tracked),
    }


def _yes_or_no(is_so: bool) -> str:
    return YES[0] if is_so else NO[0]
