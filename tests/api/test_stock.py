"""Stock that people decide, through the API."""

from __future__ import annotations

from typing import Any

import pytest

from api.bench import SHOP, STORE, Bench
from crossdock.operations.setup import integrations
from crossdock.operations.task import HUB, SourcesOfTruth

TEA, MUG = "TEA-1", "MUG-RED"


@pytest.fixture
def owned(merchant: Bench) -> Bench:
    """The merchant, whose stock is the hub's now, in one warehouse."""
    with merchant.database.transaction() as tx:
        integrations.set_truth(tx, SourcesOfTruth(catalog=STORE, inventory=HUB))
    merchant.send("POST", "/locations", {"name": "Main", "code": "MAIN"})
    return merchant


def put(bench: Bench, path: str, **form: Any) -> Any:
    return bench.client.put(f"/api/v1{path}", json=form)


def offered(bench: Bench, sku: str) -> int | None:
    [row] = [
        row for row in bench.get(f"/integrations/{SHOP}/inventory-preview")["items"] if row["sku"] == sku
    ]
    found: int | None = row["offered"]
    return found


def test_a_location_of_the_hub_is_added_changed_and_refused_a_second_time(owned: Bench) -> None:
    [added] = [place for place in owned.get("/locations") if place["integration"] == HUB]
    assert (added["name"], added["code"], added["is_default"], added["counts"]) == (
        "Main",
        "MAIN",
        True,
        True,
    )

    changed = owned.send("PATCH", f"/locations/{added['id']}", {"name": "Dock", "keeps_bundles": True})
    assert (changed["name"], changed["keeps_bundles"]) == ("Dock", True)

    again = owned.client.post("/api/v1/locations", json={"name": "Other", "code": "MAIN"})
    assert again.status_code == 422
    assert again.json()["errors"][0]["field"] == "code"


def test_a_location_of_a_platform_keeps_its_own_name(owned: Bench) -> None:
    place = next(place for place in owned.get("/locations") if place["integration"] == STORE)

    refused = owned.client.patch(f"/api/v1/locations/{place['id']}", json={"name": "Mine"})

    assert refused.status_code == 422
    assert "read as they are" in refused.json()["detail"]


def test_a_record_is_counted_and_its_channels_are_woken(owned: Bench) -> None:
    answer = put(owned, f"/inventory/{TEA}/locations/MAIN", on_hand=9, buffer=2, reason="Friday")

    assert answer.status_code == 200, answer.text
    assert (answer.json()["on_hand"], answer.json()["promisable"]) == (9, 9 - answer.json()["committed"] - 2)
    assert f"{SHOP}/push-inventory" in owned.woken
    [latest, *_] = owned.get("/ledger", sku=TEA)
    assert latest["reason"] == "Counted by doer: Friday"
    assert offered(owned, TEA) == max(0, answer.json()["promisable"] - 1), "less the channel's own buffer"


@pytest.mark.parametrize(
    ("sku", "place", "form", "field"),
    [
        ("nothing", "MAIN", {"on_hand": 1}, "sku"),
        (TEA, "nowhere", {"on_hand": 1}, "location"),
        (TEA, "MAIN", {"on_hand": -1}, "on_hand"),
    ],
)
def test_a_wrong_count_names_its_field(
    owned: Bench, sku: str, place: str, form: dict[str, int], field: str
) -> None:
    refused = put(owned, f"/inventory/{sku}/locations/{place}", **form)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field


def test_a_number_of_the_store_is_refused_until_its_record_is_locked(merchant: Bench) -> None:
    place = next(place for place in merchant.get("/locations") if place["integration"] == STORE)
    path = f"/inventory/{TEA}/locations/{place['id']}"

    assert put(merchant, path, on_hand=77).status_code == 422
    locked = put(merchant, path, on_hand=77, is_locked=True)

    assert (locked.json()["on_hand"], locked.json()["is_locked"]) == (77, True)


def test_a_file_of_counts_is_taken_and_its_bad_rows_reported(owned: Bench) -> None:
    text = f"sku,location,on_hand\n{TEA},Main,4\n{MUG},Main,x\n".encode()
    path, kind = "/api/v1/inventory/import", {"Content-Type": "text/csv"}

    dry = owned.client.post(path, params={"dry_run": True}, content=text, headers=kind).json()
    done = owned.client.post(path, content=text, headers=kind).json()

    assert (dry["changed"], dry["is_dry_run"]) == (1, True)
    assert done["changed"] == 1
    assert [(bad["line"], bad["column"]) for bad in done["bad"]] == [(3, "on_hand")]
    refused = owned.client.post(path, content=b"a,b\n1,2\n", headers=kind)
    assert refused.status_code == 422
    assert "sku, location, on_hand" in refused.json()["detail"]


def test_the_preview_says_what_an_integration_would_receive_and_what_is_left_alone(owned: Bench) -> None:
    assert offered(owned, TEA) is None
    put(owned, f"/inventory/{TEA}/locations/MAIN", on_hand=9)

    assert offered(owned, TEA) is not None
    assert owned.reader.get("/api/v1/integrations/nobody/inventory-preview").status_code == 404


def test_components_are_set_shown_and_explained(owned: Bench) -> None:
    put(owned, f"/inventory/{MUG}/locations/MAIN", on_hand=11)

    answer = put(owned, f"/products/{TEA}/components", components={MUG: 2})

    assert [(part["sku"], part["quantity"]) for part in answer.json()] == [(MUG, 2)]
    assert owned.get(f"/products/{TEA}/components") == answer.json()
    channel = next(c for c in owned.get(f"/inventory/{TEA}")["channels"] if c["integration"] == SHOP)
    assert channel["steps"][0] == f"A bundle of 2 × “{MUG}”; the scarcest decides at each location"
    refused = put(owned, f"/products/{TEA}/components", components={TEA: 1})
    assert refused.status_code == 422
    assert put(owned, f"/products/{TEA}/components", components={}).json() == []


def test_only_a_key_that_may_write_changes_stock(owned: Bench) -> None:
    refused = owned.reader.put(f"/api/v1/inventory/{TEA}/locations/MAIN", json={"on_hand": 1})

    assert refused.status_code == 403
