"""Simulated shops for this connector's tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.tiktok_shop.shop_bench import MUG, TOTE
from connectors.tiktok_shop.tiktok_bench import SimulatedShop, simulated_shop
from crossdock_simulators.kit import Clock
from crossdock_simulators.tiktok_shop.seed import load_listings


@pytest.fixture
def shop() -> Iterator[SimulatedShop]:
    with simulated_shop() as made:
        load_listings(made.simulator.shop, [MUG, TOTE])
        yield made


@pytest.fixture
def quiet_shop() -> Iterator[SimulatedShop]:
    """Its clock is an hour behind, so that what happened there happened long ago."""
    with simulated_shop(clock=Clock(datetime.now(UTC) - timedelta(hours=1))) as made:
        load_listings(made.simulator.shop, [MUG, TOTE])
        yield made
