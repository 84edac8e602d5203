"""TikTok Shop's orders created in BigCommerce: complete, once, and brought on with their originals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.operations import retrying
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_stock import adjustments, assert_ledger_adds_up, both, live, tracked_skus
from support.world import STORE, World


@pytest.fixture
def creating(small_world: World) -> World:
    return live(small_world, store={"sales_report": "order"})


def created(made: World) -> Any:
    """The one order that the hub created in the store."""
    [one] = [one for one in made.store.store.orders.values() if one.fields["external_order_id"]]
    return one


def detail(made: World, order: str) -> Any:
    with made.database.reading() as tx:
        return views.order(tx, order)


def switch(made: World, **settings: Any) -> None:
    made.hub.apply(made.spec(store={"sales_report": "order", **settings}))


def test_an_order_is_created_with_its_money_its_source_and_the_chosen_status(creating: World) -> None:
    switch(creating, created_order_status=9, created_order_channel=1)
    [sku] = tracked_skus(creating)
    line = {"seller_sku": sku, "quantity": 2, "seller_discount": "0.75", "platform_discount": "0.50"}
    placed = creating.sell(
        sku,
        lines=[line],
        tax_rate="0.0825",
        shipping_fee="5.99",
        shipping_fee_platform_discount="1.50",
        fees={"small_order_fee": "0.99"},
    )

    for _ in range(2):
        creating.sync()

    there, here = created(creating), detail(creating, placed["id"])
    assert (there.status_id, there.fields["payment_method"]) == (9, "TikTok Shop")
    assert f"{there.overrides['total_inc_tax']:.2f}" == here.totals.total
    assert there.discount == Decimal("1.50"), "the seller's part alone"
    assert "TikTok Shop funds 2.50 USD" in there.fields["staff_notes"]
    assert here.totals.unexplained == "0.00"
    [copy] = here.copies
    assert copy.total == here.totals.total
    assert creating.open_cases("created_total_differs") == []


def test_an_order_in_the_buyers_hour_gets_status_and_address_when_it_is_released(creating: World) -> None:
    [sku] = tracked_skus(creating)
    before = both(creating, sku)
    creating.sell(sku, 2, on_hold=True)
    for _ in range(2):
        creating.sync()
    assert created(creating).status_id == 7, "nothing is to be shipped yet"
    assert created(creating).billing["first_name"] == "Marketplace"

    creating.act(f"{creating.shop_address}/_sim/clock", {"advance_seconds": 3700})
    for _ in range(2):
        creating.sync()

    one = created(creating)
    assert one.status_id == 11
    assert one.billing["first_name"] == one.addresses[0]["first_name"] != "Marketplace"
    assert both(creating, sku) == (before[0] - 2, before[1] - 2)
    assert len(creating.store.store.orders) == 1
    writes = creating.writes()
    creating.sync()
    assert creating.writes() == writes, "once"


def test_the_stores_id_is_written_onto_the_original_with_its_lines(creating: World) -> None:
    [sku] = tracked_skus(creating)
    placed = creating.sell(sku, 2)

    for _ in range(2):
        creating.sync()

    external = creating.shop.shop.tables.external_orders[placed["id"], "BIGCOMMERCE"]
    there = created(creating)
    units = [line.id for line in creating.shop.shop.tables.orders[placed["id"]].lines]
    assert external.id == str(there.id)
    assert sorted(external.lines) == sorted((str(there.lines[0].id), unit) for unit in units)
    calls = creating.shop.journal.count("POST", r"/external_orders$")
    creating.sync()
    assert creating.shop.journal.count("POST", r"/external_orders$") == calls == 1


def test_an_id_whose_answer_was_lost_is_written_again(creating: World) -> None:
    [sku] = tracked_skus(creating)
    creating.shop.faults.add(Fault("reset_before", method="POST", path=r"/external_orders$"))
    placed = creating.sell(sku, 1)

    for _ in range(3):
        creating.sync()

    assert (placed["id"], "BIGCOMMERCE") in creating.shop.shop.tables.external_orders
    assert [row.state for row in creating.rows(tables.order_reference)] == ["written"]
    assert creating.open_cases("reference_refused") == []


def require_a_choice(made: World, sku: str) -> None:
    """The merchant adds a required choice to the product, which TikTok Shop knows nothing of."""
    store = made.store.store
    variant = next(
        row for row in made.rows(tables.listing) if row.channel_sku == sku and row.integration == STORE
    )
    product = store.products[store.variants[int(variant.channel_id)].product_id]
    product.modifiers.append(
        {"id": 901, "display_name": "Engraving", "type": "text", "required": True, "product_id": product.id}
    )


def forbid_nothing(made: World) -> None:
    for product in made.store.store.products.values():
        product.modifiers.clear()


def test_a_missing_required_option_is_reported_and_goes_on_once_it_is_optional(creating: World) -> None:
    [sku] = tracked_skus(creating)
    before = both(creating, sku)
    require_a_choice(creating, sku)
    creating.sell(sku, 2)
    for _ in range(2):
        creating.sync()

    [case] = creating.open_cases("order_refused")
    assert "needs a choice of Engraving" in case.cause
    assert "optional" in case.fix
    assert not creating.store.store.orders
    assert creating.shop_stock()[sku] == before[1] - 2, "nothing is sold that is promised already"

    forbid_nothing(creating)
    with creating.database.serial() as tx:
        [shown] = [one for one in views.exceptions(tx).items if one.kind == "order_refused"]
        task = Task(STORE, creating.hub.clock(), creating.hub.cipher, rules=creating.hub.rules_of(STORE))
        retrying.retry(tx, task, shown, by="ada")
    for _ in range(2):
        creating.sync()

    assert creating.open_cases("order_refused") == []
    assert both(creating, sku) == (before[0] - 2, before[1] - 2)
    assert_ledger_adds_up(creating)


def empty(made: World, sku: str, *, to: int = 0) -> None:
    for place in made.store.store.locations:
        units = to if place == 1 else 0
        made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": units, "location_id": place})


def test_refused_stock_is_reported_and_tried_again_when_the_number_changes(creating: World) -> None:
    [sku] = tracked_skus(creating)
    creating.sell(sku, 2)
    empty(creating, sku)
    for _ in range(2):
        creating.sync()
    [case] = creating.open_cases("order_refused")
    assert "is out of stock" in case.cause
    assert not creating.store.store.orders

    empty(creating, sku, to=9)
    for _ in range(3):
        creating.sync()

    assert creating.open_cases("order_refused") == []
    assert created(creating).lines[0].quantity == 2
    assert both(creating, sku) == (7, 7)
    assert_ledger_adds_up(creating)


def sold_without_stock(made: World, sku: str, units: int) -> dict[str, Any]:
    """The order is created with a line that has no product."""
    switch(made, refused_stock="custom_line")
    placed = made.sell(sku, units, on_hold=True)
    empty(made, sku)
    for _ in range(2):
        made.sync()
    return placed


def test_refused_stock_is_booked_as_a_line_without_a_product_where_that_is_chosen(creating: World) -> None:
    [sku] = tracked_skus(creating)
    sold_without_stock(creating, sku, 2)

    [line] = created(creating).lines
    assert (line.product_id, line.sku, line.quantity) == (0, sku, 2)
    assert f"no stock of: {sku}" in created(creating).fields["staff_notes"]
    [case] = creating.open_cases("report_refused")
    assert "line without a product" in case.cause

    empty(creating, sku, to=9)
    for _ in range(3):
        creating.sync()

    assert len(creating.store.store.orders) == 1
    assert adjustments(creating) == 1
    assert both(creating, sku) == (7, 7)
    assert creating.open_cases("report_refused") == []
    assert_ledger_adds_up(creating)


@pytest.mark.parametrize(("canceled", "left"), [(1, 2), (3, 0)])
def test_what_was_reported_beside_a_created_order_is_given_back_beside_it(
    creating: World, canceled: int, left: int
) -> None:
    [sku] = tracked_skus(creating)
    placed = sold_without_stock(creating, sku, 3)
    empty(creating, sku, to=9)
    for _ in range(3):
        creating.sync()
    assert both(creating, sku) == (6, 6)
    lines = creating.shop.shop.tables.orders[placed["id"]].lines[:canceled]

    creating.act(
        f"{creating.shop_address}/_sim/orders/{placed['id']}/cancel",
        {"line_ids": [line.id for line in lines]},
    )
    for _ in range(3):
        creating.sync()

    assert both(creating, sku) == (9 - left, 9 - left)
    assert adjustments(creating) == 2
    assert creating.open_cases("order_reduced") == [], "its copy never held them"
    assert created(creating).status_id == (5 if left == 0 else 7)
    assert_ledger_adds_up(creating)


def test_what_was_reported_beside_a_created_order_is_given_back_though_somebody_canceled_that(
    creating: World,
) -> None:
    [sku] = tracked_skus(creating)
    placed = sold_without_stock(creating, sku, 3)
    empty(creating, sku, to=9)
    for _ in range(3):
        creating.sync()
    there = created(creating)
    creating.act(f"{creating.store_address}/_sim/orders/{there.id}/status", {"status_id": 5})
    creating.sync()
    assert both(creating, sku) == (6, 6)

    creating.act(f"{creating.shop_address}/_sim/orders/{placed['id']}/cancel", {})
    for _ in range(3):
        creating.sync()

    assert both(creating, sku) == (9, 9)
    assert adjustments(creating) == 2
    assert_ledger_adds_up(creating)


def test_a_partly_canceled_order_asks_a_person_and_follows_what_the_store_shows(creating: World) -> None:
    [sku] = tracked_skus(creating)
    before = both(creating, sku)
    placed = creating.sell(sku, 3, on_hold=True)
    for _ in range(2):
        creating.sync()
    [first, *_] = creating.shop.shop.tables.orders[placed["id"]].lines
    creating.act(f"{creating.shop_address}/_sim/orders/{placed['id']}/cancel", {"line_ids": [first.id]})
    for _ in range(2):
        creating.sync()
    there = created(creating)
    [case] = creating.open_cases("order_reduced")
    assert f"order {there.id}" in case.cause
    assert both(creating, sku)[1] == before[1] - 3, "not offered before the store shows it"

    made = creating.http.put(
        f"{creating.store_address}/stores/{creating.store.store.store_hash}/v2/orders/{there.id}",
        json={"products": [{"id": there.lines[0].id, "quantity": 2}]},
        headers={"X-Auth-Token": creating.store.credentials["access_token"]},
    )
    assert made.status_code == 200, made.text
    creating.act(f"{creating.store_address}/_sim/stock", {"sku": sku, "quantity": before[0] - 2})
    for _ in range(3):
        creating.sync()

    assert creating.open_cases("order_reduced") == []
    assert both(creating, sku)[1] == creating.store_stock()[sku]
    assert_ledger_adds_up(creating)
