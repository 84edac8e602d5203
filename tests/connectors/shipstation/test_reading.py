"""What the warehouse says comes in: what became of requests, and what has left with which tracking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.shipstation.bench import Yard, open_yard, request
from crossdock.connectors.errors import CredentialsError, ProtocolError
from crossdock.connectors.shipstation.connector import ShipStation
from crossdock.domain.channel import ChannelId, ChannelSku, Parcel, ShippedUnits
from crossdock.domain.shipping import NewsKind
from crossdock.domain.sync import Cursor, Page
from crossdock_simulators.kit import Clock

MUG, TOTE = ChannelSku("MUG"), ChannelSku("TOTE")
ALL = (ShippedUnits(ChannelId("1"), 2, channel_sku=MUG), ShippedUnits(ChannelId("2"), 1, channel_sku=TOTE))


def parcels(pages: list[Page[Any]]) -> dict[str, tuple[Parcel, ...]]:
    return {record.order_id: record.parcels for page in pages for record in page.records}


def shipped(yard: Yard, since: Cursor | None = None) -> dict[str, tuple[Parcel, ...]]:
    return parcels(list(yard.hub().pull_fulfillments(since)))


def foreign(yard: Yard, number: str) -> int:
    """An order of another creator, whose key is of another form."""
    yard.send(request(number))
    (order,) = [one for one in yard.simulator.account.orders.values() if one.number == number]
    order.own["orderKey"] = f"manual-{order.id}"
    return order.id


def test_news_say_what_became_of_each_request(yard: Yard) -> None:
    ids = yard.send(*(request(f"10{n}-1") for n in range(5)))
    for number, status in zip(ids, ("on_hold", "cancelled", "rejected_fulfillment", "shipped"), strict=False):
        yard.act(f"orders/{number}/status", status=status)
    foreign(yard, "77")

    (page,) = yard.hub().pull_shipping_requests(None)

    kinds = {news.number: news.kind for news in page.records}
    assert kinds == {
        "100-1": NewsKind.ACCEPTED,
        "101-1": NewsKind.STOPPED,
        "102-1": NewsKind.REFUSED,
        "103-1": NewsKind.ACCEPTED,
        "104-1": NewsKind.ACCEPTED,
    }
    assert {news.their_id for news in page.records} == set(ids)
    assert all(news.reason for news in page.records if news.kind is not NewsKind.ACCEPTED)
    assert page.completes_sweep


def test_a_label_comes_in_with_its_units_by_line_and_how_they_travel(yard: Yard) -> None:
    (number,) = yard.send(request())
    before = datetime.now(UTC)
    yard.act(
        f"orders/{number}/label", carrier_code="ups", service_code="ups_ground", tracking_number=" 1Z999 "
    )

    (parcel,) = shipped(yard)["1001-1"]

    assert parcel.units == ALL
    assert (parcel.carrier, parcel.service, parcel.tracking_number) == ("UPS", "ups_ground", "1Z999")
    assert parcel.shipped_at is not None
    assert abs(parcel.shipped_at - before) < timedelta(minutes=1)


def test_each_report_holds_all_parcels_of_the_request_and_void_labels_are_left_out(yard: Yard) -> None:
    (number,) = yard.send(request())
    first = yard.act(f"orders/{number}/label", sku="MUG", quantity=1, tracking_number="A")
    since = list(yard.hub().pull_fulfillments(None))[-1].cursor
    yard.act(f"orders/{number}/label", tracking_number="B")

    both = shipped(yard, since)["1001-1"]
    yard.act(f"shipments/{first['shipmentId']}/void")
    left = shipped(yard, since)["1001-1"]

    assert [parcel.tracking_number for parcel in both] == ["A", "B"]
    assert [parcel.tracking_number for parcel in left] == ["B"]


def test_when_all_labels_are_void_the_request_has_no_parcels(yard: Yard) -> None:
    (number,) = yard.send(request())
    label = yard.act(f"orders/{number}/label")
    yard.act(f"shipments/{label['shipmentId']}/void")

    assert shipped(yard) == {"1001-1": ()}


def test_an_order_marked_as_shipped_is_one_parcel_of_what_no_label_holds(yard: Yard) -> None:
    whole, part = yard.send(request("1001-1"), request("1002-1"))
    yard.act(f"orders/{part}/label", sku="MUG", quantity=1, tracking_number="A")
    for number in (whole, part):
        yard.act(f"orders/{number}/mark", carrier_code="city_courier", tracking_number="M")

    found = shipped(yard)

    assert found["1001-1"][0].units == ALL
    assert (found["1001-1"][0].carrier, found["1001-1"][0].tracking_number) == ("city courier", "M")
    assert [
        (parcel.tracking_number, sum(u.quantity for u in parcel.units)) for parcel in found["1002-1"]
    ] == [
        ("A", 1),
        ("M", 2),
    ]


def test_orders_of_others_are_left_alone(yard: Yard) -> None:
    yard.act(f"orders/{foreign(yard, '77')}/label")
    yard.act(f"orders/{foreign(yard, '78')}/mark")

    assert shipped(yard) == {}


def test_a_quiet_account_costs_one_request_for_each_list() -> None:
    with open_yard(clock=Clock(datetime.now(UTC) - timedelta(hours=1))) as yard:
        (number,) = yard.send(request())
        yard.act(f"orders/{number}/label")
        hub = yard.hub()
        news, left = list(hub.pull_shipping_requests(None)), list(hub.pull_fulfillments(None))
        before = yard.simulator.journal.last_number

        again = [*hub.pull_shipping_requests(news[-1].cursor), *hub.pull_fulfillments(left[-1].cursor)]

        assert [page.records for page in again] == [()] * 4
        assert yard.calls(before) == ["GET /orders", "GET /shipments", "GET /shipments", "GET /fulfillments"]


def test_what_changes_while_the_list_is_read_hides_nothing_and_is_met_by_the_next_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("crossdock.connectors.shipstation.client.LARGEST_PAGE", 2)
    numbers = {f"10{n}-1" for n in range(5)}
    with open_yard(clock=Clock(datetime.now(UTC) - timedelta(hours=1))) as yard:
        ids = yard.send(*(request(number) for number in sorted(numbers)))
        yard.simulator.clock.advance(timedelta(hours=1))
        seen: dict[str, NewsKind] = {}
        pages = yard.hub().pull_shipping_requests(None)
        for page in pages:
            seen |= {news.number: news.kind for news in page.records}
            cursor = page.cursor
            if len(seen) == 2:
                for number in (ids[0], ids[4]):
                    yard.act(f"orders/{number}/status", status="cancelled")

        again = [news for page in yard.hub().pull_shipping_requests(cursor) for news in page.records]

        assert set(seen) | {news.number for news in again} == numbers
        assert {news.number: news.kind for news in again} == dict.fromkeys(
            ("100-1", "104-1"), NewsKind.STOPPED
        )


def test_the_hour_that_comes_twice_in_autumn_hides_nothing() -> None:
    """At 2:00 Pacific time on 1 November 2026 clocks go back to 1:00."""
    before = datetime(2026, 11, 1, 8, 50, tzinfo=UTC)
    with open_yard(clock=Clock(before)) as yard:
        (number,) = yard.send(request())
        hub = yard.hub()
        cursor = list(_at(hub, yard).pull_shipping_requests(None))[-1].cursor
        yard.simulator.clock.advance(timedelta(minutes=40))
        yard.act(f"orders/{number}/status", status="cancelled")

        (page,) = _at(hub, yard).pull_shipping_requests(cursor)

        assert [news.kind for news in page.records] == [NewsKind.STOPPED]


def _at(hub: ShipStation, yard: Yard) -> ShipStation:
    """The hub by the account's clock."""
    object.__setattr__(hub.toolbox, "clock", yard.simulator.clock.now)
    return hub


def test_a_cursor_of_another_kind_is_refused(yard: Yard) -> None:
    with pytest.raises(ProtocolError, match="not one of ours"):
        list(yard.hub().pull_shipping_requests(Cursor("page-7")))


def test_the_check_names_the_store_and_refuses_one_that_is_not_there(yard: Yard) -> None:
    assert yard.hub().check().name == "ShipStation"
    assert yard.hub(store_id="67002").check().name == "Crossdock"
    assert yard.hub(store_id="67002").check().channel_id != yard.hub(store_id="67001").check().channel_id

    with pytest.raises(CredentialsError, match="ShipStation store: the account has no active store 5"):
        yard.hub(store_id="5").check()


def test_the_quota_of_each_answer_is_passed_on(yard: Yard) -> None:
    yard.act("limits", per_minute=40)

    yard.hub().check()

    (learned,) = yard.gate.learned
    assert (learned.quota, learned.remaining, learned.window) == (40, 39, timedelta(minutes=1))
    assert timedelta(seconds=50) < learned.resets_in <= timedelta(minutes=1)
