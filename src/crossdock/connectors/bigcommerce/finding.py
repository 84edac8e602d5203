"""Looks whether the store has a SKU already, so that nothing is created twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from crossdock.connectors.bigcommerce import payloads, payloads_product
from crossdock.connectors.bigcommerce.client import PRODUCTS_PAGE, Client
from crossdock.connectors.bigcommerce.mapping.edit import sku_of
from crossdock.connectors.bigcommerce.mapping.listing import folded
from crossdock.connectors.bigcommerce.reading import decoded, read_records
from crossdock.connectors.errors import AccessMissingError, ProtocolError, RefusedError
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Rejected

# So that an address stays well below the length at which servers refuse it.
MOST_SKUS, MOST_LETTERS = 50, 1500


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a SKU; `variant_id` is None where a product with options has it, which cannot be sold by it."""

    sku: str
    product_id: int
    variant_id: int | None


Holders = dict[str, list[Holder]]
Answer = Confirmed | Rejected | None


class Finder:
    """SKUs are compared exactly, while the store tells none apart by case: so a near one is in the way."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def find(self, changes: Sequence[Change[Listable]]) -> dict[str, Answer]:
        """By key: the product to link with, why there can be none, or None where the store lists none of the SKUs.

        Variants that nobody counts can stay unseen here; the store refuses their SKUs as the product is created.
        """
        skus = [part.channel_sku for change in changes for part in change.desired.variants]
        holders = self._holders_in(self._products_of(skus))
        return {change.key: _judged(change, holders) for change in changes}

    def find_variants(self, change: Change[Listable]) -> Answer:
        """The same for one product, after the store has said that a SKU of it is taken."""
        skus = [part.channel_sku for part in change.desired.variants]
        product_ids = self._products_of(skus)
        for sku in skus:
            if product_ids:
                break
            listing = self._client.variants_with_sku(sku)
            variants = read_records(listing.records, lambda raw: decoded(raw, payloads_product.FoundVariant))[
                0
            ]
            product_ids = {variant.product_id for variant in variants}
        return _judged(change, self._holders_in(product_ids))

    def products(self, product_ids: Sequence[int]) -> dict[int, payloads.Product]:
        """Products as they stand. One that cannot be read must not pass for one that is gone."""
        found, unreadable = self.read(product_ids)
        for number, reason in unreadable.items():
            raise ProtocolError(f"Product {number} cannot be read: {reason}")
        return found

    def read(self, product_ids: Sequence[int]) -> tuple[dict[int, payloads.Product], dict[str, str]]:
        """Products as they stand, and by number why others cannot be read."""
        found: dict[int, payloads.Product] = {}
        reasons: dict[str, str] = {}
        for start in range(0, len(product_ids), PRODUCTS_PAGE):
            listing = self._client.products_with(product_ids[start : start + PRODUCTS_PAGE])
            products, unreadable = read_records(listing.records, lambda raw: decoded(raw, payloads.Product))
            reasons |= {one.channel_id: one.reason for one in unreadable}
            found |= {product.id: product for product in products}
        return found, reasons

    def _products_of(self, skus: Sequence[str]) -> set[int]:
        found: set[int] = set()
        for some in _batches(skus):
            listing = self._client.products_with_skus(some)
            products = read_records(listing.records, lambda raw: decoded(raw, payloads_product.FoundProduct))[
                0
            ]
            found |= {product.id for product in products}
            if "," not in some[0]:
                found |= self._counted(some)
        return found

    def _counted(self, skus: Sequence[str]) -> set[int]:
        """Products by the stock of their variants; an account without inventory access does without."""
        with suppress(AccessMissingError, RefusedError):
            listing = self._client.items_with_skus(skus)
            items = read_records(listing.records, lambda raw: decoded(raw, payloads.Item))[0]
            return {item.identity.product_id for item in items if item.identity.product_id}
        return set()

    def _holders_in(self, product_ids: set[int]) -> Holders:
        holders: Holders = {}
        for product in self.products(sorted(product_ids)).values():
            for holder in _holders(product):
                holders.setdefault(folded(holder.sku), []).append(holder)
        return holders


def _holders(product: payloads.Product) -> Iterator[Holder]:
    variants = product.variants or []
    for variant in variants:
        yield Holder(sku_of(product, variant), product.id, variant.id)
    if product.sku and all(variant.option_values for variant in variants):
        yield Holder(product.sku, product.id, None)


def _batches(skus: Sequence[str]) -> Iterator[list[str]]:
    """One with a comma goes alone, since a list would part it in two."""
    batch: list[str] = []
    for sku in skus:
        if "," in sku:
            yield [sku]
            continue
        if len(batch) == MOST_SKUS or sum(map(len, batch)) + len(sku) > MOST_LETTERS:
            yield batch
            batch = []
        batch = [*batch, sku]
    if batch:
        yield batch


def _judged(change: Change[Listable], holders: Holders) -> Answer:
    links: list[tuple[str, int]] = []
    product_ids: set[int] = set()
    for part in change.desired.variants:
        near = holders.get(folded(part.channel_sku), [])
        exact = [holder for holder in near if holder.sku == part.channel_sku]
        if near and not exact:
            return _near_miss(change, part.channel_sku, near[0])
        for holder in exact:
            if holder.variant_id is None:
                return _parent_sku(change, holder)
            links.append((part.variant.id, holder.variant_id))
            product_ids.add(holder.product_id)
    if len(product_ids) > 1:
        numbers = ", ".join(map(str, sorted(product_ids)))
        return Rejected(
            change.key,
            f"Several products on BigCommerce carry these SKUs: {numbers}",
            fix="Bring them together in one product there; two products are never merged.",
        )
    if not product_ids:
        return None
    product_id = ChannelId(str(product_ids.pop()))
    return Confirmed(change.key, product_id, links=tuple((key, ChannelId(str(n))) for key, n in links))


def _near_miss(change: Change[Listable], sku: str, holder: Holder) -> Rejected:
    return Rejected(
        change.key,
        f"Product {holder.product_id} on BigCommerce has the SKU {holder.sku!r}, which differs from {sku!r} "
        "by case or spaces only: the store takes no second one",
        fix="Make the two equal, or enter the store's as the Channel SKU of this product.",
    )


def _parent_sku(change: Change[Listable], holder: Holder) -> Rejected:
    return Rejected(
        change.key,
        f"The SKU {holder.sku} stands on product {holder.product_id} itself, which is sold by its options",
        fix="Move it to a variant of that product in BigCommerce, or take it off.",
    )
