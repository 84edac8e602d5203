"""The documents of the command line and of its file say what is so."""

from __future__ import annotations

import inspect
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from crossdock.cli.main import app
from crossdock.config import Config
from crossdock.connectors.registry import CONNECTORS
from crossdock.operations.setup import spec
from support.command import Command

DOCS = Path(__file__).parents[2] / "docs"
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")
COMMAND_LINE = (DOCS / "command-line.md").read_text(encoding="utf-8")
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    lines = [
        line.partition(" # ")[0].strip() for block in blocks(text, "console") for line in block.splitlines()
    ]
    return [line for line in dict.fromkeys(lines) if line.startswith("crossdock ")]


@cache
def command_line() -> Any:
    return get_command(app)


FILES = blocks(CONFIGURATION, "yaml")
GUIDES = [
    (DOCS / f"{name}.md").read_text(encoding="utf-8")
    for name in (
        "products",
        "inventory",
        "reconciliation",
        "orders",
        "fulfillments",
        "warehouse",
        "routing",
        "automations",
    )
]
EXAMPLES = [each for text in (COMMAND_LINE, CONFIGURATION, README, *GUIDES) for each in commands(text)]
VARIABLES = {name: f"value of {name}" for name in re.findall(r"\$\{(\w+)\}", CONFIGURATION)}


@pytest.mark.parametrize("text", FILES, ids=range(len(FILES)))
def test_every_file_of_the_documents_is_accepted(text: str) -> None:
    wanted = spec.read(text, environment=VARIABLES)

    assert spec.check(wanted, CONNECTORS) or wanted.locations


def test_the_documents_name_every_decision_about_a_location() -> None:
    named = [place for text in FILES for place in yaml.safe_load(text).get("locations", [])]

    assert {key for place in named for key in place} == set(spec.LocationSpec.model_fields)


@pytest.mark.parametrize("connector", CONNECTORS)
def test_the_complete_file_names_every_setting_and_credential(connector: str) -> None:
    complete = yaml.safe_load(FILES[0])["integrations"]
    part = next(each for each in complete.values() if each["connector"] == connector)

    assert set(part["settings"]) == set(CONNECTORS[connector].settings_type.model_fields)
    assert set(part["credentials"]) == set(CONNECTORS[connector].credentials_type.model_fields)


def test_the_complete_file_names_every_choice() -> None:
    for connector in CONNECTORS.values():
        for name, info in connector.settings_type.model_fields.items():
            for choice in getattr(info.annotation, "__members__", {}).values():
                assert re.search(rf"\b{choice.value}\b", FILES[0]), f"{name}: {choice.value}"


def test_every_variable_of_the_process_is_documented_with_its_default() -> None:
    for name, info in Config.model_fields.items():
        row = re.search(rf"^\| `CROSSDOCK_{name.upper()}` \| (.*?) \|", CONFIGURATION, flags=re.MULTILINE)
        assert row is not None, name
        assert not info.default or f"`{info.default}`" == row[1]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_documented_command_is_understood(example: str) -> None:
    """Arguments and options are parsed as the command would, without running it."""
    words = shlex.split(example)[1:]

    _parse(command_line(), words)


@pytest.mark.parametrize("text", [COMMAND_LINE, README], ids=["command-line", "readme"])
def test_the_documents_connect_in_the_order_that_the_program_asks_for(text: str) -> None:
    names = {part["connector"]: name for name, part in yaml.safe_load(FILES[0])["integrations"].items()}
    connected = [example.split()[2] for example in commands(text) if example.startswith("crossdock connect ")]

    by_hand = [kind for kind, connector in CONNECTORS.items() if not connector.is_built_in]
    assert list(dict.fromkeys(connected)) == [names[kind] for kind in by_hand]


def test_every_command_is_documented() -> None:
    for name in _names(command_line()):
        assert any(example.startswith(f"crossdock {name}") for example in EXAMPLES), name


@pytest.mark.parametrize(
    "example",
    [
        e
        for e in EXAMPLES
        if e.split()[1] in ("settings", "config", "integrations", "flows") and " my-" not in e
    ]
    + [
        "crossdock runs",
        "crossdock products",
        "crossdock orders",
        "crossdock inventory",
        "crossdock exceptions",
    ],
)
def test_commands_that_look_at_any_hub_run_as_documented(command: Command, example: str) -> None:
    done = command(*shlex.split(example)[1:])

    assert (done.code, done.err) == (0, "")


def _names(group: Any) -> list[str]:
    """All commands; the one that a group runs by itself may go unnamed."""
    names: list[str] = []
    for name, part in group.commands.items():
        inner = [f"{name} {each}" for each in getattr(part, "commands", {}) if each != "list"]
        names += inner or [name]
    return names


def _parse(command: Any, words: list[str]) -> None:
    context = command.make_context("crossdock", list(words), resilient_parsing=False)
    if not hasattr(command, "commands"):
        assert inspect.isfunction(command.callback)
        return
    rest = [*context._protected_args, *context.args]
    name, inner, left = command.resolve_command(context, rest)
    assert inner is not None, name
    _parse(inner, left)
