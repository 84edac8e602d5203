"""Setting a hub up from a terminal: one file says what there is, and every mistake says how to mend it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from crossdock.cli.failures import CommandError
from crossdock.cli.setup import named, returned
from crossdock.config import Config
from crossdock.connectors.registry import CONNECTORS
from crossdock.domain.channel import Account, ChannelId
from support.command import Command
from support.world import World, world

TOKEN = "t0ken-that-nobody-may-see"
HUB = {
    "sources_of_truth": {"catalog": "my-store", "inventory": "my-store"},
    "integrations": {
        "my-store": {
            "connector": "BigCommerce",
            "credentials": {
                "api_path": "https://api.bigcommerce.com/stores/abc123/v3/",
                "client_id": "id",
                "client_secret": "hidden",
                "access_token": "${STORE_TOKEN}",
            },
            "settings": {"products": "pull", "inventory": "pull"},
        }
    },
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STORE_TOKEN", TOKEN)
    made = tmp_path / "hub.yaml"
    made.write_text(yaml.safe_dump(HUB))
    return made


def test_applying_the_same_file_again_changes_nothing(command: Command, file: Path) -> None:
    first = command("apply", str(file), "--json").json()
    second = command("apply", str(file), "--json").json()

    assert {"where": "integration my-store", "what": "products", "before": "", "after": "pull"} in first[
        "differences"
    ]
    assert (second["applied"], second["differences"], second["refused"]) == (True, [], [])
    assert not any(second["effect"].values())


def test_a_dry_run_says_what_would_change_and_changes_nothing(command: Command, file: Path) -> None:
    told = command("apply", str(file), "--dry-run", "--json").json()

    assert not told["applied"]
    assert told["differences"]
    assert command("integrations", "--json").json() == []


def test_the_file_may_come_through_standard_input(command: Command, file: Path) -> None:
    assert command("apply", "-", stdin=file.read_text()).code == 0
    assert [each["name"] for each in command("integrations", "--json").json()] == ["my-store"]


def test_no_secret_is_ever_shown(command: Command, file: Path) -> None:
    shown = [
        command("apply", str(file)),
        command("apply", str(file), "--json"),
        command("integrations", "--json"),
        command("settings", "--integration", "my-store", "--json"),
    ]

    assert all(done.code == 0 for done in shown)
    assert not any(secret in done.out + done.err for done in shown for secret in (TOKEN, "hidden"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("integrations: {a: {connector: nope}}", "bigcommerce"),
        ("integrations: {a: {connector: bigcommerce, colour: red}}", "integrations.a.colour"),
        ("integrations: {a: {conector: bigcommerce}}", "integrations.a.conector"),
        (
            "integrations: {a: {connector: bigcommerce, credentials: {acces_token: x}}}",
            "credentials.acces_token",
        ),
        ("integrations: {a: bigcommerce}", "integrations.a"),
        ("integrations: {My store: {connector: bigcommerce}}", "small letters"),
        ("integration: {}", "choose from sources_of_truth, integrations, locations"),
        ("- my-store", "integrations"),
        ("locations: [{location: Shop floor, linked_to: elsewhere}]", "elsewhere"),
        ("locations: [{location: Shop floor, excluded_for: [elsewhere]}]", "elsewhere"),
        ("sources_of_truth: {catalog: elsewhere}", "elsewhere"),
        ("integrations: [", "not YAML"),
        (
            "integrations: {a: {connector: bigcommerce, credentials: {api_path: '${NOT_SET_ANYWHERE}'}}}",
            "NOT_SET",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_the_fix(command: Command, wrong: str, said: str) -> None:
    done = command("apply", "-", "--json", stdin=wrong)

    assert done.code == 1
    assert said in done.err
    assert done.out == ""


def test_a_missing_file_is_a_failure_and_a_missing_argument_a_misuse(command: Command) -> None:
    assert command("apply", "no-such-file.yaml").code == 1
    assert command("apply").code == 2


def test_an_unknown_integration_is_answered_with_those_there_are(command: Command, file: Path) -> None:
    command("apply", str(file))

    done = command("connect", "my-shop")

    assert (done.code, done.out) == (1, "")
    assert "my-store" in done.err


def test_connecting_tells_the_account_and_a_consent_link_is_no_failure(
    small_world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", small_world.config.database_url)
    small_world.hub.apply(small_world.spec())

    store = command("connect", "store", "--json")
    asked = command("connect", "tiktok", "--json")
    link = asked.json()["authorize_link"]
    code, state = small_world.consent(link)
    finished = command(
        "connect", "tiktok", "--code", f"https://hub.test/back?code={code}&state={state}", "--json"
    )
    again = command("connect", "tiktok", "--code", f"https://hub.test/back?code={code}&state={state}")

    assert (store.code, store.json()["status"]) == (0, "Connected")
    assert store.json()["account"]["name"]
    assert (asked.code, asked.json()["status"]) == (0, "Connecting")
    assert (finished.code, finished.json()["status"]) == (0, "Connected")
    assert again.code == 1
    assert "used already" in again.out


@pytest.mark.parametrize(
    ("account", "line"),
    [
        (Account(ChannelId("/in"), "Folder of this machine", ""), "Folder of this machine (/in)"),
        (Account(ChannelId("s1"), "My shop", "USD", "US"), "My shop (s1), US, USD"),
        (Account(ChannelId("Main"), "Main", ""), "Main"),
    ],
)
def test_an_account_is_named_by_what_is_known_of_it(account: Account, line: str) -> None:
    assert named(account) == line


def test_the_consent_link_is_printed_whole(
    small_world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", small_world.config.database_url)
    long = small_world.shop_credentials() | {"service_id": "7" * 300}
    spec = small_world.spec()
    shop = spec.integrations[1].model_copy(update={"credentials": long})
    small_world.hub.apply(spec.model_copy(update={"integrations": [spec.integrations[0], shop]}))

    lines = command("connect", "tiktok").out.splitlines()

    assert any(line.startswith("http") and "7" * 300 in line and "state=" in line for line in lines)


def test_code_and_state_are_taken_out_of_the_whole_return_address() -> None:
    assert returned("https://hub/back?code=C1&state=S1") == {"code": "C1", "state": "S1"}
    assert returned("C2", "S2") == {"code": "C2", "state": "S2"}


def test_a_return_address_of_a_denied_consent_is_refused_with_the_reason() -> None:
    with pytest.raises(CommandError, match="access_denied"):
        returned("https://hub/back?error=access_denied&state=S1")


def test_every_setting_of_every_connector_is_listed(command: Command) -> None:
    told = command("settings", "--json").json()

    assert set(told) == set(CONNECTORS)
    products = next(each for each in told["tiktok_shop"] if each["key"] == "products")
    assert products["title"] == "Process product catalog updates"
    assert [choice["value"] for choice in products["choices"]] == ["pull", "push", "disabled"]
    assert all(each["help"] for form in told.values() for each in form)


def test_settings_of_an_integration_come_with_their_values(command: Command, file: Path) -> None:
    command("apply", str(file))

    told = command("settings", "--integration", "my-store", "--json").json()["bigcommerce"]

    assert next(each["value"] for each in told if each["key"] == "products") == "pull"


def test_setting_one_value_leaves_the_others(command: Command, file: Path) -> None:
    command("apply", str(file))

    changed = command("settings", "set", "my-store", "Pull orders from BigCommerce=true", "--json").json()

    assert [(each["what"], each["after"]) for each in changed["differences"]] == [("orders", "true")]
    told = command("settings", "--integration", "my-store", "--json").json()["bigcommerce"]
    assert {each["key"]: each["value"] for each in told if each["value"]}.keys() >= {"products", "orders"}


def test_what_was_applied_says_what_is_to_be_connected_next(command: Command, file: Path) -> None:
    shop = {"connector": "tiktok_shop", "credentials": {"app_key": "k", "app_secret": "s", "service_id": "1"}}
    given = yaml.safe_load(file.read_text())
    given["integrations"]["my-shop"] = shop
    file.write_text(yaml.safe_dump(given, sort_keys=False))

    would = command("apply", str(file), "--dry-run").out
    told = command("apply", str(file)).out
    again = command("apply", str(file), "--json").json()

    assert "crossdock connect" not in would
    assert told.index("crossdock connect my-shop") < told.index("crossdock connect my-store")
    assert again["to_connect"] == ["my-shop", "my-store"]


def test_a_wrong_value_is_answered_with_the_choices(command: Command, file: Path) -> None:
    command("apply", str(file))

    done = command("settings", "set", "my-store", "products=sideways")

    assert done.code == 1
    assert "Pull updates from BigCommerce product catalog" in done.err


def test_every_variable_of_the_environment_is_explained(command: Command) -> None:
    told = command("config", "--json").json()

    assert [each["variable"] for each in told] == [
        f"CROSSDOCK_{name}".upper() for name in Config.model_fields
    ]
    assert all(each["meaning"] for each in told)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CROSSDOCK_PORT", "many"),
        ("CROSSDOCK_LOG_LEVEL", "LOUD"),
        ("CROSSDOCK_LOG_FORMAT", "xml"),
        ("CROSSDOCK_DATABASE_URL", "hub.sqlite"),
        ("CROSSDOCK_DATABASE_URL", "mysql://localhost/hub"),
    ],
)
def test_a_wrong_variable_is_named(
    command: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)

    done = command("integrations")

    assert (done.code, done.out) == (1, "")
    assert variable in done.err


def test_an_empty_secret_key_is_as_good_as_none(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSDOCK_SECRET_KEY", "")

    assert command("integrations").code == 0


def test_every_command_refuses_a_wrong_secret_key(
    command: Command, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("apply", str(file))
    monkeypatch.setenv("CROSSDOCK_SECRET_KEY", "another")

    done = command("products")

    assert (done.code, done.out) == (1, "")
    assert "CROSSDOCK_SECRET_KEY" in done.err


def test_what_is_switched_on_and_cannot_run_is_said_at_once(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(tmp_path / "de", region="DE", products=1) as made:
        made.act(f"{made.store_address}/_sim/switches", {"currency": "EUR"})
        monkeypatch.setenv("CROSSDOCK_DATABASE_URL", made.config.database_url)
        made.connect()

        done = command("settings", "set", "tiktok", "inventory_buffer=1")

    assert done.code == 0
    assert "tiktok/push-products does not run" in done.out


def test_help_and_lists_load_neither_a_web_server_nor_the_job_engine() -> None:
    loaded = "import sys, crossdock.cli.main; print({'dbos', 'fastapi', 'uvicorn'} & sys.modules.keys())"

    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_a_key_is_shown_once_and_ends_when_revoked(command: Command) -> None:
    secret = command("key", "create", "warehouse", "--scope", "write", "--json").json()["secret"]
    listed = command("key", "list", "--json")
    key = listed.json()[0]

    assert secret.startswith("cdk_")
    assert secret not in listed.out
    assert command("key", "revoke", key["id"]).code == 0
    assert command("key", "revoke", key["id"]).code == 1
    assert command("key", "--json").json()[0]["revoked_at"]
