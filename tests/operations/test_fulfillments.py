"""Fulfillments that the hub records itself: refused where nothing can ship, corrected, taken back whole, and found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Rejected
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.orders import cancellation_push
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.views import views
from crossdock.store import tables
from support import make, shipping
from support.make import NOW, SHOP, STORE, Bench
from support.shipping import (
    C1,
    S1,
    UPS,
    cancel,
    copied,
    correct,
    due,
    enter,
    lines,
    shown,
    sold,
    status,
    teas_and_mugs_sold,
    tell,
    void,
)


@pytest.fixture
def selling(hub: Bench) -> Bench:
    return teas_and_mugs_sold(hub)


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
    (Tracking(url="https://ups com/1"), {}, "tracking_url: .* no spaces"),
    (Tracking("UPS", "1\0Z"), {}, "tracking_number: '1.x00Z' has a character that cannot be printed"),
    (Tracking("U\nPS"), {}, "carrier: "),
    (Tracking(url="https://ups.com/\0"), {}, "tracking_url: "),
    (Tracking(service="\0"), {}, "service: "),
    (UPS, {"HAT": 1}, "lines: order S1 has no line 'HAT'; it has: MUG, TEA"),
    (UPS, {"TEA": 4}, "lines: 4 of 'TEA' cannot be shipped; order S1 has 3 open"),
    (UPS, {"TEA": 0}, "lines: 0 of 'TEA' cannot be shipped"),
]


@pytest.mark.parametrize(("tracking", "units", "said"), REFUSED)
def test_what_cannot_be_is_refused_with_the_field_that_is_wrong(
    selling: Bench, tracking: Tracking, units: dict[str, int], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        enter(selling, tracking, units)

    assert selling.rows(tables.fulfillment) == []


def test_what_is_still_to_come_has_not_left(selling: Bench) -> None:
    with pytest.raises(SettingsError, match=r"shipped_at: 2999-01-01.* is still to come"):
        enter(selling, shipped_at=NOW.replace(year=2999, month=1, day=1, hour=0))
    with pytest.raises(SettingsError, match="reference: "):
        enter(selling, reference="\0")

    assert enter(selling, shipped_at=selling.now + timedelta(minutes=2)), "clocks differ"


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


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"number": "1Z-2"}, ""),
        ({"carrier": "FedEx"}, ""),
        ({"number": "1Z-2", "url": "https://x/2"}, "https://x/2"),
        ({"service": "Air"}, "https://x/1"),
        ({"number": " 1Z-1 "}, "https://x/1"),
        ({"url": ""}, ""),
    ],
)
def test_an_address_leads_to_the_parcel_it_was_given_for(given: dict[str, str], kept: str) -> None:
    was = Tracking("UPS", "1Z-1", "https://x/1", "Ground")

    now = was.corrected(**given)

    assert now.url == kept
    assert (now.carrier, now.service) == (given.get("carrier", "UPS"), given.get("service", "Ground"))


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
    with pytest.raises(SettingsError, match="has 1 open"):
        cancel(selling, 2)
    cancel(selling, 1)

    with pytest.raises(SettingsError, match="has 0 open"):
        enter(selling, units={"TEA": 1})

    assert lines(selling)["TEA"] == (2, 1, 0)


def test_an_order_canceled_in_the_hub_that_has_left_lives_on(selling: Bench) -> None:
    key = cancel(selling)
    assert status(selling) == "Canceled"
    selling.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)

    shipping.read(selling, shipping.shipment("s1", TEA=3, MUG=2))

    assert (lines(selling)["TEA"], status(selling)) == ((3, 0, 0), "Fulfilled")
    with selling.step(SHOP, rules=shipping.CANCELS) as (tx, task):
        cancellation_push.settle(tx, task, Rejected(key, "It has shipped"))
    assert (lines(selling)["TEA"], status(selling)) == ((3, 0, 0), "Fulfilled")


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
