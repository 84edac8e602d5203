"""The names of brands and categories, asked for once each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.client import NAMES_PAGE, Client
from crossdock.connectors.bigcommerce.mapping.product import Names
from crossdock.connectors.bigcommerce.reading import decoded, read_records
from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import AccessMissingError, RefusedError

Named = TypeVar("Named", payloads.Brand, payloads.Category)

# The platform nests categories a few levels deep; a loop in what it says ends here.
DEEPEST = 12
# Stands for a record that is gone, so that it is not asked for again.
_GONE = payloads.Category(0, "")


class NameBook:
    """Remembers in the instance and in the hub's memory, so that a quiet pull costs no call for names."""

    def __init__(self, client: Client, memory: Memory) -> None:
        self._client = client
        self._memory = memory
        self._is_fresh = False
        self._brands: dict[int, str] = {}
        self._categories: dict[int, payloads.Category] = {}

    def renew(self) -> None:
        """Forget everything: a full sweep asks anew, because names can be changed."""
        self._is_fresh = True
        self._brands.clear()
        self._categories.clear()

    def names_for(self, products: Sequence[payloads.Product | payloads.NamedProduct]) -> Names:
        category_ids = {number for product in products for number in product.categories or ()}
        return Names(brands=self.brands_of(products), categories=self.category_paths(category_ids))

    def brands_of(self, products: Iterable[payloads.Product | payloads.NamedProduct]) -> Mapping[int, str]:
        """Names of these products' brands, by number."""
        self._learn_brands({product.brand_id for product in products if product.brand_id})
        return self._brands

    def category_paths(self, numbers: set[int]) -> dict[int, str]:
        """Names from the root on, by number."""
        self._learn_categories(numbers)
        return {number: self._path(number) for number in numbers}

    def _learn_brands(self, brand_ids: set[int]) -> None:
        for number in brand_ids - self._brands.keys():
            if (name := self._remembered("brand", number)) is not None:
                self._brands[number] = name
        for some in _chunks(brand_ids - self._brands.keys()):
            answer = _read(self._client.brands, some, payloads.Brand)
            found = {brand.id: brand.name or "" for brand in answer or ()}
            for number in some:
                self._brands[number] = found.get(number, "")
                if answer is not None:
                    self._memory.put("brand", str(number), self._brands[number])

    def _learn_categories(self, category_ids: set[int]) -> None:
        """A category's path needs its parents, so each round asks for the parents of the one before."""
        wanted = category_ids
        for _ in range(DEEPEST):
            for number in wanted - self._categories.keys():
                if (text := self._remembered("category", number)) is not None:
                    self._categories[number] = msgspec.json.decode(text, type=payloads.Category)
            self._fetch_categories(wanted - self._categories.keys())
            wanted = {self._categories[number].parent_id or 0 for number in wanted} - {0}
            if not wanted:
                return

    def _fetch_categories(self, category_ids: set[int]) -> None:
        for some in _chunks(category_ids):
            answer = _read(self._client.categories, some, payloads.Category)
            found = {category.category_id: category for category in answer or ()}
            for number in some:
                self._categories[number] = found.get(number, _GONE)
                text = msgspec.json.encode(self._categories[number]).decode()
                if answer is not None:
                    self._memory.put("category", str(number), text)

    def _remembered(self, kind: str, number: int) -> str | None:
        return None if self._is_fresh else self._memory.get(kind, str(number))

    def _path(self, number: int) -> str:
        """Names from root to leaf."""
        names: list[str] = []
        for _ in range(DEEPEST):
            category = self._categories.get(number, _GONE)
            names.insert(0, category.name or "")
            if not category.parent_id:
                break
            number = category.parent_id
        return " / ".join(name for name in names if name)


def _chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(numbers)
    for start in range(0, len(ordered), NAMES_PAGE):
        yield ordered[start : start + NAMES_PAGE]


def _read(
    ask: Callable[[list[int]], Listing], numbers: list[int], kind: type[Named]
) -> tuple[Named, ...] | None:
    """Names that cannot be read, or that the store refuses to tell (None), stay empty: they must not keep a product out."""
    try:
        listing = ask(numbers)
    except (AccessMissingError, RefusedError):
        return None
    return read_records(listing.records, lambda raw: decoded(raw, kind))[0]
