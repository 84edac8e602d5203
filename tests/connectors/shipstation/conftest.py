"""A simulated account for this connector's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.shipstation.bench import Yard, open_yard


@pytest.fixture
def yard() -> Iterator[Yard]:
    with open_yard() as made:
        yield made
