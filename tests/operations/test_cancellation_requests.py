"""Buyers who ask to cancel: who waits for an answer, and who does not any more."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from crossdock.connectors.contract import BuyerCancellations, Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import Answer, CancellationState, ChannelCancellation, Decision, Origin
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.order import OrderStatus
from crossdock.operations.orders import cancellation_push, cancellation_requests
from crossdock.store import tables
from support import make
from support.make import NOW, SHOP, Bench
from support.shipping import S1

ASKED = ChannelCancellation(
    ChannelId("c1"), ChannelId("S1"), Origin.BUYER, CancellationState.REQUESTED, "PENDING", NOW
)
AGAIN = replace(ASKED, channel_id=ChannelId("c2"))


@pytest.fixture
def selling(hub: Bench) -> Bench:
    hub.open_shop(TEA=10)
    read(hub, sold())
    return hub


def sold(status: OrderStatus = OrderStatus.READY_FOR_FULFILLMENT) -> ChannelOrder:
    units = 5 if status is OrderStatus.CANCELED else 0
    return make.order("S1", make.line("TEA", 5, quantity_canceled=units), status=status)


def read(hub: Bench, order: ChannelOrder) -> None:
    """As the sync does: what was read of the order before comes to it."""
    hub.read_orders(order)
    with hub.step(SHOP) as (tx, task):
        cancellation_requests.adopt(tx, task, [S1])


def ask(hub: Bench, *requests: ChannelCancellation) -> None:
    with hub.step(SHOP) as (tx, task):
        cancellation_requests.ingest(tx, task, requests)


def tags(hub: Bench) -> str:
    [row] = hub.rows(tables.order)
    return str(row.tags)


def test_each_request_of_an_order_is_a_case(selling: Bench) -> None:
    ask(selling, ASKED, AGAIN)

    assert len(selling.cases("cancellation_requested")) == 2
    assert "cancel_requested" in tags(selling)


@pytest.mark.parametrize("is_read_first", [True, False])
def test_nobody_waits_on_an_order_that_its_channel_has_canceled(selling: Bench, is_read_first: bool) -> None:
    """Though the channel keeps a second request of its buyer."""
    if is_read_first:
        ask(selling, ASKED, AGAIN)
    read(selling, sold(OrderStatus.CANCELED))
    ask(selling, ASKED, AGAIN)

    assert (selling.cases(), tags(selling)) == ([], "[]")


def test_no_rule_answers_on_an_order_that_its_channel_has_canceled(selling: Bench) -> None:
    ask(selling, ASKED)
    read(selling, sold(OrderStatus.CANCELED))

    rules = Rules(buyer_cancellations=BuyerCancellations.APPROVE, pushes_cancellations=True)
    with selling.step(SHOP, rules=rules) as (tx, task):
        cancellation_requests.decide_by_rule(tx, task)
        assert cancellation_push.due(tx, SHOP, now=task.now).answers == []
        assert tx.scalar(sa.select(tables.cancellation.c.decision)) == ""


def test_what_has_left_is_not_approved_any_more(selling: Bench) -> None:
    ask(selling, ASKED)
    read(selling, make.order("S1", make.line("TEA", 5, quantity_shipped=5)))
    [row] = selling.rows(tables.cancellation)

    with selling.step(SHOP) as (tx, task), pytest.raises(SettingsError, match="has left already"):
        cancellation_requests.decide(tx, task, row.id, Answer(Decision.APPROVE))

    [row] = selling.rows(tables.cancellation)
    assert (row.decision, row.is_dirty) == ("", False)
