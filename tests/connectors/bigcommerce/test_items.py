"""Stock records are found in few calls, and always as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from crossdock.connectors.bigcommerce import items
from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.items import Items
from crossdock.connectors.bigcommerce.tracking import Tracking

PAGE, IDS = 20, 4


class Shelves:
    """A store's list of stock records in some order, which counts the calls."""

    def __init__(self, order: Iterable[int]) -> None:
        self.order = list(order)
        self.units = dict.fromkeys(self.order, 0)
        self.pages: list[int] = []
        self.by_ids: list[list[int]] = []

    def items(self, page: int) -> Listing:
        self.pages.append(page)
        return self._listing(self.order[(page - 1) * PAGE : page * PAGE])

    def items_of_variants(self, numbers: Iterable[int]) -> Listing:
        self.by_ids.append(sorted(numbers))
        assert len(self.by_ids[-1]) <= IDS
        return self._listing([one for one in self.by_ids[-1] if one in self.units])

    def _listing(self, numbers: list[int]) -> Listing:
        return Listing(
            [Raw(msgspec.json.encode(self._record(one))) for one in numbers], len(self.order), PAGE
        )

    def _record(self, number: int) -> dict[str, Any]:
        place = {"location_id": 1, "available_to_sell": self.units[number]}
        return {"identity": {"variant_id": number, "product_id": number}, "locations": [place]}

    @property
    def calls(self) -> int:
        return len(self.pages) + len(self.by_ids)


class NoNotes:
    """A memory that keeps nothing."""

    def get(self, *_: str) -> None: ...

    def put(self, *_: str) -> None: ...


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "IDS_PER_CALL", IDS)
    monkeypatch.setattr(items, "ITEMS_PAGE", PAGE)


def reader(store: Shelves) -> Items:
    return Items(store, Tracking(store, NoNotes()))  # type: ignore[arg-type]


def units(reading: Items, numbers: Iterable[int]) -> dict[int, int]:
    found = [(int(variant), item) for variant, item in reading.of_variants(numbers)]
    assert len(found) == len(dict(found)), "none twice"
    return {number: (item.locations or [])[0].available_to_sell or 0 for number, item in found}


def test_many_are_read_a_page_a_call_and_once_known_no_page_in_vain() -> None:
    store = Shelves(range(1, 101))
    reading = reader(store)
    for first in (1, 41, 81):
        wanted = range(first, min(first + 40, 101))
        assert units(reading, wanted) == dict.fromkeys(wanted, 0)
        assert units(reading, wanted) == dict.fromkeys(wanted, 0)

    assert store.pages == [1, 2, 1, 2, 3, 4, 3, 4, 5, 5]
    assert not store.by_ids


def test_few_are_read_by_their_ids() -> None:
    store = Shelves(range(1, 101))

    assert units(reader(store), [7, 50, 99, 1000]) == {7: 0, 50: 0, 99: 0}
    assert (store.pages, store.by_ids) == ([], [[7, 50, 99, 1000]])


def test_a_list_in_an_order_of_its_own_costs_one_call_more() -> None:
    store = Shelves(sorted(range(1, 401), key=lambda number: number % 20))

    assert units(reader(store), range(1, 17)).keys() == set(range(1, 17))
    assert len(store.pages) == 1
    assert len(store.by_ids) <= ceil(16 / IDS)


def test_what_moved_to_another_page_is_read_by_its_id_and_every_number_is_of_now() -> None:
    store = Shelves(range(1, 61))
    reading = reader(store)
    units(reading, range(1, 61))
    del store.order[:3]
    store.units = dict.fromkeys(store.order, 5)

    assert units(reading, range(1, 61)) == dict.fromkeys(range(4, 61), 5)


@given(
    order=st.permutations(range(1, 46)),
    wanted=st.lists(st.sets(st.integers(1, 50)), min_size=1, max_size=4),
    moves=st.lists(st.tuples(st.integers(0, 44), st.integers(0, 44)), max_size=8),
)
def test_whatever_the_order_and_its_changes_all_there_are_found_as_they_are(
    order: list[int], wanted: list[set[int]], moves: list[tuple[int, int]]
) -> None:
    store = Shelves(order)
    reading = reader(store)
    for turn, numbers in enumerate(wanted):
        store.units = dict.fromkeys(store.order, turn)
        before = store.calls
        assert units(reading, numbers) == dict.fromkeys(numbers & set(order), turn)
        assert store.calls - before <= ceil(len(numbers) / IDS) + 2
        for here, there in moves:
            store.order.insert(there, store.order.pop(here))
