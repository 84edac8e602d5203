"""The repository's own files, as tests of its shape look at them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
HUB = SRC / "crossdock"
FOLDERS = ("src", "tests", "docs", "requirements", ".ci")
IGNORED = {"__pycache__", ".hypothesis"}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def modules(folder: Path = SRC) -> list[Path]:
    """Python files below a folder, in order."""
    return sorted(path for path in folder.rglob("*.py") if not IGNORED & set(path.parts))


def name_of(path: Path) -> str:
    """The file as a reader of a failure would look for it."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[FunctionNode]:
    """Every function and method of a module, nested ones included."""
    return (
        node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )


def imported(path: Path) -> set[str]:
    """Top-level packages that a module imports from outside."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def committed_files() -> list[Path]:
    """Everything that belongs to the repository: its folders of sources and the files beside them."""
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    beside = [path for path in ROOT.iterdir() if path.is_file() and path.suffix != ".sqlite"]
    return sorted(
        path for path in [*inside, *beside] if not IGNORED & set(path.parts) and path.suffix != ".pyc"
    )
