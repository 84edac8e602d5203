"""What the packing slip of a shipping request says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import Address, ChannelOrderLine
from crossdock.domain.shipping import RequestState
from crossdock.domain.warehouse import PackingSlip, SlipLine, WarehouseStyle, address_lines
from crossdock.operations.orders.order_record import buyer_of
from crossdock.operations.routing.requested import RequestPart
from crossdock.operations.warehouse import goods, still_open
from crossdock.operations.warehouse.goods import Goods
from crossdock.store import tables
from crossdock.store.cipher import Cipher
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

REQUEST_LINE = tables.shipping_request_line
ORDER = tables.order
LOCATION = tables.location


def slips(
    tx: Transaction, numbers: Sequence[str], cipher: Cipher, styles: Mapping[str, WarehouseStyle]
) -> list[PackingSlip]:
    """One slip for each request, in the order in which they are named; `styles` are those of their warehouses.

    It shows the units that are still to be shipped, and all of the request once everything has left. Raises
    SettingsError.
    """
    rows = still_open.numbered(tx, numbers)
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, [r.order_id for r in rows])}
    places = {
        row.id: row
        for row in select_in(tx, sa.select(LOCATION), LOCATION.c.id, [r.location_id for r in rows])
    }
    parts = still_open.parts(tx, rows)
    return [
        _slip(
            row,
            _lines(tx, parts[row.id]),
            order=orders[row.order_id],
            sender=_sender(places.get(row.location_id), styles.get(row.integration, WarehouseStyle())),
            address=buyer_of(cipher, orders[row.order_id]).shipping,
            style=styles.get(row.integration, WarehouseStyle()),
        )
        for row in rows
    ]


def warehouses(tx: Transaction, numbers: Sequence[str]) -> set[str]:
    """The integrations that these requests are for. Raises SettingsError."""
    return {row.integration for row in still_open.numbered(tx, numbers)}


def _slip(  # noqa: PLR0913  # a slip is put together from all of them
    request: Any,
    lines: tuple[SlipLine, ...],
    *,
    order: Any,
    sender: tuple[str, ...],
    address: Address | None,
    style: WarehouseStyle,
) -> PackingSlip:
    return PackingSlip(
        request=request.number,
        order_number=order.number,
        channel=order.integration,
        placed_at=order.placed_at,
        sender=sender,
        ship_to=address_lines(address),
        lines=lines,
        method=request.method or order.method_here or order.shipping_method,
        order_note=order.note,
        note=style.note,
        is_stopped=request.state in (RequestState.STOPPING, RequestState.STOPPED),
        paper=style.paper,
    )


def _sender(place: Any, style: WarehouseStyle) -> tuple[str, ...]:
    if style.sender.strip():
        return tuple(line.strip() for line in style.sender.splitlines() if line.strip())
    if place is None:
        return ()
    address = address_lines(unpack(Address | None, place.body))
    return tuple(dict.fromkeys((place.name, *address)))


def _lines(tx: Transaction, parts: Sequence[RequestPart]) -> tuple[SlipLine, ...]:
    units = still_open.left(parts) or {part.line_id: part.quantity - part.stopped for part in parts}
    sold = goods.of_lines(tx, [part.line_id for part in parts])
    return tuple(
        _line(*sold[part.line_id], units[part.line_id]) for part in parts if units.get(part.line_id, 0) > 0
    )


def _line(row: Any, one: Goods, quantity: int) -> SlipLine:
    body: ChannelOrderLine = unpack(ChannelOrderLine, row.body)
    return SlipLine(one.sku, one.name, quantity, one.options, one.gtin, body.is_gift)
