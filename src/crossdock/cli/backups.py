"""Commands that put the hub into a file, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from crossdock import backups
from crossdock.cli.failures import CommandError
from crossdock.cli.output import AsJson, answer, moment
from crossdock.cli.session import config

commands = typer.Typer()


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to put it.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put the hub's key in as well: the file alone then opens all.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put the whole hub into one file, while it goes on working."""
    if file.exists() and not force:
        raise CommandError(f"{file} is there already; --force replaces it")
    made = backups.backup(config(), file, now=datetime.now(UTC), with_key=with_key)
    key = made.key_fingerprints[0]
    document = msgspec.to_builtins(made) | {"file": str(file), "bytes": file.stat().st_size}
    said = f"Backed up to {file} ({file.stat().st_size / 1e6:.1f} MB)."
    told = (
        "It holds the hub's key: whoever has it can read all credentials and buyers."
        if with_key
        else f"It can be restored with key {key} only, which is not in it: keep that, and apart from it."
    )
    answer(document, said, told, as_json=as_json)


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    force: Annotated[
        bool,
        typer.Option("--force", help="Put it in the place of the hub that is there, which is put aside."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the hub back to a backup. It then first reads what happened since, and sends nothing twice."""
    done = backups.restore(config(), file, now=datetime.now(UTC), force=force)
    document = {
        "file": str(file),
        "made_at": done.manifest.made_at,
        "aside": str(done.aside) if done.aside else None,
        "has_brought_key": done.has_brought_key,
    }
    said = [f"The hub is as it was on {moment(done.manifest.made_at)}."]
    if done.aside:
        said.append(f"What was there before is in {done.aside}; delete it once all is well.")
    if done.has_brought_key:
        said.append("Its key came with it, and is in its place.")
    said.append(
        "Start it now: it first reads what happened since, then writes. Sales that it may have reported in between "
        "are exception cases until the stock shows them: crossdock exceptions"
    )
    answer(document, *said, as_json=as_json)
