"""The timeline of each record: what changed, why, by which run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import insert_rows


class Subject(StrEnum):
    """The kinds of record that have a timeline and can have an exception case."""

    PRODUCT = "product"
    VARIANT = "variant"
    LISTING = "listing"
    LOCATION = "location"
    ROUTING_CARD = "routing_card"
    ORDER = "order"
    INTEGRATION = "integration"
    FLOW = "flow"
    RECORD = "record"


class EventStatus(StrEnum):
    COMPLETED = "Completed"
    ACKNOWLEDGED = "Acknowledged"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Event:
    subject: Subject
    id: str
    what: str
    status: EventStatus = EventStatus.COMPLETED
    direction: str = ""
    request_id: str = ""


def record(tx: Transaction, task: Task, events: Iterable[Event]) -> None:
    """Append events to the timelines of their subjects."""
    rows: list[dict[str, Any]] = [
        {
            "at": task.now,
            "subject_kind": event.subject,
            "subject_id": event.id,
            "integration": task.integration,
            "direction": event.direction,
            "status": event.status,
            "what": event.what,
            "run_id": task.run_id,
            "request_id": event.request_id,
            "actor": task.actor or ("" if task.run_id else "user"),
        }
        for event in events
    ]
    insert_rows(tx, tables.event, rows)
