"""Reports sales made elsewhere to the platform that owns stock, and waits until its numbers show them."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from crossdock.connectors.contract import CreatesOrders, SalesReport
from crossdock.operations.orders import copies, copy_sales
from crossdock.operations.stock import balancing, deleted, observing, pending, readings, sales
from crossdock.operations.stock.sales import IntentKind
from crossdock.sync import adjusting, order_copies
from crossdock.sync.deleted import end_of_deleted
from crossdock.sync.measuring import LATER_SECONDS
from crossdock.sync.pulls import look
from crossdock.sync.turns import Turns, raise_if_all_lost
from crossdock.sync.work import Work

# A report is accepted before it is applied; these are the seconds between looks for its effect.
AT_ONCE = 200
LOOKS = (0.15, 0.3, 0.6, 1.2, 2.4)


def push_sales(work: Work) -> None:
    """Settle what is under way, send what is new, and look for its effect."""
    with work.transaction() as tx:
        sales.recover_sent(tx, work.task())
        copy_sales.end_given_back(tx, work.task())
        copy_sales.close_settled(tx, work.task())
        suspects = deleted.suspected(tx, work.task())
        has_work = pending.has_work(tx, work.integration) or copies.to_release(tx, work.task())
    if suspects:
        end_of_deleted(work, suspects)
    if not has_work:
        return
    if isinstance(work.connector, CreatesOrders):
        order_copies.resolve_unclear(work, work.connector)
    _look(work)
    following = Turns()
    if work.rules.sales_report is SalesReport.ORDER:
        order_copies.create_and_cancel(work, cast(CreatesOrders, work.connector))
    elif work.rules.sales_report is SalesReport.ADJUSTMENT:
        if isinstance(work.connector, CreatesOrders):
            following = order_copies.follow_originals(work, work.connector)
        adjusting.send_due(work)
    else:
        _leave_to_others(work)
    _wait_for_effect(work)
    raise_if_all_lost([following])
    if work.retry_in is None:
        _have_next_turn(work)


def _have_next_turn(work: Work) -> None:
    """Look again when the next has its turn: a report that waited for one that is seen now, or an order set aside."""
    now = work.desk.clock()
    with work.database.reading() as tx:
        if work.rules.sales_report is SalesReport.ADJUSTMENT and sales.due(tx, work.integration, limit=1):
            work.retry_in = 0.0
        elif (turn := pending.next_turn(tx, work.integration, now=now)) is not None:
            work.retry_in = (turn - now).total_seconds()


def _look(work: Work) -> int:
    """Read the owner's numbers of all that is under way, and its orders; answers how many reports still wait."""
    with work.database.reading() as tx:
        waiting = readings.under_way(tx, work.integration)
    return look(work, waiting)[1] if waiting else 0


def _wait_for_effect(work: Work) -> None:
    """What was accepted shows soon. What stays unclear may never, so it has had its look and is left to the next run."""
    waiting = 0
    for seconds in LOOKS:
        with work.database.reading() as tx:
            if not pending.is_effect_expected(tx, work.task()):
                return
        work.desk.sleep(seconds)
        if not (waiting := _look(work)):
            return
    work.tally.unclear += waiting
    work.retry_in = LATER_SECONDS


def _leave_to_others(work: Work) -> None:
    """Another system lowers the owner's stock. Its effect is measured against what was read last, before the sale."""
    with work.transaction() as tx:
        balancing.settle_even(tx, work.task(), without=())
        for item in sales.due(tx, work.integration, limit=AT_ONCE):
            read_at = observing.oldest_reading(tx, work.integration, item.variant_id)
            if read_at is not None:
                since = replace(work.task(), now=read_at)
                intent, items = sales.write_intent(tx, since, [item], kind=IntentKind.EXPECTED)
                sales.expected(tx, work.task(), intent, items)
