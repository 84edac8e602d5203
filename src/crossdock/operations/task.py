"""Who does something, when, and under which rules: what every operation on incoming records is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crossdock.connectors.contract import Rules
from crossdock.store.cipher import Cipher

HUB = "hub"
"""In place of an integration's name: the hub itself, with products and stock that people and files give it."""


@dataclass(frozen=True, slots=True)
class SourcesOfTruth:
    """Which integration owns the catalog, and which one stock; HUB is the hub itself. Empty means not decided."""

    catalog: str = ""
    inventory: str = ""
    overrides: tuple[str, ...] = ()
    """The contradictions that a person knowingly takes the risk of, by name."""


@dataclass(frozen=True, slots=True)
class Task:
    """The integration at work, its rules, and the run that everything done is attributed to."""

    integration: str
    now: datetime
    cipher: Cipher
    rules: Rules = field(default_factory=Rules)
    truth: SourcesOfTruth = field(default_factory=SourcesOfTruth)
    run_id: str = ""
    flow: str = ""
    actor: str = ""
    """The person or key on whose behalf this is done; empty for the hub's own runs."""
