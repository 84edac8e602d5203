"""What follows from the configuration of the process: its clients, whom they may call, where mails leave, what is kept."""

from __future__ import annotations

import gc
import threading
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from crossdock.config import Config, ConfigError
from crossdock.connectors.http import AddressRule, Gate, Http, new_client
from crossdock.operations.retention import Keep
from crossdock.operations.setup import integrations
from crossdock.store.database import Database
from crossdock.store.trouble import Kind, trouble_of
from crossdock.sync.mail import MailServer
from crossdock.telemetry.calls import WatchedHttp
from crossdock.telemetry.figures import Figures

OBJECTS_BEFORE_A_LOOK = 50_000


class Outbound:
    """The calls of a hub, each integration's through a pool of its own."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def http(self, name: str, gate: Gate, rule: AddressRule) -> Http:
        """For one run or request of an integration."""
        parts = {"gate": gate, "addresses": rule, "client": self._client(name)}
        return WatchedHttp(integration=name, figures=self._figures, **parts)

    def _client(self, name: str) -> Any:
        with self._lock:
            if name not in self._clients:
                self._clients[name] = new_client()
            return self._clients[name]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def private_hosts(config: Config) -> list[str]:
    return [host.strip() for host in config.private_hosts.split(",") if host.strip()]


def mail_server(config: Config) -> MailServer | None:
    """None where sending mail is not set up. Raises ConfigError naming the variable."""
    if config.smtp_url is None or not config.smtp_url.get_secret_value():
        return None
    if not config.mail_from:
        raise ConfigError("CROSSDOCK_MAIL_FROM: is missing: mails need a sender, such as hub@example.com")
    try:
        return MailServer.parse(config.smtp_url.get_secret_value(), config.mail_from)
    except ValueError as error:
        raise ConfigError(f"CROSSDOCK_SMTP_URL, CROSSDOCK_MAIL_FROM: {error}") from None


def keep(config: Config) -> Keep:
    """For how long history is kept."""
    return Keep(
        runs=_days(config.keep_runs_days),
        idle_runs=_days(config.keep_idle_runs_days),
        events=_days(config.keep_events_days),
        cases=_days(config.keep_cases_days),
        payloads=_days(config.keep_payloads_days),
        notifications=_days(config.keep_notifications_days),
    )


def _days(days: int) -> timedelta | None:
    return timedelta(days=days) if days else None


def configure_own_flows(database: Database) -> None:
    """On a full disk or a read-only file a hub can still be looked at, and says what is wrong with it."""
    try:
        with database.transaction() as tx:
            integrations.configure_own_flows(tx)
    except sa.exc.DBAPIError as error:
        trouble = trouble_of(error, database.place)
        if trouble is None or trouble.kind not in (Kind.FULL, Kind.READ_ONLY):
            raise
        structlog.get_logger(__name__).warning("the database takes nothing", problem=trouble.text)


def spare_the_collector() -> None:
    """What was loaded at start lives as long as the process: the garbage collector need not go through it again.

    What a page of records is made of is nearly all gone by itself as the page is stored; looking through it each time
    that there are a few hundred objects more finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_A_LOOK, *gc.get_threshold()[1:])
