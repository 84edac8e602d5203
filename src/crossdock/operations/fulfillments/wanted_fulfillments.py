"""What a channel should have on record of a fulfillment: of its own order, or of the hub's copy of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelOrderLine, ChannelSku
from crossdock.domain.fulfillment import Companion, FulfillmentState, WantedFulfillment, WantedUnits
from crossdock.domain.order import FulfilledBy
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
ORDER = tables.order
LINE = tables.order_line
LISTING = tables.listing


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the channel should have on record of one fulfillment, and of which order of the hub it is."""

    fulfillment: WantedFulfillment
    order_id: str
    name: str


def wanted(tx: Transaction, task: Task, fulfillment_ids: Sequence[str]) -> dict[str, Wanted]:
    """By fulfillment, those of orders that the task's integration has."""
    rows = [
        row
        for row in select_in(tx, sa.select(FULFILLMENT), FULFILLMENT.c.id, fulfillment_ids)
        if row.order_id is not None
    ]
    orders = {row.order_id for row in rows}
    of_target = ORDER.c.integration == task.integration
    placed = select_in(tx, sa.select(ORDER), ORDER.c.id, orders)
    numbers = {row.id: row.number for row in placed}
    here = [row for row in placed if row.integration == task.integration]
    # What its own channel ships itself, as it may by now, it need not be told of.
    targets = {row.id: row for row in here if not FulfilledBy(row.fulfilled_by).arrives_fulfilled}
    targets |= {
        row.copy_of: row for row in select_in(tx, sa.select(ORDER).where(of_target), ORDER.c.copy_of, orders)
    }
    units = _units(tx, task, [row.id for row in rows])
    return {
        row.id: Wanted(
            _fulfillment(row, targets[row.order_id], units[row.id]),
            row.order_id,
            _name(row, numbers[row.order_id]),
        )
        for row in rows
        if row.order_id in targets and (units[row.id] or row.state == FulfillmentState.VOIDED)
    }


@dataclass(frozen=True, slots=True)
class Beside:
    """What else left under the number of a fulfillment, of other orders there, and the fulfillments that say so."""

    companions: tuple[Companion, ...] = ()
    fulfillment_ids: tuple[str, ...] = ()


def beside(tx: Transaction, task: Task, found: Mapping[str, Wanted]) -> dict[str, Beside]:
    """By fulfillment, where there is any: a channel may have packed several orders in one package."""
    numbers = {each.fulfillment.tracking_number for each in found.values() if not each.fulfillment.is_voided}
    shipped = sa.select(FULFILLMENT.c.id).where(FULFILLMENT.c.state == FulfillmentState.SHIPPED)
    rows = select_in(tx, shipped, FULFILLMENT.c.tracking_number, numbers - {""})
    lacking = [row.id for row in rows if row.id not in found]
    alike: dict[str, dict[str, Wanted]] = defaultdict(dict)
    for key, one in {**found, **(wanted(tx, task, lacking) if lacking else {})}.items():
        if not one.fulfillment.is_voided:
            alike[one.fulfillment.tracking_number][key] = one
    return {
        key: _beside(others)
        for key, one in found.items()
        if (others := _of_other_orders(one, alike.get(one.fulfillment.tracking_number, {})))
    }


def _of_other_orders(one: Wanted, alike: Mapping[str, Wanted]) -> dict[str, Wanted]:
    if not one.fulfillment.tracking_number or one.fulfillment.is_voided:
        return {}
    return {key: other for key, other in alike.items() if other.order_id != one.order_id}


def _beside(others: Mapping[str, Wanted]) -> Beside:
    by_order: dict[ChannelId, dict[ChannelId, WantedUnits]] = defaultdict(dict)
    for other in others.values():
        lines = by_order[other.fulfillment.order_id]
        for part in other.fulfillment.units:
            had = lines[part.line_id].quantity if part.line_id in lines else 0
            lines[part.line_id] = replace(part, quantity=had + part.quantity)
    companions = (Companion(order, tuple(lines.values())) for order, lines in sorted(by_order.items()))
    return Beside(tuple(companions), tuple(sorted(others)))


def _name(row: Any, order_number: str) -> str:
    """What channels recorded is corrected there, so people are told where."""
    order = f"order {order_number}"
    return order if row.integration == HUB else f"{order} (shipment {row.channel_id} of {row.integration})"


def _fulfillment(
    row: Any, target: Any, units: Sequence[tuple[str, WantedUnits, WantedUnits]]
) -> WantedFulfillment:
    """`target` is the order there: that of the customer, whose lines are known, or a copy of it."""
    is_copy = target.copy_of is not None
    return WantedFulfillment(
        order_id=ChannelId(target.channel_id),
        units=tuple(of_copy if is_copy else of_order for _, of_order, of_copy in sorted(units, key=_line)),
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        tracking_url=row.tracking_url,
        service=row.service,
        is_voided=row.state == FulfillmentState.VOIDED,
        has_platform_label=not is_copy and target.fulfilled_by == FulfilledBy.PLATFORM_LABEL_PACKED_HERE,
    )


def _line(part: tuple[str, WantedUnits, WantedUnits]) -> str:
    return part[0]


def _units(
    tx: Transaction, task: Task, fulfillment_ids: Sequence[str]
) -> dict[str, list[tuple[str, WantedUnits, WantedUnits]]]:
    """By fulfillment: line, its units as their own channel knows them, and as a copy on the target has them."""
    statement = sa.select(PART, LINE).join(LINE, LINE.c.id == PART.c.line_id)
    rows = [row._mapping for row in select_in(tx, statement, PART.c.fulfillment_id, fulfillment_ids)]
    on_target = sa.select(LISTING).where(LISTING.c.integration == task.integration)
    variants = [row[LINE.c.variant_id] for row in rows if row[LINE.c.variant_id]]
    listed = {row.variant_id: row for row in select_in(tx, on_target, LISTING.c.variant_id, variants)}
    found: dict[str, list[tuple[str, WantedUnits, WantedUnits]]] = defaultdict(list)
    for row in rows:
        body: ChannelOrderLine = unpack(ChannelOrderLine, row[LINE.c.body])
        quantity, listing = row[PART.c.quantity], listed.get(row[LINE.c.variant_id])
        of_order = WantedUnits(
            quantity,
            line_id=ChannelId(row[LINE.c.channel_id]),
            variant_id=body.variant_id,
            channel_sku=body.channel_sku,
            unit_ids=body.unit_ids,
        )
        of_copy = WantedUnits(
            quantity,
            line_id=ChannelId(""),
            variant_id=ChannelId(listing.channel_id if listing is not None else ""),
            channel_sku=ChannelSku(listing.channel_sku if listing is not None else row[LINE.c.channel_sku]),
        )
        found[row[PART.c.fulfillment_id]].append((row[LINE.c.id], of_order, of_copy))
    return found
