"""What the API is handed: the hub's own operations, the engine's wake, and the connectors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends, Request
from prometheus_client.registry import Collector

from crossdock.connectors.contract import Connector, Rules
from crossdock.domain.fulfillment import ShippingLabel
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.setup.configuring import Proposal
from crossdock.operations.setup.connecting import Connection
from crossdock.operations.setup.spec import Spec
from crossdock.operations.task import Task
from crossdock.store.cipher import Cipher
from crossdock.store.database import Database, Transaction


class HubTools(Protocol):
    """What the API needs of the hub; `app.Hub` has it all."""

    @property
    def database(self) -> Database: ...

    @property
    def cipher(self) -> Cipher: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    def rules_of(self, name: str) -> Rules: ...

    def preview(self, wanted: Spec) -> Proposal: ...

    def apply(
        self, wanted: Spec, *, actor: str = "", confirm: bool = False, reason: str = ""
    ) -> Proposal: ...

    def connect(self, name: str, *, code: str = "", state: str = "") -> Connection: ...

    def finish_consent(self, *, code: str, state: str) -> Connection: ...

    def resync(self, name: str, direction: Direction, entity: Entity) -> None: ...

    def shipping_labels(self, fulfillment: str) -> list[ShippingLabel]: ...


@dataclass(frozen=True)
class ApiDesk:
    """Everything that requests are answered with."""

    hub: HubTools
    wake: Callable[[FlowKey], object]
    """A person wants this flow to run now."""
    hint: Callable[[FlowKey, Collection[str]], object]
    """A platform says that this flow would find something, perhaps in which records; it changes no back-off."""
    connectors: Mapping[str, type[Connector]]
    public_url: str = ""
    is_stopping: Callable[[], bool] = lambda: False
    """Whether this process has been told to stop, and takes no new work."""
    own_figures: Collector | None = None
    """What this process counts itself."""

    @property
    def database(self) -> Database:
        return self.hub.database

    def task(self, tx: Transaction, integration: str, *, rules: Rules | None = None, actor: str = "") -> Task:
        """A person acts for this integration, now."""
        return Task(
            integration=integration,
            now=self.hub.clock(),
            cipher=self.hub.cipher,
            rules=rules or Rules(),
            truth=accounts.truth(tx),
            actor=actor,
        )

    def rules(self, integration: str) -> Rules | None:
        """None where there is no such integration."""
        with self.database.reading() as tx:
            is_known = accounts.get(tx, integration) is not None
        return self.hub.rules_of(integration) if is_known else None


def desk_of(request: Request) -> ApiDesk:
    desk: ApiDesk = request.app.state.desk
    return desk


Desk = Annotated[ApiDesk, Depends(desk_of)]
"""The desk, as a parameter of a route."""
