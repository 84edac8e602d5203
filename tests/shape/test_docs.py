"""The documents keep pace with the code: what they point at exists."""

from __future__ import annotations

import ast
import re

from support.sources import ROOT, tree

MAP = ROOT / "docs" / "architecture.md"
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PATH = re.compile(r"`((?:src|tests|docs|requirements)/[\w./<>-]+|[\w-]+/[\w./<>-]+\.(?:py|md))`")
FUNCTION = re.compile(r"`([\w/<>]+\.py)` → `(\w+)`")
HEADINGS = ["## Context", "## Decision", "## Consequences"]
CONNECTORS = ("bigcommerce", "tiktok_shop")


def candidates(path: str) -> list[str]:
    """`<name>` stands for each connector; a path without a top folder lies in the hub."""
    paths = [path.replace("<name>", name) for name in CONNECTORS] if "<name>" in path else [path]
    return [
        p if p.startswith(("src/", "tests/", "docs/", "requirements/")) else f"src/crossdock/{p}"
        for p in paths
    ]


def test_every_path_on_the_map_exists() -> None:
    named = [path for text in PATH.findall(MAP.read_text(encoding="utf-8")) for path in candidates(text)]

    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_function_on_the_map_is_where_the_map_says() -> None:
    found = FUNCTION.findall(MAP.read_text(encoding="utf-8"))

    missing = []
    for path, function in found:
        for place in candidates(path):
            names = {
                n.name for n in ast.walk(tree(ROOT / place)) if isinstance(n, (ast.FunctionDef, ast.ClassDef))
            }
            if function not in names:
                missing.append(f"{place} has no {function}")
    assert len(found) > 8
    assert missing == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name.partition("-")[0]) for path in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_decision_says_why_what_and_what_follows_on_one_page() -> None:
    for path in DECISIONS:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith(f"# {int(path.name.partition('-')[0])}. "), path.name
        assert [line for line in lines if line.startswith("## ")] == HEADINGS, path.name
        assert sum(len(line.split()) for line in lines) <= 450, path.name
