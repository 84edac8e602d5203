"""What adjustments reported of an order beside its copy: it comes back that way too, since the copy never held it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from crossdock.domain.inventory import ReportState
from crossdock.operations.stock import sales
from crossdock.operations.stock.intents import IN_FLIGHT
from crossdock.operations.stock.sales import Due, Groups, IntentKind
from crossdock.store import tables
from crossdock.store.database import Transaction

INTENT = tables.intent
REPORT = tables.sale_report


def due_beside(
    tx: Transaction, owner: str, order: str, *, states: Collection[ReportState] = (ReportState.OPEN,)
) -> list[Due]:
    """Of the units that an order gives back, those that adjustments had taken, as reports of their own."""
    left = taken_beside(tx, owner, order)
    statement = sa.select(REPORT).where(
        REPORT.c.owner == owner,
        REPORT.c.order_id == order,
        REPORT.c.state.in_(states),
        REPORT.c.quantity > 0,
    )
    groups: Groups = defaultdict(list)
    for row in tx.execute(statement.order_by(REPORT.c.id)).all():
        if (units := min(left[row.variant_id], row.quantity)) > 0:
            left[row.variant_id] -= units
            groups[row.variant_id, row.location_id].append(_cut(tx, row, units))
    return sales.addressed(tx, owner, groups)


def taken_beside(tx: Transaction, owner: str, order: str) -> Counter[str]:
    """Units by variant that adjustments have taken for the order, or are about to, and not given back."""
    statement = (
        sa.select(REPORT.c.variant_id, sa.func.sum(-REPORT.c.quantity).label("units"))
        .join(INTENT, INTENT.c.id == REPORT.c.intent_id)
        .where(
            REPORT.c.owner == owner,
            REPORT.c.order_id == order,
            REPORT.c.state.in_([ReportState.SEEN, *IN_FLIGHT]),
            INTENT.c.kind == IntentKind.ADJUSTMENT,
        )
        .group_by(REPORT.c.variant_id)
    )
    return Counter({row.variant_id: int(row.units) for row in tx.execute(statement)})


def _cut(tx: Transaction, row: Any, units: int) -> Any:
    """The report with so many units; the others become a report of their own."""
    if units == row.quantity:
        return row
    rest = {name: value for name, value in row._mapping.items() if name != "id"}
    tx.execute(sa.insert(REPORT), [{**rest, "quantity": row.quantity - units}])
    tx.execute(sa.update(REPORT).where(REPORT.c.id == row.id).values(quantity=units))
    return tx.execute(sa.select(REPORT).where(REPORT.c.id == row.id)).one()
