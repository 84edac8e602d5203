"""Setting up from nothing: connectors are found, added, given credentials, and connected, by API and command line."""

from __future__ import annotations

import html
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossdock.app import utc_now
from crossdock.store import tables
from support.asking import KEY, Asking
from support.world import SHOP, STORE, World

DETAILS = ["API path", "Client ID", "Client secret", "Access token"]
"""What BigCommerce shows of an API account, by its names."""


@pytest.fixture
def empty(small_world: World, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """A hub that was made a moment ago."""
    return Asking(small_world, monkeypatch)


def owners() -> dict[str, str]:
    return {"catalog": STORE, "inventory": STORE}


def new_store(made: World, **credentials: str) -> dict[str, Any]:
    return {
        "name": STORE,
        "connector": "bigcommerce",
        "credentials": made.store_credentials() | credentials,
        "settings": {"products": "pull", "orders": True},
        "sources_of_truth": owners(),
    }


def new_shop(made: World) -> dict[str, Any]:
    return {"name": SHOP, "connector": "tiktok_shop", "credentials": made.shop_credentials()}


def connect_shop(made: World, ask: Asking) -> None:
    ask.send("POST", "/integrations", new_shop(made))
    code, state = made.consent(ask.send("POST", f"/integrations/{SHOP}/connect")["authorize_link"])
    assert ask.send("POST", f"/integrations/{SHOP}/connect", {"code": code, "state": state})["status"] == (
        "Connected"
    )


def test_s15_tiktok_shop_comes_first_and_the_other_order_is_possible_and_flagged(
    small_world: World, empty: Asking
) -> None:
    assert [each["title"] for each in empty.get("/connectors")][:2] == ["TikTok Shop", "BigCommerce"]
    empty.send("POST", "/integrations", new_store(small_world))

    early = empty.send("POST", f"/integrations/{STORE}/connect")
    told = empty.command("connect", STORE).out
    connect_shop(small_world, empty)
    late = empty.send("POST", f"/integrations/{STORE}/connect")

    assert early["status"] == "Connected"
    assert "out of order: TikTok Shop is connected before BigCommerce" in early["hint"]
    assert "out of order" in told
    assert late["hint"] == ""


def test_s16_setup_tells_where_an_api_account_is_created_and_which_access_it_needs(empty: Asking) -> None:
    by_api = {each["key"]: each["guidance"] for each in empty.get("/connectors")}["bigcommerce"]
    by_command = {each["key"]: each["guidance"] for each in empty.told("connectors")}["bigcommerce"]

    assert by_api == by_command
    assert "Advanced Settings → API Accounts" in by_api
    assert "read and write access on orders, products, inventory and fulfillments" in by_api


def test_s17_the_form_asks_for_exactly_the_values_of_an_api_account(empty: Asking) -> None:
    form = {each["key"]: each["credentials"] for each in empty.get("/connectors")}["bigcommerce"]

    assert [field["title"] for field in form] == DETAILS
    assert [field["is_required"] for field in form] == [True] * 4
    assert [field["title"] for field in form if field["is_secret"]] == ["Client secret", "Access token"]


def test_s19_bigcommerce_is_listed_and_can_be_added_while_it_is_not_there(
    small_world: World, empty: Asking, tmp_path: Path
) -> None:
    assert "BigCommerce" in [each["title"] for each in empty.told("connectors")]
    assert empty.get("/integrations") == []

    empty.send("POST", "/integrations", new_store(small_world))
    file = tmp_path / "second.yaml"
    second = {"second": {"connector": "BigCommerce", "credentials": small_world.store_credentials()}}
    file.write_text(yaml.safe_dump({"integrations": second}))
    empty.told("apply", str(file))

    assert {each["connector"] for each in empty.get("/integrations")} == {"bigcommerce"}
    assert empty.refused("POST", "/integrations", new_store(small_world))[0] == 409


def test_s20_an_added_integration_appears_under_integrations(small_world: World, empty: Asking) -> None:
    empty.send("POST", "/integrations", new_store(small_world))

    assert [each["name"] for each in empty.get("/integrations")] == [STORE]
    assert [each["name"] for each in empty.told("integrations")] == [STORE]


def test_s21_credentials_are_saved_and_saving_does_not_connect(small_world: World, empty: Asking) -> None:
    empty.send("POST", "/integrations", new_store(small_world, access_token="to be corrected"))

    shown = empty.send("PUT", f"/integrations/{STORE}/credentials", small_world.store_credentials())

    assert (shown["status"], shown["credentials"]["access_token"]) == ("Not Configured", "set")
    assert small_world.store.journal.last_number == 0
    assert empty.send("POST", f"/integrations/{STORE}/connect")["status"] == "Connected"
    timeline = empty.get("/events", subject_kind="integration", subject_id=STORE)
    assert [(event["what"], event["actor"]) for event in timeline] == [
        ("Credentials were changed", KEY),
        ("Added as an account of bigcommerce", KEY),
    ]


@pytest.mark.parametrize(("token", "status"), [({}, "Connected"), ({"access_token": "wrong"}, "Error")])
def test_s22_connect_makes_a_real_call_and_ends_in_connected_or_error(
    small_world: World, empty: Asking, token: dict[str, str], status: str
) -> None:
    empty.send("POST", "/integrations", new_store(small_world, **token))

    answer = empty.send("POST", f"/integrations/{STORE}/connect")

    assert answer["status"] == empty.get(f"/integrations/{STORE}")["status"] == status
    assert small_world.store.journal.last_number > 0


def test_s23_a_connected_integration_shows_connected_and_no_error(small_world: World, empty: Asking) -> None:
    empty.send("POST", "/integrations", new_store(small_world))

    empty.told("connect", STORE)

    shown = empty.get(f"/integrations/{STORE}")
    assert (shown["status"], shown["status_reason"], shown["open_cases"]) == ("Connected", "", 0)
    assert [each["status"] for each in empty.told("integrations")] == ["Connected"]


def test_s24_a_failed_connect_shows_the_reason_and_nothing_syncs(small_world: World, empty: Asking) -> None:
    made = small_world
    empty.send("POST", "/integrations", new_store(made, access_token="wrong"))

    done = empty.command("connect", STORE)
    before = made.store.journal.last_number
    made.sync()

    shown = empty.get(f"/integrations/{STORE}")
    assert done.code == 1
    assert shown["status"] == "Error"
    assert "access token" in shown["status_reason"].casefold()
    assert made.store.journal.last_number == before
    assert not made.rows(tables.product)


def test_s30_connect_starts_the_consent_and_its_return_completes_the_connection(
    small_world: World, empty: Asking
) -> None:
    empty.send("POST", "/integrations", new_shop(small_world))

    started = empty.send("POST", f"/integrations/{SHOP}/connect")
    code, state = small_world.consent(started["authorize_link"])
    returned = empty.api.get("/oauth/return", params={"code": code, "state": state})

    assert (started["status"], returned.status_code) == ("Connecting", 200)
    assert empty.get(f"/integrations/{SHOP}")["status"] == "Connected"


def why_not(ask: Asking, **query: str) -> str:
    """What a return from the consent page says that does not connect."""
    answer = ask.api.get("/oauth/return", params=query)
    assert answer.status_code == 400
    return html.unescape(answer.text)


def test_s31_a_wrong_reused_expired_or_denied_return_does_not_connect_and_says_why(
    small_world: World, empty: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_world
    empty.send("POST", "/integrations", new_shop(made))

    def asked() -> tuple[str, str]:
        return made.consent(empty.send("POST", f"/integrations/{SHOP}/connect")["authorize_link"])

    code, state = asked()
    assert "This state is not known here" in why_not(empty, code=code, state="made-up")
    assert "did not consent (access_denied)" in why_not(empty, error="access_denied", state=state)
    assert "was used already" in why_not(empty, code=code, state=state)
    code, state = asked()
    with monkeypatch.context() as later:
        later.setattr(made.hub, "clock", lambda: utc_now() + timedelta(minutes=31))
        assert "took longer than 30 minutes" in why_not(empty, code=code, state=state)
    assert empty.get(f"/integrations/{SHOP}")["status"] != "Connected"
    code, state = asked()
    assert empty.api.get("/oauth/return", params={"code": code, "state": state}).status_code == 200
    assert "was used already" in why_not(empty, code=code, state=state)
