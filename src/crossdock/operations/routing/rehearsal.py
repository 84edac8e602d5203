"""Rehearsals: where a past or a made-up order would go today, and why every other card and location would not get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain import routing
from crossdock.domain.catalog import Variant
from crossdock.domain.filters import OrderFacts
from crossdock.domain.money import Money
from crossdock.domain.order import FulfilledBy
from crossdock.domain.routing import Card, Routed
from crossdock.domain.units import grams
from crossdock.operations.routing import card_rules, cards, needs, reporting, unrouted
from crossdock.operations.routing.deciding import Yard, preferred_cards
from crossdock.operations.routing.needs import Wanted
from crossdock.operations.routing.order_facts import facts_of
from crossdock.operations.routing.reporting import Report
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
VARIANT = tables.variant
MOST_UNITS = 1_000_000
NO_REQUEST = "The platform itself sees to the shipping of this order, so that none is asked of a location"


@dataclass(frozen=True, slots=True)
class Sample:
    """An order that nobody has placed. `units` are by SKU, `weight` is in grams."""

    channel: str
    country: str
    units: Mapping[str, int]
    state: str = ""
    total: Decimal = Decimal(0)
    currency: str = ""
    tags: tuple[str, ...] = ()
    method: str = ""
    weight: Decimal | None = None
    """That of its variants where it is not given."""


@dataclass(frozen=True, slots=True)
class LocationOutcome:
    """One location of a card: what it would ship, or why it would ship nothing."""

    location: str
    why: str


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """One card: whether it would get the order, and what it lacks or why it is not asked."""

    card: str
    wins: bool
    why: tuple[str, ...]
    locations: tuple[LocationOutcome, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would come of an order today. Nothing is changed by it."""

    order: str
    """Its number; empty for one that is made up."""
    summary: str
    report: Report
    cards: tuple[CardOutcome, ...]
    notes: tuple[str, ...] = field(default=())


def of_order(tx: Transaction, task: Task, order_id: str) -> Rehearsal | None:
    """A past order as if nothing of it had been requested or shipped, with today's stock; None where there is none."""
    row = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).first()
    if row is None:
        return None
    facts = facts_of(tx, task, [order_id], whole=True)[order_id]
    wanted = needs.of_orders(tx, task, [order_id], whole=True).get(order_id, needs.NOTHING)
    yard = Yard(tx, task, wanted.needs)
    first = preferred_cards(tx, task, [order_id], yard).get(order_id, ())
    notes = [NO_REQUEST] if FulfilledBy(row.fulfilled_by).arrives_fulfilled else []
    if not any(need.units for need in wanted.needs):
        notes.append("All of its units are canceled")
    return _rehearsed(tx, _Cast(order_id, row.number, facts, wanted, yard, first, notes))


def of_sample(tx: Transaction, task: Task, sample: Sample) -> Rehearsal:
    """A made-up order. Raises SettingsError naming the field."""
    facts = _facts(tx, sample)
    wanted = needs.of_skus(tx, task, sample.units)
    return _rehearsed(tx, _Cast("", "", facts, wanted, Yard(tx, task, wanted.needs)))


@dataclass(frozen=True, slots=True)
class _Cast:
    """All that a rehearsal is played with."""

    order_id: str
    number: str
    facts: OrderFacts
    wanted: Wanted
    yard: Yard
    first: Sequence[Card] = ()
    """Cards that are tried before all others."""
    notes: Sequence[str] = ()


def _rehearsed(tx: Transaction, cast: _Cast) -> Rehearsal:
    every = cards.every(tx)
    on = [*cast.first, *(each.card for each in every if each.is_on)]
    places, wanted = cast.yard.places(cast.wanted), cast.wanted.needs
    verdict = routing.decide(cast.facts, wanted, places, on)
    winner = verdict.card if isinstance(verdict, Routed) else ""
    off = {each.card.name for each in every if not each.is_on}
    outcomes: list[CardOutcome] = []
    for card in (*cast.first, *(each.card for each in every)):
        found = routing.rehearse(cast.facts, wanted, places, card)
        wins = bool(winner) and card.name == winner
        is_below = any(each.wins for each in outcomes)
        why = _why(found.outcome, winner if is_below else "", is_off=card.name in off)
        at = tuple(LocationOutcome(*each) for each in found.locations)
        outcomes.append(CardOutcome(card.name, wins, why, at))
    report = reporting.describe(verdict)
    if cast.order_id:
        report = unrouted.with_places(tx, cast.order_id, report)
    return Rehearsal(cast.number, reporting.summary(report), report, tuple(outcomes), tuple(cast.notes))


def _why(outcome: routing.Routed | routing.Tried, before: str, *, is_off: bool) -> tuple[str, ...]:
    """What a card lacks, and why it is not even asked."""
    said = ("it is off",) if is_off else (f"{before!r} is tried before it",) if before else ()
    return said + (outcome.notes if isinstance(outcome, Routed) else outcome.lacked)


def _facts(tx: Transaction, sample: Sample) -> OrderFacts:
    if not sample.units:
        raise SettingsError("lines", "name at least one SKU with its units, such as TEA-1=2")
    for sku, units in sample.units.items():
        if not 1 <= units <= MOST_UNITS:
            raise SettingsError("lines", f"{sku!r} is needed 1 to {MOST_UNITS} times, not {units}")
    known = set(tx.scalars(sa.select(tables.integration.c.name)))
    if sample.channel and sample.channel not in known:
        there = ", ".join(sorted(known)) or "none yet"
        raise SettingsError("channel", f"{sample.channel!r} is no integration; there are: {there}")
    for field_name, number in (("total", sample.total), ("weight", sample.weight)):
        card_rules.require_number(number, field_name)
    return OrderFacts(
        channel=sample.channel,
        country=card_rules.country(sample.country, "country"),
        state=sample.state.strip(),
        skus=frozenset(sample.units),
        tags=frozenset(sample.tags),
        total=Money(sample.total, sample.currency),
        weight=_weight(tx, sample.units) if sample.weight is None else sample.weight,
        method=sample.method,
    )


def _weight(tx: Transaction, units: Mapping[str, int]) -> Decimal | None:
    rows = select_in(tx, sa.select(VARIANT.c.sku, VARIANT.c.body), VARIANT.c.sku, units)
    weights = {row.sku: unpack(Variant, row.body).weight for row in rows}
    total = Decimal(0)
    for sku, count in units.items():
        if (weight := weights.get(sku)) is None:
            return None
        total += grams(weight) * count
    return total
