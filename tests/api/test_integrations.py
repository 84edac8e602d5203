"""Accounts through the API: added, set up, connected, and never giving a secret away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api import seed
from api.bench import GOOD_CODE, SHOP, STORE, WEBHOOK_SECRET, Bench, Shop, pull_orders
from crossdock.operations.setup import integrations
from crossdock.store.codec import unpack


def setting(bench: Bench, name: str, key: str) -> Any:
    values = {each["key"]: each["value"] for each in bench.get(f"/integrations/{name}/settings")}
    return values[key]


def new_store(**changes: Any) -> dict[str, Any]:
    store = seed.SPEC["integrations"][STORE]
    sources = {"catalog": STORE, "inventory": STORE}
    return {"name": STORE, **store, "sources_of_truth": sources} | changes


def test_an_added_account_is_saved_and_not_connected(bench: Bench) -> None:
    answer = bench.client.post("/api/v1/integrations", json=new_store())

    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["status"]) == (STORE, "Not Configured")
    assert [each["name"] for each in bench.get("/integrations")] == [STORE]
    assert bench.get("/sources-of-truth") == {"catalog": STORE, "inventory": STORE, "overrides": []}
    assert setting(bench, STORE, "products") is True


def test_a_name_is_given_once(bench: Bench) -> None:
    bench.send("POST", "/integrations", new_store())

    answer = bench.client.post("/api/v1/integrations", json=new_store())

    assert answer.status_code == 409


def test_a_new_account_is_checked_field_by_field(bench: Bench) -> None:
    wrong = {
        "connector": new_store(connector="woo"),
        "name": new_store(name="My Store"),
        f"integrations.{STORE}.credentials.access_token": new_store(credentials={"api_path": "x"}),
        f"integrations.{STORE}.settings.colour": new_store(settings={"colour": "red"}),
    }
    for field, body in wrong.items():
        answer = bench.client.post("/api/v1/integrations", json=body)
        assert answer.status_code == 422, field
        assert field.rpartition(".")[2] in answer.json()["detail"], field
    assert bench.get("/integrations") == []


def test_nothing_is_set_up_before_the_sources_of_truth_are_decided(bench: Bench) -> None:
    answer = bench.client.post("/api/v1/integrations", json=new_store(sources_of_truth={}))

    assert answer.status_code == 422
    assert "which integration owns catalog and inventory" in answer.json()["detail"]


def test_a_dry_run_says_what_would_change_and_changes_nothing(bench: Bench) -> None:
    answer = bench.send("POST", "/apply", seed.SPEC, dry_run=True)

    assert answer["is_dry_run"] is True
    assert f"integration {SHOP}" in [each["where"] for each in answer["differences"]]
    assert bench.get("/integrations") == []


def test_applying_the_same_twice_changes_nothing_the_second_time(bench: Bench) -> None:
    assert bench.send("POST", "/apply", seed.SPEC)["differences"]

    assert bench.send("POST", "/apply", seed.SPEC)["differences"] == []


def test_variables_of_the_hubs_environment_are_not_readable_through_the_api(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SECRET", "from-the-environment")
    credentials = {"api_path": "${HUB_SECRET}", "access_token": "t"}

    bench.send("POST", "/integrations", new_store(credentials=credentials))

    with bench.database.reading() as tx:
        found = integrations.get(tx, STORE)
        assert found is not None
        assert found.secrets(bench.hub.cipher)["api_path"] == "${HUB_SECRET}"


def test_settings_are_changed_one_by_one(merchant: Bench) -> None:
    answer = merchant.send("PATCH", f"/integrations/{SHOP}/settings", {"inventory_buffer": 4})

    assert [(each["what"], each["before"], each["after"]) for each in answer["differences"]] == [
        ("inventory_buffer", "1", "4")
    ]
    assert setting(merchant, SHOP, "inventory_buffer") == 4
    assert setting(merchant, SHOP, "products") is True


def test_settings_are_known_by_their_labels_too(merchant: Bench) -> None:
    merchant.send("PATCH", f"/integrations/{SHOP}/settings", {"Buffer": 3})

    assert setting(merchant, SHOP, "inventory_buffer") == 3


def test_a_setting_that_is_switched_off_switches_its_flow_off(merchant: Bench) -> None:
    assert merchant.flow_on(pull_orders(SHOP))

    merchant.send("PATCH", f"/integrations/{SHOP}/settings", {"orders": False})

    assert not merchant.flow_on(pull_orders(SHOP))


def test_a_dry_run_of_settings_changes_none(merchant: Bench) -> None:
    answer = merchant.send("PATCH", f"/integrations/{SHOP}/settings", {"inventory_buffer": 9}, dry_run=True)

    assert [each["after"] for each in answer["differences"]] == ["9"]
    assert setting(merchant, SHOP, "inventory_buffer") == 1


@pytest.mark.parametrize(
    ("changes", "field"), [({"inventory_buffer": -1}, "inventory_buffer"), ({"colour": "red"}, "colour")]
)
def test_a_bad_setting_is_named_and_leaves_everything_as_it_was(
    merchant: Bench, changes: dict[str, Any], field: str
) -> None:
    answer = merchant.client.patch(f"/api/v1/integrations/{SHOP}/settings", json={"orders": False} | changes)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert setting(merchant, SHOP, "orders") is True


def test_every_setting_is_described(bench: Bench) -> None:
    described = bench.get("/settings/tiktok_shop")

    assert [each["title"] for each in described] == [
        "Push products",
        "Push inventory",
        "Pull orders",
        "Buffer",
    ]
    assert bench.reader.get("/api/v1/settings/woo").status_code == 404


def test_a_connector_names_the_fields_of_its_credentials(bench: Bench) -> None:
    by_key = {kind["key"]: kind for kind in bench.get("/connectors")}

    fields = {field["key"]: field["is_secret"] for field in by_key["bigcommerce"]["credentials"]}
    assert fields == {"api_path": False, "access_token": True}


def test_connecting_makes_a_real_call_and_says_how_it_ended(bench: Bench) -> None:
    bench.send("POST", "/integrations", new_store())

    answer = bench.send("POST", f"/integrations/{STORE}/connect")

    assert (answer["status"], answer["account"], answer["currency"]) == ("Connected", "Brewers", "USD")
    assert bench.get(f"/integrations/{STORE}")["account"] == "Brewers"


def test_a_failed_connection_says_why(bench: Bench) -> None:
    bench.send("POST", "/integrations", new_store())
    bad = {"api_path": "https://api.example.com/v3", "access_token": "bad-token"}

    bench.send("PUT", f"/integrations/{STORE}/credentials", bad)
    answer = bench.send("POST", f"/integrations/{STORE}/connect")

    assert answer["status"] == "Error"
    assert "does not accept this access token" in answer["reason"]


def test_new_credentials_have_to_be_connected_anew_and_keep_the_settings(merchant: Bench) -> None:
    other = {"api_path": "https://api.example.com/other", "access_token": "other-token"}

    answer = merchant.send("PUT", f"/integrations/{STORE}/credentials", other)

    assert answer["status"] == "Not Configured"
    assert setting(merchant, STORE, "orders") is True


def test_bad_credentials_are_named_by_field(merchant: Bench) -> None:
    answer = merchant.client.put(f"/api/v1/integrations/{STORE}/credentials", json={"api_path": "x"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "access_token"


def test_an_account_that_needs_its_owners_consent_gives_the_link_to_it(merchant: Bench) -> None:
    answer = merchant.send("POST", f"/integrations/{SHOP}/connect")

    assert answer["status"] == "Connecting"
    assert answer["authorize_link"].startswith("https://consent.example.com/authorize?state=")


def test_the_code_of_a_consent_can_be_given_by_hand(merchant: Bench) -> None:
    answer = merchant.send("POST", f"/integrations/{SHOP}/connect", {"code": GOOD_CODE})

    assert answer["status"] == "Connected"
    assert Shop.exchanged == [GOOD_CODE]


def test_an_unknown_account_is_not_found(bench: Bench) -> None:
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/settings", None),
        ("PATCH", "/settings", {}),
        ("PUT", "/credentials", {}),
        ("POST", "/connect", None),
    ):
        answer = bench.client.request(method, f"/api/v1/integrations/nobody{path}", json=body)
        assert answer.status_code == 404, path


def test_no_answer_holds_a_secret(merchant: Bench) -> None:
    merchant.send("POST", f"/integrations/{SHOP}/connect", {"code": GOOD_CODE})
    secrets = [
        "good-token",
        WEBHOOK_SECRET,
        "shop-token",
        "HIDDEN-FACT",
        merchant.read_key,
        merchant.write_key,
    ]
    with merchant.database.reading() as tx:
        found = integrations.get(tx, SHOP)
        assert found is not None
        assert found.tokens is not None
        assert unpack(dict[str, str], merchant.hub.cipher.decrypt(found.tokens))["access_token"] in secrets

    looked_at = 0
    for path, operations in merchant.app.openapi()["paths"].items():
        if "get" not in operations or path == "/oauth/return":
            continue
        place = (
            path.replace("{name}", SHOP).replace("{connector}", "bigcommerce").replace("{key}", f"{SHOP}/x")
        )
        text = merchant.client.get(place, params={"sku": "TEA-1"} if path.endswith("ledger") else {}).text
        looked_at += 1
        assert not [secret for secret in secrets if secret in text], path
    assert looked_at > 20
    assert "set" in json.dumps(merchant.get(f"/integrations/{SHOP}")["credentials"])
