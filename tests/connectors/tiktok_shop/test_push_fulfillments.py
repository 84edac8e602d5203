"""What left is told to the simulated platform, over real HTTP: once, whatever becomes of the answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.tiktok_shop.fulfillment_bench import (
    MARK,
    NUMBER,
    OTHER_NUMBER,
    UPS_ID,
    market,
    packages,
    placed,
    push,
    read,
    wanted,
)
from connectors.tiktok_shop.tiktok_bench import SimulatedShop
from crossdock.connectors.errors import RateLimitedError
from crossdock.domain.channel import ChannelId
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Change, Confirmed, Entity, Rejected, Unclear
from crossdock_simulators.kit import Fault
from crossdock_simulators.kit.faults import Kind
from crossdock_simulators.tiktok_shop.app import FBT_ID


def test_an_order_is_marked_as_shipped_with_carrier_and_number(shop: SimulatedShop) -> None:
    order = placed(shop)

    [outcome] = push(shop, wanted(order))
    after = read(shop, order.channel_id)

    assert isinstance(outcome, Confirmed)
    assert after.status is OrderStatus.FULFILLED
    [parcel] = after.parcels
    assert (parcel.channel_id, parcel.tracking_number, parcel.carrier) == (outcome.channel_id, NUMBER, "UPS")
    assert [(part.line_id, part.quantity) for part in parcel.units] == [(order.lines[0].channel_id, 3)]
    assert parcel.shipped_at is not None


def test_a_part_ships_and_the_rest_follows_with_units_that_are_still_open(shop: SimulatedShop) -> None:
    order = placed(shop, {"MUG": 3, "TOTE-RED": 2})

    [first] = push(shop, wanted(order, quantities={"MUG": 2}))
    part = read(shop, order.channel_id)
    [second] = push(shop, wanted(order, OTHER_NUMBER, {"MUG": 1, "TOTE-RED": 2}))
    whole = read(shop, order.channel_id)

    assert isinstance(first, Confirmed)
    assert isinstance(second, Confirmed)
    assert (part.status, whole.status) == (OrderStatus.PARTIALLY_FULFILLED, OrderStatus.FULFILLED)
    assert [line.quantity_shipped for line in part.lines] == [2, 0]
    assert packages(shop) == [(NUMBER, UPS_ID, 2), (OTHER_NUMBER, UPS_ID, 3)]


def test_the_units_with_the_lowest_ids_leave_first(shop: SimulatedShop) -> None:
    order = placed(shop)

    push(shop, wanted(order, quantities={"MUG": 2}))
    [package] = shop.simulator.shop.tables.packages.values()

    assert list(package.line_ids) == sorted(order.lines[0].unit_ids, key=int)[:2]


def test_orders_are_read_together_and_carriers_once(shop: SimulatedShop) -> None:
    orders = [placed(shop) for _ in range(4)]
    shop.simulator.journal.clear()

    outcomes = push(shop, *(wanted(order, f"1Z999AA1012345679{n}") for n, order in enumerate(orders)))

    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert len(shop.calls("/order/202507/orders")) == 1
    assert len(shop.calls("/shipping_providers")) == 1
    assert len(shop.calls(MARK)) == 4


@pytest.mark.parametrize("kind", ["error_after", "reset_after", "not_json"])
def test_an_answer_that_was_lost_is_looked_for_and_never_sent_twice(shop: SimulatedShop, kind: Kind) -> None:
    order = placed(shop)
    shop.simulator.faults.add(Fault(kind, path=MARK))

    [lost] = push(shop, wanted(order))
    [found] = push(shop, wanted(order), is_unclear=True)

    assert isinstance(lost, Unclear)
    assert isinstance(found, Confirmed)
    assert "on record there already" in found.notes[0]
    assert packages(shop) == [(NUMBER, UPS_ID, 3)]
    assert [parcel.channel_id for parcel in read(shop, order.channel_id).parcels] == [found.channel_id]


def test_an_answer_that_was_lost_before_it_took_effect_is_sent_again(shop: SimulatedShop) -> None:
    order = placed(shop)
    shop.simulator.faults.add(Fault("reset_before", path=MARK))

    outcomes = push(shop, wanted(order)) + push(shop, wanted(order), is_unclear=True)

    assert [type(outcome) for outcome in outcomes] == [Unclear, Confirmed]
    assert packages(shop) == [(NUMBER, UPS_ID, 3)]


def test_after_an_unclear_answer_the_next_fulfillment_of_the_order_is_looked_at_anew(
    shop: SimulatedShop,
) -> None:
    order = placed(shop)
    shop.simulator.faults.add(Fault("error_after", path=MARK))
    parts = (wanted(order, NUMBER, {"MUG": 1}), wanted(order, OTHER_NUMBER, {"MUG": 2}))

    outcomes = push(shop, *parts)

    assert [type(outcome) for outcome in outcomes] == [Unclear, Confirmed]
    assert packages(shop) == [(NUMBER, UPS_ID, 1), (OTHER_NUMBER, UPS_ID, 2)]


def test_a_pause_that_the_platform_asks_for_ends_the_run_after_what_was_settled(shop: SimulatedShop) -> None:
    first, second = placed(shop), placed(shop)
    connector = shop.connector(push_fulfillments=True)
    changes = [Change("a", wanted(first)), Change("b", wanted(second, OTHER_NUMBER))]
    outcomes = connector.push_fulfillments(changes)

    assert isinstance(next(outcomes), Confirmed)
    shop.simulator.faults.add(Fault("too_many_requests", path=MARK))
    with pytest.raises(RateLimitedError):
        next(outcomes)
    assert packages(shop) == [(NUMBER, UPS_ID, 3)]


def test_fulfillments_of_one_order_under_the_same_number_stay_apart(shop: SimulatedShop) -> None:
    order = placed(shop)

    one, two = push(shop, wanted(order, quantities={"MUG": 1}), wanted(order, quantities={"MUG": 2}))

    assert isinstance(one, Confirmed)
    assert isinstance(two, Confirmed)
    assert one.channel_id != two.channel_id
    assert packages(shop) == [(NUMBER, UPS_ID, 1), (NUMBER, UPS_ID, 2)]


def test_a_later_one_under_the_same_number_does_not_take_a_package_that_stands_for_another(
    shop: SimulatedShop,
) -> None:
    order = placed(shop)
    [one] = push(shop, wanted(order, quantities={"MUG": 1}))
    assert isinstance(one, Confirmed)

    [two] = push(shop, wanted(order, quantities={"MUG": 2}, taken=(one.channel_id,)))

    assert isinstance(two, Confirmed)
    assert two.channel_id not in ("", one.channel_id)
    assert packages(shop) == [(NUMBER, UPS_ID, 1), (NUMBER, UPS_ID, 2)]


def test_what_a_person_told_in_seller_center_counts_and_only_the_rest_is_sent(shop: SimulatedShop) -> None:
    order = placed(shop)
    by_hand = shop.do(
        f"/orders/{order.channel_id}/ship",
        line_ids=order.lines[0].unit_ids[:1],
        tracking_number=NUMBER.lower(),
    )

    [outcome] = push(shop, wanted(order))

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id.split("+")[0] == by_hand["package_id"]
    assert [units for *_, units in packages(shop)] == [1, 2]


def test_the_same_number_is_enough_where_nothing_is_left_to_ship(shop: SimulatedShop) -> None:
    """A fulfillment that was taken back by mistake and is recorded again."""
    order = placed(shop)
    [first] = push(shop, wanted(order))
    assert isinstance(first, Confirmed)

    [again] = push(shop, wanted(order, taken=(first.channel_id,)))

    assert isinstance(again, Confirmed)
    assert again.channel_id == first.channel_id
    assert len(packages(shop)) == 1


def test_units_that_left_under_another_number_are_refused_with_that_number(shop: SimulatedShop) -> None:
    order = placed(shop)
    shop.do(f"/orders/{order.channel_id}/ship", tracking_number="SELLERCENTER1")
    shop.simulator.journal.clear()

    [outcome] = push(shop, wanted(order))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "already_shipped"
    assert "3 left by UPS SELLERCENTER1" in outcome.reason
    assert "crossdock fulfillments" in outcome.fix
    assert shop.calls("/fulfillment/") == []


def test_more_units_than_are_open_are_refused_whole(shop: SimulatedShop) -> None:
    order = placed(shop)
    units = order.lines[0].unit_ids
    shop.do(f"/orders/{order.channel_id}/ship", line_ids=units[:2], tracking_number="SELLERCENTER1")

    [outcome] = push(shop, wanted(order, quantities={"MUG": 2}))

    assert isinstance(outcome, Rejected)
    assert outcome.reason.startswith("1 of its units are not open there any more: 2 left by UPS")
    assert len(packages(shop)) == 1


def test_canceled_units_are_refused_as_canceled(shop: SimulatedShop) -> None:
    order = placed(shop, on_hold=True)
    shop.do(f"/orders/{order.channel_id}/cancel")

    [outcome] = push(shop, wanted(order))

    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.again_in) == ("canceled", None)
    assert "3 are canceled" in outcome.reason
    assert outcome.fix.startswith("Stop the parcel")


@pytest.mark.parametrize("asked", [{"paid": False}, {"on_hold": True}], ids=["unpaid", "on hold"])
def test_an_order_that_is_not_ready_is_tried_again_by_itself(
    shop: SimulatedShop, asked: dict[str, bool]
) -> None:
    order = placed(shop, **asked)

    [outcome] = push(shop, wanted(order))

    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.again_in) == ("not_ready", timedelta(minutes=10))
    assert shop.calls("/fulfillment/") == []


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ({"shipping_type": "TIKTOK"}, "shipping type TIKTOK"),
        ({"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}, "FULFILLMENT_BY_TIKTOK"),
    ],
)
def test_what_tiktok_ships_is_not_told(shop: SimulatedShop, asked: dict[str, str], by: str) -> None:
    if "fulfillment_type" in asked:
        shop.do("/stock", seller_sku="MUG", warehouse_id=FBT_ID, quantity=9)
    order = placed(shop, **asked)

    [outcome] = push(shop, wanted(order))

    assert isinstance(outcome, Rejected)
    assert by in outcome.reason
    assert outcome.fix
    assert shop.calls("/fulfillment/") == []


def test_an_order_that_is_not_there_is_refused_and_holds_back_nobody(shop: SimulatedShop) -> None:
    order = placed(shop)
    strange = replace(wanted(order), order_id=ChannelId("576000000000000001"))

    missing, good = push(shop, strange, wanted(order))

    assert isinstance(missing, Rejected)
    assert "no such order" in missing.reason
    assert "576000000000000001" in missing.reason
    assert isinstance(good, Confirmed)


@pytest.mark.parametrize("number", ["", "123", "has space 1", "x" * 51, "1Z999AÄ1"])
def test_a_number_that_no_call_could_carry_is_refused_before_any_is_made(
    shop: SimulatedShop, number: str
) -> None:
    order = placed(shop)
    shop.simulator.journal.clear()

    [outcome] = push(shop, wanted(order, number))

    assert isinstance(outcome, Rejected)
    assert (repr(number) if number else "no tracking number") in outcome.reason
    assert "crossdock fulfillments correct" in outcome.fix
    assert shop.calls() == []


def test_a_number_that_does_not_fit_its_carrier_is_refused_in_plain_words(shop: SimulatedShop) -> None:
    order = placed(shop)
    shop.do("/switches", checks_tracking_patterns=True)

    [outcome] = push(shop, wanted(order, "NOT-OF-UPS-1"))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "11028006"
    assert outcome.reason.startswith("the number fits no carrier, or not this one (TikTok Shop: ")
    assert outcome.request_id


def test_in_the_us_shipping_rejects_the_buyers_request_and_that_is_told(shop: SimulatedShop) -> None:
    order = placed(shop)
    shop.do(f"/orders/{order.channel_id}/cancel")

    first, second = push(shop, wanted(order, NUMBER, {"MUG": 1}), wanted(order, OTHER_NUMBER, {"MUG": 2}))

    assert isinstance(first, Confirmed)
    assert isinstance(second, Confirmed)
    assert "request to cancel was rejected by it" in first.notes[0]
    assert second.notes == ()


def test_outside_the_us_an_open_request_comes_first(shop: SimulatedShop) -> None:
    with market("GB") as british:
        order = placed(british)
        british.do(f"/orders/{order.channel_id}/cancel")

        [outcome] = push(british, wanted(order))

    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.again_in) == ("21008044", timedelta(minutes=10))
    assert "crossdock cancellations approve" in outcome.fix
    assert packages(british) == []


def test_taking_back_what_left_is_refused(shop: SimulatedShop) -> None:
    order = placed(shop)
    [sent] = push(shop, wanted(order))
    assert isinstance(sent, Confirmed)

    [outcome] = push(shop, wanted(order, is_voided=True), known=sent.channel_id)

    assert isinstance(outcome, Rejected)
    assert f"3 left by UPS {NUMBER}" in outcome.reason
    assert outcome.fix


def test_taking_back_what_was_never_there_is_done(shop: SimulatedShop) -> None:
    order = placed(shop)
    shop.simulator.faults.add(Fault("reset_before", path=MARK))
    push(shop, wanted(order))

    [outcome] = push(shop, wanted(order, is_voided=True), is_unclear=True)

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == ""


def test_taking_back_what_stands_for_another_fulfillment_is_done(shop: SimulatedShop) -> None:
    order = placed(shop)
    [sent] = push(shop, wanted(order))
    assert isinstance(sent, Confirmed)

    gone = wanted(order, is_voided=True, taken=(sent.channel_id,))
    [outcome] = push(shop, gone, known=sent.channel_id)

    assert isinstance(outcome, Confirmed)


def test_the_flow_is_on_with_its_setting(shop: SimulatedShop) -> None:
    for is_on in (False, True):
        connector = shop.connector(push_fulfillments=is_on)

        assert connector.flows()["push", Entity.FULFILLMENTS] is is_on
        assert connector.rules().pushes_fulfillments is is_on
