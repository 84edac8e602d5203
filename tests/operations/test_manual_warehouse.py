"""Work by hand: the pick list, the packing slip, and units that leave with a shipping request, no more than it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import CancellationState, ChannelCancellation, Origin
from crossdock.domain.channel import Address, ChannelId
from crossdock.domain.shipping import RequestState
from crossdock.domain.warehouse import PackingSlip, WarehouseStyle
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.orders import cancellation_requests
from crossdock.operations.views import views
from crossdock.operations.views.views import RequestView
from crossdock.operations.warehouse import packing, picking, shipping
from crossdock.operations.warehouse.picking import PickList
from crossdock.store import tables
from support import make, requesting
from support import shipping as shop
from support.make import CIPHER, NOW, SHOP, Bench
from support.requesting import WAREHOUSE
from support.shipping import S1, UPS

REQUEST = tables.shipping_request
PART = tables.shipping_request_line
BUYER = Address("Ann Lee", "", ("5 High St",), "Newark", "NJ", "07101", "US", email="ann@example.com")


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """Order S1: three teas and two mugs. A warehouse to ship them."""
    hub.open_shop(TEA=10, MUG=10)
    hub.read_orders(shop.sold({"TEA": 3, "MUG": 2}, shipping_address=BUYER, shipping_method="Express"))
    with hub.step() as (tx, task):
        requesting.add_warehouse(tx, now=task.now)
    return hub


def request(hub: Bench, **more: Any) -> str:
    """A request that the warehouse has, of all of S1 unless its units are given by SKU."""
    named = {name: more.pop(name) for name in list(more) if name in tables.shipping_request.c}
    return requesting.request(hub.database, "S1", more or {"TEA": 3, "MUG": 2}, now=hub.tick(), **named)


def ship(hub: Bench, number: str, units: dict[str, int] | None = None, **more: Any) -> str:
    tracking = more.pop("tracking", UPS)
    with hub.step(SHOP, actor="ada") as (tx, task):
        return shipping.ship(tx, task, number, Entry(tracking, units or {}, **more))


def stop(hub: Bench, number: str, state: RequestState, **stopped: int) -> None:
    """So many units by SKU of it are not to be shipped after all."""
    with hub.step() as (tx, task):
        of_it = REQUEST.c.number == number
        tx.execute(sa.update(REQUEST).where(of_it).values(state=state, updated_at=task.now))
        line = tables.order_line
        for sku, units in stopped.items():
            meant = sa.select(line.c.id).where(line.c.channel_sku == sku)
            part = (
                PART.c.request_id == tx.scalar(sa.select(REQUEST.c.id).where(of_it)),
                PART.c.line_id.in_(meant),
            )
            tx.execute(sa.update(PART).where(*part).values(quantity_stopped=units, quantity_released=units))


def is_asked_to_cancel(hub: Bench, number: str) -> bool:
    with hub.database.reading() as tx:
        detail = views.request(tx, number)
    assert detail is not None
    return detail.request.asks_to_cancel


def lists(hub: Bench, **more: Any) -> list[PickList]:
    now = more.pop("now", hub.now)
    with hub.database.reading() as tx:
        return picking.pick_lists(tx, WAREHOUSE, now=now, **more)


def picked(hub: Bench) -> dict[str, int]:
    return {pick.sku: pick.quantity for each in lists(hub) for pick in each.picks}


def slip(hub: Bench, number: str, style: WarehouseStyle | None = None) -> PackingSlip:
    with hub.database.reading() as tx:
        [made] = packing.slips(tx, [number], CIPHER, {WAREHOUSE: style} if style else {})
    return made


def seen(hub: Bench, number: str) -> RequestView:
    with hub.database.reading() as tx:
        found = views.request(tx, number)
    assert found is not None
    return found.request


def left_with(hub: Bench, key: str) -> tuple[str | None, str]:
    """The request and the location that a fulfillment is of."""
    [row] = hub.rows(tables.fulfillment, tables.fulfillment.c.id == key)
    return row.request_id, row.location_id


# The pick list


def test_the_pick_list_adds_up_what_is_still_to_be_shipped(selling: Bench) -> None:
    first, second = request(selling, TEA=2), request(selling, TEA=1, MUG=2)
    ship(selling, first, {"TEA": 1})

    [one] = lists(selling)

    assert (one.location, one.requests) == ("Place 1", [first, second])
    assert {pick.sku: [(s.request, s.quantity) for s in pick.shares] for pick in one.picks} == {
        "TEA": [(first, 1), (second, 1)],
        "MUG": [(second, 2)],
    }


@pytest.mark.parametrize("state", [RequestState.DUE, RequestState.REFUSED, RequestState.SHIPPED])
def test_what_the_warehouse_does_not_have_or_has_no_more_is_not_picked(
    selling: Bench, state: RequestState
) -> None:
    request(selling, state=state)

    assert lists(selling) == []


def test_what_is_stopped_is_to_be_taken_out_for_three_days(selling: Bench) -> None:
    number = request(selling)
    stop(selling, number, RequestState.SENT, TEA=1)
    assert picked(selling) == {"TEA": 2, "MUG": 2}

    stop(selling, number, RequestState.STOPPED, TEA=3, MUG=2)

    [one] = lists(selling)
    assert (one.picks, one.requests) == ([], [])
    assert [(out.request, out.sku, out.quantity) for out in one.take_out] == [
        (number, "TEA", 3),
        (number, "MUG", 2),
    ]
    assert lists(selling, now=selling.now + timedelta(days=3, seconds=1)) == []


def test_what_the_buyer_asks_to_cancel_is_named_until_that_is_decided(selling: Bench) -> None:
    number = request(selling)
    asked = ChannelCancellation(
        ChannelId("c1"), ChannelId("S1"), Origin.BUYER, CancellationState.REQUESTED, "PENDING", NOW
    )
    with selling.step(SHOP) as (tx, task):
        cancellation_requests.ingest(tx, task, [asked])
    waiting = [each.asked_to_cancel for each in lists(selling)], is_asked_to_cancel(selling, number)
    with selling.step(SHOP) as (tx, task):
        refused = replace(asked, state=CancellationState.REFUSED, channel_status="CANCEL")
        cancellation_requests.ingest(tx, task, [refused])

    assert waiting == ([[number]], True)
    assert [each.asked_to_cancel for each in lists(selling)] == [[]]
    assert not is_asked_to_cancel(selling, number)


def test_a_list_is_of_one_warehouse_and_of_one_location_where_that_is_named(selling: Bench) -> None:
    selling.read_locations(make.location("1"), make.location("2", "Yard", code="AX"))
    [yard] = selling.rows(tables.location, tables.location.c.code == "AX")
    request(selling, TEA=1)
    request(selling, MUG=1, location_id=yard.id)
    request(selling, MUG=1, integration="another")

    assert [(one.location, len(one.picks)) for one in lists(selling)] == [("Place 1", 1), ("Yard", 1)]
    for name in ("AX", "Yard", yard.id):
        assert [one.location for one in lists(selling, location=name)] == ["Yard"]
    assert lists(selling, location="nowhere") == []


def test_a_bundle_put_together_is_picked_as_its_components(selling: Bench) -> None:
    parts = f'{{"{selling.variant_id("TEA")}": 2, "{selling.variant_id("MUG")}": 1}}'
    with selling.step() as (tx, _):
        is_mug = tables.order_line.c.channel_sku == "MUG"
        tx.execute(sa.update(tables.order_line).where(is_mug).values(taken_as=parts))
    number = request(selling, MUG=2)

    assert picked(selling) == {"TEA": 4, "MUG": 2}
    assert [(line.sku, line.quantity) for line in slip(selling, number).lines] == [("MUG", 2)]


# The packing slip


def test_a_slip_has_the_address_the_goods_and_the_location_that_sends(selling: Bench) -> None:
    made = slip(selling, request(selling))

    assert made.ship_to == ("Ann Lee", "5 High St", "Newark NJ 07101", "US")
    assert [(line.sku, line.name, line.quantity) for line in made.lines] == [
        ("TEA", "Item TEA", 3),
        ("MUG", "Item MUG", 2),
    ]
    assert (made.sender, made.method, made.order_number) == (("Place 1",), "Express", "S1")


def test_a_slip_shows_what_is_still_to_be_packed_and_all_of_it_once_that_has_left(selling: Bench) -> None:
    number = request(selling)
    ship(selling, number, {"TEA": 3})
    assert [(line.sku, line.quantity) for line in slip(selling, number).lines] == [("MUG", 2)]

    ship(selling, number)

    assert slip(selling, number).units == 5


def test_the_warehouse_says_who_sends_and_what_stands_below(selling: Bench) -> None:
    style = WarehouseStyle(sender="Brewers\n\n1 Dock Rd", note="Thanks")

    made = slip(selling, request(selling), style)

    assert (made.sender, made.note) == (("Brewers", "1 Dock Rd"), "Thanks")


def test_a_slip_of_no_request_is_refused_by_its_number(selling: Bench) -> None:
    with pytest.raises(SettingsError, match="number: there is no shipping request 'S1-7'"):
        slip(selling, "S1-7")


# What leaves


@pytest.mark.parametrize("name", ["TEA", "1"])
def test_a_part_leaves_by_sku_or_by_the_line_of_the_request(selling: Bench, name: str) -> None:
    number = request(selling)

    key = ship(selling, number, {name: 2})

    [row] = selling.rows(REQUEST)
    assert left_with(selling, key) == (row.id, row.location_id)
    assert [(line.sku, line.shipped, line.open) for line in seen(selling, number).lines] == [
        ("TEA", 2, 1),
        ("MUG", 0, 2),
    ]
    assert shop.lines(selling)["TEA"] == (2, 0, 1)
    assert f"2 units shipped (UPS 1Z-1), entered by hand for shipping request {number} of {WAREHOUSE}" in (
        selling.events(S1)
    )


def test_all_that_the_request_has_open_leaves_where_nothing_is_named_and_no_more(selling: Bench) -> None:
    number = request(selling, TEA=2)

    ship(selling, number)

    assert shop.lines(selling) == {"TEA": (2, 0, 1), "MUG": (0, 0, 2)}
    assert seen(selling, number).state == RequestState.SHIPPED
    with pytest.raises(SettingsError, match=f"number: all of {number} has left already"):
        ship(selling, number)


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ({"TEA": 3}, "3 of 'TEA' cannot be shipped; shipping request S1-1 has 2 open"),
        ({"TEA": 0}, "0 of 'TEA' cannot be shipped"),
        ({"TEA": 1, "1": 2}, "2 of '1' cannot be shipped; shipping request S1-1 has 1 open"),
        ({"MUG": 1}, "shipping request S1-1 has no line 'MUG'; it has: TEA"),
    ],
)
def test_more_than_the_request_has_open_is_refused_with_what_it_has(
    selling: Bench, units: dict[str, int], said: str
) -> None:
    number = request(selling, TEA=2)

    with pytest.raises(SettingsError) as refused:
        ship(selling, number, units)

    assert said in str(refused.value)
    assert selling.rows(tables.fulfillment) == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (RequestState.DUE, f"has not been handed to {WAREHOUSE} yet; what left all the same"),
        (RequestState.REFUSED, f"was not taken by {WAREHOUSE}; what left all the same"),
        (RequestState.STOPPED, "was stopped; if its goods left all the same, say so with --left-anyway"),
    ],
)
def test_what_the_warehouse_does_not_have_ships_nothing(
    selling: Bench, state: RequestState, why: str
) -> None:
    number = request(selling, state=state)

    with pytest.raises(SettingsError, match=f"number: {number} {why}"):
        ship(selling, number)


def test_what_left_before_its_request_was_handed_over_is_taken_off_the_request(selling: Bench) -> None:
    number = request(selling, state=RequestState.DUE)

    key = shop.enter(selling, units={"TEA": 2})

    assert left_with(selling, key) == (None, "")
    assert [(line.sku, line.stopped, line.open) for line in seen(selling, number).lines] == [
        ("TEA", 2, 1),
        ("MUG", 0, 2),
    ]


def test_goods_may_leave_although_their_stop_was_asked_for(selling: Bench) -> None:
    number = request(selling)
    stop(selling, number, RequestState.STOPPING, TEA=3, MUG=2)
    with selling.step() as (tx, _):
        tx.execute(sa.update(PART).values(quantity_released=0))

    ship(selling, number, {"TEA": 1})

    assert shop.lines(selling)["TEA"] == (1, 0, 2)


def test_a_reference_given_again_is_the_same_also_when_nothing_is_left(selling: Bench) -> None:
    number = request(selling, TEA=3)
    first = ship(selling, number, reference="box-1")

    assert ship(selling, number, reference="box-1") == first
    assert len(selling.rows(tables.fulfillment)) == 1
    other = request(selling, MUG=2)
    with pytest.raises(SettingsError, match="reference: 'box-1' is of another shipping request"):
        ship(selling, other, reference="box-1")


def test_what_is_taken_back_is_open_in_its_request_again(selling: Bench) -> None:
    number = request(selling)
    key = ship(selling, number)

    shop.void(selling, key)

    assert [line.open for line in seen(selling, number).lines] == [3, 2]
    assert picked(selling) == {"TEA": 3, "MUG": 2}


# The request is found by itself


def test_what_is_recorded_on_the_order_is_of_the_only_request_that_has_it_open(selling: Bench) -> None:
    teas, mugs = request(selling, TEA=3), request(selling, MUG=2)

    shop.enter(selling, units={"MUG": 1})

    assert [seen(selling, number).lines[0].shipped for number in (teas, mugs)] == [0, 1]


def test_what_may_be_of_several_requests_is_of_none(selling: Bench) -> None:
    request(selling, TEA=1), request(selling, TEA=2)

    assert left_with(selling, shop.enter(selling, units={"TEA": 1})) == (None, "")
    assert left_with(selling, shop.enter(selling, units={"MUG": 1})) == (None, "")


# Tracking that is hardly the carrier's


def test_a_number_of_another_carrier_is_taken_with_a_warning(selling: Bench) -> None:
    number = request(selling)

    key = ship(selling, number, tracking=Tracking("USPS", "1Z999AA10123456784"))

    with selling.database.reading() as tx:
        shown = views.fulfillment(tx, key)
    assert shown is not None
    assert (shown.warning, shown.request) == ("1Z999AA10123456784 looks like UPS, not USPS", number)
    assert "Check the tracking: 1Z999AA10123456784 looks like UPS, not USPS" in selling.events(S1)
    shop.correct(selling, key, Tracking("UPS", "1Z999AA10123456784"))
    assert [e for e in selling.events(S1) if e.startswith("Check")] == [
        "Check the tracking: 1Z999AA10123456784 looks like UPS, not USPS"
    ]
