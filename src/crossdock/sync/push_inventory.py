"""Brings a channel's stock numbers to what the hub would offer, and reads them back before they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa

from crossdock.connectors.contract import PullsOrders, PushesInventory
from crossdock.domain.channel import ChannelId, ChannelSku, ListingState, StockTarget
from crossdock.domain.sync import Change, Confirmed, Entity, Outcome, Rejected, Unclear
from crossdock.domain.words import counted
from crossdock.operations import publishing
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.stock import offering
from crossdock.operations.stock.offering import Offer
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint, pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in
from crossdock.sync.pulls import pull_orders
from crossdock.sync.work import Work, run_inline

BATCH = 500
MOST_ATTEMPTS = 3
SILENT_AGAIN_IN = timedelta(minutes=10)
UNWRITABLE = frozenset({ListingState.FROZEN, ListingState.REMOVED})


@dataclass(frozen=True, slots=True)
class Target:
    """One variant to bring to its number, and what is known of it."""

    change: Change[StockTarget]
    state: State
    must_look: bool
    attempts: int
    is_off_sale: bool

    @property
    def quantities(self) -> tuple[tuple[ChannelId, int], ...]:
        return self.change.desired.quantities


def push_inventory(work: Work) -> None:
    """The channel's own orders first, then what differs: an absolute number must not undo a sale just made there."""
    now = work.desk.clock()
    with work.database.reading() as tx:
        has_due = publishing.are_any_due(tx, work.integration, Entity.INVENTORY, now)
        waits = has_due or bool(publishing.dirty(tx, work.integration, Entity.INVENTORY, limit=1))
    if not waits:
        return
    if has_due:
        with work.transaction() as tx:
            publishing.mark_due(tx, work.integration, Entity.INVENTORY, now)
    for _ in range(MOST_ATTEMPTS):
        if isinstance(work.connector, PullsOrders):
            run_inline(work, Entity.ORDERS, pull_orders)
        if not _round(work):
            return


def _round(work: Work) -> int:
    """Go once through all that is marked; answers how many numbers did not stick and are to be computed anew."""
    after, differing = "", 0
    while True:
        with work.transaction() as tx:
            targets, last = _plan(tx, work, after)
        if last is None:
            return differing
        differing += _bring(work, targets)
        after = last


def _plan(tx: Transaction, work: Work, after: str) -> tuple[list[Target], str | None]:
    """The next targets of those marked; what needs nothing is unmarked at once. None ends the round."""
    rows = publishing.dirty(tx, work.integration, Entity.INVENTORY, limit=BATCH, after=after)
    if not rows:
        return [], None
    task = work.task()
    ids = [row.record_id for row in rows]
    on = offering.channel(tx, work.integration, work.rules)
    offers = offering.offers(tx, on, work.truth.inventory, ids)
    linked = _listings(tx, work.integration, ids)
    targets = []
    for row in rows:
        target = _target(tx, task, row, offers.get(row.record_id), linked.get(row.record_id))
        if target is not None:
            targets.append(target)
    return targets, ids[-1]


def _listings(tx: Transaction, integration: str, ids: Sequence[str]) -> dict[str, sa.Row[tuple[object, ...]]]:
    listing = tables.listing
    rows = select_in(
        tx, sa.select(listing).where(listing.c.integration == integration), listing.c.variant_id, ids
    )
    return {row.variant_id: row for row in rows}


def _target(
    tx: Transaction,
    task: Task,
    row: sa.Row[tuple[object, ...]],
    offer: Offer | None,
    listing: sa.Row[tuple[object, ...]] | None,
) -> Target | None:
    """What is to be sent for one variant; None when nothing is, with the reason kept."""
    if offer is None or listing is None or listing.state in UNWRITABLE:
        why = "Not linked to a listing" if listing is None else f"The listing is {listing.state}"
        _set_aside(tx, task, row, PublicationState.EXCLUDED, why)
        return None
    if offer.why_not:
        became = PublicationState.WAITING if offer.waiting_for else PublicationState.EXCLUDED
        _set_aside(tx, task, row, became, offer.why_not)
        return None
    state = State(row.record_id, fingerprint(offer.quantities), pack(offer.quantities), row.marks)
    if row.fingerprint == state.fingerprint and row.state == PublicationState.SETTLED:
        publishing.settle(tx, task, Entity.INVENTORY, state)
        return None
    if row.fingerprint == state.fingerprint and row.state == PublicationState.REJECTED:
        publishing.set_aside(
            tx, task, Entity.INVENTORY, state, PublicationState.REJECTED, again_at=row.again_at
        )
        return None
    desired = StockTarget(
        ChannelId(listing.product_channel_id),
        ChannelId(listing.channel_id),
        ChannelSku(listing.channel_sku),
        tuple((ChannelId(place), units) for place, units in offer.quantities),
        comes_back=_comes_back(row, offer, listing),
    )
    change = Change(row.record_id, desired, ChannelId(listing.channel_id), state.fingerprint)
    return Target(
        change,
        state,
        must_look=row.state != PublicationState.SETTLED,
        attempts=row.attempts,
        is_off_sale=listing.state == ListingState.INACTIVE,
    )


def _comes_back(row: sa.Row[tuple[object, ...]], offer: Offer, listing: sa.Row[tuple[object, ...]]) -> bool:
    before = unpack(tuple[tuple[str, int], ...] | None, row.body)
    was_sold_out = before is not None and not any(units for _, units in before)
    return listing.state == ListingState.INACTIVE and was_sold_out and any(n for _, n in offer.quantities)


def _set_aside(tx: Transaction, task: Task, row: sa.Row[Any], state: PublicationState, message: str) -> None:
    kept = State(row.record_id, "", "null", row.marks)
    publishing.set_aside(tx, task, Entity.INVENTORY, kept, state, message=message, fix="")
    keys = [key(task, row.record_id) for key in (_refused_key, _silent_key, _off_sale_key)]
    close_cases(tx, task.now, keys)


def _bring(work: Work, targets: Sequence[Target]) -> int:
    """Look where the channel's number may have moved by itself; write what differs; look again."""
    look = [target for target in targets if target.must_look]
    equal = _equal(work, look)
    with work.transaction() as tx:
        for target in look:
            if target.change.key in equal:
                work.tally.unchanged += 1
                _settle(tx, work.task(), target, is_write=False)
    return _write(work, [target for target in targets if target.change.key not in equal])


def _equal(work: Work, targets: Sequence[Target]) -> set[str]:
    """Keys of the targets whose number the channel shows already."""
    if not targets:
        return set()
    connector = cast(PushesInventory, work.connector)
    offered = dict(connector.read_offered([target.change.desired for target in targets]))
    return {
        target.change.key
        for target in targets
        if _same(offered.get(target.change.desired.variant_id), target.quantities)
    }


def _same(shown: tuple[tuple[ChannelId, int], ...] | None, wanted: tuple[tuple[ChannelId, int], ...]) -> bool:
    """Equal at every location that we set; the platform's own warehouses are its own affair."""
    return shown is not None and all(dict(shown).get(place, 0) == units for place, units in wanted)


def _write(work: Work, targets: Sequence[Target]) -> int:
    if not targets:
        return 0
    connector = cast(PushesInventory, work.connector)
    by_key = {target.change.key: target for target in targets}
    with work.transaction() as tx:
        # Whatever becomes of the answer, from here on nobody may believe in the number before.
        publishing.unsettle(tx, work.integration, Entity.INVENTORY, by_key)
    written: list[Target] = []
    for outcome in connector.push_inventory([target.change for target in targets]):
        target = by_key[outcome.key]
        with work.transaction() as tx:
            _keep(tx, work, target, outcome)
        if isinstance(outcome, Confirmed):
            written.append(target)
    return _verify(work, written)


def _keep(tx: Transaction, work: Work, target: Target, outcome: Outcome) -> None:
    """Each answer commits alone. A confirmed number counts only once it has been read back."""
    task = work.task()
    match outcome:
        case Confirmed():
            publishing.write(
                tx,
                task.integration,
                Entity.INVENTORY,
                outcome.key,
                state=PublicationState.UNSETTLED,
                attempts=target.attempts + 1,
            )
            if outcome.notes:
                open_case(tx, task, _off_sale(task, target, outcome))
        case Rejected():
            work.tally.rejected += 1
            publishing.set_aside(
                tx,
                task,
                Entity.INVENTORY,
                target.state,
                PublicationState.REJECTED,
                message=outcome.reason,
                fix=outcome.fix,
                again_at=task.now + outcome.again_in if outcome.again_in else None,
            )
            open_case(tx, task, _refusal(task, target, outcome))
            record(tx, task, [Event(Subject.VARIANT, outcome.key, outcome.reason, EventStatus.FAILED, "out")])
        case Unclear():
            work.tally.unclear += 1
            work.retry_in = 5.0
            publishing.write(
                tx,
                task.integration,
                Entity.INVENTORY,
                outcome.key,
                state=PublicationState.UNCLEAR,
                message=outcome.reason,
            )


def _verify(work: Work, written: Sequence[Target]) -> int:
    """Read back in one batch, with the channel's patience; answers how many still show another number."""
    equal = _equal(work, written)
    for pause in work.connector.stock_shows_after_seconds:
        if len(equal) == len(written):
            break
        work.desk.sleep(pause)
        equal |= _equal(work, [target for target in written if target.change.key not in equal])
    differing = 0
    with work.transaction() as tx:
        task = work.task()
        for target in written:
            if target.change.key in equal:
                work.tally.confirmed += 1
                _settle(tx, task, target, is_write=True)
            elif target.attempts + 1 >= MOST_ATTEMPTS:
                work.tally.rejected += 1
                _give_up(tx, task, target)
            else:
                differing += 1
    return differing


def _settle(tx: Transaction, task: Task, target: Target, *, is_write: bool) -> None:
    publishing.settle(tx, task, Entity.INVENTORY, target.state)
    close_cases(tx, task.now, [_refused_key(task, target.change.key), _silent_key(task, target.change.key)])
    if not target.is_off_sale or not any(units for _, units in target.quantities):
        close_cases(tx, task.now, [_off_sale_key(task, target.change.key)])
    if is_write:
        units = sum(count for _, count in target.quantities)
        what = f"{task.integration} offers {counted(units, 'unit')} of “{target.change.desired.channel_sku}”"
        record(tx, task, [Event(Subject.VARIANT, target.change.key, what, direction="out")])


def _give_up(tx: Transaction, task: Task, target: Target) -> None:
    """The channel accepts the number and shows another, again and again. What shows later closes the case then."""
    message = "The platform accepts this number but keeps showing another"
    publishing.set_aside(
        tx,
        task,
        Entity.INVENTORY,
        target.state,
        PublicationState.REJECTED,
        message=message,
        attempts=0,
        again_at=task.now + SILENT_AGAIN_IN,
    )
    case = Case(
        key=_silent_key(task, target.change.key),
        kind="silent_refusal",
        subject=Subject.VARIANT,
        subject_id=target.change.key,
        cause=f"{task.integration}: {message} for “{target.change.desired.channel_sku}” ({dict(target.quantities)} wanted)",
        fix="Look at this SKU on the platform: a promotion or another system may hold its stock; then force a resync",
        evidence={"wanted": dict(target.quantities)},
    )
    open_case(tx, task, case)


def _silent_key(task: Task, record_id: str) -> str:
    return f"inventory-silent:{task.integration}:{record_id}"


def _refused_key(task: Task, record_id: str) -> str:
    return f"push-refused:{task.integration}:inventory:{record_id}"


def _off_sale_key(task: Task, record_id: str) -> str:
    return f"inventory-off-sale:{task.integration}:{record_id}"


def _off_sale(task: Task, target: Target, outcome: Confirmed) -> Case:
    desired = target.change.desired
    return Case(
        key=_off_sale_key(task, target.change.key),
        kind="off_sale",
        subject=Subject.VARIANT,
        subject_id=target.change.key,
        cause=f"{task.integration} has {sum(n for _, n in desired.quantities)} units of “{desired.channel_sku}” again, "
        f"and nobody can buy them: {'; '.join(outcome.notes)}",
        fix=f"Activate product {desired.product_id} on {task.integration}, if it is to be sold; the case closes itself",
        evidence={"product": desired.product_id, "listing": desired.variant_id},
    )


def _refusal(task: Task, target: Target, outcome: Rejected) -> Case:
    return Case(
        key=_refused_key(task, target.change.key),
        kind="push_refused",
        subject=Subject.VARIANT,
        subject_id=target.change.key,
        cause=f"{task.integration} refused the stock of “{target.change.desired.channel_sku}”: {outcome.reason}",
        fix=outcome.fix or "Correct what the platform names; the number is sent again when it changes",
        evidence={"code": outcome.code, "wanted": dict(target.quantities), "request_id": outcome.request_id},
    )
