"""Who is told of a fulfillment, what exactly, and what the answers mean; and orders that were sent to a location."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crossdock.domain.sync import (
    Confirmed,
    Direction,
    Entity,
    FlowKey,
    Rejected,
    Unclear,
)
from crossdock.operations import publishing, retrying
from crossdock.operations.fulfillments import fulfillment_push
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.setup import integrations
from crossdock.operations.views import views
from support import make
from support.make import SHOP, STORE, Bench
from support.shipping import (
    S1,
    copied,
    correct,
    due,
    enter,
    settle,
    shown,
    teas_and_mugs_sold,
    tell,
    void,
)


@pytest.fixture
def selling(hub: Bench) -> Bench:
    return teas_and_mugs_sold(hub)


# Telling


def test_the_shop_is_told_by_line_and_the_store_by_what_its_copy_holds(selling: Bench) -> None:
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    enter(selling, units={"TEA": 2})

    [there], [on_copy] = due(selling), due(selling, STORE)

    [wanted], [of_copy] = there.change.desired.units, on_copy.change.desired.units
    assert (there.change.desired.order_id, wanted.line_id, wanted.variant_id) == (
        "S1",
        "line-TEA",
        "l-TEA",
    )
    assert (on_copy.change.desired.order_id, of_copy.line_id, of_copy.variant_id) == ("C1", "", "v-TEA")
    assert (wanted.quantity, of_copy.quantity, of_copy.channel_sku) == (2, 2, "TEA")


def test_a_copy_that_is_created_later_hears_of_what_has_left(selling: Bench) -> None:
    enter(selling)
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)

    with selling.step(STORE) as (tx, _):
        fulfillment_push.mark_orders(tx, [S1])

    assert len(due(selling, STORE)) == 1


def test_what_is_told_is_shown_with_its_ids(selling: Bench) -> None:
    enter(selling)
    tell(selling, "p1+p2")

    [channel] = shown(selling)[0].channels

    assert (channel.state, channel.parcels, channel.message) == ("told", ["p1", "p2"], "")
    assert channel.told_at == selling.now
    assert any("Recorded on tiktok: 5 units shipped (UPS 1Z-1)" in what for what in selling.events(S1))


def test_what_waits_says_for_which_setting(selling: Bench) -> None:
    enter(selling)
    assert shown(selling)[0].channels[0].message == "“Push fulfillments” of tiktok is off"

    with selling.step(SHOP) as (tx, _):
        integrations.configure_flows(tx, SHOP, {("push", Entity.FULFILLMENTS): True}, {})
    assert shown(selling)[0].channels[0].message == "tiktok is told next"

    with selling.step(SHOP) as (tx, _):
        fulfillment_push.hold_back(tx, SHOP)
    [channel] = shown(selling)[0].channels
    assert (channel.state, channel.message) == ("waiting", "“Push fulfillments” of tiktok is off")


def test_a_refusal_is_a_case_that_a_correction_ends(selling: Bench) -> None:
    key = enter(selling)
    [one] = due(selling)
    settle(selling, one, Rejected(key, "No such carrier", code="carrier_unknown", fix="Map UPS"))

    [case] = selling.cases("carrier_unknown")
    assert "No such carrier" in case.cause
    assert case.fix.endswith("Map UPS")
    [channel] = shown(selling)[0].channels
    assert (channel.state, channel.message, channel.fix) == ("refused", "No such carrier", "Map UPS")
    assert due(selling) == [], "the same is not sent again by itself"

    correct(selling, key, Tracking("USPS", "94"))
    assert shown(selling)[0].channels[0].state == "waiting"
    tell(selling, "p1")

    assert selling.cases("carrier_unknown") == []


def test_a_refusal_is_tried_again_when_a_setting_changes(selling: Bench) -> None:
    key = enter(selling)
    [one] = due(selling)
    settle(selling, one, Rejected(key, "No such carrier", code="carrier_unknown", fix="Map UPS"))

    with selling.step(SHOP) as (tx, _):
        wanted = {("push", Entity.FULFILLMENTS): True}
        integrations.configure_flows(tx, SHOP, wanted, {}, has_changed=True)
    tell(selling, "p1")

    assert selling.cases("carrier_unknown") == []


def test_a_resync_looks_again_at_what_was_told_and_not_at_what_was_taken_back(selling: Bench) -> None:
    kept, gone = enter(selling, units={"TEA": 1}), enter(selling, units={"TEA": 2})
    [one, other] = due(selling)
    for each in (one, other):
        settle(selling, each, Confirmed(each.change.key, make.ChannelId(f"of-{each.change.key}")))
    void(selling, gone)
    tell(selling, "")

    with selling.step(SHOP) as (tx, _):
        integrations.restart_flow(tx, FlowKey(SHOP, Direction.PUSH, Entity.FULFILLMENTS))

    assert [each.change.key for each in tell(selling, f"of-{kept}")] == [kept]
    assert {each.channels[0].state for each in shown(selling)} == {"told"}


def test_what_was_corrected_does_not_wait_for_why_it_was_refused(selling: Bench) -> None:
    with selling.step(SHOP) as (tx, _):
        integrations.configure_flows(tx, SHOP, {("push", Entity.FULFILLMENTS): True}, {})
    key = enter(selling)
    [one] = due(selling)
    settle(selling, one, Rejected(key, "No such number", fix="Correct it"))

    correct(selling, key, Tracking("UPS", "1Z-2"))

    [channel] = shown(selling)[0].channels
    assert (channel.state, channel.message, channel.fix) == ("waiting", "tiktok is told next", "")


def test_a_refusal_is_tried_again_when_a_person_asks_for_it(selling: Bench) -> None:
    key = enter(selling)
    [one] = due(selling)
    settle(selling, one, Rejected(key, "Not now"))
    with selling.database.reading() as tx:
        [case] = views.exceptions(tx, kind="fulfillment_refused").items

    with selling.step(SHOP) as (tx, task):
        flows = retrying.retry(tx, task, case, by="ada")

    assert [str(flow) for flow in flows] == ["tiktok/push-fulfillments"]
    assert len(due(selling)) == 1


def test_what_is_not_answered_is_looked_for_after_a_pause_that_grows(selling: Bench) -> None:
    key = enter(selling)
    pauses = []
    for _ in range(4):
        [one] = due(selling)
        settle(selling, one, Unclear(key, "The connection broke"))
        assert selling.cases("fulfillment_unclear")
        [channel] = shown(selling)[0].channels
        assert channel.state == "unclear"
        assert channel.again_at is not None
        pauses.append(channel.again_at - selling.now)
        with selling.step(SHOP) as (tx, _):
            publishing.mark_due(tx, SHOP, Entity.FULFILLMENTS, channel.again_at)
    [one] = due(selling)
    assert one.change.is_unclear
    settle(selling, one, Confirmed(key, make.ChannelId("p1")))

    assert pauses == [timedelta(seconds=30 * 2**n) for n in range(4)]
    assert selling.cases("fulfillment_unclear") == []


def test_what_is_corrected_before_it_was_answered_is_looked_for_as_it_was_sent(selling: Bench) -> None:
    key = enter(selling)
    [one] = due(selling)
    settle(selling, one, Unclear(key, "The connection broke"))
    correct(selling, key, Tracking("DHL", "JD-9"))

    [first] = due(selling)
    settle(selling, first, Confirmed(key, make.ChannelId("p1")))
    [then] = due(selling)

    as_sent, corrected = first.change.desired, then.change.desired
    assert (as_sent.carrier, as_sent.tracking_number, first.change.channel_id) == ("UPS", "1Z-1", None)
    assert (corrected.carrier, corrected.tracking_number, then.change.channel_id) == ("DHL", "JD-9", "p1")
    settle(selling, then, Confirmed(key, make.ChannelId("p1")))
    assert due(selling) == []


def test_what_is_taken_back_before_it_was_answered_is_looked_for_as_it_was_sent(selling: Bench) -> None:
    key = enter(selling)
    assert due(selling)
    correct(selling, key, Tracking("DHL", "JD-9"))
    void(selling, key)

    [one] = due(selling)
    assert (one.change.desired.is_voided, one.change.desired.tracking_number) == (True, "1Z-1")
    settle(selling, one, Confirmed(key, make.ChannelId("")))

    assert due(selling) == []


def test_what_was_refused_is_sent_as_it_is_by_now(selling: Bench) -> None:
    key = enter(selling)
    [one] = due(selling)
    settle(selling, one, Rejected(key, "No"))
    correct(selling, key, Tracking("DHL", "JD-9"))
    [one] = due(selling)
    settle(selling, one, Unclear(key, "The connection broke"))
    correct(selling, key, Tracking("DHL", "JD-10"))

    [one] = due(selling)

    assert one.change.desired.tracking_number == "JD-9"


def test_what_changes_while_it_is_sent_is_sent_again(selling: Bench) -> None:
    key = enter(selling)
    [one] = due(selling)
    correct(selling, key, Tracking("UPS", "1Z-2"))

    settle(selling, one, Confirmed(key, make.ChannelId("p1")))

    [again] = due(selling)
    assert (again.change.channel_id, again.change.desired.tracking_number) == ("p1", "1Z-2")
