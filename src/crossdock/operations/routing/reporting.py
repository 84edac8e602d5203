"""How an order was routed, kept with it and told in words: the card and location that decided, and why others lost."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from crossdock.domain.routing import Routed, Verdict, decider
from crossdock.operations.routing.state import Routing
from crossdock.store.codec import unpack

NO_MATTER_OF_SKUS = (
    "SKU matching does not control routing: the routing cards do, and the locations that they name"
)


@dataclass(frozen=True, slots=True)
class Shipper:
    """One location that ships, its warehouse, and how many units it was given."""

    location: str
    location_id: str
    integration: str
    units: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A card that did not take the order, and what it lacked."""

    card: str
    lacked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A decision, as it is kept with the order. `unlinked` are locations that nobody can be told to ship from."""

    state: Routing
    card: str = ""
    shippers: tuple[Shipper, ...] = ()
    passed_over: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    unlinked: tuple[str, ...] = ()


def describe(verdict: Verdict) -> Report:
    """What is kept of a decision with its order; `codec.pack` makes it text, and `kept` reads that."""
    lost = tuple(Lost(each.card, each.lacked) for each in verdict.tried)
    unlinked = [why for each in verdict.tried for why in each.unlinked]
    if not isinstance(verdict, Routed):
        return Report(Routing.FAILED, lost=lost, unlinked=tuple(dict.fromkeys(unlinked)))
    shippers = tuple(
        Shipper(part.name, part.location, part.integration, sum(part.units.values()))
        for part in verdict.parts
    )
    return Report(
        Routing.ROUTED,
        verdict.card,
        shippers,
        verdict.notes,
        lost,
        tuple(dict.fromkeys([*verdict.unlinked, *unlinked])),
    )


def kept(text: str) -> Report | None:
    """The report that is stored with an order; None where it was never decided."""
    found: Report | None = unpack(Report | None, text)
    return found


def summary(report: Report) -> str:
    """One sentence: who ships, or why nobody does."""
    if report.state is Routing.ROUTED:
        if not report.shippers:
            return "Nothing is left to be routed"
        ships = " and ".join(_ships(each) for each in report.shippers)
        by = decider(report.card)
        return f"{by[:1].upper()}{by[1:]} decided: {ships}"
    if not report.lost:
        told = "".join(f", and location {why}" for why in report.unlinked)
        return f"There is no routing card that is on{told}, so the order has no routing destination"
    if report.unlinked:
        told = "; ".join(f"location {why}" for why in report.unlinked)
        return f"No routing card takes the order: {told}, so the order has no routing destination"
    return f"No routing card takes the order: {'; '.join(lost_in_words(report))}"


def in_words(report: Report) -> list[str]:
    """Everything that is known of the decision, a sentence each."""
    said = [summary(report)]
    said += [f"Passed over: {why}" for why in report.passed_over]
    said += [f"Not taken by {each}" for each in lost_in_words(report)]
    said += [f"Nothing can ship from there: {why}" for why in report.unlinked]
    return [*said, NO_MATTER_OF_SKUS]


def fix(report: Report, location: str = "", warehouse: str = "") -> str:
    """What a person does about an order that no card takes; with the names of what is to be linked, where known."""
    place = shlex.quote(location) if location else "LOCATION"
    link = f"crossdock locations set {place} --linked-to {warehouse or 'WAREHOUSE'}"
    if not report.lost:
        add = f"crossdock routing add NAME --to {place}"
        return (
            f"Link the location: {link}. And add a routing card: {add}"
            if location
            else f"Add a routing card: {add}"
        )
    if report.unlinked:
        return f"Link the location: {link}"
    return (
        "Change a card, its locations or the stock there; the order is tried again by itself. "
        "“crossdock routing rehearse --order NUMBER” shows what each card lacks"
    )


def lost_in_words(report: Report) -> list[str]:
    return [f"{each.card!r}: {', '.join(each.lacked)}" for each in report.lost]


def _ships(shipper: Shipper) -> str:
    units = f"{shipper.units} unit{'s' if shipper.units != 1 else ''}"
    return f"{shipper.location} ships {units} through {shipper.integration}"
