"""What every test would make anew and always comes out the same: made once in a process.

A process that starts reads the migrations, compiles its statements, loads the certificates of all authorities
of the world and puts the command line together. Tests start in that sense thousands of times.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from ssl import SSLContext
from typing import Any

import httpcore2
import sqlalchemy as sa
import typer.main
import typer.testing
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.util import LRUCache

from crossdock.store import database

STATEMENTS = 4_000


def share() -> None:
    """For the rest of the process; nothing that is shared is ever changed."""
    httpcore2.default_ssl_context = _certificates(httpcore2.default_ssl_context)
    ScriptDirectory.from_config = _scripts(ScriptDirectory.from_config)  # type: ignore[method-assign]
    typer.testing._get_command = cache(typer.main.get_command)
    for name in ("_sqlite_engine", "_postgresql_engine"):
        setattr(database, name, _engines(getattr(database, name)))


def _certificates(load: Callable[..., SSLContext]) -> Callable[..., SSLContext]:
    @cache
    def loaded(trust_env: bool, *_: str | None) -> SSLContext:
        return load(_trust_env=trust_env)

    def context(*, _trust_env: bool = True) -> SSLContext:
        return loaded(_trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))

    return context


def _scripts(read: Callable[[Config], ScriptDirectory]) -> Callable[[Config], ScriptDirectory]:
    known: dict[str | None, ScriptDirectory] = {}

    def scripts(config: Config) -> ScriptDirectory:
        place = config.get_main_option("script_location")
        if place not in known:
            known[place] = read(config)
        return known[place]

    return scripts


def _engines(make: Callable[[str], sa.Engine]) -> Callable[[str], sa.Engine]:
    statements = _Statements(STATEMENTS)

    def engine(url: str) -> sa.Engine:
        made = make(url)
        made.update_execution_options(compiled_cache=statements)
        return made

    return engine


class _Statements(LRUCache[Any, Any]):
    """Compiled statements of all engines of one kind: their dialects, first in each key, are alike but not the same."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)
