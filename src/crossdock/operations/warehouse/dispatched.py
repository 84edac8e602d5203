"""What warehouses say has left of shipping requests becomes fulfillments of their orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, Parcel, ShippedUnits
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.words import counted
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, dismissed, open_cases, open_keys
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

    Read again it changes nothing. Units of a line that the request does not have are told and left out. What is no
    request of the hub's is left alone, and told where the warehouse works for nobody else.
    """
    numbers = [each.order_id for each in records]
    statement = sa.select(REQUEST).where(REQUEST.c.integration == task.integration)
    requests = {row.number: row for row in select_in(tx, statement, REQUEST.c.number, numbers)}
    known = parcels.known_of(tx, task, requests)
    goods = _goods(tx, [row.id for row in requests.values()])
    changed: list[str] = []
    odd: list[Case] = []
    for each in records:
        if (request := requests.get(each.order_id)) is not None:
            lines = goods[request.id]
            seen = Seen(task.integration, each, request.order_id, known[each.order_id], request)
            changed += parcels.keep(tx, task, seen, _in_hub_ids(each.parcels, lines))
            odd += _odd(task, request, each.parcels, lines)
    parcels.take_effect(tx, task, changed)
    _tell_odd(tx, task, requests, odd)
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


def _in_hub_ids(given: Sequence[Parcel], lines: Sequence[Any]) -> list[Parcel]:
    """Those with units of these lines, and with the hub's ids of them."""
    found = [_of_lines(parcel, lines) for parcel in given]
    return [parcel for parcel, was in zip(found, given, strict=True) if parcel.units or not was.units]


def _of_lines(parcel: Parcel, lines: Sequence[Any]) -> Parcel:
    """By the line's number in the request, or else by its SKU. More than was asked for, its order may have room for."""
    left = {row.line_id: row.quantity for row in lines}
    units: list[ShippedUnits] = []
    for part in parcel.units:
        wanted = part.quantity
        meant = [row for row in lines if _is_meant(part, row)]
        for row in meant:
            taken = min(wanted, left[row.line_id])
            if taken > 0:
                units.append(replace(part, line_id=ChannelId(row.line_id), quantity=taken))
                left[row.line_id] -= taken
                wanted -= taken
        if wanted and meant:
            variant = ChannelId(meant[0].variant_id or "")
            units.append(replace(part, line_id=ChannelId(""), variant_id=variant, quantity=wanted))
    return replace(parcel, units=tuple(units))


def _is_meant(part: ShippedUnits, row: Any) -> bool:
    if part.line_id:
        return bool(part.line_id == str(row.position))
    return part.channel_sku in (row.sku, row.channel_sku)


def _odd(task: Task, request: Any, given: Sequence[Parcel], lines: Sequence[Any]) -> list[Case]:
    """A case for each line or SKU of the parcels that the request does not have."""
    units: dict[str, int] = defaultdict(int)
    tracking: dict[str, list[str]] = defaultdict(list)
    for parcel in given:
        for part in parcel.units:
            if not any(_is_meant(part, row) for row in lines):
                name = part.channel_sku or (f"line {part.line_id}" if part.line_id else "a line without SKU")
                units[name] += part.quantity
                tracking[name].append(parcel.tracking_number)
    has = [f"{row.position}: {row.sku or row.channel_sku}" for row in lines]
    return [
        Case(
            key=f"{_odd_keys(task, request.number)}{name}",
            kind="shipment_line_unknown",
            subject=Subject.ORDER,
            subject_id=request.order_id,
            cause=(
                f"{task.integration} says that {counted(count, 'unit')} of “{name}” of shipping request {request.number} "
                f"left, which has no such line; it has: {', '.join(has)}"
            ),
            fix="Correct the SKU there and send it again. Dismiss this if it stays open then, or if it needs nothing done",
            evidence={"request": request.number, "line": name, "units": count, "tracking": tracking[name]},
        )
        for name, count in sorted(units.items())
    ]


def _odd_keys(task: Task, number: str) -> str:
    return f"shipment-line-unknown:{task.integration}:{number}:"


def _tell_odd(tx: Transaction, task: Task, numbers: Iterable[str], odd: Sequence[Case]) -> None:
    """Cases of these requests that were not met again are over; what a person has dismissed stays so."""
    keys = {case.key for case in odd}
    seen = dismissed(tx, keys)
    open_cases(tx, task, [case for case in odd if case.key not in seen])
    begins = tuple(_odd_keys(task, number) for number in numbers)
    before = open_keys(tx, f"shipment-line-unknown:{task.integration}:")
    close_cases(tx, task.now, [key for key in before if key.startswith(begins) and key not in keys])


def _stranger(task: Task, each: OrderShipments) -> Case:
    return Case(
        key=f"shipment-unknown:{task.integration}:{each.order_id}",
        kind="shipment_unknown",
        subject=Subject.RECORD,
        subject_id=each.order_id,
        cause=f"{task.integration} says that “{each.order_id}” was shipped, which is no shipping request of the hub",
        fix="Correct the number there and send it again, or dismiss this",
        evidence={"number": each.order_id, "tracking": [parcel.tracking_number for parcel in each.parcels]},
    )
