"""Tells warehouses what to ship and what to stop, and takes in what they say about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from crossdock.connectors.contract import PullsShippingRequests, TakesShippingRequests
from crossdock.domain.shipping import RequestNews, ShippingOrder
from crossdock.domain.sync import Change, Confirmed, Page, Rejected, Unclear
from crossdock.operations.routing import leaving, request_news, request_push
from crossdock.operations.routing.request_push import Due
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.sync import lease as leases
from crossdock.sync.pull import pull
from crossdock.sync.work import Position, Work

LOOKS_AGAIN_SECONDS = 15.0
"""The run of a channel's flow that was waited for wakes this one by itself; this is for one that never comes."""


def push_shipping_requests(work: Work) -> None:
    """Nothing leaves before its channel has been read since: a cancellation that is known there is known here first."""
    with work.transaction() as tx:
        found = leaving.sort_out(tx, work.task(), of=work.integration)
        leaving.say(tx, found.waits)
    for flow in found.unread:
        leases.want(work.database, flow, is_hint=True)
        work.retry_in = LOOKS_AGAIN_SECONDS
    if found.ready:
        _send(work, found.ready)


def _send(work: Work, request_ids: Sequence[str]) -> None:
    """Each is decided and marked when its own turn comes, since much can happen while the one before it is sent."""
    taken: list[Due] = []

    def turns() -> Iterator[Change[ShippingOrder]]:
        for key in request_ids:
            with work.transaction() as tx:
                due = request_push.take(tx, work.task(), key)
            if due is not None:
                taken.append(due)
                yield due.change

    for outcome in cast(TakesShippingRequests, work.connector).push_shipping_requests(turns()):
        with work.transaction() as tx:
            request_push.settle(tx, work.task(), taken[-1], outcome)
            work.tally.confirmed += isinstance(outcome, Confirmed)
            work.tally.rejected += isinstance(outcome, Rejected)
            work.tally.unclear += isinstance(outcome, Unclear)


def pull_shipping_requests(work: Work) -> None:
    connector = cast(PullsShippingRequests, work.connector)

    def ingest(tx: Transaction, task: Task, page: Page[RequestNews], _: Position) -> int:
        return request_news.ingest(tx, task, page.records)

    pull(work, lambda at: connector.pull_shipping_requests(at.cursor), ingest)
