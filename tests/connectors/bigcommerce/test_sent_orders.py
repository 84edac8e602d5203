"""An order that was sent to a location is shown so in a simulated store, and never set back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.bigcommerce.scripted import Reply, Request, connector
from connectors.bigcommerce.shipping_bench import Yard
from connectors.bigcommerce.simulated import open_shop
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear
from crossdock_simulators.bigcommerce.records import Order
from crossdock_simulators.kit import Fault


@pytest.fixture
def yard() -> Iterator[Yard]:
    with open_shop(5) as shop:
        yield Yard(shop)


def tell(yard: Yard, order: Order, **settings: Any) -> Outcome:
    number = ChannelId(str(order.id))
    hub = yard.shop.hub(in_progress=True, **settings)
    (outcome,) = hub.tell_sent([Change("ord_1", number, number)])
    return outcome


def with_status(yard: Yard, status: int) -> Order:
    order = yard.place(1)
    if status != order.status_id:
        yard.shop.act(f"orders/{order.id}/status", status_id=status)
    return order


@pytest.mark.parametrize("status", [9, 8])
def test_an_order_under_way_gets_the_chosen_status(yard: Yard, status: int) -> None:
    order = yard.place(1)

    outcome = tell(yard, order, in_progress_status=status)

    assert outcome == Confirmed("ord_1", ChannelId(str(order.id)))
    assert order.status_id == status


@pytest.mark.parametrize("status", [2, 3, 8, 9, 10, 14])
def test_an_order_that_is_as_far_or_further_is_left(yard: Yard, status: int) -> None:
    order = with_status(yard, status)
    before = yard.mark()

    outcome = tell(yard, order)

    assert isinstance(outcome, Confirmed)
    assert ("there already" in outcome.notes[0], order.status_id) == (True, status)
    assert yard.requests(before) == [f"GET /v2/orders/{order.id}"]


@pytest.mark.parametrize("status", [0, 1, 5, 6, 7, 12, 13])
def test_an_order_that_is_not_ready_there_is_refused_with_its_status(yard: Yard, status: int) -> None:
    order = with_status(yard, status)

    outcome = tell(yard, order)

    assert isinstance(outcome, Rejected)
    assert (outcome.code, order.status_id) == ("not_ready", status)


def test_a_status_that_the_settings_call_ready_is_ready(yard: Yard) -> None:
    order = with_status(yard, 12)

    outcome = tell(yard, order, status_map={"12": "ready_for_fulfillment"})

    assert (isinstance(outcome, Confirmed), order.status_id) == (True, 9)


def test_a_locked_status_is_refused_by_the_name_of_its_setting(yard: Yard) -> None:
    order = yard.place(1)

    outcome = tell(yard, order, locked_statuses=("11",))

    assert isinstance(outcome, Rejected)
    assert (outcome.code, order.status_id) == ("locked", 11)
    assert "Locked statuses" in outcome.fix


def test_telling_again_after_a_lost_answer_changes_nothing(yard: Yard) -> None:
    order = yard.place(1)
    yard.shop.simulator.faults.add(Fault(kind="reset_after", method="PUT"))

    lost, again = tell(yard, order), tell(yard, order)

    assert isinstance(lost, Unclear)
    assert isinstance(again, Confirmed)
    assert (order.status_id, yard.shop.simulator.store.writes["order_updated"]) == (9, 1)


def test_an_order_that_cannot_be_understood_does_not_stop_the_others() -> None:
    def answer(request: Request) -> Reply:
        return 200, {"status_id": "unheard of" if request.place.endswith("/7") else 11}

    hub, _ = connector(answer, in_progress=True)
    first, second = hub.tell_sent([Change(each, ChannelId(each), ChannelId(each)) for each in ("7", "8")])

    assert isinstance(first, Rejected)
    assert (first.code, isinstance(second, Confirmed)) == ("unreadable", True)


def test_an_answer_that_is_no_order_at_all_refuses_nothing() -> None:
    hub, _ = connector(lambda _: (200, ["what"]), in_progress=True)

    with pytest.raises(UnavailableError, match="what"):
        list(hub.tell_sent([Change("7", ChannelId("7"), ChannelId("7"))]))


def test_an_order_that_is_gone_is_refused_in_the_stores_words(yard: Yard) -> None:
    order = yard.place(1)
    yard.call("DELETE", f"/orders/{order.id}")

    outcome = tell(yard, order)

    assert isinstance(outcome, Rejected)
    assert outcome.code == "404"
