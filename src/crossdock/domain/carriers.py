"""Carriers: what else each is called, what its tracking numbers look like, and which one somebody may have meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

ALIKE = 0.72
"""From this share of common letters on, two names may be meant for one."""
SHORTEST_START = 3
"""A shorter name that another one begins with says nothing."""
MOST_CANDIDATES = 5


@dataclass(frozen=True)
class Carrier:
    """One carrier. `sure` are shapes of numbers that are its own, `shapes` those that others have as well."""

    name: str
    aliases: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    looks: str = ""
    """What its numbers look like, for people; empty where nothing is known, and then none is doubted."""

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(map(folded, (self.name, *self.aliases)))

    def is_surely(self, number: str) -> bool:
        """Whether it has the shape of a number that this carrier alone gives."""
        return any(re.fullmatch(shape, bare(number)) for shape in self.sure)

    def may_be(self, number: str) -> bool:
        """Whether this carrier gives numbers of this shape."""
        return any(re.fullmatch(shape, bare(number)) for shape in (*self.sure, *self.shapes))


def _post(name: str, country: str, *aliases: str, shapes: tuple[str, ...] = (), looks: str = "") -> Carrier:
    """A national post, whose item numbers end with its country (UPU standard S10)."""
    said = f"two letters, nine digits and {country}"
    return Carrier(
        name, aliases, (rf"[A-Z]{{2}}\d{{9}}{country}",), shapes, f"{said}; {looks}" if looks else said
    )


# Shapes as the carriers' own pages for tracking show them. Services that platforms tell apart, as DHL's, stay apart.
CARRIERS: tuple[Carrier, ...] = (
    Carrier(
        "UPS",
        ("United Parcel Service",),
        (r"1Z[0-9A-Z]{16}",),
        (r"T\d{10}", r"\d{9}", r"\d{12}", r"(?:MI)?\d{22}", r"\d{26}"),
        "1Z and 16 letters and digits",
    ),
    _post(
        "USPS",
        "US",
        "United States Postal Service",
        "US Postal Service",
        "US Postal",
        "USPS Mail",
        shapes=(r"9[1-5]\d{18}", r"9[1-5]\d{20}", r"420\d{23}", r"420\d{27}", r"420\d{31}", r"\d{20}"),
        looks="or 20 to 34 digits, mostly from 9 or 420 on",
    ),
    Carrier(
        "FedEx",
        ("Federal Express", "FedEx Express"),
        (r"96\d{20}",),
        (r"\d{12}", r"\d{15}", r"\d{20}", r"6129\d{16}"),
        "12, 15 or 20 digits",
    ),
    Carrier(
        "DHL Express",
        ("DHL Express Worldwide",),
        (),
        (r"\d{10}", r"\d{11}", r"JJ?D\d{16,20}", r"JV?GL\d{10,18}"),
        "10 digits, or JJD and 16 to 20 digits",
    ),
    Carrier(
        "DHL eCommerce",
        ("DHL Global Mail", "DHL eCommerce Solutions"),
        (r"(?:GM|LX|RX)\d{16,22}",),
        (r"9[1-5]\d{18,20}", r"420\d{27}", r"JJ?D\d{16,20}", r"\d{10,14}"),
        "GM and 16 digits or more, or 22 digits from 9 on",
    ),
    _post("Royal Mail", "GB", "Royal Mail Group"),
    Carrier("Parcelforce", ("Parcelforce Worldwide",), (), (r"[A-Z]{2}\d{9}GB", r"[A-Z]{2}\d{7}")),
    Carrier(
        "Evri",
        ("myHermes", "Hermes UK", "Evri UK"),
        (r"[HT]\d{2}[0-9A-Z]{13}",),
        (r"\d{16}",),
        "16 digits, or H and 15 letters and digits",
    ),
    Carrier("DPD", ("DPD UK", "DPD Local"), (), (r"\d{10}", r"\d{14}[0-9A-Z]?"), "14 digits, or 10"),
    Carrier("Yodel", ("Yodel Direct",), (), (r"JJ?D\d{16,18}", r"Y\d{12,16}"), "JD and 16 digits"),
    Carrier(
        "Amazon Logistics",
        ("Amazon", "AMZL", "Amazon Shipping"),
        (r"TB[ACM]\d{12,13}",),
        (r"QQ?\d{10,14}",),
        "TBA and 12 digits",
    ),
    Carrier("OnTrac", (), (r"1LS[0-9A-Z]{12,16}",), (r"[CD]\d{14}",), "C or D and 14 digits"),
    Carrier("YunExpress", ("Yun Express",), (r"YT\d{16}",), (), "YT and 16 digits"),
    Carrier("GLS", ("General Logistics Systems",), (), (r"\d{8}", r"\d{11,14}", r"[0-9A-Z]{8}")),
    _post("Canada Post", "CA", "Postes Canada", shapes=(r"\d{16}",), looks="or 16 digits"),
    _post("Deutsche Post", "DE", shapes=(r"[0-9A-Z]{13,20}",)),
    _post("La Poste", "FR", "La Poste France", shapes=(r"[0-9A-Z]{13}",)),
    _post("Poste Italiane", "IT", "Posta Italiana", "Poste", shapes=(r"[0-9A-Z]{13}",)),
    _post("Correos", "ES", "Correos Espana", "Correos de Espana", shapes=(r"[0-9A-Z]{13}", r"[0-9A-Z]{23}")),
    _post("An Post", "IE"),
    _post("Japan Post", "JP", "JP Post", shapes=(r"\d{11,12}",)),
    _post("China Post", "CN", "EMS China"),
    _post("Australia Post", "AU", "AusPost", shapes=(r"[0-9A-Z]{10,23}",)),
    Carrier("Yamato", ("Yamato Transport", "Kuroneko Yamato")),
    Carrier("Sagawa", ("Sagawa Express",)),
)


def folded(name: str) -> str:
    """The same for "Royal Mail", "royal-mail" and "ROYALMAIL"."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(each for each in plain if each.isalnum())


def bare(number: str) -> str:
    """A tracking number without the spaces and marks that people write into it."""
    return "".join(each for each in number.upper() if each.isalnum())


_BY_NAME: Mapping[str, Carrier] = {name: each for each in CARRIERS for name in each.names}


def known_as(name: str) -> str:
    """The same text for all names of one carrier; for one that is not known here its own name, folded."""
    plain = folded(name)
    one = _BY_NAME.get(plain)
    return folded(one.name) if one else plain


def named(name: str) -> Carrier | None:
    """The carrier that a name begins with, so that "UPS Next Day Air" is UPS; None where it is not known."""
    words = re.split(r"[\W_]+", name.strip())
    for count in range(len(words), 0, -1):
        if one := _BY_NAME.get(folded("".join(words[:count]))):
            return one
    return None


def of_number(number: str) -> tuple[Carrier, ...]:
    """Whose number it may be by its shape: those that alone give such numbers, or else all that do."""
    sure = tuple(each for each in CARRIERS if each.is_surely(number))
    return sure or tuple(each for each in CARRIERS if each.may_be(number))


def doubt(carrier: str, number: str) -> str:
    """What speaks against a number being this carrier's, in words; empty where nothing does, or nothing is known."""
    one = named(carrier)
    if not number or one is None or not one.looks or one.may_be(number):
        return ""
    sure = [each for each in of_number(number) if each.is_surely(number)]
    if sure:
        return f"{number} looks like {sure[0].name}, not {one.name}"
    return f"{number} does not look like a number of {one.name}: {one.looks}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A carrier that may be meant. `share` from 0 to 1 is how much speaks for it, `why` says what."""

    name: str
    share: float
    why: str


def find(name: str, number: str = "", *, among: Iterable[str] = ()) -> tuple[Candidate, ...]:
    """Who may be meant by a name that is not mapped, the likeliest first and five at most.

    `among` are the names that a platform takes; without any, the carriers known here.
    """
    choices = tuple(dict.fromkeys(among)) or tuple(each.name for each in CARRIERS)
    found = (best for choice in choices if (best := _best(name, number, choice)))
    ranked = sorted(found, key=lambda each: (-each.share, folded(each.name), each.name))
    return tuple(ranked[:MOST_CANDIDATES])


def _best(name: str, number: str, choice: str) -> Candidate | None:
    reasons = [*_by_name(name, choice), *_by_number(number, choice)]
    if not reasons:
        return None
    share, _ = max(reasons)
    return Candidate(choice, round(share, 2), "; ".join(why for _, why in sorted(reasons, reverse=True)))


def _by_name(name: str, choice: str) -> Sequence[tuple[float, str]]:
    mine, theirs = folded(name), folded(choice)
    if not mine or not theirs:
        return ()
    if mine == theirs:
        return ((1.0, "it is the same name"),)
    if known_as(name) == known_as(choice):
        return ((0.98, f"it is another name of {choice}"),)
    one = named(name)
    if one is not None and one is named(choice):
        return ((0.9, f"both are {one.name}"),)
    if min(len(mine), len(theirs)) >= SHORTEST_START and (mine.startswith(theirs) or theirs.startswith(mine)):
        return ((0.8, "one name begins with the other"),)
    alike = SequenceMatcher(None, mine, theirs, autojunk=False).ratio()
    return ((alike * 0.9, "the names are alike"),) if alike >= ALIKE else ()


def _by_number(number: str, choice: str) -> Sequence[tuple[float, str]]:
    one = named(choice)
    if not number or one is None:
        return ()
    if one.is_surely(number):
        return ((0.95, f"{number} is a number of {one.name} by its shape"),)
    return ((0.5, f"{number} may be a number of {one.name}"),) if one in of_number(number) else ()
