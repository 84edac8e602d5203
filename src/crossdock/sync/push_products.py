"""Brings a channel's products to what the hub's catalog says, creating nothing that is there already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from crossdock.connectors.contract import DeactivatesProducts, PullsListings, PushesProducts
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.catalog import attempts, listables
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.stock import offering
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.sync import product_answers as answers
from crossdock.sync.product_answers import Withdrawn
from crossdock.sync.pulls import pull_listings
from crossdock.sync.work import Work, is_on, position, run_inline

BATCH = 20


def push_products(work: Work) -> None:
    """What the channel lists is read first, so that a SKU it has is linked and never created again."""
    if not _is_anything_to_do(work):
        return
    if isinstance(work.connector, PullsListings):
        run_inline(work, Entity.LISTINGS, pull_listings)
    with work.transaction() as tx:
        publishing.mark_due(tx, work.integration, Entity.PRODUCTS, work.desk.clock())
    after = ""
    while True:
        with work.transaction() as tx:
            plan = _plan(tx, work, after)
        if plan is None:
            return
        _withdraw(work, plan)
        _send(work, plan)
        after = plan.last


def _is_anything_to_do(work: Work) -> bool:
    with work.database.reading() as tx:
        now = work.desk.clock()
        return (
            bool(publishing.dirty(tx, work.integration, Entity.PRODUCTS, limit=1))
            or publishing.are_any_due(tx, work.integration, Entity.PRODUCTS, now)
        ) and _is_prepared(tx, work)


def _is_prepared(tx: Transaction, work: Work) -> bool:
    """Stock, warehouses and listings have been read once; each of those runs wakes this one when it has."""
    if work.truth.inventory and not offering.has_been_read(tx, work.truth.inventory):
        return False
    for entity in (Entity.LOCATIONS, Entity.LISTINGS):
        flow = FlowKey(work.integration, Direction.PULL, entity)
        at = position(tx, flow)
        if at is not None and is_on(tx, flow) and at.is_first_sweep:
            return False
    return True


@dataclass
class _Plan:
    """The next products: those to send, and those to take off sale."""

    last: str
    changes: list[Change[Listable]] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    withdrawn: list[Withdrawn] = field(default_factory=list)


def _plan(tx: Transaction, work: Work, after: str) -> _Plan | None:
    """The next products to see to; None ends the run.

    Creates are noted beforehand, so that the next try knows what one without an answer has left there.
    """
    rows = publishing.dirty(tx, work.integration, Entity.PRODUCTS, limit=BATCH, after=after)
    if not rows:
        return None
    task = work.task()
    attempts.recognize(tx, work.integration, rows)
    marks = {row.record_id: row for row in rows}
    plan = _Plan(rows[-1].record_id)
    for draft in listables.drafts(tx, task, rows):
        row = marks[draft.record_id]
        sent = draft.change.fingerprint if draft.change else ""
        state = State(draft.record_id, sent, attempts.listed(draft.change), row.marks)
        if draft.off_sale and isinstance(work.connector, DeactivatesProducts):
            plan.withdrawn.append(Withdrawn(draft, state))
        elif draft.change is None:
            answers.set_aside(tx, task, draft, state)
        elif not _is_known(tx, task, row, draft.change, state):
            plan.changes.append(draft.change)
            plan.states[draft.record_id] = state
            if draft.change.channel_id is None:
                attempts.begin(tx, work.integration, draft.change)
    return plan


def _is_known(tx: Transaction, task: Task, row: Any, change: Change[Listable], state: State) -> bool:
    """Whether the channel has answered for this very state; then nothing is sent."""
    if row.fingerprint != change.fingerprint:
        return False
    if row.state == PublicationState.SETTLED and change.channel_id:
        publishing.settle(tx, task, Entity.PRODUCTS, state)
        return True
    if row.state in publishing.KEPT_BACK:
        kept = PublicationState(row.state)
        publishing.set_aside(tx, task, Entity.PRODUCTS, state, kept, again_at=row.again_at)
        return True
    return False


def _withdraw(work: Work, plan: _Plan) -> None:
    """Take off sale what the catalog source has no more. Repeating it changes nothing."""
    if not plan.withdrawn:
        return
    connector = cast(DeactivatesProducts, work.connector)
    open_places = {str(place): one for one in plan.withdrawn for place in one.draft.off_sale}
    for outcome in connector.deactivate_products([ChannelId(place) for place in open_places]):
        with work.transaction() as tx:
            answers.keep_withdrawal(tx, work, open_places[outcome.key], outcome)


def _send(work: Work, plan: _Plan) -> None:
    if not plan.changes:
        return
    connector = cast(PushesProducts, work.connector)
    by_key = {change.key: change for change in plan.changes}
    for outcome in connector.push_products(plan.changes):
        with work.transaction() as tx:
            answers.keep(tx, work, by_key[outcome.key], outcome, plan.states[outcome.key])
