"""Webhooks: only the platform itself is heard, repetitions change nothing, and hints wake the right flows."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api import seed
from api.bench import GOOD_CODE, SHOP, STORE, Bench, signature
from crossdock.api.inbox import Senders
from crossdock.store import tables
from crossdock.store.cipher import WrongKeyError

ORDER_CHANGED = {"id": "event-1", "entities": ["orders"]}


def everything(bench: Bench) -> dict[str, list[Any]]:
    """Every row of every table but the log of deliveries."""
    with bench.database.reading() as tx:
        return {
            table.name: sorted(map(repr, tx.execute(sa.select(table))))
            for table in tables.metadata.sorted_tables
            if table is not tables.delivery
        }


def test_a_hint_wakes_the_pull_that_it_concerns(merchant: Bench) -> None:
    assert merchant.deliver(ORDER_CHANGED) == 200

    assert merchant.hinted == [f"{SHOP}/pull-orders"]
    assert merchant.woken == []


def test_the_answer_is_empty(merchant: Bench) -> None:
    body = json.dumps(ORDER_CHANGED).encode()
    headers = {"X-Signature": signature(body)}

    answer = merchant.stranger.post(f"/webhooks/{SHOP}/some-token", content=body, headers=headers)

    assert (answer.status_code, answer.content) == (200, b"")


def test_the_same_event_delivered_twice_changes_nothing_the_second_time(merchant: Bench) -> None:
    merchant.deliver(ORDER_CHANGED)
    before = everything(merchant)

    assert merchant.deliver(ORDER_CHANGED) == 200

    assert merchant.hinted == [f"{SHOP}/pull-orders"]
    assert everything(merchant) == before


def test_an_event_of_another_account_with_the_same_id_is_another_event(merchant: Bench) -> None:
    spec = {
        "integrations": {
            "second-shop": {
                "connector": "tiktok_shop",
                "credentials": {"app_secret": "webhook-secret-of-the-shop"},
                "settings": {"orders": True},
            }
        }
    }
    merchant.send("POST", "/apply", spec)

    merchant.deliver(ORDER_CHANGED)
    merchant.deliver(ORDER_CHANGED, "second-shop")

    assert merchant.hinted == [f"{SHOP}/pull-orders", "second-shop/pull-orders"]


def test_an_event_that_could_not_be_passed_on_is_taken_when_it_comes_again(
    merchant: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps(ORDER_CHANGED).encode()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the queue is away")

    with monkeypatch.context() as patch, TestClient(merchant.app, raise_server_exceptions=False) as client:
        patch.setattr("crossdock.operations.setup.deliveries.remember", broken)
        headers = {"X-Signature": signature(body)}
        assert client.post(f"/webhooks/{SHOP}", content=body, headers=headers).status_code == 500

    assert merchant.deliver(ORDER_CHANGED) == 200
    assert merchant.hinted == [f"{SHOP}/pull-orders"] * 2


@pytest.mark.parametrize("headers", [{}, {"X-Signature": "0" * 64}, {"X-Signature": signature(b"other")}])
def test_a_wrong_signature_is_refused_and_wakes_nothing(merchant: Bench, headers: dict[str, str]) -> None:
    body = json.dumps(ORDER_CHANGED).encode()

    answer = merchant.stranger.post(f"/webhooks/{SHOP}", content=body, headers=headers)

    assert answer.status_code == 401
    assert merchant.hinted == []
    assert merchant.deliver(ORDER_CHANGED) == 200


def test_an_account_that_is_not_there_has_no_webhooks(merchant: Bench) -> None:
    assert merchant.deliver(ORDER_CHANGED, "nobody") == 404


def test_an_event_that_is_too_large_is_refused(merchant: Bench) -> None:
    body = json.dumps(ORDER_CHANGED | {"padding": "x" * (256 << 10)}).encode()

    answer = merchant.stranger.post(
        f"/webhooks/{SHOP}", content=body, headers={"X-Signature": signature(body)}
    )

    assert answer.status_code == 413
    assert merchant.hinted == []


def test_a_hint_at_the_stock_of_a_channel_that_is_pushed_to_wakes_the_push(merchant: Bench) -> None:
    merchant.deliver({"id": "event-2", "entities": ["inventory"]})

    assert merchant.hinted == [f"{SHOP}/push-inventory"]


def test_several_entities_wake_each_flow_once(merchant: Bench) -> None:
    merchant.deliver({"id": "event-3", "entities": ["orders", "listings", "products", "orders"]})

    assert sorted(merchant.hinted) == [f"{SHOP}/pull-listings", f"{SHOP}/pull-orders"]


def test_a_flow_that_is_off_is_left_asleep(merchant: Bench) -> None:
    merchant.send("PATCH", f"/integrations/{SHOP}/settings", {"orders": False})

    assert merchant.deliver(ORDER_CHANGED) == 200
    assert merchant.hinted == []


def test_when_the_owner_withdraws_access_the_account_is_in_error_until_it_is_connected_again(
    merchant: Bench,
) -> None:
    merchant.send("POST", f"/integrations/{SHOP}/connect", {"code": GOOD_CODE})

    assert merchant.deliver({"id": "event-4", "deauthorized": True}) == 200

    assert merchant.get(f"/integrations/{SHOP}")["status"] == "Error"
    cases = merchant.get("/exceptions", integration=SHOP)["items"]
    assert [(case["kind"], case["subject_id"]) for case in cases] == [("connection", SHOP)]
    merchant.send("POST", f"/integrations/{SHOP}/connect", {"code": GOOD_CODE})
    assert merchant.get("/exceptions", integration=SHOP)["items"] == []
    assert merchant.deliver({"id": "event-4", "deauthorized": True}) == 200
    assert merchant.get(f"/integrations/{SHOP}")["status"] == "Connected"


def test_a_consent_that_runs_out_is_told_until_it_is_given_anew(merchant: Bench) -> None:
    assert merchant.deliver({"id": "event-5", "ends": "2026-12-24T00:00:00+00:00"}) == 200

    (case,) = merchant.get("/exceptions", integration=SHOP)["items"]
    assert (case["kind"], "2026-12-24" in case["cause"]) == ("connection", True)
    assert merchant.get(f"/integrations/{SHOP}")["status"] != "Error"
    merchant.send("POST", f"/integrations/{SHOP}/connect", {"code": GOOD_CODE})
    assert merchant.get("/exceptions", integration=SHOP)["items"] == []


def test_a_store_that_takes_no_webhooks_refuses_them(merchant: Bench) -> None:
    assert merchant.deliver(ORDER_CHANGED, STORE) == 401


def test_the_order_behind_a_repeated_event_counts_once(merchant: Bench) -> None:
    for _ in range(2):
        merchant.deliver(ORDER_CHANGED)
        seed.sell(merchant, seed.order("1", seed.line("l1", "TEA-1", 2)))

    assert merchant.get("/inventory/TEA-1")["committed"] == 2
    assert len(merchant.get("/orders")["items"]) == 1


def test_what_the_inbox_cannot_do_is_said_as_anywhere_else(
    merchant: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: Any) -> Any:
        raise WrongKeyError("CROSSDOCK_SECRET_KEY: it is not the one that the secrets were encrypted with")

    monkeypatch.setattr(Senders, "_read", wrong)

    answer = merchant.stranger.post(f"/webhooks/{SHOP}", content=b"{}")

    assert answer.status_code == 500
    assert answer.json()["detail"].startswith("CROSSDOCK_SECRET_KEY")
