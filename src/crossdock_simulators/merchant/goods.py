"""What a merchant has: plain, frozen records that name no platform."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SoldVariant:
    """`choices` are (option name, label); `stock` is one number per location, in their order."""

    sku: str
    choices: tuple[tuple[str, str], ...]
    price: Decimal | None
    upc: str
    stock: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """`tracking` is none, product or variant; a product without options has one variant without choices."""

    name: str
    sku: str
    brand: str
    category: str
    description: str
    price: Decimal
    sale_price: Decimal | None
    weight: Decimal
    size: tuple[Decimal, Decimal, Decimal]
    tracking: str
    images: tuple[str, ...]
    variants: tuple[SoldVariant, ...]


@dataclass(frozen=True, slots=True)
class Merchant:
    locations: tuple[str, ...]
    brands: tuple[str, ...]
    categories: tuple[str, ...]
    products: tuple[SoldProduct, ...]
