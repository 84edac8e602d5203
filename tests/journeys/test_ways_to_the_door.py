"""What is set up between order and door: each way can be opened and closed, and the hub says why an order takes none."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossdock.store import tables
from journeys.test_hub_stock import ANNEX, MAIN
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.asking import Asking
from support.delivering import ANYWHERE, MANUAL, WMS, Dispatch, dispatch
from support.merchant import NUMBER
from support.receiving import receiver
from support.world import SHOP, STORE, World

TWO = "1Z999AA10123456785"
THREE = "1Z999AA10123456786"


@pytest.fixture
def here(small_world: World, monkeypatch: pytest.MonkeyPatch) -> Dispatch:
    return dispatch(small_world, monkeypatch)


def test_s1_catalog_stock_orders_and_fulfillments_move_between_the_platforms_through_hub_records(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = live(small_world)
    here = Dispatch(made, monkeypatch, sku=tracked_skus(made)[0])
    here.set(STORE, "sales_report=order", "pull_fulfillments=true")
    here.set(SHOP, "push_fulfillments=true")
    before = both(made, here.sku)
    assert before[0] == before[1]

    number = str(made.sell(here.sku, 2)["id"])
    assert made.store.store.orders == {}, "nothing moves without the hub"
    here.sync()
    copy = here.order_in_store()
    assert [(line.sku, line.quantity) for line in copy.lines] == [(here.sku, 2)]
    assert both(made, here.sku) == (before[0] - 2, before[1] - 2)

    here.ship_in_store(2, NUMBER)
    assert here.on_shop(number) == [], "nothing moves without the hub"
    here.sync()
    assert here.on_shop(number) == [(NUMBER, 2)]

    [listing] = made.rows(
        tables.listing, tables.listing.c.channel_sku == here.sku, tables.listing.c.integration == SHOP
    )
    assert here.ask.get(f"/products/{here.sku}")["variants"][0]["id"] == listing.variant_id
    orders = {row.channel_id: row for row in made.rows(tables.order)}
    assert orders[str(copy.id)].copy_of == orders[number].id
    [fulfillment] = here.shown(number)["fulfillments"]
    assert (fulfillment["source"], fulfillment["tracking_number"]) == (STORE, NUMBER)
    assert here.channels(number) == {SHOP: "told"}
    assert_ledger_adds_up(made)
    here.assert_idle()


def test_s61_what_a_warehouse_and_what_the_store_ships_each_crosses_only_while_its_own_switch_is_on(
    here: Dispatch,
) -> None:
    here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
    here.set(STORE, "push_fulfillments=false")
    number = here.sell_in_store(3)
    here.ship(f"{number}-1", "--line", f"{here.sku}=1")
    here.ship_in_store(1, TWO)
    here.sync()
    assert here.in_store(number) == [(TWO, 1)], "the push is off"
    assert trackings(here, number) == [NUMBER], "the pull is off"

    here.set(STORE, "push_fulfillments=true")
    here.sync()
    assert sorted(here.in_store(number)) == [(NUMBER, 1), (TWO, 1)]
    assert trackings(here, number) == [NUMBER], "the pull is still off"

    here.set(STORE, "push_fulfillments=false", "pull_fulfillments=true")
    here.sync()
    assert trackings(here, number) == [NUMBER, TWO]
    assert here.requests(number) == [(MAIN, "sent", 1)]
    here.ship(f"{number}-1", tracking=THREE)
    here.sync()
    assert here.status(number) == "Fulfilled"
    assert len(here.in_store(number)) == 2, "the push is off again"

    here.set(STORE, "push_fulfillments=true")
    here.sync()
    assert sorted(here.in_store(number)) == [(NUMBER, 1), (TWO, 1), (THREE, 1)]
    assert here.order_in_store(number).status_id == 2
    here.assert_idle()


def trackings(here: Dispatch, number: str) -> list[str]:
    return sorted(each["tracking_number"] for each in here.shown(number)["fulfillments"])


def test_s91_an_order_whose_location_has_no_warehouse_waits_with_a_case_and_goes_on_once_it_is_linked(
    here: Dispatch,
) -> None:
    here.link(MANUAL, links={}, routing=ANYWHERE)
    number = here.sell_in_store(2)

    assert (here.status(number), here.requests(number)) == ("Ready For Fulfillment", [])
    [case] = here.ask.told("exceptions")["items"]
    assert f"location {MAIN} is not linked to a 3PL or warehouse" in case["cause"]
    assert "the order has no routing destination" in case["cause"]
    assert "--linked-to" in case["fix"]
    here.assert_idle()

    here.ask.told("locations", "set", MAIN, "--linked-to", WMS)
    here.sync()
    assert (here.requests(number), here.cases()) == ([(MAIN, "sent", 2)], [])
    here.assert_idle()


def test_s99_a_rehearsal_shows_which_card_and_location_decided_and_that_skus_did_not(here: Dispatch) -> None:
    cards = [
        {"name": "Gifts", "destinations": [MAIN], "filters": {"tags": ["gift"]}},
        {"name": "Everything", "destinations": [MAIN, ANNEX]},
    ]
    here.link(MANUAL, links={ANNEX: WMS}, routing=cards)
    number = here.sell(2)
    assert here.requests(number) == [(ANNEX, "sent", 2)]

    shown = here.ask.told("routing", "rehearse", "--order", number)

    assert shown["summary"] == f"Routing card 'Everything' decided: {ANNEX} ships 2 units through {WMS}"
    lost, won = shown["cards"]
    assert (lost["card"], lost["wins"], lost["why"]) == ("Gifts", False, ["its tags are none, not gift"])
    assert won["wins"] is True
    assert won["locations"][0] == {
        "location": MAIN,
        "why": f"{MAIN} is not linked to a 3PL or warehouse",
    }
    read = here.ask.command("routing", "rehearse", "--order", number)
    assert "SKU matching does not control routing" in " ".join(read.out.split())
    made_up = ("--country", "US", "--line", f"{here.sku}=30")
    assert here.ask.told("routing", "rehearse", *made_up)["report"]["card"] == ""
    here.assert_idle()


def test_an_automation_holds_a_big_order_and_tells_another_system_with_a_signature(here: Dispatch) -> None:
    with receiver() as hook:
        rule = {
            "name": "Look at big ones",
            "trigger": "order_new",
            "filters": {"min_total": "100"},
            "actions": [
                {"hold": {"reason": "A big one"}},
                {"notify": {"url": hook.url, "title": "{order}: {rule}"}},
            ],
        }
        here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE, automations=[rule])
        lines = [{"seller_sku": here.sku, "quantity": 2, "price": "60"}]
        small, big = here.sell(1), here.sell(2, lines=lines)

        assert here.requests(small) == [(MAIN, "sent", 1)]
        assert (here.status(big), here.requests(big)) == ("On Hold", [])
        [(headers, body)] = hook.calls
        assert is_signed(headers, body, here.ask.told("automations", "secret")["secret"])
        told = json.loads(body)
        assert (told["title"], told["order"]["number"]) == (f"{big}: Look at big ones", big)
        here.assert_idle()
        assert len(hook.calls) == 1


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    signed = headers["X-Crossdock-Timestamp"].encode() + b"." + body
    wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, headers["X-Crossdock-Signature"])


def test_one_file_describes_everything_up_to_the_door_and_the_same_again_changes_nothing(
    small_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ask = Asking(small_world, monkeypatch)
    file = tmp_path / "hub.yaml"
    file.write_text(yaml.safe_dump(everything(small_world, tmp_path), sort_keys=False))
    told = ask.told("apply", str(file), "--dry-run")
    assert told["differences"] != []

    assert ask.told("apply", str(file))["differences"] == told["differences"]
    shown = set_up(ask)
    again = ask.told("apply", str(file))

    assert again["differences"] == []
    assert set_up(ask) == shown
    assert shown["locations"] == {MAIN: WMS, ANNEX: "files"}
    assert [(card["name"], card["is_on"]) for card in shown["cards"]] == [("West", True), ("All", False)]
    assert [d["location"] for d in shown["cards"][0]["destinations"]] == [ANNEX, MAIN]
    assert [(each["method"], each["to"]) for each in shown["methods"]] == [("standard", "GROUND")]
    assert [each["rule"]["name"] for each in shown["automations"]] == ["Look at big ones"]
    assert ask.get(f"/integrations/{WMS}")["status"] == "Connected"


def everything(made: World, folder: Path) -> dict[str, Any]:
    """All parts of the file: four integrations, two locations, cards, methods and automations."""
    files = {"where": "folder", "folder": str(folder)}
    return {
        "sources_of_truth": {"catalog": STORE, "inventory": "hub"},
        "integrations": {
            STORE: {
                "connector": "bigcommerce",
                "credentials": made.store_credentials(),
                "settings": {
                    "products": "pull",
                    "orders": True,
                    "inventory": "push",
                    "push_fulfillments": True,
                },
            },
            SHOP: {
                "connector": "tiktok_shop",
                "credentials": made.shop_credentials(),
                "settings": {
                    "orders": True,
                    "inventory": True,
                    "push_fulfillments": True,
                    "hold_minutes": 30,
                },
            },
            WMS: {"connector": "manual_warehouse", "settings": {"paper_size": "Letter"}},
            "files": {"connector": "flat_files", "credentials": files, "settings": {"orders": True}},
        },
        "locations": [
            {"location": MAIN, "integration": "hub", "code": "MAIN", "default": True, "linked_to": WMS},
            {"location": ANNEX, "integration": "hub", "linked_to": "files"},
        ],
        "routing": [
            {
                "name": "West",
                "filters": {"channels": [SHOP], "min_total": "50"},
                "destinations": [
                    {"location": ANNEX, "regions": [{"country": "US", "states": ["California"]}]},
                    MAIN,
                ],
                "allow_split": True,
            },
            {"name": "All", "on": False, "destinations": [MAIN], "do_not_check_inventory": True},
        ],
        "shipping_methods": [
            {"from": {"channel": SHOP, "method": "Standard"}, "warehouse": WMS, "to": "GROUND"}
        ],
        "automations": [
            {
                "name": "Look at big ones",
                "trigger": "order_new",
                "filters": {"min_total": "500", "countries": ["US"]},
                "actions": [{"hold": {"minutes": 60}}, {"tag": {"add": ["big"]}}],
            }
        ],
    }


def set_up(ask: Asking) -> dict[str, Any]:
    """What people see of it."""
    locations = {each["name"]: each["linked_integration"] for each in ask.told("locations")}
    return {
        "integrations": ask.get("/integrations"),
        "settings": {name: ask.values(name) for name in (STORE, SHOP, WMS, "files")},
        "locations": locations,
        "cards": ask.told("routing"),
        "methods": ask.told("shipping-methods")["map"],
        "automations": ask.told("automations"),
    }


@pytest.mark.engine
def test_one_sync_takes_an_order_to_its_warehouse_and_the_next_one_changes_nothing(here: Dispatch) -> None:
    here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
    number = str(here.world.sell(here.sku, 2)["id"])

    flows = sync_once(here)

    assert here.requests(number) == [(MAIN, "sent", 2)]
    assert flows[f"{WMS}/push-shipping_requests"]["confirmed"] == 1
    writes = here.world.writes()
    again = sync_once(here)
    assert {each["written"] + each["confirmed"] for each in again.values()} == {0}
    assert here.world.writes() == writes


def sync_once(here: Dispatch) -> dict[str, Any]:
    """What `crossdock sync --once` came to, by flow."""
    done = here.ask.command.apart("sync", "--once", "--json")
    assert done.code == 0, done.err
    return {each["flow"]: each for each in done.json()["flows"]}
