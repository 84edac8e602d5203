"""The rows in which an incoming product is stored: itself, its variants, and their listings on the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crossdock.domain.catalog import ProductKind, Sku, Variant
from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelVariant
from crossdock.domain.matching import folded
from crossdock.operations.catalog.identity import Arrival, Coming
from crossdock.operations.task import Task
from crossdock.store.codec import fingerprint, pack, packed


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is kept of a page beside its products: when it was read, their fingerprints, and their digests as they came."""

    seen_at: datetime
    prints: Mapping[ChannelId, str]
    digests: Mapping[ChannelId, str]


def content_fingerprint(task: Task, product: ChannelProduct) -> str:
    """Of everything that decides what is stored of a product."""
    return fingerprint((product, sorted(task.rules.product_skus)))


def product_row(task: Task, arrival: Arrival, coming: Incoming, *, is_whole: bool) -> dict[str, Any]:
    """The row of a product; one that lacks variants for now is looked at again whenever it is read."""
    product = arrival.product
    body = {
        "description": product.description,
        "brand": product.brand,
        "categories": product.categories,
        "images": product.images,
        "is_visible": product.is_visible,
        "is_taxable": product.is_taxable,
        "required_modifiers": product.required_modifiers,
    }
    return {
        "id": arrival.id,
        "kind": kind_of(product.variants),
        "title": product.title,
        "body": pack(body),
        "source": task.integration,
        "channel_id": product.channel_id,
        "fingerprint": coming.prints[product.channel_id] if is_whole else "",
        "digest": coming.digests.get(product.channel_id, ""),
        "is_removed": False,
        "seen_at": coming.seen_at,
        "version": 1,
        "created_at": task.now,
        "updated_at": task.now,
    }


def kind_of(variants: tuple[ChannelVariant, ...]) -> ProductKind:
    return ProductKind.PARENT if any(variant.options for variant in variants) else ProductKind.SIMPLE


def variant_row(arrival: Arrival, coming: Coming, position: int) -> dict[str, Any]:
    variant = coming.variant
    kept = Variant(
        id=coming.id,
        sku=Sku(coming.sku),
        options=variant.options,
        prices=variant.prices,
        gtin=variant.gtin,
        mpn=variant.mpn,
        weight=variant.weight,
        dimensions=variant.dimensions,
        image_url=variant.image_url,
        is_stock_tracked=variant.is_stock_tracked,
        is_stock_shared=variant.is_stock_shared,
        is_purchasable=variant.is_purchasable,
    )
    return {
        "id": coming.id,
        "product_id": arrival.id,
        "sku": coming.sku,
        "folded_sku": folded(coming.sku),
        "position": position,
        "body": pack(kept),
        "is_stock_tracked": variant.is_stock_tracked,
        "is_stock_shared": variant.is_stock_shared,
        "is_purchasable": variant.is_purchasable and arrival.product.is_visible,
        "is_removed": False,
    }


def source_listing(task: Task, arrival: Arrival, coming: Coming, seen_at: datetime) -> dict[str, Any]:
    """On its own source a variant is linked by identity, whatever its SKU becomes."""
    product, variant = arrival.product, coming.variant
    body, print_of_it = packed(variant)
    return {
        "integration": task.integration,
        "channel_id": variant.channel_id,
        "product_channel_id": product.channel_id,
        "channel_sku": variant.channel_sku,
        "folded_sku": folded(variant.channel_sku),
        "title": product.title,
        "state": product.state,
        "body": body,
        "fingerprint": print_of_it,
        "variant_id": coming.id,
        "seen_at": seen_at,
    }
