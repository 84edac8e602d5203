"""What happened in a transaction that rules may act on; they do so at its end, once all that happened is in place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from crossdock.domain.automations import Trigger
from crossdock.operations.task import Task
from crossdock.store.database import Transaction

_KEY = "crossdock_agenda"


@dataclass(frozen=True, slots=True)
class Noted:
    """Records that the same thing happened to. Of an exception case it is the key, of all others the hub's id."""

    task: Task
    trigger: Trigger
    ids: tuple[str, ...]


@dataclass
class _Agenda:
    of: sa.RootTransaction | None
    noted: list[Noted] = field(default_factory=list)
    is_closed: bool = False


def note(tx: Transaction, task: Task, trigger: Trigger, ids: Iterable[str]) -> None:
    """Have rules asked about these at the end of the transaction. It asks nothing of the database, and writes nothing.

    What a rule changes is not noted, so that no change made by a rule triggers another.
    """
    noted = Noted(task, trigger, tuple(ids))
    agenda = _agenda(tx)
    if noted.ids and not agenda.is_closed:
        agenda.noted.append(noted)


def take(tx: Transaction) -> list[Noted]:
    """All that was noted in this transaction. From now on nothing is."""
    agenda = _agenda(tx)
    agenda.is_closed = True
    return agenda.noted


def _agenda(tx: Transaction) -> _Agenda:
    """That of this transaction alone: the connection goes on to serve others."""
    found = tx.info.get(_KEY)
    if not isinstance(found, _Agenda) or found.of is not tx.get_transaction():
        found = tx.info[_KEY] = _Agenda(tx.get_transaction())
    return found
