"""Has rules act on what happened in a transaction, at its end: the first that is meant, and nothing that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import Notify, Rule, Trigger, choose
from crossdock.domain.filters import Filters
from crossdock.operations.automations import acting, agenda, outbox, rules, subjects, telling
from crossdock.operations.automations.agenda import Noted
from crossdock.operations.automations.outbox import About
from crossdock.operations.automations.subjects import Record
from crossdock.operations.events import Event, EventStatus
from crossdock.operations.events import record as record_events
from crossdock.operations.orders import order_life
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction, wait_for_others
from crossdock.store.query import select_in

ORDER = tables.order
FIRING = tables.automation_firing


@dataclass(frozen=True, slots=True)
class Shot:
    """A rule that acts on a record, as whom, and what came of it in words."""

    rule: Rule
    record: Record
    task: Task
    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def run(tx: Transaction, rules_of: Callable[[str], Rules]) -> None:
    """Have rules act on all that was noted in this transaction. One small query where no rule is asked.

    `rules_of` are the rules of any integration by its name: an order is canceled under those of its own channel.
    """
    noted = agenda.take(tx)
    if not noted:
        return
    asked = rules.on(tx, {each.trigger for each in noted})
    shots = [shot for each in _by_trigger(noted) for shot in _aimed(tx, asked, each)]
    if not shots:
        return
    wait_for_others(tx)
    for shot in shots:
        _act(tx, shot, rules_of)
    _settle(tx, shots)
    for shot in shots:
        _tell(tx, shot)


def _by_trigger(noted: Sequence[Noted]) -> Iterator[Noted]:
    """Each record once per trigger, as whoever it happened to first."""
    seen: set[tuple[Trigger, str]] = set()
    for each in noted:
        fresh = tuple(key for key in dict.fromkeys(each.ids) if (each.trigger, key) not in seen)
        seen.update((each.trigger, key) for key in fresh)
        if fresh:
            yield replace(each, ids=fresh)


def _aimed(tx: Transaction, asked: Sequence[Rule], noted: Noted) -> list[Shot]:
    mine = [rule for rule in asked if rule.trigger is noted.trigger]
    if not mine:
        return []
    with_facts = any(rule.conditions.order != Filters() for rule in mine)
    found = subjects.gather(tx, noted.task, noted.trigger, noted.ids, with_facts=with_facts)
    done = _acted(tx, mine, [record.happening.record for record in found])
    shots = []
    for record in found:
        rule = choose(mine, record.happening, done=done.get(record.happening.record, ()))
        if rule is not None:
            shots.append(Shot(rule, record, replace(noted.task, actor=f"automation {rule.name}")))
    return shots


def _acted(tx: Transaction, asked: Iterable[Rule], ids: Sequence[str]) -> dict[str, set[int]]:
    """Which of these rules have acted on which record."""
    once = [rule.id for rule in asked if rule.is_once]
    found: dict[str, set[int]] = {}
    if once:
        statement = sa.select(FIRING.c.automation_id, FIRING.c.subject_id).where(
            FIRING.c.automation_id.in_(once)
        )
        for row in select_in(tx, statement, FIRING.c.subject_id, ids):
            found.setdefault(row.subject_id, set()).add(row.automation_id)
    return found


def _act(tx: Transaction, shot: Shot, rules_of: Callable[[str], Rules]) -> None:
    """All but telling, which comes last: it tells what has become of the record."""
    actions = [action for action in shot.rule.actions if not isinstance(action, Notify)]
    if not actions:
        return
    task = _task_of_order(tx, shot, rules_of)
    for action in actions:
        try:
            acting.act(tx, task, shot.record.order_id, action, rule=shot.rule.name)
        except SettingsError as error:
            shot.failed.append(f"not {action}: {error.problem}")
        else:
            shot.done.append(str(action))


def _task_of_order(tx: Transaction, shot: Shot, rules_of: Callable[[str], Rules]) -> Task:
    """The same, acting for the order's own channel: whoever opened a case about it may be another."""
    channel = tx.scalar(sa.select(ORDER.c.integration).where(ORDER.c.id == shot.record.order_id))
    if channel is None:
        return shot.task
    return replace(shot.task, integration=channel, rules=rules_of(channel))


def _settle(tx: Transaction, shots: Sequence[Shot]) -> None:
    touched = dict.fromkeys(shot.record.order_id for shot in shots if shot.done)
    if touched:
        order_life.settle(tx, shots[0].task, touched)


def _tell(tx: Transaction, shot: Shot) -> None:
    """Notifications, the log of the rule, and the timeline of the record."""
    record, rule = shot.record, shot.rule
    said = [*shot.done, *(str(action) for action in rule.actions if isinstance(action, Notify))]
    firing = tx.execute(
        sa.insert(FIRING)
        .values(
            automation_id=rule.id,
            subject_kind=rule.trigger.record,
            subject_id=record.happening.record,
            at=shot.task.now,
            what="; ".join([*said, *shot.failed]),
        )
        .returning(FIRING.c.id)
    ).scalar_one()
    told = telling.messages(tx, shot.task, rule, record, firing=firing)
    outbox.add(tx, shot.task, told, About(record.subject, record.subject_id))
    events = [_event(shot, said, EventStatus.COMPLETED)] if said else []
    events += [_event(shot, shot.failed, EventStatus.FAILED)] if shot.failed else []
    record_events(tx, shot.task, events)


def _event(shot: Shot, said: Sequence[str], status: EventStatus) -> Event:
    what = f"Rule “{shot.rule.name}”: {'; '.join(said)}"
    return Event(shot.record.subject, shot.record.subject_id, what, status)
