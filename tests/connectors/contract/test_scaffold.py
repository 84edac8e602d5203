"""`make new-connector` makes a connector that keeps the first half of the contract as it stands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import scaffold
from support.sources import ROOT

GUIDE = (ROOT / "docs" / "adding-a-connector.md").read_text(encoding="utf-8")
NEEDED = ("src", "tests/support", "tests/connectors")
FILES = ("pyproject.toml", ".importlinter")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The part of the repository that a connector grows in, compiled as it is here."""
    left_out = shutil.ignore_patterns("golden", ".hypothesis")
    for folder in NEEDED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=left_out)
    for file in FILES:
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def documented() -> tuple[list[str], list[str]]:
    """The two commands of the guide: the one that begins a connector, and the one that tries it."""
    make, tried = (
        shlex.split(line) for line in GUIDE.partition("```console\n")[2].partition("```")[0].splitlines()
    )
    return make, tried


def test_a_new_connector_keeps_the_first_half_without_a_line_changed(copy: Path) -> None:
    make, tried = documented()
    given = dict(part.split("=", 1) for part in make[2:])
    key = given["NAME"]

    assert scaffold.main([key, given["TITLE"], "--root", str(copy)]) == 0
    done = subprocess.run(
        [sys.executable, *tried[1:], "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    first_half = (ROOT / "tests/connectors/contract/test_first_half.py").read_text(encoding="utf-8")
    assert done.stdout.count(".") >= len(re.findall(r"^def test_", first_half, re.MULTILINE))


def test_a_new_connector_stands_in_every_list_of_connectors(copy: Path) -> None:
    scaffold.begin("my_warehouse", "My warehouse", copy)

    rules = (copy / ".importlinter").read_text(encoding="utf-8")
    for part in ("", ".mapping", ".client"):
        there, like = (
            rules.count(f"    crossdock.connectors.{key}{part}\n") for key in ("my_warehouse", "shipstation")
        )
        assert there == like > 0
    registry = (copy / "src/crossdock/connectors/registry.py").read_text(encoding="utf-8")
    assert "from crossdock.connectors.my_warehouse.connector import MyWarehouse\n" in registry
    assert registry.count("MyWarehouse") == 2
    assert "__" not in registry.replace("__future__", "")


@pytest.mark.parametrize(
    ("name", "title", "told"),
    [
        ("MyWarehouse", "My warehouse", "one looks like my_warehouse"),
        ("my-warehouse", "My warehouse", "one looks like my_warehouse"),
        ("", "My warehouse", "one looks like my_warehouse"),
        ("my_warehouse", "", "TITLE"),
        ("my_warehouse", 'A "good" one', "without quotes"),
        ("shipstation", "ShipStation", "there is a connector shipstation already"),
    ],
)
def test_a_name_that_cannot_be_a_connectors_is_refused_and_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, title: str, told: str
) -> None:
    (tmp_path / "src/crossdock/connectors/shipstation").mkdir(parents=True)

    assert scaffold.main([name, title, "--root", str(tmp_path)]) == 2

    assert told in capsys.readouterr().err
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_guide_names_a_target_that_there_is() -> None:
    make, _ = documented()

    assert make[0] == "make"
    assert re.search(rf"^{make[1]}: ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
