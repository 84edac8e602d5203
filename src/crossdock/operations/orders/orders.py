"""Orders of every channel, taken in whole, matched line by line, and counted against stock at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.automations import Trigger
from crossdock.domain.channel import ChannelOrder, ChannelOrderLine
from crossdock.domain.order import OrderStatus
from crossdock.domain.order_changes import differences
from crossdock.operations.automations import agenda
from crossdock.operations.catalog import skus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.fulfillments import parcels
from crossdock.operations.orders import late_originals, order_cases, order_life
from crossdock.operations.orders.order_record import Origin, order_id, restored, to_row
from crossdock.operations.routing import again
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.asking import Question, parameter
from crossdock.store.codec import fingerprint, hub_id, pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, store_rows

ORDER = tables.order
LINE = tables.order_line
LISTING = tables.listing
VARIANT = tables.variant

KNOWN = Question(
    sa.select(ORDER).where(ORDER.c.integration == parameter("integration", ORDER.c.integration)),
    ORDER.c.channel_id,
)
KNOWN_LINES = Question(sa.select(LINE), LINE.c.order_id)
KNOWN_MATCHES = Question(sa.select(LINE.c.id, LINE.c.variant_id, LINE.c.channel_sku), LINE.c.order_id)
LINKED = Question(
    sa.select(LISTING.c.channel_id, LISTING.c.variant_id).where(
        LISTING.c.integration == parameter("integration", LISTING.c.integration),
        LISTING.c.variant_id.is_not(None),
    ),
    LISTING.c.channel_id,
)
EXTERNAL_SOURCE = "crossdock"
"""How the hub signs the orders that it creates on a platform, so that it knows them again."""


def ingest(
    tx: Transaction,
    task: Task,
    orders: Sequence[ChannelOrder],
    *,
    reading_since: datetime | None = None,
) -> list[str]:
    """Take in a page of orders; answers the ids of those that are new or changed.

    This is where a channel's order becomes a hub order. The same order read again changes nothing, and one that
    changed replaces what is stored. `reading_since` is when the flow first began to read at all.
    """
    known = _known(tx, task, orders)
    changed = [
        order
        for order in orders
        if _is_wanted(task, order, known.get(order.channel_id))
        and ((was := known.get(order.channel_id)) is None or was.fingerprint != fingerprint(order))
    ]
    if not changed:
        return []
    copies = _copies(tx, task, changed)
    late = {was.id: copies[key] for key, was in known.items() if key in copies and was.copy_of is None}
    late_originals.become_copies(tx, task, late)
    rows = [to_row(task, o, _origin(o, known, copies, reading_since)) for o in changed]
    events = _events(tx, task, changed, known, rows)
    store_rows(tx, ORDER, rows, {was.id for was in known.values()}, keep=("created_at", "routing"))
    _store_lines(tx, task, changed, known)
    ids = [row["id"] for row in rows]
    parcels.ingest_with_orders(tx, task, changed)
    parcels.place_all(tx, task, ids)
    addresses = {row["id"]: order.shipping_address for row, order in zip(rows, changed, strict=True)}
    order_life.settle(tx, task, ids, addresses=addresses)
    again.retry_orders(tx, ids)
    record(tx, task, events)
    order_cases.flag_unmatched(tx, task, ids)
    order_cases.flag_totals(tx, task, changed)
    commitments.apply(tx, task, ids)
    commitments.mark_taken(tx, task.integration, _taken_or_given_back(changed, known, rows))
    late_originals.adopt(tx, task, rows)
    _note(tx, task, known, rows)
    return ids


def _note(tx: Transaction, task: Task, known: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """For automations. New is also what was only reserved, or a draft, before."""
    new: list[str] = []
    updated: list[str] = []
    for row in rows:
        was = known.get(row["channel_id"])
        if was is None or was.is_reservation or not was.counts:
            new.append(row["id"])
        elif {was.status, row["status"]} != {OrderStatus.CANCELED}:
            updated.append(row["id"])
    agenda.note(tx, task, Trigger.ORDER_NEW, new)
    agenda.note(tx, task, Trigger.ORDER_UPDATED, updated)


def _taken_or_given_back(
    changed: Sequence[ChannelOrder], known: dict[str, Any], rows: Sequence[dict[str, Any]]
) -> list[str]:
    """Orders that the channel took off its own number since, or gave back to it."""
    return [
        row["id"]
        for order, row in zip(changed, rows, strict=True)
        if (was := known.get(order.channel_id)) is not None and was.stock_is_taken != order.stock_is_taken
    ]


def _is_wanted(task: Task, order: ChannelOrder, was: Any) -> bool:
    """Which orders are left out is decided as they come; one that is there is followed to its end."""
    if was is not None:
        return True
    rules = task.rules
    if rules.order_ids and not {order.channel_id, order.number} & rules.order_ids:
        return False
    if rules.ignore_orders_before is not None and order.placed_at < rules.ignore_orders_before:
        return False
    return not order.tags & rules.leaves_out_tags


def _known(tx: Transaction, task: Task, orders: Iterable[ChannelOrder]) -> dict[str, Any]:
    ids = [order.channel_id for order in orders]
    return {row.channel_id: row for row in KNOWN.rows(tx, ids, integration=task.integration)}


def _origin(
    order: ChannelOrder, known: dict[str, Any], copies: dict[str, str], reading_since: datetime | None
) -> Origin:
    was, copy_of = known.get(order.channel_id), copies.get(order.channel_id)
    is_unknown = order.external_source == EXTERNAL_SOURCE and not (copy_of or (was and was.copy_of))
    return Origin(was, copy_of, order.external_reference if is_unknown else "", reading_since)


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


def _store_lines(
    tx: Transaction, task: Task, orders: Sequence[ChannelOrder], were: Mapping[str, Any]
) -> None:
    variants = _resolve(tx, task, [line for order in orders for line in order.lines])
    ids = [order_id(task.integration, order.channel_id) for order in orders]
    there = [were[order.channel_id].id for order in orders if order.channel_id in were]
    known = {row.id: row for row in KNOWN_MATCHES.rows(tx, there)}
    rows = []
    for order, key in zip(orders, ids, strict=True):
        for line in order.lines:
            found = _kept_match(line, known.get(_line_id(key, line))) or variants.get(line.channel_id)
            rows.append(_line_row(key, line, found))
    _cancel_vanished(tx, known, {row["id"] for row in rows})
    store_rows(tx, LINE, rows, known)


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
        "quantity_canceled_here": 0,
        "quantity_shipped": line.quantity_shipped,
        "quantity_shipped_here": 0,
        "body": pack(line),
    }


def _cancel_vanished(tx: Transaction, known: dict[str, Any], kept: set[str]) -> None:
    """A line that its order no longer has was taken off: all its units are canceled, the row stays."""
    for key in known.keys() - kept:
        values = {"quantity_canceled": LINE.c.quantity, "quantity_canceled_here": 0}
        tx.execute(sa.update(LINE).where(LINE.c.id == key).values(**values))


def _resolve(tx: Transaction, task: Task, lines: Sequence[ChannelOrderLine]) -> dict[str, str]:
    """The variant of each line: its listing's link first, else what its SKU means on this channel."""
    ids = [line.variant_id for line in lines if line.variant_id]
    linked = LINKED.rows(tx, ids, integration=task.integration)
    by_listing = {row.channel_id: row.variant_id for row in linked}
    others = [line.channel_sku for line in lines if line.variant_id not in by_listing]
    by_sku = skus.meant(tx, task.integration, others) if others else {}
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
    order_cases.flag_unmatched(tx, task, orders)
    order_life.settle(tx, task, orders)
    commitments.apply(tx, task, orders)
    again.retry_for(tx, {meant[row.integration][row.channel_sku] for row in matched})
    return len(matched)


def _events(
    tx: Transaction,
    task: Task,
    orders: Sequence[ChannelOrder],
    known: dict[str, Any],
    rows: Sequence[dict[str, Any]],
) -> list[Event]:
    """What happened to each order, told against what is still stored of it."""
    old: dict[str, list[Any]] = {}
    for line in KNOWN_LINES.rows(tx, [was.id for was in known.values()]):
        old.setdefault(line.order_id, []).append(line)
    return [
        _event(task, order, known.get(order.channel_id), row, old.get(row["id"], []))
        for order, row in zip(orders, rows, strict=True)
    ]


def _event(task: Task, order: ChannelOrder, was: Any, row: dict[str, Any], old_lines: Sequence[Any]) -> Event:
    if was is None:
        count = f"{len(order.lines)} line{'' if len(order.lines) == 1 else 's'}"
        what = f"Order {order.number} read: {order.channel_status}, {count}, {order.totals.total}"
        return Event(Subject.ORDER, row["id"], what, direction="in")
    what = f"Changed on the channel ({order.channel_status})"
    if (before := was.status_there or was.status) != row["status"]:
        what = f"Status {before} → {row['status']} ({order.channel_status})"
    changes = "; ".join(differences(restored(task, was, old_lines), order)) if old_lines else ""
    return Event(Subject.ORDER, row["id"], f"{what}: {changes}" if changes else what, direction="in")
