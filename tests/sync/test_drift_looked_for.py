"""Looking for drift on both databases, at a channel that shows whatever a test has it show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from crossdock.connectors.contract import Connector, Rules
from crossdock.domain.channel import ChannelId, StockTarget
from crossdock.domain.drift import ShownStock
from crossdock.domain.sync import Cursor, Direction, Entity, FlowKey, Page
from crossdock.operations import drift, publishing
from crossdock.operations.publishing import State
from crossdock.store import tables
from crossdock.store.codec import fingerprint, pack
from crossdock.sync import lease as leases
from crossdock.sync import workers
from crossdock.sync.drift import pull_drift
from crossdock.sync.drift_rounds import PAGES_A_RUN, PAUSE_SECONDS, Rounds
from crossdock.sync.work import Desk, Work, position
from support.databases import KINDS, open_database
from support.flows import add_flow
from support.make import CIPHER, MAIN, SHOP, TRUTH, Bench, line, order, stock

FLOW = FlowKey(SHOP, Direction.PULL, Entity.DRIFT)
STOCK = Entity.INVENTORY
SKUS = {f"S{number:02d}": 5 for number in range(12)}


@pytest.fixture(scope="module", params=KINDS)
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Twelve SKUs with 5 units each, which the shop has answered for; looked at by nobody so far."""
    with open_database(request.param, tmp_path_factory.mktemp("hub")) as database:
        made = Bench(database)
        made.open_shop(**SKUS)
        with database.transaction() as tx:
            tx.execute(sa.update(tables.flow).values(is_on=tables.flow.c.entity == STOCK))
        add_flow(database, FLOW)
        add_flow(database, FlowKey(SHOP, Direction.PULL, Entity.LISTINGS), swept_at=made.now, cursor="old")
        workers.beat(database, "anna")
        yield made


@pytest.fixture(autouse=True)
def _settled(hub: Bench) -> None:
    hub.tick(3600)
    with hub.step(SHOP) as (tx, task):
        tx.execute(sa.delete(tables.drift))
        for sku in SKUS:
            settle(tx, task, hub, sku, 5)
        begun = {"cursor": Rounds.of(None, now=hub.tick()).as_cursor(), "first_began_at": task.now}
        tx.execute(
            sa.update(tables.flow).where(tables.flow.c.key == str(FLOW)).values(swept_at=task.now, **begun)
        )


def settle(tx: Any, task: Any, hub: Bench, sku: str, units: int) -> None:
    key, body = hub.variant_id(sku), ((MAIN, units),)
    marks = tx.scalar(sa.select(tables.publication.c.marks).where(tables.publication.c.record_id == key))
    publishing.settle(tx, task, STOCK, State(key, fingerprint(body), pack(body), marks or 0))


class Channel:
    """Shows units per SKU at its one warehouse, record by record; it has no orders of its own to read."""

    offers_read_at_once = 5

    def __init__(self, hub: Bench, **shown: int) -> None:
        self.hub = hub
        self.shown: dict[str, int | None] = {**SKUS, **shown}
        self.calls: list[int] = []
        self.toolbox = SimpleNamespace(facts={})
        self.meanwhile: Callable[[], None] = lambda: None

    def push_inventory(self, changes: Any) -> Any:  # noqa: ARG002
        raise AssertionError("Looking writes nothing")

    def read_offered(self, targets: Sequence[StockTarget]) -> Any:
        self.calls.append(len(targets))
        self.meanwhile()
        for target in targets:
            if (units := self.shown.get(target.channel_sku)) is not None:
                yield target.variant_id, ((ChannelId(MAIN), units),)


class Paged(Channel):
    """Shows all it has in pages of four."""

    pages = 0

    def shown_stock(self, since: Cursor | None) -> Iterator[Page[ShownStock]]:
        self.pages += 1
        first = int(since or 0)
        there = [(sku, units) for sku, units in sorted(self.shown.items()) if units is not None]
        rows = tuple(
            ShownStock(ChannelId(f"l-{sku}"), ((ChannelId(MAIN), units),))
            for sku, units in there[first : first + 4]
        )
        is_last = first + 4 >= len(there)
        yield Page(rows, Cursor(str(first + 4)), self.hub.now, completes_sweep=is_last)


def look(hub: Bench, channel: Channel, *, is_full: bool = False) -> Work:
    hub.tick()
    if is_full:
        with hub.database.serial() as tx:
            drift.ask(tx, FLOW, now=hub.now, is_full=True)
    lease = leases.begin(hub.database, FLOW, f"run-{hub.now.timestamp()}", "anna")
    assert lease is not None
    desk = Desk(hub.database, CIPHER, lambda: hub.now, lambda _: Rules())
    work = Work(desk, lease, cast(Connector, channel), Rules(), TRUTH)
    pull_drift(work)
    leases.finish(hub.database, lease, leases.Ended({}))
    return work


def found(hub: Bench) -> list[tuple[str, str, str, str]]:
    return [(r.sku, r.expected, r.shown, r.cause) for r in hub.rows(tables.drift, by=tables.drift.c.sku)]


def looked_at(hub: Bench) -> set[datetime | None]:
    return {row.looked_at for row in hub.rows(tables.publication, tables.publication.c.entity == STOCK)}


def test_each_look_takes_the_records_longest_not_looked_at(hub: Bench) -> None:
    channel = Channel(hub)

    sizes = []
    for _ in range(4):
        look(hub, channel)
        sizes.append(channel.calls[-1])

    assert sizes == [5, 5, 2, 5]
    assert found(hub) == []
    assert None not in looked_at(hub)


def test_a_round_by_pages_meets_every_record_and_asks_for_what_was_on_none(hub: Bench) -> None:
    channel = Paged(hub, S03=9)
    channel.shown["S07"] = None

    for _ in range(3):
        look(hub, channel)

    assert channel.pages == 3
    assert found(hub) == [("S03", "5", "9", "changed there"), ("S07", "5", "", "gone")]
    listings = position_of(hub, Entity.LISTINGS)
    assert listings.cursor is None
    assert hub.publication(hub.variant_id("S03")).is_dirty
    assert not hub.publication(hub.variant_id("S07")).is_dirty


def position_of(hub: Bench, entity: Entity) -> Any:
    with hub.database.reading() as tx:
        return position(tx, FlowKey(SHOP, Direction.PULL, entity))


def test_a_full_reading_goes_out_in_parts_and_is_remembered(hub: Bench) -> None:
    channel = Channel(hub)
    channel.offers_read_at_once = 2

    first = look(hub, channel, is_full=True)
    second = look(hub, channel)

    assert (len(channel.calls), first.retry_in, second.retry_in) == (PAGES_A_RUN + 1, PAUSE_SECONDS, None)
    at = position_of(hub, Entity.DRIFT)
    assert at.swept_at == hub.now - timedelta(seconds=1)
    assert not Rounds.of(at.cursor, now=hub.now).full


def test_a_full_reading_begins_at_night(hub: Bench) -> None:
    channel = Channel(hub)
    hub.now = hub.now.replace(hour=2) + timedelta(days=2)

    look(hub, channel)

    assert sum(channel.calls) == len(SKUS)


def test_what_is_marked_or_settled_meanwhile_is_no_drift(hub: Bench) -> None:
    channel = Channel(hub, S01=9, S02=9)
    with hub.step(SHOP) as (tx, _):
        publishing.mark(tx, SHOP, STOCK, [hub.variant_id("S01")])

    def settle_anew() -> None:
        with hub.step(SHOP) as (tx, task):
            settle(tx, task, hub, "S02", 9)

    channel.meanwhile = settle_anew
    look(hub, channel)

    assert found(hub) == []


def test_a_sale_that_came_in_meanwhile_explains_exactly_its_units(hub: Bench) -> None:
    channel = Channel(hub, S01=4, S02=2)
    sold: list[str] = []

    def sell() -> None:
        if not sold:
            sold.extend(hub.read_orders(order("o-1", line("S01", 1), line("S02", 1))))

    channel.meanwhile = sell
    look(hub, channel)

    assert found(hub) == [("S02", "5", "2", "sold meanwhile")]
    hub.read_stock(stock("S01", 5), stock("S02", 5))


def test_a_number_that_the_platform_no_longer_shows_wrong_closes_its_line(hub: Bench) -> None:
    channel = Channel(hub, S01=9)
    look(hub, channel, is_full=True)
    with hub.step(SHOP) as (tx, task):
        settle(tx, task, hub, "S01", 5)
    channel.shown["S01"] = 5

    look(hub, channel, is_full=True)

    [row] = hub.rows(tables.drift)
    assert row.repair == drift.SEEN_RIGHT


def test_the_first_run_of_all_only_begins(hub: Bench) -> None:
    channel = Channel(hub, S01=9)
    with hub.database.transaction() as tx:
        never = {"cursor": None, "first_began_at": None, "swept_at": None}
        tx.execute(sa.update(tables.flow).where(tables.flow.c.key == str(FLOW)).values(**never))

    look(hub, channel)

    assert channel.calls == []
    assert position_of(hub, Entity.DRIFT).first_began_at == hub.now
