"""Which of TikTok Shop's shipping providers a carrier is: names differ in case, spaces, marks and habit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Names of one and the same carrier, folded. Services that a platform tells apart, as DHL's, stay apart.
_NAMES_OF_ONE = (
    ("usps", "unitedstatespostalservice", "uspostalservice", "uspostal", "uspsmail"),
    ("ups", "unitedparcelservice"),
    ("fedex", "federalexpress", "fedexexpress"),
    ("dhlexpress", "dhlexpressworldwide"),
    ("dhlecommerce", "dhlglobalmail", "dhlecommercesolutions"),
    ("royalmail", "royalmailgroup"),
    ("parcelforce", "parcelforceworldwide"),
    ("evri", "myhermes", "hermesuk"),
    ("posteitaliane", "postaitaliana", "poste"),
    ("correos", "correosespana", "correosdeespana"),
    ("laposte", "lapostefrance"),
    ("yamato", "yamatotransport", "kuronekoyamato"),
    ("sagawa", "sagawaexpress"),
    ("japanpost", "jppost"),
)
_ONE: Mapping[str, str] = {name: names[0] for names in _NAMES_OF_ONE for name in names}


@dataclass(frozen=True, slots=True)
class Provider:
    """A carrier by the id that TikTok Shop wants and the name that it shows."""

    id: str
    name: str = ""


def folded(name: str) -> str:
    """The same for "Royal Mail", "royal-mail" and "ROYALMAIL"."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(each for each in plain if each.isalnum())


def are_same(one: str, other: str) -> bool:
    """Whether two names are of one carrier."""
    return _known_as(one) == _known_as(other) != ""


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


def _known_as(name: str) -> str:
    plain = folded(name)
    return _ONE.get(plain, plain)
