"""What becomes of a channel's answers about products: standings, cases and events. Each answer commits alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Entity, Outcome, Postponed, Rejected, Unclear
from crossdock.operations import drift, publishing
from crossdock.operations.catalog import attempts, left_on_sale, listables, listings, withdrawing
from crossdock.operations.catalog.listables import Draft
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.sync.work import Work

PRODUCTS = Entity.PRODUCTS
DRAFT_AGAIN_IN = timedelta(days=1)
"""What a draft lacks may be supplied where the hub sees nothing of it, such as the authorization of a brand."""


DOUBT_AGAIN_IN = timedelta(hours=1)
"""What is in the way belongs to other records, which need not lead back to this one when they change."""
OFF_SALE_AGAIN_IN = timedelta(days=1)
"""What could not be taken off sale can still be bought, so it is not left at one refusal."""


def set_aside(tx: Transaction, task: Task, draft: Draft, state: State) -> None:
    """There is nothing to send: keep why."""
    if draft.off_sale:
        refusal = Rejected(
            draft.record_id,
            f"{draft.reason.partition(';')[0]}, and still on sale on {task.integration}",
            fix="Take it off sale there: the hub cannot do so on this platform",
        )
        _rejected(tx, task, refusal, state)
        return
    is_refused = draft.state is PublicationState.REJECTED
    again_at = task.now + DOUBT_AGAIN_IN if is_refused else None
    texts = {"message": draft.reason, "fix": draft.fix}
    publishing.set_aside(tx, task, PRODUCTS, state, draft.state, again_at=again_at, **texts)
    if is_refused:
        open_case(tx, task, _refusal(task, Rejected(draft.record_id, draft.reason, draft.fix)))
    else:
        close_cases(tx, task.now, [_refused_key(task, draft.record_id)])


def keep(tx: Transaction, work: Work, change: Change[Listable], outcome: Outcome, state: State) -> None:
    """The answer to a product that was sent."""
    task = work.task()
    match outcome:
        case Confirmed():
            work.tally.confirmed += 1
            _confirmed(tx, task, change, outcome, state)
            if change.channel_id is None and not outcome.is_new:
                work.retry_in = 0.0
        case Rejected():
            work.tally.rejected += 1
            _rejected(tx, task, outcome, state)
            attempts.end(tx, task.integration, change)
        case Postponed():
            _postponed(tx, task, outcome, state)
            attempts.end(tx, task.integration, change)
        case Unclear():
            work.tally.unclear += 1
            work.retry_in = 5.0
            publishing.write(
                tx,
                task.integration,
                PRODUCTS,
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
        publishing.write(tx, task.integration, PRODUCTS, change.key, state=PublicationState.UNSETTLED)
        what = f"Found on {task.integration} as product {outcome.channel_id} and linked"
    else:
        verb = "Created" if outcome.is_new else "Updated"
        what = f"{verb} on {task.integration} as product {outcome.channel_id}" + "".join(
            f"; {n}" for n in (*outcome.notes, *_draft_note(outcome))
        )
        _settled(tx, task, outcome, state)
    if not outcome.lacks:
        close_cases(tx, task.now, [_refused_key(task, change.key)])
    record(
        tx, task, [Event(Subject.PRODUCT, change.key, what, direction="out", request_id=outcome.request_id)]
    )


def _settled(tx: Transaction, task: Task, outcome: Confirmed, state: State) -> None:
    if not outcome.lacks:
        publishing.settle(tx, task, PRODUCTS, state)
        drift.close(tx, task, PRODUCTS, [outcome.key], how=drift.WRITTEN)
        return
    said = _draft_note(outcome)[0]
    publishing.set_aside(
        tx,
        task,
        PRODUCTS,
        state,
        PublicationState.DRAFT,
        message=said,
        fix=outcome.fix,
        again_at=task.now + DRAFT_AGAIN_IN,
    )
    case = Case(
        key=_refused_key(task, outcome.key),
        kind="push_refused",
        subject=Subject.PRODUCT,
        subject_id=outcome.key,
        cause=f"{task.integration}: product {outcome.channel_id} cannot be sold yet. {said}",
        fix=outcome.fix,
        evidence={"product": outcome.channel_id, "request_id": outcome.request_id},
    )
    open_case(tx, task, case)


def _draft_note(outcome: Confirmed) -> tuple[str, ...]:
    return (f"Draft: lacks {outcome.lacks}",) if outcome.lacks else ()


def _rejected(tx: Transaction, task: Task, outcome: Rejected, state: State) -> None:
    publishing.set_aside(
        tx,
        task,
        PRODUCTS,
        state,
        PublicationState.REJECTED,
        message=outcome.reason,
        fix=outcome.fix,
        again_at=task.now + outcome.again_in if outcome.again_in else None,
    )
    open_case(tx, task, _refusal(task, outcome))
    said = Event(
        Subject.PRODUCT, state.record_id, outcome.reason, EventStatus.FAILED, "out", outcome.request_id
    )
    record(tx, task, [said])


def _postponed(tx: Transaction, task: Task, outcome: Postponed, state: State) -> None:
    """Queued by record, which is the order of the next run as well."""
    ahead = publishing.queued_before(tx, task.integration, PRODUCTS, outcome.key)
    again_at = task.now + outcome.again_in
    publishing.set_aside(
        tx,
        task,
        PRODUCTS,
        state,
        PublicationState.QUEUED,
        message=f"{outcome.reason}; {ahead} ahead of it; goes on at {again_at:%Y-%m-%d %H:%M} UTC",
        fix="",
        again_at=again_at,
    )
    close_cases(tx, task.now, [_refused_key(task, outcome.key)])


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A product that goes off sale, and the mark under which that was decided.

    `left` are answers about those of its places that are still on sale, or may be.
    """

    draft: Draft
    state: State
    left: list[Outcome] = field(default_factory=list)


def keep_withdrawal(tx: Transaction, work: Work, one: Withdrawn, outcome: Outcome) -> None:
    """The answer about one of the channel's products that were to go off sale."""
    task = work.task()
    match outcome:
        case Confirmed():
            work.tally.confirmed += 1
            withdrawing.took_off(tx, task.integration, ChannelId(outcome.key))
            left_on_sale.close_settled(tx, task, task.integration)
            _took_off(tx, task, one, outcome)
        case Rejected():
            work.tally.rejected += 1
            one.left.append(outcome)
            refused = replace(
                outcome,
                key=one.draft.record_id,
                reason=f"{one.draft.reason.partition(';')[0]}, but product {outcome.key} could not be taken off sale: "
                f"{outcome.reason}",
                again_in=outcome.again_in or OFF_SALE_AGAIN_IN,
            )
            _rejected(tx, task, refused, one.state)
        case Postponed() | Unclear():
            # It stays marked, and repeating it changes nothing.
            work.tally.unclear += 1
            work.retry_in = 5.0
            one.left.append(outcome)


def _took_off(tx: Transaction, task: Task, one: Withdrawn, outcome: Confirmed) -> None:
    """Done with the product once none of its places is left."""
    key = one.draft.record_id
    if not one.left:
        publishing.set_aside(
            tx, task, PRODUCTS, one.state, PublicationState.EXCLUDED, message=one.draft.reason, fix=""
        )
        close_cases(tx, task.now, [_refused_key(task, key)])
    what = f"Product {outcome.key} of {task.integration} taken off sale: {one.draft.reason}"
    record(tx, task, [Event(Subject.PRODUCT, key, what, direction="out", request_id=outcome.request_id)])


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
