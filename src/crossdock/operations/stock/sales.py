"""Reports of sales to the platform that owns stock: sent once, and kept as commitments until seen in its numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.domain.inventory import MovementKind, ReportState
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import close_cases, open_case, open_cases, open_keys
from crossdock.operations.stock import ledger
from crossdock.operations.stock.intents import (
    IN_FLIGHT,
    Item,
    reading,
    refused_case,
    refused_key,
    set_state,
    unclear_case,
    unclear_key,
)
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import hub_id, pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices

REPORT = tables.sale_report
INTENT = tables.intent
LISTING = tables.listing
LOCATION = tables.location

MOST_MOVES = 3


@dataclass(frozen=True, slots=True)
class Due:
    """Reports of one variant at one location that are to be sent together."""

    variant_id: str
    location_id: str
    delta: int
    report_ids: tuple[int, ...]
    channel_variant_id: str
    channel_sku: str
    channel_location_id: str


class IntentKind(StrEnum):
    """What was about to be sent."""

    ADJUSTMENT = "stock_adjustment"
    ORDER = "order"
    ORDER_CANCEL = "order_cancel"
    EXPECTED = "expected"
    """Nothing: another system reports it, and its effect is waited for."""


AS_ORDERS = (IntentKind.ORDER, IntentKind.ORDER_CANCEL)
"""What is looked for by its reference, or can be repeated, and needs no reading to be settled."""

Groups = dict[tuple[str, str], list[Any]]
"""Rows of reports by variant and location."""


def due(tx: Transaction, owner: str, *, limit: int, without: Collection[str] = ()) -> list[Due]:
    """What can be reported now, of those that come to anything; `without` as in `open_groups`."""
    groups = open_groups(tx, owner, without=without)
    return [item for item in addressed(tx, owner, groups) if item.delta][:limit]


def open_groups(tx: Transaction, owner: str, *, without: Collection[str] = ()) -> Groups:
    """The reports that can be sent now. While an answered report of a variant is not seen yet, its next one waits.

    An unclear one holds back only what would hide its effect: units that go the other way. What the orders
    `without` give back reaches the owner in another way.
    """
    rows = tx.execute(
        sa.select(REPORT)
        .where(REPORT.c.owner == owner, REPORT.c.state.in_([ReportState.OPEN, *IN_FLIGHT]))
        .order_by(REPORT.c.id)
    ).all()
    waiting = {row.variant_id for row in rows if row.state in (ReportState.SENT, ReportState.ANSWERED)}
    unclear_sales: dict[str, bool] = {}
    for row in rows:
        if row.state == ReportState.UNCLEAR:
            unclear_sales[row.variant_id] = row.quantity < 0 and unclear_sales.get(row.variant_id, True)
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        is_free = row.variant_id not in unclear_sales or (unclear_sales[row.variant_id] and row.quantity < 0)
        is_ours = row.quantity < 0 or row.order_id not in without
        if row.state == ReportState.OPEN and row.variant_id not in waiting and is_free and is_ours:
            groups[row.variant_id].append(row)
    return dict(map(_of_one_place, groups.values()))


def _of_one_place(rows: list[Any]) -> tuple[tuple[str, str], list[Any]]:
    """The oldest report of a variant and those beside it: its other locations have their turn when this is seen."""
    place = rows[0].location_id
    return (rows[0].variant_id, place), [row for row in rows if row.location_id == place]


def addressed(tx: Transaction, owner: str, groups: Groups) -> list[Due]:
    """Give each group the owner's own ids. A variant that the owner does not list cannot be reported yet."""
    variants = {
        row.variant_id: row
        for row in select_in(
            tx,
            sa.select(LISTING.c.variant_id, LISTING.c.channel_id, LISTING.c.channel_sku).where(
                LISTING.c.integration == owner
            ),
            LISTING.c.variant_id,
            [variant for variant, _ in groups],
        )
    }
    places = {row.id: row.channel_id for row in tx.execute(sa.select(LOCATION.c.id, LOCATION.c.channel_id))}
    return [
        Due(
            variant,
            place,
            sum(row.quantity for row in rows),
            tuple(row.id for row in rows),
            variants[variant].channel_id,
            variants[variant].channel_sku,
            places[place],
        )
        for (variant, place), rows in groups.items()
        if variant in variants and place in places
    ]


def in_flight_variants(tx: Transaction, owner: str) -> list[tuple[str, str]]:
    """(channel id, channel SKU) of the variants whose reports wait to be seen."""
    statement = (
        sa.select(LISTING.c.channel_id, LISTING.c.channel_sku)
        .join(REPORT, REPORT.c.variant_id == LISTING.c.variant_id)
        .where(LISTING.c.integration == owner, REPORT.c.owner == owner, REPORT.c.state.in_(IN_FLIGHT))
        .distinct()
    )
    return [(row.channel_id, row.channel_sku) for row in tx.execute(statement)]


def write_intent(
    tx: Transaction, task: Task, items: Sequence[Due], *, kind: IntentKind
) -> tuple[str, list[Item]]:
    """Put down what is about to be sent, before it is: from here on it is never sent blindly again.

    The stored numbers must be fresh: they are what the effect will be measured against.
    """
    ids = [str(i) for item in items for i in item.report_ids]
    intent_id = hub_id("int", task.integration, task.run_id, task.now.isoformat(), *ids)
    kept = [
        Item(
            item.variant_id,
            item.location_id,
            item.delta,
            item.report_ids,
            reading(tx, task.integration, item.variant_id, item.location_id),
            item.channel_variant_id,
            item.channel_sku,
            item.channel_location_id,
        )
        for item in items
    ]
    tx.execute(
        sa.insert(INTENT).values(
            id=intent_id,
            integration=task.integration,
            kind=kind,
            state=ReportState.SENT,
            body=pack(kept),
            run_id=task.run_id,
            created_at=task.now,
        )
    )
    set_state(tx, [i for item in items for i in item.report_ids], ReportState.SENT, intent_id=intent_id)
    return intent_id, kept


def answered(tx: Transaction, task: Task, intent_id: str, items: Sequence[Item], transaction_id: str) -> None:
    """The owner accepted the report; it will show in its numbers before long."""
    answer_intent(tx, task, intent_id, ReportState.ANSWERED, f"accepted as transaction {transaction_id}")
    set_state(tx, [i for item in items for i in item.report_ids], ReportState.ANSWERED)
    close_cases(tx, task.now, [refused_key(task, item.variant_id, item.location_id) for item in items])
    record(
        tx,
        task,
        [
            Event(
                Subject.VARIANT,
                item.variant_id,
                f"Reported {item.delta:+d} units to {task.integration}",
                direction="out",
                request_id=transaction_id,
            )
            for item in items
        ],
    )


def expected(tx: Transaction, task: Task, intent_id: str, items: Sequence[Item]) -> None:
    """Another system reports this to the owner; the hub only waits until the owner's numbers show it."""
    answer_intent(tx, task, intent_id, ReportState.ANSWERED, "left to another system")
    set_state(tx, [i for item in items for i in item.report_ids], ReportState.ANSWERED)


def refused(tx: Transaction, task: Task, intent_id: str, items: Sequence[Item], message: str) -> None:
    """The owner refused in clear words and changed nothing: the commitments stay, a person is told."""
    answer_intent(tx, task, intent_id, ReportState.REFUSED, message)
    for item in items:
        if (place := _other_place(tx, task, item)) is not None:
            _move(tx, task, item, place)
            told = f"{task.integration} refused {item.delta:+d} units at one location, so another gives them: {message}"
            record(tx, task, [Event(Subject.VARIANT, item.variant_id, told, EventStatus.FAILED, "out")])
        else:
            set_state(tx, item.report_ids, ReportState.REFUSED)
            open_case(tx, task, refused_case(task, item, message))


def _other_place(tx: Transaction, task: Task, item: Item) -> str | None:
    """Another location of the owner that has the units which the first one could not give."""
    if item.delta >= 0:
        return None
    moved = tx.scalar(sa.select(sa.func.max(REPORT.c.moves)).where(REPORT.c.id.in_(item.report_ids)))
    levels = ledger.levels(tx, [item.variant_id], owner=task.integration).get(item.variant_id, [])
    fits = [
        level for level in levels if level.location_id != item.location_id and level.available >= -item.delta
    ]
    return (
        max(fits, key=lambda level: level.available).location_id
        if fits and (moved or 0) < MOST_MOVES
        else None
    )


def _move(tx: Transaction, task: Task, item: Item, place: str) -> None:
    rows = tx.execute(sa.select(REPORT).where(REPORT.c.id.in_(item.report_ids))).all()
    movements = []
    for row in rows:
        for at, units in ((row.location_id, row.quantity), (place, -row.quantity)):
            kind = MovementKind.RELEASE if units < 0 else MovementKind.COMMIT
            reason = "Taken from another location, since this one could not give it"
            movements.append(
                Movement(row.variant_id, at, kind, reason, 0, units, 0, row.order_id, row.line_id)
            )
    ledger.append(tx, task, movements)
    set_state(
        tx, item.report_ids, ReportState.OPEN, intent_id=None, location_id=place, moves=REPORT.c.moves + 1
    )


def reopen_refused(tx: Transaction, task: Task, variant_ids: Sequence[str]) -> None:
    """The owner's number of these variants changed: what it refused may be acceptable now.

    Whether an order can be canceled is no matter of stock.
    """
    cancels = sa.select(INTENT.c.id).where(INTENT.c.kind == IntentKind.ORDER_CANCEL)
    refused = sa.select(REPORT.c.id, REPORT.c.variant_id, REPORT.c.location_id).where(
        REPORT.c.owner == task.integration,
        REPORT.c.state == ReportState.REFUSED,
        sa.or_(REPORT.c.intent_id.is_(None), REPORT.c.intent_id.not_in(cancels)),
    )
    for rows in slices(select_in(tx, refused, REPORT.c.variant_id, variant_ids)):
        set_state(tx, [row.id for row in rows], ReportState.OPEN, intent_id=None)
        close_cases(tx, task.now, [refused_key(task, row.variant_id, row.location_id) for row in rows])


def withdrawn(tx: Transaction, task: Task, intent_id: str, items: Sequence[Item], message: str) -> None:
    """It certainly never reached the owner, or was refused only for its company in the batch: to be sent again."""
    answer_intent(tx, task, intent_id, ReportState.VOID, message)
    set_state(tx, [i for item in items for i in item.report_ids], ReportState.OPEN, intent_id=None)
    close_cases(tx, task.now, [unclear_key(task, item, intent_id) for item in items])


def refused_as_batch(
    tx: Transaction, task: Task, intent_id: str, items: Sequence[Item], message: str
) -> None:
    """The owner refused all for one of them, and changed nothing: each is sent again in smaller company."""
    withdrawn(tx, task, intent_id, items, f"refused as a batch: {message}")
    told = f"{task.integration} refused {{:+d}} units together with others, so they are sent again: {message}"
    record(
        tx,
        task,
        [
            Event(
                Subject.VARIANT, item.variant_id, told.format(item.delta), EventStatus.FAILED, direction="out"
            )
            for item in items
        ],
    )


def unclear(tx: Transaction, task: Task, intent_id: str, items: Sequence[Item], message: str) -> None:
    """The answer was lost. The commitments stay until a reading settles it; it is not sent again.

    Of an order that was to be created or canceled, its own case tells.
    """
    answer_intent(tx, task, intent_id, ReportState.UNCLEAR, message)
    set_state(tx, [i for item in items for i in item.report_ids], ReportState.UNCLEAR)
    if tx.scalar(sa.select(INTENT.c.kind).where(INTENT.c.id == intent_id)) not in AS_ORDERS:
        open_cases(tx, task, [unclear_case(task, item, intent_id, message) for item in items])


def answer_intent(tx: Transaction, task: Task, intent_id: str, state: ReportState, answer: str) -> None:
    tx.execute(
        sa.update(INTENT)
        .where(INTENT.c.id == intent_id)
        .values(state=state, answered_at=task.now, answer=answer)
    )


def recover_sent(tx: Transaction, task: Task) -> int:
    """Intents of a run that died between writing and answering: nobody knows whether they were sent."""
    rows = tx.execute(
        sa.select(INTENT).where(INTENT.c.integration == task.integration, INTENT.c.state == ReportState.SENT)
    ).all()
    for row in rows:
        items = msgspec.json.decode(row.body, type=list[Item])
        unclear(tx, task, row.id, items, "the hub stopped before the answer came")
    return len(rows)


def send_again(
    tx: Transaction,
    task: Task,
    variant_id: str,
    *,
    states: Sequence[ReportState] = (ReportState.REFUSED, ReportState.UNCLEAR),
    only: Sequence[int] | None = None,
) -> int:
    """A person decided that reports of this variant were not applied: all in these states, or `only` these of them.

    Answers how many. The case of some of them is closed by whoever asks.
    """
    meant = REPORT.c.id.in_(only) if only is not None else sa.true()
    result = tx.execute(
        sa.update(REPORT)
        .where(
            REPORT.c.owner == task.integration, REPORT.c.variant_id == variant_id, REPORT.c.state.in_(states)
        )
        .where(meant)
        .values(state=ReportState.OPEN, intent_id=None)
    )
    for state in states if only is None else ():
        close_cases(tx, task.now, open_keys(tx, f"report-{state}:{task.integration}:{variant_id}:"))
    record(
        tx,
        task,
        [
            Event(
                Subject.VARIANT,
                variant_id,
                f"{result.rowcount} reports are sent again",
                EventStatus.ACKNOWLEDGED,
            )
        ],
    )
    return int(result.rowcount)


def due_of_order(tx: Transaction, owner: str, order: str) -> list[Due]:
    """The reports of one order, each variant by itself."""
    rows = tx.execute(
        sa.select(REPORT).where(
            REPORT.c.owner == owner, REPORT.c.order_id == order, REPORT.c.state == ReportState.OPEN
        )
    ).all()
    groups: Groups = defaultdict(list)
    for row in rows:
        groups[row.variant_id, row.location_id].append(row)
    return addressed(tx, owner, groups)


def still_due(tx: Transaction, items: Sequence[Due]) -> list[Due]:
    """Those whose reports are as they were read: a cancellation may have withdrawn or reduced one since.

    Routing may have moved one to another location.
    """
    statement = sa.select(REPORT).where(REPORT.c.state == ReportState.OPEN)
    ids = [report for item in items for report in item.report_ids]
    found = {row.id: row for row in select_in(tx, statement, REPORT.c.id, ids)}
    rows = {item: [found[key] for key in item.report_ids if key in found] for item in items}
    return [
        item
        for item in items
        if len(rows[item]) == len(item.report_ids)
        and sum(row.quantity for row in rows[item]) == item.delta
        and {row.location_id for row in rows[item]} == {item.location_id}
    ]
