"""Orders that no card could take are tried again, as soon as what they lacked may be there."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from crossdock.operations.routing.state import Routing
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.database import Transaction
from crossdock.store.query import among, select_in, slices

ORDER = tables.order
LINE = tables.order_line
PART = tables.bundle_component

HAS_FAILED = ORDER.c.routing == Routing.FAILED
FAILED = Question(sa.select(ORDER.c.id).where(HAS_FAILED), ORDER.c.id)


def retry(tx: Transaction) -> None:
    """Cards or locations changed: each order whose routing failed is decided anew when the flow runs next."""
    tx.execute(sa.update(ORDER).where(HAS_FAILED).values(routing=Routing.PENDING))


def retry_orders(tx: Transaction, order_ids: Iterable[str]) -> None:
    """These orders changed, so that a card may take them now."""
    if failed := sorted(row.id for row in FAILED.rows(tx, order_ids)):
        of_these = among(tx, ORDER.c.id, failed)
        tx.execute(sa.update(ORDER).where(HAS_FAILED, of_these).values(routing=Routing.PENDING))


def retry_for(tx: Transaction, variant_ids: Iterable[str]) -> None:
    """Units of these variants became available: so are orders that wait for them, or for bundles of them."""
    ids = set(variant_ids)
    if not ids or tx.execute(sa.select(ORDER.c.id).where(HAS_FAILED).limit(1)).first() is None:
        return
    ids |= {row.bundle_id for row in select_in(tx, sa.select(PART.c.bundle_id), PART.c.component_id, ids)}
    for some in slices(sorted(ids)):
        waiting = sa.select(LINE.c.order_id).where(LINE.c.variant_id.in_(some))
        tx.execute(
            sa.update(ORDER).where(HAS_FAILED, ORDER.c.id.in_(waiting)).values(routing=Routing.PENDING)
        )
