"""Types are looked at before threads decode them: msgspec takes no two threads that are the first to do so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from crossdock.store import codec
from crossdock.sync.engine import Engine
from support.databases import open_database

looked: list[str] = []


def noted(name: str) -> type:
    """Stands in an annotation, which msgspec evaluates when it looks at the type for the first time."""
    looked.append(name)
    return str


def struct(name: str) -> Any:
    field: Any = ("value", f"noted({name!r})")
    return msgspec.defstruct(name, [field], module=__name__)


def test_all_types_are_looked_at_once() -> None:
    kind = struct("Prepared")

    codec.prepare()
    assert "Prepared" in looked
    codec.prepare()

    assert msgspec.json.decode(b'{"value": "a"}', type=kind) == kind("a")
    assert looked.count("Prepared") == 1


@pytest.mark.engine
def test_an_engine_looks_at_them_before_it_has_threads(tmp_path: Path) -> None:
    kind = struct("Started")

    with open_database("sqlite", tmp_path) as database, Engine(database):
        assert (kind.__name__ in looked) is True
