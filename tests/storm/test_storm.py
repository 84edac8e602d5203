"""Seeded storms: random life, faults and deaths; when the weather clears, every promise holds. See `python -m storm`."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest

from storm.storm import run

ONCE_FAILED = (14, 34, 65, 4148)
REPLAYED = 3092
"""Seeds that found something."""
FRESH = [int(f"{date.today():%Y%m%d}") * 10 + number for number in range(2)]  # noqa: DTZ011  # any day will do
"""Seeds that nobody has tried before this day: what they find can be looked at until midnight."""


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_after_a_storm_that_once_did_harm_every_promise_holds(tmp_path: Path, seed: int) -> None:
    _assert_calm(tmp_path, seed)


@pytest.mark.parametrize("seed", FRESH)
def test_s106_s107_s109_s114_hold_after_a_storm_of_this_day(tmp_path: Path, seed: int) -> None:
    _assert_calm(tmp_path, seed)


def _assert_calm(folder: Path, seed: int) -> None:
    verdict = run(seed, folder)
    said = "\n".join((f"make storm SEED={seed}", *verdict.problems, "", *verdict.log[-60:]))
    assert not verdict.problems, said


def test_a_seed_replays_exactly_in_another_process(tmp_path: Path) -> None:
    """Neither what a process did before, nor how it orders what has no order, may matter."""
    folders = [tmp_path / name for name in ("here", "elsewhere")]
    for folder in folders:
        folder.mkdir()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        elsewhere = pool.submit(run, REPLAYED, folders[1])
        here = run(REPLAYED, folders[0])

        assert here == elsewhere.result()
    assert not here.problems
