"""What a notification says: who and what is meant, by ids, numbers and statuses, and nothing of a buyer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from crossdock.domain.automations import Notify, Rule, titled
from crossdock.operations.automations.outbox import Kind, Message
from crossdock.operations.automations.subjects import Record
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import hub_id, pack
from crossdock.store.database import Transaction

ORDER = tables.order


def messages(tx: Transaction, task: Task, rule: Rule, record: Record) -> list[Message]:
    """One for each address and webhook that the rule names, on what has become of the record by now."""
    told = [action for action in rule.actions if isinstance(action, Notify)]
    if not told:
        return []
    order = _order(tx, record.order_id)
    return [
        _message(task, rule, record, order, place=place, kind=kind, target=target, title=action.title)
        for place, action in enumerate(told)
        for kind, target in _targets(action)
    ]


def _targets(action: Notify) -> Iterator[tuple[Kind, str]]:
    for address in dict.fromkeys(action.emails):
        yield Kind.EMAIL, address
    if action.url:
        yield Kind.WEBHOOK, action.url


def _order(tx: Transaction, order_id: str) -> dict[str, Any] | None:
    row = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).first() if order_id else None
    if row is None:
        return None
    return {"id": row.id, "number": row.number, "channel": row.integration, "status": row.status}


def _message(  # noqa: PLR0913  # all that a message is made of
    task: Task,
    rule: Rule,
    record: Record,
    order: dict[str, Any] | None,
    *,
    place: int,
    kind: Kind,
    target: str,
    title: str,
) -> Message:
    happening, known = record.happening, order or {}
    names = {"rule": rule.name, "order": known.get("number", ""), "channel": known.get("channel", "")}
    names |= {"status": known.get("status", "")} | record.names
    line = titled(title or rule.trigger.headline, names)
    key = hub_id("ntf", str(rule.id), happening.record, task.now.isoformat(), str(place), kind, target)
    body = {
        "id": key,
        "trigger": rule.trigger,
        "rule": rule.name,
        "at": task.now.isoformat(),
        "title": line,
        "record": {"kind": rule.trigger.record, "id": happening.record},
        "order": order,
    }
    return Message(key, kind, target, line, pack(body | record.told))
