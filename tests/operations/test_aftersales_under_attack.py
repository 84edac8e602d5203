"""What comes after a sale, in the wrong order and about the wrong goods: nothing is given back that was not taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import (
    CancellationState,
    ChannelCancellation,
    ChannelReturn,
    ChannelStatement,
    Origin,
    ReturnedLine,
    ReturnKind,
    ReturnState,
    StatementLine,
)
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Confirmed, Rejected
from crossdock.operations.orders import (
    cancellation_push,
    cancellation_requests,
    cancellations,
    orders,
    returns,
    reviewing,
    statements,
)
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.orders.returns import Reading
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from support import make
from support.make import NOW, SHOP, STORE, Bench, location, product

TOLD = Rules(pushes_cancellations=True, holds_tags=frozenset({"sample"}))
ALWAYS = Reading()
RESTOCKS = Rules(restocks_returns=True)
S1 = order_id(SHOP, "S1")


@pytest.fixture
def selling(hub: Bench) -> Bench:
    hub.open_shop(TEA=10)
    return hub


@pytest.fixture
def own(hub: Bench) -> Bench:
    """A hub that owns the stock, with one location of its own."""
    hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
    hub.read_locations(location(is_default=True), of=HUB)
    hub.read_locations(location(is_default=True), of=SHOP)
    hub.read_products(product("TEA"))
    return hub


def sold(units: int = 5, **more: Any) -> ChannelOrder:
    line = make.line(
        "TEA", units, quantity_shipped=more.pop("shipped", 0), quantity_canceled=more.pop("gone", 0)
    )
    return make.order("S1", line, **more)


def read(hub: Bench, order: ChannelOrder, **more: Any) -> None:
    with hub.step(SHOP, rules=TOLD) as (tx, task):
        orders.ingest(tx, task, [order], **more)


def come_back(
    hub: Bench, units: int = 1, *, rules: Rules = RESTOCKS, reading: Reading = ALWAYS, **more: Any
) -> None:
    [line] = hub.rows(tables.order_line)
    given: dict[str, Any] = {"modified_at": hub.now, "refunded": make.money(10).amount, "currency": "USD"}
    back = ChannelReturn(
        ChannelId("r1"),
        ChannelId("S1"),
        ReturnKind.RETURN,
        ReturnState.COMPLETED,
        "COMPLETE",
        lines=(ReturnedLine(line.channel_id, units),),
        **(given | more),
    )
    with hub.step(SHOP, rules=rules) as (tx, task):
        returns.ingest(tx, task, [back], reading)


def received(hub: Bench) -> int:
    return sum(row.on_hand for row in hub.rows(tables.movement) if row.kind == "receive")


def cancel(hub: Bench, wish: Wish | None = None) -> str:
    with hub.step(SHOP, rules=TOLD) as (tx, task):
        return cancellations.cancel(tx, task, S1, wish or Wish())


def status(hub: Bench) -> str:
    [row] = hub.rows(tables.order)
    return str(row.status)


# Returns


def test_what_was_sold_and_returned_before_the_hub_looked_is_in_the_count_already(own: Bench) -> None:
    began = own.now + timedelta(days=1)
    read(own, sold(shipped=5, status=OrderStatus.FULFILLED), reading_since=began)

    come_back(own, 2)

    assert (received(own), own.on_hand("TEA")) == (0, 0)


def test_goods_of_the_platforms_own_warehouse_do_not_come_back_to_the_merchants(own: Bench) -> None:
    read(own, sold(shipped=5, status=OrderStatus.FULFILLED, fulfilled_by=FulfilledBy.PLATFORM_WAREHOUSE))

    come_back(own, 2)

    assert received(own) == 0


def test_what_came_back_while_restocking_was_off_is_not_put_back_later(own: Bench) -> None:
    """Whoever did not have the hub do it has put them back by hand."""
    read(own, sold(shipped=5, status=OrderStatus.FULFILLED))
    come_back(own, 2, rules=Rules())

    with own.step(SHOP, rules=RESTOCKS) as (tx, task):
        returns.adopt(tx, task, [S1])

    assert received(own) == 0


def test_what_came_back_before_returns_were_read_is_in_the_count_already(own: Bench) -> None:
    read(own, sold(shipped=5, status=OrderStatus.FULFILLED))

    come_back(own, 2, modified_at=NOW, reading=Reading(since=NOW + timedelta(days=1)))

    assert received(own) == 0


def test_a_return_that_changes_after_it_was_left_to_people_stays_theirs(own: Bench) -> None:
    read(own, sold(shipped=5, status=OrderStatus.FULFILLED))
    come_back(own, 2, rules=Rules())

    come_back(own, 2, reason="Too small")

    assert received(own) == 0


def test_a_return_whose_line_is_matched_later_still_comes_back_once(own: Bench) -> None:
    other = make.line("MUG", 2, quantity_shipped=2)
    read(own, make.order("S1", other, status=OrderStatus.FULFILLED))
    come_back(own, 1)
    own.read_products(product("MUG"))
    with own.step(SHOP, rules=RESTOCKS) as (tx, task):
        orders.resolve_lines(tx, task, ["MUG"])
        returns.adopt(tx, task, [S1])
        returns.adopt(tx, task, [S1])

    assert own.on_hand("MUG") == -1


def test_more_units_than_were_shipped_do_not_come_back(own: Bench) -> None:
    read(own, sold(3, shipped=2))

    come_back(own, 3)

    assert received(own) == 2


def test_what_came_back_before_its_shipping_was_read_is_on_the_shelf_once(own: Bench) -> None:
    """Returns and orders are read apart, so a return may be over before the hub knows that its goods ever left."""
    read(own, sold())

    come_back(own, 2)
    assert (own.on_hand("TEA"), own.committed("TEA")) == (0, 3)
    read(own, sold(shipped=5, status=OrderStatus.FULFILLED))

    assert (own.on_hand("TEA"), own.committed("TEA")) == (-3, 0)


def test_a_refund_of_units_that_never_left_puts_nothing_back_and_does_not_say_so(own: Bench) -> None:
    read(own, sold())

    come_back(own, 2, stands_for_goods=True)

    [row] = own.rows(tables.order_return)
    assert (received(own), own.committed("TEA"), row.returned_at) == (0, 5, None)


def test_reading_an_order_again_does_not_say_that_its_refund_is_gone(own: Bench) -> None:
    read(own, sold(shipped=5, status=OrderStatus.FULFILLED))
    come_back(own, 2)
    assert "refunded" in own.rows(tables.order)[0].tags

    read(own, sold(shipped=5, status=OrderStatus.FULFILLED, channel_status="COMPLETED"))

    assert [row.what for row in own.rows(tables.event) if "no longer" in row.what] == []


# Cancellations


def test_marking_a_canceled_order_ready_does_not_pass_for_the_channels_word(selling: Bench) -> None:
    read(selling, sold(tags=frozenset({"sample"})))
    key = cancel(selling)

    with (
        selling.step(SHOP, rules=TOLD) as (tx, task),
        pytest.raises(SettingsError, match="waits for no review"),
    ):
        reviewing.mark_ready(tx, task, S1)
    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_push.settle(tx, task, Rejected(key, "It has shipped"))

    assert status(selling) == "Review Required"


def test_a_refused_cancellation_is_nobodys_affair_once_the_channel_cancels_itself(selling: Bench) -> None:
    read(selling, sold())
    key = cancel(selling)
    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_push.about_to_send(tx, task, [key])
    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_push.settle(tx, task, Rejected(key, "Try later"))
    assert selling.cases("cancellation_refused")

    read(selling, sold(gone=5, status=OrderStatus.CANCELED))

    assert not selling.cases("cancellation_refused")


def theirs(origin: Origin, state: CancellationState, number: str = "c1") -> ChannelCancellation:
    return ChannelCancellation(ChannelId(number), ChannelId("S1"), origin, state, state.value, NOW)


def test_a_cancellation_by_the_seller_there_is_not_taken_for_the_one_that_was_refused(selling: Bench) -> None:
    read(selling, sold())
    key = cancel(selling)
    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_push.about_to_send(tx, task, [key])
    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_push.settle(tx, task, Rejected(key, "Try later"))

    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_requests.ingest(tx, task, [theirs(Origin.SELLER, CancellationState.ACCEPTED)])

    found = {row.channel_id: (row.origin, row.state) for row in selling.rows(tables.cancellation)}
    assert found == {"": ("hub", "refused"), "c1": ("seller", "accepted")}


def test_an_answer_that_comes_after_the_request_was_withdrawn_changes_nothing(selling: Bench) -> None:
    read(selling, sold())
    with selling.step(SHOP) as (tx, task):
        cancellation_requests.ingest(tx, task, [theirs(Origin.BUYER, CancellationState.REQUESTED)])
    [row] = selling.rows(tables.cancellation)
    with selling.step(SHOP) as (tx, task):
        cancellation_requests.ingest(tx, task, [theirs(Origin.BUYER, CancellationState.WITHDRAWN)])
    with selling.step(SHOP) as (tx, task):
        cancellation_push.settle(tx, task, Confirmed(row.id, ChannelId("c1")))

    [row] = selling.rows(tables.cancellation)
    assert (row.state, row.is_dirty) == ("withdrawn", False)
    assert not selling.cases("cancellation_requested")


# Statements


def test_a_transaction_that_a_statement_names_twice_does_not_stop_its_reading(selling: Bench) -> None:
    money = make.money(10)
    line = StatementLine(ChannelId("t1"), ChannelId("S1"), "ORDER", settled=make.money(5).amount)
    with selling.step(SHOP) as (tx, task):
        statements.ingest(
            tx, task, [ChannelStatement(ChannelId("9"), NOW, "PAID", money, lines=(line, line))]
        )

    assert len(selling.rows(tables.statement_line)) == 2
