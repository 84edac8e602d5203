"""Looks whether the store has a SKU already, so that nothing is created twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from crossdock.connectors.bigcommerce import payloads, payloads_product
from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.client import PRODUCTS_PAGE, Client
from crossdock.connectors.bigcommerce.mapping.edit import sku_of
from crossdock.connectors.bigcommerce.mapping.listing import folded
from crossdock.connectors.bigcommerce.reading import decoded, read_records
from crossdock.connectors.errors import AccessMissingError, RefusedError
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.sync import Change, Confirmed, Rejected

T = TypeVar("T")

# So that an address stays well below the length at which servers refuse it.
MOST_SKUS, MOST_LETTERS = 50, 1500
UNREADABLE_AGAIN_IN = timedelta(hours=1)


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
        self._notes: defaultdict[str, list[str]] = defaultdict(list)
        """By SKU: what could not be looked at for it since the last `find`."""

    def find(self, changes: Sequence[Change[Listable]]) -> dict[str, Answer]:
        """By key: the product to link with, why there can be none, or None where the store lists none of the SKUs.

        Variants that nobody counts can stay unseen here; the store refuses their SKUs as the product is created.
        """
        self._notes.clear()
        product_ids = self._products_of([sku for change in changes for sku in _skus(change)])
        holders, unreadable = self._holders_in(product_ids)
        return {change.key: self._judged(change, holders, unreadable) for change in changes}

    def find_variants(self, change: Change[Listable]) -> Answer:
        """The same for one product, after the store has said that a SKU of it is taken."""
        skus = _skus(change)
        product_ids = self._products_of(skus)
        for sku in skus:
            if product_ids:
                break
            listing = self._client.variants_with_sku(sku)
            variants = self._readable([sku], listing, payloads_product.FoundVariant)
            product_ids = {variant.product_id for variant in variants}
        holders, unreadable = self._holders_in(product_ids)
        return next((_unreadable(change, *one) for one in unreadable.items()), None) or _judged(
            change, holders
        )

    def notes_on(self, change: Change[Listable]) -> tuple[str, ...]:
        """Where its SKUs could not be looked for and why, and what was left out as it cannot be read."""
        return tuple(dict.fromkeys(note for sku in _skus(change) for note in self._notes.get(sku, ())))

    def again(self, product: payloads.Product) -> payloads.Product:
        """The product as it stands now; as it was where it cannot be read."""
        return self.read([product.id])[0].get(product.id, product)

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
            products = self._readable(some, listing, payloads_product.FoundProduct)
            found |= {product.id for product in products}
            if "," not in some[0]:
                found |= self._counted(some)
        return found

    def _counted(self, skus: Sequence[str]) -> set[int]:
        """Products by the stock of their variants; an account without inventory access does without."""
        try:
            listing = self._client.items_with_skus(skus)
        except (AccessMissingError, RefusedError) as error:
            self._note(skus, f"Its SKUs were looked for in the store's products, not in its stock: {error}")
            return set()
        items = self._readable(skus, listing, payloads.Item)
        return {item.identity.product_id for item in items if item.identity.product_id}

    def _readable(self, skus: Sequence[str], listing: Listing, kind: type[T]) -> tuple[T, ...]:
        """What the store found for these SKUs. Of a record that cannot be read nobody knows for which of them it is."""
        records, unreadable = read_records(listing.records, lambda raw: decoded(raw, kind))
        for one in unreadable:
            self._note(skus, f"A record that the store found for its SKUs cannot be read: {one.reason}")
        return records

    def _note(self, skus: Sequence[str], note: str) -> None:
        for sku in skus:
            self._notes[sku].append(note)

    def _holders_in(self, product_ids: set[int]) -> tuple[Holders, dict[str, str]]:
        """Who has which SKU, and why some of these products cannot be read."""
        found, unreadable = self.read(sorted(product_ids))
        holders: Holders = {}
        for product in found.values():
            for holder in _holders(product):
                holders.setdefault(folded(holder.sku), []).append(holder)
        return holders, unreadable

    def _judged(self, change: Change[Listable], holders: Holders, unreadable: Mapping[str, str]) -> Answer:
        """One that cannot be read must not pass for one that is not there: it is in the way of its own SKUs."""
        judged = _judged(change, holders)
        if unreadable and not isinstance(judged, Rejected):
            theirs = {str(number) for number in self._products_of(_skus(change))}
            number = next((number for number in unreadable if number in theirs), None)
            return judged if number is None else _unreadable(change, number, unreadable[number])
        return judged


def _skus(change: Change[Listable]) -> list[ChannelSku]:
    return [part.channel_sku for part in change.desired.variants]


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


def _unreadable(change: Change[Listable], number: str, reason: str) -> Rejected:
    return Rejected(
        change.key,
        f"Product {number} has a SKU of it on BigCommerce and cannot be read: {reason}",
        fix="Open that product in BigCommerce and save what the reason names; it is looked for again by itself.",
        again_in=UNREADABLE_AGAIN_IN,
    )


def _parent_sku(change: Change[Listable], holder: Holder) -> Rejected:
    return Rejected(
        change.key,
        f"The SKU {holder.sku} stands on product {holder.product_id} itself, which is sold by its options",
        fix="Move it to a variant of that product in BigCommerce, or take it off.",
    )
