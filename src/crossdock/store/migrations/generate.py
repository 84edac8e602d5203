"""Writes the next migration from the difference between the tables and an up-to-date empty database.

Use: `python -m crossdock.store.migrations.generate "What changes"`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from crossdock.store.database import Database
from crossdock.store.migrations import migrate


def generate(message: str, folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    with tempfile.TemporaryDirectory() as scratch:
        database = Database(f"sqlite:///{scratch}/scratch.sqlite")
        migrate(database)
        with database.transaction() as tx:
            config.attributes["connection"] = tx
            number = len(list((folder / "versions").glob("[0-9]*.py"))) + 1
            command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
        database.close()


if __name__ == "__main__":
    generate(sys.argv[1], Path(__file__).parent)
