"""Shipping requests as warehouses are told of them: lines, address, method, each built from the hub's own records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.catalog import Variant
from crossdock.domain.channel import ChannelOrderLine
from crossdock.domain.money import Money
from crossdock.domain.shipping import RequestedLine, RequestState, ShippingOrder
from crossdock.operations.orders.order_record import buyer_of
from crossdock.operations.routing.requested import PART
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
VARIANT = tables.variant
LOCATION = tables.location


def shipping_orders(tx: Transaction, task: Task, requests: Sequence[Any]) -> dict[str, ShippingOrder]:
    """By the request's id: what its warehouse should have on record of it."""
    ids = [row.id for row in requests]
    parts: dict[str, list[Any]] = defaultdict(list)
    for row in select_in(tx, sa.select(PART).order_by(PART.c.position), PART.c.request_id, ids):
        parts[row.request_id].append(row)
    line_ids = [part.line_id for each in parts.values() for part in each]
    statement = sa.select(LINE, VARIANT.c.body.label("variant_body")).outerjoin(
        VARIANT, VARIANT.c.id == LINE.c.variant_id
    )
    lines = {row.id: row for row in select_in(tx, statement, LINE.c.id, line_ids)}
    orders = {
        row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, [r.order_id for r in requests])
    }
    at = [row.location_id for row in requests]
    places = {row.id: row for row in select_in(tx, sa.select(LOCATION), LOCATION.c.id, at)}
    return {
        row.id: _order(
            task,
            row,
            orders[row.order_id],
            places.get(row.location_id),
            tuple(_line(part, lines[part.line_id]) for part in parts[row.id]),
        )
        for row in requests
    }


def content(wanted: ShippingOrder) -> str:
    """Where it goes and what it is of: what its location has to know of, whatever else changes."""
    return fingerprint((wanted.address, tuple((line.number, line.sku) for line in wanted.lines)))


def _order(
    task: Task, request: Any, order: Any, place: Any, lines: tuple[RequestedLine, ...]
) -> ShippingOrder:
    tags = {*unpack(list[str], order.tags), *unpack(list[str], order.tags_here)}
    return ShippingOrder(
        number=request.number,
        order_number=order.number,
        channel=order.integration,
        placed_at=order.placed_at,
        lines=lines,
        address=buyer_of(task.cipher, order).shipping,
        method=request.method,
        location=(place.code or place.name) if place is not None else "",
        currency=order.currency,
        note=order.note,
        tags=tuple(sorted(tags)),
        is_stopped=request.state == RequestState.STOPPING or not any(line.quantity for line in lines),
    )


def _line(part: Any, line: Any) -> RequestedLine:
    """By the hub's own SKU, under which the warehouse stocks it; the channel's where no product has it."""
    body: ChannelOrderLine = unpack(ChannelOrderLine, line.body)
    variant = unpack(Variant, line.variant_body) if line.variant_body else None
    price: Money = body.unit_price
    return RequestedLine(
        number=str(part.position),
        sku=variant.sku if variant is not None else line.channel_sku,
        name=line.name,
        quantity=part.quantity - part.quantity_stopped,
        unit_price=price,
        gtin=variant.gtin if variant is not None else "",
        options=tuple(f"{each.name}: {each.value}" for each in variant.options)
        if variant is not None
        else (),
    )
