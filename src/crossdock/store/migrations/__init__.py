"""Brings a database to the newest schema, on start and safely beside other starting processes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from crossdock.store import planning
from crossdock.store.database import Database, Transaction

LOCK = 7_240_001


class NewerSchemaError(Exception):
    """The database was written by a newer Crossdock."""


@cache
def newest_schema() -> str:
    """The schema that this code works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


@cache
def known_schemas() -> frozenset[str]:
    """That one and all before it, from which it can be reached."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def schema_of(tx: Transaction) -> str | None:
    """The schema of a database; None where it has none of ours."""
    return MigrationContext.configure(tx).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def migrate(database: Database) -> None:
    """Run what is missing, in one transaction that no other process shares."""
    newest = newest_schema()
    with database.reading() as tx:
        if schema_of(tx) == newest:
            return
    with database.transaction() as tx:
        if not database.is_sqlite:
            tx.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        current = schema_of(tx)
        if current == newest:
            return
        if current is not None and current not in known_schemas():
            raise NewerSchemaError("This database was used by a newer Crossdock; start that version again")
        config = _config()
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
        planning.tell(tx)
