"""Buyers ask TikTok Shop to cancel, and people, rules or the deadline answer them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crossdock.store import tables
from journeys.test_catalog import COMPLETE, use_currency
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.canceling import cancellation, client, on_shop, order
from support.command import Command
from support.world import SHOP, World, world


def ask(made: World, placed: dict[str, Any], **asked: Any) -> None:
    made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/cancel", asked)


def test_a_buyers_request_is_shown_with_its_deadline_and_approved_by_a_person(
    any_world: World, command: Callable[[World], Command]
) -> None:
    made = live(any_world)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2)
    made.sync()
    ask(made, placed)
    made.sync()
    [case] = made.open_cases("cancellation_requested")
    row = order(made, SHOP)
    assert f"{cancellation(made).deadline:%Y-%m-%d %H:%M}" in case.cause
    assert ("cancel_requested" in row.tags, row.status) == (True, "Ready For Fulfillment")

    done = command(made)("cancellations", "approve", cancellation(made).id)
    for _ in range(3):
        made.sync()

    assert done.code == 0
    row = order(made, SHOP)
    assert (row.status, "cancel_requested" in row.tags) == ("Canceled", False)
    assert on_shop(made, placed["id"]).status == "CANCELLED"
    assert not made.open_cases("cancellation_requested")
    assert both(made, sku) == before
    assert_ledger_adds_up(made)


def test_a_buyers_request_is_rejected_where_the_market_allows_it(tmp_path: Path) -> None:
    with world(tmp_path, region="GB") as made:
        use_currency(made, "GBP")
        live(made)
        [sku] = tracked_skus(made)
        placed = made.sell(sku, 1)
        made.sync()
        ask(made, placed)
        made.sync()

        path = f"/api/v1/cancellations/{cancellation(made).id}/reject"
        answer = client(made).post(path, json={"note": "It is packed"})
        for _ in range(2):
            made.sync()

        assert answer.status_code == 200, answer.text
        assert cancellation(made).state == "refused"
        row = order(made, SHOP)
        assert (row.status, "cancel_requested" in row.tags) == ("Ready For Fulfillment", False)
        assert not made.open_cases("cancellation_requested")


def test_in_the_us_a_rejection_is_explained_and_not_called(small_world: World) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 1)
    made.sync()
    ask(made, placed)
    made.sync()

    answer = client(made).post(f"/api/v1/cancellations/{cancellation(made).id}/reject", json={})
    made.sync()

    assert answer.status_code == 422
    assert "ship the order" in answer.json()["detail"]
    assert made.shop.journal.count("POST", r"/reject$") == 0


@pytest.mark.parametrize("rule", ["approve", "approve_until_sent"])
def test_the_rule_approves_without_a_person(small_world: World, rule: str) -> None:
    made = live(small_world, shop=COMPLETE | {"buyer_cancellations": rule})
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 1)
    made.sync()
    ask(made, placed)

    for _ in range(3):
        made.sync()

    assert on_shop(made, placed["id"]).status == "CANCELLED"
    assert (order(made, SHOP).status, cancellation(made).decided_by) == ("Canceled", "rule")
    assert made.shop.journal.count("POST", r"/approve$") == 1


def test_what_nobody_decided_is_accepted_at_its_deadline_and_read_back(small_world: World) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 1)
    made.sync()
    ask(made, placed)
    made.sync()

    made.act(f"{made.shop_address}/_sim/clock", {"advance_seconds": 48 * 3600 + 60})
    for _ in range(3):
        made.sync()

    assert order(made, SHOP).status == "Canceled"
    assert not made.open_cases("cancellation_requested")
    assert both(made, sku) == before


def test_part_of_an_order_is_canceled_by_its_buyer_and_the_rest_goes_on(small_world: World) -> None:
    made = live(small_world, shop=COMPLETE | {"buyer_cancellations": "approve"})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 3)
    made.sync()
    ask(made, placed, line_ids=[on_shop(made, placed["id"]).lines[0].id])

    for _ in range(3):
        made.sync()

    [line] = made.rows(tables.order_line)
    assert (line.quantity, line.quantity_canceled) == (3, 1)
    assert order(made, SHOP).status == "Ready For Fulfillment"
    assert both(made, sku) == (before[0] - 2, before[1] - 2)
