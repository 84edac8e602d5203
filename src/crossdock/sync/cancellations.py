"""Tells a channel what was canceled in the hub, and buyers what was decided; reads what came of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from crossdock.connectors.contract import AnswersBuyers, PullsCancellations, PushesCancellations
from crossdock.domain.aftersales import ChannelCancellation
from crossdock.domain.sync import Change, Confirmed, Outcome, Page, Rejected, Unclear
from crossdock.operations.orders import cancellation_push, cancellation_requests
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.sync.pull import pull
from crossdock.sync.work import Position, Work

Send = Callable[[Sequence[Change[Any]]], Iterator[Outcome]]


def pull_cancellations(work: Work) -> None:
    connector = cast(PullsCancellations, work.connector)

    def ingest(tx: Transaction, task: Task, page: Page[ChannelCancellation], _: Position) -> int:
        return cancellation_requests.ingest(tx, task, page.records)

    pull(work, lambda at: connector.pull_cancellations(at.cursor), ingest)


def push_cancellations(work: Work) -> None:
    """One by one: each is put down before it is sent, and settled before the next."""
    with work.transaction() as tx:
        cancellation_requests.decide_by_rule(tx, work.task())
    with work.database.reading() as tx:
        due = cancellation_push.due(tx, work.integration, now=work.desk.clock())
    if isinstance(work.connector, PushesCancellations):
        sends = work.connector.push_cancellations if work.rules.pushes_cancellations else _switched_off(work)
        for cancellation in due.cancellations:
            _send(work, cancellation, sends)
    if isinstance(work.connector, AnswersBuyers):
        for answer in due.answers:
            _send(work, answer, work.connector.answer_buyers)


def _send(work: Work, change: Change[Any], send: Send) -> None:
    with work.transaction() as tx:
        cancellation_push.about_to_send(tx, work.task(), [change.key])
    for outcome in send([change]):
        with work.transaction() as tx:
            cancellation_push.settle(tx, work.task(), outcome)
            work.tally.confirmed += isinstance(outcome, Confirmed)
            work.tally.rejected += isinstance(outcome, Rejected)
            work.tally.unclear += isinstance(outcome, Unclear)


def _switched_off(work: Work) -> Send:
    def refuse(changes: Sequence[Change[Any]]) -> Iterator[Outcome]:
        for change in changes:
            yield cancellation_push.switched_off(work.integration, change.key)

    return refuse
