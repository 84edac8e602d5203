"""What keeps incoming products or some of their variants out of the hub, said as exception cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.domain.channel import ChannelProduct
from crossdock.operations.catalog.identity import Arrival, Coming, Undecided
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.task import Task


@dataclass(frozen=True, slots=True)
class Owner:
    """Who already has a SKU in the hub."""

    variant_id: str
    title: str


def keys_of(task: Task, channel_id: str) -> set[str]:
    """The keys of all cases that a product of the source can have here."""
    return {
        f"{kind}:{task.integration}:{channel_id}" for kind in ("sku-missing", "sku-taken", "product-spread")
    }


def missing_skus(task: Task, arrival: Arrival) -> list[Case]:
    product = arrival.product
    without = [v for v in product.variants if not v.channel_sku]
    if not without:
        return []
    named = ", ".join("/".join(o.value for o in v.options) or f"variant {v.channel_id}" for v in without)
    return [
        Case(
            key=f"sku-missing:{task.integration}:{product.channel_id}",
            kind="sku_missing",
            subject=Subject.PRODUCT,
            subject_id=arrival.id,
            cause=f"{_named(product)} has no SKU on: {named}; these are skipped",
            fix=f"Give each of them a SKU in {task.integration}",
            evidence={"variants": [v.channel_id for v in without]},
        )
    ]


def clashes(task: Task, arrival: Arrival, found: Sequence[tuple[Coming, Owner]]) -> list[Case]:
    if not found:
        return []
    named = ", ".join(f"“{one.sku}” (taken by “{owner.title}”)" for one, owner in found)
    return [
        Case(
            key=f"sku-taken:{task.integration}:{arrival.product.channel_id}",
            kind="sku_duplicate",
            subject=Subject.PRODUCT,
            subject_id=arrival.id,
            cause=f"{_named(arrival.product)} uses SKUs of another product: {named}; not merged",
            fix=f"Make each SKU unique in {task.integration}",
            evidence={"skus": [one.sku for one, _ in found]},
        )
    ]


def spread(task: Task, found: Undecided) -> list[Case]:
    """A product of the new source whose variants are several products of the one before."""
    if not found.identity.spread:
        return []
    places = sorted({(one.title, one.source) for one in found.identity.spread})
    named = ", ".join(f"“{title}” (from {source})" for title, source in places)
    skus = sorted({one.sku for one in found.identity.spread})
    return [
        Case(
            key=f"product-spread:{task.integration}:{found.product.channel_id}",
            kind="product_spread",
            subject=Subject.LISTING,
            subject_id=found.product.channel_id,
            cause=f"The SKUs of {_named(found.product)} in {task.integration} belong to several products of the hub: "
            f"{named}; these are not merged, and stay as they are: {', '.join(skus)}",
            fix=f"Divide the product in {task.integration} as the hub has it, or give its variants other SKUs",
            evidence={"skus": skus, "products": sorted({one.product_id for one in found.identity.spread})},
        )
    ]


def _named(product: ChannelProduct) -> str:
    return f"“{product.title}” (product {product.channel_id})"
