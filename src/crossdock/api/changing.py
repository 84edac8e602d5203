"""How requests change what is set up: at once, or only to learn what would follow."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.api.desk import ApiDesk
from crossdock.api.forms import Changed
from crossdock.api.problems import not_found
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.setup.integrations import Integration
from crossdock.operations.setup.spec import Spec


@dataclass(frozen=True, slots=True)
class How:
    """Who asks, and how the change is to be made."""

    actor: str
    is_dry_run: bool
    is_confirmed: bool
    reason: str = ""


def changed(desk: ApiDesk, wanted: Spec, how: How) -> Changed:
    """Raises SpecError, and NeedsConfirmationError for what the request does not confirm."""
    if how.is_dry_run:
        proposal = desk.hub.preview(wanted)
    else:
        proposal = desk.hub.apply(wanted, actor=how.actor, confirm=how.is_confirmed, reason=how.reason)
    return Changed(is_dry_run=how.is_dry_run, differences=list(proposal.differences), effect=proposal.effect)


def stored(desk: ApiDesk, name: str) -> Integration:
    """The integration of that name; a problem when there is none."""
    with desk.database.reading() as tx:
        found = accounts.get(tx, name)
    if found is None:
        raise not_found(f"integration {name!r}")
    return found
