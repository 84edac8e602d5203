"""Writes the expected part of the golden files anew, for a change that is meant: what differs is then to be read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from connectors.bigcommerce import golden_readers as bigcommerce
from connectors.flat_files import golden_readers as flat_files
from connectors.tiktok_shop import golden_readers as tiktok_shop
from support.sources import name_of

READERS: tuple[tuple[Path, str, Callable[[str, Any], Any]], ...] = (
    (bigcommerce.GOLDEN, "payload", bigcommerce.read),
    (tiktok_shop.GOLDEN, "input", tiktok_shop.read),
    (flat_files.GOLDEN, "input", flat_files.read),
)
# What else lies beside them is read by tests of its own.
FOLDERS = (".", "examples", "traps")


def main() -> None:
    for path in rewritten():
        sys.stdout.write(f"Changed {name_of(path)}\n")


def rewritten() -> Iterator[Path]:
    for folder, key, read in READERS:
        for path in sorted(path for kind in FOLDERS for path in (folder / kind).glob("*.json")):
            text = path.read_text(encoding="utf-8")
            golden = json.loads(text)
            expected = read(kind_of(path), golden[key])
            if expected != golden["expected"]:
                golden["expected"] = expected
                indent = len(text.partition('"')[0].partition("\n")[2])
                path.write_text(
                    json.dumps(golden, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8"
                )
                yield path


def kind_of(path: Path) -> str:
    """The first word of a file's name, after the number of a trap."""
    words = path.stem.split("-")
    return words[1] if path.parent.name == "traps" else words[0]


if __name__ == "__main__":
    main()
