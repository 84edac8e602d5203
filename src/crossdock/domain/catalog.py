"""The hub's own products: parents with variants, each variant with a unique master SKU."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from crossdock.domain.channel import (
    ChannelId,
    ChannelSku,
    Dimensions,
    Image,
    Option,
    Prices,
    Weight,
)

Sku = NewType("Sku", str)
"""A master SKU: unique in the hub, compared exactly."""


class ProductKind(StrEnum):
    SIMPLE = "simple"
    PARENT = "parent"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class Variant:
    """What is sold. A simple product has one, a parent one per combination of options (the child products)."""

    id: str
    sku: Sku
    options: tuple[Option, ...] = ()
    prices: Prices | None = None
    gtin: str = ""
    mpn: str = ""
    weight: Weight | None = None
    dimensions: Dimensions | None = None
    image_url: str = ""
    is_stock_tracked: bool = True
    is_stock_shared: bool = False
    is_purchasable: bool = True


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    kind: ProductKind
    title: str
    variants: tuple[Variant, ...]
    description: str = ""
    brand: str = ""
    categories: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    is_taxable: bool = True


@dataclass(frozen=True, slots=True)
class ListableVariant:
    """A variant as a push needs it: the hub's data, what the channel calls it, and how many it may offer."""

    variant: Variant
    channel_sku: ChannelSku
    channel_id: ChannelId | None = None
    quantities: tuple[tuple[ChannelId, int], ...] = ()
    """Units per location of the channel; empty where nothing is known of its stock."""


@dataclass(frozen=True, slots=True)
class Listable:
    """A product to bring onto a channel. `other_channel_ids` are variants the channel's product has beside ours.

    Of those, `withdrawn` were ours until they left the catalog, and are not to be sold any more.
    """

    product: Product
    variants: tuple[ListableVariant, ...]
    other_channel_ids: tuple[ChannelId, ...] = ()
    withdrawn: tuple[ChannelId, ...] = ()
