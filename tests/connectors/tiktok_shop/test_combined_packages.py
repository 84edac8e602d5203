"""Several orders of one buyer in one package, which leaves once all of them have left under its number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.tiktok_shop.fulfillment_bench import (
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
from crossdock.domain.channel import ChannelOrder
from crossdock.domain.fulfillment import Companion, WantedFulfillment
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Confirmed, Rejected
from crossdock_simulators.kit import Fault

SHIP = r"packages/\d+/ship"


@pytest.fixture
def mexican() -> Iterator[SimulatedShop]:
    with market("MX") as shop:
        yield shop


def in_one(shop: SimulatedShop, *quantities: int) -> tuple[str, list[ChannelOrder]]:
    """The package, and the orders in it."""
    orders = [placed(shop, {"MUG": each}) for each in quantities]
    first, *others = orders
    package = ""
    for other in others:
        made = shop.do(f"/orders/{first.channel_id}/combine", order_id=other.channel_id)
        package = str(made["package_id"])
    return package, orders


def beside(*others: WantedFulfillment) -> tuple[Companion, ...]:
    return tuple(Companion(each.order_id, each.units) for each in others)


def ships(shop: SimulatedShop) -> list[str]:
    return [call for call in shop.calls("/packages/") if call.endswith("/ship")]


def test_a_combined_package_leaves_once_all_of_its_orders_have(mexican: SimulatedShop) -> None:
    package, (one, two) = in_one(mexican, 1, 2)

    first, second = push(
        mexican, wanted(one, beside=beside(wanted(two))), wanted(two, beside=beside(wanted(one)))
    )

    assert isinstance(first, Confirmed)
    assert first.notes == (f"package {package} left with order {two.channel_id} in it too",)
    assert isinstance(second, Confirmed)
    assert second.notes == ("it was on record there already",)
    assert (first.channel_id, second.channel_id) == (package, package)
    assert packages(mexican) == [(NUMBER, UPS_ID, 3)]
    assert [read(mexican, each.channel_id).status for each in (one, two)] == [OrderStatus.FULFILLED] * 2
    assert len(ships(mexican)) == 1


def test_it_waits_for_the_order_that_has_not_left(mexican: SimulatedShop) -> None:
    package, (one, two) = in_one(mexican, 1, 2)

    [waiting] = push(mexican, wanted(one))

    assert isinstance(waiting, Rejected)
    assert (waiting.code, waiting.again_in) == ("package_shared", timedelta(minutes=10))
    assert f"package {package} holds goods of order {two.channel_id} too" in waiting.reason
    assert "record them under the same number, and it goes by itself" in waiting.fix
    assert packages(mexican) == []


def test_it_waits_for_all_units_of_the_other_order(mexican: SimulatedShop) -> None:
    _, (one, two) = in_one(mexican, 1, 2)
    part = wanted(two, quantities={"MUG": 1})

    [waiting] = push(mexican, wanted(one, beside=beside(part)))

    assert isinstance(waiting, Rejected)
    assert waiting.code == "package_shared"
    assert packages(mexican) == []


def test_three_orders_in_one_package_are_all_named_and_all_leave(mexican: SimulatedShop) -> None:
    _, (one, two, three) = in_one(mexican, 1, 1, 1)

    [waiting] = push(mexican, wanted(one, beside=beside(wanted(two))))
    [sent] = push(mexican, wanted(one, beside=beside(wanted(two), wanted(three))))

    assert isinstance(waiting, Rejected)
    assert f"order {three.channel_id} too" in waiting.reason
    assert isinstance(sent, Confirmed)
    assert packages(mexican) == [(NUMBER, UPS_ID, 3)]


def test_a_lost_answer_does_not_ship_it_twice(mexican: SimulatedShop) -> None:
    package, (one, two) = in_one(mexican, 1, 2)
    mexican.simulator.faults.add(Fault("error_after", path=SHIP))
    push(mexican, wanted(one, beside=beside(wanted(two))))

    again = push(mexican, wanted(one, beside=beside(wanted(two))), wanted(two, beside=beside(wanted(one))))

    assert [each.channel_id for each in again if isinstance(each, Confirmed)] == [package, package]
    assert len(ships(mexican)) == 1


def test_what_was_taken_apart_again_leaves_alone(mexican: SimulatedShop) -> None:
    _, (one, two) = in_one(mexican, 1, 2)
    mexican.do(f"/orders/{one.channel_id}/uncombine")

    first, second = push(mexican, wanted(one), wanted(two, OTHER_NUMBER))

    assert isinstance(first, Confirmed)
    assert isinstance(second, Confirmed)
    assert packages(mexican) == [(NUMBER, UPS_ID, 1), (OTHER_NUMBER, UPS_ID, 2)]
