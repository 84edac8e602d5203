"""What channels have on record as shipped becomes fulfillments of the hub's orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.automations import Trigger
from crossdock.domain.channel import ChannelId, ChannelOrder, Parcel, ShippedUnits
from crossdock.domain.fulfillment import (
    FulfillmentState,
    OrderShipments,
    is_same_parcel,
    place,
    units_by_line,
)
from crossdock.domain.order import OrderStatus
from crossdock.domain.words import counted
from crossdock.operations.automations import agenda
from crossdock.operations.catalog import skus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.fulfillments import fulfillment_push, placing, platform_labels, told_parcels
from crossdock.operations.fulfillments.fulfillment_push import FULFILLMENT, PART
from crossdock.operations.fulfillments.placing import Placed, parcel_of
from crossdock.operations.orders import order_life
from crossdock.operations.orders.order_record import NAMES, order_id
from crossdock.operations.stock import commitments
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import hub_id, pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices

ORDER = tables.order
LISTING = tables.listing
LOST = Question(
    sa.select(FULFILLMENT.c.id, FULFILLMENT.c.order_channel_id, FULFILLMENT.c.integration).where(
        FULFILLMENT.c.order_id.is_(None)
    ),
    FULFILLMENT.c.order_channel_id,
)


def ingest(
    tx: Transaction,
    task: Task,
    records: Sequence[OrderShipments],
    *,
    read_began_at: datetime | None = None,
) -> int:
    """Take in what a channel has on record of these orders; answers how many fulfillments changed.

    Read again it changes nothing. What the hub itself had recorded there is known by its id, or by its number and units
    where the answer was lost, and never becomes a second fulfillment. With `read_began_at` it is noticed as well where
    that is there no more.
    """
    known = known_of(tx, task, [each.order_id for each in records])
    orders = _orders(tx, task, [each.order_id for each in records])
    records = [each for each in records if _is_wanted(task, each, orders.keys() | known.keys())]
    roots = {key: order.copy_of or order.id for key, order in orders.items()}
    told = told_parcels.recorded(tx, task.integration, roots.values(), read_began_at=read_began_at)
    variants = _variants(tx, task, records)
    changed: list[str] = []
    for each in records:
        root = roots.get(each.order_id)
        seen = Seen(task.integration, each, root, known[each.order_id])
        parcels = [_in_hub_ids(seen, parcel, variants) for parcel in each.parcels]
        if root is not None:
            shown = [key for key, row in seen.known.items() if row.state == FulfillmentState.SHIPPED]
            order, unknown = orders[each.order_id], [one for one in parcels if one.channel_id not in shown]
            mine = platform_labels.found_again(tx, task, order, told.get(root, ()), unknown)
            changed += platform_labels.take_tracking(tx, task, order, mine, parcels)
            parcels, renamed = told_parcels.foreign(mine, parcels, shown)
            told_parcels.rename(tx, task.integration, renamed)
            if read_began_at is not None:
                is_canceled = order.status_there == OrderStatus.CANCELED
                gone = {} if is_canceled else told_parcels.gone(mine, each.parcels, renamed)
                told_parcels.flag_gone(tx, task, root, mine, gone)
        changed += keep(tx, task, seen, parcels)
    take_effect(tx, task, changed)
    return len(changed)


def _is_wanted(task: Task, each: OrderShipments, known: Collection[str]) -> bool:
    """An order that is left out has no shipments either; one that is there is followed to its end, as copies are."""
    return each.order_id in known or not task.rules.order_ids or each.order_id in task.rules.order_ids


def ingest_with_orders(tx: Transaction, task: Task, orders: Sequence[ChannelOrder]) -> None:
    """The same for channels that tell with an order what has left of it."""
    told = [OrderShipments(each.channel_id, each.parcels) for each in orders if each.parcels is not None]
    if told:
        ingest(tx, task, told)


def adopt(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    """Orders that were read later than their shipments get these; those of a copy are its original's."""
    roots = {
        row.channel_id: row.copy_of or row.id
        for row in NAMES.rows(tx, order_ids)
        if row.integration == task.integration
    }
    found = LOST.rows(tx, roots)
    # Sorted out here: asked for the integration too, SQLite would go through all that it has.
    adopted = [row for row in found if row.integration == task.integration]
    for row in adopted:
        _write(tx, task, row.id, order_id=roots[row.order_channel_id])
    agenda.note(tx, task, Trigger.FULFILLMENT_CREATED, [row.id for row in adopted])
    take_effect(tx, task, [row.id for row in adopted])


@dataclass(frozen=True, slots=True)
class Seen:
    """One order as a channel has it: the hub order that it stands for, and the fulfillments known from there."""

    integration: str
    record: OrderShipments
    root: str | None
    known: dict[str, Any] = field(default_factory=dict)
    request: Any = None
    """The shipping request that it is of, where a warehouse tells it."""


def known_of(tx: Transaction, task: Task, order_channel_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The fulfillments known from the task's integration, by its ids of order and shipment."""
    statement = sa.select(FULFILLMENT).where(FULFILLMENT.c.integration == task.integration)
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in select_in(tx, statement, FULFILLMENT.c.order_channel_id, order_channel_ids):
        found[row.order_channel_id][row.channel_id] = row
    return found


def _orders(tx: Transaction, task: Task, order_channel_ids: Iterable[str]) -> dict[str, Any]:
    """The hub's orders by the channel's ids; a copy stands for the order that a customer placed, its original."""
    statement = sa.select(ORDER).where(ORDER.c.integration == task.integration)
    return {row.channel_id: row for row in select_in(tx, statement, ORDER.c.channel_id, order_channel_ids)}


def _variants(tx: Transaction, task: Task, records: Sequence[OrderShipments]) -> dict[str, str]:
    """The hub's variants by the channel's variant ids and SKUs."""
    parts = [part for each in records for parcel in each.parcels for part in parcel.units]
    statement = sa.select(LISTING.c.channel_id, LISTING.c.variant_id).where(
        LISTING.c.integration == task.integration, LISTING.c.variant_id.is_not(None)
    )
    ids = [part.variant_id for part in parts if part.variant_id]
    linked = {row.channel_id: row.variant_id for row in select_in(tx, statement, LISTING.c.channel_id, ids)}
    return skus.meant(tx, task.integration, [part.channel_sku for part in parts]) | linked


def _in_hub_ids(seen: Seen, parcel: Parcel, variants: dict[str, str]) -> Parcel:
    """The same with the hub's ids of lines and variants, so that it can be placed without its channel."""
    order = order_id(seen.integration, seen.record.order_id)

    def translated(part: ShippedUnits) -> ShippedUnits:
        variant = variants.get(part.variant_id) or variants.get(part.channel_sku) or ""
        line = ChannelId(hub_id("lin", order, part.line_id)) if part.line_id else part.line_id
        return replace(part, line_id=line, variant_id=ChannelId(variant))

    return replace(parcel, units=tuple(translated(part) for part in parcel.units))


def keep(tx: Transaction, task: Task, seen: Seen, parcels: Sequence[Parcel]) -> list[str]:
    """Store what is new or changed of one order, and take back what its channel has no more."""
    given = {parcel.channel_id: parcel for parcel in parcels}
    gone = {
        key: row
        for key, row in seen.known.items()
        if key not in given and row.state == FulfillmentState.SHIPPED
    }
    changed: list[str] = []
    said: list[str] = []
    for parcel in parcels:
        was = seen.known.get(parcel.channel_id) or _renamed(gone, parcel)
        if was is None:
            changed.append(_add(tx, task, seen, parcel))
        elif was.state != FulfillmentState.SHIPPED or was.body != pack(parcel):
            _write(tx, task, was.id, state=FulfillmentState.SHIPPED, **_values(parcel))
            changed.append(was.id)
            said += _changes(task, was, parcel)
    for row in gone.values():
        _write(tx, task, row.id, state=FulfillmentState.VOIDED)
        changed.append(row.id)
        said.append(f"Shipment {row.channel_id} is not on record in {task.integration} any more")
    if seen.root:
        record(tx, task, [Event(Subject.ORDER, seen.root, what, direction="in") for what in said])
    return changed


def _changes(task: Task, was: Any, parcel: Parcel) -> list[str]:
    """What people have to know of a shipment that was read before; another id alone is nothing new."""
    there, before = f"Shipment {parcel.channel_id} of {task.integration}", parcel_of(was)
    said = [f"{there} is on record again ({_by(parcel)})"] if was.state == FulfillmentState.VOIDED else []
    if not said and _by(before) != _by(parcel):
        said.append(f"{there} was corrected: {_by(before)} → {_by(parcel)}")
    units = [sum(part.quantity for part in one.units) for one in (before, parcel)]
    if units_by_line(before) != units_by_line(parcel):
        said.append(f"{there} holds other units: {units[0]} before, {units[1]} now")
    return said


def _by(parcel: Parcel) -> str:
    return " ".join(part for part in (parcel.carrier, parcel.tracking_number) if part) or "no tracking"


def _renamed(gone: dict[str, Any], parcel: Parcel) -> Any:
    """A parcel that got another id, as splitting and combining give one; taken off `gone`."""
    for key, row in gone.items():
        if is_same_parcel(parcel_of(row), parcel):
            return gone.pop(key)
    return None


def _add(tx: Transaction, task: Task, seen: Seen, parcel: Parcel) -> str:
    # A parcel that got another id keeps its row, so its first id alone would not do for a name.
    key = hub_id("ful", seen.integration, seen.record.order_id, parcel.channel_id, task.now.isoformat())
    row = {
        "id": key,
        "order_id": seen.root,
        "integration": seen.integration,
        "order_channel_id": seen.record.order_id,
        "location_id": seen.request.location_id if seen.request is not None else "",
        "request_id": seen.request.id if seen.request is not None else None,
        "state": FulfillmentState.SHIPPED,
        "created_at": task.now,
        "updated_at": task.now,
    }
    tx.execute(sa.insert(FULFILLMENT).values(row | _values(parcel)))
    if seen.root:
        units = sum(part.quantity for part in parcel.units)
        what = f"{counted(units, 'unit')} shipped, as recorded in {task.integration} ({_by(parcel)})"
        record(tx, task, [Event(Subject.ORDER, seen.root, what, direction="in")])
        agenda.note(tx, task, Trigger.FULFILLMENT_CREATED, [key])
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


def take_effect(tx: Transaction, task: Task, changed: Sequence[str]) -> None:
    """Units, status and stock of the orders concerned follow, and whoever else has to know is told."""
    rows = select_in(tx, sa.select(FULFILLMENT.c.order_id), FULFILLMENT.c.id, changed)
    roots = sorted({row.order_id for row in rows if row.order_id})
    if not roots:
        return
    place_all(tx, task, roots)
    fulfillment_push.mark(tx, changed)
    order_life.settle(tx, task, roots)
    commitments.apply(tx, task, roots)


def place_all(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    """Give each unit that channels have on record its line: what people entered by line keeps its place.

    Whoever has to know of a fulfillment is told where that makes other units of it.
    """
    placed = placing.of_orders(tx, order_ids)
    moved = {
        row.id: parts
        for each in placed
        for row in each.rows
        if row.integration != HUB
        and (parts := each.places.parts.get(row.id, {})) != each.stored.get(row.id, {})
    }
    for some in slices(sorted(moved)):
        tx.execute(sa.delete(PART).where(PART.c.fulfillment_id.in_(some)))
    fresh = [
        {"fulfillment_id": key, "line_id": line, "quantity": units}
        for key, parts in moved.items()
        for line, units in parts.items()
    ]
    if fresh:
        tx.execute(sa.insert(PART), fresh)
    over = {
        row.id: _over_case(task, each, row) for each in placed for row in each.rows if _is_over(each, row)
    }
    open_cases(tx, task, list(over.values()))
    rows = [row for each in placed for row in each.rows]
    close_cases(tx, task.now, [_over_key(row.id) for row in rows if row.id not in over])
    _keep_off_sale(tx, task, placed)
    told_parcels.close_gone(tx, task, [row.id for row in rows if row.state == FulfillmentState.VOIDED])
    fulfillment_push.mark(tx, moved)


def _keep_off_sale(tx: Transaction, task: Task, placed: Sequence[Placed]) -> None:
    """Whoever cancels what has left puts it back on sale there, and has to be told of the hub's number anew."""
    for each in placed:
        if each.order.integration != task.truth.inventory and any(each.places.canceled.values()):
            commitments.mark_taken(tx, each.order.integration, [each.order.id])


def _is_over(placed: Placed, row: Any) -> bool:
    return bool(placed.lines) and placed.places.over.get(row.id, 0) > 0


def _over_key(fulfillment: str) -> str:
    return f"fulfillment-exceeds:{fulfillment}"


def _over_case(task: Task, placed: Placed, row: Any) -> Case:
    there, over = row.integration, placed.places.over[row.id]
    on_record = _on_record(placed, row)
    already = f": units of it are {' and '.join(on_record)} already" if on_record else ""
    if "canceled" in on_record and placed.order.integration != task.truth.inventory:
        already += ", and stay off sale since they left"
    ways = [f"Delete the shipment in {there} if it is a mistake"]
    if "canceled" in on_record:
        ways.append("If it did leave, stop it or have it sent back, and delete it then")
    if "shipped" in on_record:
        ways.append("Or take back the fulfillment that stands in its way (crossdock fulfillments void)")
    what = f"Shipment {row.channel_id} of {there}"
    if row.request_id is not None:
        ways = [
            "Have it sent back and receive it into stock once it is there, and dismiss this",
            f"If it did not leave, {there} has to say so",
        ]
        if "shipped" in on_record and task.truth.inventory != HUB:
            already += f", and {task.truth.inventory} still counts them"
            ways[0] = (
                f"Take it off the stock of {task.truth.inventory}, or have it sent back, and dismiss this"
            )
    if there == HUB:
        what = "A fulfillment of the hub"
        ways = [
            f"Take it back if the goods did not leave, or once they are back (crossdock fulfillments void {row.id})"
        ]
    return Case(
        key=_over_key(row.id),
        kind="fulfillment_exceeds",
        subject=Subject.ORDER,
        subject_id=placed.order.id,
        cause=(
            f"{what} ({row.tracking_number or 'no tracking number'}) holds {counted(over, 'unit')} more than the order "
            f"has left to ship{already}"
        ),
        fix=". ".join(ways),
        evidence={"fulfillment": row.id, "shipment": row.channel_id, "units": over},
    )


def _on_record(placed: Placed, row: Any) -> list[str]:
    """As what units of its lines are on record already, which leaves a fulfillment no room: shipped, canceled."""
    parts = placed.places.parts
    own = tuple(ShippedUnits(ChannelId(line), units) for line, units in parts[row.id].items())
    meant = own if row.integration == HUB else parcel_of(row).units
    shipped: dict[str, int] = defaultdict(int)
    for key, held in parts.items():
        for line, units in held.items():
            shipped[line] += units if key != row.id else 0
    canceled = {line.id: placing.canceled(line) for line in placed.lines}
    return [
        word
        for word, units in (("shipped", shipped), ("canceled", canceled))
        if place(meant, [placing.room(line, units[line.id]) for line in placed.lines])[0]
    ]
