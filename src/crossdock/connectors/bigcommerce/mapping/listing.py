"""What a product of the hub should look like in the store: its fields, its variants, and why it cannot be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crossdock.connectors.bigcommerce.mapping.product import StoreUnits
from crossdock.connectors.bigcommerce.mapping.units import from_length, from_weight
from crossdock.domain.catalog import Listable, ListableVariant
from crossdock.domain.channel import Prices
from crossdock.domain.money import Money

Json = dict[str, Any]
Amounts = Mapping[str, Decimal]

MOST_VARIANTS = 600
MOST_VALUES = 250
LONGEST_NAME = 250
LONGEST_SKU = 255
LONGEST_CODE = 14
PRICE_FIELDS = {"price": "price", "msrp": "retail_price", "sale_price": "sale_price"}
"""Our name of a price of the store → the platform's."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Style:
    """How this store's products are written. `price_map`: our name of its price → the hub's kind of price."""

    units: StoreUnits
    price_map: Mapping[str, str]
    inherits_prices: bool = False
    tax_class: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a product cannot be sent as it is."""

    reason: str
    fix: str


def has_options(listable: Listable) -> bool:
    return len(listable.variants) > 1 or bool(listable.variants[0].variant.options)


def choices_of(part: ListableVariant) -> dict[str, str]:
    """Option name → value, in the form in which the store compares them."""
    return {folded(option.name): folded(option.value) for option in part.variant.options}


def folded(text: str) -> str:
    return text.strip().casefold()


def fault_of(listable: Listable, style: Style) -> Fault | None:
    """What the store would refuse, found before anything is sent."""
    if len(listable.variants) > MOST_VARIANTS:
        return Fault(
            f"It has {len(listable.variants)} variants; BigCommerce takes {MOST_VARIANTS} a product",
            "Split the product in the catalog source.",
        )
    return _sku_fault(listable) or _option_fault(listable) or _price_fault(listable, style)


def _sku_fault(listable: Listable) -> Fault | None:
    counts = Counter(folded(part.channel_sku) for part in listable.variants)
    for part in listable.variants:
        if len(part.channel_sku) > LONGEST_SKU:
            reason = f"The SKU {part.channel_sku[:40]}… is longer than {LONGEST_SKU} characters"
            return Fault(reason, "Give it a shorter Channel SKU for BigCommerce.")
        if counts[folded(part.channel_sku)] > 1:
            return Fault(
                f"The SKU {part.channel_sku} differs from another one of the product by case or spaces only",
                "BigCommerce tells no such SKUs apart: change one, or give it a Channel SKU.",
            )
    return None


def _option_fault(listable: Listable) -> Fault | None:
    if len(listable.variants) == 1 and not listable.variants[0].variant.options:
        return None
    names = set(choices_of(listable.variants[0]))
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    for part in listable.variants:
        choices = choices_of(part)
        if set(choices) != names or not names or not all(choices.values()) or "" in choices:
            return Fault(
                f"The variant {part.channel_sku} does not have the same options as the others, each with a value",
                "Give every variant a value for each option in the catalog source.",
            )
        key = tuple(sorted(choices.items()))
        if (other := seen.setdefault(key, part.channel_sku)) != part.channel_sku:
            return Fault(
                f"The variants {other} and {part.channel_sku} have the same options",
                "Give them different option values in the catalog source.",
            )
    for name in sorted(names):
        if (count := len({choices_of(part)[name] for part in listable.variants})) > MOST_VALUES:
            reason = f"The option {name} has {count} values; BigCommerce takes {MOST_VALUES}"
            return Fault(reason, "Split the product in the catalog source.")
    return None


def _price_fault(listable: Listable, style: Style) -> Fault | None:
    for part in listable.variants:
        prices = part.variant.prices
        if prices is None:
            return Fault(f"{part.channel_sku} has no price", "Give it a price in the catalog source.")
        if prices.current.currency != style.units.currency:
            return Fault(
                f"{part.channel_sku} is priced in {prices.current.currency}, the store in {style.units.currency}",
                "Price it in the store's currency in the catalog source.",
            )
    return None


def prices_of(part: ListableVariant, style: Style) -> dict[str, Decimal]:
    """The platform's price fields; 0 unsets a sale or retail price. The mapping leaves out what the store keeps."""
    prices = part.variant.prices
    if prices is None:
        return {}
    return {
        field: _kind(prices, style.price_map[name], is_base=field == "price")
        for name, field in PRICE_FIELDS.items()
        if name in style.price_map
    }


def _kind(prices: Prices, kind: str, *, is_base: bool) -> Decimal:
    """A base price that is not told apart is the current one."""
    found: Money | None = getattr(prices, kind)
    if found is None and is_base:
        found = prices.base or prices.current
    return found.amount if found else _ZERO


def sizes_of(part: ListableVariant, units: StoreUnits) -> dict[str, Decimal]:
    """Weight and sides in the store's units, as far as they are known."""
    variant, sizes = part.variant, {}
    if variant.weight and units.weight:
        sizes["weight"] = from_weight(variant.weight, units.weight)
    if (box := variant.dimensions) and units.length:
        sides = {"depth": box.length, "width": box.width, "height": box.height}
        sizes |= {name: from_length(side, box.unit, units.length) for name, side in sides.items()}
    return sizes


def shared_amounts(parts: Sequence[ListableVariant], style: Style) -> dict[str, Decimal]:
    """What the product says for all its variants: the most frequent price and sizes, and what all agree in else."""
    found: dict[str, Decimal] = {}
    rows = [prices_of(part, style) for part in parts]
    for field in rows[0]:
        values = [row[field] for row in rows]
        if field == "price":
            found[field] = _most_frequent(values)
        else:
            # A variant cannot unset what its product sets, so only what holds for all stands there.
            found[field] = values[0] if len(set(values)) == 1 else _ZERO
    sizes = [sizes_of(part, style.units) for part in parts]
    for field in ("weight", "width", "height", "depth"):
        if known := [size[field] for size in sizes if field in size]:
            found[field] = _most_frequent(known)
    return found


def _most_frequent(values: Sequence[Decimal]) -> Decimal:
    return Counter(values).most_common(1)[0][0]


def own_amounts(part: ListableVariant, style: Style, of_product: Amounts) -> dict[str, Decimal | None]:
    """What a variant says itself; None follows its product."""
    prices = prices_of(part, style)
    found: dict[str, Decimal | None] = {}
    for field, value in prices.items():
        if value or field == "price":
            is_same = value == of_product.get(field, _ZERO)
            found[field] = None if is_same and style.inherits_prices else value
        elif field == "sale_price" and of_product.get(field):
            # Its product is on sale and it is not. A sale price of 0 could sell it for nothing.
            found[field] = prices.get("price", current_of(part))
        else:
            found[field] = None
    for field, value in sizes_of(part, style.units).items():
        found[field] = None if value == of_product.get(field, _ZERO) else value
    return found


def current_of(part: ListableVariant) -> Decimal:
    return part.variant.prices.current.amount if part.variant.prices else _ZERO


def code_of(part: ListableVariant) -> str:
    """UPC, EAN or GTIN; a longer one is none that the store takes."""
    return part.variant.gtin if len(part.variant.gtin) <= LONGEST_CODE else ""


def names_of(listable: Listable) -> tuple[str, str]:
    """The name to give, and the one to give where another product has it: names are unique in a store."""
    title, suffix = listable.product.title, f" ({listable.variants[0].variant.sku})"
    return title[:LONGEST_NAME], title[: LONGEST_NAME - len(suffix)] + suffix


def tracking_of(listable: Listable) -> str:
    variants = [part.variant for part in listable.variants]
    if not any(variant.is_stock_tracked for variant in variants):
        return "none"
    if not has_options(listable) or all(variant.is_stock_shared for variant in variants):
        return "product"
    return "variant"


def from_listable(listable: Listable, style: Style, *, name: str, categories: Sequence[int]) -> Json:
    """The body that creates it whole, options and variants included; images have calls of their own."""
    product = listable.product
    of_product = shared_amounts(listable.variants, style)
    price = of_product.get("price", current_of(listable.variants[0]))
    body: Json = {
        "name": name,
        "type": "physical",
        **{field: value for field, value in of_product.items() if value},
        "price": price,
        "weight": of_product.get("weight", _ZERO),
        "categories": list(categories),
        "inventory_tracking": tracking_of(listable),
        "is_visible": True,
    }
    if product.description:
        body["description"] = product.description
    if product.brand:
        body["brand_name"] = product.brand
    if not product.is_taxable and style.tax_class is not None:
        body["tax_class_id"] = style.tax_class
    if has_options(listable):
        whole = {**of_product, "price": price}
        body["variants"] = [_new_variant(part, style, whole) for part in listable.variants]
    else:
        body |= _identity(listable.variants[0])
        if not listable.variants[0].variant.is_purchasable:
            body["availability"] = "disabled"
    return body


def _identity(part: ListableVariant) -> Json:
    """SKU and codes, as far as there are any."""
    codes = {"upc": code_of(part), "gtin": code_of(part), "mpn": part.variant.mpn}
    return {"sku": part.channel_sku, **{name: code for name, code in codes.items() if code}}


def _new_variant(part: ListableVariant, style: Style, of_product: Amounts) -> Json:
    values = [
        {"option_display_name": option.name.strip(), "label": option.value.strip()}
        for option in part.variant.options
    ]
    return {**added_variant(part, style, of_product), "option_values": values}


def added_variant(part: ListableVariant, style: Style, of_product: Amounts) -> Json:
    """A variant without its option values, which a product that exists knows by number."""
    own = {name: value for name, value in own_amounts(part, style, of_product).items() if value is not None}
    body = {**_identity(part), **own}
    return body if part.variant.is_purchasable else {**body, "purchasing_disabled": True}
