"""Any order of edits, holds, routing, answers, shipments and stops: every unit is asked of one location at most."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import ChannelId
from crossdock.domain.order import OrderStatus
from crossdock.domain.shipping import NewsKind, RequestState
from crossdock.domain.sync import Confirmed, Rejected
from crossdock.operations.fulfillments import fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.orders import cancellation_push, cancellations, reviewing
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import request_push, requests, stopping
from crossdock.store import tables
from crossdock.store.database import Database
from operations.own_bench import compose, decide
from support import shipping
from support.door import EAST, WEST, Book, Door
from support.make import SHOP, line, order

ORDERED = {"TEA": 4, "MUG": 2, "KIT": 2}
SKUS = st.sampled_from(sorted(ORDERED))
HOW = st.sampled_from(["taken", "taken", "lost", "never arrived", "refused", "too late"])
S1 = order_id(SHOP, "S1")


class ToTheDoor(RuleBasedStateMachine):
    """One order, two locations, one warehouse that keeps its own books and may be late, deaf or unwilling.

    A kit is put together of two cups, except in the West, which keeps kits.
    """

    database: Database

    def __init__(self) -> None:
        super().__init__()
        east, west = {"TEA": 3, "MUG": 5, "KIT": 0, "CUP": 2}, {"TEA": 9, "MUG": 1, "KIT": 3, "CUP": 9}
        self.door = Door(self.database, stock={EAST: east, WEST: west})
        self.hub = self.door.hub
        compose(self.hub, "KIT", CUP=2)
        decide(self.hub, WEST, keeps_bundles=True)
        self.canceled = dict.fromkeys(ORDERED, 0)
        self.shop_has = dict.fromkeys(ORDERED, 0)
        self.ids = iter(range(1, 10_000))
        self.read_order()

    # The channel

    def read_order(self) -> None:
        lines = [
            line(sku, units, quantity_canceled=self.canceled[sku], quantity_shipped=self.shop_has[sku])
            for sku, units in ORDERED.items()
        ]
        is_canceled = self.canceled == ORDERED
        status = OrderStatus.CANCELED if is_canceled else OrderStatus.READY_FOR_FULFILLMENT
        self.hub.read_orders(order("S1", *lines, status=status))

    @rule(sku=SKUS)
    def the_buyer_cancels(self, sku: str) -> None:
        if self.canceled[sku] + self.shop_has[sku] < ORDERED[sku]:
            self.canceled[sku] += 1
            self.read_order()

    @rule(sku=SKUS)
    def somebody_cancels(self, sku: str) -> None:
        if shipping.lines(self.hub)[sku][2]:
            with self.hub.step(SHOP, rules=shipping.CANCELS) as (tx, task):
                cancellations.cancel(tx, task, S1, Wish({sku: 1}))

    @rule(is_taken=st.booleans())
    def the_shop_answers_a_cancellation(self, *, is_taken: bool) -> None:
        table = tables.cancellation
        waiting = self.hub.rows(table, table.c.state == "open", by=table.c.created_at)
        if waiting:
            key = waiting[0].id
            answer = Confirmed(key, ChannelId(f"c{next(self.ids)}")) if is_taken else Rejected(key, "No")
            with self.hub.step(SHOP, rules=shipping.CANCELS) as (tx, task):
                cancellation_push.settle(tx, task, answer)

    # People

    @rule(what=st.sampled_from([reviewing.require_review, reviewing.hold, reviewing.mark_ready]))
    def somebody_decides(self, what: Any) -> None:
        self.attempt(what, S1)

    @rule()
    def somebody_reroutes(self) -> None:
        self.attempt(requests.reroute, S1)

    @precondition(lambda self: self.door.requests())
    @rule(data=st.data(), what=st.sampled_from([stopping.stop, request_push.retry]))
    def somebody_acts_on_a_request(self, data: st.DataObject, what: Any) -> None:
        self.attempt(what, data.draw(st.sampled_from(sorted(self.door.requests()))))

    @rule(sku=SKUS)
    def somebody_ships_by_hand(self, sku: str) -> None:
        """A person says that a unit left, which the warehouse does not know."""
        entry = Entry(Tracking("UPS", f"H{next(self.ids)}"), {sku: 1})
        self.attempt(fulfillments.enter, S1, entry)

    def attempt(self, what: Any, *arguments: Any) -> None:
        """What cannot be done is refused, and changes nothing."""
        with contextlib.suppress(SettingsError), self.hub.step(SHOP) as (tx, task):
            what(tx, task, *arguments)

    # The hub and its warehouse

    @rule()
    def the_hub_routes(self) -> None:
        self.door.route()

    @rule(how=HOW)
    def the_warehouse_is_told(self, how: str) -> None:
        self.hub.tick(4000)
        self.door.push(lambda due: self.door.reply(due, how))

    @precondition(lambda self: self.shippable())
    @rule(data=st.data(), is_whole=st.booleans())
    def the_warehouse_ships(self, data: st.DataObject, *, is_whole: bool) -> None:
        number, book, lines = data.draw(st.sampled_from(self.shippable()))
        units = {name: book.left(name) if is_whole else 1 for name in lines}
        book.parcels[f"P{next(self.ids)}"] = units
        self.door.read_shipments()
        assert number in self.door.requests()

    @precondition(lambda self: any(book.parcels for book in self.door.warehouse.books.values()))
    @rule(data=st.data())
    def the_warehouse_takes_a_parcel_back(self, data: st.DataObject) -> None:
        books = [book for book in self.door.warehouse.books.values() if book.parcels]
        book = data.draw(st.sampled_from(books))
        del book.parcels[data.draw(st.sampled_from(sorted(book.parcels)))]
        self.door.read_shipments()

    @rule()
    def the_warehouse_says_what_it_has_stopped(self) -> None:
        for number, state in self.door.requests().items():
            book = self.door.warehouse.books.get(number)
            if state is RequestState.STOPPING and book is not None:
                kind = NewsKind.STOPPED if book.is_stopped else NewsKind.NOT_STOPPED
                self.door.news(number, kind)

    def shippable(self) -> list[tuple[str, Book, list[str]]]:
        found = []
        for number, book in sorted(self.door.warehouse.books.items()):
            lines = [name for name in book.units if book.left(name)]
            if lines:
                found.append((number, book, lines))
        return found

    # What always holds

    @invariant()
    def shipped_canceled_and_open_are_what_was_ordered(self) -> None:
        for sku, parts in shipping.lines(self.hub).items():
            assert sum(parts) == ORDERED[sku]
            assert min(parts) >= 0

    @invariant()
    def no_unit_is_asked_of_two_locations(self) -> None:
        """Whatever the warehouse may still ship, with what it has shipped, is never more than was ordered."""
        asked = dict.fromkeys(ORDERED, 0)
        for number, book in self.door.warehouse.books.items():
            for name, sku in self.goods(number).items():
                gone = sum(units.get(name, 0) for units in book.parcels.values())
                asked[sku] += gone + book.left(name)
        assert all(asked[sku] <= ORDERED[sku] for sku in ORDERED), asked

    @invariant()
    def nothing_is_asked_beyond_what_may_leave(self) -> None:
        held = self.held()
        assert all(held[sku] <= ORDERED[sku] for sku in ORDERED), held

    @invariant()
    def stock_follows_once(self) -> None:
        assert self.hub.ledger_differences() == {}
        held = self.held()
        for sku, (_, canceled, still_open) in shipping.lines(self.hub).items():
            places = [self.committed(sku)[place] for place in (EAST, WEST)]
            # What is canceled and not stopped yet may leave, and is offered to nobody else.
            at_risk = max(0, min(held[sku] - still_open, canceled))
            assert still_open <= sum(places) <= still_open + at_risk
            assert all(committed >= 0 for committed in places)

    @invariant()
    def each_location_gives_kits_in_its_own_way(self) -> None:
        assert self.door.stock(EAST)["KIT"] == (0, 0)
        assert self.door.stock(WEST)["CUP"] == (9, 0)

    def committed(self, sku: str) -> dict[str, int]:
        """Units of the order by location, those of a kit where it is put together counted in cups."""
        found = {place: self.door.stock(place)[sku][1] for place in (EAST, WEST)}
        if sku == "KIT":
            kits, rest = divmod(self.door.stock(EAST)["CUP"][1], 2)
            assert rest == 0
            found[EAST] += kits
        return found

    def held(self) -> dict[str, int]:
        """Units that may leave by a request."""
        held = dict.fromkeys(ORDERED, 0)
        for units in self.door.asked().values():
            for sku, count in units.items():
                held[sku] += count
        return held

    def goods(self, number: str) -> dict[str, str]:
        table, part = tables.shipping_request, tables.shipping_request_line
        skus = {row.id: row.channel_sku for row in self.hub.rows(tables.order_line)}
        [request] = self.hub.rows(table, table.c.number == number)
        rows = self.hub.rows(part, part.c.request_id == request.id)
        return {str(row.position): skus[row.line_id] for row in rows}

    def teardown(self) -> None:
        """Reading it all again changes nothing."""
        counted = (tables.event, tables.movement, tables.fulfillment, tables.shipping_request)
        before = [len(self.hub.rows(table)) for table in counted]
        self.door.read_shipments()
        self.read_order()
        assert [len(self.hub.rows(table)) for table in counted] == before


def test_each_unit_is_asked_of_one_location_and_leaves_once(database: Database) -> None:
    class Here(ToTheDoor):
        pass

    Here.database = database
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=14 if database.is_sqlite else 4,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
