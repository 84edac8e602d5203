"""Begins a connector: its folder, its line in the registry, its import rules, its subject for the contract suite."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from support.sources import ROOT

TEMPLATE = Path(__file__).parent / "connector_template"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TITLE = re.compile(r"[^\"\\{}\n]{1,40}")
ANCHOR = "tiktok_shop"
"""A connector that is in every list, so that the new one can stand before it."""
LEFT_TO_DO = """
{title} is begun: src/crossdock/connectors/{key}/. It reads from tests/connectors/{key}/fake.py, and passes:

  .venv/bin/python -m pytest tests/connectors/contract/test_first_half.py -k {key}

Now make both those of the platform; docs/adding-a-connector.md says in which order, and what else belongs to it.
"""


class RefusedError(ValueError):
    """A name or a title that cannot be a connector's."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make new-connector", description=__doc__)
    parser.add_argument("name", help="the key, as my_warehouse")
    parser.add_argument("title", help="what people call it, as My warehouse")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository")
    given = parser.parse_args(arguments)
    try:
        made = begin(given.name, given.title, given.root)
    except RefusedError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path in made:
        sys.stdout.write(f"{path.relative_to(given.root)}\n")
    sys.stdout.write(LEFT_TO_DO.format(key=given.name, title=given.title))
    return 0


def begin(key: str, title: str, root: Path) -> list[Path]:
    """All files that were written or changed. Raises RefusedError before anything is."""
    if not NAME.fullmatch(key):
        raise RefusedError(f"NAME: {key!r} is no key; one looks like my_warehouse")
    if not TITLE.fullmatch(title.strip()):
        raise RefusedError("TITLE: give it a name of 1 to 40 characters without quotes, as My warehouse")
    if (root / "src/crossdock/connectors" / key).exists():
        raise RefusedError(f"NAME: there is a connector {key} already")
    words = {"__KEY__": key, "__NAME__": class_name(key), "__TITLE__": title.strip()}
    made = [*_written(words, root), _registered(words, root), _guarded(key, root)]
    python = [str(path) for path in made if path.suffix == ".py"]
    for how in (["check", "--select", "I", "--fix"], ["format"]):
        command = [sys.executable, "-m", "ruff", *how, "--quiet", *python]
        subprocess.run(command, cwd=root, check=True)
    return made


def class_name(key: str) -> str:
    return "".join(part.capitalize() for part in key.split("_"))


def _written(words: dict[str, str], root: Path) -> Iterator[Path]:
    key = words["__KEY__"]
    targets = {
        "src": root / "src/crossdock/connectors" / key,
        "tests/fake.py.txt": root / "tests/connectors" / key / "fake.py",
        "tests/subject.py.txt": root / "tests/connectors/contract" / f"{key}.py",
    }
    for source in sorted(TEMPLATE.rglob("*.txt")):
        name = source.relative_to(TEMPLATE).as_posix()
        target = targets.get(name) or targets["src"] / name.removeprefix("src/").removesuffix(".txt")
        text = source.read_text(encoding="utf-8")
        for word, meaning in words.items():
            text = text.replace(word, meaning)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        yield target


def _registered(words: dict[str, str], root: Path) -> Path:
    """One import and one place in the list, which is the last: connected after all others."""
    path = root / "src/crossdock/connectors/registry.py"
    text = path.read_text(encoding="utf-8")
    line = f"from crossdock.connectors.{words['__KEY__']}.connector import {words['__NAME__']}\n"
    anchor = "from crossdock.connectors.contract import"
    listed = re.search(r"for kind in \((?P<kinds>[^)]*)\)", text)
    if anchor not in text or listed is None:
        raise RefusedError(f"{path} is not as expected; add {words['__NAME__']} to it by hand")
    kinds = f"{listed['kinds'].rstrip().rstrip(',')}, {words['__NAME__']}"
    text = text[: listed.start("kinds")] + kinds + text[listed.end("kinds") :]
    path.write_text(text.replace(anchor, line + anchor, 1), encoding="utf-8")
    return path


def _guarded(key: str, root: Path) -> Path:
    """Into every list of connectors, of their mappings and of their clients."""
    path = root / ".importlinter"
    text = path.read_text(encoding="utf-8")
    for part in ("", ".mapping", ".client"):
        before = f"    crossdock.connectors.{ANCHOR}{part}\n"
        text = text.replace(before, f"    crossdock.connectors.{key}{part}\n{before}")
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
