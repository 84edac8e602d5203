"""What the hub has canceled stays canceled here, each unit once, until its channel shows or refuses it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.connectors.contract import BuyerCancellations, Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import (
    Answer,
    CancellationState,
    ChannelCancellation,
    ChannelReturn,
    Decision,
    Origin,
    ReturnKind,
    ReturnState,
)
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Confirmed, Rejected, Unclear
from crossdock.operations import retrying
from crossdock.operations.orders import (
    cancellation_push,
    cancellation_requests,
    cancellations,
    orders,
    returns,
)
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.views import views
from crossdock.store import tables
from crossdock.store.database import Database
from support import make
from support.make import NOW, SHOP, Bench, empty

TOLD = Rules(pushes_cancellations=True)


@pytest.fixture
def selling(hub: Bench) -> Bench:
    hub.open_shop(TEA=10)
    return hub


def sold(quantity: int = 5, canceled: int = 0, shipped: int = 0) -> ChannelOrder:
    line = make.line("TEA", quantity, quantity_canceled=canceled, quantity_shipped=shipped)
    status = OrderStatus.CANCELED if canceled == quantity else OrderStatus.READY_FOR_FULFILLMENT
    return make.order("S1", line, status=status)


def read(hub: Bench, order: ChannelOrder) -> None:
    with hub.step(SHOP, rules=TOLD) as (tx, task):
        orders.ingest(tx, task, [order])


def cancel(hub: Bench, wish: Wish | None = None) -> str:
    with hub.step(SHOP, rules=TOLD) as (tx, task):
        return cancellations.cancel(tx, task, order_id(SHOP, "S1"), wish or Wish())


def line(hub: Bench) -> tuple[int, int]:
    [row] = hub.rows(tables.order_line)
    return row.quantity_canceled, row.quantity_canceled_here


def status(hub: Bench) -> str:
    [row] = hub.rows(tables.order)
    return str(row.status)


def test_a_pull_that_still_meets_the_order_open_revives_nothing(selling: Bench) -> None:
    read(selling, sold())
    cancel(selling)

    read(selling, make.order("S1", make.line("TEA", 5), shipping_method="Express"))

    assert (status(selling), line(selling)) == ("Canceled", (5, 5))


def test_once_the_channel_shows_it_the_cancellation_is_its_own(selling: Bench) -> None:
    read(selling, sold())
    cancel(selling)

    read(selling, sold(canceled=5))

    [row] = selling.rows(tables.cancellation)
    assert (status(selling), line(selling), row.state, row.is_dirty) == (
        "Canceled",
        (5, 0),
        "completed",
        False,
    )


def test_a_lost_answer_is_not_shown_once_the_channel_shows_the_cancellation(selling: Bench) -> None:
    read(selling, sold())
    key = cancel(selling)
    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_push.settle(tx, task, Unclear(key, "It answered 504"))

    read(selling, sold(canceled=5))

    [row] = selling.rows(tables.cancellation)
    assert (row.state, row.message) == ("completed", "")


def test_what_became_of_a_buyers_request_replaces_what_was_said_on_the_way(selling: Bench) -> None:
    asked = ChannelCancellation(
        ChannelId("c1"), ChannelId("S1"), Origin.BUYER, CancellationState.REQUESTED, "PENDING", NOW
    )
    read(selling, sold())
    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_requests.ingest(tx, task, [asked])
        [key] = tx.scalars(sa.select(tables.cancellation.c.id))
        cancellation_requests.decide(tx, task, key, Answer(Decision.APPROVE))
        cancellation_push.settle(tx, task, Confirmed(key, ChannelId("c1")))
        over = replace(asked, state=CancellationState.COMPLETED, channel_status="DONE")
        cancellation_requests.ingest(tx, task, [over])

    [row] = selling.rows(tables.cancellation)
    assert row.message == f"{SHOP}: DONE"


@pytest.mark.parametrize(
    ("is_rejected", "shipped", "requested", "became"),
    [
        (False, 0, (), "withdrawn"),
        (True, 0, (), "refused"),
        (False, 5, (), "refused"),
        (False, 5, ("u1",), "refused"),
        (False, 4, ("u5",), "withdrawn"),
        (False, 4, ("u4", "u5"), "refused"),
    ],
    ids=[
        "nothing",
        "rejected",
        "shipped",
        "its unit shipped",
        "its unit is open",
        "of its units one is open",
    ],
)
def test_a_request_that_shipping_or_a_person_refused_is_not_called_withdrawn(
    selling: Bench, is_rejected: bool, shipped: int, requested: tuple[str, ...], became: str
) -> None:
    units = tuple(ChannelId(f"u{number}") for number in range(1, 6))
    ordered = make.line("TEA", 5, quantity_shipped=shipped, unit_ids=units)
    asked = ChannelCancellation(
        ChannelId("c1"),
        ChannelId("S1"),
        Origin.BUYER,
        CancellationState.REQUESTED,
        "PENDING",
        NOW,
        unit_ids=tuple(map(ChannelId, requested)),
    )
    read(selling, make.order("S1", ordered))
    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_requests.ingest(tx, task, [asked])
        [key] = tx.scalars(sa.select(tables.cancellation.c.id))
        if is_rejected:
            cancellation_requests.decide(tx, task, key, Answer(Decision.REJECT))
            cancellation_push.about_to_send(tx, task, [key])
        over = replace(asked, state=CancellationState.WITHDRAWN, channel_status="CANCEL")
        cancellation_requests.ingest(tx, task, [over])

    [row] = selling.rows(tables.cancellation)
    assert row.state == became


def test_what_the_channel_refuses_lives_on_as_it_is_there(selling: Bench) -> None:
    read(selling, sold())
    key = cancel(selling)

    with selling.step(SHOP, rules=TOLD) as (tx, task):
        cancellation_push.settle(tx, task, Rejected(key, "It has shipped"))

    assert (status(selling), line(selling)) == ("Ready For Fulfillment", (0, 0))
    [case] = selling.cases("cancellation_refused")
    assert "It has shipped" in case.cause
    assert selling.ledger_differences() == {}


def test_units_shipped_meanwhile_are_not_canceled(selling: Bench) -> None:
    read(selling, sold())
    cancel(selling)

    read(selling, sold(shipped=2))

    assert (status(selling), line(selling)) == ("Fulfilled", (3, 3))


def test_more_units_than_there_are_cannot_be_canceled(selling: Bench) -> None:
    read(selling, sold(shipped=2))

    with pytest.raises(SettingsError, match="4 of 'TEA' cannot be canceled; order S1 has 3 open"):
        cancel(selling, Wish({"TEA": 4}))
    with pytest.raises(SettingsError, match="has no line 'TEE'; it has: TEA"):
        cancel(selling, Wish({"TEE": 1}))


def test_what_failed_waits_longer_each_time(selling: Bench) -> None:
    read(selling, sold())
    key = cancel(selling)
    waits = []
    for _ in range(4):
        with selling.step(SHOP, rules=TOLD) as (tx, task):
            cancellation_push.about_to_send(tx, task, [key])
            steps = (timedelta(seconds=seconds) for seconds in range(0, 7200, 15))
            waits.append(
                next(s for s in steps if cancellation_push.due(tx, SHOP, now=task.now + s).cancellations)
            )

    assert waits == [timedelta(seconds=30 * 2**n) for n in range(4)]


def test_a_cancellation_read_before_its_order_waits_for_it(selling: Bench) -> None:
    asked = ChannelCancellation(
        ChannelId("c1"), ChannelId("S1"), Origin.BUYER, CancellationState.REQUESTED, "PENDING", NOW
    )
    with selling.step(SHOP) as (tx, task):
        cancellation_requests.ingest(tx, task, [asked])
    assert not selling.cases("cancellation_requested")

    read(selling, sold())
    with selling.step(SHOP) as (tx, task):
        cancellation_requests.adopt(tx, task, [order_id(SHOP, "S1")])

    [case] = selling.cases("cancellation_requested")
    assert "order S1" in case.cause
    assert "cancel_requested" in selling.rows(tables.order)[0].tags


@pytest.mark.parametrize(
    ("fulfilled_by", "status", "shipped", "is_approved"),
    [
        (FulfilledBy.SELLER, OrderStatus.READY_FOR_FULFILLMENT, 0, True),
        (FulfilledBy.SELLER, OrderStatus.READY_FOR_FULFILLMENT, 1, False),
        (FulfilledBy.SELLER, OrderStatus.SENT_TO_FULFILLMENT, 0, False),
        # What the platform ships comes in as fulfilled, however far it is.
        (FulfilledBy.PLATFORM_LABEL, OrderStatus.FULFILLED, 0, True),
        (FulfilledBy.PLATFORM_LABEL, OrderStatus.FULFILLED, 1, False),
    ],
)
def test_a_buyer_may_cancel_by_rule_until_the_goods_are_on_their_way(
    selling: Bench, fulfilled_by: FulfilledBy, status: OrderStatus, shipped: int, is_approved: bool
) -> None:
    asked = ChannelCancellation(
        ChannelId("c1"), ChannelId("S1"), Origin.BUYER, CancellationState.REQUESTED, "PENDING", NOW
    )
    order = make.order("S1", make.line("TEA", 5, quantity_shipped=shipped), status=status)
    read(selling, replace(order, fulfilled_by=fulfilled_by))
    rules = Rules(buyer_cancellations=BuyerCancellations.APPROVE_UNTIL_SENT)
    with selling.step(SHOP, rules=rules) as (tx, task):
        cancellation_requests.ingest(tx, task, [asked])
        cancellation_requests.decide_by_rule(tx, task)
        answers = cancellation_push.due(tx, SHOP, now=task.now).answers

    assert bool(answers) is is_approved


def test_a_refused_answer_leaves_the_buyer_waiting_and_a_retry_sends_it_again(selling: Bench) -> None:
    asked = ChannelCancellation(
        ChannelId("c1"), ChannelId("S1"), Origin.BUYER, CancellationState.REQUESTED, "PENDING", NOW
    )
    read(selling, sold())
    with selling.step(SHOP) as (tx, task):
        cancellation_requests.ingest(tx, task, [asked])
        [row] = tx.execute(sa.select(tables.cancellation)).all()
        cancellation_requests.decide(tx, task, row.id, Answer(Decision.APPROVE))
        cancellation_push.about_to_send(tx, task, [row.id])
        cancellation_push.settle(tx, task, Rejected(row.id, "Not now", code="98001"))

    assert selling.cases("cancellation_requested")
    [refused] = selling.cases("cancellation_refused")

    with selling.step(SHOP) as (tx, task):
        shown = views.exception(tx, refused.id)
        assert shown is not None
        retrying.retry(tx, task, shown, by="somebody")
        [change] = cancellation_push.due(tx, SHOP, now=task.now).answers
    assert change.desired.decision is Decision.APPROVE


def test_a_return_read_before_its_order_waits_for_it(selling: Bench) -> None:
    back = ChannelReturn(
        ChannelId("r1"),
        ChannelId("S1"),
        ReturnKind.REFUND,
        ReturnState.COMPLETED,
        "COMPLETE",
        NOW,
        refunded=make.money(20).amount,
        currency="USD",
    )
    with selling.step(SHOP) as (tx, task):
        returns.ingest(tx, task, [back])
    read(selling, sold())
    with selling.step(SHOP) as (tx, task):
        returns.adopt(tx, task, [order_id(SHOP, "S1")])

    [row] = selling.rows(tables.order)
    assert "partially_refunded" in row.tags
    assert [each.order_id for each in selling.rows(tables.order_return)] == [row.id]


STEPS = st.lists(st.sampled_from(["read", "shown", "part", "confirm", "refuse", "ship"]), max_size=8)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_no_unit_is_canceled_twice_and_the_ledger_adds_up(
    database: Database, steps: list[str]
) -> None:
    empty(database)
    hub = Bench(database)
    hub.open_shop(TEA=10)
    canceled = shipped = 0
    read(hub, sold())
    for place, step in enumerate(steps):
        open_ones = [row for row in hub.rows(tables.cancellation) if row.state == "open"]
        if step == "part" and sum(line(hub)[:1]) + shipped < 5:
            cancel(hub, Wish({"TEA": 1}))
        elif step == "shown":
            canceled = min(5 - shipped, max(canceled, line(hub)[0]))
        elif step == "ship" and canceled + shipped < 5:
            shipped += 1
        elif open_ones:
            key = open_ones[0].id
            outcome = Confirmed(key, ChannelId(f"c{place}")) if step == "confirm" else Rejected(key, "No")
            with hub.step(SHOP, rules=TOLD) as (tx, task):
                cancellation_push.settle(tx, task, outcome)
        read(hub, sold(canceled=canceled, shipped=shipped))

        done, here = line(hub)
        assert canceled == done - here
        assert done + shipped <= 5
        assert hub.ledger_differences() == {}
