"""The rows in which an incoming product is stored: itself, its variants, and their listings on the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from msgspec import Raw

from crossdock.domain.catalog import ProductKind
from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelVariant
from crossdock.domain.matching import folded
from crossdock.operations.catalog.identity import Arrival, Coming
from crossdock.operations.task import Task
from crossdock.store.codec import fingerprint, pack, raw, text_of

Offers = Mapping[ChannelId, Mapping[ChannelId, Raw]]
"""The JSON of variants as their channel offers them, by product and variant."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is kept of a page beside its products: when it was read, their fingerprints, and their digests as they came."""

    seen_at: datetime
    prints: Mapping[ChannelId, str]
    digests: Mapping[ChannelId, str]
    offers: Offers


def offers_of(products: Iterable[ChannelProduct]) -> Offers:
    """Each variant in JSON once, for the fingerprint of its product, its own row and its listing."""
    return {p.channel_id: {v.channel_id: raw(v) for v in p.variants} for p in products}


def content_fingerprint(task: Task, product: ChannelProduct, offers: Offers) -> str:
    """Of everything that decides what is stored of a product."""
    variants: Any = tuple(offers[product.channel_id].values())
    return fingerprint((replace(product, variants=variants), sorted(task.rules.product_skus)))


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


def variant_row(arrival: Arrival, coming: Coming, position: int, offer: Raw) -> dict[str, Any]:
    """`offer` is the variant's JSON, as its channel offers it."""
    variant = coming.variant
    return {
        "id": coming.id,
        "product_id": arrival.id,
        "sku": coming.sku,
        "folded_sku": folded(coming.sku),
        "position": position,
        "body": _variant_body(coming, text_of(offer)),
        "is_stock_tracked": variant.is_stock_tracked,
        "is_stock_shared": variant.is_stock_shared,
        "is_purchasable": variant.is_purchasable and arrival.product.is_visible,
        "is_removed": False,
    }


def _variant_body(coming: Coming, offer: str) -> str:
    """The JSON of the hub's `Variant`: the offer under other names, and without its channel's warehouses.

    What lies between is the same to the letter. No text of the offer looks like the two places: in it quotes are escaped.
    """
    begins, ends = offer.index(',"options":'), offer.rindex(',"warehouse_ids":')
    return f'{{"id":{pack(coming.id)},"sku":{pack(coming.sku)}{offer[begins:ends]}}}'


def source_listing(task: Task, arrival: Arrival, coming: Coming, incoming: Incoming) -> dict[str, Any]:
    """On its own source a variant is linked by identity, whatever its SKU becomes."""
    product, variant = arrival.product, coming.variant
    offer = incoming.offers[product.channel_id][variant.channel_id]
    return {
        "integration": task.integration,
        "channel_id": variant.channel_id,
        "product_channel_id": product.channel_id,
        "channel_sku": variant.channel_sku,
        "folded_sku": folded(variant.channel_sku),
        "title": product.title,
        "state": product.state,
        "body": text_of(offer),
        "fingerprint": fingerprint(offer),
        "variant_id": coming.id,
        "seen_at": incoming.seen_at,
    }
