"""How often flows look by themselves."""

from __future__ import annotations

from crossdock.domain.sync import Direction, Entity
from crossdock.operations.setup.integrations import RHYTHMS
from crossdock.sync.engine import SWEEP_SECONDS


def test_a_look_at_stock_begins_early_enough_to_end_within_a_minute_of_any_change() -> None:
    every = RHYTHMS[Direction.PULL, Entity.INVENTORY].seconds

    # A change that the last look just missed waits a whole interval, and a turn of the engine until the run begins.
    assert every + SWEEP_SECONDS <= 55
