"""Shipments of a simulated store come in as parcels of their orders, and a quiet store costs one request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.bigcommerce.scripted import NOW, connector
from connectors.bigcommerce.shipping_bench import Yard
from connectors.bigcommerce.simulated import open_shop
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.channel import Parcel
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Cursor, Page
from crossdock_simulators.bigcommerce import orders as store_orders

HOUR = timedelta(hours=1)


@pytest.fixture
def yard() -> Iterator[Yard]:
    with open_shop(30) as shop:
        yield Yard(shop)


def pull(yard: Yard, since: Cursor | None = None, **settings: Any) -> list[Page[OrderShipments]]:
    return list(yard.shop.hub(pull_fulfillments=True, **settings).pull_fulfillments(since))


def parcels(pages: list[Page[OrderShipments]]) -> dict[str, tuple[Parcel, ...]]:
    return {record.order_id: record.parcels for page in pages for record in page.records}


def test_a_shipment_comes_in_with_its_units_and_how_they_travel(yard: Yard) -> None:
    order = yard.place(2, 1)
    shipment = yard.ship(
        order, {0: 1, 1: 1}, tracking_number=" 1Z999 ", shipping_provider="ups", shipping_method="Ground"
    )

    (parcel,) = parcels(pull(yard))[str(order.id)]

    first, second = order.lines
    assert (parcel.channel_id, parcel.carrier, parcel.tracking_number) == (str(shipment), "UPS", "1Z999")
    assert (parcel.service, parcel.shipped_at) == ("Ground", order.shipments[0].created)
    assert "/track/" in parcel.tracking_url
    assert [(part.line_id, part.quantity, part.variant_id, part.channel_sku) for part in parcel.units] == [
        (str(first.id), 1, str(first.variant_id), first.sku),
        (str(second.id), 1, str(second.variant_id), second.sku),
    ]


def test_a_link_of_the_merchants_own_and_a_carrier_by_word_are_kept(yard: Yard) -> None:
    order = yard.place(1)
    yard.ship(order, {0: 1}, tracking_link="https://parcels.example.com/7", shipping_method="City Courier")

    (parcel,) = parcels(pull(yard))[str(order.id)]

    assert (parcel.carrier, parcel.tracking_url) == ("City Courier", "https://parcels.example.com/7")


def test_a_quiet_store_costs_one_request_although_its_last_order_has_shipped(yard: Yard) -> None:
    order = yard.place(2)
    yard.ship(order, {0: 1}, tracking_number="A")
    yard.age(order, HOUR)
    cursor = pull(yard)[-1].cursor
    before = yard.mark()

    (page,) = pull(yard, cursor)

    assert page.records == ()
    assert yard.requests(before) == ["GET /v2/orders"]
    assert pull(yard, page.cursor)[-1].cursor == page.cursor


@pytest.mark.parametrize(("seconds_ago", "looks"), [(1, 2), (3, 1)])
def test_an_order_read_in_its_own_second_is_looked_at_once_more(seconds_ago: int, looks: int) -> None:
    """Dates have whole seconds, so what changes again within the second of a reading bears the same date."""
    changed = format_datetime(NOW - timedelta(seconds=seconds_ago))
    shipped = {"id": 7, "status_id": 3, "items_shipped": 1, "date_modified": changed}
    hub, http = connector(lambda request: (200, [shipped]) if request.place == "/v2/orders" else (204, None))

    (first,) = hub.pull_fulfillments(None)
    list(hub.pull_fulfillments(first.cursor))

    assert [request.place for request in http.requests].count("/v2/orders/7/shipments") == looks


def test_a_new_a_changed_and_a_deleted_shipment_are_seen(yard: Yard) -> None:
    new, changed, emptied = yard.place(1), yard.place(1), yard.place(1)
    first, second = yard.ship(changed, {0: 1}, tracking_number="A"), yard.ship(emptied, {0: 1})
    cursor = pull(yard)[-1].cursor
    yard.ship(new, {0: 1}, tracking_number="N")
    yard.call("PUT", f"/orders/{changed.id}/shipments/{first}", {"tracking_number": "B"})
    yard.call("DELETE", f"/orders/{emptied.id}/shipments/{second}")

    found = parcels(pull(yard, cursor))

    numbers = {order: [parcel.tracking_number for parcel in each] for order, each in found.items()}
    assert numbers == {str(new.id): ["N"], str(changed.id): ["B"], str(emptied.id): []}


def test_orders_of_which_nothing_left_are_told_without_a_call_of_their_own(yard: Yard) -> None:
    placed = [yard.place(1) for _ in range(20)]
    shipped = yard.place(1)
    yard.ship(shipped, {0: 1})
    before = yard.mark()

    found = parcels(pull(yard))

    assert found.keys() == {str(order.id) for order in (*placed, shipped)}
    assert yard.requests(before) == ["GET /v2/orders", f"GET /v2/orders/{shipped.id}/shipments"]


def test_an_order_that_is_said_to_have_left_without_a_shipment_has_no_parcels(yard: Yard) -> None:
    order = yard.place(1)
    yard.shop.act(f"orders/{order.id}/status", status_id=2)

    assert parcels(pull(yard)) == {str(order.id): ()}


def test_orders_beyond_one_page_come_in_once_each(yard: Yard) -> None:
    store, (sku,) = yard.shop.simulator.store, yard.skus(1)
    placed = [yard.shop.act("orders", lines=[{"sku": sku}], oversell=True)["id"] for _ in range(260)]
    for age, number in enumerate(reversed(placed)):
        store.orders[number].modified -= HOUR + age * timedelta(seconds=1)
    last = store.orders[placed[-1]]
    yard.ship(last, {0: 1}, tracking_number="LAST")
    before = yard.mark()

    pages = pull(yard)

    ids = [record.order_id for page in pages for record in page.records]
    assert len(ids) == len(set(ids)) == 260
    assert parcels(pages)[str(last.id)][0].tracking_number == "LAST"
    assert [page.completes_sweep for page in pages] == [False, True]
    assert len(yard.requests(before)) == 3


def test_the_first_reading_looks_a_month_back_and_not_before_what_is_ignored(yard: Yard) -> None:
    old, ignored, fresh = yard.place(1), yard.place(1), yard.place(1)
    for order in (old, ignored, fresh):
        yard.ship(order, {0: 1})
    yard.age(old, timedelta(days=31))
    ignored.created -= timedelta(days=10)
    since = (datetime.now(UTC) - timedelta(days=5)).date().isoformat()

    assert parcels(pull(yard, ignore_orders_created_before=since)).keys() == {str(fresh.id)}
    assert parcels(pull(yard)).keys() == {str(ignored.id), str(fresh.id)}


def test_orders_that_were_archived_or_never_placed_are_left_out(yard: Yard) -> None:
    wanted, archived = yard.place(1), yard.place(1)
    abandoned = yard.place(1, status_id=0)
    for order in (wanted, archived, abandoned):
        yard.ship(order, {0: 1})
    abandoned.status_id = 0
    yard.call("DELETE", f"/orders/{archived.id}")

    assert parcels(pull(yard)).keys() == {str(wanted.id)}


def test_the_hub_says_which_orders_are_wanted_since_it_follows_those_that_it_created(yard: Yard) -> None:
    listed, created = yard.place(1), yard.place(1)
    for order in (listed, created):
        yard.ship(order, {0: 1})

    found = parcels(pull(yard, order_ids=(str(listed.id),)))

    assert found.keys() == {str(listed.id), str(created.id)}


def test_an_order_that_is_archived_while_it_is_read_is_left_out() -> None:
    shipped = {
        "id": 7,
        "status_id": 2,
        "items_shipped": 1,
        "date_modified": "Tue, 24 Nov 2026 11:00:00 +0000",
    }
    gone = (404, [{"status": 404, "message": "The requested resource was not found."}])
    hub, _ = connector(lambda request: (200, [shipped]) if request.place == "/v2/orders" else gone)

    (page,) = hub.pull_fulfillments(None)

    assert (page.records, page.unreadable) == ((), ())


def test_a_line_beyond_those_that_come_with_the_order_is_known_by_its_sku(yard: Yard) -> None:
    order = yard.place(*[1] * 55)
    yard.ship(order, {54: 1})

    (parcel,) = parcels(pull(yard))[str(order.id)]

    last = order.lines[-1]
    assert [(part.line_id, part.channel_sku) for part in parcel.units] == [(str(last.id), last.sku)]


def test_more_shipments_than_a_page_holds_all_come_in(yard: Yard) -> None:
    order = yard.place(260)
    for number in range(260):
        yard.ship(order, {0: 1}, tracking_number=f"N{number}")

    found = parcels(pull(yard))[str(order.id)]

    assert [parcel.tracking_number for parcel in found] == [f"N{number}" for number in range(260)]


def test_a_shipment_that_cannot_be_read_makes_its_order_unreadable_and_the_others_pass(yard: Yard) -> None:
    bad, good = yard.place(2), yard.place(1)
    yard.ship(bad, {0: 1})
    yard.ship(bad, {0: 1})
    yard.ship(good, {0: 1})
    bad.shipments[0].items[0]["quantity"] = "several"

    (page,) = pull(yard)

    assert [record.channel_id for record in page.records] == [str(good.id)]
    (unreadable,) = page.unreadable
    assert (unreadable.channel_id, "quantity" in unreadable.reason) == (str(bad.id), True)


def test_what_is_no_record_at_all_is_no_answer_and_the_reading_is_made_anew() -> None:
    """Were it taken for a record, the order would count as read, and its shipments would never be asked for again."""
    shipped = {
        "id": 7,
        "status_id": 2,
        "items_shipped": 1,
        "date_modified": "Tue, 24 Nov 2026 11:00:00 +0000",
    }
    hub, _ = connector(lambda request: (200, [shipped] if request.place == "/v2/orders" else ["what"]))

    with pytest.raises(UnavailableError, match="what"):
        list(hub.pull_fulfillments(None))


def test_a_reading_that_was_cut_off_goes_on_where_it_stood(yard: Yard) -> None:
    store, (sku,) = yard.shop.simulator.store, yard.skus(1)
    placed = [yard.shop.act("orders", lines=[{"sku": sku}], oversell=True)["id"] for _ in range(260)]
    for age, number in enumerate(reversed(placed)):
        store.orders[number].modified -= HOUR + age * timedelta(seconds=1)
    first = next(iter(yard.shop.hub().pull_fulfillments(None)))

    rest = pull(yard, first.cursor)

    ids = {record.order_id for page in (first, *rest) for record in page.records}
    assert ids == {str(number) for number in placed}
    assert rest[-1].completes_sweep


def test_an_edit_of_many_orders_at_once_is_not_read_again_and_again(yard: Yard) -> None:
    store, (sku,) = yard.shop.simulator.store, yard.skus(1)
    at_once = store.now() - HOUR
    for _ in range(120):
        number = yard.shop.act("orders", lines=[{"sku": sku}], oversell=True)["id"]
        store.orders[number].modified = at_once
    cursor = pull(yard)[-1].cursor
    before = yard.mark()

    pages = pull(yard, cursor)

    assert [page.records for page in pages] == [()]
    assert yard.requests(before) == ["GET /v2/orders"]
    store_orders.touch_order(store, store.orders[1])
    assert parcels(pull(yard, pages[-1].cursor)).keys() == {"1"}
