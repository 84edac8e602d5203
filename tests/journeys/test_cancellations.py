"""Cancellations reach whoever has to know of them, once, and nothing brings a canceled order back to life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crossdock.api.build import build_api
from crossdock.api.desk import ApiDesk
from crossdock.connectors.registry import CONNECTORS
from crossdock.operations import keys, views
from crossdock.operations.keys import Scope
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_catalog import COMPLETE, use_currency
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.command import Command
from support.world import SHOP, STORE, World, world

CANCELS = {"cancel_orders": True}
SHOP_CANCELS = COMPLETE | CANCELS
SECRET = "a test's own secret"

Cancel = Callable[..., None]


def in_store(made: World, channel_id: object) -> Any:
    return made.store.store.orders[int(str(channel_id))]


def on_shop(made: World, channel_id: str) -> Any:
    return made.shop.shop.tables.orders[channel_id]


def order(made: World, integration: str) -> Any:
    [row] = [row for row in made.rows(tables.order) if row.integration == integration and row.copy_of is None]
    return row


def cancellation(made: World) -> Any:
    [row] = made.rows(tables.cancellation)
    return row


def puts(made: World) -> int:
    """How often an order of the store was written to."""
    return made.store.journal.count("PUT", r"/v2/orders/\d+$")


def seller_cancellations(made: World) -> int:
    return made.shop.journal.count("POST", r"/return_refund/202602/cancellations$")


def client(made: World) -> TestClient:
    """The hub's API with a key that may write."""
    desk = ApiDesk(made.hub, wake=lambda _: None, hint=lambda _: None, connectors=CONNECTORS)
    with made.database.transaction() as tx:
        key = keys.create(tx, "test", [Scope.READ, Scope.WRITE], now=made.hub.clock())
    return TestClient(build_api(desk), headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], Command]:
    def of(made: World) -> Command:
        monkeypatch.setenv("CROSSDOCK_DATABASE_URL", made.config.database_url)
        monkeypatch.setenv("CROSSDOCK_SECRET_KEY", SECRET)
        return Command()

    return of


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


# Buyers on TikTok Shop


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
        assert cancellation(made).state == "withdrawn"
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


# Hub → TikTok Shop


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


# BigCommerce → hub → TikTok Shop

BY_ORDERS = {"sales_report": "order"}


def test_a_copy_cancelled_in_bigcommerce_cancels_its_original_on_tiktok_shop(small_world: World) -> None:
    made = live(small_world, store=BY_ORDERS | {"cancel_originals": True}, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2)
    for _ in range(2):
        made.sync()
    [copy] = [row for row in made.rows(tables.order) if row.copy_of is not None]

    made.act(f"{made.store_address}/_sim/orders/{copy.channel_id}/cancel", {})
    for _ in range(4):
        made.sync()

    assert on_shop(made, placed["id"]).status == "CANCELLED"
    assert (order(made, SHOP).status, seller_cancellations(made), puts(made)) == ("Canceled", 1, 0)
    assert both(made, sku) == before
    assert_ledger_adds_up(made)


def test_a_copy_cancelled_in_bigcommerce_is_reported_where_its_original_cannot_follow(
    small_world: World,
) -> None:
    made = live(small_world, store=BY_ORDERS | {"cancel_originals": True})
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 1)
    for _ in range(2):
        made.sync()
    [copy] = [row for row in made.rows(tables.order) if row.copy_of is not None]

    made.act(f"{made.store_address}/_sim/orders/{copy.channel_id}/cancel", {})
    for _ in range(2):
        made.sync()

    assert (on_shop(made, placed["id"]).status, order(made, SHOP).status) == (
        "AWAITING_SHIPMENT",
        "Ready For Fulfillment",
    )
    [case] = made.open_cases("cancellation_refused")
    assert "switched off" in case.cause


def test_the_hubs_own_cancellation_of_a_copy_asks_for_nothing_more(small_world: World) -> None:
    made = live(small_world, store=BY_ORDERS | {"cancel_originals": True}, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    made.sell(sku, 1)
    for _ in range(2):
        made.sync()

    cancel_in_hub(made, SHOP)
    for _ in range(4):
        made.sync()

    assert (seller_cancellations(made), puts(made)) == (1, 1)
    assert [row.origin for row in made.rows(tables.cancellation)] == ["hub"]
    assert both(made, sku) == before


def cancel_in_hub(made: World, integration: str, lines: dict[str, int] | None = None) -> None:
    path = f"/api/v1/orders/{order(made, integration).id}/cancel"
    answer = client(made).post(path, json={"lines": lines or {}})
    assert answer.status_code == 200, answer.text


def skip_the_pause(made: World) -> None:
    """What failed is tried again without waiting for its turn."""
    table = tables.cancellation
    with made.database.transaction() as tx:
        for row in tx.execute(table.select()).all():
            tx.execute(
                table.update()
                .where(table.c.id == row.id)
                .values(updated_at=row.created_at - timedelta(hours=2))
            )


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
