"""Many orders at once: numbers that never collide, walks that end, and statements that do not grow with each order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from crossdock.connectors.contract import Connector, Rules
from crossdock.domain.filters import Filters
from crossdock.domain.order import OrderStatus
from crossdock.domain.routing import Card, Destination
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.orders import order_life, reviewing, sending
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import leaving, requests
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.database import Database
from crossdock.sync import lease as leases
from crossdock.sync import routing, workers
from crossdock.sync.work import Desk, Work
from support.databases import open_database
from support.door import EAST, WEST, Door
from support.flows import add_flow, set_flow
from support.make import CIPHER, NOW, SHOP, STORE, line, order

FLOW = FlowKey(HUB, Direction.PUSH, Entity.ROUTING)


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database, stock={EAST: {"TEA": 99}, WEST: {"TEA": 9}})


# Numbers


def test_requests_of_orders_with_one_number_have_numbers_of_their_own(door: Door) -> None:
    door.hub.read_orders(order("B1", line("TEA"), number="1001"), of=STORE)
    door.route()
    door.hub.read_orders(*(order(key, line("TEA"), number="1001") for key in ("S1", "S2", "S3")))
    for key in [key for key in ("S1", "S2", "S3") if door.status(key) == OrderStatus.TO_BE_VALIDATED]:
        with door.hub.step(SHOP) as (tx, task):
            reviewing.mark_ready(tx, task, order_id(SHOP, key))
    door.hub.read_orders(order("S9", line("TEA"), number="2000"))

    assert door.route() == 4
    of_shop = {f"{SHOP}-1001-1", f"{SHOP}-1001-1-2", f"{SHOP}-1001-1-3"}
    assert door.requests().keys() == {"1001-1", "2000-1", *of_shop}


def test_a_number_that_looks_like_that_of_another_request_is_not_given_twice(door: Door) -> None:
    door.hub.read_orders(order("S1", line("TEA"), number="7-1"), order("S2", line("TEA", 100), number="7"))
    door.hub.read_orders(order("S3", line("TEA"), number="7-1-1"))

    assert door.route() == 3
    assert door.requests().keys() == {"7-1-1", "7-1", "7-2", "7-1-1-1"}


# The walk through what is pending


@dataclass
class Runs:
    """Runs of the routing, one after the other."""

    door: Door

    def __call__(self) -> Work:
        database, hub = self.door.hub.database, self.door.hub
        lease = leases.begin(database, FLOW, f"run-{hub.tick()}", "anna")
        assert lease is not None
        desk = Desk(database, CIPHER, lambda: hub.now, lambda name: hub.rules[name])
        work = Work(desk, lease, cast(Connector, None), Rules(), hub.truth)
        routing.route_orders(work)
        leases.finish(database, lease, leases.Ended({}))
        return work


@pytest.fixture
def run(door: Door) -> Runs:
    with door.hub.database.transaction() as tx:
        has_flow = tx.execute(sa.select(tables.flow).where(tables.flow.c.key == str(FLOW))).first()
    if has_flow is None:
        add_flow(door.hub.database, FLOW)
    set_flow(door.hub.database, FLOW, is_on=True)
    workers.beat(door.hub.database, "anna")
    return Runs(door)


def sell(door: Door, prefix: str, count: int, **more: Any) -> None:
    of = more.pop("of", SHOP)
    door.hub.read_orders(*(order(f"{prefix}{place}", line("TEA"), **more) for place in range(count)), of=of)


def test_a_run_takes_so_many_pages_and_the_next_follows_at_once(
    door: Door, run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "AT_ONCE", 2)
    monkeypatch.setattr(routing, "MOST_PAGES", 2)
    sell(door, "S", 5)

    first, second = run(), run()

    assert (first.tally.confirmed, first.retry_in) == (4, 0.0)
    assert (second.tally.confirmed, second.retry_in) == (1, None)


def only_the_east(door: Door) -> None:
    """The shop's orders leave the east, the store's the west, whatever lies there."""
    with door.hub.step(HUB) as (tx, _):
        tx.execute(sa.delete(tables.routing_card))
    for channel, place in ((SHOP, EAST), (STORE, WEST)):
        destination = (Destination(door.place(place)),)
        filters = Filters(channels=(channel,))
        door.add_card(Card(channel, destination, filters, ignores_stock=channel == STORE))


def test_orders_that_fail_are_decided_once_a_run_however_many_others_move_their_units(
    door: Door, run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "AT_ONCE", 3)
    only_the_east(door)
    sell(door, "B", 6, of=STORE, placed_at=NOW + timedelta(hours=1))
    door.hub.read_orders(*(order(f"S{place}", line("TEA", 100)) for place in range(5)))

    assert (run().tally.read, states(door)) == (11, {"pending": 5, "routed": 6})
    assert (run().tally.read, states(door)) == (5, {"failed": 5, "routed": 6})
    assert run().tally.read == 0


def test_an_order_that_lacked_what_another_leaves_on_its_shelf_is_routed_by_itself(
    door: Door, run: Runs
) -> None:
    only_the_east(door)
    sell(door, "B", 1, of=STORE, status=OrderStatus.ON_HOLD, placed_at=NOW - timedelta(hours=1))
    door.hub.read_orders(order("S1", line("TEA", 99)))

    run()
    assert (door.stock(EAST)["TEA"], states(door)) == ((99, 100), {"failed": 1, "": 1})

    sell(door, "B", 1, of=STORE, placed_at=NOW - timedelta(hours=1), modified_at=NOW + timedelta(hours=1))
    run()
    assert (door.stock(EAST)["TEA"], states(door)) == ((99, 99), {"pending": 1, "routed": 1})
    run()
    assert states(door) == {"routed": 2}


def states(door: Door) -> dict[str, int]:
    return dict(Counter(row.routing for row in door.hub.rows(tables.order)))


# Statements


@contextmanager
def counting(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """All statements that are sent to the database meanwhile, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        sent.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def statements(door: Door, prefix: str, count: int) -> tuple[int, int]:
    """So many are needed to take in and to route so many orders."""
    with counting(door.hub.database) as read:
        sell(door, prefix, count)
    with counting(door.hub.database) as routed:
        assert door.route() == count
    return len(read), len(routed)


def test_a_page_of_orders_takes_no_more_statements_than_two_of_them(door: Door) -> None:
    assert statements(door, "A", 2) == statements(door, "B", 12)


def test_orders_that_no_card_takes_take_no_more_statements_than_two_of_them(door: Door) -> None:
    found = []
    for prefix, count in (("A", 2), ("B", 12)):
        for place in range(count):
            door.hub.read_orders(order(f"{prefix}{place}", line("TEA", 500)))
        with counting(door.hub.database) as sent:
            assert door.route() == 0
        found.append(len(sent))

    assert found[0] == found[1]


LOOKS: dict[str, Callable[[Any, Any], object]] = {
    "holds that are over": lambda tx, task: order_life.end_holds(tx, task, limit=100),
    "orders to be routed": lambda tx, _: requests.pending(tx, limit=100),
    "those behind one": lambda tx, _: requests.pending(tx, limit=100, after=order_id(SHOP, "S1")),
    "requests to be told": leaving.sort_out,
    "channels to be told": lambda tx, _: sending.waiting(tx),
    "an order and its copies": lambda tx, task: sending.note_sent(tx, task, order_id(SHOP, "S1")),
    "one order": lambda tx, task: order_life.settle(tx, task, [order_id(SHOP, "S1")]),
}
"""What runs look for every few seconds, or with every order."""
SCANS = ("SCAN customer_order", "SCAN shipping_request", "SCAN order_line")


def test_no_look_goes_through_all_orders_or_requests(tmp_path: Path) -> None:
    scans: dict[str, list[str]] = {}
    with open_database("sqlite", tmp_path) as database:
        door = Door(database, stock={EAST: {"TEA": 9}})
        sell(door, "S", 2)
        door.route()
        for name, look in LOOKS.items():
            with door.hub.step(HUB) as (tx, task), counting(database) as sent:
                look(tx, task)
            plans = [plan for statement in sent for plan in plans_of(database, *statement)]
            assert plans, name
            scans[name] = [plan for plan in plans if plan.startswith(SCANS)]

    assert scans == {name: [] for name in LOOKS}


def plans_of(database: Database, statement: str, parameters: Any) -> list[str]:
    if statement.startswith(("BEGIN", "INSERT")) or isinstance(parameters, list):
        return []
    with database.reading() as tx:
        rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    return [row.detail for row in rows]
