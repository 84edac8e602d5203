"""Returns, refunds and statements come to the orders that they are about: money and lines, and goods once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crossdock.domain.sync import Direction, Entity
from crossdock.operations.views import views
from crossdock.operations.views.views import OrderDetail
from crossdock.store import tables
from journeys.test_catalog import COMPLETE
from journeys.test_hub_stock import own, simple_skus
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.world import SHOP, STORE, World, world

RETURNS = COMPLETE | {"returns": True, "restock_returns": True}


def shown(made: World, integration: str) -> OrderDetail:
    order = tables.order
    [row] = made.rows(order, order.c.integration == integration, order.c.copy_of.is_(None))
    with made.database.reading() as tx:
        detail = views.order(tx, row.id)
    assert detail is not None
    return detail


def deliver(made: World, placed: dict[str, Any]) -> None:
    made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/ship", {})
    for step in ("IN_TRANSIT", "DELIVERED"):
        made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/advance", {"to": step})


def send_back(made: World, placed: dict[str, Any], **asked: Any) -> str:
    """The buyer opens a return; the seller has settled it when this ends."""
    opened = made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/return", asked)
    made.act(f"{made.shop_address}/_sim/returns/{opened['return_id']}/finish", {})
    return str(opened["return_id"])


def one_unit(made: World, placed: dict[str, Any]) -> list[str]:
    return [made.shop.shop.tables.orders[placed["id"]].lines[0].id]


def test_a_return_is_shown_on_its_order_with_money_and_lines(any_world: World) -> None:
    made = live(any_world, shop=COMPLETE | {"returns": True})
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 2)
    made.sync()
    deliver(made, placed)
    number = send_back(made, placed, line_ids=one_unit(made, placed))

    made.sync()

    detail = shown(made, SHOP)
    [back] = detail.returns
    price = Decimal(detail.lines[0].unit_price)
    assert (back.channel_id, back.kind, back.state) == (number, "return", "completed")
    assert (Decimal(back.refunded), back.currency, back.is_restocked) == (price, "USD", False)
    assert [(line.quantity, Decimal(line.amount)) for line in back.lines] == [(1, price)]
    assert "partially_refunded" in detail.order.tags


def test_nothing_of_returns_is_read_while_their_pull_is_off(small_world: World) -> None:
    made = live(small_world)

    made.sync()

    assert made.shop.journal.count("POST", r"/returns/search$") == 0
    assert made.shop.journal.count("GET", r"/finance/") == 0
    assert made.store.journal.count("GET", r"/refunds$") == 0


def test_goods_that_came_back_are_reported_to_the_owner_of_stock_once(any_world: World) -> None:
    made = live(any_world, shop=RETURNS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 3)
    made.sync()
    deliver(made, placed)
    made.sync()
    send_back(made, placed, line_ids=one_unit(made, placed))

    for _ in range(3):
        made.sync()
    made.hub.resync(SHOP, Direction.PULL, Entity.RETURNS)
    made.hub.resync(SHOP, Direction.PULL, Entity.ORDERS)
    made.sync()

    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    assert shown(made, SHOP).returns[0].is_restocked
    assert_ledger_adds_up(made)


def test_a_refund_alone_puts_nothing_back(small_world: World) -> None:
    made = live(small_world, shop=RETURNS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2)
    made.sync()
    deliver(made, placed)
    send_back(made, placed, type="REFUND")

    for _ in range(3):
        made.sync()

    [refund] = shown(made, SHOP).returns
    assert (refund.kind, refund.is_restocked) == ("refund", False)
    assert both(made, sku) == (before[0] - 2, before[1] - 2)


def test_goods_that_came_back_are_on_the_hubs_own_shelf_again(small_world: World) -> None:
    made = own(small_world, shop={"returns": True, "restock_returns": True})
    [sku] = simple_skus(made)
    before = made.shop_stock()[sku]
    placed = made.sell(sku, 2)
    made.sync()
    deliver(made, placed)
    made.sync()
    send_back(made, placed, line_ids=one_unit(made, placed))

    for _ in range(3):
        made.sync()

    assert made.shop_stock()[sku] == before - 1
    received = [row for row in made.rows(tables.movement) if row.kind == "receive" and row.order_id]
    assert [row.on_hand for row in received] == [1]
    assert_ledger_adds_up(made)


# BigCommerce


def refund(made: World, order: dict[str, Any], units: int) -> Decimal:
    """The merchant gives money for some units back, in the store's own way; answers how much."""
    address = made.store_credentials()["api_path"] + f"orders/{order['id']}/payment_actions"
    headers = {"X-Auth-Token": made.store.credentials["access_token"], "Accept": "application/json"}
    items = [{"item_type": "PRODUCT", "item_id": order["lines"][0]["id"], "quantity": units}]
    quote = made.http.post(f"{address}/refund_quotes", json={"items": items}, headers=headers).json()["data"]
    amount = quote["total_refund_amount"]
    payments = [{"provider_id": "custom", "amount": amount, "offline": True}]
    body = {"items": items, "payments": payments, "reason": "Damaged"}
    answer = made.http.post(f"{address}/refunds", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return Decimal(str(amount))


def test_a_refund_record_is_the_authority_and_its_status_no_second_refund(small_world: World) -> None:
    made = live(small_world, store={"refunds": True})
    [sku] = tracked_skus(made)
    placed = made.sell_in_store(sku, 3)
    made.sync()
    before = both(made, sku)

    amount = refund(made, placed, 1)
    for _ in range(2):
        made.sync()

    detail = shown(made, STORE)
    [given] = detail.returns
    assert (Decimal(given.refunded), given.currency, given.reason) == (amount, "USD", "Damaged")
    assert [(line.line_id, line.quantity) for line in given.lines] == [(str(placed["lines"][0]["id"]), 1)]
    assert (detail.order.status, detail.order.channel_status) == (
        "Ready For Fulfillment",
        "Partially Refunded",
    )
    assert detail.order.tags == ["partially_refunded"]
    assert both(made, sku) == before

    refund(made, placed, 2)
    for _ in range(2):
        made.sync()
    assert (len(shown(made, STORE).returns), shown(made, STORE).order.tags) == (2, ["refunded"])


# Statements


def test_a_statement_is_shown_on_the_orders_that_it_settles(small_world: World) -> None:
    made = live(small_world, shop=COMPLETE | {"statements": True})
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 2)
    made.sync()
    asked = {"order_ids": [placed["id"]], "adjustments": [{"amount": "-1.25", "order_id": placed["id"]}]}
    statement = made.act(f"{made.shop_address}/_sim/statements", asked)["statement_id"]

    made.sync()

    lines = shown(made, SHOP).settlements
    revenue = Decimal(shown(made, SHOP).lines[0].total)
    fee = (revenue * Decimal("0.06")).quantize(Decimal("0.01"))
    assert {(one.statement, one.state) for one in lines} == {(statement, "PROCESSING")}
    assert sorted(Decimal(one.settled) for one in lines) == sorted([revenue - fee, Decimal("-1.25")])
    with made.database.reading() as tx:
        [whole] = views.statements(tx).items
    assert (Decimal(whole.settled), whole.orders, whole.unexplained) == (
        revenue - fee - Decimal("1.25"),
        1,
        "0.00",
    )

    made.act(f"{made.shop_address}/_sim/statements/{statement}/pay", {})
    made.sync()
    assert {one.state for one in shown(made, SHOP).settlements} == {"PAID"}
    assert len(shown(made, SHOP).settlements) == 2


def test_without_access_to_statements_somebody_is_told_and_all_else_goes_on(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        authorizations = made.shop.authorizations
        authorizations.scopes = authorizations.scopes - {"seller.finance.info"}
        live(made, shop=COMPLETE | {"statements": True})
        [sku] = tracked_skus(made)
        made.sell(sku, 1)
        made.sync()

        [case] = [one for one in made.open_cases() if one.flow == f"{SHOP}/pull-statements"]
        assert "Finance Information" in case.cause
        assert shown(made, SHOP).order.status == "Ready For Fulfillment"


@pytest.mark.parametrize("flow", ["pull-returns", "pull-statements", "pull-cancellations"])
def test_the_same_reading_twice_changes_nothing_of_what_came_after_a_sale(
    small_world: World, flow: str
) -> None:
    made = live(small_world, shop=RETURNS | {"statements": True})
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 2)
    made.sync()
    deliver(made, placed)
    send_back(made, placed)
    made.act(f"{made.shop_address}/_sim/statements", {"order_ids": [placed["id"]]})
    for _ in range(3):
        made.sync()
    kept = (tables.order_return, tables.statement, tables.statement_line, tables.cancellation, tables.event)
    before = [sorted(map(repr, made.rows(table))) for table in kept]

    made.hub.resync(SHOP, Direction.PULL, Entity(flow.removeprefix("pull-")))
    made.sync(f"{SHOP}/{flow}")

    assert [sorted(map(repr, made.rows(table))) for table in kept] == before
