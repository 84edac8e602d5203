"""Tells warehouses what to ship and what to stop, and takes in what they say about it."""

from __future__ import annotations

from typing import cast

from crossdock.connectors.contract import PullsShippingRequests, TakesShippingRequests
from crossdock.domain.shipping import RequestNews
from crossdock.domain.sync import Confirmed, Page, Rejected, Unclear
from crossdock.operations.routing import request_news, request_push
from crossdock.operations.routing.request_push import Due
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.sync import lease as leases
from crossdock.sync.pull import pull
from crossdock.sync.work import Position, Work

BATCH = 50
LOOKS_AGAIN_SECONDS = 15.0
"""The run of a channel's flow that was waited for wakes this one by itself; this is for one that never comes."""


def push_shipping_requests(work: Work) -> None:
    """Nothing leaves before its channel has been read since: a cancellation that is known there is known here first."""
    while True:
        with work.transaction() as tx:
            found, held = request_push.due(tx, work.task(), limit=BATCH)
        if held.flows:
            for flow in held.flows:
                leases.want(work.database, flow, is_hint=True)
            work.retry_in = LOOKS_AGAIN_SECONDS
        if not found:
            return
        _send(work, found)


def _send(work: Work, found: list[Due]) -> None:
    """Each is marked when its own turn comes: where that of another ends the run, it is known not to have been sent."""
    with work.transaction() as tx:
        request_push.about_to_send(tx, found[:1])
    connector = cast(TakesShippingRequests, work.connector)
    outcomes = connector.push_shipping_requests([one.change for one in found])
    for place, outcome in enumerate(outcomes):
        with work.transaction() as tx:
            request_push.settle(tx, work.task(), found[place], outcome)
            request_push.about_to_send(tx, found[place + 1 : place + 2])
            work.tally.confirmed += isinstance(outcome, Confirmed)
            work.tally.rejected += isinstance(outcome, Rejected)
            work.tally.unclear += isinstance(outcome, Unclear)


def pull_shipping_requests(work: Work) -> None:
    connector = cast(PullsShippingRequests, work.connector)

    def ingest(tx: Transaction, task: Task, page: Page[RequestNews], _: Position) -> int:
        return request_news.ingest(tx, task, page.records)

    pull(work, lambda at: connector.pull_shipping_requests(at.cursor), ingest)
