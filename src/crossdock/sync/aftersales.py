"""Pulls what comes after a sale, and gives it to orders that are read later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from crossdock.connectors.contract import PullsReturns, PullsStatements, SalesReport
from crossdock.domain.aftersales import ChannelReturn, ChannelStatement
from crossdock.domain.sync import Direction, Entity, FlowKey, Page
from crossdock.operations.fulfillments import parcels
from crossdock.operations.orders import (
    cancellation_requests,
    cancellations,
    return_answers,
    returns,
    statements,
)
from crossdock.operations.orders.returns import Reading
from crossdock.operations.task import HUB, Task
from crossdock.store.database import Transaction
from crossdock.sync.pull import pull, sweep_began
from crossdock.sync.work import Position, Work, position


def pull_returns(work: Work) -> None:
    connector = cast(PullsReturns, work.connector)
    reports_sales = _reports_sales(work)

    def ingest(tx: Transaction, task: Task, page: Page[ChannelReturn], at: Position) -> int:
        reading = Reading(at.first_began_at or sweep_began(page, at), reports_sales)
        return returns.ingest(tx, task, page.records, reading)

    pull(work, lambda at: connector.pull_returns(at.cursor), ingest)
    with work.transaction() as tx:
        return_answers.review(tx, work.task())


def pull_statements(work: Work) -> None:
    connector = cast(PullsStatements, work.connector)

    def ingest(tx: Transaction, task: Task, page: Page[ChannelStatement], _: Position) -> int:
        return statements.ingest(tx, task, page.records)

    pull(work, lambda at: connector.pull_statements(at.cursor), ingest)


def follow_orders(tx: Transaction, work: Work, task: Task, order_ids: Sequence[str]) -> None:
    """What waited for these orders, and what their own end means for the orders that they stand for."""
    if not order_ids:
        return
    cancellation_requests.adopt(tx, task, order_ids)
    parcels.adopt(tx, task, order_ids)
    at = position(tx, FlowKey(work.integration, Direction.PULL, Entity.RETURNS))
    reading = Reading(at.first_began_at if at is not None else None, _reports_sales(work))
    returns.adopt(tx, task, order_ids, reading)
    statements.adopt(tx, task, order_ids)
    cancellations.follow_copies(tx, task, order_ids)


def _reports_sales(work: Work) -> bool:
    """Whether the platform that owns stock is told of sales, and so of what comes back, by adjustments."""
    owner = work.truth.inventory
    if owner in ("", HUB, work.integration):
        return False
    return work.desk.rules_of(owner).sales_report is SalesReport.ADJUSTMENT
