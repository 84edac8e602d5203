"""Fulfillments that a channel refuses, in part or for now, and what becomes of that when they change hands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Confirmed, Entity, Outcome, Rejected, Unclear
from crossdock.operations import publishing, retrying
from crossdock.operations.fulfillments.fulfillment_push import Due
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.fulfillments.told_parcels import Told, told
from crossdock.operations.orders import sending
from crossdock.operations.views import views
from support.make import SHOP, STORE, Bench
from support.shipping import (
    S1,
    copied,
    correct,
    due,
    enter,
    lines,
    parcel,
    read,
    settle,
    shipment,
    shown,
    sold,
    teas_and_mugs_sold,
    tell,
    void,
)

SOON = timedelta(minutes=10)
NO_TRACKING = Tracking()


@pytest.fixture
def selling(hub: Bench) -> Bench:
    return teas_and_mugs_sold(hub)


def not_now(one: Due, reason: str = "The package has not left yet", **more: str) -> Rejected:
    return Rejected(
        one.change.key, reason, again_in=SOON, channel_id=ChannelId(more.pop("channel_id", "")), **more
    )


def wait(hub: Bench) -> None:
    """The time comes to try it again."""
    [channel] = shown(hub)[0].channels
    assert channel.again_at is not None
    with hub.step(SHOP) as (tx, _):
        publishing.mark_due(tx, SHOP, Entity.FULFILLMENTS, channel.again_at)


# For now


def test_what_is_refused_for_now_is_tried_after_pauses_that_grow_and_told_once(selling: Bench) -> None:
    enter(selling)
    pauses, before = [], len(selling.events(S1))
    for _ in range(9):
        [one] = due(selling)
        settle(selling, one, not_now(one))
        [channel] = shown(selling)[0].channels
        assert channel.again_at is not None
        pauses.append((channel.again_at - selling.now) / timedelta(minutes=1))
        wait(selling)

    assert pauses == [10, 10, 10, 10, 10, 16, 32, 60, 60]
    assert len(selling.events(S1)) - before == 1
    assert len(selling.cases("fulfillment_refused")) == 1


def test_another_reason_is_told(selling: Bench) -> None:
    enter(selling)
    before = len(selling.events(S1))
    for reason in ("It is on hold", "It is on hold", "The buyer asks to cancel"):
        [one] = due(selling)
        settle(selling, one, not_now(one, reason))
        wait(selling)

    assert [said.partition(": ")[2] for said in selling.events(S1)[before:]] == [
        "It is on hold",
        "The buyer asks to cancel",
    ]


# In part


def test_a_part_that_left_before_the_rest_was_refused_is_known_when_it_is_read(selling: Bench) -> None:
    enter(selling, units={"TEA": 3})
    [one] = due(selling)
    settle(selling, one, not_now(one, channel_id="p1"))

    part = parcel("p1", "1Z-1", TEA=1)
    selling.read_orders(sold({"TEA": 3, "MUG": 2}, shipped={"TEA": 1}, parcels=(part,)))

    assert [(one.source, one.state) for one in shown(selling)] == [("hub", "shipped")]
    assert (selling.cases("fulfillment_exceeds"), lines(selling)["TEA"]) == ([], (3, 0, 0))
    wait(selling)
    [again] = due(selling)
    assert again.change.channel_id == "p1"


def test_a_part_that_got_another_id_is_known_by_its_number(selling: Bench) -> None:
    enter(selling, units={"TEA": 3})
    [one] = due(selling)
    settle(selling, one, not_now(one, channel_id="p1"))

    part = parcel("p9", "1Z-1", TEA=1)
    selling.read_orders(sold({"TEA": 3, "MUG": 2}, shipped={"TEA": 1}, parcels=(part,)))

    assert [(one.source, one.channels[0].parcels) for one in shown(selling)] == [("hub", ["p9"])]


def test_a_refused_correction_leaves_what_stood_there_as_it_was(selling: Bench) -> None:
    key = enter(selling)
    tell(selling, "p1")
    correct(selling, key, Tracking("UPS", "1Z-2"))
    [one] = due(selling)
    settle(selling, one, Rejected(key, "It is too late", channel_id=ChannelId("p1")))

    assert told(selling.publication(key, Entity.FULFILLMENTS)) == Told(("p1",), (("UPS", "1Z-1"),))


# From hand to hand


def test_what_was_refused_and_inherits_a_parcel_is_told_its_number(selling: Bench) -> None:
    gone = enter(selling, Tracking("UPS", "1Z-1"), {"TEA": 1})
    heir = enter(selling, Tracking("UPS", "1Z-2"), {"TEA": 1})
    for one in due(selling):
        taken: Outcome = Confirmed(gone, ChannelId("p1"))
        settle(selling, one, taken if one.change.key == gone else Rejected(heir, "No such units are open"))

    void(selling, gone)
    # Which of the two is looked at first is a matter of their ids.
    found = [one for _ in range(2) for one in due(selling)]
    again = next(one for one in found if one.change.key == heir)
    settle(selling, again, Confirmed(heir, ChannelId("p1")))

    assert (again.change.channel_id, again.change.desired.tracking_number) == ("p1", "1Z-2")
    [channel] = next(one.channels for one in shown(selling) if one.id == heir)
    assert (channel.state, channel.parcels, channel.message) == ("told", ["p1"], "")
    assert selling.cases("fulfillment_refused") == []


def test_a_shipment_without_a_number_is_the_stores_own_once_a_person_has_seen_to_it(selling: Bench) -> None:
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    key = enter(selling, NO_TRACKING, {"TEA": 1})
    [one] = due(selling, STORE)
    settle(selling, one, Unclear(key, "The connection broke"), STORE)
    void(selling, key)
    [one] = due(selling, STORE)
    settle(selling, one, Rejected(key, "It may be this one", code="not_told_apart"), STORE)
    with selling.database.reading() as tx:
        [case] = views.exceptions(tx, kind="fulfillment_refused").items
    with selling.step(STORE) as (tx, task):
        retrying.retry(tx, task, case, by="ada")
    assert due(selling, STORE) == []

    read(selling, shipment("s1", TEA=1))

    assert selling.cases("fulfillment_refused") == []
    assert [one.state for one in shown(selling) if one.source == STORE] == ["shipped"]


def test_an_order_whose_shipment_was_taken_back_is_shown_as_sent_once_more(selling: Bench) -> None:
    """Its channel brings it back to where it was before it was sent."""
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    with selling.step(SHOP, actor="ada") as (tx, task):
        sending.mark_sent(tx, task, S1)
    with selling.step(STORE) as (tx, task):
        [one] = sending.due(tx, STORE)
        sending.settle(tx, task, Confirmed(one.key, ChannelId("C1")))
    key = enter(selling)
    tell(selling, "s1", integration=STORE)

    void(selling, key)
    tell(selling, "", integration=STORE)

    with selling.database.reading() as tx:
        assert [change.desired for change in sending.due(tx, STORE)] == ["C1"]
