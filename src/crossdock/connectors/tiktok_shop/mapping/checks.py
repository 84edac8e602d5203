"""What a product still lacks before TikTok Shop would take it, found without a single call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crossdock.connectors.tiktok_shop.mapping.fault import Fault
from crossdock.connectors.tiktok_shop.mapping.options import LONGEST_NAME, LONGEST_VALUE, MOST_OPTIONS
from crossdock.connectors.tiktok_shop.mapping.text import from_description, from_title, has_words
from crossdock.domain.catalog import Listable, ListableVariant
from crossdock.domain.channel import Option

MOST_SKUS = 300
LONGEST_SKU = 50
CODE_TYPES = {8: "EAN", 12: "UPC", 13: "EAN", 14: "GTIN"}
_ISBN_10 = re.compile(r"\d{9}[\dX]")


def faults(listable: Listable, *, currency: str) -> list[Fault]:
    """Everything that is missing or wrong, so that one correction is enough."""
    found = [*_product_faults(listable), *_option_faults(listable.variants)]
    for variant in listable.variants:
        found += _variant_faults(variant, currency)
    return list(dict.fromkeys([*found, *_code_faults(listable.variants)]))


def _product_faults(listable: Listable) -> Iterator[Fault]:
    product = listable.product
    if not has_words(from_title(product.title)):
        yield Fault("no title", "Give the product a title with words in it.")
    if not has_words(from_description(product.description)):
        yield Fault("no description", "Give the product a description.")
    if not product.images:
        yield Fault("no image", "Give the product at least one image of 300 pixels or more.")
    if not listable.variants:
        yield Fault("no variant to offer", "Take at least one of its SKUs into the scope.")
    if len(listable.variants) + len(listable.other_channel_ids) > MOST_SKUS:
        yield Fault(
            f"more than {MOST_SKUS} SKUs", "Divide the product; TikTok Shop takes 300 SKUs a product."
        )


def _option_faults(variants: tuple[ListableVariant, ...]) -> Iterator[Fault]:
    options = [variant.variant.options for variant in variants]
    if any(len(own) > MOST_OPTIONS for own in options):
        yield Fault("more than 3 options", "Leave at most three options, such as color, size and material.")
    if len(variants) > 1 and (not all(options) or len({tuple(o.name for o in own) for own in options}) > 1):
        yield Fault(
            "its variants differ in other options", "Give every variant a value for the same options."
        )
    elif len({_compared(own) for own in options}) < len(options):
        yield Fault(
            "two variants have equal options", "Make each combination of options unique; case does not count."
        )
    for option in {option for own in options for option in own}:
        if len(option.name.strip()) > LONGEST_NAME or len(option.value.strip()) > LONGEST_VALUE:
            yield Fault(
                f"the option {option.name}: {option.value} is too long",
                f"Shorten it to {LONGEST_NAME} characters for the name and {LONGEST_VALUE} for the value.",
            )


def _compared(options: Iterable[Option]) -> frozenset[tuple[str, str]]:
    """As TikTok Shop tells them apart: neither by case nor by blanks around them."""
    return frozenset((o.name.strip().casefold(), o.value.strip().casefold()) for o in options)


def _variant_faults(variant: ListableVariant, currency: str) -> Iterator[Fault]:
    sku = variant.channel_sku
    if not sku.strip():
        yield Fault("a variant without SKU", "Give every variant a SKU.")
    elif len(sku) > LONGEST_SKU or any(character.isspace() for character in sku):
        yield Fault(f"the SKU {sku!r}", f"Use at most {LONGEST_SKU} characters without spaces.")
    prices = variant.variant.prices
    if prices is None or prices.current.amount <= 0:
        yield Fault(f"no price for {sku}", "Set a price above zero.")
    elif prices.current.currency != currency:
        yield Fault(
            f"the price of {sku} is in {prices.current.currency}, the shop sells in {currency}",
            "Price the product in the currency of the shop.",
        )
    if variant.channel_id is None and not variant.quantities:
        yield Fault(
            f"no stock known for {sku} in any warehouse of TikTok Shop",
            "Count its stock, pull the warehouses and fill the location to warehouse map.",
        )


def _code_faults(variants: Iterable[ListableVariant]) -> Iterator[Fault]:
    seen: set[str] = set()
    for variant in variants:
        code = variant.variant.gtin
        if code and code_type(code) is None:
            yield Fault(
                f"{code} of {variant.channel_sku} is no valid UPC, EAN, GTIN or ISBN",
                "Correct the code or clear it.",
            )
        if code and code in seen:
            yield Fault(f"the code {code} stands on two SKUs", "Give each SKU its own code.")
        seen.add(code)


def code_type(code: str) -> str | None:
    """The kind of a product code, None where its length or check digit is wrong."""
    if _ISBN_10.fullmatch(code):
        digits = [10 if c == "X" else int(c) for c in code]
        is_good = sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11 == 0
        return "ISBN" if is_good else None
    if not code.isascii() or not code.isdigit() or len(code) not in CODE_TYPES:
        return None
    weighted = sum(int(c) * (3 if place % 2 else 1) for place, c in enumerate(reversed(code)))
    return CODE_TYPES[len(code)] if weighted % 10 == 0 else None
