"""Whose fault each unit is that was sold beyond what existed, told from the platforms' own times alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

Platform = Literal["store", "shop"]
PLATFORMS: tuple[Platform, ...] = ("store", "shop")
Kind = Literal["sale", "set", "step"]
SAME_SECONDS = 1e-6
"""What a sum and a difference of times may be apart: a sale that is as old as the longest delay counts."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One move of a platform's number of one SKU, in the order of the platform's own clock.

    A sale of so many `units`, the landing of an absolute number, or of a step; `shown` is what is left on sale
    afterwards. `asked` is when the request of a landing arrived.
    """

    at: float
    platform: Platform
    kind: Kind
    units: int
    shown: int
    asked: float = 0.0


@dataclass(frozen=True, slots=True)
class Read:
    """A reading of a platform's orders."""

    began: float
    answered: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Units of one SKU sold beyond what existed, by what would have prevented them."""

    unpreventable: int = 0
    """Both platforms sold within the propagation time, or the time that it may be, whichever is less."""
    late: int = 0
    """Both sold within the propagation time, which was longer than it may be."""
    in_flight: int = 0
    """Sold between the hub's last reading of that platform's orders and the landing of its own number there."""
    by_hub: int = 0
    """The hub's number lacked what it had read, or put back what it knew to be sold."""

    @property
    def total(self) -> int:
        return self.unpreventable + self.late + self.in_flight + self.by_hub

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.unpreventable + other.unpreventable,
            self.late + other.late,
            self.in_flight + other.in_flight,
            self.by_hub + other.by_hub,
        )


@dataclass
class History:
    """All that happened to one SKU of which `existed` units were there."""

    existed: int
    events: Sequence[Happened]
    reads: Mapping[Platform, Sequence[Read]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sold: dict[Platform, list[float]] = {"store": [], "shop": []}
        for event in self.events:
            if event.kind == "sale":
                self._sold[event.platform] += [event.at] * event.units

    @property
    def sold(self) -> int:
        return sum(map(len, self._sold.values()))

    def sold_on(self, platform: Platform, after: float, until: float) -> int:
        """Units sold there later than `after` and not later than `until`."""
        times = self._sold[platform]
        return bisect_right(times, until) - bisect_right(times, after)

    def delays(self, to: Platform) -> list[float]:
        """For each unit sold elsewhere while there was some on sale: the seconds until `to` had heard of it.

        The oldest sales are taken to be heard of first, so a number that lacks three units lacks the last three.
        Only in a run without a guard does a number say what it lacks. Where it was sold out before it had heard of it,
        it took at least until then.
        """
        origin = _other(to)
        landings = [each for each in self.events if each.platform == to and each.kind != "sale"]
        times = [each.at for each in landings]
        # What a platform sells itself only an absolute number can lack.
        lacking = {"set": PLATFORMS, "step": (origin,)}
        found = []
        for sale in self._sold[origin]:
            if not self._shown(to, sale):
                continue
            for landing in landings[bisect_left(times, sale) :]:
                lacks = landing.shown - self._left(landing.at)
                if lacks <= sum(self.sold_on(one, sale, landing.at) for one in lacking[landing.kind]):
                    found.append(landing.at - sale)
                    break
            else:
                found.append(self._sold_out(to, sale) - sale)
        return found

    def most_sold_within(self, seconds: float) -> int:
        """The most units that all platforms together sold in so short a time."""
        times = sorted(moment for sold in self._sold.values() for moment in sold)
        return max((bisect_right(times, t + seconds) - i for i, t in enumerate(times)), default=0)

    def verdict(self, delay: Mapping[Platform, float], target: float = inf) -> Verdict:
        """`delay` is the propagation time towards a platform, and `target` what it may be, in seconds."""
        found = Verdict()
        left = self.existed
        for index, event in enumerate(self.events):
            if event.kind != "sale":
                continue
            for unit in range(event.units):
                if left - unit <= 0:
                    shown = event.shown + event.units - unit
                    found += self._judge(index, shown, left - unit, (target, delay[event.platform]))
            left -= event.units
        return found

    def _judge(self, index: int, shown: int, left: int, times: tuple[float, float]) -> Verdict:
        """Of the units that the platform should not have shown: which could nobody know, which were in flight?"""
        sale = self.events[index]
        target, delay = times
        in_time, unknown = (
            self.sold_on(_other(sale.platform), sale.at - seconds - SAME_SECONDS, sale.at)
            for seconds in (min(target, delay), delay)
        )
        overtaken = self._overtaken(index, sale.platform)
        lacks = [
            (in_time, Verdict(unpreventable=1)),
            (in_time + overtaken, Verdict(in_flight=1)),
            (unknown + overtaken, Verdict(late=1)),
        ]
        excused = (verdict for units, verdict in lacks if shown - max(0, shown - left - units) > 0)
        return next(excused, Verdict(by_hub=1))

    def _overtaken(self, index: int, platform: Platform) -> int:
        """Units that the last absolute number put back: sold there after the last reading before it was sent."""
        for event in reversed(self.events[:index]):
            if event.platform == platform and event.kind == "set":
                known = [each for each in self.reads.get(platform, ()) if each.answered <= event.asked]
                began = max((each.began for each in known), default=0.0)
                return self.sold_on(platform, began, event.at)
        return 0

    def _left(self, at: float) -> int:
        return self.existed - sum(bisect_right(times, at) for times in self._sold.values())

    def _sold_out(self, platform: Platform, since: float) -> float:
        """When there was nothing left on sale, or the last event."""
        ends = (e.at for e in self.events if e.platform == platform and e.at >= since and not e.shown)
        return next(ends, self.events[-1].at)

    def _shown(self, platform: Platform, at: float) -> int:
        """What is on sale there; before anything happened all of it is."""
        shown = self.existed
        for event in self.events:
            if event.at > at:
                break
            if event.platform == platform:
                shown = event.shown
        return shown


def _other(platform: Platform) -> Platform:
    return "shop" if platform == "store" else "store"
