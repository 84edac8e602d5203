"""Which of a platform's known traps is covered by what: a golden payload, a test of its own, or one told elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from support.sources import ROOT, functions, modules

OWN_TEST = re.compile(r"test_trap_(\d+)_\w+")
TESTS = ROOT / "tests"


def covered_by(folder: Path, elsewhere: Mapping[int, tuple[str, ...]]) -> dict[int, list[str]]:
    """For each trap of the connector whose tests are in `folder`, the tests and payloads that cover it."""
    found: dict[int, list[str]] = {number: list(tests) for number, tests in elsewhere.items()}
    for path in modules(folder):
        for function in functions(path):
            if match := OWN_TEST.fullmatch(function.name):
                found.setdefault(int(match[1]), []).append(function.name)
    for path in sorted((folder / "golden" / "traps").glob("*.json")):
        found.setdefault(int(path.name[:2]), []).append(path.name)
    return found


def missing_tests(elsewhere: Mapping[int, tuple[str, ...]]) -> list[str]:
    """Tests that are named as covering a trap and are not there (any more)."""
    named = sorted({test for tests in elsewhere.values() for test in tests})
    return [test for test in named if not _exists(*test.split("::"))]


def _exists(module: str, function: str) -> bool:
    path = TESTS / module
    return path.is_file() and any(each.name == function for each in functions(path))
