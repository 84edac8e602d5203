"""Brings a database to the newest schema, on start and safely beside other starting processes."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from crossdock.store.database import Database

LOCK = 7_240_001


class NewerSchemaError(Exception):
    """The database was written by a newer Crossdock."""


def migrate(database: Database) -> None:
    """Run what is missing, in one transaction that no other process shares."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    newest = ScriptDirectory.from_config(config).get_current_head()
    with database.transaction() as tx:
        if not database.is_sqlite:
            tx.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        current = MigrationContext.configure(tx).get_current_revision()
        if current == newest:
            return
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current is not None and current not in known:
            raise NewerSchemaError("This database was used by a newer Crossdock; start that version again")
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
