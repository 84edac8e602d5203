"""Settings as they were: versions, going back, giving them to another integration, and the buttons that are kept nowhere."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossdock.store import tables
from support.asking import IDLE_SHOP, KEY, Asking, asking
from support.world import SHOP, STORE, World


def test_every_change_is_a_version_with_who_when_before_and_after(idle: Asking) -> None:
    idle.set(STORE, {"orders": True})
    idle.told("settings", "set", STORE, "inventory_buffer=3", "draft_orders=true")

    by_command, by_key, added = idle.get(f"/integrations/{STORE}/settings/versions")

    assert (by_command["actor"], by_key["actor"]) == (getpass.getuser(), KEY)
    assert by_command["summary"] == "draft_orders: false → true; inventory_buffer: 0 → 3"
    assert (by_command["before"]["inventory_buffer"], by_command["after"]["inventory_buffer"]) == (0, 3)
    assert (by_key["before"]["orders"], by_key["after"]["orders"]) == (False, True)
    assert added["before"] == {}
    assert [each["id"] for each in idle.told("settings", "history", STORE)] == [
        each["id"] for each in (by_command, by_key, added)
    ]
    idle.set(STORE, {"orders": True})
    assert len(idle.get(f"/integrations/{STORE}/settings/versions")) == 3


def test_settings_go_back_to_any_version(idle: Asking) -> None:
    idle.set(STORE, {"orders": True, "inventory_buffer": 3})
    version = idle.get(f"/integrations/{STORE}/settings/versions")[0]["id"]
    idle.set(STORE, {"orders": False, "inventory_buffer": 9, "locations": True})
    later = idle.get(f"/integrations/{STORE}/settings/versions")[0]["id"]

    idle.told("settings", "revert", STORE, str(version))
    first = idle.values(STORE)
    idle.send("POST", f"/integrations/{STORE}/settings/versions/{later}/revert")

    assert (first["orders"], first["inventory_buffer"], first["locations"]) == (True, 3, False)
    assert idle.values(STORE)["inventory_buffer"] == 9
    assert "pull-locations" in idle.on(STORE)
    summaries = [each["summary"] for each in idle.get(f"/integrations/{STORE}/settings/versions")]
    assert summaries[1].startswith(f"Back to version {version}: ")
    assert idle.refused("POST", f"/integrations/{SHOP}/settings/versions/{later}/revert")[0] == 404


def test_the_sources_of_truth_have_versions_too(idle: Asking) -> None:
    idle.send("PUT", "/sources-of-truth", {"inventory": "hub"}, confirm=True)

    changed, first = idle.get("/integrations/hub/settings/versions")
    assert "needs confirmation" in idle.said("settings", "revert", "hub", str(first["id"]))
    idle.told("settings", "revert", "hub", str(first["id"]), "--confirm")

    assert (changed["before"]["inventory"], changed["after"]["inventory"]) == (STORE, "hub")
    assert idle.get("/sources-of-truth")["inventory"] == STORE


def test_settings_of_one_integration_can_be_given_to_another(idle: Asking, tmp_path: Path) -> None:
    idle.set(
        STORE, {"orders": True, "inventory_buffer": 4, "Process only orders with specific order IDs": [7]}
    )
    text = idle.command("settings", "export", STORE).out
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    other = {"name": "other", "connector": "bigcommerce", "credentials": OTHER_ACCOUNT}
    idle.send("POST", "/integrations", other)

    foreseen = idle.told("settings", "import", "other", str(file), "--dry-run")
    idle.told("settings", "import", "other", str(file))

    assert idle.values("other") == idle.values(STORE)
    assert {each["what"] for each in foreseen["differences"]} == {
        "orders",
        "inventory_buffer",
        "order_ids",
        "hold_minutes",
    }
    assert not any(secret in text for secret in OTHER_ACCOUNT.values())
    assert idle.get(f"/integrations/{STORE}/settings/export") == yaml.safe_load(text)
    assert idle.get("/integrations/other/settings/versions")[0]["summary"].startswith("Imported: ")


OTHER_ACCOUNT = {
    "api_path": "https://api.bigcommerce.com/stores/other1/v3/",
    "client_id": "another-client",
    "client_secret": "another-secret",
    "access_token": "another-token",
}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"connector": "tiktok_shop", "settings": {}}, "settings of tiktok_shop"),
        ({"connector": "bigcommerce", "settings": {"colour": "red"}}, "colour"),
        ({"connector": "bigcommerce", "settings": {"inventory_buffer": -1}}, "inventory_buffer"),
        ({"connector": "bigcommerce", "settings": {"products": "sideways"}}, "products"),
    ],
)
def test_what_cannot_be_imported_is_refused_by_name(
    idle: Asking, tmp_path: Path, document: dict[str, Any], said: str
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump(document))
    before = idle.values(STORE)

    status, why = idle.refused("POST", f"/integrations/{STORE}/settings/import", document)

    assert status == 422
    assert said in why
    assert said in idle.said("settings", "import", STORE, str(file))
    assert idle.values(STORE) == before


def test_forcing_a_resync_reads_everything_once_and_is_not_kept(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_world
    ask = asking(made, monkeypatch, shop=IDLE_SHOP)
    made.sync()
    pull = tables.flow.c.key == f"{STORE}/pull-products"
    assert made.rows(tables.flow, pull)[0].cursor is not None

    answer = ask.set(STORE, {"Force product catalog resync": True})

    assert answer["effect"]["resyncs"] == [f"{STORE}/pull-products"]
    assert made.rows(tables.flow, pull)[0].cursor is None
    assert ask.values(STORE)["force_product_resync"] is False
    assert "force_product_resync" in ask.get(f"/integrations/{STORE}/settings/versions")[0]["summary"]
    made.sync()
    assert made.rows(tables.flow, pull)[0].cursor is not None


def test_forcing_a_resync_of_what_is_off_is_refused(idle: Asking) -> None:
    why = idle.said("settings", "set", STORE, "Force inventory resync=true")

    assert "nothing to do again" in why
