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


def messages(tx: Transaction, task: Task, rule: Rule, record: Record, *, firing: int) -> list[Message]:
    """One for each address and webhook that the rule names, on what has become of the record by now.

    `firing` is the number of its line in the log, so that each gets an id of its own.
    """
    told = [action for action in rule.actions if isinstance(action, Notify)]
    if not told:
        return []
    order = _order(tx, record.order_id)
    found = []
    for place, action in enumerate(told):
        body = _body(task, rule, record, order, action.title)
        for kind, target in _targets(action):
            key = hub_id("ntf", str(firing), task.now.isoformat(), str(place), kind, target)
            found.append(Message(key, kind, target, body["title"], pack({"id": key} | body)))
    return found


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


def _body(task: Task, rule: Rule, record: Record, order: dict[str, Any] | None, title: str) -> dict[str, Any]:
    known = order or {}
    names = {"rule": rule.name, "order": known.get("number", ""), "channel": known.get("channel", "")}
    names |= {"status": known.get("status", "")} | record.names
    told = {
        "trigger": rule.trigger,
        "rule": rule.name,
        "at": task.now.isoformat(),
        "title": titled(title or rule.trigger.headline, names),
        "record": {"kind": rule.trigger.record, "id": record.happening.record},
        "order": order,
    }
    return told | record.told
