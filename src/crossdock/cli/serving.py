"""Commands that run until they are told to stop: serve and worker."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.app import Hub
from crossdock.cli.listening import listening
from crossdock.cli.output import say, to_errors
from crossdock.cli.session import open_hub
from crossdock.cli.sync import STOPPING, traced, work_until_told
from crossdock.operations.setup import keys
from crossdock.stopping import Stopping

commands = typer.Typer()


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; CROSSDOCK_HOST if left out.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; CROSSDOCK_PORT if left out.")] = 0,
) -> None:
    """The API and a worker in one process, until SIGTERM or Ctrl-C."""
    from crossdock.server import serve as serve_until_told  # here: only two commands need a web server

    with open_hub() as hub:
        at = (host or hub.config.host, port or hub.config.port)
        with traced("serve"), listening(*at) as listener, hub.engine(works=True) as engine:
            say(to_errors(), _welcome(hub, f"http://{at[0]}:{at[1]}"))
            serve_until_told(hub, engine, listener, Stopping())
            say(to_errors(), STOPPING)


def _welcome(hub: Hub, address: str) -> str:
    lines = [
        f"The API answers at {address}/api/v1, described at {address}/api/v1/openapi.json. Ctrl-C stops."
    ]
    with hub.database.reading() as tx:
        has_key = any(key.revoked_at is None for key in keys.every(tx))
    if not has_key:
        lines.append("There is no key for it yet: crossdock key create NAME --scope write")
    if not hub.config.public_url:
        lines.append("CROSSDOCK_PUBLIC_URL is not set, so the platforms are polled and send no webhooks.")
    return "\n".join(lines)


@commands.command()
def worker() -> None:
    """One worker more, on PostgreSQL; an SQLite file has room for one process only."""
    with open_hub() as hub, traced("worker"):
        work_until_told(hub)
