"""An order's five steps: what each waits for, what blocks it, and that none runs ahead of those above it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.order import OrderStatus
from crossdock.domain.order_progress import Color, Facts, Stage, Step, progress

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
READY = Facts("my-shop", NOW, NOW, OrderStatus.READY_FOR_FULFILLMENT, ordered=3, routing="pending")


def step(stage: Stage, **more: Any) -> Step:
    return next(each for each in progress(replace(READY, **more)) if each.stage is stage)


def said(stage: Stage, **more: Any) -> tuple[Color, str]:
    found = step(stage, **more)
    return found.color, found.text


def colors(**more: Any) -> str:
    return "".join(
        {"green": "g", "gray": "-", "red": "r"}[each.color] for each in progress(replace(READY, **more))
    )


HELD = {"status": OrderStatus.ON_HOLD, "is_held": True, "routing": ""}


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, "ggg--"),
        (HELD | {"hold_until": NOW}, "gg---"),
        (HELD, "ggr--"),
        ({"status": OrderStatus.TO_BE_VALIDATED, "routing": ""}, "ggr--"),
        ({"status": OrderStatus.REVIEW_REQUIRED, "routing": ""}, "ggr--"),
        ({"status": OrderStatus.NEW, "routing": ""}, "gg---"),
        ({"routing": "failed", "routing_text": "No card"}, "gggr-"),
        ({"status": OrderStatus.SENT_TO_FULFILLMENT, "routing": "routed"}, "gggg-"),
        ({"status": OrderStatus.SENT_TO_FULFILLMENT, "routing": ""}, "gggg-"),
        ({"routing": "routed", "trouble": ("wms did not take it",)}, "ggggr"),
        ({"status": OrderStatus.PARTIALLY_FULFILLED, "routing": "routed", "shipped": 1}, "gggg-"),
        ({"status": OrderStatus.FULFILLED, "routing": "routed", "shipped": 3}, "ggggg"),
        ({"status": OrderStatus.FULFILLED, "routing": "", "is_theirs": True}, "ggggg"),
        ({"status": OrderStatus.CANCELED, "routing": "", "canceled": 3}, "gg---"),
        ({"status": OrderStatus.ARCHIVED, "routing": "", "canceled": 3}, "gg---"),
        ({"status": OrderStatus.ARCHIVED, "routing": "routed", "shipped": 3}, "ggggg"),
    ],
)  # fmt: skip
def test_each_step_is_done_waits_or_is_blocked(facts: dict[str, Any], shown: str) -> None:
    assert colors(**facts) == shown


def test_a_hold_says_until_when_and_why() -> None:
    until = HELD | {"hold_until": NOW + timedelta(hours=1), "hold_reason": "Address is asked for"}

    assert said(Stage.HOLD_RELEASED, **until) == (
        Color.GRAY,
        "Held until 2026-03-01 13:00 UTC: Address is asked for",
    )
    assert said(Stage.HOLD_RELEASED, status=OrderStatus.ON_HOLD)[1] == "Waits until my-shop ends its hold"


def test_a_hold_of_what_is_left_is_shown_as_well() -> None:
    left = {
        "status": OrderStatus.PARTIALLY_FULFILLED,
        "shipped": 1,
        "is_held": True,
        "hold_reason": "Call first",
    }

    assert said(Stage.HOLD_RELEASED, **left) == (Color.RED, "Held until a person marks it ready: Call first")
    assert said(Stage.HOLD_RELEASED, **left, canceled=2) == (Color.GREEN, "Nothing holds it")


def test_what_blocks_is_named() -> None:
    bad = {"status": OrderStatus.TO_BE_VALIDATED, "problems": ("the city is missing",)}

    assert "the city is missing" in said(Stage.HOLD_RELEASED, **bad)[1]
    assert said(Stage.ROUTED, routing="failed", routing_text="No card takes it") == (
        Color.RED,
        "No card takes it",
    )
    assert said(Stage.FULFILLED, routing="routed", shipped=1, trouble=("wms says no",)) == (
        Color.RED,
        "1 of 3 units have left; wms says no",
    )


@pytest.mark.parametrize(
    ("shipped", "ordered", "text"),
    [
        (0, 1, "None of 1 unit has left"),
        (0, 3, "None of 3 units have left"),
        (1, 1, "1 of 1 unit has left"),
        (2, 3, "2 of 3 units have left"),
    ],
)
def test_what_has_left_is_a_sentence(shipped: int, ordered: int, text: str) -> None:
    assert said(Stage.FULFILLED, ordered=ordered, shipped=shipped)[1] == text


LEFT = {"status": OrderStatus.FULFILLED, "routing": "routed", "shipped": 3}


def test_what_its_channel_does_not_know_is_not_done() -> None:
    assert said(Stage.FULFILLED, **LEFT, untold=("my-shop",)) == (
        Color.GRAY,
        "3 of 3 units have left; my-shop is not told yet",
    )
    assert said(Stage.FULFILLED, **LEFT, untold=("a", "b"))[1].endswith("a and b are not told yet")
    assert said(Stage.FULFILLED, **LEFT, refused_by=("my-shop",)) == (
        Color.RED,
        "3 of 3 units have left; my-shop refused to take it",
    )


@given(
    status=st.sampled_from(OrderStatus),
    routing=st.sampled_from(["", "pending", "routed", "failed"]),
    units=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    is_held=st.booleans(),
)
def test_every_order_has_five_steps_and_each_says_something(
    status: OrderStatus, routing: str, units: tuple[int, int], *, is_held: bool
) -> None:
    facts = replace(READY, status=status, canceled=units[0], shipped=units[1], is_held=is_held)
    steps = progress(replace(facts, routing=routing, routing_text="as the card says"))

    assert [each.stage for each in steps] == list(Stage)
    assert all(each.text for each in steps)
