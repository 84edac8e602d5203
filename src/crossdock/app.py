"""Puts the pieces together; the only module that knows them all."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from crossdock.config import Config
from crossdock.connectors.contract import (
    Connector,
    OffersLabels,
    Rules,
    SendsWebhooks,
    SignsInByLink,
    TakesShippingRequests,
    Toolbox,
)
from crossdock.connectors.errors import AccessMissingError, ChannelError, CredentialsError, SettingsError
from crossdock.connectors.http import AddressRule, Gate, OpenGate, is_on_this_machine
from crossdock.connectors.registry import CONNECTORS
from crossdock.connectors.settings import ConnectorSettings, Credentials
from crossdock.domain.channel import ChannelId
from crossdock.domain.fulfillment import ShippingLabel
from crossdock.domain.sync import UPKEEP, Direction, Entity, FlowKey
from crossdock.equipment import (
    Outbound,
    configure_own_flows,
    keep,
    mail_server,
    private_hosts,
    spare_the_collector,
)
from crossdock.operations.automations import firing
from crossdock.operations.catalog import products
from crossdock.operations.fulfillments import platform_labels
from crossdock.operations.setup import configuring, connecting, integrations, overview, spec
from crossdock.operations.setup import webhooks as registrations
from crossdock.operations.setup.configuring import Kit, Plan, Proposal
from crossdock.operations.setup.connecting import Connection, StateError
from crossdock.operations.setup.integrations import Integration, Status
from crossdock.operations.setup.spec import Spec
from crossdock.operations.task import HUB, Task
from crossdock.store.cipher import Cipher
from crossdock.store.database import Database
from crossdock.store.memory import StoredMemory, StoredVault
from crossdock.store.migrations import migrate
from crossdock.sync import webhooks
from crossdock.sync.calm import CalmGate
from crossdock.sync.engine import Engine
from crossdock.sync.lease import Lease
from crossdock.sync.pace import Pace
from crossdock.sync.reading import read_listings_now
from crossdock.sync.runner import Runner
from crossdock.sync.upkeep import Upkeep
from crossdock.sync.work import Desk
from crossdock.telemetry.figures import Figures


class UnknownIntegrationError(Exception):
    """There is no integration of that name; the message lists those there are."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Hub:
    """One merchant's hub: its database and everything that works on it."""

    config: Config
    database: Database
    cipher: Cipher
    clock: Callable[[], datetime]

    @classmethod
    def open(cls, config: Config, *, clock: Callable[[], datetime] = utc_now) -> Hub:
        """Open the hub's database, brought up to the newest schema. Raises ConfigError, WrongKeyError."""
        cipher = Cipher(config.secrets())
        with ExitStack() as stack:
            database = stack.enter_context(closing(Database(config.database_url)))
            migrate(database)
            configure_own_flows(database)
            hub = cls(config, database, cipher, clock)
            # Now and not at the first secret that is read: until then a wrong key would encrypt what comes in.
            for integration in hub.integrations()[:1]:
                integration.secrets(cipher)
            if config.public_url:
                hub.watch_webhooks()
            stack.pop_all()
        return hub

    def __post_init__(self) -> None:
        self.figures = Figures()
        self.outbound = Outbound(self.figures)
        self._engine: Engine | None = None
        self.database.before_commit = lambda tx: firing.run(tx, self.rules_of)
        self.desk = Desk(
            self.database,
            self.cipher,
            self.clock,
            self.rules_of,
            title_of=self.title_of,
            mail=mail_server(self.config),
            addresses=AddressRule(private_hosts=private_hosts(self.config)),
            public_url=self.config.public_url,
        )

    def close(self) -> None:
        self.outbound.close()
        self.database.close()

    # Integrations

    def integration(self, name: str) -> Integration:
        """Raises UnknownIntegrationError."""
        with self.database.reading() as tx:
            found = integrations.get(tx, name)
            if found is None:
                names = ", ".join(each.name for each in integrations.every(tx)) or "none yet"
                raise UnknownIntegrationError(f"There is no integration {name!r}; there are: {names}")
        return found

    def integrations(self) -> list[Integration]:
        with self.database.reading() as tx:
            return integrations.every(tx)

    def connector(self, name: str, gate: Gate | None = None) -> Connector:
        """The connector of an integration, or of the hub's own flows, ready to make calls."""
        if name == HUB:
            return self._own_connector(gate or OpenGate())
        return self._built(self.integration(name), gate)

    def _built(self, integration: Integration, gate: Gate | None = None) -> Connector:
        kind = CONNECTORS[integration.connector]
        credentials = kind.credentials_type.parse(integration.secrets(self.cipher))
        # Only a platform that runs here itself, as a simulator does, may point to this machine, as by an image.
        is_local = any(map(is_on_this_machine, credentials.shown().values()))
        rule = AddressRule(allow_loopback=is_local, private_hosts=private_hosts(self.config))
        http = self.outbound.http(integration.name, gate or OpenGate(), rule)
        return kind(
            Toolbox(
                integration=integration.name,
                http=http,
                credentials=credentials,
                settings=kind.settings_type.parse(kind.settings_type.known(integration.settings)),
                vault=self._vault(integration.name),
                memory=StoredMemory(self.database, integration.name),
                clock=self.clock,
                facts=integration.facts,
                digests=partial(self._digests, integration.name),
            )
        )

    def _own_connector(self, gate: Gate) -> Connector:
        """For the hub's own flows, which have no account behind them."""
        http = self.outbound.http(HUB, gate, self.desk.addresses)
        return Connector(
            Toolbox(
                integration=HUB,
                http=http,
                credentials=Credentials(),
                settings=ConnectorSettings(),
                vault=self._vault(HUB),
                memory=StoredMemory(self.database, HUB),
                clock=self.clock,
            )
        )

    def _digests(self, name: str, channel_ids: Collection[ChannelId]) -> Mapping[ChannelId, str]:
        with self.database.reading() as tx:
            return products.known_digests(tx, name, channel_ids)

    def rules_of(self, name: str) -> Rules:
        return self.connector(name).rules()

    def title_of(self, name: str) -> str:
        """What people call the platform of an integration."""
        return CONNECTORS[self.integration(name).connector].title

    def _vault(self, name: str) -> StoredVault:
        owner = f"{threading.get_ident()}-{secrets.token_hex(4)}"
        return StoredVault(self.database, name, cipher=self.cipher, owner=owner)

    def shipping_labels(self, fulfillment: str) -> list[ShippingLabel]:
        """A platform's own labels for what a location packed, asked for now and kept nowhere.

        Raises SettingsError where there is none, ChannelError.
        """
        with self.database.reading() as tx:
            labeled = platform_labels.of_fulfillment(tx, fulfillment)
        connector = self.connector(labeled.integration)
        if not isinstance(connector, OffersLabels):
            raise SettingsError("fulfillment", f"{labeled.integration} has no labels of its own")
        return connector.shipping_labels(labeled.parcels)

    # Set-up

    def preview(self, wanted: Spec) -> Proposal:
        """What `apply` would change, and what follows from it. Raises SpecError, ChannelError."""
        plan = self._plan(wanted)
        with self.database.reading() as tx:
            return configuring.propose(tx, plan, self._kit())

    def apply(self, wanted: Spec, *, actor: str = "", confirm: bool = False, reason: str = "") -> Proposal:
        """Bring integrations, settings, sources of truth and locations to what the file says.

        Raises SpecError for what contradicts itself, NeedsConfirmationError for what a person has to want.
        """
        plan = self._plan(wanted)
        task = replace(self._task(HUB), actor=actor)
        with self.database.serial() as tx:
            proposal = configuring.propose(tx, plan, self._kit())
            if not confirm:
                proposal.effect.refuse_unconfirmed()
            configuring.carry_out(tx, plan, proposal, task, reason=reason)
        for name in sorted({FlowKey.parse(flow).integration for flow in proposal.effect.starts}):
            if self.integration(name).status is Status.CONNECTED:
                self.register_webhooks(name)
        return proposal

    def _plan(self, wanted: Spec) -> Plan:
        """The change thought through; a catalog that was never read is read where the effect depends on it."""
        parts = spec.check(wanted, CONNECTORS)
        with self.database.reading() as tx:
            before = configuring.state(tx)
        plan = configuring.plan(before, wanted, parts, self._kit())
        with self.database.reading() as tx:
            unread = configuring.unread(tx, plan)
        for name in unread:
            task = replace(self._task(name), rules=self.rules_of(name), truth=before.truth)
            read_listings_now(self.database, self.connector(name), task)
        return plan

    def _kit(self) -> Kit:
        return Kit(self.cipher, self._built)

    def configure(self, name: str) -> None:
        """Bring the flows of an integration to its settings and to what its account, once it is known, allows."""
        one = configuring.wired(self.integration(name), self._kit())
        with self.database.serial() as tx:
            integrations.configure_flows(tx, name, one.flows, one.refusals)
            connecting.tell_refusals(tx, self._task(name))

    # Connecting

    def connect(self, name: str, *, code: str = "", state: str = "") -> Connection:
        """Check or start a connection. With `code` (and `state`, where it came through the browser) a consent ends it."""
        connection = self._connect(name, code=code, state=state)
        titles = {
            key: kind.title for key, kind in CONNECTORS.items() if not issubclass(kind, TakesShippingRequests)
        }
        with self.database.reading() as tx:
            return replace(connection, hint=connecting.out_of_order(tx, name, titles))

    def _connect(self, name: str, *, code: str, state: str) -> Connection:
        connector = self.connector(name)
        try:
            if isinstance(connector, SignsInByLink):
                if code:
                    self._exchange(connector, name, code, state)
                elif not self._vault(name).tokens():
                    return self._ask_for_consent(connector, name)
            account = connector.check()
        except StateError as error:
            return Connection(name, self.integration(name).status, str(error))
        except ChannelError as error:
            with self.database.transaction() as tx:
                failed = connecting.record_failure(tx, name, connecting.told(error), now=self.clock())
            needs_consent = isinstance(error, CredentialsError | AccessMissingError) and not code
            return self._asking_again(connector, failed) if needs_consent else failed
        with self.database.transaction() as tx:
            connection = connecting.record_account(tx, name, account, now=self.clock())
        if connection.status is Status.CONNECTED:
            self.configure(name)
            self.register_webhooks(name)
        elif not code:
            # Only another consent brings more access, or the account that was meant.
            return self._asking_again(connector, connection)
        return connection

    def register_webhooks(self, name: str) -> list[str]:
        """Have the platform send its events here, where it can reach us; without a public address the hub polls."""
        return webhooks.register(
            self.database, self.connector(name), self._task(name), self.config.public_url
        )

    def watch_webhooks(self) -> None:
        """Have it looked at regularly whether events still come: this hub may have been started without an address."""
        for each in self.integrations():
            if each.status is Status.CONNECTED and issubclass(CONNECTORS[each.connector], SendsWebhooks):
                with self.database.transaction() as tx:
                    registrations.watch(tx, each.name)

    def _task(self, name: str) -> Task:
        return Task(integration=name, now=self.clock(), cipher=self.cipher)

    def _exchange(self, connector: SignsInByLink, name: str, code: str, state: str) -> None:
        if state:
            with self.database.transaction() as tx:
                if connecting.use_state(tx, state, now=self.clock()) != name:
                    raise StateError(
                        "This consent was asked for by another integration; start again with `crossdock connect`"
                    )
        try:
            tokens = connector.exchange_code(code)
        except ChannelError as error:
            if self.integration(name).status is not Status.CONNECTED:
                raise
            why = connecting.told(error).rstrip(".")
            raise StateError(f"{why}. The connection goes on as it was") from error
        self._vault(name).store(tokens)

    def _ask_for_consent(self, connector: SignsInByLink, name: str) -> Connection:
        state = secrets.token_urlsafe(24)
        with self.database.transaction() as tx:
            connecting.remember_state(tx, name, state, now=self.clock())
            integrations.change(
                tx,
                name,
                now=self.clock(),
                status=Status.CONNECTING,
                status_reason="Waits for the owner's consent",
            )
        return Connection(name, Status.CONNECTING, authorize_link=connector.authorize_link(state))

    def _asking_again(self, connector: Connector, failed: Connection) -> Connection:
        """Tokens keep the access of their day: only a new consent of the owner widens or revives them."""
        if not isinstance(connector, SignsInByLink):
            return failed
        asked = self._ask_for_consent(connector, failed.integration)
        return replace(asked, reason=failed.reason, account=failed.account)

    def finish_consent(self, *, code: str, state: str) -> Connection:
        """An OAuth return through the browser. Raises StateError; a refused code ends in status Error with the reason."""
        with self.database.reading() as tx:
            name = connecting.asked_by(tx, state)
        return self.connect(name, code=code, state=state)

    # Syncing

    def engine(self, *, works: bool) -> Engine:
        """This process's engine: a worker, or one that only asks the workers."""
        if self._engine is None:
            if works:
                spare_the_collector()
                runner = Runner(self.desk, self._paced_connector, self._hint)
                self._engine = Engine(
                    self.database,
                    runner.run,
                    on_poison=runner.give_up,
                    on_end=self.figures.ran,
                    upkeep=Upkeep(self.database, self.clock, keep(self.config)),
                )
            else:
                self._engine = Engine(self.database)
        return self._engine

    def _hint(self, flow: FlowKey) -> None:
        if self._engine is not None:
            self._engine.wake(flow, is_hint=True)

    def _paced_connector(self, integration: str, lease: Lease) -> Connector:
        """Every call of a run passes the fence and the integration's shared budget."""
        pace = self._pace(integration, lease)
        return self.connector(integration, CalmGate(pace) if lease.flow.entity is Entity.DRIFT else pace)

    def _pace(self, integration: str, lease: Lease) -> Pace:
        kind = Connector if integration == HUB else CONNECTORS[self.integration(integration).connector]
        guard = self.engine(works=True).guard(lease)
        return Pace(self.database, integration, guard, advised=kind.advised_rates)

    def flows(self, names: list[str] | None = None) -> list[FlowKey]:
        """The flows that are on, or those named: "my-store" for all of one integration, "my-store/pull-orders" for one."""
        with self.database.reading() as tx:
            rows = overview.flows(tx)
        on = [FlowKey.parse(row.key) for row in rows if row.is_on and not row.refusal]
        # Looking for drift or after webhooks brings nothing up to date, and is meant only where it is named itself.
        work = [flow for flow in on if flow.entity not in UPKEEP]
        if not names:
            return work
        chosen = [f for f in on if str(f) in names or (f in work and f.integration in names)]
        missing = [name for name in names if not any(name in (str(f), f.integration) for f in chosen)]
        if missing:
            if refusal := next((row.refusal for row in rows if row.key == missing[0]), ""):
                raise UnknownIntegrationError(f"{missing[0]} does not run: {refusal}")
            raise UnknownIntegrationError(
                f"No flow that is on is meant by {missing[0]!r}; on are: {', '.join(map(str, on))}"
            )
        return chosen

    def resync(self, name: str, direction: Direction, entity: Entity) -> None:
        """Force a resync: read or push everything once, then go on as before."""
        with self.database.serial() as tx:
            integrations.restart_flow(tx, FlowKey(name, direction, entity))
