"""Brings a channel's products to what the hub's catalog says, creating nothing that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from crossdock.connectors.contract import PullsListings, PushesProducts
from crossdock.domain.catalog import Listable
from crossdock.domain.sync import Change, Confirmed, Direction, Entity, FlowKey, Outcome, Rejected, Unclear
from crossdock.operations import inventory, listables, listings, publishing
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.listables import Draft
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.sync.pulls import pull_listings
from crossdock.sync.work import Work, is_on, position, run_inline

BATCH = 20


def push_products(work: Work) -> None:
    """What the channel lists is read first, so that a SKU it has is linked and never created again."""
    with work.database.reading() as tx:
        if not publishing.dirty(tx, work.integration, Entity.PRODUCTS, limit=1) or not _is_prepared(tx, work):
            return
    if isinstance(work.connector, PullsListings):
        run_inline(work, Entity.LISTINGS, pull_listings)
    after = ""
    while True:
        with work.transaction() as tx:
            changes, states, last = _plan(tx, work, after)
        if last is None:
            return
        _send(work, changes, states)
        after = last


def _is_prepared(tx: Transaction, work: Work) -> bool:
    """Stock, warehouses and listings have been read once; each of those runs wakes this one when it has."""
    if work.truth.inventory and not inventory.has_been_read(tx, work.truth.inventory):
        return False
    for entity in (Entity.LOCATIONS, Entity.LISTINGS):
        flow = FlowKey(work.integration, Direction.PULL, entity)
        at = position(tx, flow)
        if at is not None and is_on(tx, flow) and at.is_first_sweep:
            return False
    return True


def _plan(
    tx: Transaction, work: Work, after: str
) -> tuple[list[Change[Listable]], dict[str, State], str | None]:
    """The next products to send. Creates are marked unclear beforehand: whatever happens, the next try looks first."""
    rows = publishing.dirty(tx, work.integration, Entity.PRODUCTS, limit=BATCH, after=after)
    if not rows:
        return [], {}, None
    task = work.task()
    marks = {row.record_id: row for row in rows}
    changes: list[Change[Listable]] = []
    states: dict[str, State] = {}
    for draft in listables.drafts(tx, task, rows):
        row = marks[draft.record_id]
        change = draft.change
        state = State(draft.record_id, change.fingerprint if change else "", "null", row.marks)
        if change is None:
            _set_aside(tx, task, draft, state)
        elif (
            row.fingerprint == change.fingerprint
            and row.state == PublicationState.SETTLED
            and change.channel_id
        ):
            publishing.settle(tx, task, Entity.PRODUCTS, state)
        elif row.fingerprint == change.fingerprint and row.state == PublicationState.REJECTED:
            publishing.set_aside(tx, task, Entity.PRODUCTS, state, PublicationState.REJECTED)
        else:
            changes.append(change)
            states[draft.record_id] = state
            if change.channel_id is None:
                publishing.write(
                    tx, work.integration, Entity.PRODUCTS, draft.record_id, state=PublicationState.UNCLEAR
                )
    return changes, states, rows[-1].record_id


def _set_aside(tx: Transaction, task: Task, draft: Draft, state: State) -> None:
    publishing.set_aside(tx, task, Entity.PRODUCTS, state, draft.state, message=draft.reason, fix=draft.fix)
    if draft.state is PublicationState.REJECTED:
        open_case(tx, task, _refusal(task, Rejected(draft.record_id, draft.reason, draft.fix)))
    else:
        close_cases(tx, task.now, [_refused_key(task, draft.record_id)])


def _send(work: Work, changes: Sequence[Change[Listable]], states: dict[str, State]) -> None:
    if not changes:
        return
    connector = cast(PushesProducts, work.connector)
    by_key = {change.key: change for change in changes}
    for outcome in connector.push_products(changes):
        with work.transaction() as tx:
            _keep(tx, work, by_key[outcome.key], outcome, states[outcome.key])


def _keep(tx: Transaction, work: Work, change: Change[Listable], outcome: Outcome, state: State) -> None:
    """Each answer commits alone."""
    task = work.task()
    match outcome:
        case Confirmed():
            work.tally.confirmed += 1
            _confirmed(tx, task, change, outcome, state)
            if change.channel_id is None and not outcome.is_new:
                work.retry_in = 0.0
        case Rejected():
            work.tally.rejected += 1
            publishing.set_aside(
                tx,
                task,
                Entity.PRODUCTS,
                state,
                PublicationState.REJECTED,
                message=outcome.reason,
                fix=outcome.fix,
            )
            open_case(tx, task, _refusal(task, outcome))
            record(
                tx,
                task,
                [
                    Event(
                        Subject.PRODUCT,
                        outcome.key,
                        outcome.reason,
                        EventStatus.FAILED,
                        "out",
                        outcome.request_id,
                    )
                ],
            )
        case Unclear():
            work.tally.unclear += 1
            work.retry_in = 5.0
            publishing.write(
                tx,
                task.integration,
                Entity.PRODUCTS,
                outcome.key,
                state=PublicationState.UNCLEAR,
                message=outcome.reason,
            )


def _confirmed(
    tx: Transaction, task: Task, change: Change[Listable], outcome: Confirmed, state: State
) -> None:
    """Created, edited, or found and linked. A product that was only found still has to be brought to our content."""
    sent = listables.as_channel_variants(change.desired)
    listings.link_confirmed(tx, task, outcome, sent, change.desired.product.title)
    if change.channel_id is None and not outcome.is_new:
        publishing.write(tx, task.integration, Entity.PRODUCTS, change.key, state=PublicationState.UNSETTLED)
        what = f"Found on {task.integration} as product {outcome.channel_id} and linked"
    else:
        publishing.settle(tx, task, Entity.PRODUCTS, state)
        verb = "Created" if outcome.is_new else "Updated"
        what = f"{verb} on {task.integration} as product {outcome.channel_id}" + "".join(
            f"; {n}" for n in outcome.notes
        )
    close_cases(tx, task.now, [_refused_key(task, change.key)])
    record(
        tx, task, [Event(Subject.PRODUCT, change.key, what, direction="out", request_id=outcome.request_id)]
    )


def _refused_key(task: Task, key: str) -> str:
    return f"push-refused:{task.integration}:products:{key}"


def _refusal(task: Task, outcome: Rejected) -> Case:
    return Case(
        key=_refused_key(task, outcome.key),
        kind="push_refused",
        subject=Subject.PRODUCT,
        subject_id=outcome.key,
        cause=f"Not sent to {task.integration}: {outcome.reason}"
        if not outcome.code
        else f"{task.integration}: {outcome.reason}",
        fix=outcome.fix
        or "Correct what the platform names in the catalog source; it is sent again by itself",
        evidence={"code": outcome.code, "request_id": outcome.request_id},
    )
