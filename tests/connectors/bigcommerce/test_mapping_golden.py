"""Payloads as the platform sends them, beside what the hub makes of them (golden/*.json, golden/examples/*.json)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.bigcommerce.golden_readers import GOLDEN, read

FILES = sorted([*GOLDEN.glob("*.json"), *GOLDEN.glob("examples/*.json")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_payload_becomes_exactly_what_its_golden_file_says(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))

    assert read(path.stem.partition("-")[0], golden["payload"]) == golden["expected"]
