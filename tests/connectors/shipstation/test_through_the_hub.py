"""From a store's order to a label at ShipStation and back: the hub in between knows nothing of either by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.shipstation.bench import Yard, open_yard
from crossdock.operations.setup.spec import Spec
from support.world import STORE, World

PARTLY_SHIPPED, SHIPPED, AWAITING_FULFILLMENT = 3, 2, 11
PLACE = "Default location"
WAREHOUSE = "my-3pl"


@pytest.fixture
def yard() -> Iterator[Yard]:
    with open_yard() as made:
        yield made


@pytest.fixture
def made(small_world: World, yard: Yard) -> World:
    """The store's default location is packed by ShipStation, and all orders go there."""
    part = {
        "name": WAREHOUSE,
        "connector": "shipstation",
        "credentials": {**yard.simulator.credentials, "api_base": yard.address},
        "settings": {"orders": True, "fulfillments": True},
    }
    hold = {"hold_minutes": 0}
    spec = small_world.spec(store={"push_fulfillments": True, **hold}).model_dump(mode="json")
    spec["integrations"] = [spec["integrations"][0], part]
    small_world.hub.apply(Spec.model_validate(spec))
    for name in (STORE, WAREHOUSE):
        assert small_world.hub.connect(name).status == "Connected"
    small_world.sync()
    spec["locations"] = [{"location": PLACE, "integration": STORE, "linked_to": WAREHOUSE}]
    spec["routing"] = [{"name": "All", "destinations": [{"location": PLACE}]}]
    small_world.hub.apply(Spec.model_validate(spec))
    return small_world


def sold(made: World, quantity: int) -> tuple[int, str]:
    sku = next(sku for sku, units in made.store_stock().items() if units > 5)
    return int(made.sell_in_store(sku, quantity)["id"]), sku


def status(made: World, order_id: int) -> int:
    return made.store.store.orders[order_id].status_id


def labelled(yard: Yard, quantity: int, number: str) -> Any:
    (order,) = yard.simulator.account.orders.values()
    sku = str(order.items[0]["sku"])
    return yard.act(
        f"orders/{order.id}/label", sku=sku, quantity=quantity, tracking_number=number, carrier_code="ups"
    )


def test_an_order_of_the_store_ships_in_two_parts_and_the_store_is_told_of_each(
    made: World, yard: Yard
) -> None:
    order_id, sku = sold(made, 3)
    made.sync()
    assert [units for _, units in yard.orders().values()] == [{sku: 3}]

    labelled(yard, 1, "1Z999AA10123456784")
    made.sync()
    after_one = status(made, order_id)
    labelled(yard, 2, "1Z999AA10123456785")
    made.sync()

    assert (after_one, status(made, order_id)) == (PARTLY_SHIPPED, SHIPPED)
    shipments = made.store.store.orders[order_id].shipments
    assert [(one.fields["tracking_number"], one.fields["shipping_provider"]) for one in shipments] == [
        ("1Z999AA10123456784", "ups"),
        ("1Z999AA10123456785", "ups"),
    ]
    assert made.open_cases() == []
    assert yard.calls().count("POST /orders/createorder") == 1


def test_an_order_that_is_canceled_in_the_store_is_stopped_there(made: World, yard: Yard) -> None:
    order_id, _ = sold(made, 2)
    made.sync()

    made.act(f"{made.store_address}/_sim/orders/{order_id}/cancel", {})
    made.sync()

    assert [state for state, _ in yard.orders().values()] == ["cancelled"]
    assert made.open_cases() == []


def test_a_label_that_was_made_void_is_taken_back_in_the_store(made: World, yard: Yard) -> None:
    order_id, _ = sold(made, 2)
    made.sync()
    label = labelled(yard, 2, "1Z999AA10123456784")
    made.sync()
    assert status(made, order_id) == SHIPPED

    yard.act(f"shipments/{label['shipmentId']}/void")
    made.sync()

    assert made.store.store.orders[order_id].shipments == []
    assert status(made, order_id) == AWAITING_FULFILLMENT
