"""Fulfillments that the hub records itself: refused where nothing can ship, told wherever the order is, taken back whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Confirmed, Entity, Postponed, Rejected, Unclear
from crossdock.operations import (
    cancellation_push,
    cancellations,
    fulfillment_push,
    integrations,
    publishing,
    retrying,
    sending,
    views,
)
from crossdock.operations.cancellations import Wish
from crossdock.operations.fulfillments import Tracking
from crossdock.operations.order_record import order_id
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from support import make, shipping
from support.make import NOW, SHOP, STORE, Bench
from support.shipping import (
    C1,
    S1,
    UPS,
    copied,
    correct,
    due,
    enter,
    lines,
    settle,
    shown,
    sold,
    status,
    tell,
    void,
)

CANCELS = make.Rules(pushes_cancellations=True)


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """Three teas and two mugs sold in the shop."""
    hub.open_shop(TEA=10, MUG=10)
    hub.read_orders(sold({"TEA": 3, "MUG": 2}))
    return hub


@pytest.fixture
def own(hub: Bench) -> Bench:
    """The hub itself owns the stock: three teas of ten are sold in the shop."""
    hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
    hub.read_locations(make.location(is_default=True), of=HUB)
    hub.read_locations(make.location(is_default=True), of=SHOP)
    hub.read_products(make.product("TEA"))
    hub.read_orders(sold({"TEA": 3}))
    return hub


def cancel(hub: Bench, units: int = 0) -> str:
    with hub.step(SHOP, rules=CANCELS) as (tx, task):
        return cancellations.cancel(tx, task, S1, Wish({"TEA": units} if units else {}))


# Recording


def test_all_that_is_open_leaves_where_nothing_is_named(selling: Bench) -> None:
    key = enter(selling)

    assert lines(selling) == {"TEA": (3, 0, 0), "MUG": (2, 0, 0)}
    assert status(selling) == "Fulfilled"
    [one] = shown(selling)
    assert (one.id, one.source, one.actor, one.shipped_at) == (key, "hub", "ada", selling.now)
    assert selling.events(S1)[-1] == "5 units shipped (UPS 1Z-1)"


@pytest.mark.parametrize("name", ["TEA", "line-TEA"])
def test_a_part_leaves_by_sku_or_line(selling: Bench, name: str) -> None:
    enter(selling, units={name: 2})

    assert (lines(selling), status(selling)) == (
        {"TEA": (2, 0, 1), "MUG": (0, 0, 2)},
        "Partially Fulfilled",
    )


def test_units_of_one_sku_are_taken_from_all_its_lines(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    hub.read_orders(make.order("S1", make.line("TEA", 1, "1"), make.line("TEA", 2, "2")))

    enter(hub, units={"TEA": 3})

    assert sorted(row.quantity_shipped for row in hub.rows(tables.order_line)) == [1, 2]
    assert [part.quantity for part in shown(hub)[0].lines] == [1, 2]


def test_the_same_reference_again_is_the_same_fulfillment(selling: Bench) -> None:
    first = enter(selling, units={"TEA": 1}, reference="parcel-7")
    before = [len(selling.rows(table)) for table in (tables.event, tables.fulfillment)]

    assert enter(selling, units={"TEA": 1}, reference="parcel-7") == first

    assert [len(selling.rows(table)) for table in (tables.event, tables.fulfillment)] == before
    assert lines(selling)["TEA"] == (1, 0, 2)


def test_what_is_recorded_twice_without_a_reference_is_two_fulfillments(selling: Bench) -> None:
    assert enter(selling, units={"TEA": 1}) != enter(selling, units={"TEA": 1})

    assert lines(selling)["TEA"] == (2, 0, 1)


def test_a_reference_that_was_taken_back_is_not_given_again(selling: Bench) -> None:
    void(selling, enter(selling, reference="parcel-7"))

    with pytest.raises(SettingsError, match="another reference"):
        enter(selling, reference="parcel-7")


REFUSED = [
    (Tracking("", "1Z-1"), {}, "carrier: is missing"),
    (Tracking("UPS", "1Z 1"), {}, "tracking_number: '1Z 1' is no tracking number"),
    (Tracking("UPS", "1" * 51), {}, "tracking_number: .* at most 50 characters"),
    (Tracking(url="ups.com/1"), {}, "tracking_url: 'ups.com/1' is no web address"),
    (UPS, {"HAT": 1}, "lines: order S1 has no line 'HAT'; it has: MUG, TEA"),
    (UPS, {"TEA": 4}, "lines: 4 of 'TEA' cannot be shipped; of order S1 3 are open"),
    (UPS, {"TEA": 0}, "lines: 0 of 'TEA' cannot be shipped"),
]


@pytest.mark.parametrize(("tracking", "units", "said"), REFUSED)
def test_what_cannot_be_is_refused_with_the_field_that_is_wrong(
    selling: Bench, tracking: Tracking, units: dict[str, int], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        enter(selling, tracking, units)

    assert selling.rows(tables.fulfillment) == []


def test_an_order_that_has_all_shipped_has_nothing_left(selling: Bench) -> None:
    enter(selling)

    with pytest.raises(SettingsError, match="lines: order S1 has nothing left to ship"):
        enter(selling)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"status": OrderStatus.CANCELED, "canceled": {"TEA": 3, "MUG": 2}}, "is Canceled"),
        ({"is_reservation": True, "status": OrderStatus.NEW}, "is New"),
        ({"fulfilled_by": FulfilledBy.PLATFORM_WAREHOUSE}, "is shipped by tiktok"),
        ({"fulfilled_by": FulfilledBy.PLATFORM_LABEL}, "is shipped by tiktok"),
    ],
)
def test_orders_of_which_nothing_is_to_be_shipped_here_say_so(
    hub: Bench, more: dict[str, Any], said: str
) -> None:
    hub.read_orders(sold({"TEA": 3, "MUG": 2}, **more))

    with pytest.raises(SettingsError, match=said):
        enter(hub)


def test_a_copy_is_shipped_by_shipping_its_original(selling: Bench) -> None:
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)

    with pytest.raises(SettingsError, match="copy of another order"):
        enter(selling, order=C1)


# Correcting and taking back


def test_a_correction_reaches_whoever_was_told(selling: Bench) -> None:
    key = enter(selling)
    tell(selling, "p1")
    assert due(selling) == []

    correct(selling, key, Tracking("FedEx", "9"))

    [one] = due(selling)
    assert (one.change.channel_id, one.change.desired.carrier) == ("p1", "FedEx")
    assert "Tracking corrected: UPS 1Z-1 → FedEx 9" in selling.events(S1)


def test_a_correction_to_the_same_changes_nothing(selling: Bench) -> None:
    key = enter(selling)
    tell(selling, "p1")
    before = selling.events(S1)

    correct(selling, key, UPS)

    assert (due(selling), selling.events(S1)) == ([], before)


def test_what_is_taken_back_is_open_again_and_asked_back_from_whoever_was_told(selling: Bench) -> None:
    key = enter(selling)
    tell(selling, "p1")

    void(selling, key)

    assert (lines(selling), status(selling)) == (
        {"TEA": (0, 0, 3), "MUG": (0, 0, 2)},
        "Ready For Fulfillment",
    )
    [one] = due(selling)
    assert (one.change.channel_id, one.change.desired.is_voided) == ("p1", True)
    with pytest.raises(SettingsError, match="taken back already"):
        void(selling, key)
    with pytest.raises(SettingsError, match="taken back already"):
        correct(selling, key, Tracking())


def test_what_was_sent_and_not_answered_is_asked_back_too(selling: Bench) -> None:
    key = enter(selling)
    assert due(selling)  # and the hub was killed before it kept an answer

    void(selling, key)

    [one] = due(selling)
    assert (one.change.desired.is_voided, one.change.is_unclear) == (True, True)


def test_what_was_never_sent_is_not_asked_back(selling: Bench) -> None:
    void(selling, enter(selling))

    assert due(selling) == []
    assert shown(selling)[0].channels == []


def test_what_a_channel_recorded_is_changed_there(selling: Bench) -> None:
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    shipping.read(selling, shipping.shipment("s1", "1Z-7", TEA=1))
    [one] = shown(selling)

    with pytest.raises(SettingsError, match="recorded in store as shipment s1; change it there"):
        void(selling, one.id)
    with pytest.raises(SettingsError, match="there is no fulfillment 'nothing'"):
        void(selling, "nothing")


def test_goods_that_have_left_cannot_be_canceled_and_what_is_canceled_cannot_leave(selling: Bench) -> None:
    enter(selling, units={"TEA": 2})
    with pytest.raises(SettingsError, match="1 can be"):
        cancel(selling, 2)
    cancel(selling, 1)

    with pytest.raises(SettingsError, match="0 are open"):
        enter(selling, units={"TEA": 1})

    assert lines(selling)["TEA"] == (2, 1, 0)


def test_an_order_canceled_in_the_hub_that_has_left_lives_on(selling: Bench) -> None:
    key = cancel(selling)
    assert status(selling) == "Canceled"
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)

    shipping.read(selling, shipping.shipment("s1", TEA=3, MUG=2))

    assert (lines(selling)["TEA"], status(selling)) == ((3, 0, 0), "Fulfilled")
    with selling.step(SHOP, rules=CANCELS) as (tx, task):
        cancellation_push.settle(tx, task, Rejected(key, "It has shipped"))
    assert (lines(selling)["TEA"], status(selling)) == ((3, 0, 0), "Fulfilled")


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
    assert ("No such carrier" in case.cause, case.fix) == (True, "Map UPS")
    [channel] = shown(selling)[0].channels
    assert (channel.state, channel.message, channel.fix) == ("refused", "No such carrier", "Map UPS")
    assert due(selling) == [], "the same is not sent again by itself"

    correct(selling, key, Tracking("USPS", "94"))
    assert shown(selling)[0].channels[0].state == "waiting"
    tell(selling, "p1")

    assert selling.cases("carrier_unknown") == []


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


def test_what_is_postponed_has_its_turn_by_itself(selling: Bench) -> None:
    key = enter(selling)
    [one] = due(selling)
    settle(selling, one, Postponed(key, "The order is on hold there", timedelta(minutes=10)))
    [channel] = shown(selling)[0].channels
    assert (channel.state, channel.again_at) == ("waiting", selling.now + timedelta(minutes=10))
    assert due(selling) == []

    with selling.step(SHOP) as (tx, task):
        publishing.mark_due(tx, SHOP, Entity.FULFILLMENTS, task.now + timedelta(minutes=10))

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


# Stock


def test_each_unit_leaves_the_hubs_shelf_once(own: Bench) -> None:
    key = enter(own, units={"TEA": 2})
    assert (own.on_hand("TEA"), own.committed("TEA")) == (-2, 1)
    tell(own, "p1")

    own.read_orders(
        sold({"TEA": 3}, shipped={"TEA": 2}, parcels=(shipping.parcel("p1", "1Z-1", TEA=2),)),
    )
    correct(own, key, Tracking("UPS", "1Z-2"))

    assert (own.on_hand("TEA"), own.committed("TEA")) == (-2, 1)
    assert own.ledger_differences() == {}


def test_what_is_taken_back_lies_on_the_shelf_and_is_promised_again(own: Bench) -> None:
    key = enter(own)
    void(own, key)
    assert (own.on_hand("TEA"), own.committed("TEA")) == (0, 3)

    enter(own, units={"TEA": 1})
    assert (own.on_hand("TEA"), own.committed("TEA")) == (-1, 2)
    cancel(own, 2)

    assert (own.on_hand("TEA"), own.committed("TEA")) == (-1, 0)
    assert own.ledger_differences() == {}


def test_what_left_where_stock_has_no_limit_is_noted_only_and_noted_back(own: Bench) -> None:
    with own.step(HUB) as (tx, _):
        tx.execute(tables.location.update().values(is_unlimited=True))
    key = enter(own)
    assert (own.on_hand("TEA"), own.committed("TEA")) == (0, 0)

    void(own, key)

    assert (own.on_hand("TEA"), own.committed("TEA")) == (0, 3)
    assert sum(row.noted for row in own.rows(tables.movement)) == 0


def test_what_leaves_changes_nothing_for_a_platform_that_owns_stock(selling: Bench) -> None:
    before = (selling.reports(), selling.committed("TEA"), selling.offered("TEA"))

    void(selling, enter(selling))
    enter(selling)

    assert (selling.reports(), selling.committed("TEA"), selling.offered("TEA")) == before


def test_an_order_of_the_owner_that_the_hub_ships_is_promised_until_the_owner_shows_it(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    hub.read_orders(make.order("B1", make.line("TEA", 3), stock_is_taken=False), of=STORE)

    enter(hub, order=order_id(STORE, "B1"))
    assert hub.offered("TEA") == 7
    hub.read_stock(make.stock("TEA", 7))
    shown_there = make.line("TEA", 3, quantity_shipped=3)
    hub.read_orders(make.order("B1", shown_there, status=OrderStatus.FULFILLED), of=STORE)

    assert (hub.committed("TEA"), hub.offered("TEA")) == (0, 7)


# Sent to a location


def sent_there(hub: Bench, integration: str = SHOP) -> list[str]:
    with hub.database.reading() as tx:
        return [change.key for change in sending.due(tx, integration)]


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
    assert len(selling.cases("sent_refused")) == (answer == "refused")


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


# Looking


def test_fulfillments_are_listed_the_newest_first_in_slices_and_found_by_words(selling: Bench) -> None:
    enter(selling, Tracking("UPS", "1Z-1"), {"TEA": 1})
    enter(selling, Tracking("DHL", "JD-2"), {"TEA": 1})
    void(selling, enter(selling, Tracking("DHL", "JD-3"), {"TEA": 1}))
    selling.read_orders(make.order("B1", make.line("MUG", 1)), of=STORE)
    enter(selling, Tracking("Royal Mail"), order=order_id(STORE, "B1"))

    with selling.database.reading() as tx:
        first = views.fulfillments(tx, limit=3)
        rest = views.fulfillments(tx, limit=3, after=first.next)

    assert [f.carrier for f in (*first.items, *rest.items)] == ["Royal Mail", "DHL", "DHL", "UPS"]
    assert rest.next == ""
    assert len(shown(selling, integration=SHOP)) == 3
    assert len(shown(selling, order="B1")) == len(shown(selling, order=order_id(STORE, "B1"))) == 1
    assert [f.tracking_number for f in shown(selling, state="voided")] == ["JD-3"]
    assert [f.carrier for f in shown(selling, search="jd-2")] == ["DHL"]
    assert [f.carrier for f in shown(selling, search="royal")] == ["Royal Mail"]


def test_an_order_shows_its_fulfillments_the_first_of_them_first(selling: Bench) -> None:
    first, second = (enter(selling, units={"TEA": 1}) for _ in range(2))

    with selling.database.reading() as tx:
        detail = views.order(tx, S1)

    assert detail is not None
    assert [each.id for each in detail.fulfillments] == [first, second]
    assert replace(detail.fulfillments[0], channels=[]).order_number == "S1"
    assert detail.fulfillments[0].created_at > NOW
