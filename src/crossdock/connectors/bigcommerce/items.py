"""Finds the stock records of variants in the fewest calls: by their ids, or page by page where those hold many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.client import ITEMS_PAGE, Client
from crossdock.connectors.bigcommerce.reading import decoded, read_records
from crossdock.connectors.bigcommerce.tracking import IDS_PER_CALL, Tracking
from crossdock.domain.channel import ChannelId

Found = tuple[ChannelId, payloads.Item]
"""A stock record and the variant that it is of."""


class Items:
    """Reads stock records anew whenever asked. What it remembers is only on which page each was last met.

    The list of a store has a thousand records a page, an address holds a hundred and fifty ids. So a page is
    read where it is known to hold more of what is wanted, or where the list has so few pages left that all of
    them cost less. Whatever moved to another page meanwhile is asked for by its id.
    """

    def __init__(self, client: Client, tracking: Tracking) -> None:
        self._client = client
        self._tracking = tracking
        self._page_of: dict[int, int] = {}
        self._next_page = 1
        self._pages: int | None = None

    def of_variants(self, numbers: Iterable[int]) -> Iterator[Found]:
        """Each record once; variants without one are missing."""
        left = set(numbers)
        yield from self._by_pages(left)
        yield from self._named(self._by_ids(self._client.items_of_variants, left))

    def of_products(self, numbers: Iterable[int]) -> Iterator[Found]:
        """The records of products that are counted as a whole."""
        yield from self._named(self._by_ids(self._client.items_of_products, numbers))

    def _by_pages(self, left: set[int]) -> Iterator[Found]:
        """`left` shrinks meanwhile by what is found."""
        if len(left) <= IDS_PER_CALL:
            return
        held = Counter(self._page_of[number] for number in left if number in self._page_of)
        for page in sorted(page for page, count in held.items() if count > IDS_PER_CALL):
            yield from self._on_page(page, left)
        while left and self._is_next_page_worth_it(left):
            page, before = self._next_page, len(left)
            yield from self._on_page(page, left)
            self._next_page = page + 1
            if before - len(left) <= IDS_PER_CALL and not self._is_rest_of_list_shorter(left):
                return

    def _is_next_page_worth_it(self, left: set[int]) -> bool:
        """Whether it may hold more of these than a call by ids would; what was met elsewhere is not there."""
        if self._pages is not None and self._next_page > self._pages:
            return False
        return sum(number not in self._page_of for number in left) > IDS_PER_CALL

    def _is_rest_of_list_shorter(self, left: set[int]) -> bool:
        return self._pages is not None and self._pages - self._next_page < ceil(len(left) / IDS_PER_CALL)

    def _on_page(self, page: int, left: set[int]) -> Iterator[Found]:
        """Those of the wanted on this page that have records of their own, which names them whatever we remember."""
        listing = self._client.items(page)
        self._pages = page
        if listing.records:
            self._pages = ceil((listing.total or 0) / (listing.per_page or ITEMS_PAGE)) or None
        own = [item for item in _items(listing) if item.identity.variant_id]
        self._page_of.update((item.identity.variant_id or 0, page) for item in own)
        wanted = [item for item in own if item.identity.variant_id in left]
        left.difference_update(item.identity.variant_id or 0 for item in wanted)
        yield from self._named(wanted)

    def _named(self, items: Iterable[payloads.Item]) -> Iterator[Found]:
        found = list(items)
        self._tracking.note(found)
        return zip(self._tracking.variant_ids(found), found, strict=True)

    def _by_ids(
        self, fetch: Callable[[Iterable[int]], Listing], numbers: Iterable[int]
    ) -> Iterator[payloads.Item]:
        ordered = sorted(numbers)
        for start in range(0, len(ordered), IDS_PER_CALL):
            yield from _items(fetch(ordered[start : start + IDS_PER_CALL]))


def _items(listing: Listing) -> Sequence[payloads.Item]:
    return read_records(listing.records, lambda raw: decoded(raw, payloads.Item))[0]
