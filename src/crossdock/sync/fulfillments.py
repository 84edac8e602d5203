"""Reads what channels have on record as shipped, and tells them what has left."""

from __future__ import annotations

from typing import cast

from crossdock.connectors.contract import (
    PullsFulfillments,
    PushesFulfillments,
    TakesShippingRequests,
    TellsWhenSent,
)
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Confirmed, Direction, Entity, FlowKey, Outcome, Page, Rejected, Unclear
from crossdock.operations import publishing
from crossdock.operations.fulfillments import fulfillment_push, parcels
from crossdock.operations.fulfillments.fulfillment_push import Due
from crossdock.operations.orders import sending
from crossdock.operations.task import Task
from crossdock.operations.warehouse import dispatched
from crossdock.store.database import Transaction
from crossdock.sync.pull import pull
from crossdock.sync.work import Desk, Position, Work

BATCH = 50


def pull_fulfillments(work: Work) -> None:
    connector = cast(PullsFulfillments, work.connector)

    def ingest(tx: Transaction, task: Task, page: Page[OrderShipments], _: Position) -> int:
        if isinstance(connector, TakesShippingRequests):
            return dispatched.ingest(tx, task, page.records)
        return parcels.ingest(tx, task, page.records, read_began_at=page.read_began_at)

    pull(work, lambda at: connector.pull_fulfillments(at.cursor), ingest)


def push_fulfillments(work: Work) -> None:
    """What was sent to a location first, then what has left: the later status is the one that stays."""
    if work.rules.tells_when_sent and isinstance(work.connector, TellsWhenSent):
        _tell_sent(work, work.connector)
    if work.rules.pushes_fulfillments:
        _tell_shipped(work)
    else:
        with work.transaction() as tx:
            fulfillment_push.hold_back(tx, work.integration)


def fulfillments_to_tell(tx: Transaction, desk: Desk) -> list[FlowKey]:
    """The pushes that have something to tell, shipped or sent, and whose settings have just that told."""
    shipped = {name for name, entity in publishing.dirty_flows(tx) if entity == Entity.FULFILLMENTS}
    sent = sending.waiting(tx)
    rules = {name: desk.rules_of(name) for name in sorted(shipped | sent)}
    return [
        FlowKey(name, Direction.PUSH, Entity.FULFILLMENTS)
        for name, each in rules.items()
        if (name in shipped and each.pushes_fulfillments) or (name in sent and each.tells_when_sent)
    ]


def _tell_sent(work: Work, connector: TellsWhenSent) -> None:
    with work.database.reading() as tx:
        changes = sending.due(tx, work.integration)
    if not changes:
        return
    for outcome in connector.tell_sent(changes):
        with work.transaction() as tx:
            sending.settle(tx, work.task(), outcome)
            _count(work, outcome)


def _tell_shipped(work: Work) -> None:
    with work.database.reading() as tx:
        now = work.desk.clock()
        has_due = publishing.are_any_due(tx, work.integration, Entity.FULFILLMENTS, now)
    if has_due:
        with work.transaction() as tx:
            publishing.mark_due(tx, work.integration, Entity.FULFILLMENTS, work.desk.clock())
    after = ""
    while True:
        with work.transaction() as tx:
            found, after = fulfillment_push.due(tx, work.task(), limit=BATCH, after=after)
        if not after:
            return
        _send(work, found)


def _send(work: Work, found: list[Due]) -> None:
    """Each is marked when its own turn comes: where that of another ends the run, it is known not to have been sent."""
    if not found:
        return
    with work.transaction() as tx:
        fulfillment_push.about_to_send(tx, work.task(), found[:1])
    connector = cast(PushesFulfillments, work.connector)
    outcomes = connector.push_fulfillments([one.change for one in found])
    for place, outcome in enumerate(outcomes):
        with work.transaction() as tx:
            fulfillment_push.settle(tx, work.task(), found[place], outcome)
            fulfillment_push.about_to_send(tx, work.task(), found[place + 1 : place + 2])
            _count(work, outcome)


def _count(work: Work, outcome: Outcome) -> None:
    work.tally.confirmed += isinstance(outcome, Confirmed)
    work.tally.rejected += isinstance(outcome, Rejected)
    work.tally.unclear += isinstance(outcome, Unclear)
