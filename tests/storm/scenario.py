"""Whose catalog and whose stock it is, and how both platforms are set: chosen by the seed, then brought to life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, cast

from crossdock.operations.setup.spec import Spec
from crossdock.operations.task import HUB
from journeys.test_hub_stock import MAIN, OWNED, PLACES, count, counted_skus
from storm.place import Place
from storm.sky import DAWN
from support.catalogs import (
    COMPLETE,
    PULL,
    STORE_PUSHES,
    empty_store,
    fill_shop,
    sold,
    sync_fully,
)
from support.delivering import ANYWHERE, MANUAL, WMS
from support.world import SHOP, STORE

FIRST_COUNT = 30
MORNING = DAWN + timedelta(days=1)
GOODS = (
    sold("Stoneware mug", "MUG"),
    sold("Iron pan", "PAN", price="45.00"),
    sold("Canvas tote bag", "TOTE-RED", "TOTE-BLUE"),
    sold("Linen towel", "TOWEL", price="12.00"),
    sold("Oak board", "BOARD", price="31.00"),
    sold("Wool throw", "THROW-GREY", "THROW-BLUE", price="78.00"),
)


@dataclass(frozen=True)
class Scenario:
    """`store` and `shop` are settings beside those that the ownership asks for."""

    owner: str
    catalog: str
    is_routed: bool = False
    store: dict[str, Any] = field(default_factory=dict)
    shop: dict[str, Any] = field(default_factory=dict)

    @property
    def sales_report(self) -> str:
        return str(self.store.get("sales_report", "adjustment"))


def choose(random: Random) -> Scenario:
    owner = random.choice([STORE, STORE, HUB])
    catalog = random.choice([STORE, STORE, STORE, SHOP])
    told = {"push_fulfillments": True}
    store: dict[str, Any] = {}
    shop: dict[str, Any] = {"hold_minutes": random.choice([0, 0, 30])}
    if owner == STORE:
        store["sales_report"] = random.choice(["adjustment", "adjustment", "order"])
        store["pull_fulfillments"] = random.random() < 0.7
    else:
        store["hold_minutes"] = random.choice([0, 0, 20])
        store["inventory_buffer"] = random.choice([0, 0, 1])
    shop["inventory_buffer"] = random.choice([0, 0, 2])
    shop["inventory_percentage"] = random.choice([100, 100, 100, 70])
    shop["out_of_stock_below"] = random.choice([0, 0, 0, 3])
    shop["buyer_cancellations"] = random.choice(["review", "approve", "approve_until_sent"])
    for settings in (store, shop):
        settings["cancel_orders"] = random.random() < 0.7
        settings |= told if random.random() < 0.7 else {}
    is_routed = owner == HUB and random.random() < 0.5
    if is_routed:
        store |= told
        shop |= told
    store["cancel_originals"] = random.random() < 0.5
    if random.random() < 0.5:
        shop |= {"returns": True, "statements": True, "answer_returns": random.random() < 0.5}
        store["refunds"] = True
    return Scenario(owner, catalog, is_routed, store, shop)


def spec(made: Place, of: Scenario, **changes: dict[str, Any]) -> Spec:
    """What the merchant's file says; `changes` are settings of the store or the shop that differ for now."""
    store = of.store | changes.get("store", {})
    shop = COMPLETE | of.shop | changes.get("shop", {})
    if of.owner == HUB:
        store |= {"inventory": "push"}
    if of.catalog == SHOP:
        store |= STORE_PUSHES
        shop |= PULL
    wanted = made.spec(store=store, shop=shop, sources_of_truth=_truth(of)).model_dump(mode="json")
    if of.owner == HUB:
        wanted["locations"] = PLACES
    if of.is_routed:
        wanted["integrations"].append(MANUAL)
        main, annex = cast("list[dict[str, Any]]", PLACES)
        wanted["locations"] = [main | {"linked_to": WMS}, annex]
        wanted["routing"] = ANYWHERE
    return Spec.model_validate({name: value for name, value in wanted.items() if value is not None})


def _truth(of: Scenario) -> dict[str, str]:
    return OWNED | {"catalog": of.catalog, "inventory": of.owner}


def night(made: Place, of: Scenario) -> None:
    """Both platforms are filled and connected, as in every storm with these owners."""
    base = Scenario(of.owner, of.catalog)
    made.begin(("storm", of.owner, of.catalog), lambda: _set_up(made, base))


def dawn(made: Place, of: Scenario) -> None:
    """Everything is listed, counted and equal, before the first cloud."""
    night(made, of)
    made.sky.time = MORNING
    made.sky.advance(timedelta())
    made.hub.apply(spec(made, of), confirm=True)
    if of.is_routed:
        made.hub.connect(WMS)
    made.sync()


def _set_up(made: Place, of: Scenario) -> None:
    if of.catalog == SHOP:
        empty_store(made)
        fill_shop(made, GOODS)
    made.hub.apply(spec(made, of))
    assert made.hub.connect(STORE).status == "Connected"
    code, state = made.consent(made.hub.connect(SHOP).authorize_link)
    assert made.hub.connect(SHOP, code=code, state=state).status == "Connected"
    sync_fully(made)
    if of.owner == HUB:
        for sku in counted_skus(made):
            count(made, sku, FIRST_COUNT, MAIN)
    elif of.catalog == SHOP:
        for sku in (each["seller_sku"] for product in GOODS for each in product["skus"]):
            made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": FIRST_COUNT})
    sync_fully(made)
    sync_fully(made)
