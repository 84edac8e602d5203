"""Shipments of the store are the hub's fulfillments, and the hub's are the store's: each once, however often read."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from connectors.bigcommerce.shipping_bench import held
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.order import OrderStatus
from crossdock.operations.fulfillments import fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock_simulators.bigcommerce.records import Order
from crossdock_simulators.kit import Fault
from journeys.test_stock import live, tracked_skus
from support.world import STORE, World

FLOWS = {"pull_fulfillments": True, "push_fulfillments": True}


@pytest.fixture
def shipping(small_world: World) -> World:
    return live(small_world, store=FLOWS)


def placed(made: World, quantity: int) -> Order:
    [sku] = tracked_skus(made)
    order = made.sell_in_store(sku, quantity, oversell=True)
    made.sync()
    return made.store.store.orders[order["id"]]


def order_id(made: World, order: Order) -> str:
    [row] = made.rows(tables.order, tables.order.c.channel_id == str(order.id))
    return str(row.id)


def enter(made: World, order: str, number: str) -> str:
    """A person says that one unit has left."""
    with made.database.reading() as tx:
        line = tx.execute(sa.select(tables.order_line).where(tables.order_line.c.order_id == order)).first()
    assert line is not None
    with made.database.serial() as tx:
        task = Task(HUB, made.hub.desk.clock(), made.hub.desk.cipher)
        return str(fulfillments.enter(tx, task, order, Entry(Tracking("UPS", number), {line.id: 1})))


def shipped(made: World) -> list[tuple[str, str]]:
    """Who has recorded what, of that which stands."""
    rows = made.rows(tables.fulfillment, tables.fulfillment.c.state == FulfillmentState.SHIPPED)
    return sorted((row.integration, row.tracking_number) for row in rows)


def merchant_ships(made: World, order: Order, number: str) -> None:
    items = [{"order_product_id": order.lines[0].id, "quantity": 1}]
    body: dict[str, Any] = {"order_address_id": order.addresses[0]["id"], "items": items}
    path = f"{made.store_address}/stores/{made.store.store.store_hash}/v2/orders/{order.id}/shipments"
    headers = {"X-Auth-Token": made.store.credentials["access_token"]}
    made.http.post(path, json=body | {"tracking_number": number}, headers=headers).raise_for_status()


def test_what_the_merchant_ships_and_what_the_hub_records_stand_side_by_side(shipping: World) -> None:
    order = placed(shipping, 3)
    merchant_ships(shipping, order, "THEIRS")
    shipping.sync()
    ours = order_id(shipping, order)

    enter(shipping, ours, "OURS")
    for _ in range(3):
        shipping.sync()

    assert held(order) == [("THEIRS", {0: 1}), ("OURS", {0: 1})]
    assert shipped(shipping) == [(HUB, "OURS"), (STORE, "THEIRS")]
    [row] = shipping.rows(tables.order, tables.order.c.id == ours)
    assert (row.status, order.status_id) == (OrderStatus.PARTIALLY_FULFILLED, 3)
    assert shipping.open_cases() == []


def test_an_answer_that_was_lost_makes_no_second_shipment_and_no_second_fulfillment(shipping: World) -> None:
    order = placed(shipping, 2)
    shipping.store.faults.add(Fault(kind="reset_after", method="POST", path=r"/shipments$"))

    enter(shipping, order_id(shipping, order), "OURS")
    for _ in range(2):
        shipping.sync()

    assert held(order) == [("OURS", {0: 1})]
    assert shipped(shipping) == [(HUB, "OURS")]


def test_a_shipment_that_the_merchant_deletes_is_taken_back(shipping: World) -> None:
    order = placed(shipping, 2)
    merchant_ships(shipping, order, "THEIRS")
    shipping.sync()
    assert shipped(shipping) == [(STORE, "THEIRS")]

    path = f"{shipping.store_address}/stores/{shipping.store.store.store_hash}/v2/orders/{order.id}/shipments"
    headers = {"X-Auth-Token": shipping.store.credentials["access_token"]}
    shipping.http.delete(path, headers=headers).raise_for_status()
    shipping.sync()

    assert shipped(shipping) == []


def test_what_the_merchant_ships_of_a_copy_has_left_of_its_original(small_world: World) -> None:
    made = live(small_world, store={**FLOWS, "sales_report": "order"})
    [sku] = tracked_skus(made)
    made.sell(sku, 2)
    for _ in range(2):
        made.sync()
    [copy] = [one for one in made.store.store.orders.values() if one.fields["external_order_id"]]

    merchant_ships(made, copy, "THEIRS")
    for _ in range(2):
        made.sync()

    [original] = made.rows(tables.order, tables.order.c.copy_of.is_(None))
    [row] = made.rows(tables.fulfillment)
    [part] = made.rows(tables.fulfillment_line)
    assert (row.order_id, row.integration, part.quantity) == (original.id, STORE, 1)
    assert original.status == OrderStatus.PARTIALLY_FULFILLED


def test_what_the_hub_records_of_an_original_is_recorded_on_its_copy(small_world: World) -> None:
    made = live(small_world, store={**FLOWS, "sales_report": "order"})
    [sku] = tracked_skus(made)
    made.sell(sku, 2)
    for _ in range(2):
        made.sync()
    [copy] = [one for one in made.store.store.orders.values() if one.fields["external_order_id"]]
    [original] = made.rows(tables.order, tables.order.c.copy_of.is_(None))

    enter(made, original.id, "OURS")
    for _ in range(2):
        made.sync()

    assert (held(copy), copy.status_id) == ([("OURS", {0: 1})], 3)
    assert shipped(made) == [(HUB, "OURS")]
