"""Which addresses the hub calls: what a record of a platform names must not lead into the hub's own network."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.app import Hub
from crossdock.config import Config
from crossdock.connectors.errors import SettingsError, UnavailableError
from crossdock.connectors.http import AddressRule
from crossdock.operations.setup.spec import Spec

SIMULATED = "http://127.0.0.1:9/stores/abc123/v3/"
# The discard port, at which nothing listens.
INSIDE = "http://127.0.0.1:9/picture.png"


def hub_with(api_path: str, folder: Path) -> Hub:
    hub = Hub.open(Config(database_url=f"sqlite:///{folder}/hub.sqlite", secret_key="a test's own secret"))
    credentials = {"api_path": api_path, "client_id": "c", "client_secret": "s", "access_token": "t"}
    part = {"name": "store", "connector": "bigcommerce", "credentials": credentials}
    hub.apply(Spec.model_validate({"integrations": [part]}))
    return hub


def test_a_platform_out_there_cannot_point_the_hub_to_its_own_machine(tmp_path: Path) -> None:
    hub = hub_with("https://192.0.2.1/stores/abc123/v3/", tmp_path)

    with pytest.raises(SettingsError, match="https"):
        hub.connector("store").toolbox.http.send("GET", INSIDE)
    hub.close()


def test_a_simulator_on_this_machine_may(tmp_path: Path) -> None:
    hub = hub_with(SIMULATED, tmp_path)

    with pytest.raises(UnavailableError):
        hub.connector("store").toolbox.http.send("GET", INSIDE)
    hub.close()


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.7/x", "https://169.254.169.254/latest", "https://[fd00::1]/x", "https://0.0.0.0/x"],
)
def test_private_addresses_are_refused_unless_they_are_named(url: str) -> None:
    with pytest.raises(SettingsError, match="private network"):
        AddressRule().check(url)

    AddressRule(private_hosts=["10.0.0.7", "169.254.169.254", "fd00::1", "0.0.0.0"]).check(url)


def test_a_refused_address_is_told_without_what_may_be_secret_in_it() -> None:
    with pytest.raises(SettingsError) as refused:
        AddressRule().check("https://user:hidden@example.com/?key=hidden")

    assert "example.com" in str(refused.value)
    assert "hidden" not in str(refused.value)
