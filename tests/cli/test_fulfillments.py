"""What has left, from a terminal: recorded, shown, corrected and taken back, and the flows that tell of it made due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from journeys.test_catalog import COMPLETE
from support.command import Command
from support.world import SHOP, World

Run = Callable[..., Any]


@pytest.fixture
def sold(small_world: World, command: Command, monkeypatch: pytest.MonkeyPatch) -> tuple[Command, str, str]:
    """The command on a hub with one order of three units: its number and SKU."""
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", small_world.config.database_url)
    small_world.connect(shop=COMPLETE | {"push_fulfillments": True})
    small_world.sync()
    small_world.approve_all()
    small_world.sync()
    sku = next(sku for sku, units in sorted(small_world.shop_stock().items()) if units > 5)
    placed = small_world.sell(sku, 3)
    small_world.sync()
    return command, placed["id"], sku


def test_a_fulfillment_is_recorded_shown_corrected_and_taken_back(sold: tuple[Command, str, str]) -> None:
    command, order, sku = sold

    made = command(
        "fulfillments",
        "add",
        order,
        "--carrier=UPS",
        "--tracking=1Z999AA10123456784",
        "--url=https://example.com/1Z",
        "--service=Ground",
        f"--line={sku}=2",
        "--reference=box-1",
        "--shipped-at=2026-03-02T10:00:00+01:00",
        "--json",
    ).json()
    again = command("fulfillments", "add", order, "--reference", "box-1", "--json").json()
    assert (made["id"], made["service"], made["tracking_url"]) == (
        again["id"],
        "Ground",
        "https://example.com/1Z",
    )
    assert made["shipped_at"] == again["shipped_at"] == "2026-03-02T09:00:00+00:00"
    assert [(line["sku"], line["quantity"]) for line in made["lines"]] == [(sku, 2)]
    flows = {each["key"]: each for each in command("flows", "--json").json()}
    assert flows[f"{SHOP}/push-fulfillments"]["due_in"] == 0

    shown = command("fulfillments", "show", made["id"]).out
    assert all(text in shown for text in (order, "1Z999AA10123456784", f"2 × {sku}", f"{SHOP} is told next"))
    listed = command("fulfillments", "list", "--order", order, "--search", "1z999", "--json").json()
    assert [each["id"] for each in listed["items"]] == [made["id"]]
    assert f"{SHOP} waiting: {SHOP} is told next" in command("fulfillments").out
    assert "1Z999AA10123456784" in command("orders", order).out

    changed = command(
        "fulfillments", "correct", made["id"], "--tracking", "1Z999AA10123456785", "--json"
    ).json()
    assert (changed["carrier"], changed["tracking_number"]) == ("UPS", "1Z999AA10123456785")
    assert command("fulfillments", "void", made["id"], "--json").json()["state"] == "voided"
    assert command("orders", order, "--json").json()["order"]["status"] == "Ready For Fulfillment"


def test_mistakes_name_the_field_and_the_fix(sold: tuple[Command, str, str]) -> None:
    command, order, sku = sold
    mistakes = {
        ("add", order, "--tracking", "1Z9"): "carrier: is missing",
        ("add", order, "--line", sku): "is not SKU=QUANTITY",
        ("add", order, "--line", f"{sku}=9"): "has 3 open",
        ("add", order, "--shipped-at=2026-03-02T10:00"): "has no time zone; add it, as in 2026-03-02T",
        ("add", order, "--shipped-at=yesterday"): "'yesterday' is no time, as in 2026-03-02T10:00:00+01:00",
        ("add", order, "--shipped-at=0001-01-01T00:00:00+01:00"): "is no time",
        ("add", "nobody"): "There is no order nobody",
        ("show", "nothing"): "There is no fulfillment nothing",
        ("correct", "nothing"): "There is no fulfillment nothing",
        ("void", "nothing"): "There is no fulfillment nothing",
        ("list", "--integration", "nope"): "nope",
    }

    for words, said in mistakes.items():
        done = command("fulfillments", *words)
        assert (done.code, done.out) == (1, ""), words
        assert said in " ".join(done.err.split()), words

    assert command("fulfillments", "--json").json()["items"] == []


def test_an_order_is_sent_to_be_shipped_once(sold: tuple[Command, str, str]) -> None:
    command, order, _ = sold

    done = command("orders", "sent", order)

    assert (done.code, f"Order {order}: Sent To Fulfillment" in done.out) == (0, True)
    again = command("orders", "sent", order)
    assert (again.code, "only an order that is Ready For Fulfillment" in " ".join(again.err.split())) == (
        1,
        True,
    )
