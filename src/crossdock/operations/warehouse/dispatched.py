"""What warehouses say has left of shipping requests becomes fulfillments of their orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, Parcel, ShippedUnits
from crossdock.domain.fulfillment import OrderShipments
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, open_cases
from crossdock.operations.fulfillments import parcels
from crossdock.operations.fulfillments.parcels import Seen
from crossdock.operations.routing.requested import PART, REQUEST
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LINE = tables.order_line
VARIANT = tables.variant


def ingest(tx: Transaction, task: Task, records: Sequence[OrderShipments]) -> int:
    """Take in what a warehouse has on record of requests, by their numbers; answers how many fulfillments changed.

    Read again it changes nothing. What is no request of the hub's is left alone, and told where the warehouse works
    for nobody else.
    """
    numbers = [each.order_id for each in records]
    statement = sa.select(REQUEST).where(REQUEST.c.integration == task.integration)
    requests = {row.number: row for row in select_in(tx, statement, REQUEST.c.number, numbers)}
    known = parcels.known_of(tx, task, requests)
    goods = _goods(tx, [row.id for row in requests.values()])
    changed: list[str] = []
    for each in records:
        if (request := requests.get(each.order_id)) is not None:
            seen = Seen(task.integration, each, request.order_id, known[each.order_id], request)
            mine = [_in_hub_ids(parcel, goods[request.id]) for parcel in each.parcels]
            changed += parcels.keep(tx, task, seen, mine)
    parcels.take_effect(tx, task, changed)
    if task.rules.works_for_us_alone:
        strangers = [each for each in records if each.order_id not in requests and each.parcels]
        open_cases(tx, task, [_stranger(task, each) for each in strangers])
    return len(changed)


def _goods(tx: Transaction, request_ids: Iterable[str]) -> dict[str, list[Any]]:
    """Per request its lines, with their places and SKUs."""
    statement = (
        sa.select(PART, LINE.c.variant_id, LINE.c.channel_sku, VARIANT.c.sku)
        .join(LINE, LINE.c.id == PART.c.line_id)
        .outerjoin(VARIANT, VARIANT.c.id == LINE.c.variant_id)
        .order_by(PART.c.position)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in select_in(tx, statement, PART.c.request_id, request_ids):
        found[row.request_id].append(row)
    return found


def _in_hub_ids(parcel: Parcel, lines: Sequence[Any]) -> Parcel:
    """The same with the hub's ids of lines: by the line's number in the request, or else by its SKU."""
    left = {row.line_id: row.quantity for row in lines}
    units: list[ShippedUnits] = []
    for part in parcel.units:
        wanted = part.quantity
        for row in [row for row in lines if _is_meant(part, row)]:
            taken = min(wanted, left[row.line_id])
            if taken > 0:
                units.append(replace(part, line_id=ChannelId(row.line_id), quantity=taken))
                left[row.line_id] -= taken
                wanted -= taken
        if wanted:
            units.append(_beyond(part, wanted, lines))
    return replace(parcel, units=tuple(units))


def _is_meant(part: ShippedUnits, row: Any) -> bool:
    if part.line_id:
        return bool(part.line_id == str(row.position))
    return part.channel_sku in (row.sku, row.channel_sku)


def _beyond(part: ShippedUnits, units: int, lines: Sequence[Any]) -> ShippedUnits:
    """More than was asked for, or something else: its order may have room for it."""
    meant = next((row for row in lines if _is_meant(part, row)), None)
    variant = ChannelId(meant.variant_id or "") if meant is not None else ChannelId("")
    return replace(part, line_id=ChannelId(""), variant_id=variant, quantity=units)


def _stranger(task: Task, each: OrderShipments) -> Case:
    return Case(
        key=f"shipment-unknown:{task.integration}:{each.order_id}",
        kind="shipment_unknown",
        subject=Subject.INTEGRATION,
        subject_id=task.integration,
        cause=f"{task.integration} says that {each.order_id!r} was shipped, which is no shipping request of the hub",
        fix="Correct the number there and send it again, or dismiss this",
        evidence={"number": each.order_id, "tracking": [parcel.tracking_number for parcel in each.parcels]},
    )
