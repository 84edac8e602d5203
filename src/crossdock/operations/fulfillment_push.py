"""Which channels have to be told of a fulfillment, what exactly, and what their answers mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelOrderLine, ChannelSku
from crossdock.domain.fulfillment import FulfillmentState, WantedFulfillment, WantedUnits
from crossdock.domain.order import FulfilledBy
from crossdock.domain.sync import Change, Confirmed, Direction, Entity, FlowKey, Outcome, Postponed, Rejected
from crossdock.operations import left_behind, publishing, told_parcels
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.task import HUB, Task
from crossdock.operations.told_parcels import SENT, Told, told, told_by
from crossdock.store import tables
from crossdock.store.codec import fingerprint, pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
ORDER = tables.order
LINE = tables.order_line
LISTING = tables.listing
PUBLICATION = tables.publication

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
CASE_KINDS = ("fulfillment_refused", "carrier_unknown", "fulfillment_unclear")


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
        if FulfilledBy(row.fulfilled_by) is FulfilledBy.SELLER:
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the channel should have on record of one fulfillment, and of which order of the hub it is."""

    fulfillment: WantedFulfillment
    order_id: str
    name: str


def due(tx: Transaction, task: Task, *, limit: int, after: str = "") -> tuple[list[Due], str]:
    """The next fulfillments to tell the task's integration, and the last record looked at; empty at the end."""
    rows = publishing.dirty(tx, task.integration, Entity.FULFILLMENTS, limit=limit, after=after)
    if not rows:
        return [], ""
    if _hand_over(tx, task, [row.record_id for row in rows]):
        rows = publishing.dirty(tx, task.integration, Entity.FULFILLMENTS, limit=limit, after=after)
    wanted = _wanted(tx, task, [row.record_id for row in rows])
    known = told_parcels.standing(tx, task.integration, {each.order_id for each in wanted.values()})
    found = []
    for row in rows:
        each = wanted.get(row.record_id)
        state = State(row.record_id, fingerprint(each and each.fulfillment), row.body, row.marks)
        if each is None or _is_nothing_there(row, each.fulfillment):
            _leave_out(tx, task, state)
        elif not _is_known(tx, task, row, state):
            own = told(row).parcels
            others = tuple(ChannelId(key) for key in sorted(known[each.order_id].difference(own)))
            desired, state = _first_as_sent(row, replace(each.fulfillment, taken=others), state)
            channel_id = ChannelId("+".join(own)) if own else None
            is_unclear = row.state == PublicationState.UNCLEAR
            change = Change(row.record_id, desired, channel_id, state.fingerprint, is_unclear=is_unclear)
            found.append(Due(change, state, each.order_id, each.name))
    return found, rows[-1].record_id


def _hand_over(tx: Transaction, task: Task, fulfillment_ids: Sequence[str]) -> bool:
    """Parcels of what was taken back pass to the same goods, recorded anew; answers whether any did."""
    rows = select_in(tx, sa.select(FULFILLMENT.c.order_id), FULFILLMENT.c.id, fulfillment_ids)
    orders = {row.order_id for row in rows if row.order_id}
    found = left_behind.legacies(tx, task.integration, orders)
    for each in found:
        got = {"body": pack(each.told), "fingerprint": ""}
        publishing.write(tx, task.integration, Entity.FULFILLMENTS, each.heir, **got)
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


def _leave_out(tx: Transaction, task: Task, state: State) -> None:
    message = f"{task.integration} has nothing to be told of it"
    excluded = PublicationState.EXCLUDED
    publishing.set_aside(tx, task, Entity.FULFILLMENTS, state, excluded, message=message)
    _close(tx, task, state.record_id)


def _wanted(tx: Transaction, task: Task, fulfillment_ids: Sequence[str]) -> dict[str, _Wanted]:
    rows = [
        row
        for row in select_in(tx, sa.select(FULFILLMENT), FULFILLMENT.c.id, fulfillment_ids)
        if row.order_id is not None
    ]
    orders = {row.order_id for row in rows}
    of_target = ORDER.c.integration == task.integration
    placed = select_in(tx, sa.select(ORDER), ORDER.c.id, orders)
    numbers = {row.id: row.number for row in placed}
    targets = {row.id: row for row in placed if row.integration == task.integration}
    targets |= {
        row.copy_of: row for row in select_in(tx, sa.select(ORDER).where(of_target), ORDER.c.copy_of, orders)
    }
    units = _units(tx, task, [row.id for row in rows])
    return {
        row.id: _Wanted(
            _fulfillment(row, targets[row.order_id], units[row.id]),
            row.order_id,
            _name(row, numbers[row.order_id]),
        )
        for row in rows
        if row.order_id in targets and (units[row.id] or row.state == FulfillmentState.VOIDED)
    }


def _name(row: Any, order_number: str) -> str:
    """What channels recorded is corrected there, so people are told where."""
    order = f"order {order_number}"
    return order if row.integration == HUB else f"{order} (shipment {row.channel_id} of {row.integration})"


def _fulfillment(
    row: Any, target: Any, units: Sequence[tuple[str, WantedUnits, WantedUnits]]
) -> WantedFulfillment:
    """`target` is the order there: that of the customer, whose lines are known, or a copy of it."""
    is_copy = target.copy_of is not None
    return WantedFulfillment(
        order_id=ChannelId(target.channel_id),
        units=tuple(of_copy if is_copy else of_order for _, of_order, of_copy in sorted(units, key=_line)),
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        tracking_url=row.tracking_url,
        service=row.service,
        is_voided=row.state == FulfillmentState.VOIDED,
    )


def _line(part: tuple[str, WantedUnits, WantedUnits]) -> str:
    return part[0]


def _units(
    tx: Transaction, task: Task, fulfillment_ids: Sequence[str]
) -> dict[str, list[tuple[str, WantedUnits, WantedUnits]]]:
    """By fulfillment: line, its units as their own channel knows them, and as a copy on the target has them."""
    statement = sa.select(PART, LINE).join(LINE, LINE.c.id == PART.c.line_id)
    rows = [row._mapping for row in select_in(tx, statement, PART.c.fulfillment_id, fulfillment_ids)]
    on_target = sa.select(LISTING).where(LISTING.c.integration == task.integration)
    variants = [row[LINE.c.variant_id] for row in rows if row[LINE.c.variant_id]]
    listed = {row.variant_id: row for row in select_in(tx, on_target, LISTING.c.variant_id, variants)}
    found: dict[str, list[tuple[str, WantedUnits, WantedUnits]]] = defaultdict(list)
    for row in rows:
        body: ChannelOrderLine = unpack(ChannelOrderLine, row[LINE.c.body])
        quantity, listing = row[PART.c.quantity], listed.get(row[LINE.c.variant_id])
        of_order = WantedUnits(
            quantity,
            line_id=ChannelId(row[LINE.c.channel_id]),
            variant_id=body.variant_id,
            channel_sku=body.channel_sku,
            unit_ids=body.unit_ids,
        )
        of_copy = WantedUnits(
            quantity,
            line_id=ChannelId(""),
            variant_id=ChannelId(listing.channel_id if listing is not None else ""),
            channel_sku=ChannelSku(listing.channel_sku if listing is not None else row[LINE.c.channel_sku]),
        )
        found[row[PART.c.fulfillment_id]].append((row[LINE.c.id], of_order, of_copy))
    return found


def settle(tx: Transaction, task: Task, sent: Due, outcome: Outcome) -> None:
    """Keep what the channel answered."""
    key = sent.change.key
    if isinstance(outcome, Confirmed):
        parcels = tuple(part for part in outcome.channel_id.split("+") if part)
        desired = sent.change.desired
        there = Told(parcels, ((desired.carrier, desired.tracking_number),) if parcels else ())
        state = replace(sent.state, body=pack(there))
        publishing.settle(tx, task, Entity.FULFILLMENTS, state)
        _close(tx, task, key)
        record(tx, task, [_told_event(task, sent, outcome)])
    elif isinstance(outcome, Rejected):
        again_at = task.now + outcome.again_in if outcome.again_in else None
        before = told_by(sent.state.body)
        body = pack(before.refused(is_voided=sent.change.desired.is_voided))
        rejected = PublicationState.REJECTED
        _keep(tx, task, sent, rejected, outcome.reason, fix=outcome.fix, again_at=again_at, body=body)
        _close(tx, task, key)
        open_case(tx, task, _refused_case(task, sent, outcome))
        said = f"{task.integration} did not take the fulfillment: {outcome.reason}"
        record(tx, task, [Event(Subject.ORDER, sent.order_id, said, EventStatus.FAILED, "out")])
    elif isinstance(outcome, Postponed):
        again_at = task.now + outcome.again_in
        _keep(tx, task, sent, PublicationState.QUEUED, outcome.reason, again_at=again_at)
    else:
        again_at = task.now + _pause(tx, task, key)
        _keep(tx, task, sent, PublicationState.UNCLEAR, outcome.reason, again_at=again_at)
        open_case(tx, task, _unclear_case(task, sent, outcome.reason))


def _keep(
    tx: Transaction, task: Task, sent: Due, became: PublicationState, message: str, **texts: Any
) -> None:
    attempts = PUBLICATION.c.attempts + 1
    publishing.set_aside(
        tx, task, Entity.FULFILLMENTS, sent.state, became, message=message, attempts=attempts, **texts
    )


def _pause(tx: Transaction, task: Task, key: str) -> timedelta:
    statement = sa.select(PUBLICATION.c.attempts).where(
        PUBLICATION.c.integration == task.integration,
        PUBLICATION.c.entity == Entity.FULFILLMENTS,
        PUBLICATION.c.record_id == key,
    )
    attempts = int(tx.scalar(statement) or 0)
    return min(FIRST_PAUSE * (1 << min(attempts, 10)), LONGEST_PAUSE)


def _told_event(task: Task, sent: Due, outcome: Confirmed) -> Event:
    desired, notes = sent.change.desired, "; ".join(outcome.notes)
    by = " ".join(part for part in (desired.carrier, desired.tracking_number) if part) or "no tracking"
    units = sum(part.quantity for part in desired.units)
    what = "taken back" if desired.is_voided else f"{units} units shipped ({by})"
    said = f"Recorded on {task.integration}: {what}{'; ' + notes if notes else ''}"
    return Event(Subject.ORDER, sent.order_id, said, direction="out", request_id=outcome.request_id)


def _close(tx: Transaction, task: Task, key: str) -> None:
    close_cases(tx, task.now, [_case_key(kind, task, key) for kind in CASE_KINDS])


def _case_key(kind: str, task: Task, key: str) -> str:
    return f"{kind}:{task.integration}:{key}"


def _refused_case(task: Task, sent: Due, outcome: Rejected) -> Case:
    kind = "carrier_unknown" if outcome.code == "carrier_unknown" else "fulfillment_refused"
    return Case(
        key=_case_key(kind, task, sent.change.key),
        kind=kind,
        subject=Subject.ORDER,
        subject_id=sent.order_id,
        cause=f"{task.integration} did not take the fulfillment of {sent.name}: {outcome.reason}",
        fix=outcome.fix or "Correct the fulfillment, or retry this case once the reason is gone",
        evidence={
            "fulfillment": sent.change.key,
            "carrier": sent.change.desired.carrier,
            "tracking_number": sent.change.desired.tracking_number,
            "code": outcome.code,
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
