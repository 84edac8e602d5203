"""The hub's own flow between orders and locations: ends holds, routes what is ready, and misses what does not leave."""

from __future__ import annotations

from crossdock.operations.orders import order_life
from crossdock.operations.routing import overdue, requests
from crossdock.sync.work import Work

AT_ONCE = 100
MOST_PAGES = 20
"""So many pages of orders are decided in one run; with more of them the next one follows at once."""


def route_orders(work: Work) -> None:
    """Ends holds, has people called where nothing leaves, and routes what is ready."""
    while True:
        with work.transaction() as tx:
            ended = order_life.end_holds(tx, work.task(), limit=AT_ONCE)
            work.tally.written += len(ended)
        if len(ended) < AT_ONCE:
            break
    with work.transaction() as tx:
        overdue.watch(tx, work.task())
    _route(work)


def _route(work: Work) -> None:
    """A page of orders is one transaction. They are gone through once, so that none is decided twice in a run.

    Units that one order leaves on a shelf may be what an earlier one lacked: that is decided in the next run.
    """
    last = ""
    for _ in range(MOST_PAGES):
        with work.transaction() as tx:
            ids = requests.pending(tx, limit=AT_ONCE, after=last) if requests.is_in_use(tx) else []
            to_route = order_life.still_pending(tx, work.task(), ids) if ids else []
            routed = requests.route(tx, work.task(), to_route) if to_route else 0
            work.tally.read += len(to_route)
            work.tally.confirmed += routed
            work.tally.rejected += len(to_route) - routed
        if len(ids) < AT_ONCE:
            return
        last = ids[-1]
    work.retry_in = 0.0
