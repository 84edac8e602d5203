"""Routing cards as people keep them: add, change, move and remove. Every change has waiting orders tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.filters import Filters
from crossdock.domain.routing import Card, Destination
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.routing import again, card_rules
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction

CARD = tables.routing_card


@dataclass(frozen=True, slots=True)
class Kept:
    """A card with its place in the order in which cards are tried, from 1 on."""

    id: int
    position: int
    is_on: bool
    card: Card


def every(tx: Transaction) -> list[Kept]:
    """All cards, in the order in which they are tried."""
    return [_kept(row) for row in tx.execute(sa.select(CARD).order_by(CARD.c.position, CARD.c.id))]


def those_on(tx: Transaction) -> list[Card]:
    """The cards that are tried, in their order."""
    return [each.card for each in every(tx) if each.is_on]


def find(tx: Transaction, name: str) -> Kept | None:
    """The card of this name, whatever the case, or else of this id."""
    known, wanted = every(tx), name.strip().casefold()
    by_name = [each for each in known if each.card.name.casefold() == wanted]
    return next(iter(by_name or [each for each in known if str(each.id) == wanted]), None)


def get(tx: Transaction, name: str) -> Kept:
    """The card of this name or id. Raises SettingsError."""
    if (found := find(tx, name)) is None:
        known = ", ".join(each.card.name for each in every(tx)) or "none yet"
        raise SettingsError("card", f"there is no routing card {name!r}; there are: {known}")
    return found


def add(tx: Transaction, task: Task, card: Card, *, is_on: bool = True, position: int | None = None) -> Kept:
    """Add a card, behind all others unless told otherwise. Raises SettingsError naming the field and the fix."""
    wanted = card_rules.checked(tx, card)
    _refuse_taken(tx, wanted.name)
    order = [each.id for each in every(tx)]
    values = _values(wanted) | {"is_on": is_on, "created_at": task.now, "updated_at": task.now}
    [key] = tx.execute(sa.insert(CARD).values(**values, position=0)).inserted_primary_key or (0,)
    order.insert(len(order) if position is None else _place(position, len(order) + 1), key)
    _arrange(tx, order)
    _note(tx, task, key, f"Routing card {wanted.name!r} added")
    return get(tx, wanted.name)


def change(tx: Transaction, task: Task, name: str, card: Card, *, is_on: bool) -> Kept:
    """Bring the card of this name to what is wanted. Raises SettingsError naming the field and the fix."""
    was = get(tx, name)
    wanted = card_rules.checked(tx, card)
    if wanted.name.casefold() != was.card.name.casefold():
        _refuse_taken(tx, wanted.name)
    changed = changes(was.card, wanted) + (["is_on"] if was.is_on is not is_on else [])
    if changed:
        values = _values(wanted) | {"is_on": is_on, "updated_at": task.now}
        tx.execute(sa.update(CARD).where(CARD.c.id == was.id).values(**values))
        _note(tx, task, was.id, f"Routing card {wanted.name!r} changed: {', '.join(changed)}")
    return get(tx, wanted.name)


def changes(before: Card, after: Card) -> list[str]:
    """The fields in which they differ."""
    return [each.name for each in fields(Card) if getattr(before, each.name) != getattr(after, each.name)]


def move(tx: Transaction, task: Task, name: str, position: int) -> Kept:
    """Have the card tried at this position, from 1 on. Raises SettingsError."""
    was, order = get(tx, name), [each.id for each in every(tx)]
    to = _place(position, len(order))
    order.remove(was.id)
    order.insert(to, was.id)
    _arrange(tx, order)
    found = get(tx, name)
    if found.position != was.position:
        _note(tx, task, was.id, f"Routing card {was.card.name!r} is tried as number {position} now")
    return found


def remove(tx: Transaction, task: Task, name: str) -> None:
    """Take the card away for good. Raises SettingsError."""
    was = get(tx, name)
    tx.execute(sa.delete(CARD).where(CARD.c.id == was.id))
    _arrange(tx, [each.id for each in every(tx)])
    _note(tx, task, was.id, f"Routing card {was.card.name!r} removed")


def replace_all(tx: Transaction, task: Task, wanted: Sequence[tuple[Card, bool]]) -> None:
    """Have these cards, each with whether it is on, in this order, and no others. Raises SettingsError."""
    names = [card.name.strip().casefold() for card, _ in wanted]
    for each in every(tx):
        if each.card.name.casefold() not in names:
            remove(tx, task, each.card.name)
    for position, (card, is_on) in enumerate(wanted, start=1):
        if card.name.strip().casefold() not in {each.card.name.casefold() for each in every(tx)}:
            add(tx, task, card, is_on=is_on, position=position)
        else:
            change(tx, task, card.name, card, is_on=is_on)
            move(tx, task, card.name, position)


def _kept(row: Any) -> Kept:
    card = Card(
        row.name,
        unpack(tuple[Destination, ...], row.destinations),
        unpack(Filters, row.filters),
        allows_split=row.allows_split,
        ignores_stock=row.ignores_stock,
        sends_future=row.sends_future,
    )
    return Kept(row.id, row.position, row.is_on, card)


def _values(card: Card) -> dict[str, Any]:
    return {
        "name": card.name,
        "filters": pack(card.filters),
        "destinations": pack(card.destinations),
        "allows_split": card.allows_split,
        "ignores_stock": card.ignores_stock,
        "sends_future": card.sends_future,
    }


def _refuse_taken(tx: Transaction, name: str) -> None:
    other = next((each for each in every(tx) if each.card.name.casefold() == name.casefold()), None)
    if other is not None:
        raise SettingsError("name", f"there is a routing card {other.card.name!r} already")


def _place(position: int, count: int) -> int:
    if not 1 <= position <= count:
        raise SettingsError("position", f"a whole number from 1 to {count}, not {position}")
    return position - 1


def _arrange(tx: Transaction, ids: Sequence[int]) -> None:
    for position, key in enumerate(ids, start=1):
        tx.execute(sa.update(CARD).where(CARD.c.id == key).values(position=position))


def _note(tx: Transaction, task: Task, key: int, what: str) -> None:
    record(tx, task, [Event(Subject.ROUTING_CARD, str(key), what)])
    again.retry(tx)
