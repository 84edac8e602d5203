"""The hub's own flow between orders and locations: ends holds, routes what is ready, and misses what does not leave."""

from __future__ import annotations

from crossdock.operations.orders import order_life
from crossdock.operations.routing import overdue, requests
from crossdock.sync.work import Work

AT_ONCE = 100


def route_orders(work: Work) -> None:
    """A page of orders is one transaction; what no card takes is left until something changes, and tried once a run."""
    while True:
        with work.transaction() as tx:
            ended = order_life.end_holds(tx, work.task(), limit=AT_ONCE)
            work.tally.written += len(ended)
        if len(ended) < AT_ONCE:
            break
    with work.transaction() as tx:
        overdue.watch(tx, work.task())
    before: list[str] = []
    while True:
        with work.transaction() as tx:
            ids = requests.pending(tx, limit=AT_ONCE) if requests.is_in_use(tx) else []
            routed = requests.route(tx, work.task(), ids) if ids else 0
            work.tally.read += len(ids)
            work.tally.confirmed += routed
            work.tally.rejected += len(ids) - routed
        if not ids or ids == before:
            return
        before = ids
