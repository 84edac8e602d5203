"""Brings a channel's stock numbers to what the hub would offer, and reads them back before they count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import cast

from crossdock.connectors.contract import PushesInventory
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Confirmed, Entity, Outcome, Rejected, Unclear
from crossdock.domain.words import counted
from crossdock.operations import drift, publishing
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case, open_cases
from crossdock.operations.publishing import PublicationState
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.sync import stock_cases, stock_plan
from crossdock.sync.stock_barrier import Barrier, is_lowered, is_raise
from crossdock.sync.stock_cases import Target
from crossdock.sync.work import Work

MOST_ATTEMPTS = 3
SILENT_AGAIN_IN = timedelta(minutes=10)
MOVED_AGAIN_IN_SECONDS = 0.5


def push_inventory(work: Work) -> None:
    """The channel's own orders first, then what differs: an absolute number must not undo a sale just made there."""
    now = work.desk.clock()
    with work.database.reading() as tx:
        has_due = publishing.are_any_due(tx, work.integration, Entity.INVENTORY, now)
    if not has_due and not _is_any_marked(work):
        return
    if has_due:
        with work.transaction() as tx:
            publishing.mark_due(tx, work.integration, Entity.INVENTORY, now)
    barrier = Barrier(work)
    try:
        for _ in range(MOST_ATTEMPTS):
            barrier.read()
            if not _round(work, barrier) and (work.retry_in is not None or not _is_any_marked(work)):
                return
    finally:
        barrier.release()
    work.retry_in = work.retry_in or MOVED_AGAIN_IN_SECONDS


def _is_any_marked(work: Work) -> bool:
    with work.database.reading() as tx:
        return bool(publishing.dirty(tx, work.integration, Entity.INVENTORY, limit=1))


def _round(work: Work, barrier: Barrier) -> int:
    """Go once through all that is marked; answers how many numbers did not stick and are to be computed anew."""
    differing = 0
    for ids in stock_plan.batches(work):
        differing += _bring(work, stock_plan.plan(work, ids), barrier)
    return differing


def _bring(work: Work, targets: Sequence[Target], barrier: Barrier) -> int:
    """Look where the channel's number may have moved by itself; write what differs; look again.

    Where a channel shows less than it is to, it may have sold the difference: its orders are read once more, and
    what they tell of is computed anew before anything is put back.
    """
    look = [target for target in targets if target.must_look]
    shown = _shown(work, look)
    equal = _equal(look, shown) - barrier.unseen
    with work.transaction() as tx:
        right = [target for target in look if target.change.key in equal]
        work.tally.unchanged += len(right)
        _settle(tx, work.task(), right)
        drift.close(tx, work.task(), Entity.INVENTORY, equal, how=drift.SEEN_RIGHT)
    differing = [
        replace(target, before=shown.get(target.change.key, target.before))
        for target in targets
        if target.change.key not in equal
    ]
    if any(target.must_look and is_raise(target.before, target.quantities) for target in differing):
        barrier.read()
    return _write(work, differing, barrier)


Shown = dict[str, tuple[tuple[ChannelId, int], ...]]
"""What the channel shows of records, by their key."""


def _shown(work: Work, targets: Sequence[Target]) -> Shown:
    if not targets:
        return {}
    connector = cast(PushesInventory, work.connector)
    offered = dict(connector.read_offered([target.change.desired for target in targets]))
    named = ((target.change.key, offered.get(target.change.desired.variant_id)) for target in targets)
    return {key: quantities for key, quantities in named if quantities is not None}


def _equal(targets: Sequence[Target], shown: Shown) -> set[str]:
    """Keys of the targets whose number the channel shows already."""
    return {t.change.key for t in targets if _same(shown.get(t.change.key), t.quantities)}


def _same(shown: tuple[tuple[ChannelId, int], ...] | None, wanted: tuple[tuple[ChannelId, int], ...]) -> bool:
    """Equal at every location that we set; the platform's own warehouses are its own affair."""
    return shown is not None and all(dict(shown).get(place, 0) == units for place, units in wanted)


def _write(work: Work, targets: Sequence[Target], barrier: Barrier) -> int:
    """Answers how many are to be computed anew, as something happened meanwhile that their numbers lack."""
    written: list[Target] = []
    outdated = 0
    for some in _turns(targets, work.connector.stock_written_at_once):
        barrier.renew()
        moved = barrier.moved({target.state.record_id: target.state.marks for target in some})
        outdated += len(moved)
        written += _send(work, [target for target in some if target.change.key not in moved])
    return outdated + _verify(work, written, barrier)


def _turns(targets: Sequence[Target], size: int) -> Iterator[list[Target]]:
    """So many at a time or a few more, those of one product together."""
    turn: list[Target] = []
    for _, group in groupby(sorted(targets, key=_product), key=_product):
        turn += group
        if len(turn) >= size:
            yield turn
            turn = []
    if turn:
        yield turn


def _product(target: Target) -> tuple[int, str]:
    return len(target.change.desired.product_id), target.change.desired.product_id


def _send(work: Work, targets: Sequence[Target]) -> list[Target]:
    """Answers those that the channel has accepted."""
    if not targets:
        return []
    connector = cast(PushesInventory, work.connector)
    by_key = {target.change.key: target for target in targets}
    with work.transaction() as tx:
        # Whatever becomes of the answer, from here on nobody may believe in the number before.
        publishing.unsettle(tx, work.integration, Entity.INVENTORY, by_key)
    written: list[Target] = []
    notes: list[Case] = []
    for outcome in connector.push_inventory([target.change for target in targets]):
        target = by_key[outcome.key]
        if isinstance(outcome, Confirmed):
            written.append(target)
            if outcome.notes:
                notes.append(stock_cases.off_sale(work.task(), target, outcome))
        else:
            with work.transaction() as tx:
                _keep(tx, work, target, outcome)
    with work.transaction() as tx:
        # Were this lost, they would be looked at again all the same, since they are not settled.
        publishing.count_attempts(tx, work.integration, Entity.INVENTORY, [t.change.key for t in written])
        open_cases(tx, work.task(), notes)
    return written


def _keep(tx: Transaction, work: Work, target: Target, outcome: Outcome) -> None:
    """What was not done, each commits alone. A confirmed number counts only once it has been read back."""
    task = work.task()
    match outcome:
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
            open_case(tx, task, stock_cases.refusal(task, target, outcome))
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


def _verify(work: Work, written: Sequence[Target], barrier: Barrier) -> int:
    """Read back in one batch, with the channel's patience; answers how many are to be computed anew.

    The channel may have sold what a number lacks, so its orders are read too. Whatever happened meanwhile, the
    channel has not refused the number then; and one that was to be lowered is not waited for any longer.
    """
    barrier.release()
    equal = _equal(written, _shown(work, written))
    for turn, pause in enumerate(work.connector.stock_shows_after_seconds):
        moved = _moved(barrier, written, equal)
        left = [target for target in written if target.change.key not in equal]
        left = [t for t in left if t.change.key not in moved or not is_lowered(t.before, t.quantities)]
        if not left:
            break
        work.desk.sleep(pause)
        equal |= _equal(left, _shown(work, left))
        if turn == 0 and any(target.change.key not in equal for target in left):
            barrier.read()
            barrier.release()
    moved = _moved(barrier, written, equal)
    barrier.unseen = (barrier.unseen | moved) - equal
    differing = 0
    with work.transaction() as tx:
        task = work.task()
        right = [target for target in written if target.change.key in equal]
        work.tally.confirmed += len(right)
        _settle(tx, task, right)
        record(tx, task, [_told(task, target) for target in right])
        for target in written:
            if target.change.key in equal:
                continue
            if target.change.key not in moved and target.attempts + 1 >= MOST_ATTEMPTS:
                work.tally.rejected += 1
                _give_up(tx, task, target)
            else:
                differing += 1
        publishing.forget_attempts(tx, work.integration, Entity.INVENTORY, moved)
        drift.close(tx, task, Entity.INVENTORY, equal, how=drift.WRITTEN_AND_READ)
    return differing


def _moved(barrier: Barrier, written: Sequence[Target], equal: Collection[str]) -> set[str]:
    """Those of the others that something happened to since their number was computed."""
    return barrier.moved({t.change.key: t.state.marks for t in written if t.change.key not in equal})


def _settle(tx: Transaction, task: Task, targets: Sequence[Target]) -> None:
    publishing.settle_all(tx, task, Entity.INVENTORY, [target.state for target in targets])
    keys = [
        key(task, t.change.key) for t in targets for key in (stock_cases.refused_key, stock_cases.silent_key)
    ]
    # What is off sale stays so as long as there are units that nobody can buy.
    on_sale = [t for t in targets if not t.is_off_sale or not any(units for _, units in t.quantities)]
    close_cases(tx, task.now, [*keys, *(stock_cases.off_sale_key(task, t.change.key) for t in on_sale)])


def _told(task: Task, target: Target) -> Event:
    units = sum(count for _, count in target.quantities)
    what = f"{task.integration} offers {counted(units, 'unit')} of “{target.change.desired.channel_sku}”"
    return Event(Subject.VARIANT, target.change.key, what, direction="out")


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
    open_case(tx, task, stock_cases.silent(task, target, message))
