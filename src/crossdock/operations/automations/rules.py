"""Automations as they are kept, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import Action, Cancel, Change, Conditions, Hold, Notify, Rule, Tag, Trigger
from crossdock.operations.automations.checking import in_form
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.routing.card_rules import require_channels
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction

RULE = tables.automation
FIRING = tables.automation_firing


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """An action as it lies in its row: exactly one of these is there."""

    hold: Hold | None = None
    cancel: Cancel | None = None
    tag: Tag | None = None
    change: Change | None = None
    notify: Notify | None = None

    @classmethod
    def of(cls, action: Action) -> _Kept:
        match action:
            case Hold():
                return cls(hold=action)
            case Cancel():
                return cls(cancel=action)
            case Tag():
                return cls(tag=action)
            case Change():
                return cls(change=action)
            case Notify():
                return cls(notify=action)

    def action(self) -> Action:
        found = self.hold or self.cancel or self.tag or self.change or self.notify
        if found is None:
            raise ValueError("An automation has an action that this version of the hub does not know")
        return found


def every(tx: Transaction) -> list[Rule]:
    """All of them, also those that are off, the first asked first."""
    return [_rule(row) for row in tx.execute(sa.select(RULE).order_by(RULE.c.position, RULE.c.id))]


def on(tx: Transaction, triggers: Collection[Trigger]) -> list[Rule]:
    """Those that are on and asked at one of these triggers."""
    statement = sa.select(RULE).where(RULE.c.is_on, RULE.c.trigger.in_(sorted(triggers)))
    return [_rule(row) for row in tx.execute(statement.order_by(RULE.c.position, RULE.c.id))]


def get(tx: Transaction, number: int) -> tuple[int, Rule]:
    """The automation with this number and its place, counted from 1. Raises LookupError."""
    for place, rule in enumerate(every(tx), start=1):
        if rule.id == number:
            return place, rule
    raise LookupError(f"There is no automation with the number {number}")


def find(tx: Transaction, name: str) -> Rule:
    """The automation with this name, whatever the case, or this number. Raises SettingsError."""
    there = every(tx)
    meant = [rule for rule in there if _same(name, rule.name)] or [r for r in there if name == str(r.id)]
    if not meant:
        names = ", ".join(f"“{rule.name}”" for rule in there) or "none yet"
        raise SettingsError("automation", f"there is no automation {name!r}; there are: {names}")
    return meant[0]


def add(tx: Transaction, task: Task, rule: Rule, *, place: int | None = None) -> int:
    """Add it below the others, or at this place counted from 1; answers its number. Raises SettingsError."""
    rule = _checked(tx, rule)
    values = _values(rule) | {"position": 0, "created_at": task.now, "updated_at": task.now}
    added = tx.execute(sa.insert(RULE).values(**values).returning(RULE.c.id)).scalar_one()
    others = [each.id for each in every(tx) if each.id != added]
    at = len(others) if place is None else max(0, min(place - 1, len(others)))
    _write_places(tx, [*others[:at], added, *others[at:]])
    _say(tx, task, rule.name, "added")
    return int(added)


def change(tx: Transaction, task: Task, rule: Rule) -> None:
    """Bring the automation with the rule's number to what it says. On which records it has acted stays known.

    Raises SettingsError.
    """
    rule = _checked(tx, rule)
    was = next((each for each in every(tx) if each.id == rule.id), None)
    if was is None:
        raise SettingsError("automation", f"there is no automation with the number {rule.id}")
    if was == rule:
        return
    tx.execute(sa.update(RULE).where(RULE.c.id == rule.id).values(updated_at=task.now, **_values(rule)))
    _say(tx, task, rule.name, "changed" if was.name == rule.name else f"changed; it was called “{was.name}”")


def move(tx: Transaction, task: Task, rule: Rule, *, place: int) -> None:
    """Have it asked at this place, counted from 1. Raises SettingsError."""
    ids = [each.id for each in every(tx)]
    if not 1 <= place <= len(ids):
        raise SettingsError("place", f"{place} is none; there are 1 to {len(ids)}")
    if ids.index(rule.id) == place - 1:
        return
    others = [each for each in ids if each != rule.id]
    _write_places(tx, [*others[: place - 1], rule.id, *others[place - 1 :]])
    _say(tx, task, rule.name, f"moved to place {place}")


def remove(tx: Transaction, task: Task, rule: Rule) -> None:
    """Take it away with its log; what it did to records stays on their timelines."""
    tx.execute(sa.delete(FIRING).where(FIRING.c.automation_id == rule.id))
    tx.execute(sa.delete(RULE).where(RULE.c.id == rule.id))
    _write_places(tx, [each.id for each in every(tx)])
    _say(tx, task, rule.name, "removed")


def bring(tx: Transaction, task: Task, wanted: Sequence[Rule]) -> None:
    """Make these, in this order, all that there are. One that keeps its name keeps its log. Raises SettingsError."""
    there = every(tx)
    for rule in there:
        if not any(_same(rule.name, each.name) for each in wanted):
            remove(tx, task, rule)
    ids = []
    for rule in wanted:
        was = next((each for each in there if _same(rule.name, each.name)), None)
        if was is None:
            ids.append(add(tx, task, rule))
        else:
            change(tx, task, replace(rule, id=was.id))
            ids.append(was.id)
    _write_places(tx, ids)


def _checked(tx: Transaction, rule: Rule) -> Rule:
    found = in_form(rule)
    require_channels(found.conditions.order.channels, tx.scalars(sa.select(tables.integration.c.name)))
    if any(_same(each.name, found.name) and each.id != found.id for each in every(tx)):
        raise SettingsError("name", f"another automation is called “{found.name}”")
    return found


def _same(name: str, other: str) -> bool:
    return name.strip().casefold() == other.strip().casefold()


def _write_places(tx: Transaction, ids: Sequence[int]) -> None:
    for place, key in enumerate(ids, start=1):
        tx.execute(sa.update(RULE).where(RULE.c.id == key, RULE.c.position != place).values(position=place))


def _say(tx: Transaction, task: Task, name: str, what: str) -> None:
    record(tx, task, [Event(Subject.INTEGRATION, HUB, f"Automation “{name}” {what}")])


def _values(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "trigger": rule.trigger,
        "is_on": rule.is_on,
        "is_once": rule.is_once,
        "filters": pack(rule.conditions),
        "actions": pack([_Kept.of(action) for action in rule.actions]),
    }


def _rule(row: Any) -> Rule:
    return Rule(
        name=row.name,
        trigger=Trigger(row.trigger),
        actions=tuple(kept.action() for kept in unpack(list[_Kept], row.actions)),
        conditions=unpack(Conditions, row.filters),
        is_on=row.is_on,
        is_once=row.is_once,
        id=row.id,
    )
