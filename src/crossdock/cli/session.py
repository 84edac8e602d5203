"""Opens the hub that a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from crossdock.app import Hub
from crossdock.config import Config, ConfigError


def config() -> Config:
    """The configuration of this process. Raises ConfigError naming the variable."""
    try:
        return Config()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        variable = f"CROSSDOCK_{first['loc'][0]}".upper()
        raise ConfigError(f"{variable}: {first['msg'].removeprefix('Value error, ')}") from None


def refuse_unknown(hub: Hub, integration: str) -> None:
    """A filter by an integration that is not there is a mistake, and no empty list. Raises UnknownIntegrationError."""
    if integration:
        hub.integration(integration)


@contextmanager
def open_hub() -> Iterator[Hub]:
    """The hub of this environment, closed again afterwards."""
    hub = Hub.open(config())
    try:
        yield hub
    finally:
        hub.close()
