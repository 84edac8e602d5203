"""The steps of the demo: connect both platforms, sync, sell on both, and look at what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from crossdock.app import Hub
from crossdock.cli.demo import consent, stock
from crossdock.cli.demo.merchant import SHOP, STORE, apply_file
from crossdock.cli.demo.platforms import Platforms
from crossdock.cli.demo.stock import SoldLine, Stocks
from crossdock.cli.failures import CommandError
from crossdock.cli.rounds import FlowResult, Round, Watch
from crossdock.cli.setup import returned
from crossdock.operations.setup import spec
from crossdock.operations.setup.integrations import Status
from crossdock.sync.engine import Engine

PATIENCE_SECONDS = 60.0
BETWEEN_LOOKS_SECONDS = 0.5


@dataclass(frozen=True)
class Stage:
    """What all steps work with."""

    hub: Hub
    engine: Engine
    platforms: Platforms
    watch: Watch

    def sync(self) -> list[FlowResult]:
        return Round(self.hub, self.engine, self.hub.flows(), self.watch).run()

    def sync_until(self, is_so: Callable[[], bool]) -> bool:
        """Sync until this holds, for a while: platforms review listings and apply adjustments in their own time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                return False
            time.sleep(BETWEEN_LOOKS_SECONDS)
            self.sync()
        return True


def connect(hub: Hub, platforms: Platforms) -> None:
    """Apply the merchant's file, and connect both accounts as a person would."""
    hub.apply(spec.read(apply_file(platforms)))
    connected = hub.connect(STORE)
    if connected.status is Status.CONNECTED:
        asked = hub.connect(SHOP)
        back = consent.approve(asked.authorize_link, platforms.shop.client)
        connected = hub.connect(SHOP, **returned(back))
    if connected.status is not Status.CONNECTED:
        raise CommandError(f"{connected.integration} did not connect: {connected.reason}")


def sell(stage: Stage) -> list[SoldLine]:
    """Buyers order on both platforms; then sync until both tell the same, and once more to see that nothing repeats."""
    before = stock.read(stage.platforms)
    on_store, on_shop = stock.choose_sales(before)
    if not on_store:
        return []
    stage.platforms.store.order(on_store)
    stage.platforms.shop.order(on_shop, on_hold=False)

    def lines() -> list[SoldLine]:
        return stock.sold_lines(before, stock.read(stage.platforms), on_store=on_store, on_shop=on_shop)

    stage.sync()
    stage.sync_until(lambda: all(line.is_right for line in lines()))
    stage.sync()
    return lines()


def wait_for_equal_stock(stage: Stage) -> Stocks:
    """Both platforms' numbers once they agree, or as they are when patience ends."""
    stage.sync_until(lambda: not stock.read(stage.platforms).differences())
    return stock.read(stage.platforms)


def writes_of_another_sync(stage: Stage) -> list[str]:
    """What one more sync with nothing new writes, by the platforms' own logs: nothing is right."""
    sides = (stage.platforms.store, stage.platforms.shop)
    seen = [side.last_request() for side in sides]
    stage.sync()
    return [write for side, number in zip(sides, seen, strict=True) for write in side.writes_since(number)]
