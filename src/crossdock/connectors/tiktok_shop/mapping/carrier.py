"""Which of TikTok Shop's shipping providers a carrier is: names differ in case, spaces, marks and habit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crossdock.domain.carriers import folded as folded
from crossdock.domain.carriers import known_as


@dataclass(frozen=True, slots=True)
class Provider:
    """A carrier by the id that TikTok Shop wants and the name that it shows."""

    id: str
    name: str = ""


def are_same(one: str, other: str) -> bool:
    """Whether two names are of one carrier."""
    return known_as(one) == known_as(other) != ""


def chosen(carrier: str, carrier_map: Mapping[str, str]) -> str:
    """What the settings call a carrier on TikTok Shop, by name or id; its own name where they say nothing."""
    named = (theirs for ours, theirs in carrier_map.items() if folded(ours) == folded(carrier))
    return next(named, carrier).strip()


def pick(wanted: str, providers: Sequence[Provider]) -> Provider | None:
    """By id, by name, or by another name of the same carrier."""
    ways: tuple[Iterable[Provider], ...] = (
        (each for each in providers if each.id == wanted),
        (each for each in providers if folded(each.name) == folded(wanted) != ""),
        (each for each in providers if are_same(each.name, wanted)),
    )
    return next((each for way in ways for each in way), None)
