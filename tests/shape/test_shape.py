"""The house style, where a machine can check it: sizes, docstrings, types, and what may be used where."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from importlinter import cli as import_linter

from support.sources import HUB, ROOT, SRC, FunctionNode, functions, imported, modules, name_of, tree

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
MOST_ARGUMENTS = 5
GENERATED = "store/migrations/versions/"

HUB_MODULES = modules(HUB)
PURE = [
    path
    for path in HUB_MODULES
    if {"domain", "operations", "mapping"} & set(path.relative_to(HUB).parts[:-1])
]


def hub_name(path: Path) -> str:
    return path.relative_to(HUB).as_posix()


def test_everybody_imports_only_whom_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert import_linter.lint_imports(str(ROOT / ".importlinter"), no_cache=True, no_logo=True) == 0


def test_modules_stay_under_four_hundred_lines() -> None:
    paths = [*modules(), *modules(ROOT / "tests")]
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}

    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_MODULE} == {}


def test_functions_fit_a_screen() -> None:
    too_long = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path in modules()
        if GENERATED not in name_of(path)
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]

    assert too_long == []


def arguments(function: FunctionNode) -> int:
    """How many a caller has to think of; `self`, `cls` and what is named `_` are none of them."""
    of = function.args
    named = [*of.posonlyargs, *of.args, *of.kwonlyargs]
    return sum(1 for argument in named if argument.arg not in ("self", "cls", "_"))


def has_leave(path: Path, function: FunctionNode) -> bool:
    """Whether the line of the definition says why it needs more: `# noqa: PLR0913  # …`."""
    line = path.read_text(encoding="utf-8").splitlines()[function.lineno - 1]
    _, marker, reason = line.partition("noqa: PLR0913")
    return bool(marker) and len(reason.strip(" #")) > 10


def test_functions_take_up_to_five_arguments_or_say_why_more() -> None:
    too_many = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path in modules()
        for function in functions(path)
        if arguments(function) > MOST_ARGUMENTS and not has_leave(path, function)
    ]

    assert too_many == []


def test_every_module_opens_with_one_sentence_saying_what_it_holds() -> None:
    without = []
    for path in modules():
        docstring = ast.get_docstring(tree(path)) or ""
        if not docstring.partition("\n")[0].endswith((".", ":")):
            without.append(name_of(path))

    assert without == []


def test_everything_in_the_domain_is_typed() -> None:
    untyped = []
    for path in modules(HUB / "domain"):
        for function in functions(path):
            of = function.args
            named = [a for a in [*of.posonlyargs, *of.args, *of.kwonlyargs] if a.arg not in ("self", "cls")]
            if function.returns is None or any(argument.annotation is None for argument in named):
                untyped.append(f"{name_of(path)}:{function.lineno} {function.name}")

    assert untyped == []


def test_the_domain_is_standard_library_only() -> None:
    foreign = {hub_name(path): imported(path) - sys.stdlib_module_names for path in modules(HUB / "domain")}

    assert {name: found - {"crossdock"} for name, found in foreign.items() if found - {"crossdock"}} == {}


def test_data_of_the_domain_is_frozen() -> None:
    thawed = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules(HUB / "domain")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
        and not any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]

    assert [each for each in thawed if not each.endswith(" Tally")] == []


def users_of(package: str, paths: Iterable[Path] = HUB_MODULES) -> set[str]:
    return {hub_name(path) for path in paths if package in imported(path)}


def builds_sql(path: Path) -> bool:
    """Whether a module uses more of the SQL library than the names of its errors."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.ImportFrom(module=str(name)) if (
                name.startswith("sqlalchemy") and name != "sqlalchemy.exc"
            ):
                return True
            case ast.Attribute(value=ast.Name(id="sa"), attr=name) if name != "exc":
                return True
    return False


def test_sql_stays_where_the_store_is_worked_on() -> None:
    outside = {hub_name(path) for path in HUB_MODULES if builds_sql(path)}

    assert {name for name in outside if not name.startswith(("store/", "operations/", "sync/"))} == set()


def test_http_goes_out_through_one_module() -> None:
    allowed = {"connectors/http.py", "app.py"}

    outside = {name for name in users_of("httpx2") if not name.startswith("cli/demo/")} - allowed

    assert outside == set()


def test_one_module_alone_knows_the_job_engine() -> None:
    assert len(users_of("dbos")) == 1


# A key is made of nothing but chance, and leaves the operation once: there is nothing to pass in.
MADE_OF_CHANCE = "operations/setup/keys.py imports secrets"


def clock_readings(path: Path) -> list[str]:
    """Where a module asks the time or rolls dice instead of being told."""
    found = [
        f"{hub_name(path)} imports {name}" for name in imported(path) & {"random", "secrets", "time", "uuid"}
    ]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            if called.endswith((".now", ".utcnow", ".today")) and called.startswith(("datetime", "date")):
                found.append(f"{hub_name(path)}:{node.lineno} calls {called}")
    return found


def test_time_and_chance_are_passed_in() -> None:
    found = {reading for path in PURE for reading in clock_readings(path)}

    assert found - {MADE_OF_CHANCE} == set()


CONNECTORS = {"bigcommerce", "flat_files", "manual_warehouse", "shipstation", "tiktok_shop"}
# Shows what a document looks like, and decides nothing.
EXAMPLE = "operations/setup/settings_changes.py bigcommerce"


def test_only_connectors_and_who_puts_them_together_know_a_connector_by_name() -> None:
    """What differs from channel to channel is a word of `Rules` or a capability of the contract."""
    named = {
        f"{hub_name(path)} {node.value}"
        for folder in ("domain", "store", "operations", "sync")
        for path in modules(HUB / folder)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and node.value in CONNECTORS
    }

    assert named == {EXAMPLE}


def test_nothing_is_printed() -> None:
    printed = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules(SRC)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert printed == []


def test_no_error_is_caught_without_being_named() -> None:
    bare = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules(SRC)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]

    assert bare == []
