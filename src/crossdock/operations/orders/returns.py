"""Returns and refunds, kept with their orders: money and lines; goods go back into stock where that is wanted, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crossdock.domain.aftersales import REFUND_TAGS, ChannelReturn, ReturnedLine, ReturnState, refund_tag
from crossdock.domain.channel import ChannelOrderLine
from crossdock.domain.inventory import MovementKind
from crossdock.domain.order import FulfilledBy
from crossdock.domain.words import counted
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.orders import return_answers
from crossdock.operations.orders.order_record import NAMES
from crossdock.operations.stock import commitments, ledger
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.stock.provisional import Places, Wanted
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import fingerprint, hub_id, pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

RETURN = tables.order_return
ORDER = tables.order
LINE = tables.order_line
WAITING = Question(
    sa.select(RETURN.c.id, RETURN.c.order_channel_id, RETURN.c.integration).where(
        RETURN.c.order_id.is_(None)
    ),
    RETURN.c.order_channel_id,
)
DONE = Question(
    sa.select(RETURN.c.order_id, RETURN.c.refunded).where(RETURN.c.state == ReturnState.COMPLETED),
    RETURN.c.order_id,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Since when returns are read, and whether the owner of stock is told of sales, and so of returns, by adjustments."""

    since: datetime | None = None
    reports_sales: bool = False


def ingest(
    tx: Transaction, task: Task, records: Sequence[ChannelReturn], reading: Reading = Reading()
) -> int:
    """Take in a page; answers how many were new or changed. The same one read again changes nothing."""
    known = _known(tx, task, [each.channel_id for each in records])
    changed = [
        each
        for each in records
        if (was := known.get(each.channel_id)) is None or was.fingerprint != fingerprint(each)
    ]
    orders = _orders(tx, task, [each.order_id for each in changed])
    rows = [_row(task, each, orders.get(each.order_id)) for each in changed]
    upsert(tx, RETURN, rows, keep=("created_at", "returned_at"))
    record(
        tx,
        task,
        [
            Event(Subject.ORDER, orders[each.order_id].id, _said(each, orders[each.order_id]), direction="in")
            for each in changed
            if each.order_id in orders
        ],
    )
    return_answers.follow(tx, task, rows, known)
    _tag(tx, [order.id for order in orders.values()])
    # Completed once, and not put back then: that was for people to do, whatever the settings say later.
    over = {key for key, was in known.items() if was.state == ReturnState.COMPLETED and was.order_id}
    _restock(tx, task, [row["id"] for row in rows if row["channel_id"] not in over], reading)
    return len(changed)


def adopt(tx: Transaction, task: Task, order_ids: Sequence[str], reading: Reading = Reading()) -> None:
    """Orders that were read later than their returns get these, and the flags that their reading took off."""
    orders = {row.channel_id: row.id for row in NAMES.rows(tx, order_ids)}
    found = WAITING.rows(tx, orders)
    # Sorted out here: asked for the integration too, SQLite would go through all that it has.
    adopted = [row for row in found if row.integration == task.integration]
    for row in adopted:
        values = {"order_id": orders[row.order_channel_id]}
        tx.execute(sa.update(RETURN).where(RETURN.c.id == row.id).values(**values))
    return_answers.flag(tx, task, [row.id for row in adopted])
    _tag(tx, order_ids)
    _restock(tx, task, [row.id for row in adopted], reading)


def _known(tx: Transaction, task: Task, channel_ids: Iterable[str]) -> dict[str, Any]:
    statement = sa.select(RETURN).where(RETURN.c.integration == task.integration)
    return {row.channel_id: row for row in select_in(tx, statement, RETURN.c.channel_id, channel_ids)}


def _orders(tx: Transaction, task: Task, channel_ids: Iterable[str]) -> dict[str, Any]:
    statement = sa.select(ORDER).where(ORDER.c.integration == task.integration)
    return {row.channel_id: row for row in select_in(tx, statement, ORDER.c.channel_id, channel_ids)}


def _row(task: Task, each: ChannelReturn, order: Any) -> dict[str, Any]:
    return {
        "id": hub_id("ret", task.integration, each.channel_id),
        "integration": task.integration,
        "channel_id": each.channel_id,
        "order_id": order.id if order is not None else None,
        "order_channel_id": each.order_id,
        "kind": each.kind,
        "state": each.state,
        "channel_status": each.channel_status,
        "reason": each.reason,
        "currency": each.currency or (order.currency if order is not None else ""),
        "refunded": str(each.refunded),
        "body": pack(each),
        "fingerprint": fingerprint(each),
        "asks": each.asks,
        "deadline": each.deadline,
        "created_at": each.modified_at,
        "updated_at": task.now,
    }


def _said(each: ChannelReturn, order: Any) -> str:
    units = sum(line.quantity for line in each.lines)
    money = f"{each.refunded:.2f} {each.currency or order.currency}"
    state = each.state.value.replace("_", " ")
    return f"{each.kind.value.capitalize()} of {counted(units, 'unit')}, {money}: {state} ({each.channel_status})"


def _tag(tx: Transaction, order_ids: Collection[str]) -> None:
    """What was given back by the records, whatever the order's status says of it."""
    refunds: dict[str, list[Decimal]] = defaultdict(list)
    for row in DONE.rows(tx, order_ids):
        refunds[row.order_id].append(Decimal(row.refunded))
    for order in select_in(tx, sa.select(ORDER), ORDER.c.id, refunds):
        tag = refund_tag(refunds[order.id], Decimal(order.total))
        tags = set(unpack(list[str], order.tags))
        wanted = (tags - REFUND_TAGS) | ({tag} if tag else set())
        if wanted != tags:
            tx.execute(sa.update(ORDER).where(ORDER.c.id == order.id).values(tags=pack(sorted(wanted))))


def _restock(tx: Transaction, task: Task, return_ids: Collection[str], reading: Reading) -> None:
    """Goods that are back go into the hub's own stock, or as a report to the platform that owns stock.

    A platform's own sales are its own affair: it has put them back, or not, by its own settings.
    """
    owner = task.truth.inventory
    if not task.rules.restocks_returns or owner in ("", task.integration):
        return
    if owner != HUB and not reading.reports_sales:
        return
    waiting = sa.select(RETURN).where(
        RETURN.c.returned_at.is_(None),
        RETURN.c.order_id.is_not(None),
        sa.not_(return_answers.IS_KEPT),
    )
    rows = {
        row.id: row
        for row in select_in(tx, waiting, RETURN.c.id, return_ids)
        if _is_back(unpack(ChannelReturn, row.body), reading)
    }
    orders = {row.order_id for row in rows.values()}
    concerned = {
        order.id: order
        for order in select_in(tx, sa.select(ORDER), ORDER.c.id, orders)
        if _took_merchant_stock(order)
    }
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in select_in(tx, sa.select(LINE), LINE.c.order_id, concerned):
        lines[line.order_id].append(line)
    for row in rows.values():
        if row.order_id in concerned:
            _take_back(tx, task, row, concerned[row.order_id], lines[row.order_id])


def _is_back(each: ChannelReturn, reading: Reading) -> bool:
    """What came back before anybody read returns is in the count already."""
    return each.goods_are_back and (reading.since is None or each.modified_at >= reading.since)


def _took_merchant_stock(order: Any) -> bool:
    """What was never taken off the merchant's stock here does not come back to it here."""
    return bool(
        order.counts and order.copy_of is None and FulfilledBy(order.fulfilled_by).takes_merchant_stock
    )


def _take_back(tx: Transaction, task: Task, row: Any, order: Any, lines: Sequence[Any]) -> None:
    each: ChannelReturn = unpack(ChannelReturn, row.body)
    movements: list[Movement] = []
    back = 0
    for line in lines:
        units = min(_units_of(line, each.lines), _gone(each, line) - line.quantity_returned)
        if units <= 0:
            continue
        back += units
        # What is not off the shelf yet stays there: it is promised to nobody any more, and is never taken.
        received = min(units, line.quantity_shipped - line.quantity_returned)
        # A line that no product has took nothing yet, and once it has one it takes the rest only.
        if task.truth.inventory == HUB and line.variant_id is not None and received > 0:
            movements += _received(tx, task, order, line, received)
        more = LINE.c.quantity_returned + units
        tx.execute(sa.update(LINE).where(LINE.c.id == line.id).values(quantity_returned=more))
    if not back:
        return
    tx.execute(sa.update(RETURN).where(RETURN.c.id == row.id).values(returned_at=task.now))
    ledger.append(tx, task, movements)
    commitments.apply(tx, task, [order.id])
    record(tx, task, [Event(Subject.ORDER, order.id, f"{counted(back, 'unit')} came back, in stock again")])


def _gone(each: ChannelReturn, line: Any) -> int:
    """Only what was shipped can come back. Goods that are back were, also where that is still to be read of their order;
    a refund that stands for goods may be of units that never left.
    """
    if each.stands_for_goods:
        return int(line.quantity_shipped)
    return int(line.quantity - line.quantity_canceled)


def _received(tx: Transaction, task: Task, order: Any, line: Any, units: int) -> list[Movement]:
    """It stands apart from the movements of the sale, which stays what it was; a bundle comes back as it was taken."""
    units_of = as_taken(tx, line, units)
    places = Places(tx, task, [variant for variant, _ in units_of])
    movements = []
    for (variant, kept_at), count in units_of.items():
        wanted = Wanted(order.integration, order.location_channel_id, variant, count)
        reason = f"Order {order.number} of {order.integration}: {count} returned"
        if place := kept_at or places.of(wanted):
            kind = MovementKind.RECEIVE
            movements.append(Movement(variant, place, kind, reason, on_hand=count, order_id=order.id))
    return movements


def as_taken(tx: Transaction, line: Any, units: int) -> dict[tuple[str, str], int]:
    """What so many units of a line were, by variant, and by location where they go back to the one that keeps them.

    Bundles that had left as such are those that come back first.
    """
    parts = unpack(dict[str, int] | None, line.taken_as)
    if parts is None or parts.keys() == {line.variant_id}:
        return {(line.variant_id, ""): units}
    found: dict[tuple[str, str], int] = {}
    before = line.quantity_returned
    for (_, variant, place), sums in sorted(
        ledger.sums_by_line(tx, [line.id]).items(), key=lambda each: each[0]
    ):
        if variant == line.variant_id and (left := sums.shipped + sums.noted) > 0:
            back = min(units, max(0, left - before))
            before = max(0, before - left)
            units -= back
            found |= {(variant, place): back} if back else {}
    return found | {(part, ""): units * each for part, each in parts.items() if units}


def _units_of(line: Any, returned: Sequence[ReturnedLine]) -> int:
    """Units of one order line among what came back: by the line's id, or by those of the units in it."""
    told: ChannelOrderLine = unpack(ChannelOrderLine, line.body)
    ids = {line.channel_id, *told.unit_ids, *(unit.partition("/")[0] for unit in told.unit_ids)}
    return sum(each.quantity for each in returned if each.line_id in ids)
