"""Stock that people decide, from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.command import Command
from support.world import SHOP, World, world


@pytest.fixture(scope="module")
def stocked_world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A hub that owns stock and has read the store's catalog; nothing is counted yet."""
    with world(tmp_path_factory.mktemp("stocked"), products=4) as made:
        made.connect(
            store={"inventory": "push"}, sources_of_truth={"catalog": "store", "inventory": "hub"}, shop={}
        )
        made.sync()
        yield made


@pytest.fixture
def stocked(stocked_world: World, command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", stocked_world.config.database_url)
    monkeypatch.setenv("CROSSDOCK_SECRET_KEY", "a test's own secret")
    return command


def skus(command: Command) -> list[str]:
    return [row["sku"] for row in command("inventory", "--json").json()["items"]]


def test_locations_of_the_hub_are_added_by_the_file_once_and_by_command(
    stocked: Command, tmp_path: Path
) -> None:
    file = tmp_path / "places.yaml"
    places = [
        {"location": "Main", "integration": "hub", "code": "MAIN", "default": True},
        {"location": "Cards", "integration": "hub", "unlimited": True, "address": {"city": "Newark"}},
    ]
    file.write_text(yaml.safe_dump({"locations": places}))

    dry = stocked("apply", str(file), "--dry-run", "--json").json()
    first = stocked("apply", str(file), "--json").json()
    again = stocked("apply", str(file), "--json").json()
    added = stocked("locations", "add", "Annex", "--json")

    assert {
        "where": "location Main",
        "what": "location",
        "before": "absent",
        "after": "added as one of the hub",
    } in dry["differences"]
    assert first["differences"] == dry["differences"]
    assert again["differences"] == []
    assert added.json()["integration"] == "hub"
    known = {place["name"]: place for place in stocked("locations", "--json").json()}
    assert (known["Main"]["is_default"], known["Cards"]["is_unlimited"]) == (True, True)
    twice = stocked("locations", "add", "Annex")
    assert twice.code == 1
    assert "another location of the hub already" in twice.err


def test_a_platforms_location_gets_no_code_from_the_file(stocked: Command, tmp_path: Path) -> None:
    file = tmp_path / "places.yaml"
    place = next(p for p in stocked("locations", "--json").json() if p["integration"] == SHOP)
    file.write_text(yaml.safe_dump({"locations": [{"location": place["id"], "code": "MINE"}]}))

    refused = stocked("apply", str(file))

    assert refused.code == 1
    assert "change them there" in refused.err


def test_an_integration_cannot_have_the_hubs_own_name(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text(yaml.safe_dump({"integrations": {"hub": {"connector": "bigcommerce"}}}))

    refused = command("apply", str(file))

    assert refused.code == 1
    assert "means the hub itself" in refused.err


def test_a_sku_is_counted_locked_and_explained(stocked: Command) -> None:
    sku, *_ = skus(stocked)
    stocked("locations", "add", "Dock")

    level = stocked(
        "inventory", "set", sku, "--location", "Dock", "--on-hand", "7", "--buffer", "2", "--json"
    ).json()
    locked = stocked("inventory", "set", sku, "--location", "Dock", "--lock", "--json").json()
    nothing = stocked("inventory", "set", sku, "--location", "Dock")

    assert (level["on_hand"], level["promisable"], locked["is_locked"]) == (7, 5, True)
    assert nothing.code == 1
    assert "--on-hand" in nothing.err
    ledger = stocked("explain", "sku", sku, "--json").json()["ledger"]
    assert ledger[0]["reason"].startswith("Counted by ")


def test_a_file_of_counts_is_taken_and_its_bad_rows_end_with_a_code(stocked: Command, tmp_path: Path) -> None:
    sku = skus(stocked)[1]
    stocked("locations", "add", "Shelf")
    file = tmp_path / "stock.csv"
    file.write_text(f"sku,location,on_hand\n{sku},Shelf,3\nnothing,Shelf,1\n")

    dry = stocked("inventory", "import", str(file), "--dry-run", "--json")
    done = stocked("inventory", "import", str(file), "--json")

    assert (dry.json()["changed"], done.json()["changed"], done.code) == (1, 1, 2)
    assert done.json()["bad"][0]["column"] == "sku"
    assert "cannot be read" in stocked("inventory", "import", str(tmp_path / "none.csv")).err


def test_the_preview_shows_each_sku_of_the_channel(stocked: Command) -> None:
    shown = stocked("inventory", "preview", "store", "--json").json()["items"]

    assert {row["sku"] for row in shown} <= set(skus(stocked))
    assert shown
    assert stocked("inventory", "preview", "nobody").code == 1


def test_components_are_set_and_taken_back(stocked: Command) -> None:
    bundle, part, *_ = skus(stocked)[2:]

    made = stocked("products", "components", bundle, "--component", f"{part}=2", "--json").json()
    wrong = stocked("products", "components", bundle, "--component", part)
    none = stocked("products", "components", bundle, "--none", "--json").json()

    assert [(row["sku"], row["quantity"]) for row in made] == [(part, 2)]
    assert wrong.code == 1
    assert none == []
