"""The acceptance checklist in the tests: each sentence that has to hold by now has a test that bears its number."""

from __future__ import annotations

import re
from collections import Counter

from support.sources import ROOT, functions, modules, name_of

KNOWN = range(1, 115)
REQUIRED = {
    *range(1, 68),
    *range(71, 75),
    91,
    99,
    *range(102, 115),
}
NUMBERED = re.compile(r"test_s(\d+)_\w+")


def numbered_tests() -> dict[str, list[tuple[int, str]]]:
    """Per test name the numbers it bears and the files it is in."""
    found: dict[str, list[tuple[int, str]]] = {}
    for path in modules(ROOT / "tests"):
        for function in functions(path):
            if match := NUMBERED.fullmatch(function.name):
                found.setdefault(function.name, []).append((int(match[1]), name_of(path)))
    return found


def test_every_required_sentence_has_a_test() -> None:
    there = {number for places in numbered_tests().values() for number, _ in places}

    assert sorted(REQUIRED - there) == [], "these sentences of the checklist have no test"


def test_every_number_is_one_of_the_checklist() -> None:
    unknown = {name for name, places in numbered_tests().items() if places[0][0] not in KNOWN}

    assert unknown == set()


def test_every_numbered_name_stands_for_one_test() -> None:
    repeated = {name: places for name, places in numbered_tests().items() if len(places) > 1}

    assert repeated == {}


def test_no_module_has_two_tests_of_one_name() -> None:
    """The second would silently replace the first."""
    twice = []
    for path in modules(ROOT / "tests"):
        names = Counter(function.name for function in functions(path) if function.name.startswith("test_"))
        twice += [f"{name_of(path)} {name}" for name, times in names.items() if times > 1]

    assert twice == []
