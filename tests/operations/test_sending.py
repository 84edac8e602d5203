"""Orders that were sent to a location: which channels are told, once, and when nobody has to know any more."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Confirmed, Outcome, Rejected, Unclear
from crossdock.operations import retrying
from crossdock.operations.orders import sending
from crossdock.operations.views import views
from crossdock.store import tables
from support import make
from support.make import SHOP, STORE, Bench
from support.shipping import C1, S1, copied, enter, sold, status, teas_and_mugs_sold, void


@pytest.fixture
def selling(hub: Bench) -> Bench:
    return teas_and_mugs_sold(hub)


def sent_there(hub: Bench, integration: str = SHOP) -> list[str]:
    with hub.database.reading() as tx:
        return [change.key for change in sending.due(tx, integration)]


def change_order(hub: Bench, order: str, **values: Any) -> None:
    with hub.step(SHOP) as (tx, _):
        tx.execute(sa.update(tables.order).where(tables.order.c.id == order).values(**values))


def send(hub: Bench) -> None:
    with hub.step(SHOP, actor="ada") as (tx, task):
        sending.mark_sent(tx, task, S1)


def test_an_order_that_was_sent_is_shown_so_until_it_ships(selling: Bench) -> None:
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    send(selling)
    assert status(selling) == "Sent To Fulfillment"
    assert (sent_there(selling), sent_there(selling, STORE)) == ([S1], [C1])

    selling.read_orders(sold({"TEA": 3, "MUG": 2}, shipping_method="Express"))
    assert status(selling) == "Sent To Fulfillment", "the shop has no word for it"
    enter(selling, units={"TEA": 1})

    assert status(selling) == "Partially Fulfilled"
    assert sent_there(selling) == [], "that is not told any more"


def test_a_created_order_is_told_though_nobody_reads_how_it_stands(selling: Bench) -> None:
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    change_order(selling, C1, status_there="")

    send(selling)
    assert sent_there(selling, STORE) == [C1]
    enter(selling)
    assert sent_there(selling, STORE) == [], "its original is fulfilled"


@pytest.mark.parametrize("answer", ["told", "refused", "unclear"])
def test_what_a_channel_says_to_an_order_that_was_sent(selling: Bench, answer: str) -> None:
    send(selling)
    outcomes: dict[str, Any] = {
        "told": Confirmed(S1, make.ChannelId("S1")),
        "refused": Rejected(S1, "It is locked", code="locked"),
        "unclear": Unclear(S1, "The connection broke"),
    }

    with selling.step(SHOP) as (tx, task):
        sending.settle(tx, task, outcomes[answer])

    assert sent_there(selling) == ([S1] if answer == "unclear" else [])
    assert [case.kind for case in selling.cases()] == ([] if answer == "told" else [f"sent_{answer}"])


def test_what_was_not_answered_is_told_again_in_its_own_time_and_said_once(selling: Bench) -> None:
    send(selling)
    before = len(selling.events(S1))

    for _ in range(3):
        with selling.step(SHOP) as (tx, task):
            [change] = sending.due(tx, SHOP)
            sending.settle(tx, task, Unclear(change.key, "The connection broke"))
            assert sending.waiting(tx) == set(), "no other run wakes it"

    assert len(selling.events(S1)) == before + 1
    with selling.step(SHOP) as (tx, task):
        sending.settle(tx, task, Confirmed(S1, make.ChannelId("S1")))
    assert selling.cases("sent_unclear") == []


@pytest.mark.parametrize("outcome", [Rejected(S1, "It is locked"), Unclear(S1, "The connection broke")])
@pytest.mark.parametrize("later", ["shipped", "canceled", "shown"])
def test_nobody_looks_into_what_an_order_has_left_behind(
    selling: Bench, outcome: Outcome, later: str
) -> None:
    send(selling)
    with selling.step(SHOP) as (tx, task):
        sending.settle(tx, task, outcome)

    if later == "shipped":
        enter(selling)
    else:
        status = OrderStatus.CANCELED if later == "canceled" else OrderStatus.SENT_TO_FULFILLMENT
        units = {"TEA": 3, "MUG": 2}
        selling.read_orders(sold(units, status=status, canceled=units if later == "canceled" else {}))

    assert selling.cases() == []


def test_what_is_open_again_is_told_again_though_it_was_refused_before(selling: Bench) -> None:
    send(selling)
    with selling.step(SHOP) as (tx, task):
        sending.settle(tx, task, Rejected(S1, "It is locked"))
    key = enter(selling)
    assert sent_there(selling) == []

    void(selling, key)

    assert (status(selling), sent_there(selling)) == ("Sent To Fulfillment", [S1])


def test_a_refused_word_is_said_again_when_a_person_asks_for_it(selling: Bench) -> None:
    send(selling)
    with selling.step(SHOP) as (tx, task):
        sending.settle(tx, task, Rejected(S1, "It is locked"))
    with selling.database.reading() as tx:
        [case] = views.exceptions(tx, kind="sent_refused").items
    with selling.step(SHOP) as (tx, task):
        retrying.retry(tx, task, case, by="ada")
    assert sent_there(selling) == [S1]

    with selling.step(SHOP) as (tx, task):
        sending.settle(tx, task, Confirmed(S1, make.ChannelId("S1")))

    assert selling.cases("sent_refused") == []


def test_only_what_is_ready_is_sent(selling: Bench) -> None:
    enter(selling)

    with pytest.raises(
        SettingsError, match="order S1 is Fulfilled; only an order that is Ready For Fulfillment"
    ):
        send(selling)
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    with selling.step(STORE) as (tx, task), pytest.raises(SettingsError, match="copy of another order"):
        sending.mark_sent(tx, task, C1)
