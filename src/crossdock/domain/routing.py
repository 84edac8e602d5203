"""Routing: which card takes an order, and which location or locations ship it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crossdock.domain.filters import Filters, OrderFacts


@dataclass(frozen=True, slots=True)
class Region:
    """A country (ISO 3166-1 alpha-2), or one of its states as orders name it; empty `states` means all of it."""

    country: str
    states: tuple[str, ...] = ()

    def holds(self, order: OrderFacts) -> bool:
        states = {state.casefold() for state in self.states}
        return self.country == order.country and (not states or order.state.casefold() in states)


@dataclass(frozen=True, slots=True)
class Destination:
    """A location, by the hub's id, and where it ships to; no regions means everywhere."""

    location: str
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One routing card: the orders that it is for, and their locations by preference."""

    name: str
    destinations: tuple[Destination, ...]
    filters: Filters = field(default_factory=Filters)
    allows_split: bool = False
    ignores_stock: bool = False
    sends_future: bool = False
    """Whether stock that is still to come counts, so that pre-orders are sent at once."""


@dataclass(frozen=True, slots=True)
class Need:
    """Units of one order line that are to be shipped."""

    line: str
    variant: str
    """Empty where no product of the hub was matched: nobody knows what there is of it."""
    sku: str
    units: int
    made_of: Mapping[str, int] | None = None
    """Of a bundle: which variants one unit is put together from, where bundles are not kept as such."""
    is_counted: bool = True
    """Whether anybody counts its stock; what nobody counts is everywhere."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Units of one variant at one location: free now, and free of those that are still to come."""

    available: int
    to_come: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A location as routing sees it. `linked` is the integration that it is linked to, empty for none."""

    id: str
    name: str
    is_active: bool
    linked: str
    is_warehouse: bool
    """Whether that integration is a 3PL or warehouse."""
    shelves: Mapping[str, Shelf] = field(default_factory=dict)
    is_unlimited: bool = False
    keeps_bundles: bool = False
    uncounted_by: str = ""
    """Who owns stock, where that is somebody who does not count this location; empty where it is counted."""

    @property
    def unlinked(self) -> str:
        """Why nobody there can be told to ship, in words; empty where somebody can."""
        if not self.linked:
            return f"{self.name} is not linked to a 3PL or warehouse"
        if not self.is_warehouse:
            return f"{self.name} is linked to {self.linked}, which is no 3PL or warehouse"
        return ""

    @property
    def closed(self) -> str:
        """Why nothing is shipped from here, whatever the order; empty where it can be a destination."""
        return f"{self.name} is not in use" if not self.is_active else self.unlinked


@dataclass(frozen=True, slots=True)
class Part:
    """What one location ships: units by order line."""

    location: str
    integration: str
    """The warehouse or 3PL that the location is linked to."""
    units: Mapping[str, int]
    name: str = ""
    """The location's, for people."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A card that did not take the order, and what it lacked, in words."""

    card: str
    lacked: tuple[str, ...]
    unlinked: tuple[str, ...] = ()
    """Of its locations those that are linked to no 3PL or warehouse, in words."""


@dataclass(frozen=True, slots=True)
class Routed:
    card: str
    parts: tuple[Part, ...]
    tried: tuple[Tried, ...] = ()
    notes: tuple[str, ...] = ()
    """Locations of the card that were passed over, with the reason."""
    unlinked: tuple[str, ...] = ()
    """Of the card's locations those that are linked to no 3PL or warehouse, in words."""


@dataclass(frozen=True, slots=True)
class Unroutable:
    tried: tuple[Tried, ...] = ()


Verdict = Routed | Unroutable


def decide(
    order: OrderFacts, needs: Sequence[Need], places: Mapping[str, Place], cards: Iterable[Card]
) -> Verdict:
    """The first card that takes the order with all of its needs; the cards are those that are on, in order.

    Where nothing is needed it is routed by no card and without parts.
    """
    wanted = [need for need in needs if need.units > 0]
    if not wanted:
        return Routed("", ())
    tried: list[Tried] = []
    for card in cards:
        found = _Trial(order, wanted, places, card).outcome()
        if isinstance(found, Tried):
            tried.append(found)
        else:
            return Routed(found.card, found.parts, tuple(tried), found.notes, found.unlinked)
    return Unroutable(tuple(tried))


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One card asked about an order whatever other cards say, and what each of its locations comes to, in words."""

    outcome: Routed | Tried
    locations: tuple[tuple[str, str], ...]
    """Name of the location, and what it ships or why it ships nothing."""


def rehearse(order: OrderFacts, needs: Sequence[Need], places: Mapping[str, Place], card: Card) -> Rehearsed:
    """What the card would do with the order if it were the only one."""
    trial = _Trial(order, [need for need in needs if need.units > 0], places, card)
    outcome = trial.outcome()
    return Rehearsed(outcome, tuple(trial.by_location(outcome)))


_PREFERENCES = "Location preferences of "


def decider(card: str) -> str:
    """What decides under this name, in words: a card, or a channel's location preferences."""
    if card.startswith(_PREFERENCES):
        return f"the {card[:1].lower()}{card[1:]}"
    return f"routing card {card!r}"


def preferred(channel: str, location: str) -> Card:
    """A channel's location preference as the card that it stands for: tried before all others, with stock checked."""
    return Card(f"{_PREFERENCES}{channel}", (Destination(location),))


@dataclass(frozen=True, slots=True)
class _Trial:
    """One order before one card."""

    order: OrderFacts
    needs: Sequence[Need]
    places: Mapping[str, Place]
    card: Card

    def outcome(self) -> Routed | Tried:
        if unmet := self.card.filters.unmet(self.order):
            return Tried(self.card.name, unmet)
        unfit = {d.location: why for d in self.card.destinations if (why := self._unfit(d))}
        open_to_it = [self.places[d.location] for d in self.card.destinations if d.location not in unfit]
        unlinked = self._unlinked()
        if not self.card.destinations:
            return Tried(self.card.name, ("it names no location",))
        if not open_to_it:
            return Tried(self.card.name, tuple(unfit.values()), unlinked)
        shares, short = self._shares(open_to_it)
        notes = (*unfit.values(), *short)
        if not shares:
            return Tried(self.card.name, notes, unlinked)
        parts = tuple(
            Part(place.id, place.linked, {line: n for line, n in units.items() if n}, place.name)
            for place, units in shares
        )
        return Routed(self.card.name, parts, (), notes, unlinked)

    def by_location(self, outcome: Routed | Tried) -> Iterator[tuple[str, str]]:
        """What each location of the card comes to, in words."""
        ships = {part.location: part.units for part in outcome.parts} if isinstance(outcome, Routed) else {}
        is_meant = not self.card.filters.unmet(self.order)
        for destination in self.card.destinations:
            place = self.places.get(destination.location)
            name = place.name if place is not None else destination.location
            if why := self._unfit(destination):
                yield name, why
            elif destination.location in ships:
                yield name, f"ships {sum(ships[destination.location].values())} units"
            elif not is_meant:
                yield name, "not asked, as the filters of the card are not met"
            elif place is not None:
                yield name, self._left_out(place)

    def _left_out(self, place: Place) -> str:
        """Why a location that could be a destination ships nothing."""
        if self.card.ignores_stock:
            return "not needed: a location before it ships everything"
        if unknown := sorted({need.sku for need in self.needs if not need.variant}):
            return _unmatched(unknown)
        wanted = {need.line: need.units for need in self.needs}
        units = _taken(place, self.needs, wanted, with_future=self.card.sends_future)
        return ", ".join(self._short(place, units)) or "not needed: a location before it ships everything"

    def _unfit(self, destination: Destination) -> str:
        place = self.places.get(destination.location)
        if place is None:
            return f"{destination.location} is no location of the hub"
        if why := place.closed:
            return why
        if destination.regions and not any(region.holds(self.order) for region in destination.regions):
            to = ", ".join(part for part in (self.order.state, self.order.country) if part)
            return f"{place.name} does not ship to {to or 'an order without a country'}"
        return ""

    def _unlinked(self) -> tuple[str, ...]:
        known = [self.places[d.location] for d in self.card.destinations if d.location in self.places]
        return tuple(place.unlinked for place in known if place.unlinked)

    def _shares(self, open_to_it: Sequence[Place]) -> tuple[list[_Share], list[str]]:
        """Who ships what, none where not all is covered; and what those lack that were passed over."""
        wanted = {need.line: need.units for need in self.needs}
        if self.card.ignores_stock:
            return [(open_to_it[0], wanted)], []
        if unknown := sorted({need.sku for need in self.needs if not need.variant}):
            return [], [_unmatched(unknown)]
        short: list[str] = []
        for place in open_to_it:
            units = _taken(place, self.needs, wanted, with_future=self.card.sends_future)
            if units == wanted:
                return [(place, units)], short
            short += self._short(place, units)
        if not self.card.allows_split:
            return [], short
        together = self._together(open_to_it)
        if not together:
            short.append("all its locations together cannot ship everything")
        return together, [] if together else short

    def _together(self, open_to_it: Sequence[Place]) -> list[_Share]:
        """By preference each gives what it can. One that the others can do without is left out, the last one first."""
        shares = self._spread(open_to_it)
        for place, _ in reversed(shares):
            without = self._spread([each for each, _ in shares if each is not place])
            shares = without or shares
        return shares

    def _spread(self, some: Sequence[Place]) -> list[_Share]:
        left = {need.line: need.units for need in self.needs}
        shares: list[_Share] = []
        for place in some:
            units = _taken(place, self.needs, left, with_future=self.card.sends_future)
            left = {line: count - units[line] for line, count in left.items()}
            if any(units.values()):
                shares.append((place, units))
        return [] if any(left.values()) else shares

    def _short(self, place: Place, units: Mapping[str, int]) -> Iterator[str]:
        short = [need for need in self.needs if units[need.line] < need.units]
        if short and place.uncounted_by:
            yield f"{place.name} is not counted by {place.uncounted_by}, which owns stock"
            return
        for need in short:
            yield f"{place.name} has {units[need.line]} of {need.units} {need.sku}"


_Share = tuple[Place, dict[str, int]]
"""A location, and the units by line that it ships."""


def _unmatched(skus: Sequence[str]) -> str:
    names, verb = ", ".join(skus), "are" if len(skus) > 1 else "is"
    return f"{names} {verb} no product of the hub, so that its stock cannot be checked"


def _taken(
    place: Place, needs: Sequence[Need], wanted: Mapping[str, int], *, with_future: bool
) -> dict[str, int]:
    """How many of the wanted units of each line the location can ship, the first line served first."""
    left = {variant: _free(shelf, with_future=with_future) for variant, shelf in place.shelves.items()}
    found: dict[str, int] = {}
    for need in needs:
        units = wanted[need.line]
        if not (place.is_unlimited or not need.is_counted):
            parts = parts_at(place, need)
            units = min([units, *(left.get(part, 0) // each for part, each in parts.items())])
            for part, each in parts.items():
                left[part] = left.get(part, 0) - units * each
        found[need.line] = units
    return found


def parts_at(place: Place, need: Need) -> Mapping[str, int]:
    """Which variants one unit is taken from at this location: itself, or the components of a bundle."""
    return {need.variant: 1} if need.made_of is None or place.keeps_bundles else need.made_of


def _free(shelf: Shelf, *, with_future: bool) -> int:
    """What is promised beyond what is there is taken off what is still to come."""
    return max(0, shelf.available + (max(0, shelf.to_come) if with_future else 0))
