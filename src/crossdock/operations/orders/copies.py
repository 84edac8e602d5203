"""Orders of one channel written into another, known by our reference so that they are never read back as new."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import RefusedError, RefusedGoods
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.elsewhere import CreatedOrder, still_ordered
from crossdock.domain.inventory import ReportState
from crossdock.domain.money import Money
from crossdock.domain.order import OrderStatus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import close_cases, open_case
from crossdock.operations.fulfillments import fulfillment_push
from crossdock.operations.orders import copy_cases, references
from crossdock.operations.orders.order_record import order_id, restored
from crossdock.operations.stock.sales import IntentKind
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

ORDER = tables.order
LINE = tables.order_line
LISTING = tables.listing
REFERENCE = tables.order_reference

UNRELEASED = (OrderStatus.DRAFT, OrderStatus.NEW, OrderStatus.ON_HOLD)
HALF_A_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Copy:
    """What is still ordered, to be created; where it comes from; each line's product and variant on the target."""

    original_id: str
    integration: str
    order: ChannelOrder
    lines: dict[ChannelId, tuple[ChannelId, ChannelId]]
    skus: dict[ChannelId, str]
    """The SKU that the target knows each of these lines by."""

    def lines_of(self, goods: RefusedGoods) -> frozenset[ChannelId]:
        """The lines that these goods are on."""
        return frozenset(
            line
            for line, (product_id, _) in self.lines.items()
            if product_id in goods.product_ids or self.skus[line] in goods.skus
        )

    def skus_of(self, lines: Collection[ChannelId]) -> frozenset[str]:
        return frozenset(self.skus[line] for line in lines)


def draft(tx: Transaction, task: Task, original: str) -> Copy | None:
    """What creating this order on the task's integration would send; None when it is not wanted any more."""
    copy = of_original(tx, task, original)
    return None if copy.order.status is OrderStatus.CANCELED else copy


def of_original(tx: Transaction, task: Task, original: str) -> Copy:
    """What this order is on the task's integration, be it wanted or not."""
    row = tx.execute(sa.select(ORDER).where(ORDER.c.id == original)).one()
    lines = tx.execute(sa.select(LINE).where(LINE.c.order_id == original).order_by(LINE.c.id)).all()
    linked = {
        found.variant_id: found
        for found in select_in(
            tx,
            sa.select(LISTING).where(LISTING.c.integration == task.integration),
            LISTING.c.variant_id,
            [line.variant_id for line in lines if line.variant_id],
        )
    }
    on_target = {
        ChannelId(line.channel_id): found
        for line in lines
        if (found := linked.get(line.variant_id)) is not None
    }
    targets = {
        line: (ChannelId(found.product_channel_id), ChannelId(found.channel_id))
        for line, found in on_target.items()
    }
    skus = {line: str(found.channel_sku) for line, found in on_target.items()}
    return Copy(original, row.integration, still_ordered(restored(task, row, lines)), targets, skus)


def remember(tx: Transaction, task: Task, copy: Copy, created: CreatedOrder) -> None:
    """Keep what was created, so that the next pull knows it for a copy, and its id comes to the original.

    What a pull was quicker to store of it is the store's own word, and stays.
    """
    original = tx.execute(sa.select(ORDER).where(ORDER.c.id == copy.original_id)).one()
    values = _as_created(task, original, copy, created)
    upsert(tx, ORDER, [values], keep=values.keys() - {"copy_of"})
    what = f"Created as order {created.channel_id} in {task.integration}"
    if (difference := _difference(copy, created)) is not None:
        what += f", whose total there is {created.total}"
    record(tx, task, [Event(Subject.ORDER, copy.original_id, what, direction="out")])
    done = (copy_cases.refused_key, copy_cases.unclear_key)
    close_cases(tx, task.now, [key(task, copy.original_id) for key in done])
    if difference is not None:
        open_case(tx, task, copy_cases.total_differs(task, copy.original_id, copy.order, created))
    references.note(tx, task, original, created.channel_id, is_released=is_released(original))
    fulfillment_push.mark_orders(tx, [copy.original_id])


def _as_created(task: Task, original: Any, copy: Copy, created: CreatedOrder) -> dict[str, Any]:
    """The row of an order that the store has not shown yet: the original's, under the store's id."""
    total = copy.order.totals.total if created.total is None else created.total
    is_canceled = copy.order.status is OrderStatus.CANCELED
    return dict(original._mapping) | {
        "id": order_id(task.integration, created.channel_id),
        "integration": task.integration,
        "channel_id": created.channel_id,
        "number": created.channel_id,
        # That its original is canceled by now says nothing of it.
        "status": OrderStatus.NEW if is_canceled else original.status,
        "status_there": "",
        "channel_status": "created by the hub",
        "channel_status_id": "",
        "counts": False,
        "total": str(total.amount),
        "totals": pack(copy.order.totals),
        "fingerprint": "",
        "copy_of": copy.original_id,
        "is_held": False,
        "hold_until": None,
        "hold_reason": "",
        "problems": pack({}),
        "routing": "",
        "routing_report": pack(None),
        "routed_at": None,
        "tags": pack([]),
        "created_at": task.now,
        "updated_at": task.now,
    }


def _difference(copy: Copy, created: CreatedOrder) -> Money | None:
    """By how much the total of a created order is off, beyond what four decimals may round."""
    if created.total is None or copy.order.status is OrderStatus.CANCELED:
        return None
    off = created.total - copy.order.totals.total
    return off if abs(off.amount) >= HALF_A_CENT else None


def with_right_totals(tx: Transaction, integration: str, originals: Sequence[str]) -> list[str]:
    """Those of these hub orders whose copy has the total of its original by now, or is canceled."""
    original = ORDER.alias("original")
    statement = (
        sa.select(ORDER.c.copy_of, ORDER.c.total, original.c.total.label("wanted"), ORDER.c.status)
        .join(original, original.c.id == ORDER.c.copy_of)
        .where(ORDER.c.integration == integration)
    )
    return [
        row.copy_of
        for row in select_in(tx, statement, ORDER.c.copy_of, originals)
        if row.status == OrderStatus.CANCELED or abs(Decimal(row.total) - Decimal(row.wanted)) < HALF_A_CENT
    ]


def is_released(row: Any) -> bool:
    """Whether an order has left what comes before it may be shipped."""
    return not row.is_reservation and row.status not in UNRELEASED


def to_release(tx: Transaction, task: Task) -> list[tuple[str, ChannelId]]:
    """(original, copy's channel id) where the original was released after the copy had been created.

    What was refused has its turn again after a pause, which is longer each time.
    """
    statement = (
        sa.select(REFERENCE)
        .join(ORDER, ORDER.c.id == REFERENCE.c.order_id)
        .where(
            REFERENCE.c.of_integration == task.integration,
            ~REFERENCE.c.is_released,
            ~ORDER.c.is_reservation,
            ORDER.c.status.not_in([*UNRELEASED, OrderStatus.CANCELED]),
        )
    )
    return [
        (row.order_id, ChannelId(row.reference)) for row in tx.execute(statement) if _is_its_turn(task, row)
    ]


def _is_its_turn(task: Task, row: Any) -> bool:
    return row.release_tried_at is None or task.now - row.release_tried_at > references.pause(
        row.release_attempts
    )


def released(tx: Transaction, task: Task, original: str, created: ChannelId) -> None:
    _change_reference(tx, task, original, is_released=True)
    what = f"Order {created} in {task.integration} has the status and address of the released order"
    record(tx, task, [Event(Subject.ORDER, original, what, direction="out")])
    close_cases(tx, task.now, [copy_cases.not_released_key(task, original)])


def not_released(tx: Transaction, task: Task, copy: Copy, created: ChannelId, refusal: RefusedError) -> None:
    """A person is told, and it is tried again later."""
    attempts = REFERENCE.c.release_attempts + 1
    _change_reference(tx, task, copy.original_id, release_attempts=attempts, release_tried_at=task.now)
    open_case(tx, task, copy_cases.not_released(task, copy.original_id, copy.order.number, created, refusal))


def release_again(tx: Transaction, task: Task, original: str) -> None:
    """A person has seen to what was in the way: its turn is now."""
    _change_reference(tx, task, original, release_attempts=0, release_tried_at=None)


def _change_reference(tx: Transaction, task: Task, original: str, **values: Any) -> None:
    tx.execute(
        sa.update(REFERENCE)
        .where(REFERENCE.c.order_id == original, REFERENCE.c.of_integration == task.integration)
        .values(**values)
    )


def of_orders(tx: Transaction, integration: str, originals: Sequence[str]) -> list[tuple[str, ChannelId]]:
    """(original, copy's channel id) of those hub orders that have a copy on this integration."""
    statement = sa.select(ORDER.c.copy_of, ORDER.c.channel_id).where(ORDER.c.integration == integration)
    return [
        (row.copy_of, ChannelId(row.channel_id))
        for row in select_in(tx, statement, ORDER.c.copy_of, originals)
    ]


def still_wanted(tx: Transaction, integration: str, originals: Sequence[str]) -> list[str]:
    """Those of these hub orders that are not canceled, and of which the integration has no copy."""
    created = dict(of_orders(tx, integration, originals))
    statement = sa.select(ORDER.c.id).where(ORDER.c.status != OrderStatus.CANCELED)
    alive = {row.id for row in select_in(tx, statement, ORDER.c.id, originals)}
    return [order for order in originals if order in alive and order not in created]


def to_cancel(tx: Transaction, integration: str) -> list[tuple[str, ChannelId]]:
    """Copies whose original was canceled whole, once the sale itself has been seen: nothing may overtake it."""
    return of_orders(tx, integration, _reversed(tx, integration, original_is_canceled=True))


def to_follow(tx: Transaction, integration: str) -> frozenset[str]:
    """Originals of copies that have units to give back: as orders, not by adjustments beside them."""
    report = tables.sale_report
    statement = sa.select(report.c.order_id).where(
        report.c.owner == integration, report.c.state == ReportState.OPEN, report.c.quantity > 0
    )
    originals = list(tx.scalars(statement.distinct()))
    return frozenset(original for original, _ in of_orders(tx, integration, originals))


def to_reduce(tx: Transaction, integration: str) -> list[tuple[str, ChannelId]]:
    """Copies of which some units were canceled, once their sale has been seen."""
    return of_orders(tx, integration, _reversed(tx, integration, original_is_canceled=False))


def _reversed(tx: Transaction, integration: str, *, original_is_canceled: bool) -> list[str]:
    report, original = tables.sale_report, ORDER.alias("original")
    under_way = [state for state in ReportState if state.is_in_flight]
    # What adjustments give back is seen before the rest: both would move the same number.
    adjusts = sa.select(tables.intent.c.id).where(tables.intent.c.kind == IntentKind.ADJUSTMENT)
    waiting = sa.select(report.c.order_id).where(
        report.c.owner == integration,
        report.c.state.in_(under_way),
        sa.or_(report.c.quantity < 0, report.c.intent_id.in_(adjusts)),
    )
    is_canceled = original.c.status == OrderStatus.CANCELED
    statement = (
        sa.select(report.c.order_id)
        .join(original, original.c.id == report.c.order_id)
        .where(
            report.c.owner == integration,
            report.c.state == ReportState.OPEN,
            report.c.quantity > 0,
            is_canceled if original_is_canceled else ~is_canceled,
            report.c.order_id.not_in(waiting),
        )
        .distinct()
    )
    return list(tx.scalars(statement))
