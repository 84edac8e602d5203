"""What is set up between order and door: each way can be opened and closed, and the hub says why an order takes none."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
import yaml

from crossdock.store import tables
from journeys.test_catalog import COMPLETE
from journeys.test_hub_stock import ANNEX, MAIN, OWNED, PLACES, own
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.asking import Asking
from support.delivering import ANYWHERE, MANUAL, WMS, Dispatch, dispatch
from support.merchant import NUMBER
from support.receiving import receiver
from support.world import AT_ONCE, SHOP, STORE, World

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

    [listing] = made.rows(tables.listing, tables.listing.c.channel_sku == here.sku, tables.listing.c.integration == SHOP)
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
    price = here.ask.get(f"/products/{here.sku}")
    print(price)
    with receiver() as hook:
        rule = {
            "name": "Look at big ones",
            "trigger": "order_new",
            "filters": {"min_total": "100"},
            "actions": [{"hold": {"reason": "A big one"}}, {"notify": {"url": hook.url, "title": "{order}: {rule}"}}],
        }
        here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE, automations=[rule])
        lines = [{"seller_sku": here.sku, "quantity": 2, "price": "60"}]
        small, big = here.sell(1), here.sell(2, lines=lines)

        assert here.requests(small) == [(MAIN, "sent", 1)]
        assert (here.status(big), here.requests(big)) == ("On Hold", [])
        [(headers, body)] = hook.calls
        assert is_signed(headers, body, here.ask.told("automations", "secret")["secret"])
        told = json.loads(body)
        print(told)
        here.assert_idle()
        assert len(hook.calls) == 1


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    signed = headers["X-Crossdock-Timestamp"].encode() + b"." + body
    wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, headers["X-Crossdock-Signature"])
