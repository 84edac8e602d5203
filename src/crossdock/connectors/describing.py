"""What the catalog of connectors says about each: what it needs, what can be set, what it can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.connectors.contract import Connector
from crossdock.connectors.settings import Credentials, described


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One value of a connector's credentials, under the name that the platform shows."""

    key: str
    title: str
    help: str
    is_secret: bool
    is_required: bool


@dataclass(frozen=True, slots=True)
class ConnectorEntry:
    """A kind of integration. Those with a lower step are to be connected first."""

    step: int
    key: str
    title: str
    guidance: str
    credentials: tuple[CredentialField, ...]
    groups: tuple[str, ...]
    """The groups that its settings are shown in."""
    capabilities: tuple[str, ...]
    """What it can do, as its class header lists it."""


def entry(kind: type[Connector], *, step: int) -> ConnectorEntry:
    return ConnectorEntry(
        step=step,
        key=kind.key,
        title=kind.title,
        guidance=kind.guidance,
        credentials=tuple(_credentials(kind.credentials_type)),
        groups=tuple(dict.fromkeys(each.group for each in described(kind.settings_type))),
        capabilities=tuple(_capabilities(kind)),
    )


def _credentials(form: type[Credentials]) -> Iterator[CredentialField]:
    for name, info in form.model_fields.items():
        yield CredentialField(
            key=name,
            title=info.title or name,
            help=info.description or "",
            is_secret="SecretStr" in str(info.annotation),
            is_required=info.is_required(),
        )


def _capabilities(kind: type[Connector]) -> Iterator[str]:
    """Protocols among the bases, in words: PullsOrders is "pulls orders"."""
    for base in kind.__mro__[1:]:
        if getattr(base, "_is_protocol", False) and base.__name__ != "Protocol":
            yield re.sub(r"(?<=[a-z])(?=[A-Z])", " ", base.__name__).lower()
