"""The hub that tests of operations work on, once per kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.databases import KINDS
from support.make import Bench, bench


@pytest.fixture(params=KINDS)
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with bench(request.param, tmp_path) as one:
        yield one
