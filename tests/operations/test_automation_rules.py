"""Rules as people keep them: each mistake names its field, their order is kept, and the file brings the whole list."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import CancelReason
from crossdock.domain.automations import (
    Cancel,
    Change,
    Changeable,
    Conditions,
    Hold,
    Notify,
    Rule,
    Tag,
    Trigger,
)
from crossdock.domain.filters import Filters
from crossdock.operations.automations import rules
from crossdock.operations.automations.checking import in_form
from crossdock.operations.setup import spec, spec_automations
from crossdock.operations.setup.spec_automations import AutomationSpec
from crossdock.operations.setup.spec_locations import SpecError
from crossdock.operations.task import HUB
from crossdock.store import tables
from support.make import SHOP, Bench

RULE = Rule("Hold", Trigger.ORDER_NEW, (Hold(60),))


def with_action(*actions: Any, trigger: Trigger = Trigger.ORDER_NEW) -> Rule:
    return Rule("Rule", trigger, actions)


def with_filters(trigger: Trigger = Trigger.ORDER_NEW, **given: Any) -> Rule:
    actions = (Notify(("a@b.com",)),)
    return Rule("Rule", trigger, actions, Conditions(**given))


MISTAKES = {
    "no name": (replace(RULE, name=" "), "name"),
    "name in two lines": (replace(RULE, name="a\nb"), "name"),
    "no action": (replace(RULE, actions=()), "actions"),
    "hold for no time": (with_action(Hold(0)), "actions.0.hold.minutes"),
    "hold for ever in minutes": (with_action(Hold(10**9)), "actions.0.hold.minutes"),
    "empty tag": (with_action(Hold(1), Tag()), "actions.1.tag"),
    "tag on and off": (with_action(Tag(("a",), ("a",))), "actions.0.tag"),
    "no method": (with_action(Change(Changeable.SHIPPING_METHOD, "")), "actions.0.change.shipping_method"),
    "review done": (with_action(Change(Changeable.REVIEW, "done")), "actions.0.change.review"),
    "nobody told": (with_action(Notify()), "actions.0.notify"),
    "unknown in title": (with_action(Notify(("a@b.com",), title="{buyer}")), "actions.0.notify.title"),
    "open brace": (with_action(Notify(("a@b.com",), title="{order")), "actions.0.notify.title"),
    "product held": (with_action(Hold(1), trigger=Trigger.PRODUCT_UPDATED), "actions.0"),
    "cases of an order": (with_filters(case_kinds=("drift",)), "filters.exceptions"),
    "no kind": (with_filters(Trigger.EXCEPTION, case_kinds=("Drift!",)), "filters.exceptions"),
    "states of an order": (with_filters(request_states=("sent",)), "filters.request_states"),
    "no state": (
        with_filters(Trigger.SHIPPING_REQUEST_UPDATED, request_states=("gone",)),
        "filters.request_states",
    ),
    "title of an order": (with_filters(product_title="Tea"), "filters.title"),
    "product of a country": (
        with_filters(Trigger.PRODUCT_UPDATED, order=Filters(countries=("US",))),
        "filters.countries",
    ),
    "no country": (with_filters(order=Filters(countries=("USA",))), "filters.countries"),
    "less than nothing": (with_filters(order=Filters(min_total=Decimal(-1))), "filters.min_total"),
    "no number": (with_filters(order=Filters(max_weight=Decimal("nan"))), "filters.max_weight"),
}


@pytest.mark.parametrize(("rule", "field"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_its_field(rule: Rule, field: str) -> None:
    with pytest.raises(SettingsError) as raised:
        in_form(rule)

    assert raised.value.field == field


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@",
        "@b.com",
        "a@b@c.com",
        "a b@c.com",
        "a@b.com\nBcc: c@d.com",
        "a@b.com,c@d.com",
        "A <a@b.com>",
        "ä@b.com",
        "a" * 250 + "@b.com",
    ],
)
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError) as raised:
        in_form(with_action(Notify((address,))))

    assert raised.value.field == "actions.0.notify.emails"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "http://10.0.0.1/hook",
        "https://user:secret@example.com/",
        "https:///hook",
        "ftp://example.com/",
        "https://exa mple.com/",
        "https://example.com:port/",
        "https://[::1/",
        "example.com",
    ],
)
def test_what_may_not_be_called_is_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        in_form(with_action(Notify(url=url)))

    assert raised.value.field == "actions.0.notify.url"
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["https://example.com/a?b=c", "http://127.0.0.1:9000/", "http://[::1]:9000/x", "http://localhost/"]
)
def test_what_may_be_called_is_taken(url: str) -> None:
    assert in_form(with_action(Notify(("o'neil+x@mail.example.co.uk",), url)))


texts = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
several = st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple)
actions = st.one_of(
    st.builds(Hold, st.none() | st.integers(1, 5000), texts | st.just("")),
    st.builds(Cancel, st.sampled_from(CancelReason), st.booleans()),
    st.builds(
        Tag,
        several.map(lambda tags: tuple(f"a{tag}" for tag in tags)),
        several.map(lambda tags: tuple(f"r{tag}" for tag in tags)) | st.just(()),
    ),
    st.builds(Change, st.sampled_from([Changeable.NOTE, Changeable.SHIPPING_METHOD]), texts),
    st.just(Change(Changeable.REVIEW, "required")),
    st.builds(
        Notify,
        several.map(lambda names: tuple(f"{name}@example.com" for name in names)),
        st.sampled_from(["", "https://example.com/"]),
        st.just("{order}"),
    ),
)
conditions = st.builds(
    Conditions,
    st.builds(
        Filters,
        countries=st.sampled_from([(), ("US",), ("GB", "NO")]),
        tags=several | st.just(()),
        min_total=st.none() | st.decimals(0, 99, places=2),
    ),
)
orders_rules = st.builds(
    Rule,
    texts,
    st.sampled_from([Trigger.ORDER_NEW, Trigger.ORDER_UPDATED, Trigger.FULFILLMENT_CREATED]),
    st.lists(actions, min_size=1, max_size=3).map(tuple),
    conditions,
    is_on=st.booleans(),
    is_once=st.booleans(),
)


@given(orders_rules)
def test_a_rule_that_is_written_down_and_read_is_the_same(rule: Rule) -> None:
    written = AutomationSpec.of_rule(rule)

    assert AutomationSpec.of(written.as_written()).as_rule() == rule
    assert AutomationSpec.of(written.model_dump(mode="json", exclude_none=True)).as_rule() == rule
    assert AutomationSpec.of(written.model_dump(mode="json")).as_rule() == rule
    assert rules._rule(type("Row", (), {"id": 0} | rules._values(rule))) == rule


def add(hub: Bench, *names: str) -> list[int]:
    with hub.step(HUB) as (tx, task):
        return [rules.add(tx, task, replace(RULE, name=name)) for name in names]


def names(hub: Bench) -> list[str]:
    with hub.database.reading() as tx:
        return [rule.name for rule in rules.every(tx)]


def test_rules_are_kept_in_their_order(hub: Bench) -> None:
    add(hub, "a", "b", "c")
    with hub.step(HUB) as (tx, task):
        rules.add(tx, task, replace(RULE, name="first"), place=1)
        rules.move(tx, task, rules.find(tx, "C"), place=2)
        rules.remove(tx, task, rules.find(tx, "a"))

    assert names(hub) == ["first", "c", "b"]
    places = [row.position for row in hub.rows(tables.automation, by=tables.automation.c.position)]
    assert places == [1, 2, 3]
    assert hub.events(HUB)[-2:] == ["Automation “c” moved to place 2", "Automation “a” removed"]


@pytest.mark.parametrize("place", [0, 4])
def test_a_place_that_there_is_not_is_refused(hub: Bench, place: int) -> None:
    add(hub, "a", "b", "c")

    with hub.step(HUB) as (tx, task), pytest.raises(SettingsError, match="there are 1 to 3"):
        rules.move(tx, task, rules.find(tx, "a"), place=place)


def test_a_name_is_there_once_whatever_the_case(hub: Bench) -> None:
    _, other = add(hub, "Hold", "Other")

    with hub.step(HUB) as (tx, task):
        with pytest.raises(SettingsError, match="another automation is called “hold”"):
            rules.add(tx, task, replace(RULE, name="hold"))
        with pytest.raises(SettingsError, match="another automation is called “HOLD”"):
            rules.change(tx, task, replace(RULE, name="HOLD", id=other))


def test_a_channel_that_there_is_not_is_refused(hub: Bench) -> None:
    meant = Conditions(Filters(channels=("nowhere",)))

    with hub.step(HUB) as (tx, task), pytest.raises(SettingsError, match="'nowhere' is no integration"):
        rules.add(tx, task, replace(RULE, conditions=meant))


FILE = f"""
automations:
  - name: Hold
    trigger: order_new
    on: false
    filters: {{channels: [{SHOP}], countries: [no, GB]}}
    actions:
      - hold: {{minutes: 60, reason: Buyers may cancel}}
      - notify: {{emails: [desk@example.com], title: "{{order}}"}}
  - name: Stop
    trigger: exception
    once: false
    filters: {{exceptions: [line_unmatched]}}
    actions:
      - cancel: {{reason: out_of_stock, restock: false}}
      - change: {{review: required}}
  - name: Bare
    trigger: order_updated
    actions: [cancel, hold: ]
"""


def test_the_file_brings_the_whole_list_and_says_before_what_it_changes(hub: Bench) -> None:
    add(hub, "Gone", "hold")
    (_, kept) = hub.rows(tables.automation, by=tables.automation.c.id)
    wanted = spec.read(FILE).automations
    assert wanted is not None

    with hub.step(HUB) as (tx, task):
        changes = spec_automations.changes(tx, wanted)
        spec_automations.bring(tx, task, wanted)
        assert spec_automations.changes(tx, wanted) == []
        there = rules.every(tx)

    assert [(name, what) for name, what, _, _ in changes] == [
        ("Gone", "automation"),
        ("Hold", "name"),
        ("Hold", "on"),
        ("Hold", "filters"),
        ("Hold", "actions"),
        ("Hold", "place"),
        ("Stop", "automation"),
        ("Bare", "automation"),
    ]
    assert [rule.name for rule in there] == ["Hold", "Stop", "Bare"]
    assert there[0].id == kept.id, "it keeps its log"
    assert there[0].conditions.order.countries == ("NO", "GB")
    assert there[1].actions == (
        Cancel(CancelReason.OUT_OF_STOCK, restocks=False),
        Change(Changeable.REVIEW, "required"),
    )
    assert there[2].actions == (Cancel(), Hold())


def test_a_file_that_says_nothing_of_automations_leaves_them() -> None:
    assert spec.read("sources_of_truth: {}").automations is None
    assert spec.read("automations: []").automations == []


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("trigger: order_gone\n    actions: [cancel]", "automations.0.trigger: Input should be"),
        ("trigger: order_new\n    actions: [cancel]\n    when: x", "choose from name, trigger, on, once"),
        (
            "trigger: order_new\n    filters: {country: [US]}\n    actions: [cancel]",
            "automations.0.filters.country: there is no such field; choose from channels, countries",
        ),
        (
            "trigger: order_new\n    actions: [{hold: {hours: 1}}]",
            "automations.0.actions.0.hold.hours: there is no such field; choose from minutes, reason",
        ),
        (
            "trigger: order_new\n    actions: [{hold: {}, cancel: {}}]",
            "name exactly one of hold, cancel, tag, change, notify, not hold and cancel",
        ),
        (
            "trigger: order_new\n    actions: [{change: {}}]",
            "name exactly one of shipping_method, note, review",
        ),
        ("trigger: order_new\n    actions: []", "automations.X.actions: a rule has one action or more"),
        (
            "trigger: order_new\n    filters: {channels: [nope]}\n    actions: [cancel]",
            "automations.X.filters.channels: 'nope' is no integration; there are: my-shop",
        ),
    ],
)
def test_a_mistake_in_the_file_names_the_place_and_what_there_is(part: str, said: str) -> None:
    def refuse() -> None:
        wanted = spec.read(f"automations:\n  - name: X\n    {part}\n")
        spec_automations.refuse(wanted.automations or [], ["my-shop"])

    with pytest.raises(SpecError) as raised:
        refuse()

    assert said in str(raised.value)


def test_a_name_is_in_the_file_once() -> None:
    wanted = spec.read("automations:\n" + 2 * "  - {name: X, trigger: order_new, actions: [cancel]}\n")

    with pytest.raises(SpecError, match=r"automations\.X: every name may be there once only"):
        spec_automations.refuse(wanted.automations or [], [])
