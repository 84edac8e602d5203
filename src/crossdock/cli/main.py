"""The `crossdock` command with all that it can do."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock import __version__
from crossdock.cli import (
    aftersales,
    automations,
    backups,
    cases,
    drifting,
    explaining,
    fulfillments,
    goods,
    hub_lists,
    keys,
    logs,
    places,
    requests,
    retention,
    returns,
    routing,
    serving,
    settings,
    setup,
    shipping_methods,
    sync,
    webhooks,
)
from crossdock.cli.demo import command as demo
from crossdock.cli.failures import Commands
from crossdock.cli.output import to_people
from crossdock.cli.session import config

LOUD = ("serve", "worker")

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A self-hosted integration hub between TikTok Shop and BigCommerce.",
)
for part in (
    demo,
    setup,
    settings,
    sync,
    serving,
    hub_lists,
    goods,
    aftersales,
    returns,
    fulfillments,
    routing,
    requests,
    shipping_methods,
    automations,
    explaining,
    places,
    cases,
    drifting,
    keys,
    backups,
    retention,
    webhooks,
):
    app.add_typer(part.commands)


def _print_version(wanted: bool) -> None:
    if wanted:
        to_people().print(__version__)
        raise typer.Exit


@app.callback()
def _prepare(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  # its callback answers
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Logs go to standard error: those of long-running commands as configured, of all others only warnings."""
    configured = config()
    level = configured.log_level if context.invoked_subcommand in LOUD else "WARNING"
    logs.configure(level, form=configured.log_format)


def run() -> None:
    app(prog_name="crossdock")


if __name__ == "__main__":
    run()
