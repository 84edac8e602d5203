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
    future: int = 0
    committed_future: int = 0
    buffer: int = 0
    is_unlimited: bool = False
    """Whatever is asked for is there."""
    is_locked: bool = False
    """Readings do not change it, only persons and orders do."""

    @property
    def available(self) -> int:
        """What is there and free. May be negative: then more is promised than is there."""
        return self.on_hand - self.committed - self.unavailable

    @property
    def promisable(self) -> int:
        """What may be promised to buyers: with what is to come, less what is held back here."""
        return self.available + self.future - self.committed_future - self.buffer


@dataclass(frozen=True, slots=True)
class Component:
    """What one bundle takes of one variant, and where that is."""

    quantity: int
    levels: Sequence[Level]


def bundle_levels(
    components: Sequence[Component], own: Sequence[Level], keeping: frozenset[str]
) -> tuple[Level, ...]:
    """How many bundles each location could give.

    Where bundles are kept as such (`keeping`) it is their own level; elsewhere the component that is
    scarcest there decides. A location that lacks units lends nothing to the others, so all of them
    together never give more bundles than there are components.
    """
    made = [
        _made_of(components, place)
        for place in sorted({level.location_id for one in components for level in one.levels})
        if place not in keeping
    ]
    return (*made, *(level for level in own if level.location_id in keeping))


def _made_of(components: Sequence[Component], place: str) -> Level:
    """A location that says nothing of a component has none of it."""
    bounds = []
    for one in components:
        level = next((each for each in one.levels if each.location_id == place), Level(place, 0))
        if not level.is_unlimited:
            bounds.append(level.promisable // one.quantity)
    return Level(place, min(bounds)) if bounds else Level(place, 0, is_unlimited=True)


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


@dataclass(frozen=True, slots=True)
class LastUnits:
    """The guard of the last units: with fewer than `below` available a channel may offer only a share, less a buffer."""

    below: int = 0
    percentage: int = 50
    buffer: int = 0

    def allows(self, available: int) -> int | None:
        """Units that may be offered; None where the guard does not hold."""
        return available * self.percentage // 100 - self.buffer if 0 < available < self.below else None


@dataclass(frozen=True, slots=True)
class Share:
    """How much of what there is a channel may offer."""

    percentage: int = 100
    buffer: int = 0
    out_of_stock_below: int = 0
    last_units: LastUnits = LastUnits()
    unlimited: int = 999
    """What a location offers whose stock has no limit."""


@dataclass(frozen=True, slots=True)
class Offering:
    """Units per location of the channel, sorted by location, and the sum they come from, step by step."""

    quantities: tuple[tuple[str, int], ...]
    available: int
    """Over all locations that feed the channel."""
    shared: int
    """The channel's percentage of it, rounded down."""
    less_buffer: int
    guarded: int | None
    """What the guard of the last units allows; None where it does not hold."""
    total: int


def offering(levels: Sequence[Level], to: Destinations, share: Share) -> Offering:
    """What a channel offers; every one of its locations is named.

    The percentage comes first and the buffer after it, which is the lesser number. What one location
    lacks, and what is not offered, is taken from those that have most: no location offers more than it
    has, and all together never more than there is. Under the guard of the last units the lesser number
    counts, so that a sale never raises what is offered. Stock without limit has no last units.
    """
    units = dict.fromkeys(to.all, 0)
    is_limited = True
    for level in levels:
        if (target := to.of(level.location_id)) is not None:
            is_limited = is_limited and not level.is_unlimited
            more = share.unlimited if level.is_unlimited else level.promisable
            units[target] = units.get(target, 0) + more
    available = sum(units.values())
    shared = available * share.percentage // 100 if available > 0 else available
    less_buffer = shared - share.buffer
    guarded = share.last_units.allows(available) if is_limited else None
    left = less_buffer if guarded is None else min(less_buffer, guarded)
    total = 0 if left < share.out_of_stock_below else max(0, left)
    return Offering(_spread(units, total), available, shared, less_buffer, guarded, total)


def _spread(units: Mapping[str, int], total: int) -> tuple[tuple[str, int], ...]:
    left = {location: max(0, count) for location, count in units.items()}
    excess = sum(left.values()) - total
    if not excess:
        return tuple(sorted(left.items()))
    for location in sorted(left, key=lambda name: (-left[name], name)):
        taken = min(excess, left[location])
        left[location] -= taken
        excess -= taken
    return tuple(sorted(left.items()))


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


def seen(before: Reading, now: Reading, *, delta: int, own_units: int, is_by_hand: bool = False) -> Seen:
    """Whether a report of `delta` units shows in `now`, allowing for `own_units` net sales of the owner in between.

    The reading must have begun after the report's answer and before the owner's orders were last
    pulled, else `own_units` is not yet known. When somebody changed the stock by hand meanwhile, nobody can tell,
    unless the report itself `is_by_hand`: units that a person is to give back there.
    """
    change = now.total - before.total
    applied, untouched = delta - own_units, -own_units
    if change == applied:
        return Seen.YES
    if change == untouched:
        return Seen.NOT_YET
    if own_units == 0 and now.at_location - before.at_location == delta:
        return Seen.YES
    return Seen.YES if is_by_hand and delta > 0 and change > applied else Seen.UNKNOWN


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

    What was sent stays. Reports that were never sent make up the rest, so none of them contradicts another:
    of those that do too much, the refused ones are withdrawn first. What is missing is a new report.
    """
    standing = [report for report in reports if report.state is not ReportState.VOID]
    left = -sold - sum(report.quantity for report in standing if not report.state.can_be_withdrawn)
    void: list[int] = []
    shrink: tuple[int, int] | None = None
    unsent = [report for report in standing if report.state.can_be_withdrawn]
    for report in sorted(unsent, key=lambda report: report.state is ReportState.REFUSED):
        if report.quantity * left <= 0:
            void.append(report.id)
        elif abs(report.quantity) <= abs(left):
            left -= report.quantity
        else:
            shrink, left = (report.id, left), 0
    return ReportPlan(tuple(void), shrink, left)
