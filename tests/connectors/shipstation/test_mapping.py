"""Dates in the platform's time, and units that no label holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.shipstation.bench import SAM, request
from crossdock.connectors.shipstation.mapping.dates import from_earliest, from_moment, to_moment
from crossdock.connectors.shipstation.mapping.order import from_request, shows
from crossdock.connectors.shipstation.mapping.shipment import left_of, to_parcel
from crossdock.connectors.shipstation.payloads import Order, OrderItem, Shipment, ShipmentItem

quantities = st.lists(st.integers(0, 5), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T04:00:00.0000000", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("2026-06-24T05:00:00.1230000", datetime(2026, 6, 24, 12, 0, 0, 123_000, tzinfo=UTC)),
        ("2026-06-24 05:00:00", datetime(2026, 6, 24, 12, tzinfo=UTC)),
    ],
)
def test_dates_are_in_pacific_time_whatever_the_season(text: str, moment: datetime) -> None:
    assert to_moment(text) == moment


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_date_that_is_sent_says_the_moment_or_in_the_doubled_hour_one_before_it(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)

    assert whole - to_moment(from_moment(moment)) in (timedelta(0), timedelta(hours=1))


AUTUMN = st.datetimes(datetime(2026, 11, 1, 5), datetime(2026, 11, 1, 13), timezones=st.just(UTC))  # noqa: DTZ001


@given(AUTUMN, st.timedeltas(timedelta(0), timedelta(hours=6)))
def test_nothing_that_happens_later_is_written_before_the_date_that_is_read_from(
    moment: datetime, later: timedelta
) -> None:
    assert from_earliest(moment) <= from_moment(moment + later)


@given(quantities, st.data())
def test_units_in_labels_and_units_left_are_what_was_ordered(ordered: list[int], data: st.DataObject) -> None:
    items = [OrderItem(units, line_item_key=str(place)) for place, units in enumerate(ordered)]
    gone = [data.draw(st.integers(0, units)) for units in ordered]
    label = Shipment(1, "1001-1", "2026-11-24T04:00:00")
    parcel = to_parcel(label, [ShipmentItem(n, line_item_key=str(place)) for place, n in enumerate(gone)])

    left = left_of(items, [parcel])

    units = [0] * len(ordered)
    for part in (*parcel.units, *left):
        units[int(part.line_id)] += part.quantity
    assert units == ordered


@given(quantities)
def test_an_order_made_of_a_request_shows_it_and_no_other(ordered: list[int]) -> None:
    wanted = request("1001-1", *((f"SKU-{place}", units) for place, units in enumerate(ordered)))
    body = from_request(wanted, SAM, status="awaiting_shipment")
    items = [OrderItem(item["quantity"], line_item_key=item["lineItemKey"]) for item in body["items"]]
    fee = OrderItem(1, adjustment=True)

    assert shows(Order(1, "1001-1", "awaiting_shipment", "1001-1", [*items, fee]), wanted)
    assert not shows(Order(1, "1001-1", "awaiting_shipment", "1001-1", [*items, OrderItem(1, "9")]), wanted)
