"""Another number or carrier for what has left, on the simulated platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.tiktok_shop.fulfillment_bench import (
    NUMBER,
    OTHER_NUMBER,
    UPS_ID,
    USPS_ID,
    packages,
    placed,
    push,
    read,
    wanted,
)
from connectors.tiktok_shop.tiktok_bench import SimulatedShop
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.sync import Confirmed, Outcome, Rejected, Unclear
from crossdock_simulators.kit import Fault

NEW = "1Z999AA10123456799"
ORDER_CALL, PACKAGE_CALL = r"orders/\d+/shipping_info", r"packages/\d+/shipping_info"


def shipped(shop: SimulatedShop, **quantities: int) -> tuple[ChannelOrder, str]:
    """An order of which all, or these units, have left, and the package that they left in."""
    order = placed(shop)
    [outcome] = push(shop, wanted(order, quantities=quantities or None))
    assert isinstance(outcome, Confirmed)
    shop.simulator.journal.clear()
    return order, outcome.channel_id


def corrected(shop: SimulatedShop, order: ChannelOrder, known: str, **more: Any) -> Outcome:
    [outcome] = push(shop, wanted(order, **{"number": NEW} | more), known=known)
    return outcome


def test_an_order_in_one_package_is_corrected_as_an_order(shop: SimulatedShop) -> None:
    order, package = shipped(shop)

    outcome = corrected(shop, order, package)

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == package
    assert packages(shop) == [(NEW, UPS_ID, 3)]
    assert shop.calls("/shipping_info/update") == [
        f"POST /fulfillment/202309/orders/{order.channel_id}/shipping_info/update"
    ]
    [parcel] = read(shop, order.channel_id).parcels
    assert (parcel.channel_id, parcel.tracking_number) == (package, NEW)


def test_one_of_several_packages_is_corrected_alone(shop: SimulatedShop) -> None:
    order, first = shipped(shop, MUG=1)
    push(shop, wanted(order, OTHER_NUMBER, {"MUG": 2}))

    outcome = corrected(shop, order, first, quantities={"MUG": 1})

    assert isinstance(outcome, Confirmed)
    assert packages(shop) == [(NEW, UPS_ID, 1), (OTHER_NUMBER, UPS_ID, 2)]
    assert shop.calls("/shipping_info/update") == [
        f"POST /fulfillment/202610/packages/{first}/shipping_info/update"
    ]


def test_another_carrier_under_the_same_number_is_a_correction(shop: SimulatedShop) -> None:
    order, package = shipped(shop)

    outcome = corrected(shop, order, package, number=NUMBER, carrier="USPS")

    assert isinstance(outcome, Confirmed)
    assert packages(shop) == [(NUMBER, USPS_ID, 3)]


@pytest.mark.parametrize("carrier", ["UPS", "United Parcel Service"])
def test_what_shows_number_and_carrier_already_is_left_alone(shop: SimulatedShop, carrier: str) -> None:
    order, package = shipped(shop)

    outcome = corrected(
        shop, order, package, number=NUMBER, carrier=carrier, tracking_url="https://ups.example/1"
    )

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == package
    assert shop.calls("/shipping_info/update") == []


def test_a_correction_whose_answer_was_lost_is_not_repeated(shop: SimulatedShop) -> None:
    """Corrections are counted, so that one too many is one that is missing later."""
    order, package = shipped(shop)
    shop.simulator.faults.add(Fault("error_after", path=ORDER_CALL))

    outcomes = [corrected(shop, order, package), corrected(shop, order, package)]

    assert [type(outcome) for outcome in outcomes] == [Unclear, Confirmed]
    assert len(shop.calls("/shipping_info/update")) == 1


def test_a_correction_in_the_same_run_as_another_part_keeps_them_apart(shop: SimulatedShop) -> None:
    order, package = shipped(shop, MUG=1)

    fixed = corrected(shop, order, package, quantities={"MUG": 1})
    assert isinstance(fixed, Confirmed)
    [rest] = push(shop, wanted(order, NEW, {"MUG": 2}, taken=(fixed.channel_id,)))

    assert isinstance(rest, Confirmed)
    assert packages(shop) == [(NEW, UPS_ID, 1), (NEW, UPS_ID, 2)]


def test_units_that_came_to_a_fulfillment_later_leave_beside_it(shop: SimulatedShop) -> None:
    order, package = shipped(shop, MUG=1)

    outcome = corrected(shop, order, package, quantities={"MUG": 3}, number=NUMBER)

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id.startswith(f"{package}+")
    assert packages(shop) == [(NUMBER, UPS_ID, 1), (NUMBER, UPS_ID, 2)]
    again = corrected(shop, order, outcome.channel_id, quantities={"MUG": 3}, number=NUMBER)
    assert isinstance(again, Confirmed)
    assert again.channel_id == outcome.channel_id


def test_a_package_that_got_another_id_is_found_by_its_units(shop: SimulatedShop) -> None:
    order, package = shipped(shop)

    outcome = corrected(shop, order, "1152000000000000001")

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == package
    assert packages(shop) == [(NEW, UPS_ID, 3)]


def test_packages_of_other_fulfillments_are_not_taken_for_a_renamed_one(shop: SimulatedShop) -> None:
    order, package = shipped(shop)
    other = replace(wanted(order, NEW), taken=(ChannelId(package),))

    [outcome] = push(shop, other, known="1152000000000000001")

    assert isinstance(outcome, Rejected)
    assert outcome.code == "already_shipped"
    assert packages(shop) == [(NUMBER, UPS_ID, 3)]


def test_the_window_for_corrections_is_told_in_plain_words(shop: SimulatedShop) -> None:
    order, package = shipped(shop)
    late = datetime.now(UTC) - timedelta(hours=73)
    shipped_then = replace(shop.simulator.shop.tables.packages[package], shipped=late)
    shop.simulator.shop.tables.packages[package] = shipped_then

    outcome = corrected(shop, order, package)

    assert isinstance(outcome, Rejected)
    assert outcome.code == "21011051"
    assert outcome.reason.startswith("the time for corrections, 72 hours after shipping, is over")


def test_too_many_corrections_are_told_in_plain_words(shop: SimulatedShop) -> None:
    order, package = shipped(shop)

    outcomes = [corrected(shop, order, package, number=f"{NEW}{n}") for n in range(4)]

    assert [type(outcome) for outcome in outcomes] == [Confirmed] * 3 + [Rejected]
    last = outcomes[-1]
    assert isinstance(last, Rejected)
    assert last.code == "21011050"
    assert "corrected too often" in last.reason


def test_a_delivered_package_is_not_corrected(shop: SimulatedShop) -> None:
    order, package = shipped(shop)
    for step in ("IN_TRANSIT", "DELIVERED"):
        shop.do(f"/orders/{order.channel_id}/advance", to=step)

    outcome = corrected(shop, order, package)

    assert isinstance(outcome, Rejected)
    assert outcome.code == "21011052"
    assert outcome.fix


def test_a_correction_by_an_unknown_carrier_changes_nothing(shop: SimulatedShop) -> None:
    order, package = shipped(shop)

    outcome = corrected(shop, order, package, carrier="Bob's Vans")

    assert isinstance(outcome, Rejected)
    assert outcome.code == "carrier_unknown"
    assert packages(shop) == [(NUMBER, UPS_ID, 3)]
