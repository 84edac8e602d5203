"""Commands about the keys that open the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from crossdock.app import Hub
from crossdock.cli.failures import CommandError, ListsByDefault
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import open_hub
from crossdock.cli.tables import table
from crossdock.operations.setup import keys as api_keys

commands = typer.Typer()
keys = typer.Typer(cls=ListsByDefault)
commands.add_typer(keys, name="key", help="Create, show or revoke the keys of the API.")


def made(hub: Hub, name: str, scopes: Sequence[str]) -> str:
    """A new key; its secret is told here and never again."""
    with hub.database.transaction() as tx:
        return api_keys.create(tx, name, scopes, hub.clock())


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What it is for, so that it can be told apart.")],
    scope: Annotated[
        list[api_keys.Scope] | None, typer.Option(help="write may read, too; read if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. Its secret is shown this once."""
    scopes = scope or [api_keys.Scope.READ]
    with open_hub() as hub:
        secret = made(hub, name, scopes)
    document = {"name": name, "scopes": scopes, "secret": secret}
    answer(document, secret, "Keep it: it is not shown again.", as_json=as_json)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """All keys, revoked ones too, without their secrets."""
    with open_hub() as hub, hub.database.reading() as tx:
        found = api_keys.every(tx)
    rows = [(key.id, key.name, key.scopes, key.created_at, key.revoked_at) for key in found]
    answer(found, table("Keys", ("Id", "Name", "Scopes", "Created", "Revoked"), rows), as_json=as_json)


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="The id of the key.")],
    as_json: AsJson = False,
) -> None:
    """End a key at once."""
    with open_hub() as hub, hub.database.transaction() as tx:
        if not api_keys.revoke(tx, key, hub.clock()):
            raise CommandError(f"There is no key {key} that is still good; see crossdock key list")
    answer({"id": key, "revoked": True}, f"Key {key} is revoked.", as_json=as_json)
