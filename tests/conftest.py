"""What all tests share: quiet logs, and worlds to tell journeys in."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from support import once
from support.databases import drop_copies, fresh_database
from support.world import World, world

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
once.share()
# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """All tests and what they import stay until the end: no collection of garbage has to look at them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _leave_nothing_on_the_server() -> Iterator[None]:
    yield
    drop_copies()


@pytest.fixture
def small_world(tmp_path: Path) -> Iterator[World]:
    """A dozen products in a US shop's merchant's store; nothing connected yet."""
    with world(tmp_path) as made:
        yield made


@pytest.fixture(params=["postgresql" if os.environ.get("CROSSDOCK_REQUIRE_POSTGRESQL") == "1" else "sqlite"])
def any_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The same on either database: PostgreSQL in CI, which has no time for both, and SQLite elsewhere."""
    with fresh_database(request.param, tmp_path, empty=True) as url, world(tmp_path, url=url) as made:
        yield made
