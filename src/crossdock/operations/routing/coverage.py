"""Which orders the routing cards cover: what each card can do, what it would have taken lately, and what nobody takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain import routing
from crossdock.domain.channel import LocationKind
from crossdock.domain.filters import Filters, OrderFacts
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.routing import Card, Place, Routed, Verdict
from crossdock.operations.routing import cards, needs
from crossdock.operations.routing.cards import Kept
from crossdock.operations.routing.deciding import Yard, preferred_cards
from crossdock.operations.routing.order_facts import facts_of
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order
MOST_ORDERS = 2000
MOST_DAYS = 366
SHOWN = 10
SHIPS_NOTHING = (LocationKind.RETURNS, LocationKind.PLATFORM_WAREHOUSE, LocationKind.IMPLIED)


@dataclass(frozen=True, slots=True)
class DestinationCover:
    """One location of a card, and why nothing can be shipped from there; empty where it can."""

    location: str
    why_not: str


@dataclass(frozen=True, slots=True)
class CardCover:
    """One card. `shadowed_by` is a card before it without filters, which leaves it what that cannot ship, or nothing."""

    card: str
    is_on: bool
    destinations: tuple[DestinationCover, ...]
    shadowed_by: str
    is_never_reached: bool
    orders: int
    """Past orders that it would take today."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many past orders something is true of."""

    what: str
    orders: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The cards against the orders of the past days, each as if it came now. At most the newest 2000 are looked at."""

    days: int
    orders: int
    is_cut: bool
    """Whether there were more orders than were looked at."""
    cards: tuple[CardCover, ...]
    preferred: int
    """Orders that the location preferences of their channel decide."""
    unrouted: int
    lacked: tuple[Count, ...]
    """What those lacked, the most frequent first."""
    uncovered_countries: tuple[Count, ...]
    """Countries of past orders that no card that is on is for, whether its locations can ship or not."""
    unnamed_locations: tuple[str, ...]


def report(tx: Transaction, task: Task, *, days: int = 30) -> Coverage:
    """Nothing is changed by it. Raises SettingsError."""
    if not 1 <= days <= MOST_DAYS:
        raise SettingsError("days", f"a whole number from 1 to {MOST_DAYS}, not {days}")
    every, ids = cards.every(tx), _past_orders(tx, task, days)
    facts = facts_of(tx, task, ids[:MOST_ORDERS], whole=True)
    verdicts, places, yard = _decided(tx, task, facts, [each.card for each in every if each.is_on])
    took = Counter(each.card for each in verdicts.values() if isinstance(each, Routed))
    lost = [each for each in verdicts.values() if not isinstance(each, Routed)]
    lacked = Counter(why for each in lost for why in _lacked(each))
    names = {each.card.name for each in every}
    return Coverage(
        days=days,
        orders=len(verdicts),
        is_cut=len(ids) > MOST_ORDERS,
        cards=tuple(_cover(each, every, places, took[each.card.name]) for each in every),
        preferred=sum(count for card, count in took.items() if card not in names),
        unrouted=len(lost),
        lacked=_counts(lacked),
        uncovered_countries=_uncovered(every, [facts[key] for key in verdicts]),
        unnamed_locations=_unnamed(every, yard),
    )


def _past_orders(tx: Transaction, task: Task, days: int) -> list[str]:
    """Those that the hub could have been asked to route, the newest first, and one more than are looked at."""
    statement = (
        sa.select(ORDER.c.id)
        .where(
            ORDER.c.placed_at >= task.now - timedelta(days=days),
            ORDER.c.copy_of.is_(None),
            ORDER.c.fulfilled_by.in_([each for each in FulfilledBy if not each.arrives_fulfilled]),
            ORDER.c.status.not_in([OrderStatus.DRAFT, OrderStatus.CANCELED]),
        )
        .order_by(ORDER.c.placed_at.desc(), ORDER.c.id)
    )
    return list(tx.scalars(statement.limit(MOST_ORDERS + 1)))


def _decided(
    tx: Transaction, task: Task, facts: Mapping[str, OrderFacts], on: Sequence[Card]
) -> tuple[dict[str, Verdict], dict[str, Place], Yard]:
    """The verdicts on orders that need anything, the places as nobody's order sees them, and the yard of both."""
    wanted = needs.of_orders(tx, task, facts, whole=True)
    yard = Yard(tx, task, [need for each in wanted.values() for need in each.needs])
    first = preferred_cards(tx, task, list(facts), yard)
    verdicts = {
        key: routing.decide(facts[key], each.needs, yard.places(each), [*first.get(key, ()), *on])
        for key, each in wanted.items()
        if any(need.units for need in each.needs)
    }
    return verdicts, yard.places(needs.NOTHING), yard


def _lacked(verdict: Verdict) -> set[str]:
    lacked = {f"{each.card!r}: {why}" for each in verdict.tried for why in each.lacked}
    return lacked or {"There is no routing card that is on"}


def _cover(kept: Kept, every: Sequence[Kept], places: Mapping[str, Place], orders: int) -> CardCover:
    before = [each for each in every if each.position < kept.position and each.is_on]
    shadow = next((each.card for each in before if _takes_any(each.card, places)), None)
    return CardCover(
        card=kept.card.name,
        is_on=kept.is_on,
        destinations=tuple(_destination(each.location, places) for each in kept.card.destinations),
        shadowed_by=shadow.name if shadow is not None else "",
        is_never_reached=any(each.card.ignores_stock and _takes_any(each.card, places) for each in before),
        orders=orders,
    )


def _takes_any(card: Card, places: Mapping[str, Place]) -> bool:
    """Whether it asks nothing of an order but that there is stock."""
    everywhere = [each.location for each in card.destinations if not each.regions]
    return card.filters == Filters() and any(_is_open(each, places) for each in everywhere)


def _destination(location: str, places: Mapping[str, Place]) -> DestinationCover:
    place = places.get(location)
    if place is None:
        return DestinationCover(location, "it is no location of the hub")
    return DestinationCover(place.name, place.closed)


def _is_open(location: str, places: Mapping[str, Place]) -> bool:
    return location in places and not places[location].closed


def _uncovered(every: Sequence[Kept], orders: Sequence[OrderFacts]) -> tuple[Count, ...]:
    on = [each.card for each in every if each.is_on]
    found = Counter(order.country or "(no country)" for order in orders if not _is_covered(order, on))
    return _counts(found)


def _is_covered(order: OrderFacts, on: Sequence[Card]) -> bool:
    return any(
        (not card.filters.countries or order.country in card.filters.countries)
        and any(
            not each.regions or any(region.country == order.country for region in each.regions)
            for each in card.destinations
        )
        for card in on
    )


def _unnamed(every: Sequence[Kept], yard: Yard) -> tuple[str, ...]:
    """Locations that could ship and that no card has among its destinations, by name."""
    named = {each.location for kept in every for each in kept.card.destinations}
    rows = [row for row in yard.rows if yard.could_ship(row) and row.kind not in SHIPS_NOTHING]
    return tuple(sorted(row.name for row in rows if row.id not in named))


def _counts(found: Counter[str]) -> tuple[Count, ...]:
    ranked = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Count(what, count) for what, count in ranked[:SHOWN])
