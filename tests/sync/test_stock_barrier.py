"""Numbers on their way to a channel that goes on selling: nothing that was sold is put back, nobody waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.domain.channel import ChannelId, ChannelSku, StockTarget
from crossdock.domain.sync import Change
from crossdock.operations.publishing import State
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from crossdock.store.database import Database
from crossdock.sync import workers
from crossdock.sync.push_inventory import _turns
from crossdock.sync.stock_barrier import is_lowered, is_raise
from crossdock.sync.stock_cases import Target
from operations.own_bench import MAIN, add, change
from support.databases import KINDS, open_database
from support.flows import empty_engine_tables
from support.make import SHOP, STORE, Bench, empty, listing, product
from support.make import location as place
from support.till import SKU, Course, Till, open_flows


@pytest.fixture(scope="module", params=KINDS)
def one_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("barrier")
    with open_database(request.param, folder) as database:
        yield database


@pytest.fixture
def tills(one_database: Database) -> dict[str, Till]:
    """Two channels that show the ten units which lie on the hub's shelf."""
    empty_engine_tables(one_database)
    empty(one_database)
    hub = Bench(one_database, truth=SourcesOfTruth(catalog=STORE, inventory=HUB))
    workers.beat(one_database, "anna")
    open_flows(hub, STORE, SHOP)
    for name in (STORE, SHOP):
        hub.read_locations(place(is_default=True), of=name)
    hub.read_products(product(SKU))
    hub.read_listings(listing(SKU))
    add(hub, OwnLocation(MAIN, "M"))
    change(hub, SKU, on_hand=10)
    made = {STORE: Till(hub, STORE, f"v-{SKU}"), SHOP: Till(hub, SHOP, f"l-{SKU}")}
    for till in made.values():
        till.push()
        till.told.clear()
    return made


def sell_there(till: Till, units: int) -> None:
    till.sell(units)
    till.pull()


def test_what_is_read_of_another_channel_meanwhile_is_in_the_number_that_leaves(
    tills: dict[str, Till],
) -> None:
    shop, store = tills[SHOP], tills[STORE]
    shop.sell(1)
    shop.pull()

    shop.push(Course({"after the look": lambda: sell_there(store, 2)}))

    assert (shop.shown, shop.told) == (7, [7])


def test_what_a_channel_sold_before_the_look_is_read_before_more_is_put_up_there(
    tills: dict[str, Till],
) -> None:
    shop, hub = tills[SHOP], tills[SHOP].bench
    shop.sell(1)
    shop.pull()
    change(hub, SKU, on_hand=12)

    shop.push(Course({"before the look": lambda: shop.sell(3)}))

    assert (shop.shown, shop.told) == (8, [8])


def test_units_sold_while_a_number_is_on_its_way_are_taken_off_it_afterwards(tills: dict[str, Till]) -> None:
    shop, store = tills[SHOP], tills[STORE]
    store.sell(2)
    store.pull()

    shop.push(Course({"at the write": lambda: shop.sell(3)}))
    assert shop.shown == 8
    shop.pull()
    shop.push()

    assert (shop.shown, shop.told[-1]) == (5, 5)


def test_a_channel_that_sells_at_each_look_is_not_taken_for_one_that_keeps_another_number(
    tills: dict[str, Till],
) -> None:
    shop, store = tills[SHOP], tills[STORE]
    for _ in range(4):
        sell_there(store, 1)
        shop.push(Course({"after the write": lambda: shop.sell(1)}))

    assert shop.bench.cases("silent_refusal") == []
    assert {row.attempts for row in shop.bench.rows(tables.publication)} == {0}
    for _ in range(2):
        shop.push()
    assert shop.shown == 10 - shop.net - store.net


def test_a_number_that_something_happened_to_is_not_waited_for(tills: dict[str, Till]) -> None:
    shop, store = tills[SHOP], tills[STORE]
    sell_there(store, 1)
    shop.slept.clear()

    shop.push(Course({"after the write": lambda: (sell_there(store, 1), sell_there(shop, 1))}))

    assert shop.slept == []
    assert shop.shown == 7


def test_a_number_that_lands_late_is_not_mistaken_for_one_that_is_right_already(
    tills: dict[str, Till],
) -> None:
    """It shows ten, is told of nine, and is to show ten again before nine has landed."""
    shop, store = tills[SHOP], tills[STORE]
    sell_there(store, 1)

    def given_back() -> None:
        store.cancel(0, 1)
        store.pull()

    shop.push(Course({"after the write": given_back}, answers=["late"]))
    shop.push()

    assert (shop.shown, shop.told) == (10, [9, 10])


@pytest.mark.parametrize(
    ("shown", "wanted", "raised", "lowered"),
    [
        ({"1": 5}, {"1": 4}, False, True),
        ({"1": 5}, {"1": 6}, True, False),
        ({"1": 5}, {"1": 5}, False, False),
        ({"1": 5, "2": 3}, {"1": 4, "2": 4}, True, False),
        ({"1": 5, "2": 3}, {"1": 4, "2": 3}, False, True),
        (None, {"1": 4}, False, False),
    ],
)
def test_more_anywhere_is_a_raise_and_less_only_is_lowered(
    shown: dict[str, int] | None, wanted: dict[str, int], raised: bool, lowered: bool
) -> None:
    before = None if shown is None else [(ChannelId(key), units) for key, units in shown.items()]
    after = [(ChannelId(key), units) for key, units in wanted.items()]

    assert (is_raise(before, after), is_lowered(before, after)) == (raised, lowered)


def test_numbers_leave_in_turns_that_keep_a_product_together() -> None:
    def target(key: str) -> Target:
        desired = StockTarget(ChannelId(key[0]), ChannelId(key), ChannelSku(key), ())
        return Target(
            Change(key, desired), State(key, "", "", 0), must_look=False, attempts=0, is_off_sale=False
        )

    turns = _turns([target(key) for key in ("b1", "a1", "c1", "a2", "a3")], 2)

    assert [[each.change.key for each in turn] for turn in turns] == [["a1", "a2", "a3"], ["b1", "c1"]]
