"""Orders canceled in the hub, which their channel is told of once, and what the channel is told on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import CanceledUnits, CancellationState, CancelReason, Origin
from crossdock.domain.channel import ChannelId, ChannelOrderLine
from crossdock.domain.order import OrderStatus
from crossdock.domain.words import counted
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.orders import line_choice, order_life
from crossdock.operations.orders.canceling import CANCELLATION, LINE, ORDER, OURS, units_of
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store.asking import Question
from crossdock.store.codec import hub_id, pack, unpack
from crossdock.store.database import Transaction

ORIGINAL = ORDER.alias("original")
COPIES = Question(
    sa.select(
        ORDER.c.id,
        ORDER.c.number,
        ORDER.c.status,
        ORIGINAL.c.id.label("original_id"),
        ORIGINAL.c.number.label("original_number"),
        ORIGINAL.c.status.label("original_status"),
    ).join(ORIGINAL, ORIGINAL.c.id == ORDER.c.copy_of),
    ORDER.c.id,
)
OVER = (OrderStatus.CANCELED, OrderStatus.ARCHIVED)
"""Of an order that is so, nothing is left to be canceled."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants canceled: the whole order, or units by SKU or line id."""

    units: Mapping[str, int] = field(default_factory=dict)
    origin: Origin = Origin.HUB
    reason: CancelReason = CancelReason.OTHER
    note: str = ""
    restocks: bool = True


def cancel(tx: Transaction, task: Task, order_id: str, wish: Wish) -> str:
    """Cancel an order of the task's integration, whole or in part, and have its channel told where that is on.

    Its commitments are released at once, each unit once. Answers the id of the cancellation.
    Raises SettingsError.
    """
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).one()
    lines = tx.execute(sa.select(LINE).where(LINE.c.order_id == order_id).order_by(LINE.c.id)).all()
    if (untold := _untold(tx, task, order, lines, wish)) is not None:
        return _tell_after_all(tx, task, order, untold)
    if order.status == OrderStatus.CANCELED:
        raise SettingsError("status", f"order {order.number} is canceled already")
    units, is_whole = _chosen(order, lines, wish)
    _refuse_what_cannot_be(task, order, wish, is_whole=is_whole)
    key = _add(tx, task, order, () if is_whole else units, wish)
    if not wish.restocks:
        for part in units:
            of_line = (LINE.c.order_id == order_id, LINE.c.channel_id == part.line_id)
            more = LINE.c.quantity_not_restocked + part.quantity
            tx.execute(sa.update(LINE).where(*of_line).values(quantity_not_restocked=more))
    order_life.settle(tx, task, [order_id])
    record(tx, task, [Event(Subject.ORDER, order_id, _said(task, wish, units, is_whole=is_whole))])
    commitments.apply(tx, task, [order_id])
    return key


def _untold(tx: Transaction, task: Task, order: Any, lines: Sequence[Any], wish: Wish) -> Any:
    """The oldest cancellation of just these units that was made while the channel was not to be told, and now it is.

    Of an order that is canceled, where no units are named, any of them.
    """
    if not task.rules.pushes_cancellations:
        return None
    statement = (
        sa.select(CANCELLATION)
        .where(
            CANCELLATION.c.order_id == order.id,
            CANCELLATION.c.origin == Origin.HUB,
            CANCELLATION.c.state == CancellationState.HUB_ONLY,
        )
        .order_by(CANCELLATION.c.created_at, CANCELLATION.c.id)
    )
    untold = tx.execute(statement).all()
    if not wish.units:
        return next(iter(untold), None) if order.status == OrderStatus.CANCELED else None
    return next((row for row in untold if _is_of(row, lines, wish.units)), None)


def _is_of(cancellation: Any, lines: Sequence[Any], wanted: Mapping[str, int]) -> bool:
    """Whether it cancels just these units, by SKU or line id."""
    units = {part.line_id: part.quantity for part in units_of(cancellation)}

    def named(name: str) -> int:
        meant = [line for line in lines if name in (line.channel_sku, line.channel_id, line.id)]
        return sum(units.get(line.channel_id, 0) for line in meant)

    is_same = all(named(name) == quantity for name, quantity in wanted.items())
    return is_same and sum(units.values()) == sum(wanted.values())


def _tell_after_all(tx: Transaction, task: Task, order: Any, untold: Any) -> str:
    """Units that were canceled while their channel was not to be told, and now it is."""
    if units_of(untold) and task.rules.line_cancellation_refusal:
        raise SettingsError("lines", task.rules.line_cancellation_refusal)
    _change(tx, task, untold.id, state=CancellationState.OPEN, is_dirty=True, attempts=0)
    record(tx, task, [Event(Subject.ORDER, order.id, f"To be canceled on {task.integration} as well")])
    return str(untold.id)


def _chosen(order: Any, lines: Sequence[Any], wish: Wish) -> tuple[tuple[CanceledUnits, ...], bool]:
    """The units to cancel, and whether with them the whole order is canceled."""
    left = {line.id: line.quantity - line.quantity_canceled - line.quantity_shipped for line in lines}
    if sum(left.values()) <= 0:
        raise SettingsError(
            "lines",
            f"order {order.number} has nothing left to cancel: all is shipped or canceled; what was shipped is "
            "given back by a return or a refund on its channel",
        )
    wanted = line_choice.choose(
        order,
        lines,
        wish.units,
        left,
        lambda most: f"be canceled; order {order.number} has {most} open",
    )
    units = tuple(
        CanceledUnits(
            line_id=ChannelId(line.channel_id),
            quantity=wanted[line.id],
            least=line.quantity_canceled + wanted[line.id],
            unit_ids=unpack(ChannelOrderLine, line.body).unit_ids,
        )
        for line in lines
        if line.id in wanted
    )
    is_all = wanted == {key: units for key, units in left.items() if units > 0}
    return units, is_all and not any(line.quantity_shipped for line in lines)


def _refuse_what_cannot_be(task: Task, order: Any, wish: Wish, *, is_whole: bool) -> None:
    if order.copy_of is not None:
        raise SettingsError(
            "order",
            f"{order.number} of {order.integration} is the hub's copy of another order; cancel that one, and this "
            "one follows",
        )
    if not wish.restocks and order.integration == task.truth.inventory:
        raise SettingsError(
            "restock",
            f"{order.integration} owns the stock, and its own settings decide what a cancellation gives back",
        )
    if not is_whole and task.rules.pushes_cancellations and task.rules.line_cancellation_refusal:
        raise SettingsError("lines", task.rules.line_cancellation_refusal)


def _said(task: Task, wish: Wish, units: Sequence[CanceledUnits], *, is_whole: bool) -> str:
    what = "Canceled" if is_whole else f"{counted(sum(part.quantity for part in units), 'unit')} canceled"
    why = f" ({wish.reason.value.replace('_', ' ')})" if wish.reason is not CancelReason.OTHER else ""
    there = task.integration
    told = (
        f"{there} is told" if task.rules.pushes_cancellations else f"still open in {there}, which is not told"
    )
    return f"{what}{why}; {told}{'' if wish.restocks else '; not put back on sale'}"


def follow_copies(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    """A person canceled an order that the hub created here: its original follows, where that is wanted.

    The hub's own cancellation of a copy comes after its original's, so it never starts this.
    """
    for row in COPIES.rows(tx, order_ids):
        if row.status != OrderStatus.CANCELED or row.original_status in OVER:
            close_cases(tx, task.now, [f"copy-canceled:{row.id}"])
        elif not task.rules.cancels_originals:
            open_case(tx, task, _copy_case(task, row.id, row.number, row.original_number))
        else:
            _follow(tx, task, row.original_id, row.number)


def _follow(tx: Transaction, task: Task, original_id: str, number: str) -> None:
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == original_id)).one()
    earlier = sa.select(CANCELLATION.c.id).where(
        CANCELLATION.c.order_id == original_id, CANCELLATION.c.origin == Origin.COPY
    )
    if tx.execute(earlier).first() is not None:
        return
    _add(
        tx,
        task,
        order,
        (),
        Wish(note=f"Order {number} of {task.integration} was canceled", origin=Origin.COPY),
    )
    said = (
        f"Its order {number} in {task.integration} was canceled there; to be canceled on {order.integration}"
    )
    record(tx, task, [Event(Subject.ORDER, original_id, said, direction="in")])


def _copy_case(task: Task, copy_id: str, number: str, original: str) -> Case:
    return Case(
        key=f"copy-canceled:{copy_id}",
        kind="copy_canceled",
        subject=Subject.ORDER,
        subject_id=copy_id,
        cause=(
            f"Order {number} was canceled in {task.integration}, and order {original}, which it stands for, was not: "
            f"{task.integration} may offer units that are sold"
        ),
        fix=f"Cancel order {original} as well, or reopen order {number}",
        evidence={"copy": number, "original": original},
    )


def _add(tx: Transaction, task: Task, order: Any, units: Sequence[CanceledUnits], wish: Wish) -> str:
    earlier = sa.select(sa.func.count()).where(
        CANCELLATION.c.order_id == order.id, CANCELLATION.c.origin.in_(OURS)
    )
    key = hub_id("can", order.id, str(tx.scalar(earlier)))
    # Whether a copy's original may be canceled is known only where its own channel's settings are.
    is_told = wish.origin is Origin.COPY or task.rules.pushes_cancellations
    tx.execute(
        sa.insert(CANCELLATION).values(
            id=key,
            order_id=order.id,
            order_channel_id=order.channel_id,
            integration=order.integration,
            origin=wish.origin,
            state=CancellationState.OPEN if is_told else CancellationState.HUB_ONLY,
            reason=wish.reason,
            note=wish.note,
            lines=pack(list(units)),
            decided_by=task.actor,
            is_dirty=is_told,
            created_at=task.now,
            updated_at=task.now,
        )
    )
    return key


def _change(tx: Transaction, task: Task, key: str, **values: Any) -> None:
    tx.execute(sa.update(CANCELLATION).where(CANCELLATION.c.id == key).values(updated_at=task.now, **values))
