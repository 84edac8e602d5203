"""Tells a channel what people decided about returns."""

from __future__ import annotations

from typing import cast

from crossdock.connectors.contract import AnswersReturns
from crossdock.domain.sync import Confirmed, Rejected, Unclear
from crossdock.operations.orders import return_push
from crossdock.sync.work import Work


def push_returns(work: Work) -> None:
    """One by one: each is put down before it is sent, and settled before the next."""
    connector = cast(AnswersReturns, work.connector)
    with work.database.reading() as tx:
        due = return_push.due(tx, work.integration, now=work.desk.clock())
    for change in due:
        with work.transaction() as tx:
            return_push.about_to_send(tx, work.task(), change)
        for outcome in connector.answer_returns([change]):
            with work.transaction() as tx:
                return_push.settle(tx, work.task(), change, outcome)
                work.tally.confirmed += isinstance(outcome, Confirmed)
                work.tally.rejected += isinstance(outcome, Rejected)
                work.tally.unclear += isinstance(outcome, Unclear)
