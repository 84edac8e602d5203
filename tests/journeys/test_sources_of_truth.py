"""Who owns catalog and stock: decided before anything runs, never contradicted by a setting, overridden by name."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.operations.setup.contradictions import INVENTORY_RACE, UNDECIDED_SOURCES
from crossdock.store import tables
from support.asking import IDLE_SHOP, IDLE_STORE, Asking, asking
from support.catalogs import COMPLETE, sync_fully
from support.world import SHOP, STORE, World


@pytest.mark.parametrize(
    ("sources", "name", "changes", "said"),
    [
        ({"catalog": "hub"}, STORE, {"products": "pull"}, "hub owns the catalog"),
        ({"catalog": SHOP}, STORE, {"products": "pull"}, f"{SHOP} owns the catalog"),
        ({"catalog": STORE}, STORE, {"products": "push"}, f"{STORE} owns the catalog"),
        ({"catalog": STORE}, SHOP, {"products": "pull"}, f"{STORE} owns the catalog"),
        ({"catalog": SHOP}, SHOP, {"products": "push"}, f"{SHOP} owns the catalog"),
        ({"inventory": "hub"}, STORE, {"inventory": "pull"}, "hub owns inventory"),
        ({"inventory": STORE}, STORE, {"inventory": "push"}, f"{STORE} owns inventory"),
    ],
)
def test_a_direction_that_contradicts_the_source_of_truth_is_refused_with_the_reason(
    idle: Asking, sources: dict[str, str], name: str, changes: dict[str, Any], said: str
) -> None:
    idle.send("PUT", "/sources-of-truth", sources, confirm=True)
    (key, value) = next(iter(changes.items()))

    status, why = idle.refused("PATCH", f"/integrations/{name}/settings", changes)

    assert status == 422
    assert said in why
    assert why.startswith(f"integrations.{name}.settings.{key}: ")
    assert said in idle.said("settings", "set", name, f"{key}={value}", "--yes")
    assert idle.on(name) == set()


def test_who_is_only_written_to_cannot_own_inventory(idle: Asking) -> None:
    status, why = idle.refused("PUT", "/sources-of-truth", {"inventory": SHOP}, confirm=True)

    assert status == 422
    assert why.startswith("sources_of_truth.inventory: tiktok cannot own it")


def test_s71_inventory_in_both_directions_is_refused_or_overridden_by_the_name_of_the_risk(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_world
    ask = asking(made, monkeypatch, shop=COMPLETE)
    sync_fully(made)
    sku = next(
        sku for sku, units in sorted(made.shop_stock().items()) if 5 < units == made.store_stock()[sku]
    )
    before = made.store_stock()
    why = ask.refused("PATCH", f"/integrations/{STORE}/settings", {"inventory": "push"})[1]
    assert "race condition" in why
    assert INVENTORY_RACE in why

    ask.told("settings", "sources", "--override", INVENTORY_RACE)
    effect = ask.set(STORE, {"inventory": "push"})["effect"]
    made.sell(sku, 2)
    made.sync()
    made.sync()

    assert ask.get("/sources-of-truth")["overrides"] == [INVENTORY_RACE]
    assert effect["starts"] == [f"{STORE}/push-inventory"]
    done = {row.flow: row.error for row in made.rows(tables.run)}
    assert done[f"{STORE}/push-inventory"] == ""
    assert made.store_stock() == before | {sku: before[sku] - 2}


def test_an_override_is_visible_and_taken_back_only_where_nothing_needs_it(of_the_hub: Asking) -> None:
    of_the_hub.told("settings", "sources", "--override", INVENTORY_RACE)
    of_the_hub.set(STORE, {"inventory": "pull"})

    why = of_the_hub.said("settings", "sources", "--override", "none")
    of_the_hub.set(STORE, {"inventory": "disabled"})
    of_the_hub.told("settings", "sources", "--override", "none")

    assert "race condition" in why
    assert of_the_hub.told("settings", "sources")["overrides"] == []
    assert of_the_hub.said("settings", "sources", "--override", "nonsense").count(INVENTORY_RACE) == 1


def undecided(made: World, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Both are connected, and nobody said who owns what."""
    return asking(made, monkeypatch, store=IDLE_STORE, shop=IDLE_SHOP, sources_of_truth={})


def test_s18_nothing_is_enabled_before_the_owners_are_recorded_and_those_change_deliberately(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = undecided(small_world, monkeypatch)

    status, why = ask.refused("PATCH", f"/integrations/{STORE}/settings", {"orders": True})
    assert (status, "which integration owns catalog and inventory" in why) == (422, True)
    assert "owns catalog and inventory" in ask.said("settings", "set", STORE, "orders=true")

    ask.told("settings", "sources", "--catalog", STORE, "--inventory", STORE)
    ask.set(STORE, {"orders": True})
    assert "pull-orders" in ask.on(STORE)
    shown = ask.told("settings", "sources")
    assert (shown["catalog"], shown["inventory"]) == (STORE, STORE)

    status, why = ask.refused("PUT", "/sources-of-truth", {"catalog": SHOP})
    assert status == 409
    assert f"changes from {STORE} to {SHOP}" in why
    assert "needs confirmation" in ask.said("settings", "sources", "--catalog", SHOP)
    assert ask.get("/sources-of-truth")["catalog"] == STORE
    ask.told("settings", "sources", "--catalog", SHOP, "--confirm")
    assert ask.get("/sources-of-truth")["catalog"] == SHOP


def test_s67_sync_without_owners_is_refused_or_knowingly_overridden(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_world
    ask = undecided(made, monkeypatch)
    why = ask.said("settings", "set", STORE, "orders=true", "locations=true")
    assert UNDECIDED_SOURCES in why

    ask.told("settings", "sources", "--override", UNDECIDED_SOURCES)
    ask.set(STORE, {"orders": True, "products": "pull"})
    made.sell_in_store(next(p.sku for p in made.store.store.products.values() if p.sku))
    made.sync()

    assert len(made.rows(tables.order)) == 1
    assert {row.error for row in made.rows(tables.run)} == {""}
