"""An event of stock has just what it names read, over real HTTP; whatever it leaves open, the whole list tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from crossdock.connectors.bigcommerce import stock as store_stock
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import integrations
from crossdock.store import tables, wishes
from crossdock.sync import lease as leases
from crossdock_simulators.kit import Fault
from journeys.test_stock import live
from support.world import STORE, World

STOCK = FlowKey(STORE, Direction.PULL, Entity.INVENTORY)
ITEMS = r"/inventory/items$"


@dataclass
class Told:
    """A merchant whose store tells of its stock, with nothing to be done."""

    world: World
    since: int = 0

    def count(self, sku: str, units: int) -> str:
        """The merchant counts a SKU; answers what an event calls it."""
        self.world.act(f"{self.world.store_address}/_sim/stock", {"sku": sku, "quantity": units})
        self.since = self.world.store.journal.last_number
        return self.names()[sku]

    def names(self, tracking: str = "") -> dict[str, str]:
        """What events call each SKU that is counted, or those that are counted by "variant" or by "product"."""
        store, found = self.world.store.store, dict[str, str]()
        for product in store.products.values():
            if product.tracking == "product" and tracking != "variant":
                found[product.sku] = f"{product.id}/"
            if product.tracking == "variant" and tracking != "product":
                variants = [store.variants[number] for number in product.variants]
                found |= {variant.sku: f"{product.id}/{variant.id}" for variant in variants}
        return found

    def skus(self) -> list[str]:
        return list(self.names("variant"))

    def hint(self, *names: str) -> None:
        leases.want(self.world.database, STOCK, names, is_hint=True)

    def read(self) -> str:
        return self.world.run(STOCK)

    def asked(self) -> list[str]:
        """How the store's stock was asked for since the last count: "page", "variant_id:in" or "product_id:in"."""
        entries = self.world.store.journal.entries(self.since)
        queries = [parse_qs(entry.query) for entry in entries if entry.path.endswith("/inventory/items")]
        return [next(name for name in query if name != "limit") for query in queries]

    def known(self, sku: str) -> int:
        """Units on hand, as the hub knows them."""
        (variant,) = self.world.rows(tables.variant, tables.variant.c.sku == sku)
        return sum(
            row.on_hand for row in self.world.rows(tables.level, tables.level.c.variant_id == variant.id)
        )

    def is_right(self, sku: str) -> bool:
        return self.known(sku) == self.world.store_stock()[sku]


@pytest.fixture
def told(small_world: World) -> Told:
    """The whole list was read just now: the world itself may be a copy of one that was made a while ago."""
    made = Told(live(small_world))
    everything(made)
    assert made.read() == ""
    return made


@pytest.mark.parametrize("tracking", ["variant", "product"])
def test_one_call_reads_what_the_events_of_a_change_name(told: Told, tracking: str) -> None:
    sku, other, *_ = told.names(tracking)
    told.count(other, 555)
    name = told.count(sku, 441)
    product = told.world.store.store.products[int(name.partition("/")[0])]
    told.hint(name)
    told.hint(name if tracking == "variant" else f"{product.id}/{product.variants[0]}")

    assert told.read() == ""

    assert told.asked() == [f"{tracking}_id:in"]
    assert told.is_right(sku)
    assert not told.is_right(other)
    assert told.world.rows(tables.memory, tables.memory.c.kind.startswith("wished:")) == []


def test_a_run_that_fails_leaves_the_names_to_the_next(told: Told) -> None:
    sku = told.skus()[0]
    told.hint(told.count(sku, 441))
    told.world.store.faults.add(Fault("error", path=ITEMS))

    assert told.read() != ""
    assert told.read() == ""

    assert told.asked() == ["variant_id:in", "variant_id:in"]
    assert told.is_right(sku)


def test_a_run_that_is_killed_before_it_has_said_so_is_repeated(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku = told.skus()[0]
    told.hint(told.count(sku, 441))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(wishes, "answered", killed)
        with pytest.raises(KeyboardInterrupt):
            told.read()
    told.world.act(f"{told.world.store_address}/_sim/stock", {"sku": sku, "quantity": 339})

    with told.world.database.transaction() as tx:
        integrations.fence_all(tx)
    assert told.read() == ""
    assert told.asked() == ["variant_id:in", "variant_id:in"]
    assert told.is_right(sku)


def test_late_events_change_nothing_and_repeat_no_number(told: Told) -> None:
    sku = told.skus()[0]
    name = told.count(sku, 441)
    told.count(sku, 440)
    told.hint(name)
    told.read()
    movements = len(told.world.rows(tables.movement))

    told.hint(name)
    assert told.read() == ""

    assert told.is_right(sku)
    assert len(told.world.rows(tables.movement)) == movements


def everything(told: Told, _: str = "") -> None:
    leases.want(told.world.database, STOCK, is_hint=True)


def too_many(told: Told, name: str) -> None:
    told.hint(name, *(f"{number}/" for number in range(wishes.MOST_NAMED)))


def unknown(told: Told, name: str) -> None:
    told.hint(name, "999999/888888")


def long_ago(told: Told, name: str) -> None:
    told.hint(name)
    with told.world.database.transaction() as tx:
        at = told.world.hub.clock() - timedelta(seconds=60)
        tx.execute(tables.flow.update().where(tables.flow.c.key == str(STOCK)).values(read_until=at))


def forced(told: Told, name: str) -> None:
    told.world.hub.resync(STORE, Direction.PULL, Entity.INVENTORY)
    told.hint(name)


def connected_anew(told: Told, name: str) -> None:
    with told.world.database.transaction() as tx:
        integrations.make_due(tx, STORE)
    told.hint(name)


@pytest.mark.parametrize("how", [everything, too_many, unknown, long_ago, forced, connected_anew])
def test_the_whole_list_is_read_where_names_do_not_tell_all(
    told: Told, how: Callable[[Told, str], None]
) -> None:
    sku, other, *_ = told.skus()
    told.count(other, 117)
    how(told, told.count(sku, 441))

    assert told.read() == ""

    assert [one for one in told.asked() if one == "page"] == ["page"]
    assert told.is_right(sku)
    assert told.is_right(other)
    assert told.world.rows(tables.memory, tables.memory.c.kind.startswith("wished:")) == []


def test_an_answer_that_may_have_been_cut_is_not_believed(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_stock, "ITEMS_PAGE", 1)
    sku = told.skus()[0]
    told.hint(told.count(sku, 441))

    assert told.read() == ""

    assert told.asked() == ["variant_id:in", "page"]
    assert told.is_right(sku)


def test_events_do_not_put_the_poll_off(told: Told) -> None:
    (before,) = told.world.rows(tables.flow, tables.flow.c.key == str(STOCK))
    told.hint(told.count(told.skus()[0], 441))
    told.read()

    (after,) = told.world.rows(tables.flow, tables.flow.c.key == str(STOCK))
    assert after.read_until == before.read_until
    every = timedelta(seconds=after.every_seconds)
    assert after.due_at == pytest.approx((before.read_until + every).timestamp(), abs=2)


def test_a_list_that_was_half_read_before_the_event_does_not_answer_it(told: Told) -> None:
    with told.world.database.transaction() as tx:
        began = told.world.hub.clock()
        values = {"sweep_began_at": began}
        tx.execute(tables.flow.update().where(tables.flow.c.key == str(STOCK)).values(values))
    sku = told.skus()[0]
    told.hint(told.count(sku, 441))

    assert told.read() == ""
    assert told.asked() == ["page"]
    assert STOCK in leases.due(told.world.database)
    assert told.read() == ""
    assert told.asked() == ["page", "variant_id:in"]
