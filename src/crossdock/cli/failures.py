"""Turns errors that a person can mend into one sentence on standard error and an exit code."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import typer
from rich.text import Text
from typer.core import TyperGroup

from crossdock.app import UnknownIntegrationError
from crossdock.cli.listening import AddressTakenError
from crossdock.cli.output import say, to_errors
from crossdock.config import Config, ConfigError
from crossdock.connectors.errors import ChannelError, SettingsError
from crossdock.operations.setup.connecting import StateError
from crossdock.operations.setup.spec import SpecError
from crossdock.operations.views.views import MarkError
from crossdock.store.cipher import WrongKeyError
from crossdock.store.database import Database
from crossdock.store.migrations import NewerSchemaError
from crossdock.store.snapshots import SnapshotError
from crossdock.store.trouble import trouble_of
from crossdock.sync.engine import WorkerRunningError

SAID_BY_THE_SENTENCE = (
    "decision",
    "status",
    "lines",
    "order",
    "return",
    "cancellation",
    "fulfillment",
    "sku",
)
FAILED = 1
CASES_OPEN = 3
UNUSABLE = 4
"""The database is full, read-only, damaged or away."""


class CommandError(Exception):
    """A command cannot do what was asked; the message says why and what to do."""


EXPECTED = (
    CommandError,
    AddressTakenError,
    MarkError,
    ConfigError,
    UnknownIntegrationError,
    ChannelError,
    SettingsError,
    StateError,
    SpecError,
    WrongKeyError,
    NewerSchemaError,
    SnapshotError,
    WorkerRunningError,
)


class Commands(TyperGroup):
    """A group whose commands end expected errors with a sentence instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except EXPECTED as error:
            complain(_sentence(error))
            raise typer.Exit(FAILED) from error
        except sa.exc.DBAPIError as error:
            if (trouble := trouble_of(error, database_place())) is not None:
                complain(trouble.text)
                raise typer.Exit(UNUSABLE) from error
            if error.statement is not None:  # it was reached, so this is no matter of its address
                raise
            complain(f"The database cannot be used: {error.orig}. Look at CROSSDOCK_DATABASE_URL")
            raise typer.Exit(UNUSABLE) from error


class ListsByDefault(TyperGroup):
    """A group that lists when no command of it is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def _sentence(error: Exception) -> str:
    """Without the name of the field where the sentence says itself what it is about."""
    if isinstance(error, SettingsError) and error.field in SAID_BY_THE_SENTENCE:
        return error.problem[:1].upper() + error.problem[1:]
    return str(error)


def database_place() -> str:
    """Where the database of this environment is, without a password."""
    database = Database(Config().database_url)
    try:
        return database.place
    finally:
        database.close()


def complain(message: str) -> None:
    say(to_errors(), Text.assemble(("Error: ", "bold red"), message))
