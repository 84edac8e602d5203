"""Opens the hub that a command works on."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from crossdock.app import Hub
from crossdock.config import Config, ConfigError
from crossdock.connectors.contract import Rules
from crossdock.operations.setup import integrations
from crossdock.operations.task import HUB, Task
from crossdock.store.database import Transaction


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


def acting(hub: Hub, tx: Transaction, integration: str = HUB) -> Task:
    """The person at the command line acts for this integration, or for the hub itself, now."""
    is_known = integrations.get(tx, integration) is not None
    return Task(
        integration,
        hub.clock(),
        hub.cipher,
        rules=hub.rules_of(integration) if is_known else Rules(),
        truth=integrations.truth(tx),
        actor=getpass.getuser(),
    )


@contextmanager
def open_hub() -> Iterator[Hub]:
    """The hub of this environment, closed again afterwards."""
    hub = Hub.open(config())
    try:
        yield hub
    finally:
        hub.close()
