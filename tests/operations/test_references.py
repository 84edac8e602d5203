"""Ids that orders have on other channels: written with their lines, and tried again where they are refused."""

from __future__ import annotations

from datetime import timedelta

from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import ChannelId
from crossdock.domain.elsewhere import CreatedOrder, OrderReference
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Change, Confirmed, Rejected, Unclear
from crossdock.operations.orders import copies, references
from crossdock.operations.orders.order_record import order_id
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, order

UNITS = (ChannelId("u1"), ChannelId("u2"))


def create(hub: Bench, **more: object) -> None:
    """An order of the shop, and the store's order 1001 that was created for it."""
    hub.open_shop(A=10)
    hub.read_orders(order("77", line("A", 2, unit_ids=UNITS), **more))
    with hub.step(STORE) as (tx, task):
        draft = copies.draft(tx, task, order_id(SHOP, "77"))
        assert draft is not None
        copies.remember(tx, task, draft, CreatedOrder(ChannelId("1001")))


def due(hub: Bench) -> list[Change[OrderReference]]:
    with hub.step(SHOP) as (tx, task):
        return references.due(tx, task, limit=10)


def settle(hub: Bench, outcome: Confirmed | Rejected | Unclear) -> None:
    (change,) = due(hub)
    with hub.step(SHOP) as (tx, task):
        references.settle(tx, task, change, outcome)


def test_an_id_is_written_once_the_lines_of_the_created_order_are_known(hub: Bench) -> None:
    create(hub)
    assert due(hub) == [], "its lines are read with the store's orders"

    hub.read_orders(order("1001", line("A", 2, "9001")), of=STORE)

    (change,) = due(hub)
    assert change.channel_id == "77"
    assert change.desired == OrderReference(STORE, "1001", ((UNITS[0], "9001"), (UNITS[1], "9001")))


def test_lines_that_never_come_hold_nothing_back_for_long(hub: Bench) -> None:
    create(hub)

    hub.tick(timedelta(minutes=11).total_seconds())

    assert [line for _, line in due(hub)[0].desired.lines] == ["", ""]


def test_what_was_taken_is_written_no_more_and_what_was_refused_is_tried_later(hub: Bench) -> None:
    create(hub)
    hub.read_orders(order("1001", line("A", 2, "9001")), of=STORE)
    (change,) = due(hub)

    settle(hub, Unclear(change.key, "no answer"))
    assert len(due(hub)) == 1
    settle(hub, Rejected(change.key, "order is closed"))
    assert due(hub) == []
    (case,) = hub.cases("reference_refused")
    assert "order is closed" in case.cause

    hub.tick(timedelta(hours=1).total_seconds())
    settle(hub, Confirmed(change.key, ChannelId("77")))

    assert (due(hub), hub.cases("reference_refused")) == ([], [])
    assert hub.rows(tables.order_reference)[0].state == "written"


def test_a_copy_is_to_be_released_once_after_its_original(hub: Bench) -> None:
    create(hub, status=OrderStatus.ON_HOLD)

    def waiting() -> list[tuple[str, ChannelId]]:
        with hub.step(STORE) as (tx, task):
            return copies.to_release(tx, task)

    assert waiting() == []
    hub.read_orders(order("77", line("A", 2, unit_ids=UNITS)))
    assert waiting() == [(order_id(SHOP, "77"), ChannelId("1001"))]

    with hub.step(STORE) as (tx, task):
        copies.released(tx, task, order_id(SHOP, "77"), ChannelId("1001"))

    assert waiting() == []


def test_a_refused_release_is_tried_less_and_less_often_and_at_once_when_a_person_says_so(hub: Bench) -> None:
    create(hub, status=OrderStatus.ON_HOLD)
    hub.read_orders(order("77", line("A", 2, unit_ids=UNITS)))
    original = order_id(SHOP, "77")

    def refuse() -> None:
        with hub.step(STORE) as (tx, task):
            copy = copies.of_original(tx, task, original)
            copies.not_released(tx, task, copy, ChannelId("1001"), RefusedError("no such status"))

    def is_waiting(*, after: timedelta = timedelta(0)) -> bool:
        hub.tick(after.total_seconds())
        with hub.step(STORE) as (tx, task):
            return bool(copies.to_release(tx, task))

    refuse()
    assert not is_waiting(after=timedelta(minutes=15))
    assert is_waiting(after=timedelta(minutes=10))
    refuse()
    assert not is_waiting(after=timedelta(minutes=30))

    with hub.step(STORE) as (tx, task):
        copies.release_again(tx, task, original)
    assert is_waiting()


def test_what_a_pull_was_quicker_to_store_of_a_created_order_stays_the_stores_own_word(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("77", line("A", 2)))
    shown = order("1001", line("A", 2, "9001"), channel_status="Awaiting Payment", number="S-1001")
    hub.read_orders(shown, of=STORE)

    with hub.step(STORE) as (tx, task):
        copy = copies.of_original(tx, task, order_id(SHOP, "77"))
        copies.remember(tx, task, copy, CreatedOrder(ChannelId("1001")))

    (row,) = hub.rows(tables.order, tables.order.c.integration == STORE)
    assert (row.copy_of, row.number, row.channel_status) == (copy.original_id, "S-1001", "Awaiting Payment")


def test_a_total_that_differs_there_is_shown_on_the_original(hub: Bench) -> None:
    hub.open_shop(A=10)
    original = order("77", line("A", 2))
    hub.read_orders(original)

    with hub.step(STORE) as (tx, task):
        draft = copies.draft(tx, task, order_id(SHOP, "77"))
        assert draft is not None
        total = original.totals.total + original.totals.total
        copies.remember(tx, task, draft, CreatedOrder(ChannelId("1001"), total))

    (case,) = hub.cases("created_total_differs")
    assert "20.00 USD" in case.cause
    assert "40.00 USD" in case.cause
    assert hub.events(order_id(SHOP, "77"))[-1].endswith("whose total there is 40.00 USD")
