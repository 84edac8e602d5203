"""Seeded storms: random life, faults and deaths; when the weather clears, every promise holds. See `python -m storm`."""

from __future__ import annotations

from pathlib import Path

import pytest

from storm.storm import run

ONCE_FAILED = (14, 34, 65)
"""Seeds that found something. Fresh ones are for `make storm`, until a thousand of them are green in a row."""


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_after_a_storm_that_once_did_harm_every_promise_holds(tmp_path: Path, seed: int) -> None:
    _assert_calm(tmp_path, seed)


def _assert_calm(folder: Path, seed: int) -> None:
    verdict = run(seed, folder)
    said = "\n".join((f"make storm SEED={seed}", *verdict.problems, "", *verdict.log[-60:]))
    assert not verdict.problems, said


def test_a_seed_replays_exactly(tmp_path: Path) -> None:
    verdicts = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        verdicts.append(run(3, tmp_path / name))

    assert verdicts[0] == verdicts[1]
    assert not verdicts[0].problems
