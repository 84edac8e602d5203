"""Shipping requests become orders of the account: created once, changed while that can be done, stopped or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.shipstation.bench import SAM, Yard, change, request
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.money import Money
from crossdock.domain.shipping import RequestedLine, ShippingOrder
from crossdock.domain.sync import Confirmed, Rejected, Unclear

MUGS = {"MUG": 2, "TOTE": 1}


def test_a_request_arrives_with_all_that_the_warehouse_needs_and_no_mail_address(yard: Yard) -> None:
    line = RequestedLine("1", "MUG", "A mug", 2, Money.of("9.50", "USD"), "0123456789012", ("Color: Red",))
    wanted = replace(
        request(), lines=(line,), method="USPS Priority", location="EAST", note="Ring twice", tags=("vip",)
    )

    (outcome,) = yard.push(change(wanted), store_id="67002")

    (order,) = yard.simulator.account.orders.values()
    assert outcome == Confirmed("hub-1001-1", outcome.channel_id, is_new=True)  # type: ignore[union-attr]
    assert (order.number, order.key, order.status, order.store_id) == (
        "1001-1",
        "1001-1",
        "awaiting_shipment",
        67_002,
    )
    assert order.own["shipTo"] == {
        "name": "Sam Shopper",
        "street1": "12 Sample Street",
        "street2": "Flat 3",
        "street3": "Rear Left",
        "city": "Austin",
        "state": "TX",
        "postalCode": "78701",
        "country": "US",
        "phone": "+1 512 555 0100",
    }
    (item,) = order.items
    assert (item["lineItemKey"], item["sku"], item["quantity"], item["unitPrice"]) == ("1", "MUG", 2, 9.5)
    assert (item["upc"], item["options"]) == ("0123456789012", [{"name": "Color", "value": "Red"}])
    assert order.own["requestedShippingService"] == "USPS Priority"
    assert order.own["internalNotes"] == "Ring twice\nTags: vip"
    assert order.own["advancedOptions"] == {
        "customField1": "store 1001",
        "customField2": "EAST",
        "storeId": 67_002,
    }
    assert SAM.email not in str(order.own)
    assert yard.calls() == ["POST /orders/createorder"]


def test_fewer_units_leave_the_order_and_its_hold_as_they_are_otherwise(yard: Yard) -> None:
    (number,) = yard.send(request())
    yard.act(f"orders/{number}/status", status="on_hold")

    (outcome,) = yard.push(change(request("1001-1", ("MUG", 1), ("TOTE", 0)), number))

    assert outcome == Confirmed("hub-1001-1", outcome.channel_id)  # type: ignore[union-attr]
    assert yard.orders() == {"1001-1": ("on_hold", {"MUG": 1})}


@pytest.mark.parametrize("is_refused", [True, False], ids=["refused there", "answered as it stands"])
def test_what_has_shipped_is_neither_changed_nor_stopped(yard: Yard, is_refused: bool) -> None:
    yard.act("switches", refuses_locked=is_refused)
    (number,) = yard.send(request())
    yard.act(f"orders/{number}/label")

    fewer, stopped = yard.push(
        change(request("1001-1", ("MUG", 1), ("TOTE", 1)), number),
        change(replace(request(), is_stopped=True), number),
    )

    assert isinstance(fewer, Rejected)
    assert isinstance(stopped, Rejected)
    assert (fewer.code, stopped.code) == ("too_late", "too_late")
    assert "has shipped it" in stopped.reason
    assert yard.orders() == {"1001-1": ("shipped", MUGS)}


@pytest.mark.parametrize("is_refused", [True, False], ids=["refused there", "answered as it stands"])
@pytest.mark.parametrize(
    "asked",
    [replace(request(), is_stopped=True), request("1001-1", ("MUG", 1), ("TOTE", 1))],
    ids=["stopped", "reduced"],
)
def test_a_request_that_ships_after_the_look_is_not_taken_for_done(
    yard: Yard, asked: ShippingOrder, is_refused: bool
) -> None:
    yard.act("switches", refuses_locked=is_refused)
    (number,) = yard.send(request())
    hub = yard.hub()
    found = hub._client.orders_numbered

    def look_and_ship(wanted: str) -> object:
        seen = list(found(wanted))
        yard.act(f"orders/{number}/label")
        return iter(seen)

    hub._client.orders_numbered = look_and_ship  # type: ignore[assignment,method-assign]
    (outcome,) = hub.push_shipping_requests([change(asked, number)])

    assert isinstance(outcome, Rejected)
    assert yard.orders()["1001-1"][0] == "shipped"


def test_a_request_is_stopped_once_and_stays_so(yard: Yard) -> None:
    (number,) = yard.send(request())
    stop = change(replace(request(), is_stopped=True, address=None), number)

    first, second = *yard.push(stop), *yard.push(stop)

    assert first == second == Confirmed("hub-1001-1", first.channel_id)  # type: ignore[union-attr]
    assert yard.orders() == {"1001-1": ("cancelled", MUGS)}
    assert yard.calls().count("POST /orders/createorder") == 2


def test_a_request_without_any_units_left_is_stopped(yard: Yard) -> None:
    (number,) = yard.send(request())

    yard.push(change(request("1001-1", ("MUG", 0), ("TOTE", 0)), number))

    assert yard.orders()["1001-1"][0] == "cancelled"


def test_stopping_what_never_arrived_is_done_at_once_and_creates_nothing(yard: Yard) -> None:
    (outcome,) = yard.push(change(replace(request(), is_stopped=True), is_unclear=True))

    assert isinstance(outcome, Confirmed)
    assert outcome.notes == ("ShipStation has no such order",)
    assert yard.orders() == {}


def test_an_order_whose_number_only_begins_like_the_requests_is_another(yard: Yard) -> None:
    yard.send(request("1001-10"), request("1001-12"))

    (outcome,) = yard.push(change(request("1001-1"), is_unclear=True))

    assert isinstance(outcome, Confirmed)
    assert outcome.is_new
    assert set(yard.orders()) == {"1001-10", "1001-12", "1001-1"}


def test_what_was_cancelled_there_is_not_revived(yard: Yard) -> None:
    (number,) = yard.send(request())
    yard.act(f"orders/{number}/status", status="cancelled")

    (outcome,) = yard.push(change(request(), number))

    assert isinstance(outcome, Rejected)
    assert (outcome.code, yard.orders()["1001-1"][0]) == ("too_late", "cancelled")


def test_a_handover_whose_answer_was_lost_is_confirmed_although_it_has_shipped_meanwhile(yard: Yard) -> None:
    yard.fails("reset_after", "createorder")
    (first,) = yard.push(change(request()))
    (order,) = yard.simulator.account.orders.values()
    yard.act(f"orders/{order.id}/label")

    (second,) = yard.push(change(request(), is_unclear=True))

    assert isinstance(first, Unclear)
    assert second == Confirmed("hub-1001-1", str(order.id))  # type: ignore[arg-type]


def test_an_order_that_was_deleted_there_is_not_created_anew(yard: Yard) -> None:
    (outcome,) = yard.push(change(request(), "94113592"))

    assert isinstance(outcome, Rejected)
    assert (outcome.code, yard.orders()) == ("too_late", {})


def test_an_order_without_address_is_refused_before_anything_is_sent(yard: Yard) -> None:
    (outcome,) = yard.push(change(replace(request(), address=None)))

    assert isinstance(outcome, Rejected)
    assert (outcome.code, yard.calls()) == ("address", [])


def test_the_platforms_own_words_say_what_is_wrong(yard: Yard) -> None:
    wanted = replace(request(), address=replace(SAM, country_code="USA"))

    (outcome,) = yard.push(change(wanted))

    assert isinstance(outcome, Rejected)
    assert outcome.reason == "Please use a 2 character country code"


def test_a_failure_before_the_effect_leaves_the_rest_unsent(yard: Yard) -> None:
    yard.fails("error", "createorder")
    first, *rest = (change(request(f"1001-{n}")) for n in (1, 2))

    outcomes = yard.hub().push_shipping_requests([first, *rest])

    assert isinstance(next(outcomes), Unclear)  # a 500 of theirs may hide an effect
    assert yard.calls() == ["POST /orders/createorder"]


def test_an_address_at_which_nobody_answers_is_told_without_doubt(yard: Yard) -> None:
    hub = yard.hub()
    hub._client._base = "http://127.0.0.1:9"

    with pytest.raises(UnavailableError) as failed:
        list(hub.push_shipping_requests([change(request())]))

    assert not failed.value.is_unclear
