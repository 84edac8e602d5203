"""Writes onto orders the ids that they have on other channels."""

from __future__ import annotations

from typing import cast

from crossdock.connectors.contract import WritesReferences
from crossdock.domain.sync import Confirmed, Rejected
from crossdock.operations.orders import references
from crossdock.sync.work import Work

AT_ONCE = 100


def push_references(work: Work) -> None:
    """Writing the same twice changes nothing, so a lost answer only means to write it again."""
    with work.database.reading() as tx:
        changes = {change.key: change for change in references.due(tx, work.task(), limit=AT_ONCE)}
    if not changes:
        return
    for outcome in cast(WritesReferences, work.connector).write_references(list(changes.values())):
        with work.transaction() as tx:
            work.tally.confirmed += isinstance(outcome, Confirmed)
            work.tally.rejected += isinstance(outcome, Rejected)
            references.settle(tx, work.task(), changes[outcome.key], outcome)
