"""Rules that act: on what, as the first that is meant, once, without cascades, and with what cannot be done said so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.automations import (
    Action,
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
from crossdock.domain.order import OrderStatus
from crossdock.operations import exceptions
from crossdock.operations.automations import agenda, firing, outbox, rules
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.fulfillments import fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.orders import orders
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.codec import unpack
from support.make import SHOP, STORE, Bench, line, order, product

ORDER = tables.order
NEW, UPDATED = Trigger.ORDER_NEW, Trigger.ORDER_UPDATED


@pytest.fixture
def ruled(hub: Bench) -> Iterator[Bench]:
    """A hub whose rules act, with ten of A."""
    hub.open_shop(A=10)
    hub.database.before_commit = lambda tx: firing.run(tx, lambda name: hub.rules[name])
    yield hub
    hub.database.before_commit = None


def give(hub: Bench, *actions: Action, trigger: Trigger = NEW, **more: Any) -> int:
    """A rule named after its trigger, unless told otherwise."""
    with hub.step(HUB) as (tx, task):
        name = more.pop("name", f"On {trigger}")
        return rules.add(tx, task, Rule(name, trigger, actions, **more))


def sold(hub: Bench, number: str = "1", **more: Any) -> Any:
    """An order of two A is read, or read again."""
    hub.read_orders(order(number, line("A", 2), **more))
    return the(hub, number)


def the(hub: Bench, number: str = "1") -> Any:
    (row,) = hub.rows(ORDER, ORDER.c.channel_id == number, ORDER.c.integration == SHOP)
    return row


def log(hub: Bench) -> list[str]:
    return [row.what for row in hub.rows(tables.automation_firing, by=tables.automation_firing.c.id)]


def told(hub: Bench) -> list[Any]:
    return hub.rows(tables.notification, by=tables.notification.c.id)


def bodies(hub: Bench) -> list[dict[str, Any]]:
    return [unpack(dict[str, Any], row.body) for row in told(hub)]


HOOK = Notify(url="https://example.com/hook")


def test_a_new_order_is_held_tagged_and_changed(ruled: Bench) -> None:
    give(
        ruled,
        Hold(60, "Buyers change their minds"),
        Tag(("vip", "gift")),
        Change(Changeable.SHIPPING_METHOD, "Express"),
        Change(Changeable.NOTE, "Wrap it"),
    )

    row = sold(ruled)

    assert row.is_held
    assert row.hold_until == ruled.now + timedelta(minutes=60)
    assert (row.hold_reason, row.method_here, row.note) == ("Buyers change their minds", "Express", "Wrap it")
    assert unpack(list[str], row.tags_here) == ["gift", "vip"]
    assert row.status != OrderStatus.READY_FOR_FULFILLMENT
    said = "held for 60 minutes; tagged vip, gift; shipping method set to “Express”; note set to “Wrap it”"
    assert f"Rule “On order_new”: {said}" in ruled.events(row.id)
    assert log(ruled) == [said]


def test_only_the_first_rule_that_is_meant_acts(ruled: Bench) -> None:
    give(ruled, Tag(("far",)), name="Far", conditions=Conditions(Filters(countries=("GB",))))
    give(ruled, Tag(("off",)), name="Off", is_on=False)
    give(ruled, Tag(("first",)), name="First", conditions=Conditions(Filters(channels=(SHOP,), skus=("A",))))
    give(ruled, Tag(("second",)), name="Second")

    assert unpack(list[str], sold(ruled).tags_here) == ["first"]


def test_a_rule_acts_on_each_record_once_or_every_time(ruled: Bench) -> None:
    give(ruled, HOOK, trigger=UPDATED, name="Once")
    sold(ruled)
    for number in ("2", "3"):
        sold(ruled, tags=frozenset({number}))
    assert len(told(ruled)) == 1

    with ruled.step(HUB) as (tx, task):
        rules.change(tx, task, replace(rules.find(tx, "Once"), is_once=False))
    sold(ruled, tags=frozenset({"4"}))
    sold(ruled, tags=frozenset({"5"}))
    assert len(told(ruled)) == 3


def test_a_rule_may_act_twice_on_a_record_at_the_same_moment(ruled: Bench) -> None:
    give(ruled, HOOK, trigger=UPDATED, is_once=False)
    sold(ruled)

    for tag in "xy":
        with ruled.step(SHOP) as (tx, task):
            again = order("1", line("A", 2), tags=frozenset(tag))
            orders.ingest(tx, replace(task, now=ruled.now.replace(microsecond=0, second=0)), [again])

    assert len({row.id for row in told(ruled)}) == 2


def test_what_is_read_again_unchanged_triggers_nothing(ruled: Bench) -> None:
    give(ruled, HOOK, trigger=NEW, is_once=False, name="New")
    give(ruled, HOOK, trigger=UPDATED, is_once=False, name="Updated")

    sold(ruled)
    sold(ruled)

    assert [body["trigger"] for body in bodies(ruled)] == ["order_new"]


def test_a_reservation_is_new_once_it_becomes_an_order(ruled: Bench) -> None:
    give(ruled, HOOK)
    sold(ruled, status=OrderStatus.DRAFT, is_reservation=True)
    assert told(ruled) == []

    sold(ruled)

    assert [body["order"]["number"] for body in bodies(ruled)] == ["1"]


def test_an_order_that_was_over_before_the_hub_began_triggers_nothing(ruled: Bench) -> None:
    give(ruled, HOOK)
    give(ruled, HOOK, trigger=Trigger.FULFILLMENT_CREATED, name="Left")
    old = order(
        "1",
        line("A", 1, quantity_shipped=1),
        status=OrderStatus.FULFILLED,
        placed_at=ruled.now - timedelta(days=9),
        modified_at=ruled.now - timedelta(days=8),
    )

    ruled.read_orders(old, reading_since=ruled.now)

    assert told(ruled) == []


def test_a_change_made_by_a_rule_triggers_no_other(ruled: Bench) -> None:
    """The rule opens no case and changes the order, and neither is taken for something that happened."""
    give(ruled, Cancel())
    give(ruled, HOOK, trigger=UPDATED, name="Updated")
    give(ruled, HOOK, trigger=Trigger.EXCEPTION, name="Case")
    ruled.rules[SHOP] = Rules(pushes_cancellations=False)

    row = sold(ruled)

    assert row.status == OrderStatus.CANCELED
    assert log(ruled) == ["canceled"]
    sold(ruled, status=OrderStatus.CANCELED, channel_status="CANCELLED")
    assert log(ruled) == ["canceled"], "the channel shows what the rule did"


@pytest.mark.parametrize("pushes", [True, False])
def test_an_order_is_canceled_under_the_rules_of_its_own_channel(ruled: Bench, pushes: bool) -> None:
    """The case may be opened by whoever found it, here by the hub itself."""
    give(ruled, Cancel(), trigger=Trigger.EXCEPTION, conditions=Conditions(case_kinds=("stuck",)))
    ruled.rules[SHOP] = Rules(pushes_cancellations=pushes)
    row = sold(ruled)

    with ruled.step(HUB) as (tx, task):
        exceptions.open_case(tx, task, case("stuck", Subject.ORDER, row.id))

    (canceled,) = ruled.rows(tables.cancellation)
    assert (canceled.integration, canceled.is_dirty) == (SHOP, pushes)
    assert canceled.decided_by == "automation On exception"
    assert ruled.committed("A") == 0


def test_an_action_that_cannot_be_done_is_said_so_and_the_others_are_done(ruled: Bench) -> None:
    give(ruled, Cancel(), Hold(5), Tag(("seen",)), trigger=UPDATED)
    sold(ruled)
    shipped = line("A", 2, quantity_shipped=2)

    ruled.read_orders(order("1", shipped, status=OrderStatus.FULFILLED, channel_status="DELIVERED"))

    row = the(ruled)
    assert (unpack(list[str], row.tags_here), row.is_held) == (["seen"], False)
    assert row.status == OrderStatus.FULFILLED
    assert ruled.rows(tables.cancellation) == []
    (said,) = log(ruled)
    assert said.startswith("tagged seen; not canceled: order 1 has nothing left to cancel")
    assert "not held for 5 minutes: order 1 is Fulfilled" in said
    failed = ruled.rows(tables.event, tables.event.c.status == "Failed")
    assert [each.actor for each in failed] == ["automation On order_updated"]


def test_the_longer_of_two_holds_stays(ruled: Bench) -> None:
    give(ruled, Hold(60))
    give(ruled, Hold(5), trigger=UPDATED, name="Shorter")
    until = sold(ruled).hold_until

    assert sold(ruled, tags=frozenset("x")).hold_until == until


def test_a_note_is_added_once_and_nothing_of_it_is_lost(ruled: Bench) -> None:
    give(ruled, Change(Changeable.NOTE, "Look twice"), trigger=UPDATED, is_once=False)
    sold(ruled)
    with ruled.database.transaction() as tx:
        tx.execute(sa.update(ORDER).values(note="Said on the phone"))

    for tag in "xy":
        sold(ruled, tags=frozenset(tag))

    assert the(ruled).note == "Said on the phone\nLook twice"


def test_a_tag_of_the_channel_is_not_taken_off(ruled: Bench) -> None:
    give(ruled, Tag((), ("sample",)))

    sold(ruled, tags=frozenset({"sample"}))

    assert log(ruled)[0].startswith("not untagged sample: tiktok has given the order the tag")


def test_an_order_is_marked_for_review(ruled: Bench) -> None:
    give(ruled, Change(Changeable.REVIEW, "required"))

    assert sold(ruled).status == OrderStatus.REVIEW_REQUIRED


def case(kind: str, subject: Subject, subject_id: str) -> Case:
    return Case(f"{kind}:{subject_id}", kind, subject, subject_id, cause="It is stuck", fix="Push it")


def test_a_case_triggers_when_it_opens_and_not_when_its_text_changes(ruled: Bench) -> None:
    give(ruled, HOOK, trigger=Trigger.EXCEPTION, is_once=False, conditions=Conditions(case_kinds=("drift",)))
    for kind in ("drift", "stuck", "drift"):
        with ruled.step(STORE) as (tx, task):
            exceptions.open_case(tx, task, case(kind, Subject.INTEGRATION, STORE))
    with ruled.step(STORE) as (tx, task):
        exceptions.open_case(tx, task, case("drift", Subject.LOCATION, "loc_1"))
        exceptions.close_cases(tx, task.now, ["drift:loc_1"])

    (body,) = bodies(ruled)
    assert (body["case"]["kind"], body["title"], body["order"]) == ("drift", "It is stuck", None)


def test_what_has_left_is_told_of_with_what_became_of_the_order(ruled: Bench) -> None:
    give(ruled, HOOK, trigger=Trigger.FULFILLMENT_CREATED)
    row = sold(ruled)

    with ruled.step(SHOP) as (tx, task):
        made = fulfillments.enter(tx, task, row.id, Entry(Tracking("UPS", "1Z9"), {"A": 1}))

    (body,) = bodies(ruled)
    assert (body["fulfillment"]["id"], body["record"]["kind"]) == (made, "fulfillment")
    assert body["order"]["status"] == OrderStatus.PARTIALLY_FULFILLED


def test_a_product_that_changes_is_told_of_and_one_that_comes_is_not(ruled: Bench) -> None:
    give(ruled, HOOK, trigger=Trigger.PRODUCT_UPDATED, conditions=Conditions(product_title="pot"))
    ruled.read_products(product("B", title="Teapot"), product("C", title="Mug"))
    assert told(ruled) == []

    ruled.read_products(product("B", title="Big teapot"), product("C", title="Big mug"))

    (body,) = bodies(ruled)
    assert (body["title"], body["product"]["skus"]) == ("Product Big teapot has changed", ["B"])


def test_each_address_and_webhook_gets_a_notification_of_its_own(ruled: Bench) -> None:
    give(
        ruled,
        Notify(("a@example.com", "b@example.com"), "https://example.com/hook", "{order} is {status}"),
        Hold(),
    )

    row = sold(ruled)

    assert sorted((each.kind, each.target) for each in told(ruled)) == [
        ("email", "a@example.com"),
        ("email", "b@example.com"),
        ("webhook", "https://example.com/hook"),
    ]
    assert {each.title for each in told(ruled)} == {f"1 is {row.status}"}, "told last, of what became of it"
    assert {(each.subject_kind, each.subject_id) for each in told(ruled)} == {("order", row.id)}


def test_nothing_of_a_transaction_that_fails_is_done_or_told(ruled: Bench) -> None:
    give(ruled, HOOK, Tag(("seen",)))

    def fail() -> None:
        with ruled.step(SHOP) as (tx, task):
            orders.ingest(tx, task, [order("1", line("A", 2))])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert (told(ruled), ruled.rows(ORDER)) == ([], [])
    assert sold(ruled, "2").tags_here == '["seen"]'
    assert [body["order"]["number"] for body in bodies(ruled)] == ["2"]


def test_without_a_rule_for_it_a_page_of_orders_costs_one_question(ruled: Bench) -> None:
    give(ruled, HOOK, trigger=Trigger.PRODUCT_UPDATED)
    asked: list[str] = []

    def listen(*given: Any) -> None:
        if "automation" in given[2]:
            asked.append(given[2])

    sa.event.listen(ruled.database.engine, "before_cursor_execute", listen)
    ruled.read_orders(*(order(str(number), line("A", 1)) for number in range(40)))
    sa.event.remove(ruled.database.engine, "before_cursor_execute", listen)

    assert len(asked) == 1


def test_a_shipping_request_that_changed_is_told_of_with_its_state(ruled: Bench) -> None:
    give(
        ruled,
        HOOK,
        trigger=Trigger.SHIPPING_REQUEST_UPDATED,
        is_once=False,
        conditions=Conditions(Filters(channels=(SHOP,)), request_states=("refused",)),
    )
    row = sold(ruled)
    (place, *_) = ruled.rows(tables.location)
    for state in ("sent", "refused"):
        with ruled.step(HUB) as (tx, task):
            tx.execute(sa.delete(tables.shipping_request))
            tx.execute(
                sa.insert(tables.shipping_request).values(
                    id="req_1",
                    order_id=row.id,
                    number="1-1",
                    integration="3pl",
                    location_id=place.id,
                    state=state,
                    created_at=task.now,
                    updated_at=task.now,
                )
            )
            agenda.note(tx, task, Trigger.SHIPPING_REQUEST_UPDATED, ["req_1", "req_1", "gone"])

    (body,) = bodies(ruled)
    assert (body["title"], body["order"]["number"]) == ("Shipping request 1-1 is refused", "1")
    assert body["shipping_request"]["integration"] == "3pl"


def test_that_notifications_do_not_arrive_is_told_nobody(ruled: Bench) -> None:
    """They would not arrive either."""
    give(ruled, HOOK, trigger=Trigger.EXCEPTION, is_once=False)

    with ruled.step(HUB) as (tx, task):
        outbox.flag_no_mail(tx, task, is_missing=True)

    assert told(ruled) == []
