"""By which record the stock of a variant is counted: its own, or its product's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import PRODUCTS_PAGE, Client
from crossdock.connectors.bigcommerce.mapping.stock import shared_id
from crossdock.connectors.bigcommerce.reading import decoded, read_records
from crossdock.connectors.contract import Memory
from crossdock.domain.channel import ChannelId

# As many ids as a query can hold and stay well below the length at which servers refuse an address.
IDS_PER_CALL = 150


class Known(msgspec.Struct):
    """What was asked for so far: how products are counted, and which product a variant belongs to."""

    products: dict[int, payloads.TrackedProduct] = msgspec.field(default_factory=dict)
    product_of: dict[int, int] = msgspec.field(default_factory=dict)


class Tracking:
    """Asks once for each product and remembers it as one note, so that a scan costs no call of its own for it."""

    def __init__(self, client: Client, memory: Memory) -> None:
        self._client = client
        self._memory = memory

    @cached_property
    def _known(self) -> Known:
        note = self._memory.get("tracking", "all")
        return msgspec.json.decode(note, type=Known) if note else Known()

    def _save(self) -> None:
        self._memory.put("tracking", "all", msgspec.json.encode(self._known).decode())

    def learn(self, products: Iterable[payloads.Product]) -> None:
        """Correct what we remember by what a pull of products shows."""
        seen = {
            product.id: payloads.TrackedProduct(
                product.id, product.inventory_tracking, product.base_variant_id
            )
            for product in products
            if product.id in self._known.products
        }
        if any(self._known.products[number] != product for number, product in seen.items()):
            self._known.products |= seen
            self._save()

    def forget(self, variant_ids: Iterable[int]) -> None:
        for variant_id in variant_ids:
            self._known.products.pop(self._known.product_of.pop(variant_id, 0), None)
        self._save()

    def note(self, items: Iterable[payloads.Item]) -> None:
        """Which product each variant belongs to, as its stock record says."""
        for item in items:
            if item.identity.variant_id and item.identity.product_id:
                self._known.product_of[item.identity.variant_id] = item.identity.product_id

    def modes(self, product_ids: set[int]) -> dict[int, payloads.TrackedProduct]:
        """How these products are counted now, whatever is remembered; those that are gone are missing."""
        for product_id in product_ids:
            self._known.products.pop(product_id, None)
        self._look_up(product_ids)
        return {number: self._known.products[number] for number in product_ids & self._known.products.keys()}

    def variant_ids(self, items: Sequence[payloads.Item]) -> list[ChannelId]:
        """The variant of each item; where only the product is named, its base variant or the id of shared stock."""
        nameless = {item.identity.product_id or 0 for item in items if not item.identity.variant_id}
        self._look_up(nameless - {0})
        return [self._variant_id(item.identity) for item in items]

    def _variant_id(self, identity: payloads.Identity) -> ChannelId:
        if identity.variant_id:
            return ChannelId(str(identity.variant_id))
        product = self._known.products.get(identity.product_id or 0)
        if product is not None and product.base_variant_id:
            return ChannelId(str(product.base_variant_id))
        return shared_id(identity.product_id or 0)

    def products_counted_for(self, variant_ids: set[int]) -> Mapping[int, int]:
        """The product's id for each of the variants whose stock is counted at their product."""
        known = self._known.product_of
        unknown = sorted(variant_ids - known.keys())
        for start in range(0, len(unknown), IDS_PER_CALL):
            listing = self._client.items_of_variants(unknown[start : start + IDS_PER_CALL])
            items, _ = read_records(listing.records, lambda raw: decoded(raw, payloads.Item))
            for item in items:
                if item.identity.variant_id and item.identity.product_id:
                    known[item.identity.variant_id] = item.identity.product_id
        if unknown:
            self._save()
        owners = {number: known[number] for number in variant_ids & known.keys()}
        self._look_up(set(owners.values()))
        return {number: owner for number, owner in owners.items() if self._is_counted_at_product(owner)}

    def _is_counted_at_product(self, product_id: int) -> bool:
        product = self._known.products.get(product_id)
        return product is not None and product.inventory_tracking == "product"

    def _look_up(self, product_ids: set[int]) -> None:
        unknown = sorted(product_ids - self._known.products.keys()) if product_ids else []
        step = min(IDS_PER_CALL, PRODUCTS_PAGE)
        for start in range(0, len(unknown), step):
            listing = self._client.tracked_products(unknown[start : start + step])
            found, _ = read_records(listing.records, lambda raw: decoded(raw, payloads.TrackedProduct))
            self._known.products |= {product.id: product for product in found}
        if unknown:
            self._save()
