"""What has left is recorded in a simulated store: once, by its address, and with the status that follows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.bigcommerce.scripted import Reply, Request, Script, connector
from connectors.bigcommerce.shipping_bench import Yard, confirmed, held, ids, push, rejected, wanted
from connectors.bigcommerce.simulated import open_shop
from crossdock.connectors.errors import RateLimitedError, UnavailableError
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits
from crossdock.domain.sync import Change, Confirmed, Rejected, Unclear
from crossdock_simulators.kit import Fault

POST = r"/shipments$"


@pytest.fixture
def yard() -> Iterator[Yard]:
    with open_shop(30) as shop:
        yield Yard(shop)


# New


def test_a_part_and_then_the_rest_move_the_order_to_shipped(yard: Yard) -> None:
    order = yard.place(2, 1)

    first = confirmed(push(yard, wanted(order, {0: 1}, tracking_number="A", service="Ground")))
    assert (order.status_id, held(order), first.channel_id) == (3, [("A", {0: 1})], ids(order))
    fields = order.shipments[0].fields
    assert (fields["shipping_provider"], fields["shipping_method"]) == ("ups", "Ground")
    taken = (ChannelId(first.channel_id),)
    second = confirmed(push(yard, wanted(order, {0: 1, 1: 1}, tracking_number="B", taken=taken)))

    assert (order.status_id, held(order)) == (2, [("A", {0: 1}), ("B", {0: 1, 1: 1})])
    assert (first.is_new, second.is_new, first.notes) == (True, True, ())


def test_each_address_gets_a_shipment_of_its_own(yard: Yard) -> None:
    order = yard.place(1, 2, addresses=(0, 1))

    outcome = confirmed(push(yard, wanted(order, {0: 1, 1: 2})))

    assert held(order) == [("1Z999", {0: 1}), ("1Z999", {1: 2})]
    assert [one.address_id for one in order.shipments] == [row["id"] for row in order.addresses]
    assert (outcome.channel_id, order.status_id) == (ids(order), 2)


def test_a_copy_is_shipped_by_what_its_lines_sell(yard: Yard) -> None:
    """The hub knows its copies' lines by variant or SKU only."""
    order = yard.place(2, 1)
    by_variant, by_sku = (
        WantedUnits(2, ChannelId(""), ChannelId(str(order.lines[0].variant_id)), ChannelSku("")),
        WantedUnits(1, ChannelId(""), ChannelId(""), ChannelSku(order.lines[1].sku)),
    )
    want = replace(wanted(order, {}), units=(by_variant, by_sku))

    confirmed(push(yard, want))

    assert held(order) == [("1Z999", {0: 2, 1: 1})]


def test_what_goes_to_no_address_needs_no_shipment(yard: Yard) -> None:
    order = yard.place(1, 3)
    order.lines[1].type = "digital"

    both = confirmed(push(yard, wanted(order, {0: 1, 1: 3})))
    digital = confirmed(push(yard, wanted(order, {1: 3}, tracking_number="D")))

    assert held(order) == [("1Z999", {0: 1})]
    assert (order.status_id, digital.channel_id) == (2, "")
    assert both.notes == digital.notes == ("3 units go to no address there and need no shipment",)


def test_a_carrier_without_a_key_is_named_in_the_method_and_by_the_link(yard: Yard) -> None:
    order = yard.place(1)
    link = "https://parcels.example.com/77"

    outcome = confirmed(push(yard, wanted(order, {0: 1}, carrier="City Courier", tracking_url=link)))

    fields = order.shipments[0].fields
    assert (fields["shipping_provider"], fields["tracking_carrier"]) == ("", "")
    assert (fields["tracking_link"], fields["shipping_method"]) == (link, "City Courier")
    assert outcome.notes == (
        "BigCommerce has no key for the carrier City Courier: it stands in the shipping method",
    )


def test_a_number_that_the_store_would_not_take_is_refused_before_any_call(yard: Yard) -> None:
    order = yard.place(1)
    before = yard.mark()

    outcome = rejected(push(yard, wanted(order, {0: 1}, tracking_number="9" * 51)))

    assert (outcome.code, yard.requests(before)) == ("tracking_number", [])
    confirmed(push(yard, wanted(order, {0: 1}, tracking_number="9" * 50)))


def test_a_link_that_is_too_long_is_left_out_and_said(yard: Yard) -> None:
    order = yard.place(1)
    link = "https://parcels.example.com/" + "7" * 500

    outcome = confirmed(push(yard, wanted(order, {0: 1}, tracking_url=link)))

    assert order.shipments[0].fields["tracking_link"] == ""
    assert any("link was left out" in note for note in outcome.notes)


# Never twice


@pytest.mark.parametrize("number", ["1Z999", ""])
@pytest.mark.parametrize("kind", ["reset_after", "error_after", "truncate"])
def test_an_answer_that_was_lost_is_looked_up_and_nothing_is_recorded_twice(
    yard: Yard, number: str, kind: Any
) -> None:
    order = yard.place(2)
    want = wanted(order, {0: 1}, tracking_number=number)
    yard.shop.simulator.faults.add(Fault(kind=kind, method="POST", path=POST))

    (lost,) = push(yard, want)
    found = confirmed(push(yard, want, is_unclear=True))

    assert isinstance(lost, Unclear)
    assert (len(order.shipments), found.channel_id, found.is_new) == (1, ids(order), False)
    assert found.notes == (f"shipment {ids(order)} was on record there already",)


def test_a_crash_between_two_addresses_is_made_up_for(yard: Yard) -> None:
    order = yard.place(1, 1, addresses=(0, 1))
    want = wanted(order, {0: 1, 1: 1})
    yard.ship(order, {0: 1}, tracking_number="1Z999")

    outcome = confirmed(push(yard, want))

    assert held(order) == [("1Z999", {0: 1}), ("1Z999", {1: 1})]
    assert (outcome.channel_id, order.status_id) == (ids(order), 2)


def test_a_refusal_at_the_second_address_takes_back_the_first() -> None:
    lines = [{"id": n, "quantity": 1, "order_address_id": 30 + n, "sku": f"S{n}"} for n in (1, 2)]
    script = Script(
        {
            ("GET", "/v2/orders/7"): lambda _: (200, {"status_id": 11}),
            ("GET", "/v2/orders/7/products"): lambda _: (200, lines),
            ("GET", "/v2/orders/7/shipments"): lambda _: (204, None),
            ("POST", "/v2/orders/7/shipments"): lambda request: (
                (201, {"id": 50}) if request.body["order_address_id"] == 31 else (400, [{"message": "No"}])
            ),
            ("DELETE", "/v2/orders/7/shipments/50"): lambda _: (204, None),
        }
    )
    hub, http = connector(script)
    units = tuple(WantedUnits(1, ChannelId(str(n)), ChannelId(""), ChannelSku("")) for n in (1, 2))

    (outcome,) = hub.push_fulfillments([Change("ful_1", WantedFulfillment(ChannelId("7"), units))])

    assert isinstance(outcome, Rejected)
    assert (outcome.reason, http.requests[-1].method) == ("No", "DELETE")


def test_two_alike_without_a_number_are_two_shipments(yard: Yard) -> None:
    order = yard.place(3)
    one = wanted(order, {0: 1}, carrier="", tracking_number="")

    outcomes = push(yard, one, one)

    assert [outcome.channel_id for outcome in outcomes if isinstance(outcome, Confirmed)] == ids(order).split(
        "+"
    )
    assert held(order) == [("", {0: 1}), ("", {0: 1})]


@pytest.mark.parametrize("ids", [None, "77"])
def test_without_a_number_what_the_merchant_shipped_is_another_unit(yard: Yard, ids: str | None) -> None:
    """Where the hub's own shipment was deleted there, theirs may be it, made anew."""
    order = yard.place(3)
    theirs = yard.ship(order, {0: 1})

    outcome = confirmed(push(yard, wanted(order, {0: 1}, carrier="", tracking_number=""), ids=ids))

    is_theirs = ids is not None
    assert (outcome.channel_id == str(theirs), len(order.shipments)) == (is_theirs, 1 if is_theirs else 2)


def test_an_own_shipment_without_a_number_is_not_given_up_for_the_merchants(yard: Yard) -> None:
    order = yard.place(3)
    want = wanted(order, {0: 2}, carrier="", tracking_number="")
    made = confirmed(push(yard, want))
    yard.ship(order, {0: 1})

    confirmed(push(yard, wanted(order, {0: 1}, carrier="", tracking_number=""), ids=made.channel_id))

    assert held(order) == [("", {0: 1}), ("", {0: 1})]


def test_a_shipment_that_stands_for_another_fulfillment_is_not_taken_for_this_one(yard: Yard) -> None:
    order = yard.place(2)
    other = ChannelId(str(yard.ship(order, {0: 1}, tracking_number="1Z999")))

    confirmed(push(yard, wanted(order, {0: 1}, taken=(other,))))

    assert len(order.shipments) == 2


def test_what_the_merchant_recorded_under_the_same_number_is_that_fulfillment(yard: Yard) -> None:
    order = yard.place(2)
    theirs = yard.ship(order, {0: 2}, tracking_number="1Z999", shipping_provider="fedex")

    outcome = confirmed(push(yard, wanted(order, {0: 2})))

    assert (outcome.channel_id, len(order.shipments)) == (str(theirs), 1)
    assert order.shipments[0].fields["shipping_provider"] == "fedex"


# Refused


def test_units_that_left_otherwise_are_refused_and_the_other_shipment_is_named(yard: Yard) -> None:
    order = yard.place(2)
    theirs = yard.ship(order, {0: 1}, tracking_number="OTHER")

    outcome = rejected(push(yard, wanted(order, {0: 2})))

    assert (outcome.code, len(order.shipments)) == ("already_shipped", 1)
    assert f"1 of its units have left there otherwise: shipment {theirs} (OTHER)" in outcome.reason


def test_more_units_than_the_order_has_by_now_are_refused_as_such(yard: Yard) -> None:
    order = yard.place(1)

    outcome = rejected(push(yard, wanted(order, {0: 2})))

    assert (outcome.code, held(order)) == ("no_room", [])
    assert outcome.reason == "it holds 1 more than the order in BigCommerce has by now"


def test_goods_that_the_order_does_not_hold_are_refused_by_name(yard: Yard) -> None:
    order = yard.place(1)
    strange = WantedUnits(1, ChannelId(""), ChannelId(""), ChannelSku("NO-SUCH"))

    outcome = rejected(push(yard, replace(wanted(order, {}), units=(strange,))))

    assert (outcome.code, "NO-SUCH" in outcome.reason, held(order)) == ("no_line", True, [])


@pytest.mark.parametrize(("status", "code"), [(5, "canceled"), (6, "canceled"), (0, "incomplete")])
def test_an_order_that_is_not_to_be_shipped_is_refused(yard: Yard, status: int, code: str) -> None:
    order = yard.place(1)
    yard.shop.act(f"orders/{order.id}/status", status_id=status)

    outcome = rejected(push(yard, wanted(order, {0: 1})))

    assert (outcome.code, held(order), order.status_id) == (code, [], status)


def test_the_store_is_quoted_where_it_refuses_and_the_next_order_passes(yard: Yard) -> None:
    bad, good = yard.place(1), yard.place(1)
    refusing = Fault(kind="error", method="POST", path=rf"/orders/{bad.id}/shipments", status=400)
    yard.shop.simulator.faults.add(refusing)

    first, second = push(yard, wanted(bad, {0: 1}), wanted(good, {0: 1}, tracking_number="B"))

    assert isinstance(first, Rejected)
    assert (first.code, isinstance(second, Confirmed), held(good)) == ("400", True, [("B", {0: 1})])


def strange(what: str) -> Callable[[Request], Reply]:
    """A store whose order 7 cannot be understood: in its standing, or with shipments that never end."""
    ids = itertools.count(1)

    def answer(request: Request) -> Reply:
        order, _, part = request.place.removeprefix("/v2/orders/").partition("/")
        if request.method != "GET":
            return 201, {"id": 50}
        if part == "":
            return 200, {"status_id": "unheard of" if (order, what) == ("7", "standing") else 11}
        if part == "products":
            return 200, [{"id": 1, "quantity": 1, "order_address_id": 31, "sku": "S1"}]
        is_endless = (order, what) == ("7", "shipments")
        return (200, [{"id": next(ids), "items": []} for _ in range(250)]) if is_endless else (204, None)

    return answer


@pytest.mark.parametrize(("what", "kind"), [("standing", Rejected), ("shipments", Unclear)])
def test_an_order_that_cannot_be_understood_does_not_stop_the_others(what: str, kind: type[Any]) -> None:
    hub, _ = connector(strange(what))
    unit = WantedUnits(1, ChannelId("1"), ChannelId(""), ChannelSku(""))
    wishes = [WantedFulfillment(ChannelId(order), (unit,), "UPS", "1Z999") for order in ("7", "8")]

    first, second = hub.push_fulfillments([Change(each.order_id, each) for each in wishes])

    assert isinstance(first, kind)
    assert isinstance(second, Confirmed)


def test_an_order_that_is_gone_is_refused(yard: Yard) -> None:
    order = yard.place(1)
    yard.call("DELETE", f"/orders/{order.id}")

    assert rejected(push(yard, wanted(order, {0: 1}))).code == "404"


def test_a_store_that_is_too_busy_or_down_ends_the_run(yard: Yard) -> None:
    order = yard.place(1)
    busy, down = Fault("too_many_requests", method="GET"), Fault("error", method="GET")
    for fault, error in ((busy, RateLimitedError), (down, UnavailableError)):
        yard.shop.simulator.faults.add(fault)
        with pytest.raises(error):
            push(yard, wanted(order, {0: 1}))
    assert held(order) == []
