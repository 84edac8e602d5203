"""Tells products that are to the letter what the hub took in before from those that have to be mapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from msgspec import Raw

from crossdock import __version__
from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping.product import Names, StoreUnits
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Digests, nothing_taken_in


@dataclass(frozen=True, slots=True)
class Met:
    """The products of a page, by whether anything about them is new."""

    same: tuple[ChannelId, ...]
    changed: Sequence[Raw]
    digests: Mapping[ChannelId, str]


class ProductDigests:
    """`taken_in` says by what digests the hub knows products; `settings` is all that was set of the store."""

    def __init__(self, taken_in: Digests = nothing_taken_in, settings: str = "") -> None:
        self._taken_in = taken_in
        self._settings = settings

    def compare(
        self, page: Sequence[tuple[Raw, payloads.NamedProduct]], names: Names, units: StoreUnits
    ) -> Met:
        """A digest is of all that decides what becomes of a product: itself, what it only numbers, settings, this code."""
        common = blake2b(f"{__version__} {self._settings} {units}".encode(), digest_size=12)
        digests: dict[ChannelId, str] = {}
        for raw, product in page:
            one = common.copy()
            one.update(_named(product, names).encode())
            one.update(memoryview(raw))
            digests[_id(product)] = one.hexdigest()
        known = self._taken_in(digests)
        same = {key for key, digest in digests.items() if known.get(key) == digest}
        return Met(tuple(same), [raw for raw, product in page if _id(product) not in same], digests)


def _id(product: payloads.NamedProduct) -> ChannelId:
    return ChannelId(str(product.id))


def _named(product: payloads.NamedProduct, names: Names) -> str:
    return "\n".join(
        [
            names.brands.get(product.brand_id or 0, ""),
            *(names.categories.get(number, "") for number in product.categories or ()),
        ]
    )
