"""What channels have on record as shipped becomes fulfillments of the hub's orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelOrder, Parcel, ShippedUnits
from crossdock.domain.fulfillment import FulfillmentState, OrderShipments, Room, is_same_parcel, place
from crossdock.operations import commitments, fulfillment_push, order_progress, skus, told_parcels
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.fulfillment_push import FULFILLMENT, PART
from crossdock.operations.order_record import order_id
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import hub_id, pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
LISTING = tables.listing


def ingest(tx: Transaction, task: Task, records: Sequence[OrderShipments]) -> int:
    """Take in what a channel has on record of these orders; answers how many fulfillments changed.

    Read again it changes nothing. What the hub itself had recorded there is known by its id, or by its number and units
    where the answer was lost, and never becomes a second fulfillment.
    """
    known = _known(tx, task, [each.order_id for each in records])
    roots = _roots(tx, task, [each.order_id for each in records])
    told = told_parcels.recorded(tx, task.integration, roots.values())
    variants = _variants(tx, task, records)
    changed: list[str] = []
    for each in records:
        root = roots.get(each.order_id)
        seen = _Seen(task.integration, each, root, known[each.order_id])
        parcels = [_in_hub_ids(seen, parcel, variants) for parcel in each.parcels]
        if root is not None:
            shown = [key for key, row in seen.known.items() if row.state == FulfillmentState.SHIPPED]
            parcels, renamed = told_parcels.foreign(told.get(root, ()), parcels, shown)
            told_parcels.rename(tx, task.integration, renamed)
        changed += _keep(tx, task, seen, parcels)
    _take_effect(tx, task, changed)
    return len(changed)


def ingest_with_orders(tx: Transaction, task: Task, orders: Sequence[ChannelOrder]) -> None:
    """The same for channels that tell with an order what has left of it."""
    told = [OrderShipments(each.channel_id, each.parcels) for each in orders if each.parcels is not None]
    if told:
        ingest(tx, task, told)


def adopt(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    """Orders that were read later than their shipments get these; those of a copy are its original's."""
    roots = {
        row.channel_id: row.copy_of or row.id
        for row in select_in(tx, sa.select(ORDER), ORDER.c.id, order_ids)
        if row.integration == task.integration
    }
    lost = sa.select(FULFILLMENT).where(
        FULFILLMENT.c.integration == task.integration, FULFILLMENT.c.order_id.is_(None)
    )
    adopted = select_in(tx, lost, FULFILLMENT.c.order_channel_id, roots)
    for row in adopted:
        _write(tx, task, row.id, order_id=roots[row.order_channel_id])
    _take_effect(tx, task, [row.id for row in adopted])


@dataclass(frozen=True, slots=True)
class _Seen:
    """One order as a channel has it: the hub order that it stands for, and the fulfillments known from there."""

    integration: str
    record: OrderShipments
    root: str | None
    known: dict[str, Any] = field(default_factory=dict)


def _known(tx: Transaction, task: Task, order_channel_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    statement = sa.select(FULFILLMENT).where(FULFILLMENT.c.integration == task.integration)
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in select_in(tx, statement, FULFILLMENT.c.order_channel_id, order_channel_ids):
        found[row.order_channel_id][row.channel_id] = row
    return found


def _roots(tx: Transaction, task: Task, order_channel_ids: Iterable[str]) -> dict[str, str]:
    """The order that a customer placed behind each of these: itself, or the original of a copy."""
    statement = sa.select(ORDER.c.id, ORDER.c.channel_id, ORDER.c.copy_of).where(
        ORDER.c.integration == task.integration
    )
    rows = select_in(tx, statement, ORDER.c.channel_id, order_channel_ids)
    return {row.channel_id: row.copy_of or row.id for row in rows}


def _variants(tx: Transaction, task: Task, records: Sequence[OrderShipments]) -> dict[str, str]:
    """The hub's variants by the channel's variant ids and SKUs."""
    parts = [part for each in records for parcel in each.parcels for part in parcel.units]
    statement = sa.select(LISTING.c.channel_id, LISTING.c.variant_id).where(
        LISTING.c.integration == task.integration, LISTING.c.variant_id.is_not(None)
    )
    ids = [part.variant_id for part in parts if part.variant_id]
    linked = {row.channel_id: row.variant_id for row in select_in(tx, statement, LISTING.c.channel_id, ids)}
    return skus.meant(tx, task.integration, [part.channel_sku for part in parts]) | linked


def _in_hub_ids(seen: _Seen, parcel: Parcel, variants: dict[str, str]) -> Parcel:
    """The same with the hub's ids of lines and variants, so that it can be placed without its channel."""
    order = order_id(seen.integration, seen.record.order_id)

    def translated(part: ShippedUnits) -> ShippedUnits:
        variant = variants.get(part.variant_id) or variants.get(part.channel_sku) or ""
        line = ChannelId(hub_id("lin", order, part.line_id)) if part.line_id else part.line_id
        return replace(part, line_id=line, variant_id=ChannelId(variant))

    return replace(parcel, units=tuple(translated(part) for part in parcel.units))


def _keep(tx: Transaction, task: Task, seen: _Seen, parcels: Sequence[Parcel]) -> list[str]:
    """Store what is new or changed of one order, and take back what its channel has no more."""
    given = {parcel.channel_id: parcel for parcel in parcels}
    gone = {
        key: row
        for key, row in seen.known.items()
        if key not in given and row.state == FulfillmentState.SHIPPED
    }
    changed: list[str] = []
    for parcel in parcels:
        was = seen.known.get(parcel.channel_id) or _renamed(gone, parcel)
        if was is None:
            changed.append(_add(tx, task, seen, parcel))
        elif was.state != FulfillmentState.SHIPPED or was.body != pack(parcel):
            _write(tx, task, was.id, state=FulfillmentState.SHIPPED, **_values(parcel))
            changed.append(was.id)
    for row in gone.values():
        _write(tx, task, row.id, state=FulfillmentState.VOIDED)
        changed.append(row.id)
        if row.order_id:
            what = f"Shipment {row.channel_id} is not on record in {task.integration} any more"
            record(tx, task, [Event(Subject.ORDER, row.order_id, what, direction="in")])
    return changed


def _renamed(gone: dict[str, Any], parcel: Parcel) -> Any:
    """A parcel that got another id, as splitting and combining give one; taken off `gone`."""
    for key, row in gone.items():
        if is_same_parcel(unpack(Parcel, row.body), parcel):
            return gone.pop(key)
    return None


def _add(tx: Transaction, task: Task, seen: _Seen, parcel: Parcel) -> str:
    # A parcel that got another id keeps its row, so its first id alone would not do for a name.
    key = hub_id("ful", seen.integration, seen.record.order_id, parcel.channel_id, task.now.isoformat())
    row = {
        "id": key,
        "order_id": seen.root,
        "integration": seen.integration,
        "order_channel_id": seen.record.order_id,
        "state": FulfillmentState.SHIPPED,
        "created_at": task.now,
        "updated_at": task.now,
    }
    tx.execute(sa.insert(FULFILLMENT).values(row | _values(parcel)))
    if seen.root:
        units = sum(part.quantity for part in parcel.units)
        by = " ".join(part for part in (parcel.carrier, parcel.tracking_number) if part) or "no tracking"
        what = f"{units} units shipped, as recorded in {task.integration} ({by})"
        record(tx, task, [Event(Subject.ORDER, seen.root, what, direction="in")])
    return key


def _values(parcel: Parcel) -> dict[str, Any]:
    return {
        "channel_id": parcel.channel_id,
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
        "service": parcel.service,
        "shipped_at": parcel.shipped_at,
        "body": pack(parcel),
    }


def _write(tx: Transaction, task: Task, key: str, **values: Any) -> None:
    tx.execute(sa.update(FULFILLMENT).where(FULFILLMENT.c.id == key).values(updated_at=task.now, **values))


def _take_effect(tx: Transaction, task: Task, changed: Sequence[str]) -> None:
    """Units, status and stock of the orders concerned follow, and whoever else has to know is told."""
    rows = select_in(tx, sa.select(FULFILLMENT.c.order_id), FULFILLMENT.c.id, changed)
    roots = sorted({row.order_id for row in rows if row.order_id})
    if not roots:
        return
    place_all(tx, task, roots)
    fulfillment_push.mark(tx, changed)
    order_progress.hold(tx, task, roots)
    commitments.apply(tx, task, roots)


def place_all(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    """Give each unit that channels have on record its line: what people entered by line keeps its place.

    Whoever has to know of a fulfillment is told where that makes other units of it.
    """
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in select_in(tx, sa.select(LINE).order_by(LINE.c.id), LINE.c.order_id, order_ids):
        lines[line.order_id].append(line)
    statement = sa.select(FULFILLMENT).order_by(FULFILLMENT.c.created_at, FULFILLMENT.c.id)
    by_order: dict[str, list[Any]] = defaultdict(list)
    for row in select_in(tx, statement, FULFILLMENT.c.order_id, order_ids):
        by_order[row.order_id].append(row)
    for order, rows in by_order.items():
        _place_one(tx, task, order, lines[order], rows)


def _place_one(tx: Transaction, task: Task, order: str, lines: Sequence[Any], rows: Sequence[Any]) -> None:
    read = [row for row in rows if row.integration != HUB]
    before = _parts(tx, read)
    tx.execute(sa.delete(PART).where(PART.c.fulfillment_id.in_([row.id for row in read])))
    taken = order_progress.fulfilled(tx, [order])
    for row in read:
        if row.state != FulfillmentState.SHIPPED:
            close_cases(tx, task.now, [_over_key(row.id)])
            continue
        rooms = [_room(line, taken.get(line.id, 0)) for line in lines]
        parcel: Parcel = unpack(Parcel, row.body)
        placed, over = place(parcel.units, rooms)
        for line, units in placed.items():
            tx.execute(sa.insert(PART).values(fulfillment_id=row.id, line_id=line, quantity=units))
            taken[line] = taken.get(line, 0) + units
        if over and lines:
            open_case(tx, task, _over_case(order, row, over))
        else:
            close_cases(tx, task.now, [_over_key(row.id)])
    after = _parts(tx, read)
    fulfillment_push.mark(tx, [row.id for row in read if before.get(row.id) != after.get(row.id)])


def _parts(tx: Transaction, rows: Sequence[Any]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for part in select_in(tx, sa.select(PART), PART.c.fulfillment_id, [row.id for row in rows]):
        found[part.fulfillment_id][part.line_id] = part.quantity
    return found


def _room(line: Any, taken: int) -> Room:
    told_canceled = line.quantity_canceled - line.quantity_canceled_here
    left = max(0, line.quantity - told_canceled - taken)
    return Room(line.id, left, line.variant_id or "", line.channel_sku)


def _over_key(fulfillment: str) -> str:
    return f"fulfillment-exceeds:{fulfillment}"


def _over_case(order: str, row: Any, over: int) -> Case:
    number = row.tracking_number or "no tracking number"
    return Case(
        key=_over_key(row.id),
        kind="fulfillment_exceeds",
        subject=Subject.ORDER,
        subject_id=order,
        cause=(
            f"Shipment {row.channel_id} of {row.integration} ({number}) holds {over} units more than the order has "
            "left to ship: they are on record as shipped or canceled already"
        ),
        fix=(
            f"Delete the shipment in {row.integration} if it is a mistake, or take back the fulfillment that stands in "
            "its way (crossdock fulfillments void)"
        ),
        evidence={"fulfillment": row.id, "shipment": row.channel_id, "units": over},
    )
