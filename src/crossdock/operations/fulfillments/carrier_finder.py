"""Which carriers a name or a tracking number may stand for, among those that are known and those that channels take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain import carriers
from crossdock.domain.carriers import Candidate
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

CASE = tables.exception_case
UNKNOWN = "carrier_unknown"
SURE = 0.9
"""Whoever has as much for it is named alone."""
MOST_CASES = 20
"""So many of the newest answers of a channel are looked through for the carriers that it takes."""


@dataclass(frozen=True, slots=True)
class ChannelCarriers:
    """Who may be meant among the carriers that a channel said it takes, when it refused one."""

    integration: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class FoundCarriers:
    """Who may be meant. `warning` says where the number does not look like one of the carrier that was named."""

    name: str
    number: str
    warning: str
    candidates: tuple[Candidate, ...]
    channels: tuple[ChannelCarriers, ...]


def find(tx: Transaction, name: str, number: str = "", integration: str = "") -> FoundCarriers:
    """The likeliest carriers, known here and by channel; of one channel where one is named."""
    taken = _taken(tx, integration)
    return FoundCarriers(
        name,
        number,
        carriers.doubt(name, number),
        carriers.find(name, number),
        tuple(
            ChannelCarriers(channel, found)
            for channel, names in sorted(taken.items())
            if (found := carriers.find(name, number, among=names))
        ),
    )


def _taken(tx: Transaction, integration: str) -> dict[str, list[str]]:
    statement = sa.select(CASE.c.integration, CASE.c.evidence).where(CASE.c.kind == UNKNOWN)
    if integration:
        statement = statement.where(CASE.c.integration == integration)
    found: dict[str, list[str]] = {}
    for row in tx.execute(statement.order_by(CASE.c.id.desc()).limit(MOST_CASES)):
        evidence: dict[str, Any] = unpack(dict[str, Any], row.evidence)
        names = found.setdefault(row.integration, [])
        names += [str(each) for each in evidence.get("choices", ()) if each not in names]
    return found


def advice(name: str, number: str, choices: Sequence[str]) -> str:
    """Who is probably meant, as a sentence; empty where nothing speaks for anybody but who was named."""
    found = carriers.find(name, number, among=choices)
    others = [each for each in found if carriers.folded(each.name) != carriers.folded(name)]
    if not others or (not choices and len(others) < len(found)):
        return ""
    best = others[:1] if others[0].share >= SURE else others[:2]
    return f"Probably meant: {' or '.join(f'{each.name} ({each.why})' for each in best)}. "
