"""Orders of every channel, taken in whole, matched line by line, and counted against stock at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelOrder, ChannelOrderLine
from crossdock.domain.order import OrderStatus
from crossdock.operations import commitments, skus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint, hub_id, pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

ORDER = tables.order
LINE = tables.order_line
LISTING = tables.listing
VARIANT = tables.variant

EXTERNAL_SOURCE = "crossdock"
"""How the hub signs the orders that it creates on a platform, so that it knows them again."""


def order_id(integration: str, channel_id: str) -> str:
    return hub_id("ord", integration, channel_id)


def ingest(
    tx: Transaction, task: Task, orders: Sequence[ChannelOrder], *, is_first_sweep: bool = False
) -> list[str]:
    """Take in a page of orders; answers the ids of those that are new or changed.

    This is where a channel's order becomes a hub order. The same order read again changes nothing.
    """
    wanted = [order for order in orders if _is_wanted(task, order)]
    known = _known(tx, task, wanted)
    changed = [
        o for o in wanted if (was := known.get(o.channel_id)) is None or was.fingerprint != fingerprint(o)
    ]
    if not changed:
        return []
    copies = _copies(tx, task, changed)
    rows = [_row(task, order, known.get(order.channel_id), copies, is_first_sweep) for order in changed]
    upsert(tx, ORDER, rows, keep=("created_at", "counts"))
    _store_lines(tx, task, changed)
    ids = [row["id"] for row in rows]
    record(
        tx,
        task,
        [_event(order, known.get(order.channel_id), row) for order, row in zip(changed, rows, strict=True)],
    )
    _flag_unmatched(tx, task, ids)
    commitments.apply(tx, task, ids)
    return ids


def _is_wanted(task: Task, order: ChannelOrder) -> bool:
    rules = task.rules
    if rules.order_ids and not {order.channel_id, order.number} & rules.order_ids:
        return False
    if rules.ignore_orders_before is not None and order.placed_at < rules.ignore_orders_before:
        return False
    return not order.tags & rules.leaves_out_tags


def _known(tx: Transaction, task: Task, orders: Iterable[ChannelOrder]) -> dict[str, Any]:
    statement = sa.select(ORDER).where(ORDER.c.integration == task.integration)
    return {
        row.channel_id: row
        for row in select_in(tx, statement, ORDER.c.channel_id, [o.channel_id for o in orders])
    }


def _copies(tx: Transaction, task: Task, orders: Iterable[ChannelOrder]) -> dict[str, str]:
    """Orders that the hub itself created here, and which hub order each stands for."""
    signed = {o.channel_id: o.external_reference for o in orders if o.external_source == EXTERNAL_SOURCE}
    statement = sa.select(ORDER.c.id, ORDER.c.channel_id).where(ORDER.c.integration != task.integration)
    originals = {
        row.channel_id: row.id for row in select_in(tx, statement, ORDER.c.channel_id, signed.values())
    }
    return {
        channel_id: originals[reference] for channel_id, reference in signed.items() if reference in originals
    }


def _row(
    task: Task, order: ChannelOrder, was: Any, copies: dict[str, str], is_first_sweep: bool
) -> dict[str, Any]:
    buyer = {"shipping": order.shipping_address, "billing": order.billing_address}
    status = _status(task, order, was)
    return {
        "id": order_id(task.integration, order.channel_id),
        "integration": task.integration,
        "channel_id": order.channel_id,
        "number": order.number,
        "status": status,
        "channel_status": order.channel_status,
        "is_reservation": order.is_reservation,
        "fulfilled_by": order.fulfilled_by,
        "stock_is_taken": order.stock_is_taken,
        "counts": not _is_history(order, is_first_sweep=is_first_sweep),
        "currency": order.currency,
        "total": str(order.totals.total.amount),
        "totals": pack(order.totals),
        "tags": pack(sorted(order.tags)),
        "buyer": task.cipher.encrypt(pack(buyer)),
        "shipping_method": order.shipping_method,
        "location_channel_id": order.location_id,
        "fingerprint": fingerprint(order),
        "copy_of": copies.get(order.channel_id) or (was.copy_of if was is not None else None),
        "placed_at": order.placed_at,
        "modified_at": order.modified_at,
        "created_at": task.now,
        "updated_at": task.now,
    }


def _status(task: Task, order: ChannelOrder, was: Any) -> str:
    """The channel's status in the hub's words; where it has no place in an order's life the old one stays."""
    if order.status is None:
        return was.status if was is not None else OrderStatus.REVIEW_REQUIRED
    if order.tags & task.rules.holds_tags and order.status is OrderStatus.READY_FOR_FULFILLMENT:
        return OrderStatus.REVIEW_REQUIRED
    return order.status


def _is_history(order: ChannelOrder, *, is_first_sweep: bool) -> bool:
    """Orders that were over before the hub first looked are already in everybody's numbers."""
    return is_first_sweep and all(
        line.quantity_shipped >= line.quantity - line.quantity_canceled for line in order.lines
    )


def _store_lines(tx: Transaction, task: Task, orders: Sequence[ChannelOrder]) -> None:
    variants = _resolve(tx, task, [line for order in orders for line in order.lines])
    ids = [order_id(task.integration, order.channel_id) for order in orders]
    known = {row.id: row for row in select_in(tx, sa.select(LINE), LINE.c.order_id, ids)}
    rows = []
    for order, key in zip(orders, ids, strict=True):
        for line in order.lines:
            found = _kept_match(line, known.get(_line_id(key, line))) or variants.get(line.channel_id)
            rows.append(_line_row(key, line, found))
    _cancel_vanished(tx, known, {row["id"] for row in rows})
    upsert(tx, LINE, rows)


def _kept_match(line: ChannelOrderLine, was: Any) -> str | None:
    """What was sold stays what it is, whatever becomes of its SKU: the commitments lie on that variant."""
    return was.variant_id if was is not None and was.channel_sku == line.channel_sku else None


def _line_id(order: str, line: ChannelOrderLine) -> str:
    return hub_id("lin", order, line.channel_id)


def _line_row(order: str, line: ChannelOrderLine, variant: str | None) -> dict[str, Any]:
    return {
        "id": _line_id(order, line),
        "order_id": order,
        "channel_id": line.channel_id,
        "channel_sku": line.channel_sku,
        "channel_variant_id": line.variant_id,
        "variant_id": variant,
        "name": line.name,
        "quantity": line.quantity,
        "quantity_canceled": line.quantity_canceled,
        "quantity_shipped": line.quantity_shipped,
        "body": pack(line),
    }


def _cancel_vanished(tx: Transaction, known: dict[str, Any], kept: set[str]) -> None:
    """A line that its order no longer has was taken off: all its units are canceled, the row stays."""
    for key in known.keys() - kept:
        tx.execute(sa.update(LINE).where(LINE.c.id == key).values(quantity_canceled=LINE.c.quantity))


def _resolve(tx: Transaction, task: Task, lines: Sequence[ChannelOrderLine]) -> dict[str, str]:
    """The variant of each line: its listing's link first, else what its SKU means on this channel."""
    by_listing = {
        row.channel_id: row.variant_id
        for row in select_in(
            tx,
            sa.select(LISTING.c.channel_id, LISTING.c.variant_id).where(
                LISTING.c.integration == task.integration, LISTING.c.variant_id.is_not(None)
            ),
            LISTING.c.channel_id,
            [line.variant_id for line in lines if line.variant_id],
        )
    }
    by_sku = skus.meant(tx, task.integration, [line.channel_sku for line in lines])
    found = {
        line.channel_id: by_listing.get(line.variant_id) or by_sku.get(line.channel_sku) for line in lines
    }
    return {channel_id: variant for channel_id, variant in found.items() if variant}


def resolve_lines(tx: Transaction, task: Task, given: Iterable[str]) -> int:
    """Lines that waited for one of these SKUs go on by themselves; answers how many."""
    statement = (
        sa.select(LINE.c.id, LINE.c.order_id, LINE.c.channel_sku, ORDER.c.integration)
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .where(LINE.c.variant_id.is_(None))
    )
    rows = select_in(tx, statement, LINE.c.channel_sku, given)
    if not rows:
        return 0
    meant = {
        channel: skus.meant(tx, channel, [row.channel_sku for row in rows])
        for channel in sorted({row.integration for row in rows})
    }
    matched = [row for row in rows if row.channel_sku in meant[row.integration]]
    for row in matched:
        variant = meant[row.integration][row.channel_sku]
        tx.execute(sa.update(LINE).where(LINE.c.id == row.id).values(variant_id=variant))
    orders = [row.order_id for row in matched]
    record(
        tx,
        task,
        [
            Event(Subject.ORDER, r.order_id, f"Line with SKU “{r.channel_sku}” is matched now")
            for r in matched
        ],
    )
    _flag_unmatched(tx, task, orders)
    commitments.apply(tx, task, orders)
    return len(matched)


def _flag_unmatched(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """One case per order with unmatched lines, naming their SKUs; closed once all are matched or it is over."""
    ids = list(dict.fromkeys(order_ids))
    statement = (
        sa.select(LINE.c.order_id, LINE.c.channel_sku, LINE.c.name, ORDER.c.number, ORDER.c.integration)
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .where(LINE.c.variant_id.is_(None), ORDER.c.counts, ORDER.c.status != OrderStatus.CANCELED)
    )
    unmatched: dict[str, list[Any]] = {}
    for row in select_in(tx, statement, LINE.c.order_id, ids):
        unmatched.setdefault(row.order_id, []).append(row)
    open_cases(tx, task, [_unmatched_case(order, rows) for order, rows in unmatched.items()])
    close_cases(tx, task.now, [_unmatched_key(order) for order in ids if order not in unmatched])


def _unmatched_key(order: str) -> str:
    return f"line-unmatched:{order}"


def _unmatched_case(order: str, rows: list[Any]) -> Case:
    named = ", ".join(
        f"“{row.channel_sku}” ({row.name})" if row.channel_sku else f"no SKU ({row.name})" for row in rows
    )
    return Case(
        key=_unmatched_key(order),
        kind="line_unmatched",
        subject=Subject.ORDER,
        subject_id=order,
        cause=f"Order {rows[0].number} of {rows[0].integration} has lines whose SKU no product has: {named}",
        fix="Add a product with exactly this SKU, or correct the SKU on the channel; the order goes on by itself then",
        evidence={"skus": [row.channel_sku for row in rows]},
    )


def _event(order: ChannelOrder, was: Any, row: dict[str, Any]) -> Event:
    if was is None:
        count = f"{len(order.lines)} line{'' if len(order.lines) == 1 else 's'}"
        what = f"Order {order.number} read: {order.channel_status}, {count}, {order.totals.total}"
    elif was.status != row["status"]:
        what = f"Status {was.status} → {row['status']} ({order.channel_status})"
    else:
        what = f"Changed on the channel ({order.channel_status})"
    return Event(Subject.ORDER, row["id"], what, direction="in")
