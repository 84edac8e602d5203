"""Which rule acts: the first that is meant and on, once where that is wanted; and titles that stay on one line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.aftersales import CancelReason
from crossdock.domain.automations import (
    LONGEST_TITLE,
    TITLE_FIELDS,
    Cancel,
    Change,
    Changeable,
    Conditions,
    Happening,
    Hold,
    Notify,
    Rule,
    Tag,
    Trigger,
    choose,
    titled,
    unknown_fields,
)
from crossdock.domain.filters import Filters, OrderFacts
from crossdock.domain.money import Money

FACTS = OrderFacts(
    channel="my-shop",
    country="US",
    state="CA",
    skus=frozenset({"TEA-1"}),
    tags=frozenset({"gift"}),
    total=Money(Decimal(40), "USD"),
    weight=None,
    method="Standard",
)
HAPPENED = Happening(Trigger.ORDER_NEW, "ord_1", FACTS)


def rule(number: int, *, trigger: Trigger = Trigger.ORDER_NEW, country: str = "", **more: bool) -> Rule:
    conditions = Conditions(Filters(countries=(country,) if country else ()))
    return Rule(f"Rule {number}", trigger, (Hold(10),), conditions, id=number, **more)


rules = st.builds(
    rule,
    st.integers(1, 9),
    trigger=st.sampled_from([Trigger.ORDER_NEW, Trigger.ORDER_UPDATED]),
    country=st.sampled_from(["", "US", "GB"]),
    is_on=st.booleans(),
    is_once=st.booleans(),
)
lists = st.lists(rules, max_size=6, unique_by=lambda each: each.id)


def is_meant(each: Rule) -> bool:
    return each.is_on and each.trigger is HAPPENED.trigger and not each.conditions.unmet(HAPPENED)


@given(lists, st.sets(st.integers(1, 9)))
def test_the_first_rule_that_is_meant_acts_and_no_other(there: list[Rule], done: set[int]) -> None:
    chosen = choose(there, HAPPENED, done=done)

    meant = [each for each in there if is_meant(each)]
    first = meant[0] if meant else None
    assert chosen in (first, None)
    assert (chosen is None) == (first is None or (first.is_once and first.id in done))


@given(lists)
def test_what_stands_below_the_rule_that_acts_changes_nothing(there: list[Rule]) -> None:
    chosen = choose(there, HAPPENED)

    if chosen is not None:
        assert choose(there[: there.index(chosen) + 1], HAPPENED) == chosen
        assert choose([replace(each, is_on=each == chosen) for each in there], HAPPENED) == chosen


@given(lists)
def test_a_rule_that_acts_once_does_not_act_a_second_time(there: list[Rule]) -> None:
    once = [replace(each, is_once=True) for each in there]
    first = choose(once, HAPPENED)

    assert first is None or choose(once, HAPPENED, done={first.id}) is None


@pytest.mark.parametrize(
    ("conditions", "happening", "unmet"),
    [
        (Conditions(case_kinds=("drift",)), Happening(Trigger.EXCEPTION, "1", case_kind="drift"), ()),
        (
            Conditions(case_kinds=("drift", "stuck")),
            Happening(Trigger.EXCEPTION, "1", case_kind="line_unmatched"),
            ("its kind is line_unmatched, not drift or stuck",),
        ),
        (
            Conditions(Filters(tags=("gift",))),
            Happening(Trigger.EXCEPTION, "1", case_kind="drift"),
            ("it has no order",),
        ),
        (
            Conditions(request_states=("refused",)),
            Happening(Trigger.SHIPPING_REQUEST_UPDATED, "1", request_state="sent"),
            ("its state is sent, not refused",),
        ),
        (
            Conditions(product_skus=("A",), product_title="TEA"),
            Happening(Trigger.PRODUCT_UPDATED, "1", product_skus=frozenset("AB"), product_title="A teapot"),
            (),
        ),
        (
            Conditions(product_skus=("C",), product_title="mug"),
            Happening(Trigger.PRODUCT_UPDATED, "1", product_skus=frozenset("A"), product_title="Teapot"),
            ("it has none of the SKUs C", "its title does not contain “mug”"),
        ),
    ],
)
def test_conditions_look_at_cases_requests_and_products(
    conditions: Conditions, happening: Happening, unmet: tuple[str, ...]
) -> None:
    assert conditions.unmet(happening) == unmet


@given(st.text(), st.text())
def test_a_title_is_one_printable_line_of_bounded_length_whatever_it_names(order: str, channel: str) -> None:
    line = titled("Order {order} of {channel}", {"order": order, "channel": channel})

    assert line.isprintable()
    assert len(line) <= LONGEST_TITLE


def test_a_title_names_what_there_is_and_leaves_out_what_there_is_not() -> None:
    assert titled("{order}: {status}{product} {{x}}", {"order": "{rule}", "status": "On Hold"}) == (
        "{rule}: On Hold {x}"
    )


@pytest.mark.parametrize(
    ("title", "unknown"),
    [
        ("".join("{" + name + "}" for name in TITLE_FIELDS), []),
        ("{buyer}", ["buyer"]),
        ("{order.__class__}", ["order.__class__"]),
        ("{order!r}", ["order!r"]),
        ("{order:>999}", ["order:>999"]),
        ("{}", [""]),
    ],
)
def test_a_title_may_name_nothing_else(title: str, unknown: list[str]) -> None:
    assert unknown_fields(title) == unknown


@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_has_a_record_and_a_headline_that_can_be_filled(trigger: Trigger) -> None:
    assert trigger.record
    assert unknown_fields(trigger.headline) == []


def test_actions_say_what_they_do() -> None:
    said = [
        Hold(1),
        Hold(),
        Cancel(),
        Cancel(CancelReason.OUT_OF_STOCK),
        Tag(("a", "b"), ("c",)),
        Change(Changeable.SHIPPING_METHOD, "Express"),
        Change(Changeable.REVIEW, "required"),
        Notify(("a@b.com",), "https://c.com/x"),
    ]

    assert [str(each) for each in said] == [
        "held for 1 minute",
        "held until a person releases it",
        "canceled",
        "canceled (out of stock)",
        "tagged a, b and untagged c",
        "shipping method set to “Express”",
        "marked for review",
        "notification to a@b.com, https://c.com/x",
    ]
