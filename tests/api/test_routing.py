"""Routing through the API: cards, rehearsals and coverage."""

from __future__ import annotations

from typing import Any

import pytest

from api import seed
from api.bench import SHOP, Bench
from crossdock.domain.sync import Entity
from crossdock.operations.setup import integrations

CARD: dict[str, Any] = {
    "name": "West coast",
    "filters": {"countries": ["us"], "min_total": "5.50"},
    "destinations": [{"location": "OUT", "regions": ["US", {"country": "CA", "states": ["BC"]}]}],
}


@pytest.fixture
def warehouse(merchant: Bench) -> Bench:
    """The merchant with a warehouse, which ships from Main warehouse."""
    with merchant.database.transaction() as tx:
        integrations.configure_flows(tx, "wms", {("push", Entity.SHIPPING_REQUESTS): True}, {})
    main = next(each for each in merchant.get("/locations") if each["name"] == "Main warehouse")
    merchant.send("PATCH", f"/locations/{main['id']}", {"linked_integration": "wms"})
    return merchant


def names(bench: Bench) -> list[str]:
    return [each["name"] for each in bench.get("/routing/cards")]


def test_a_card_is_added_changed_moved_and_removed(warehouse: Bench) -> None:
    made = warehouse.send("POST", "/routing/cards", CARD)
    warehouse.send(
        "POST", "/routing/cards", {"name": "First", "destinations": ["Main warehouse"], "position": 1}
    )
    assert names(warehouse) == ["First", "West coast"]
    assert warehouse.get(f"/routing/cards/{made['id']}")["name"] == "West coast"

    changed = warehouse.send("PATCH", "/routing/cards/west coast", {"is_on": False, "allows_split": True})
    moved = warehouse.send("POST", f"/routing/cards/{made['id']}/move", {"position": 1})
    gone = warehouse.client.delete("/api/v1/routing/cards/First")

    assert (made["filters"]["countries"], made["filters"]["min_total"]) == (["US"], "5.50")
    (place,) = made["destinations"]
    assert place["regions"] == [{"country": "US", "states": []}, {"country": "CA", "states": ["BC"]}]
    assert place["why_not"] == "Outlet is not linked to a 3PL or warehouse"
    assert changed == made | {"position": 2, "is_on": False, "allows_split": True}
    assert [each["name"] for each in moved] == ["West coast", "First"]
    assert gone.status_code == 204
    assert names(warehouse) == ["West coast"]
    assert warehouse.reader.get("/api/v1/routing/cards/First").status_code == 404
    events = warehouse.get("/events", subject_kind="routing_card", subject_id=str(made["id"]))
    assert len(events) == 3


def test_filters_and_destinations_of_a_card_are_replaced_whole(warehouse: Bench) -> None:
    warehouse.send("POST", "/routing/cards", CARD)

    changed = warehouse.send(
        "PATCH",
        "/routing/cards/West coast",
        {"filters": {"tags": ["gift"]}, "destinations": ["MAIN"], "name": "Gifts"},
    )

    assert (changed["filters"]["countries"], changed["filters"]["tags"]) == ([], ["gift"])
    assert [each["location"] for each in changed["destinations"]] == ["Main warehouse"]
    assert names(warehouse) == ["Gifts"]


def test_what_a_card_cannot_say_is_refused_with_the_field(warehouse: Bench) -> None:
    warehouse.send("POST", "/routing/cards", CARD)
    for body, field in (
        (CARD, "name"),
        (CARD | {"name": "X", "destinations": ["Nowhere"]}, "destinations"),
        (CARD | {"name": "X", "destinations": []}, "destinations"),
        (CARD | {"name": "X", "filters": {"countries": ["USA"]}}, "filters.countries"),
        (CARD | {"name": "X", "filters": {"colour": "red"}}, "filters.colour"),
        (CARD | {"name": "X", "position": 9}, "position"),
    ):
        refused = warehouse.client.post("/api/v1/routing/cards", json=body)
        assert refused.status_code == 422, field
        assert refused.json()["errors"][0]["field"] == field
    assert names(warehouse) == ["West coast"]


def test_a_past_and_a_made_up_order_are_rehearsed_by_a_key_that_may_only_read(warehouse: Bench) -> None:
    warehouse.send("POST", "/routing/cards", {"name": "All", "destinations": ["OUT", "MAIN"]})
    seed.sell(warehouse, seed.order("1", seed.line("l1", "TEA-1", 2), number="N7"))
    made_up = {"channel": SHOP, "country": "US", "lines": {"TEA-1": 99}}

    past, unreal, unknown, both = (
        warehouse.reader.post("/api/v1/routing/rehearsals", json=body)
        for body in ({"order": "N7"}, made_up, {"order": "nothing"}, made_up | {"order": "N7"})
    )

    assert past.json()["order"] == "N7"
    assert past.json()["summary"] == "Routing card 'All' decided: Main warehouse ships 2 units through wms"
    assert past.json()["report"]["unlinked"] == ["Outlet is not linked to a 3PL or warehouse"]
    assert unreal.json()["report"]["state"] == "failed"
    assert "Main warehouse has 10 of 99 TEA-1" in unreal.json()["cards"][0]["why"]
    assert (unknown.status_code, both.status_code) == (404, 422)


def test_coverage_says_what_the_cards_take(warehouse: Bench) -> None:
    warehouse.send("POST", "/routing/cards", {"name": "All", "destinations": ["MAIN"]})
    seed.sell(warehouse, seed.order("1", seed.line("l1", "TEA-1", 2)))

    found = warehouse.get("/routing/coverage", days=60)

    assert (found["orders"], found["unrouted"]) == (1, 0)
    assert found["cards"][0]["orders"] == 1
    assert found["unnamed_locations"] == ["Outlet"]
    assert warehouse.reader.get("/api/v1/routing/coverage", params={"days": 0}).status_code == 422
