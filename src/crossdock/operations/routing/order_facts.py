"""What the filters of routing cards and automations look at, gathered from orders as they lie in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crossdock.domain.catalog import Variant
from crossdock.domain.filters import OrderFacts
from crossdock.domain.money import Money
from crossdock.domain.units import grams
from crossdock.operations.orders.order_record import buyer_of
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
VARIANT = tables.variant


def facts_of(
    tx: Transaction, task: Task, order_ids: Iterable[str], *, whole: bool = False
) -> dict[str, OrderFacts]:
    """By order id. SKUs and weight are those of its open units, or of all that are not canceled where none is open.

    With `whole` they are of all in any case, as if nothing had left yet.
    """
    orders = select_in(tx, sa.select(ORDER), ORDER.c.id, order_ids)
    lines = _lines(tx, [row.id for row in orders])
    return {row.id: _facts(task, row, lines[row.id], whole=whole) for row in orders}


def open_units(line: Any) -> int:
    """Units of an order line that are neither canceled nor shipped."""
    return max(0, int(line.quantity - line.quantity_canceled - line.quantity_shipped))


def _lines(tx: Transaction, order_ids: Sequence[str]) -> dict[str, list[Any]]:
    statement = (
        sa.select(LINE, VARIANT.c.body.label("variant_body"))
        .outerjoin(VARIANT, VARIANT.c.id == LINE.c.variant_id)
        .order_by(LINE.c.id)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for line in select_in(tx, statement, LINE.c.order_id, order_ids):
        found[line.order_id].append(line)
    return found


def _facts(task: Task, row: Any, lines: Sequence[Any], *, whole: bool) -> OrderFacts:
    address = buyer_of(task.cipher, row).shipping
    tags = {*unpack(list[str], row.tags), *unpack(list[str], row.tags_here)}
    units = {line.id: open_units(line) for line in lines}
    if whole or not any(units.values()):
        units = {line.id: max(0, int(line.quantity - line.quantity_canceled)) for line in lines}
    kept = [line for line in lines if units[line.id]]
    return OrderFacts(
        channel=row.integration,
        country=address.country_code.upper() if address else "",
        state=address.state if address else "",
        skus=frozenset(_sku(line) for line in kept),
        tags=frozenset(tags),
        total=Money(Decimal(row.total), row.currency),
        weight=_weight(kept, units),
        method=row.method_here or row.shipping_method,
    )


def _sku(line: Any) -> str:
    return str(unpack(Variant, line.variant_body).sku if line.variant_body else line.channel_sku)


def _weight(lines: Sequence[Any], units: dict[str, int]) -> Decimal | None:
    total = Decimal(0)
    for line in lines:
        weight = unpack(Variant, line.variant_body).weight if line.variant_body else None
        if weight is None:
            return None
        total += grams(weight) * units[line.id]
    return total
