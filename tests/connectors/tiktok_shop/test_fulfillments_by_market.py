"""Markets differ: packages that come to be by shipping, and packages that are there already."""

from __future__ import annotations

from collections.abc import Iterator
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
from crossdock.domain.channel import ChannelOrder
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Confirmed, Rejected, Unclear
from crossdock_simulators.kit import Fault

SHIP = r"packages/\d+/ship"


@pytest.fixture
def mexican() -> Iterator[SimulatedShop]:
    with market("MX") as shop:
        yield shop


def split(shop: SimulatedShop, order: ChannelOrder, *sizes: int) -> list[str]:
    """The order's units in packages of these sizes, which get ids of their own."""
    units = iter(unit for line in order.lines for unit in line.unit_ids)
    groups = [[next(units) for _ in range(size)] for size in sizes]
    return list(shop.do(f"/orders/{order.channel_id}/split", groups=groups)["package_ids"])


@pytest.mark.parametrize("region", ["DE", "GB", "JP"])
def test_these_markets_mark_packages_as_shipped(region: str) -> None:
    with market(region) as shop:
        order = placed(shop)

        [outcome] = push(shop, wanted(order, "GX123456789", carrier="DHL"))

        assert isinstance(outcome, Confirmed)
        assert shop.calls(MARK) == [f"POST {MARK}/{order.channel_id}/packages"]
        assert read(shop, order.channel_id).status is OrderStatus.FULFILLED


def test_elsewhere_the_package_that_is_there_is_shipped(mexican: SimulatedShop) -> None:
    order = placed(mexican)
    [waiting] = mexican.simulator.shop.tables.packages

    [outcome] = push(mexican, wanted(order))
    after = read(mexican, order.channel_id)

    assert order.parcels == (), "a package that waits has not left"
    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == waiting
    assert packages(mexican) == [(NUMBER, UPS_ID, 3)]
    assert [parcel.channel_id for parcel in after.parcels] == [waiting]
    assert mexican.calls(MARK) == []


def test_a_part_of_a_package_does_not_leave_alone(mexican: SimulatedShop) -> None:
    order = placed(mexican)

    [outcome] = push(mexican, wanted(order, quantities={"MUG": 2}))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "package_in_part"
    assert "Split the package in Seller Center" in outcome.fix
    assert packages(mexican) == []


def test_after_a_split_each_package_leaves_with_its_own_fulfillment(mexican: SimulatedShop) -> None:
    order = placed(mexican)
    old = list(mexican.simulator.shop.tables.packages)
    new = split(mexican, order, 1, 2)

    two, one = push(mexican, wanted(order, NUMBER, {"MUG": 2}), wanted(order, OTHER_NUMBER, {"MUG": 1}))

    assert isinstance(two, Confirmed)
    assert isinstance(one, Confirmed)
    assert [one.channel_id, two.channel_id] == new
    assert not set(new) & set(old)
    assert packages(mexican) == [(OTHER_NUMBER, UPS_ID, 1), (NUMBER, UPS_ID, 2)]


def test_a_fulfillment_of_several_packages_has_all_their_ids(mexican: SimulatedShop) -> None:
    order = placed(mexican)
    new = split(mexican, order, 1, 2)

    [outcome] = push(mexican, wanted(order))

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == "+".join(new)


def test_an_answer_that_was_lost_between_two_packages_is_looked_for(mexican: SimulatedShop) -> None:
    order = placed(mexican)
    new = split(mexican, order, 1, 2)
    mexican.simulator.faults.add(Fault("error_after", path=SHIP))

    [lost] = push(mexican, wanted(order))
    left_meanwhile = packages(mexican)
    [found] = push(mexican, wanted(order), is_unclear=True)

    assert isinstance(lost, Unclear)
    assert len(left_meanwhile) == 1
    assert isinstance(found, Confirmed)
    assert found.channel_id == "+".join(new)
    assert packages(mexican) == [(NUMBER, UPS_ID, 1), (NUMBER, UPS_ID, 2)]


def test_a_buyers_open_request_comes_first_there_too(mexican: SimulatedShop) -> None:
    order = placed(mexican)
    mexican.do(f"/orders/{order.channel_id}/cancel")

    [pending] = push(mexican, wanted(order))

    assert isinstance(pending, Rejected)
    assert (pending.code, pending.again_in) == ("21008044", timedelta(minutes=10))


def test_a_package_is_corrected_by_its_own_call_there_too(mexican: SimulatedShop) -> None:
    order = placed(mexican)
    first, second = split(mexican, order, 1, 2)
    push(mexican, wanted(order))

    [outcome] = push(mexican, wanted(order, OTHER_NUMBER), known=f"{first}+{second}")

    assert isinstance(outcome, Confirmed)
    assert packages(mexican) == [(OTHER_NUMBER, UPS_ID, 1), (OTHER_NUMBER, UPS_ID, 2)]
    assert len(mexican.calls("/shipping_info/update")) == 2
