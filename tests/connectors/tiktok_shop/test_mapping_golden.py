"""Recorded shapes of TikTok Shop's records against what the hub makes of them (golden/*.json, golden/examples/*.json)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.tiktok_shop.golden_readers import GOLDEN, RECORDS, read

FILES = sorted([*GOLDEN.glob("*.json"), *GOLDEN.glob("examples/*.json")])


def kind_of(path: Path) -> str:
    return path.stem.partition("-")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_record_becomes_what_its_golden_file_says(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))

    assert read(kind_of(path), case["input"]) == case["expected"]


def test_every_kind_of_record_has_a_golden_file() -> None:
    assert {kind_of(path) for path in FILES} >= RECORDS.keys()
