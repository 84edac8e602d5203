"""Which channels have to be told of a fulfillment, which of it is next, and what their answers mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId
from crossdock.domain.fulfillment import WantedFulfillment
from crossdock.domain.order import FulfilledBy
from crossdock.domain.sync import Change, Confirmed, Direction, Entity, FlowKey, Outcome, Rejected
from crossdock.domain.words import counted
from crossdock.operations import publishing
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.fulfillments import (
    carrier_finder,
    left_behind,
    told_parcels,
    wanted_fulfillments,
)
from crossdock.operations.fulfillments.told_parcels import SENT, Told, told, told_by
from crossdock.operations.fulfillments.wanted_fulfillments import Beside, Wanted
from crossdock.operations.orders import sending
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint, pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
ORDER = tables.order
PUBLICATION = tables.publication

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
CASE_KINDS = ("fulfillment_refused", "carrier_unknown", "fulfillment_unclear", told_parcels.GONE)


def mark(tx: Transaction, fulfillment_ids: Iterable[str]) -> None:
    """These changed: where the order was placed and where it was created again, that has to be known."""
    rows = select_in(tx, sa.select(FULFILLMENT), FULFILLMENT.c.id, fulfillment_ids)
    by_order: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.order_id is not None:
            by_order[row.order_id].append(row)
    for order, places in _places(tx, by_order).items():
        for name in places:
            ids = [row.id for row in by_order[order] if row.integration != name]
            publishing.mark(tx, name, Entity.FULFILLMENTS, ids)


def mark_orders(tx: Transaction, order_ids: Iterable[str]) -> None:
    """These orders were created on another channel since, which has to know what has left of them already."""
    rows = select_in(tx, sa.select(FULFILLMENT.c.id), FULFILLMENT.c.order_id, order_ids)
    mark(tx, [row.id for row in rows])


def _places(tx: Transaction, order_ids: Iterable[str]) -> dict[str, list[str]]:
    """The integrations that have each order: its own, where the seller ships, and those of its copies."""
    found: dict[str, list[str]] = defaultdict(list)
    ids = list(order_ids)
    for row in select_in(tx, sa.select(ORDER), ORDER.c.id, ids):
        if not FulfilledBy(row.fulfilled_by).arrives_fulfilled:
            found[row.id].append(row.integration)
    for row in select_in(tx, sa.select(ORDER), ORDER.c.copy_of, ids):
        found[row.copy_of].append(row.integration)
    return found


@dataclass(frozen=True, slots=True)
class Due:
    """One fulfillment that the channel is to be told, and the mark under which it was computed."""

    change: Change[WantedFulfillment]
    state: State
    order_id: str
    name: str
    """What it is, for people: the number of the order, and of the shipment that a channel recorded."""
    beside: tuple[str, ...] = ()
    """Fulfillments of other orders under the same number, which the channel may have taken along."""


def due(tx: Transaction, task: Task, *, limit: int, after: str = "") -> tuple[list[Due], str]:
    """The next fulfillments to tell the task's integration, and the last record looked at; empty at the end."""
    rows = publishing.dirty(tx, task.integration, Entity.FULFILLMENTS, limit=limit, after=after)
    if not rows:
        return [], ""
    if _hand_over(tx, task, [row.record_id for row in rows]):
        rows = publishing.dirty(tx, task.integration, Entity.FULFILLMENTS, limit=limit, after=after)
    wanted = wanted_fulfillments.wanted(tx, task, [row.record_id for row in rows])
    known = told_parcels.standing(tx, task.integration, {each.order_id for each in wanted.values()})
    companions = wanted_fulfillments.beside(tx, task, wanted)
    found = []
    for row in rows:
        each = wanted.get(row.record_id)
        state = State(row.record_id, fingerprint(each and each.fulfillment), row.body, row.marks)
        if each is None or _is_nothing_there(row, each.fulfillment):
            _leave_out(tx, task, state, each)
        elif not _is_known(tx, task, row, state):
            own = told(row).parcels
            others = tuple(ChannelId(key) for key in sorted(known[each.order_id].difference(own)))
            along = companions.get(row.record_id, Beside())
            whole = replace(each.fulfillment, taken=others, beside=along.companions)
            desired, state = _first_as_sent(row, whole, state)
            channel_id = ChannelId("+".join(own)) if own else None
            is_unclear = row.state == PublicationState.UNCLEAR
            change = Change(row.record_id, desired, channel_id, state.fingerprint, is_unclear=is_unclear)
            found.append(Due(change, state, each.order_id, each.name, along.fulfillment_ids))
    return found, rows[-1].record_id


def _hand_over(tx: Transaction, task: Task, fulfillment_ids: Sequence[str]) -> bool:
    """Parcels of what was taken back pass to the same goods, recorded anew; answers whether any did."""
    rows = select_in(tx, sa.select(FULFILLMENT.c.order_id), FULFILLMENT.c.id, fulfillment_ids)
    orders = {row.order_id for row in rows if row.order_id}
    found = left_behind.legacies(tx, task.integration, orders)
    for each in found:
        # Its turn comes also where the channel had refused it: what was refused was to make a parcel of its own.
        got = {"body": pack(each.told), "fingerprint": "", "state": PublicationState.NEW, "attempts": 0}
        again = {"is_dirty": True, "marks": PUBLICATION.c.marks + 1, "again_at": None, "message": ""}
        publishing.write(tx, task.integration, Entity.FULFILLMENTS, each.heir, **got, **again)
        left = {"body": pack(Told()), "state": PublicationState.QUEUED, "is_dirty": True}
        publishing.write(tx, task.integration, Entity.FULFILLMENTS, each.giver, **left)
        parcels = ", ".join(each.told.parcels)
        said = f"{parcels} on {task.integration} stands for what was recorded anew, and gets its tracking"
        record(tx, task, [Event(Subject.ORDER, each.order_id, said)])
    return bool(found)


def _first_as_sent(row: Any, desired: WantedFulfillment, state: State) -> tuple[WantedFulfillment, State]:
    """What was not answered for is looked for under the number that it was sent with; a correction comes after that."""
    sent = told(row).sent
    if row.state != PublicationState.UNCLEAR or not sent:
        return desired, state
    carrier, number = sent[-1]
    if (carrier, number) == (desired.carrier, desired.tracking_number):
        return desired, state
    as_sent = replace(desired, carrier=carrier, tracking_number=number)
    if desired.is_voided:
        return as_sent, state
    return as_sent, replace(state, fingerprint=fingerprint(as_sent), marks=state.marks - 1)


def hold_back(tx: Transaction, integration: str) -> None:
    """The integration is not told of fulfillments: what waits for it says so."""
    why = off_message(integration)
    of_it = (PUBLICATION.c.integration == integration, PUBLICATION.c.entity == Entity.FULFILLMENTS)
    unclear = PUBLICATION.c.state == PublicationState.UNCLEAR
    waits = (PUBLICATION.c.is_dirty, ~unclear, PUBLICATION.c.message != why)
    tx.execute(sa.update(PUBLICATION).where(*of_it, *waits).values(message=why))


def off_message(integration: str) -> str:
    return f"“Push fulfillments” of {integration} is off"


def about_to_send(tx: Transaction, task: Task, found: Sequence[Due]) -> None:
    """From now on the channel may have these, whatever becomes of the answers."""
    for one in found:
        was_told = one.change.channel_id is not None
        state = PublicationState.UNSETTLED if was_told else PublicationState.UNCLEAR
        desired = one.change.desired
        sent = told_by(one.state.body).about_to_send(desired.carrier, desired.tracking_number)
        publishing.write(
            tx, task.integration, Entity.FULFILLMENTS, one.change.key, state=state, body=pack(sent)
        )


def _is_known(tx: Transaction, task: Task, row: Any, state: State) -> bool:
    """Whether the channel has answered for this very state; then nothing is sent."""
    if row.fingerprint != state.fingerprint:
        return False
    if row.state == PublicationState.SETTLED:
        publishing.settle(tx, task, Entity.FULFILLMENTS, state)
        return True
    if row.state in publishing.KEPT_BACK:
        kept = PublicationState(row.state)
        publishing.set_aside(tx, task, Entity.FULFILLMENTS, state, kept, again_at=row.again_at)
        return True
    return False


def _is_nothing_there(row: Any, desired: WantedFulfillment) -> bool:
    """What was taken back before the channel ever heard of it need not be said."""
    return desired.is_voided and not told(row).parcels and row.state not in SENT


def _leave_out(tx: Transaction, task: Task, state: State, wanted: Wanted | None) -> None:
    message = f"{task.integration} has nothing to be told of it"
    # Without a number nothing says that a parcel there was ever this one, so none is known by what was sent.
    is_nameless = wanted is not None and not wanted.fulfillment.tracking_number
    body = pack(Told(deleted=told_by(state.body).deleted)) if is_nameless else state.body
    excluded = PublicationState.EXCLUDED
    publishing.set_aside(tx, task, Entity.FULFILLMENTS, state, excluded, message=message, body=body)
    _close(tx, task, state.record_id)


def settle(tx: Transaction, task: Task, sent: Due, outcome: Outcome) -> None:
    """Keep what the channel answered."""
    key, desired = sent.change.key, sent.change.desired
    if isinstance(outcome, Confirmed):
        parcels = _parcels(outcome)
        there = told_by(sent.state.body).answered(parcels, desired.carrier, desired.tracking_number)
        state = replace(sent.state, body=pack(there))
        publishing.settle(tx, task, Entity.FULFILLMENTS, state)
        _close(tx, task, key)
        record(tx, task, [_told_event(task, sent, outcome)])
        if sent.beside:  # What waited for this one, to leave with it, has its turn at once.
            publishing.mark_kept_back(tx, task.integration, Entity.FULFILLMENTS, sent.beside)
        if desired.is_voided:
            sending.tell_again(tx, task.integration, desired.order_id)
    elif isinstance(outcome, Rejected):
        _refuse(tx, task, sent, outcome)
    else:
        again_at = task.now + _pause(_publication(tx, task, key).attempts)
        _keep(tx, task, sent, PublicationState.UNCLEAR, outcome.reason, again_at=again_at)
        open_case(tx, task, _unclear_case(task, sent, outcome.reason))


def _refuse(tx: Transaction, task: Task, sent: Due, outcome: Rejected) -> None:
    """What may pass by itself is tried again, after a pause that grows; it is said again where the reason is another."""
    was = _publication(tx, task, sent.change.key)
    again_at = task.now + max(outcome.again_in, _pause(was.attempts)) if outcome.again_in else None
    body = pack(_told_of_refused(sent, outcome))
    rejected = PublicationState.REJECTED
    _keep(tx, task, sent, rejected, outcome.reason, fix=outcome.fix, again_at=again_at, body=body)
    _close(tx, task, sent.change.key)
    open_case(tx, task, _refused_case(task, sent, outcome))
    if again_at is None or was.message != outcome.reason:
        said = f"{task.integration} did not take the fulfillment: {outcome.reason}"
        record(tx, task, [Event(Subject.ORDER, sent.order_id, said, EventStatus.FAILED, "out")])


def _told_of_refused(sent: Due, outcome: Rejected) -> Told:
    """A part may have left before the rest was refused; its number stays known with it."""
    before, desired = told_by(sent.state.body), sent.change.desired
    parcels = _parcels(outcome)
    if set(parcels).issubset(before.parcels):
        return before.refused(is_voided=desired.is_voided)
    return before.about_to_send(desired.carrier, desired.tracking_number).standing_as(parcels)


def _parcels(outcome: Confirmed | Rejected) -> tuple[str, ...]:
    return tuple(part for part in (outcome.channel_id or "").split("+") if part)


def _keep(
    tx: Transaction, task: Task, sent: Due, became: PublicationState, message: str, **texts: Any
) -> None:
    attempts = PUBLICATION.c.attempts + 1
    publishing.set_aside(
        tx, task, Entity.FULFILLMENTS, sent.state, became, message=message, attempts=attempts, **texts
    )


def _publication(tx: Transaction, task: Task, key: str) -> Any:
    statement = sa.select(PUBLICATION).where(
        PUBLICATION.c.integration == task.integration,
        PUBLICATION.c.entity == Entity.FULFILLMENTS,
        PUBLICATION.c.record_id == key,
    )
    return tx.execute(statement).one()


def _pause(attempts: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << min(attempts, 10)), LONGEST_PAUSE)


def _told_event(task: Task, sent: Due, outcome: Confirmed) -> Event:
    desired, notes = sent.change.desired, "; ".join(outcome.notes)
    by = " ".join(part for part in (desired.carrier, desired.tracking_number) if part) or "no tracking"
    units = sum(part.quantity for part in desired.units)
    what = "taken back" if desired.is_voided else f"{counted(units, 'unit')} shipped ({by})"
    said = f"Recorded on {task.integration}: {what}{'; ' + notes if notes else ''}"
    return Event(Subject.ORDER, sent.order_id, said, direction="out", request_id=outcome.request_id)


def _close(tx: Transaction, task: Task, key: str) -> None:
    close_cases(tx, task.now, [_case_key(kind, task, key) for kind in CASE_KINDS])


def _case_key(kind: str, task: Task, key: str) -> str:
    return f"{kind}:{task.integration}:{key}"


def _refused_case(task: Task, sent: Due, outcome: Rejected) -> Case:
    kind = "carrier_unknown" if outcome.code == "carrier_unknown" else "fulfillment_refused"
    fix = outcome.fix or "Correct the fulfillment, or retry this case once the reason is gone"
    if kind == "carrier_unknown":
        desired = sent.change.desired
        fix = carrier_finder.advice(desired.carrier, desired.tracking_number, outcome.choices) + fix
    return Case(
        key=_case_key(kind, task, sent.change.key),
        kind=kind,
        subject=Subject.ORDER,
        subject_id=sent.order_id,
        cause=f"{task.integration} did not take the fulfillment of {sent.name}: {outcome.reason}",
        fix=fix,
        evidence={
            "fulfillment": sent.change.key,
            "carrier": sent.change.desired.carrier,
            "tracking_number": sent.change.desired.tracking_number,
            "code": outcome.code,
            "choices": outcome.choices,
            "request_id": outcome.request_id,
        },
    )


def _unclear_case(task: Task, sent: Due, reason: str) -> Case:
    return Case(
        key=_case_key("fulfillment_unclear", task, sent.change.key),
        kind="fulfillment_unclear",
        subject=Subject.ORDER,
        subject_id=sent.order_id,
        cause=f"{task.integration} gave no clear answer about the fulfillment of {sent.name}: {reason}",
        fix="Nothing to do: the order is looked at there before anything is sent again, and this closes by itself",
        evidence={"fulfillment": sent.change.key},
    )


def flows_of(tx: Transaction, fulfillment: str) -> list[FlowKey]:
    """The pushes that are on and have to tell of this fulfillment."""
    statement = sa.select(PUBLICATION.c.integration).where(
        PUBLICATION.c.entity == Entity.FULFILLMENTS, PUBLICATION.c.record_id == fulfillment
    )
    names = set(tx.scalars(statement)) & set(publishing.pushing_integrations(tx, Entity.FULFILLMENTS))
    return [FlowKey(name, Direction.PUSH, Entity.FULFILLMENTS) for name in sorted(names)]
