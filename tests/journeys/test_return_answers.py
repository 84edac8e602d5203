"""A buyer's return is answered in the hub, and TikTok Shop is told once; with the setting off it is told nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crossdock.operations.views import views
from crossdock.operations.views.views import ReturnView
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_aftersales import deliver
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.canceling import client
from support.catalogs import COMPLETE
from support.command import Command
from support.world import SHOP, World

PULLED = COMPLETE | {"returns": True, "restock_returns": True}
ANSWERED = PULLED | {"answer_returns": True}
REASON = "Still within delivery time"

Answer = Callable[..., None]
BOTH = [("sqlite", "command line"), ("postgresql", "api")]
"""Each database and each way once; every pair of them would prove nothing more."""


def delivered(made: World, units: int = 2) -> dict[str, Any]:
    [sku] = tracked_skus(made)
    placed = made.sell(sku, units)
    made.sync()
    deliver(made, placed)
    made.sync()
    return placed


def ask(made: World, placed: dict[str, Any], kind: str = "RETURN_AND_REFUND") -> str:
    """The buyer opens a return, and the hub reads it."""
    opened = made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/return", {"type": kind})
    made.sync()
    return str(opened["return_id"])


def seller_center(made: World, return_id: str, decision: str) -> None:
    made.act(f"{made.shop_address}/_sim/returns/{return_id}/decide", {"decision": decision})


def send_back(made: World, return_id: str) -> None:
    made.act(f"{made.shop_address}/_sim/returns/{return_id}/ship", {})
    made.sync()


def pay_back(made: World) -> None:
    made.act(f"{made.shop_address}/_sim/clock", {"advance_seconds": 120})
    for _ in range(2):
        made.sync()


def shown(made: World, return_id: str) -> ReturnView:
    with made.database.reading() as tx:
        found = views.one_return(tx, return_id)
    assert found is not None
    return found


def there(made: World, return_id: str) -> str:
    return str(made.shop.shop.tables.returns[return_id].status)


def told(made: World) -> int:
    return made.shop.journal.count("POST", r"/returns/\d+/(approve|reject)$")


def skip_the_pause(made: World) -> None:
    table = tables.order_return
    with made.database.transaction() as tx:
        tx.execute(table.update().values(tried_at=made.hub.clock() - timedelta(hours=2)))


@pytest.fixture(params=["api", "command line"])
def answer(request: pytest.FixtureRequest, command: Callable[[World], Command]) -> Answer:
    """Answers a return in the hub, by either of the two ways a person has."""

    def by_api(made: World, which: str, word: str, **said: Any) -> None:
        reply = client(made).post(f"/api/v1/returns/{which}/{word}", json=said)
        assert reply.status_code == 200, reply.text

    def by_command(made: World, which: str, word: str, *, keep: bool = False, **said: str) -> None:
        options = [part for name, value in said.items() for part in (f"--{name}", value)]
        done = command(made)("returns", word, which, *options, *(["--keep"] if keep else []))
        assert done.code == 0, done.err

    return by_api if request.param == "api" else by_command


@pytest.mark.parametrize(("any_world", "answer"), BOTH, indirect=True)
def test_a_return_is_approved_its_goods_accepted_and_counted_into_stock_again(
    any_world: World, answer: Answer
) -> None:
    made = live(any_world, shop=ANSWERED)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    return_id = ask(made, delivered(made, 2))
    [case] = made.open_cases("return_requested")
    deadline = shown(made, return_id).deadline
    assert deadline is not None
    assert f"{deadline:%Y-%m-%d %H:%M}" in case.cause

    answer(made, shown(made, return_id).id, "approve")
    assert (shown(made, return_id).answer_state, made.open_cases("return_requested")) == ("due", [])
    made.sync()

    assert (there(made, return_id), shown(made, return_id).answer_state) == ("AWAITING_BUYER_SHIP", "told")
    send_back(made, return_id)
    [case] = made.open_cases("return_requested")
    assert f"RT{return_id}" in case.cause
    assert (shown(made, return_id).asks, shown(made, return_id).decision) == ("goods", "")

    answer(made, return_id, "approve")
    made.sync()
    pay_back(made)

    assert shown(made, return_id).state == "completed"
    assert (told(made), made.open_cases("return_requested")) == (2, [])
    assert both(made, sku) == before
    assert_ledger_adds_up(made)


def test_a_return_is_rejected_with_a_reason_and_a_word(small_world: World, answer: Answer) -> None:
    made = live(small_world, shop=ANSWERED)
    return_id = ask(made, delivered(made))

    answer(made, return_id, "reject", reason=REASON, note="It arrives on Friday")
    for _ in range(2):
        made.sync()

    seen = shown(made, return_id)
    assert there(made, return_id) == "REFUND_OR_RETURN_REQUEST_REJECT"
    assert (seen.state, seen.answer_state, told(made)) == ("refused", "told", 1)
    assert not made.open_cases("return_requested")


def test_what_the_buyer_keeps_does_not_come_back_into_stock(small_world: World, answer: Answer) -> None:
    made = live(small_world, shop=ANSWERED)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    return_id = ask(made, delivered(made, 2))

    answer(made, return_id, "approve", keep=True)
    made.sync()
    pay_back(made)

    assert (there(made, return_id), shown(made, return_id).is_restocked) == (
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
        False,
    )
    assert both(made, sku) == (before[0] - 2, before[1] - 2)


@pytest.mark.parametrize("kind", ["reset_after", "error_after", "not_json", "reset_before", "error"])
def test_a_lost_answer_of_the_platform_is_looked_up_and_given_once(small_world: World, kind: Any) -> None:
    made = live(small_world, shop=ANSWERED)
    return_id = ask(made, delivered(made), "REFUND")
    made.shop.faults.add(Fault(kind, method="POST", path=r"/returns/\d+/approve$"))
    assert client(made).post(f"/api/v1/returns/{return_id}/approve").status_code == 200

    made.sync(f"{SHOP}/push-returns")
    assert made.open_cases("return_answer_unclear")
    for _ in range(3):
        skip_the_pause(made)
        made.retry()

    decided = [record for record in made.rows(tables.event) if "was told that it is approved" in record.what]
    assert len(decided) == 1
    assert shown(made, return_id).answer_state == "told"
    assert made.shop.shop.tables.returns[return_id].status.startswith("RETURN_OR_REFUND_REQUEST_")
    assert not made.open_cases("return_answer_unclear")
    assert not made.open_cases("return_requested")


def test_what_was_answered_in_seller_center_is_not_answered_again(small_world: World) -> None:
    made = live(small_world, shop=ANSWERED)
    return_id = ask(made, delivered(made), "REFUND")
    assert client(made).post(f"/api/v1/returns/{return_id}/approve").status_code == 200
    seller_center(made, return_id, "REJECT_REFUND")

    for _ in range(2):
        made.sync()

    seen = shown(made, return_id)
    assert (there(made, return_id), told(made)) == ("REFUND_OR_RETURN_REQUEST_REJECT", 0)
    assert (seen.state, seen.answer_state) == ("refused", "overtaken")
    assert not [each for each in made.open_cases() if each.kind.startswith("return_")]


def test_an_answer_to_the_request_is_not_taken_for_one_to_the_goods(small_world: World) -> None:
    made = live(small_world, shop=ANSWERED)
    return_id = ask(made, delivered(made))
    assert client(made).post(f"/api/v1/returns/{return_id}/approve").status_code == 200
    seller_center(made, return_id, "APPROVE_RETURN")
    made.act(f"{made.shop_address}/_sim/returns/{return_id}/ship", {})

    for _ in range(2):
        made.sync()

    assert (there(made, return_id), shown(made, return_id).asks) == ("BUYER_SHIPPED_ITEM", "goods")
    assert (shown(made, return_id).answer_state, told(made)) == ("", 0)
    assert len(made.open_cases("return_requested")) == 1


def test_with_the_setting_off_returns_are_shown_and_nothing_is_written(small_world: World) -> None:
    made = live(small_world, shop=PULLED)
    return_id = ask(made, delivered(made))
    writes = made.writes()

    reply = client(made).post(f"/api/v1/returns/{return_id}/approve")
    for _ in range(2):
        made.sync()

    [case] = made.open_cases("return_requested")
    assert "switch on answering returns" in case.fix
    assert reply.status_code == 422
    assert "switched off in the settings of" in reply.json()["detail"]
    assert (there(made, return_id), told(made)) == ("RETURN_OR_REFUND_REQUEST_PENDING", 0)
    assert made.writes() == writes


def test_what_is_switched_off_before_it_was_told_waits_for_a_person_again(small_world: World) -> None:
    made = live(small_world, shop=ANSWERED)
    return_id = ask(made, delivered(made))
    assert client(made).post(f"/api/v1/returns/{return_id}/approve").status_code == 200

    made.hub.apply(made.spec(shop=PULLED))
    for _ in range(2):
        made.sync()

    assert (there(made, return_id), told(made)) == ("RETURN_OR_REFUND_REQUEST_PENDING", 0)
    assert (shown(made, return_id).decision, len(made.open_cases("return_requested"))) == ("", 1)

    made.hub.apply(made.spec(shop=ANSWERED))
    made.sync()
    assert told(made) == 0


def test_a_refusal_is_a_case_with_the_reasons_that_are_taken_and_can_be_answered_anew(
    small_world: World, command: Callable[[World], Command]
) -> None:
    made = live(small_world, shop=ANSWERED)
    return_id = ask(made, delivered(made), "REFUND")
    assert command(made)("returns", "reject", return_id, "--reason", "Because").code == 0
    made.sync()

    [case] = made.open_cases("return_answer_refused")
    assert REASON in case.cause
    assert not made.open_cases("return_requested")
    listed = command(made)("returns", "--waiting", "--json")
    assert [each["channel_id"] for each in listed.json()["items"]] == [return_id]

    assert command(made)("returns", "reject", return_id, "--reason", REASON).code == 0
    made.sync()

    assert there(made, return_id) == "REFUND_OR_RETURN_REQUEST_REJECT"
    assert not made.open_cases("return_answer_refused")


def test_an_exchange_is_a_case_that_sends_to_seller_center(
    small_world: World, command: Callable[[World], Command]
) -> None:
    made = live(small_world, shop=ANSWERED)
    return_id = ask(made, delivered(made), "EXCHANGE")

    done = command(made)("returns", "approve", return_id)
    made.sync()

    [case] = made.open_cases("return_requested")
    assert "takes no answer to this from the hub" in case.fix
    assert done.code == 1
    assert "takes no answer to this exchange from the hub" in done.err
    assert told(made) == 0


def test_a_return_that_does_not_exist_is_not_found(
    small_world: World, command: Callable[[World], Command]
) -> None:
    made = live(small_world, shop=ANSWERED)

    assert client(made).post("/api/v1/returns/nothing/approve").status_code == 404
    assert command(made)("returns", "approve", "nothing").code != 0
