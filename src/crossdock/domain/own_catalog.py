"""Products that people and files give the hub: what may be given, how it is read, and what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.domain.channel import (
    ChannelId,
    ChannelProduct,
    ChannelSku,
    ChannelVariant,
    Image,
    Option,
    Prices,
)
from crossdock.domain.money import Money
from crossdock.domain.units import to_dimensions, to_weight

CLEAR = "(none)"
"""What takes a value away; an empty one leaves it as it is."""
MOST_OPTIONS = 3
LONGEST_SKU = 255
LONGEST_TITLE = 250
HIGHEST_PRICE, MOST_DECIMALS = 999_999_999, 4
YES, NO = ("yes", "true", "1"), ("no", "false", "0")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, and what would be right."""

    field: str
    problem: str


class FaultyError(ValueError):
    """Something given is not acceptable; all of its faults at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.problem}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class VariantEntry:
    """What is given of one variant, as texts; `options` in their order. Fields that are not there stay."""

    sku: str
    values: Mapping[str, str]
    options: tuple[Option, ...] | None = None


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """What is given of one product. `key` is the giver's own name of it. Fields that are not there stay."""

    key: str
    values: Mapping[str, str]
    variants: tuple[VariantEntry, ...] = ()
    categories: tuple[str, ...] | None = None
    images: tuple[str, ...] | None = None


def _text(longest: int) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if len(raw) > longest:
            raise ValueError(f"is {len(raw)} characters long; {longest} are allowed")
        return raw

    return read


def _amount(raw: str) -> Decimal:
    try:
        amount = Decimal(raw)
    except InvalidOperation:
        raise ValueError(f"{raw!r} is no amount; one looks like 19.90") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{raw!r} is no price; it is 0 or more")
    if amount > HIGHEST_PRICE or amount != round(amount, MOST_DECIMALS):
        raise ValueError(f"{raw!r} is no price; it is at most {HIGHEST_PRICE}, with {MOST_DECIMALS} decimals")
    return amount


def _currency(raw: str) -> str:
    if len(raw) != 3 or not raw.isascii() or not raw.isalpha():  # ISO 4217
        raise ValueError(f"{raw!r} is no currency; one looks like USD")
    return raw.upper()


def _flag(raw: str) -> bool:
    if raw.casefold() in YES:
        return True
    if raw.casefold() in NO:
        return False
    raise ValueError(f"{raw!r} is neither yes nor no")


def _gtin(raw: str) -> str:
    digits = raw.replace("-", "").replace(" ", "")
    if not digits.isascii() or not digits.isdigit() or not 8 <= len(digits) <= 14:  # EAN-8 to GTIN-14
        raise ValueError(f"{raw!r} is no UPC, EAN, GTIN or ISBN; it has 8 to 14 digits")
    return digits


def _url(raw: str) -> str:
    if not raw.startswith(("https://", "http://")):
        raise ValueError(f"{raw!r} is no address of an image; one begins with https://")
    return raw


OF_PRODUCT: dict[str, Callable[[str], Any]] = {
    "title": _text(LONGEST_TITLE),
    "description": _text(100_000),
    "brand": _text(250),
    "visible": _flag,
    "taxable": _flag,
}
OF_VARIANT: dict[str, Callable[[str], Any]] = {
    "price": _amount,
    "currency": _currency,
    "sale_price": _amount,
    "msrp": _amount,
    "gtin": _gtin,
    "mpn": _text(250),
    "weight": to_weight,
    "dimensions": to_dimensions,
    "variant_image": _url,
    "tracked": _flag,
}
NAMES = {
    "brand": "brand",
    "title": "title",
    "description": "description",
    "visible": "is_visible",
    "taxable": "is_taxable",
    "gtin": "gtin",
    "mpn": "mpn",
    "weight": "weight",
    "dimensions": "dimensions",
    "variant_image": "image_url",
    "tracked": "is_stock_tracked",
}
"""Given field → attribute of the hub's record."""
CLEARED: dict[str, Any] = {"weight": None, "dimensions": None}


def applied(present: ChannelProduct | None, entry: ProductEntry, *, currency: str = "") -> ChannelProduct:
    """The product with what was given. Variants that are not given stay. Raises FaultyError with every fault.

    `currency` is that of prices given without one.
    """
    faults: list[Fault] = []
    values = _read(entry.values, OF_PRODUCT, faults)
    known = {variant.channel_sku: variant for variant in present.variants} if present else {}
    variants = dict(known)
    faults += _given_twice(entry.variants) + _unkeepable(entry)
    for given in entry.variants:
        made = _variant(known.get(ChannelSku(given.sku)), given, currency, faults)
        variants[ChannelSku(given.sku)] = made
    base = present or ChannelProduct(ChannelId(entry.key), "", ())
    product = replace(
        base,
        **{NAMES[name]: value for name, value in values.items()},
        variants=tuple(variants.values()),
        categories=base.categories if entry.categories is None else entry.categories,
        images=base.images if entry.images is None else _images(entry.images, faults),
    )
    faults += _whole(product)
    if faults:
        raise FaultyError(faults)
    return product


def _unkeepable(entry: ProductEntry) -> list[Fault]:
    """No database keeps the character 0 in every text."""
    lists = {"product": [entry.key], "categories": entry.categories or (), "images": entry.images or ()}
    texts = [(name, text) for name, some in lists.items() for text in some] + [*entry.values.items()]
    for given in entry.variants:
        texts += [("sku", given.sku), *given.values.items()]
        texts += [("options", option.name + option.value) for option in given.options or ()]
    named = dict.fromkeys(name for name, text in texts if "\0" in text)
    return [Fault(name, "has a character 0 in it; take it out") for name in named]


def _given_twice(variants: Sequence[VariantEntry]) -> list[Fault]:
    counts = Counter(given.sku for given in variants)
    return [
        Fault("sku", f"“{sku}” is given {count} times; leave one of them")
        for sku, count in counts.items()
        if count > 1
    ]


def _read(
    given: Mapping[str, str], readers: Mapping[str, Callable[[str], Any]], faults: list[Fault]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, raw in given.items():
        if name not in readers:
            faults.append(Fault(name, f"there is no such field; there are {', '.join(readers)}"))
        elif raw == CLEAR:
            values[name] = CLEARED.get(name, "")
        elif raw != "":
            try:
                values[name] = readers[name](raw)
            except ValueError as error:
                faults.append(Fault(name, str(error)))
    return values


def _variant(
    present: ChannelVariant | None, given: VariantEntry, currency: str, faults: list[Fault]
) -> ChannelVariant:
    if not given.sku.strip() or len(given.sku) > LONGEST_SKU:
        faults.append(Fault("sku", f"is needed, with at most {LONGEST_SKU} characters"))
    values = _read(given.values, OF_VARIANT, faults)
    base = present or ChannelVariant(ChannelId(given.sku), ChannelSku(given.sku))
    return replace(
        base,
        **{NAMES[name]: value for name, value in values.items() if name in NAMES},
        options=base.options if given.options is None else given.options,
        prices=_prices(base.prices, values, currency, faults),
    )


def _prices(
    present: Prices | None, values: Mapping[str, Any], default_currency: str, faults: list[Fault]
) -> Prices | None:
    before = present.current.currency if present else ""
    currency = values.get("currency") or before or default_currency
    amounts = {name: values.get(name) for name in ("price", "sale_price", "msrp") if name in values}
    if not amounts and (present is None or currency == before):
        return present
    if not currency:
        faults.append(Fault("currency", "is needed beside a price, such as USD"))
        return present
    kept = {
        "price": present.base or present.current if present else None,
        "sale_price": present.sale if present else None,
        "msrp": present.msrp if present else None,
    }
    whole = {name: money.amount if money else None for name, money in kept.items()} | amounts
    prices = {name: Money(amount, currency) for name, amount in whole.items() if isinstance(amount, Decimal)}
    base = prices.get("price")
    if base is None:
        faults.append(Fault("price", "is needed; a sale price or MSRP alone is none"))
        return present
    sale = prices.get("sale_price")
    if sale is not None and not sale.amount:
        faults.append(Fault("sale_price", f"0 would give it away; take it off with {CLEAR}"))
    elif sale is not None and sale.amount > base.amount:
        faults.append(Fault("sale_price", f"{sale} is more than the price, {base}"))
    return Prices(current=sale or base, base=base, sale=sale, msrp=prices.get("msrp"))


def _images(urls: Sequence[str], faults: list[Fault]) -> tuple[Image, ...]:
    for url in urls:
        try:
            _url(url)
        except ValueError as error:
            faults.append(Fault("images", str(error)))
    return tuple(Image(url, position) for position, url in enumerate(urls))


def _whole(product: ChannelProduct) -> list[Fault]:
    """What a product must have, whatever was given."""
    faults = []
    if not product.channel_id:
        faults.append(
            Fault("product", "is needed: your own name of the product, the same in all of its rows")
        )
    if not product.title.strip():
        faults.append(Fault("title", "is needed"))
    if not product.variants:
        faults.append(Fault("sku", "at least one variant is needed"))
    return faults + _option_faults(product.variants)


def _option_faults(variants: Sequence[ChannelVariant]) -> list[Fault]:
    """Several variants are told apart by the same options, each by another combination."""
    names = {tuple(option.name for option in variant.options) for variant in variants}
    if any(len(each) > MOST_OPTIONS for each in names):
        return [Fault("options", f"a product has at most {MOST_OPTIONS}")]
    if len(variants) > 1 and (len(names) > 1 or names == {()}):
        return [Fault("options", "all variants of a product have the same options, and at least one")]
    seen: dict[tuple[Option, ...], ChannelVariant] = {}
    for variant in variants:
        if any(not option.name or not option.value for option in variant.options):
            return [Fault("options", f"“{variant.channel_sku}” lacks the name or value of one")]
        if variant.options in seen:
            other = seen[variant.options].channel_sku
            return [Fault("options", f"“{variant.channel_sku}” has the same as “{other}”")]
        seen[variant.options] = variant
    return []
