"""Keeps platforms sending their events here: registers them, and restores what was lost, switched off or moved."""

from __future__ import annotations

from crossdock.connectors.contract import Connector, SendsWebhooks
from crossdock.connectors.errors import ChannelError, CredentialsError, Remedy, SettingsError
from crossdock.operations import exceptions
from crossdock.operations.setup import connecting, webhooks
from crossdock.operations.task import Task
from crossdock.store.database import Database
from crossdock.sync import lease as leases
from crossdock.sync.work import Work

NO_ADDRESS = "CROSSDOCK_PUBLIC_URL is not set"


def register(database: Database, connector: Connector, task: Task, public_url: str) -> list[str]:
    """At a connection or a change of flows: says what had to be set. What fails is tried again by the regular look."""
    if not isinstance(connector, SendsWebhooks):
        return []
    if not public_url:
        return []
    with database.transaction() as tx:
        webhooks.watch(tx, task.integration)
    try:
        return _ensure(database, connector, task, public_url)
    except ChannelError as error:
        _refused(database, task, str(error))
        return []


def pull_webhooks(work: Work) -> None:
    """The regular look. Events were missed where something had to be restored, so the flows that they hint at run now."""
    if not isinstance(work.connector, SendsWebhooks):
        return
    if not work.desk.public_url:
        with work.transaction() as tx:
            webhooks.not_registered(tx, work.integration, NO_ADDRESS, now=work.desk.clock())
        return
    try:
        done = _ensure(
            work.database, work.connector, work.task(), work.desk.public_url, should_have_been=True
        )
        work.tally.written += len(done)
    except CredentialsError:
        raise
    except ChannelError as error:
        if error.remedy is Remedy.RETRY:
            raise
        _refused(work.database, work.task(), str(error))


def _ensure(
    database: Database,
    connector: SendsWebhooks,
    task: Task,
    public_url: str,
    *,
    should_have_been: bool = False,
) -> list[str]:
    """Says what had to be set. Raises ChannelError; a setting that cannot be is told here."""
    address = f"{public_url.rstrip('/')}/webhooks/{task.integration}"
    with database.reading() as tx:
        former = webhooks.address_of(tx, task.integration)
    try:
        done = connector.ensure_webhooks(address, former=former)
    except SettingsError as error:
        _refused(database, task, str(error))
        return []
    with database.transaction() as tx:
        is_restored = webhooks.registered(tx, task, address, done, should_have_been=should_have_been)
        exceptions.close_cases(tx, task.now, [_key(task)])
        missed = webhooks.missed(tx, task.integration) if is_restored else []
    for flow in missed:
        leases.want(database, flow, is_hint=True)
    return done


def _refused(database: Database, task: Task, reason: str) -> None:
    with database.transaction() as tx:
        webhooks.not_registered(tx, task.integration, reason, now=task.now)
        case = connecting.webhook_case(_key(task), task.integration, reason)
        exceptions.open_case(tx, task, case)


def _key(task: Task) -> str:
    return f"webhooks:{task.integration}"
