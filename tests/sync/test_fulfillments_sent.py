"""A run that tells of fulfillments: what becomes of the others when the channel stops it on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from crossdock.connectors.contract import Connector
from crossdock.connectors.errors import RateLimitedError
from crossdock.domain.channel import ChannelId
from crossdock.domain.fulfillment import WantedFulfillment
from crossdock.domain.sync import Change, Confirmed, Direction, Entity, FlowKey, Outcome
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.sync import lease as leases
from crossdock.sync import workers
from crossdock.sync.fulfillments import push_fulfillments
from crossdock.sync.work import Desk, Work
from support.databases import open_database
from support.flows import add_flow
from support.make import CIPHER, SHOP, TRUTH, Bench
from support.shipping import PUSHES, enter, shown, teas_and_mugs_sold

FLOW = FlowKey(SHOP, Direction.PUSH, Entity.FULFILLMENTS)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Bench]:
    with open_database("sqlite", tmp_path) as database:
        add_flow(database, FLOW)
        workers.beat(database, "anna")
        yield teas_and_mugs_sold(Bench(database))


class Busy:
    """A channel that takes the first, and is too busy for the second."""

    def push_fulfillments(self, changes: Sequence[Change[WantedFulfillment]]) -> Iterator[Outcome]:
        yield Confirmed(changes[0].key, ChannelId("p1"))
        raise RateLimitedError("Slow down", retry_after=None)


def run(hub: Bench, channel: Any) -> None:
    lease = leases.begin(hub.database, FLOW, "run", "anna")
    assert lease is not None
    desk = Desk(hub.database, CIPHER, lambda: hub.now, lambda _: PUSHES)
    push_fulfillments(Work(desk, lease, cast(Connector, channel), PUSHES, TRUTH))


def test_what_had_no_turn_is_not_taken_for_sent(hub: Bench) -> None:
    for number in ("1Z-1", "1Z-2", "1Z-3"):
        enter(hub, Tracking("UPS", number), {"TEA": 1})

    with pytest.raises(RateLimitedError):
        run(hub, Busy())

    assert sorted(one.channels[0].state for one in shown(hub)) == ["told", "unclear", "waiting"]
