"""Stock as pure arithmetic: what a location has, what a channel may be offered, when a report has been seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class MovementKind(StrEnum):
    """Why a line of the ledger exists."""

    RECEIVE = "receive"
    COUNT = "count"
    COMMIT = "commit"
    RELEASE = "release"
    SHIP = "ship"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Level:
    """One variant at one location, in units. `on_hand` and `committed` are the sums of its movements."""

    location_id: str
    on_hand: int
    committed: int = 0
    unavailable: int = 0

    @property
    def available(self) -> int:
        """May be negative: then more is promised than is there."""
        return self.on_hand - self.committed - self.unavailable


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where a channel keeps stock. `mapped` says which of its locations gets which hub location's units."""

    all: tuple[str, ...]
    default: str
    mapped: Mapping[str, str]
    unmapped_to_default: bool = True

    def of(self, location_id: str) -> str | None:
        target = self.mapped.get(location_id)
        if target is not None and target in self.all:
            return target
        return self.default if self.unmapped_to_default and self.default else None


def offered_per_location(
    levels: Sequence[Level], to: Destinations, *, buffer: int
) -> tuple[tuple[str, int], ...]:
    """Units per location of the channel, sorted by location; every one of its locations is named.

    What one location lacks, and the buffer, are taken from those that have most: the sum is never more
    than what is there in all.
    """
    units = dict.fromkeys(to.all, 0)
    for level in levels:
        if (target := to.of(level.location_id)) is not None:
            units[target] = units.get(target, 0) + level.available
    missing = buffer + sum(-n for n in units.values() if n < 0)
    units = {location: max(0, n) for location, n in units.items()}
    for location in sorted(units, key=lambda name: (-units[name], name)):
        taken = min(missing, units[location])
        units[location] -= taken
        missing -= taken
    return tuple(sorted(units.items()))


# Reports of sales


class Seen(StrEnum):
    """Whether a reading of the owner's stock contains a report."""

    YES = "yes"
    NOT_YET = "not_yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """The owner's on-hand units of one variant: at the report's location, and over all of them."""

    at_location: int
    total: int


def seen(before: Reading, now: Reading, *, delta: int, own_units: int) -> Seen:
    """Whether a report of `delta` units shows in `now`, allowing for `own_units` net sales of the owner in between.

    The reading must have begun after the report's answer and before the owner's orders were last
    pulled, else `own_units` is not yet known. When somebody raised the stock by hand meanwhile, nobody can tell.
    """
    change = now.total - before.total
    applied, untouched = delta - own_units, -own_units
    if change == applied:
        return Seen.YES
    if change == untouched:
        return Seen.NOT_YET
    if own_units == 0 and now.at_location - before.at_location == delta:
        return Seen.YES
    beyond = change < applied if delta < 0 else change > applied
    return Seen.YES if beyond else Seen.UNKNOWN


# Commitments of one order line


class ReportState(StrEnum):
    """The life of one report of a sale (negative units) or of its reversal (positive)."""

    OPEN = "open"
    SENT = "sent"
    ANSWERED = "answered"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    SEEN = "seen"
    VOID = "void"

    @property
    def is_in_flight(self) -> bool:
        return self in (ReportState.SENT, ReportState.ANSWERED, ReportState.UNCLEAR)

    @property
    def can_be_withdrawn(self) -> bool:
        """Nothing was applied yet and nothing is under way."""
        return self in (ReportState.OPEN, ReportState.REFUSED)


@dataclass(frozen=True, slots=True)
class Report:
    id: int
    quantity: int
    state: ReportState


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """What to do so that the reports of a line add up to its sale: withdraw some, shrink one, add one."""

    void: tuple[int, ...] = ()
    shrink: tuple[int, int] | None = None
    add: int = 0


def plan_reports(sold: int, reports: Sequence[Report]) -> ReportPlan:
    """How the reports of one line come to stand for `sold` units, each unit exactly once.

    Units taken back are first withdrawn from reports that were never sent, else reversed by a new report.
    """
    standing = [report for report in reports if report.state is not ReportState.VOID]
    excess = -sum(report.quantity for report in standing) - sold
    if excess <= 0:
        return ReportPlan(add=excess)
    void: list[int] = []
    for report in standing:
        if not report.state.can_be_withdrawn or report.quantity >= 0 or excess == 0:
            continue
        if -report.quantity <= excess:
            void.append(report.id)
            excess += report.quantity
        else:
            return ReportPlan(tuple(void), shrink=(report.id, report.quantity + excess))
    return ReportPlan(tuple(void), add=excess)
