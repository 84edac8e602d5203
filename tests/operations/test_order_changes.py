"""What an order's kind, its drafts, its edits and a person's review make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import Address, ChannelOrder
from crossdock.domain.inventory import ReportState
from crossdock.domain.order import OrderStatus
from crossdock.operations.orders import reviewing
from crossdock.operations.orders.order_record import order_id
from crossdock.store import tables
from support.make import NOW, SHOP, STORE, Bench, line, money, order, product

SAMPLE, PRE_ORDER = frozenset({"sample"}), frozenset({"pre_order"})
DRAFT: dict[str, Any] = {"status": OrderStatus.DRAFT, "channel_status": "Incomplete", "stock_is_taken": False}


def status(hub: Bench, number: str = "1", of: str = SHOP) -> str:
    return str(next(row.status for row in hub.rows(tables.order) if row.id == order_id(of, number)))


def decide(hub: Bench, how: Callable[..., OrderStatus], number: str = "1") -> OrderStatus:
    with hub.step(SHOP, run_id="", actor="ada") as (tx, task):
        return how(tx, task, order_id(SHOP, number))


# Drafts


def test_a_draft_is_shown_and_holds_no_stock_until_it_is_placed(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 3), **DRAFT), of=STORE)
    assert (status(hub, of=STORE), hub.committed("A"), hub.offered("A")) == ("Draft", 0, 10)

    hub.read_orders(order("1", line("A", 3), stock_is_taken=False), of=STORE)

    assert (status(hub, of=STORE), hub.committed("A")) == ("Ready For Fulfillment", 3)


def test_a_draft_whose_sku_no_product_has_troubles_nobody_until_it_is_placed(hub: Bench) -> None:
    hub.read_orders(order("1", line("NEW"), **DRAFT), of=STORE)
    assert hub.cases() == []

    hub.read_orders(order("1", line("NEW")), of=STORE)

    assert [case.kind for case in hub.cases()] == ["line_unmatched"]


def test_a_draft_that_the_channel_reserves_for_holds_stock(hub: Bench) -> None:
    hub.open_shop(A=10)

    hub.read_orders(order("1", line("A", 3), is_reservation=True, **DRAFT), of=STORE)

    assert hub.committed("A") == 3


def test_an_order_that_becomes_a_draft_again_gives_its_stock_back(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 3), stock_is_taken=False), of=STORE)

    hub.read_orders(order("1", line("A", 3), **DRAFT), of=STORE)

    assert hub.committed("A") == 0


# Kinds of order


def test_a_kind_that_is_left_out_does_not_come_in_until_the_setting_changes(hub: Bench) -> None:
    hub.rules[SHOP] = Rules(leaves_out_tags=SAMPLE)
    hub.read_orders(order("1", line("A"), tags=SAMPLE), order("2", line("A")))
    assert [row.channel_id for row in hub.rows(tables.order)] == ["2"]

    hub.rules[SHOP] = Rules()
    hub.read_orders(order("1", line("A"), tags=SAMPLE), order("2", line("A")))

    assert {row.channel_id for row in hub.rows(tables.order)} == {"1", "2"}


def test_an_order_that_is_there_is_followed_though_its_kind_is_left_out_by_now(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2), tags=SAMPLE))
    hub.rules[SHOP] = Rules(leaves_out_tags=SAMPLE)

    hub.read_orders(order("1", line("A", 2, quantity_canceled=2), tags=SAMPLE, status=OrderStatus.CANCELED))

    assert (status(hub), hub.committed("A")) == ("Canceled", 0)


def test_a_held_order_waits_for_a_person_whatever_the_setting_says_later(hub: Bench) -> None:
    hub.rules[SHOP] = Rules(holds_tags=PRE_ORDER)
    hub.read_orders(order("1", line("A"), tags=PRE_ORDER))
    assert status(hub) == "Review Required"

    hub.rules[SHOP] = Rules()
    hub.read_orders(order("1", line("A"), tags=PRE_ORDER, shipping_method="Express"))
    assert status(hub) == "Review Required"

    assert decide(hub, reviewing.mark_ready) is OrderStatus.READY_FOR_FULFILLMENT
    hub.rules[SHOP] = Rules(holds_tags=PRE_ORDER)
    hub.read_orders(order("1", line("A"), tags=PRE_ORDER, shipping_method="Slow"))

    assert status(hub) == "Ready For Fulfillment"


def test_an_order_on_hold_that_needs_review_waits_for_it_once_it_is_released(hub: Bench) -> None:
    hub.rules[SHOP] = Rules(holds_tags=SAMPLE)
    hub.read_orders(order("1", line("A"), tags=SAMPLE, status=OrderStatus.ON_HOLD))
    assert status(hub) == "On Hold"

    hub.read_orders(order("1", line("A"), tags=SAMPLE))

    assert status(hub) == "Review Required"


def test_a_held_order_that_is_canceled_or_shipped_waits_for_nobody(hub: Bench) -> None:
    hub.rules[SHOP] = Rules(holds_tags=SAMPLE)
    hub.read_orders(order("1", line("A"), tags=SAMPLE), order("2", line("A"), tags=SAMPLE))

    hub.read_orders(
        order("1", line("A", quantity_canceled=1), tags=SAMPLE, status=OrderStatus.CANCELED),
        order("2", line("A", quantity_shipped=1), tags=SAMPLE, status=OrderStatus.FULFILLED),
    )

    assert (status(hub, "1"), status(hub, "2")) == ("Canceled", "Fulfilled")


# Review


def test_a_person_can_have_any_order_wait_and_let_it_go_on(hub: Bench) -> None:
    hub.read_orders(order("1", line("A")))

    assert decide(hub, reviewing.require_review) is OrderStatus.REVIEW_REQUIRED
    hub.read_orders(order("1", line("A"), shipping_method="Express"))
    assert status(hub) == "Review Required", "a reading does not overrule a person"

    assert decide(hub, reviewing.mark_ready) is OrderStatus.READY_FOR_FULFILLMENT
    assert hub.events(order_id(SHOP, "1"))[-1] == "Marked ready: Review Required → Ready For Fulfillment"


def test_an_order_on_hold_that_a_person_has_wait_is_said_to_be_held_later(hub: Bench) -> None:
    hub.read_orders(order("1", line("A"), status=OrderStatus.ON_HOLD))

    assert decide(hub, reviewing.require_review) is OrderStatus.ON_HOLD
    later = "; it is held in Review Required as soon as its channel has it ready"
    assert hub.events(order_id(SHOP, "1"))[-1] == f"Marked for review{later}"
    assert reviewing.held_later(OrderStatus.ON_HOLD) == later
    hub.read_orders(order("1", line("A")))

    assert status(hub) == "Review Required"


def test_what_the_channel_itself_disputes_goes_on_once_a_person_says_so(hub: Bench) -> None:
    hub.read_orders(order("1", line("A"), status=OrderStatus.REVIEW_REQUIRED, channel_status="Disputed"))

    decide(hub, reviewing.mark_ready)
    hub.read_orders(
        order(
            "1",
            line("A"),
            status=OrderStatus.REVIEW_REQUIRED,
            channel_status="Disputed",
            shipping_method="Express",
        )
    )

    assert status(hub) == "Ready For Fulfillment"


def test_only_an_order_that_waits_can_be_marked_ready_and_only_one_not_sent_can_wait(hub: Bench) -> None:
    hub.read_products(product("A"))
    hub.read_orders(
        order("1", line("A")), order("2", line("A", quantity_shipped=1), status=OrderStatus.FULFILLED)
    )

    with pytest.raises(SettingsError, match="waits for no review"):
        decide(hub, reviewing.mark_ready)
    with pytest.raises(SettingsError, match="order 2 is Fulfilled; only these"):
        decide(hub, reviewing.require_review, "2")


# Edits


HOME = Address(
    name="Ada Lovelace",
    lines=("1 Main Street",),
    city="Portland",
    state="Oregon",
    postal_code="97035",
    country_code="US",
)


def told(hub: Bench, *versions: ChannelOrder) -> str:
    for version in versions:
        hub.read_orders(version)
    return hub.events(order_id(SHOP, "1"))[-1]


def test_an_edit_replaces_the_order_and_says_what_is_different(hub: Bench) -> None:
    hub.open_shop(**{"TEE-RED": 10, "MUG": 10})
    first = order("1", line("TEE-RED", 2), status=OrderStatus.ON_HOLD, shipping_address=HOME)
    edited = order(
        "1",
        line("TEE-RED", 1),
        line("MUG", 3),
        status=OrderStatus.ON_HOLD,
        shipping_address=replace(HOME, lines=("2 Side Street",)),
    )

    said = told(hub, first, edited)

    assert said == (
        "Changed on the channel (AWAITING_SHIPMENT): TEE-RED 2 → 1; MUG 0 → 3; total 20.00 → 40.00 USD; "
        "shipping address changed"
    )
    assert (hub.committed("TEE-RED"), hub.committed("MUG")) == (1, 3)
    assert sorted(hub.reports()) == [(-3, ReportState.OPEN), (-1, ReportState.OPEN)]


def test_the_difference_names_no_buyer(hub: Bench) -> None:
    other = Address(name="Grace Hopper", lines=("9 Navy Yard",), email="grace@buyer.example")

    said = told(
        hub,
        order("1", line("A"), shipping_address=HOME, billing_address=HOME),
        order("1", line("A"), shipping_address=other, billing_address=None),
    )

    assert said.endswith("shipping address changed; billing address withheld")
    assert not {word for word in ("Ada", "Grace", "Navy", "grace@", "Main") if word in said}


def test_a_line_taken_off_is_told_once(hub: Bench) -> None:
    hub.open_shop(A=10, B=10)
    both, one = order("1", line("A"), line("B", 2)), order("1", line("A"))

    assert "B 2 → 0" in told(hub, both, one)
    assert "B" not in told(hub, replace(one, shipping_method="Express")).replace("Changed", "")
    assert hub.committed("B") == 0


def test_new_tags_and_a_first_address_are_told(hub: Bench) -> None:
    said = told(
        hub,
        order("1", line("A"), status=OrderStatus.ON_HOLD, channel_status="ON_HOLD", shipping_address=None),
        order("1", line("A"), shipping_address=HOME, tags=frozenset({"cancel_requested"})),
    )

    assert said == (
        "Status On Hold → Ready For Fulfillment (AWAITING_SHIPMENT): shipping address given; now cancel_requested"
    )


# History


def test_an_order_that_was_over_before_the_hub_first_read_lowers_nothing_however_late_it_comes(
    hub: Bench,
) -> None:
    hub.open_shop(A=10)
    began = NOW + timedelta(hours=1)
    old = order("1", line("A", 2, quantity_shipped=2), status=OrderStatus.FULFILLED)
    shipped_since = replace(old, channel_id=order("2").channel_id, shipped_at=began + timedelta(minutes=1))
    placed_since = replace(old, channel_id=order("3").channel_id, placed_at=began + timedelta(minutes=1))
    delivered_since = replace(
        old,
        channel_id=order("4").channel_id,
        shipped_at=NOW + timedelta(minutes=1),
        modified_at=began + timedelta(days=2),
    )

    hub.read_orders(old, shipped_since, placed_since, delivered_since, reading_since=began)

    counted = {row.channel_id for row in hub.rows(tables.order) if row.counts}
    assert counted == {"2", "3"}
    assert sum(units for units, _ in hub.reports()) == -4


# Money


def test_figures_that_do_not_add_up_are_a_case_until_they_do(hub: Bench) -> None:
    right = order("1", line("A", 2))
    off = replace(right, totals=replace(right.totals, total=money("25"), unexplained=money("5")))

    hub.read_orders(off)
    (case,) = hub.cases("total_unexplained")
    assert "25.00 USD" in case.cause
    assert "come to 20.00 USD" in case.cause

    hub.read_orders(right)
    assert hub.cases("total_unexplained") == []


def test_a_cent_of_rounding_calls_nobody(hub: Bench) -> None:
    right = order("1", line("A", 2))

    hub.read_orders(replace(right, totals=replace(right.totals, unexplained=money("0.02"))))

    assert hub.cases("total_unexplained") == []


def test_an_order_that_did_not_change_keeps_its_lines_beside_one_that_did(hub: Bench) -> None:
    hub.open_shop(A=10, B=10)
    hub.read_orders(order("1", line("A", 2)), order("2", line("B", 3)))

    hub.read_orders(order("1", line("A", 2)), order("2", line("B", 1)))

    assert (hub.committed("A"), hub.committed("B")) == (2, 1)
    assert {row.quantity_canceled for row in hub.rows(tables.order_line)} == {0}
