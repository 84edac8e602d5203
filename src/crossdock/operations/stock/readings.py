"""Readings of the owner's numbers while reports are under way: taken in together with what they show of those.

A number that is net of a report while its commitment still stands would count the same units twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelSku, ChannelStock
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Page
from crossdock.operations.stock import inventory, observing, sales
from crossdock.operations.stock.intents import IN_FLIGHT
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

REPORT = tables.sale_report
INTENT = tables.intent
LISTING = tables.listing

ANSWERED_WITHIN = timedelta(minutes=2)
"""By then a call has its answer, or its run was killed, and an order without one is looked for: the readings go on."""

Variants = list[tuple[ChannelId, ChannelSku]]
"""The owner's variants, each by its id and SKU there."""


def under_way(tx: Transaction, owner: str) -> Variants:
    """The variants whose numbers are judged as they are read, since reports of them are under way."""
    return [(ChannelId(variant), ChannelSku(sku)) for variant, sku in sales.in_flight_variants(tx, owner)]


def take_in_others(tx: Transaction, task: Task, page: Page[ChannelStock]) -> tuple[int, Variants]:
    """Store the numbers that need no judgement; answers how many differed, and the variants that were left out."""
    judged = dict(under_way(tx, task.integration))
    left_out = {stock.variant_id for stock in page.records} & judged.keys()
    others = [stock for stock in page.records if stock.variant_id not in left_out]
    written = inventory.ingest(tx, task, others, read_began_at=page.read_began_at)
    return written, [(variant, judged[variant]) for variant in sorted(left_out)]


def take_in(
    tx: Transaction,
    task: Task,
    pages: Iterable[Page[ChannelStock]],
    *,
    orders_read_until: datetime | None,
    is_judged: bool = True,
) -> tuple[int, int]:
    """Store numbers behind which the owner's orders were read, and settle what they show of reports, at once.

    Answers how many numbers differed, and how many reports still wait. A number says nothing that was read before the
    answer to a report of it: whether that is in it nobody knows, and it is read again.
    """
    until = _unsure_until(tx, task.integration)
    written = 0
    for page in pages:
        sure = _sure(page.records, until, page.read_began_at)
        written += inventory.ingest(tx, task, sure, read_began_at=page.read_began_at)
    waiting = observing.observe(tx, task, orders_read_until=orders_read_until) if is_judged else 0
    return written, waiting


def _sure(
    stocks: Sequence[ChannelStock], until: dict[str, datetime], read_began_at: datetime
) -> list[ChannelStock]:
    return [
        stock
        for stock in stocks
        if (moment := until.get(stock.variant_id)) is None or read_began_at >= moment
    ]


def _unsure_until(tx: Transaction, owner: str) -> dict[str, datetime]:
    """Up to when the owner's numbers may or may not contain a report that is under way, by its id of the variant."""
    statement = (
        sa.select(LISTING.c.channel_id, INTENT)
        .join(REPORT, REPORT.c.variant_id == LISTING.c.variant_id)
        .join(INTENT, INTENT.c.id == REPORT.c.intent_id)
        .where(LISTING.c.integration == owner, REPORT.c.owner == owner, REPORT.c.state.in_(IN_FLIGHT))
        .distinct()
    )
    found: dict[str, datetime] = {}
    for row in tx.execute(statement):
        moment = _unsure_of(row)
        found[row.channel_id] = max(moment, found.get(row.channel_id, moment))
    return found


def _unsure_of(intent: Any) -> datetime:
    moment: datetime = intent.answered_at or intent.created_at
    is_looked_for = intent.state == ReportState.UNCLEAR and intent.kind in sales.AS_ORDERS
    return moment + ANSWERED_WITHIN if intent.answered_at is None or is_looked_for else moment
