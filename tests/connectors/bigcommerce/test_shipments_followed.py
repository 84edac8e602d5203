"""What a simulated store has on record of a fulfillment follows it: status, corrections, and taking back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.bigcommerce.shipping_bench import Yard, confirmed, held, ids, push, rejected, wanted
from connectors.bigcommerce.simulated import open_shop
from crossdock.domain.fulfillment import WantedFulfillment
from crossdock.domain.sync import Confirmed, Unclear
from crossdock_simulators.kit import Fault

POST = r"/shipments$"


@pytest.fixture
def yard() -> Iterator[Yard]:
    with open_shop(30) as shop:
        yield Yard(shop)


# The status


@pytest.mark.parametrize(("quantity", "status"), [(1, 3), (2, 2)])
@pytest.mark.parametrize("before", [11, 9, 7])
def test_the_status_is_set_where_the_store_does_not_move_it_by_itself(
    yard: Yard, before: int, quantity: int, status: int
) -> None:
    yard.shop.simulator.store.switches.shipments_change_status = False
    order = yard.place(2, status_id=before)

    confirmed(push(yard, wanted(order, {0: quantity})))

    assert order.status_id == status


def test_the_status_is_caught_up_with_where_it_was_lost_with_the_answer(yard: Yard) -> None:
    yard.shop.simulator.store.switches.shipments_change_status = False
    order = yard.place(1)
    yard.shop.simulator.faults.add(Fault(kind="reset_after", method="PUT", path=rf"/orders/{order.id}$"))
    yard.shop.simulator.faults.add(Fault(kind="reset_after", method="POST", path=POST))

    first, second, third = (push(yard, wanted(order, {0: 1}))[0] for _ in range(3))

    assert isinstance(first, Unclear)
    assert isinstance(second, Unclear)
    assert isinstance(third, Confirmed)
    assert (order.status_id, len(order.shipments)) == (2, 1)


def test_a_locked_status_stays_and_is_said(yard: Yard) -> None:
    yard.shop.simulator.store.switches.shipments_change_status = False
    order = yard.place(1)

    outcome = confirmed(push(yard, wanted(order, {0: 1}), locked_statuses=("11",)))

    assert (order.status_id, len(order.shipments)) == (11, 1)
    assert outcome.notes == (
        "the order stays Awaiting Fulfillment, which Locked statuses keeps from being overwritten",
    )


@pytest.mark.parametrize("status", [4, 10, 13, 14])
def test_a_status_that_tells_of_something_else_is_left_alone(yard: Yard, status: int) -> None:
    yard.shop.simulator.store.switches.shipments_change_status = False
    order = yard.place(1)
    yard.shop.act(f"orders/{order.id}/status", status_id=status)

    confirmed(push(yard, wanted(order, {0: 1})))

    assert (order.status_id, len(order.shipments)) == (status, 1)


# Corrected


def test_a_correction_changes_the_tracking_of_the_same_shipment(yard: Yard) -> None:
    order = yard.place(2)
    made = confirmed(push(yard, wanted(order, {0: 1}, tracking_number="TYPO")))
    before = yard.mark()

    outcome = confirmed(push(yard, wanted(order, {0: 1}, carrier="FedEx"), ids=made.channel_id))

    assert (outcome.channel_id, held(order)) == (made.channel_id, [("1Z999", {0: 1})])
    assert order.shipments[0].fields["shipping_provider"] == "fedex"
    assert (order.status_id, outcome.is_new) == (3, False)
    written = [each for each in yard.requests(before) if not each.startswith("GET")]
    assert written == [f"PUT /v2/orders/{order.id}/shipments/{made.channel_id}"]


def test_a_correction_that_the_shipment_shows_already_writes_nothing(yard: Yard) -> None:
    order = yard.place(1)
    made = confirmed(push(yard, wanted(order, {0: 1})))
    before = yard.mark()

    again = confirmed(push(yard, wanted(order, {0: 1}), ids=made.channel_id))

    assert again.channel_id == made.channel_id
    assert [each for each in yard.requests(before) if not each.startswith("GET")] == []


def test_a_shipment_that_was_deleted_there_is_recorded_anew(yard: Yard) -> None:
    order = yard.place(1)
    made = confirmed(push(yard, wanted(order, {0: 1})))
    yard.call("DELETE", f"/orders/{order.id}/shipments/{made.channel_id}")

    outcome = confirmed(push(yard, wanted(order, {0: 1}, tracking_number="B"), ids=made.channel_id))

    assert held(order) == [("B", {0: 1})]
    assert (outcome.channel_id, outcome.is_new) == (ids(order), True)
    assert outcome.channel_id != made.channel_id


def test_a_shipment_that_is_deleted_while_it_is_corrected_is_recorded_anew(yard: Yard) -> None:
    order = yard.place(1)
    made = confirmed(push(yard, wanted(order, {0: 1})))
    yard.shop.simulator.faults.add(Fault(kind="error", method="PUT", path=r"/shipments/\d+$", status=404))

    outcome = confirmed(push(yard, wanted(order, {0: 1}, tracking_number="B"), ids=made.channel_id))

    assert (outcome.channel_id, held(order)) == (made.channel_id, [("B", {0: 1})])


def test_other_units_are_recorded_by_a_new_shipment_in_place_of_the_old(yard: Yard) -> None:
    """A shipment's items cannot be changed there."""
    order = yard.place(2, 1)
    made = confirmed(push(yard, wanted(order, {0: 2})))

    outcome = confirmed(push(yard, wanted(order, {0: 1, 1: 1}), ids=made.channel_id))

    assert held(order) == [("1Z999", {0: 1, 1: 1})]
    assert (outcome.channel_id, order.status_id) == (ids(order), 3)


def test_units_that_the_order_has_no_room_for_leave_the_shipment_as_it_is(yard: Yard) -> None:
    order = yard.place(2)
    made = confirmed(push(yard, wanted(order, {0: 1}, tracking_number="A")))
    yard.ship(order, {0: 1}, tracking_number="OTHER")

    outcome = confirmed(push(yard, wanted(order, {0: 2}, tracking_number="B"), ids=made.channel_id))

    assert held(order) == [("B", {0: 1}), ("OTHER", {0: 1})]
    assert outcome.channel_id == made.channel_id
    assert outcome.notes == (
        "the order there has no room for other units, so the shipment keeps those that it has",
    )


# Taken back


def void(yard: Yard, want: WantedFulfillment, channel_ids: str | None) -> Confirmed:
    return confirmed(push(yard, replace(want, is_voided=True), ids=channel_ids))


def test_what_is_taken_back_is_deleted_there_and_its_order_is_open_again(yard: Yard) -> None:
    order = yard.place(1, 1, addresses=(0, 1))
    want = wanted(order, {0: 1, 1: 1})
    made = confirmed(push(yard, want))
    assert order.status_id == 2

    outcome = void(yard, want, made.channel_id)

    assert (order.shipments, order.status_id, outcome.channel_id) == ([], 11, "")
    assert outcome.notes == ("its shipment was deleted",)


def test_an_order_of_which_another_part_has_left_is_partially_shipped_again(yard: Yard) -> None:
    order = yard.place(1, 1)
    yard.ship(order, {0: 1}, tracking_number="OTHER")
    want = wanted(order, {1: 1})
    made = confirmed(push(yard, want))

    void(yard, want, made.channel_id)

    assert order.status_id == 3


def test_a_locked_status_stays_when_a_shipment_is_taken_back(yard: Yard) -> None:
    order = yard.place(1)
    want = wanted(order, {0: 1})
    made = confirmed(push(yard, want))

    [outcome] = push(yard, replace(want, is_voided=True), ids=made.channel_id, locked_statuses=["2"])

    assert isinstance(outcome, Confirmed)
    assert (order.shipments, order.status_id) == ([], 2)
    assert "Locked statuses" in outcome.notes[1]


def test_what_is_gone_already_was_taken_back(yard: Yard) -> None:
    order = yard.place(1)
    want = wanted(order, {0: 1})
    made = confirmed(push(yard, want))
    yard.shop.simulator.faults.add(Fault(kind="reset_after", method="DELETE"))

    (lost,) = push(yard, replace(want, is_voided=True), ids=made.channel_id)
    again = void(yard, want, made.channel_id)

    assert isinstance(lost, Unclear)
    assert "no shipment of it was on record any more" in again.notes[0]
    assert order.status_id == 11, "also where the answer to the deletion was lost"
    yard.call("DELETE", f"/orders/{order.id}")
    assert void(yard, want, made.channel_id).channel_id == ""


@pytest.mark.parametrize("knows_units", [True, False])
def test_what_was_recorded_when_the_answer_was_lost_is_found_and_deleted(
    yard: Yard, knows_units: bool
) -> None:
    order = yard.place(3)
    theirs = yard.ship(order, {0: 1}, tracking_number="OTHER")
    yard.shop.simulator.faults.add(Fault(kind="reset_after", method="POST", path=POST))
    want = wanted(order, {0: 2})
    push(yard, want)

    void(yard, want if knows_units else replace(want, units=()), None)

    assert ids(order) == str(theirs)


def test_without_a_number_a_person_says_whether_the_shipment_is_the_merchants_own(yard: Yard) -> None:
    order = yard.place(3)
    theirs = yard.ship(order, {0: 1})
    status = order.status_id
    want = replace(wanted(order, {0: 1}, carrier="", tracking_number=""), is_voided=True)

    outcome = rejected(push(yard, want, is_unclear=True))

    assert (outcome.code, str(theirs) in outcome.fix) == ("not_told_apart", True)
    assert (ids(order), order.status_id) == (str(theirs), status)


def test_what_nothing_tells_apart_is_not_deleted(yard: Yard) -> None:
    order = yard.place(1)
    yard.ship(order, {0: 1})

    void(yard, wanted(order, {}, tracking_number=""), None)
    yard.call("DELETE", f"/orders/{order.id}")
    void(yard, wanted(order, {0: 1}), None)

    assert len(order.shipments) == 1
