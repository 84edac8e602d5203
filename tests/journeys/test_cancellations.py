"""Cancellations reach whoever has to know of them, once, and nothing brings a canceled order back to life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crossdock.operations.views import views
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.canceling import (
    CANCELS,
    SHOP_CANCELS,
    cancel_in_hub,
    cancellation,
    client,
    in_store,
    on_shop,
    order,
    puts,
    seller_cancellations,
    skip_the_pause,
)
from support.command import Command
from support.world import SHOP, STORE, World

Cancel = Callable[..., None]
BOTH = [("sqlite", "command line"), ("postgresql", "api")]
"""Each database and each way once; every pair of them would prove nothing more."""


@pytest.fixture(params=["api", "command line"])
def cancel(request: pytest.FixtureRequest, command: Callable[[World], Command]) -> Cancel:
    """Cancels an order in the hub, by either of the two ways a person has."""

    def by_api(made: World, order_id: str, lines: dict[str, int] | None = None, **more: Any) -> None:
        body = {"lines": lines or {}, **more}
        answer = client(made).post(f"/api/v1/orders/{order_id}/cancel", json=body)
        assert answer.status_code == 200, answer.text

    def by_command(made: World, order_id: str, lines: dict[str, int] | None = None, **more: Any) -> None:
        named = [part for sku, units in (lines or {}).items() for part in ("--line", f"{sku}={units}")]
        said = [part for name, value in more.items() for part in (f"--{name}", str(value))]
        done = command(made)("orders", "cancel", order_id, *named, *said)
        assert done.code == 0, done.err

    return by_api if request.param == "api" else by_command


# Hub → BigCommerce


def test_s4_an_order_canceled_in_the_hub_is_cancelled_in_bigcommerce(
    small_world: World, cancel: Cancel
) -> None:
    made = live(small_world, store=CANCELS)
    [sku] = tracked_skus(made)
    placed = made.sell_in_store(sku, 2)
    made.sync()

    cancel(made, order(made, STORE).id, reason="out_of_stock", note="The shelf broke")
    for _ in range(2):
        made.sync()

    there = in_store(made, placed["id"])
    assert there.status_id == 5
    assert "Cancelled in Crossdock: out of stock; The shelf broke" in there.fields["staff_notes"]
    assert (order(made, STORE).status, cancellation(made).state) == ("Canceled", "completed")


def test_s5_with_the_setting_off_canceling_in_the_hub_changes_nothing_in_bigcommerce(
    small_world: World, cancel: Cancel
) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    placed = made.sell_in_store(sku, 2)
    made.sync()
    before = puts(made)

    cancel(made, order(made, STORE).id)
    made.sync()

    assert (in_store(made, placed["id"]).status_id, puts(made)) == (11, before)
    assert (order(made, STORE).status, cancellation(made).state) == ("Canceled", "hub_only")


def test_a_cancellation_that_was_not_told_before_the_setting_went_off_says_so_and_is_told_when_asked_again(
    small_world: World,
) -> None:
    made = live(small_world, store=CANCELS)
    [sku] = tracked_skus(made)
    placed = made.sell_in_store(sku, 2)
    made.sync()
    cancel_in_hub(made, STORE)
    assert cancellation(made).state == "open"

    made.hub.apply(made.spec(store={"cancel_orders": False}))
    made.sync()

    assert (cancellation(made).state, cancellation(made).is_dirty) == ("hub_only", False)
    assert "switched off" in cancellation(made).message
    assert (order(made, STORE).status, in_store(made, placed["id"]).status_id) == ("Canceled", 11)

    made.hub.apply(made.spec(store=CANCELS))
    cancel_in_hub(made, STORE)
    for _ in range(2):
        made.sync()

    assert in_store(made, placed["id"]).status_id == 5
    assert cancellation(made).state == "completed"


@pytest.mark.parametrize(("any_world", "cancel"), BOTH, indirect=True)
def test_s60_the_bigcommerce_order_is_cancelled_once_and_no_pull_undoes_it(
    any_world: World, cancel: Cancel
) -> None:
    made = live(any_world, store=CANCELS)
    [sku] = tracked_skus(made)
    placed = made.sell_in_store(sku, 2)
    made.sync()
    stock = made.store_stock()[sku]

    cancel(made, order(made, STORE).id)
    # The store's order changes meanwhile, so that the next pull meets it again, still open there.
    in_store(made, placed["id"]).fields["customer_message"] = "Please ring twice"
    made.act(f"{made.store_address}/_sim/orders/{placed['id']}/status", {"status_id": 9})
    made.sync(f"{STORE}/pull-orders")
    assert order(made, STORE).status == "Canceled"

    for _ in range(3):
        made.sync()

    assert (in_store(made, placed["id"]).status_id, puts(made)) == (5, 1)
    assert order(made, STORE).status == "Canceled"
    assert both(made, sku) == (stock + 2, stock + 2)
    assert_ledger_adds_up(made)


@pytest.mark.parametrize("kind", ["reset_after", "error_after", "not_json", "reset_before", "error"])
def test_a_lost_answer_of_bigcommerce_is_looked_up_before_anything_is_sent_again(
    small_world: World, kind: Any
) -> None:
    made = live(small_world, store=CANCELS)
    [sku] = tracked_skus(made)
    placed = made.sell_in_store(sku, 1)
    made.sync()
    stock = made.store_stock()[sku]
    made.store.faults.add(Fault(kind, method="PUT", path=r"/v2/orders/\d+$"))

    cancel_in_hub(made, STORE)
    for _ in range(3):
        skip_the_pause(made)
        made.retry()

    assert in_store(made, placed["id"]).status_id == 5
    assert made.store_stock()[sku] == stock + 1
    assert not made.open_cases("cancellation_unclear")


def test_an_order_that_bigcommerce_has_shipped_is_not_cancelled_there_and_lives_on(
    small_world: World,
) -> None:
    made = live(small_world, store=CANCELS)
    [sku] = tracked_skus(made)
    placed = made.sell_in_store(sku, 1)
    made.sync()
    made.act(f"{made.store_address}/_sim/orders/{placed['id']}/status", {"status_id": 2})

    cancel_in_hub(made, STORE)
    made.sync(f"{STORE}/push-cancellations")
    made.sync()

    assert (in_store(made, placed["id"]).status_id, puts(made)) == (2, 0)
    assert (order(made, STORE).status, cancellation(made).state) == ("Fulfilled", "refused")
    [case] = made.open_cases("cancellation_refused")
    assert "Shipped" in case.cause


def test_a_locked_status_stays_and_is_said(small_world: World) -> None:
    made = live(small_world, store=CANCELS | {"locked_statuses": ["Awaiting Fulfillment"]})
    [sku] = tracked_skus(made)
    made.sell_in_store(sku, 1)
    made.sync()

    cancel_in_hub(made, STORE)
    made.sync()

    [case] = made.open_cases("cancellation_locked")
    assert (puts(made), order(made, STORE).status) == (0, "Canceled")
    assert "Locked statuses" in case.fix


def test_single_lines_of_a_bigcommerce_order_are_refused_with_what_to_do_instead(
    small_world: World, command: Callable[[World], Command]
) -> None:
    made = live(small_world, store=CANCELS)
    [sku] = tracked_skus(made)
    made.sell_in_store(sku, 3)
    made.sync()

    done = command(made)("orders", "cancel", order(made, STORE).id, "--line", f"{sku}=1")

    assert done.code == 1
    assert "refund these units in BigCommerce" in done.err
    assert not made.rows(tables.cancellation)


# Hub → TikTok Shop


@pytest.mark.parametrize(("any_world", "cancel"), BOTH, indirect=True)
def test_an_order_canceled_in_the_hub_is_canceled_on_tiktok_shop_once(
    any_world: World, cancel: Cancel
) -> None:
    made = live(any_world, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2)
    made.sync()

    cancel(made, order(made, SHOP).id, reason="wrong_price")
    for _ in range(3):
        made.sync()

    there = on_shop(made, placed["id"])
    assert (there.status, there.cancel_reason) == ("CANCELLED", "seller_cancel_reason_wrong_price")
    assert seller_cancellations(made) == 1
    assert (order(made, SHOP).status, cancellation(made).state) == ("Canceled", "completed")
    assert both(made, sku) == before
    assert_ledger_adds_up(made)


def test_single_units_are_canceled_on_tiktok_shop(small_world: World, cancel: Cancel) -> None:
    made = live(small_world, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 3)
    made.sync()

    cancel(made, order(made, SHOP).id, {sku: 2})
    for _ in range(3):
        made.sync()

    states = sorted(line.status for line in on_shop(made, placed["id"]).lines)
    assert states.count("CANCELLED") == 2
    [line] = made.rows(tables.order_line)
    assert (line.quantity_canceled, line.quantity_canceled_here) == (2, 0)
    assert (order(made, SHOP).status, cancellation(made).state) == ("Ready For Fulfillment", "completed")
    assert both(made, sku) == (before[0] - 1, before[1] - 1)


@pytest.mark.parametrize(
    "kind", ["reset_after", "error_after", "not_json", "truncate", "reset_before", "error"]
)
def test_a_lost_answer_of_tiktok_shop_cancels_no_unit_twice(small_world: World, kind: Any) -> None:
    made = live(small_world, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 3)
    made.sync()
    made.shop.faults.add(Fault(kind, method="POST", path=r"/return_refund/202602/cancellations$"))

    cancel_in_hub(made, SHOP, {sku: 1})
    for _ in range(4):
        skip_the_pause(made)
        made.retry()

    states = [line.status for line in on_shop(made, placed["id"]).lines]
    assert states.count("CANCELLED") == 1
    assert [row.state for row in made.rows(tables.cancellation)] == ["completed"]
    assert not made.open_cases("cancellation_unclear")


def test_what_tiktok_shop_refuses_is_said_in_its_words_and_the_order_lives_on(small_world: World) -> None:
    made = live(small_world, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 1)
    made.sync()
    cancel_in_hub(made, SHOP)
    made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/ship", {})
    made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/advance", {"to": "IN_TRANSIT"})

    made.sync(f"{SHOP}/push-cancellations")
    made.sync()

    [case] = made.open_cases("cancellation_refused")
    assert "IN_TRANSIT" in case.cause
    assert (order(made, SHOP).status, cancellation(made).state) == ("Fulfilled", "refused")
    assert_ledger_adds_up(made)


def test_units_that_are_not_restocked_stay_off_both_platforms(small_world: World) -> None:
    made = live(small_world, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    made.sell(sku, 2)
    made.sync()

    answer = client(made).post(f"/api/v1/orders/{order(made, SHOP).id}/cancel", json={"restock": False})
    for _ in range(3):
        made.sync()

    assert answer.status_code == 200, answer.text
    assert order(made, SHOP).status == "Canceled"
    assert both(made, sku) == (before[0] - 2, before[1] - 2)


def test_the_order_shows_what_was_canceled_and_by_whom(small_world: World) -> None:
    made = live(small_world, store=CANCELS)
    [sku] = tracked_skus(made)
    made.sell_in_store(sku, 1)
    made.sync()

    cancel_in_hub(made, STORE)
    made.sync()

    with made.database.reading() as tx:
        detail = views.order(tx, order(made, STORE).id)
    assert detail is not None
    [shown] = detail.cancellations
    assert (shown.origin, shown.decided_by, shown.units) == ("hub", "test", None)
    assert any("Canceled; store is told" in event.what for event in detail.events)
