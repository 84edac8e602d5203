"""Executes one flow: chooses what it does, and decides what its failure means and for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
import structlog

from crossdock.connectors.contract import Connector, Rules
from crossdock.connectors.errors import (
    ChannelError,
    CredentialsError,
    RateLimitedError,
    Remedy,
)
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import exceptions, publishing
from crossdock.operations.automations import outbox
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.orders import cancellation_push, references, return_push
from crossdock.operations.routing import leaving, requests
from crossdock.operations.setup import integrations, restored
from crossdock.operations.setup.integrations import Status
from crossdock.operations.stock import pending
from crossdock.operations.task import HUB, Task
from crossdock.store.database import Transaction
from crossdock.store.trouble import trouble_of
from crossdock.sync.cancellations import push_cancellations
from crossdock.sync.drift import pull_drift
from crossdock.sync.fulfillments import fulfillments_to_tell, push_fulfillments
from crossdock.sync.lease import Ended, FencedError, Lease, StoppedError
from crossdock.sync.notifications import push_notifications
from crossdock.sync.pulls import PULLS, STOCK_NEEDS
from crossdock.sync.push_inventory import push_inventory
from crossdock.sync.push_products import push_products
from crossdock.sync.references import push_references
from crossdock.sync.return_answers import push_returns
from crossdock.sync.routing import route_orders
from crossdock.sync.sales import push_sales
from crossdock.sync.shipping_requests import push_shipping_requests
from crossdock.sync.work import BarrierBusyError, Desk, Work, is_on, position

PUSHES = {
    Entity.PRODUCTS: push_products,
    Entity.INVENTORY: push_inventory,
    Entity.SALES: push_sales,
    Entity.REFERENCES: push_references,
    Entity.CANCELLATIONS: push_cancellations,
    Entity.RETURNS: push_returns,
    Entity.FULFILLMENTS: push_fulfillments,
    Entity.SHIPPING_REQUESTS: push_shipping_requests,
    Entity.ROUTING: route_orders,
    Entity.NOTIFICATIONS: push_notifications,
}
UNTIL_A_PERSON_ACTS_SECONDS = 1800.0
AFTER_RESTORE_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Connect(Protocol):
    """Makes the connector of an integration, paced and fenced for one run."""

    def __call__(self, integration: str, lease: Lease) -> Connector: ...


@dataclass
class Runner:
    """The body of every run, with or without the engine."""

    desk: Desk
    connect: Connect
    wake: Callable[[FlowKey], object]

    def run(self, lease: Lease) -> Ended:
        """Do what the flow does, and say how it ended. Only fencing and stopping escape as errors."""
        with self.desk.database.reading() as tx:
            integration = integrations.get(tx, lease.flow.integration)
            truth = integrations.truth(tx)
            restored_at = restored.state(tx)
        if restored_at and (why := self._held_after_restore(lease.flow)):
            return Ended({}, error=why, retry_in=AFTER_RESTORE_SECONDS)
        if lease.flow.integration == HUB:
            return self._execute(Work(self.desk, lease, self.connect(HUB, lease), Rules(), truth))
        if integration is None or integration.status is not Status.CONNECTED:
            return Ended(
                {},
                error=f"Not connected: crossdock connect {lease.flow.integration}",
                retry_in=UNTIL_A_PERSON_ACTS_SECONDS,
            )
        connector = self.connect(integration.name, lease)
        return self._execute(Work(self.desk, lease, connector, connector.rules(), truth))

    def _execute(self, work: Work) -> Ended:
        lease, log = work.lease, _log.bind(flow=str(work.lease.flow), run=work.lease.run_id)
        try:
            _handler(lease.flow)(work)
        except (FencedError, StoppedError):
            raise
        except ChannelError as error:
            return self._failed(work, error)
        except BarrierBusyError as error:
            return Ended(work.tally.as_dict(), error=str(error), retry_in=5.0)
        except sa.exc.DBAPIError as error:
            return self._refused_by_database(work, error)
        except Exception as error:
            log.exception("run failed unexpectedly")
            return self._broken(work, error)
        finally:
            self._wake_followers(lease.flow)
        self._succeeded(work)
        self._go_on_after_restore()
        return Ended(work.tally.as_dict(), retry_in=work.retry_in)

    def _refused_by_database(self, work: Work, error: sa.exc.DBAPIError) -> Ended:
        """A deadlock, a lock that took too long, a database that restarts or has no room: all of it passes."""
        if (trouble := trouble_of(error, self.desk.database.place)) is not None:
            return Ended(work.tally.as_dict(), error=trouble.text)
        if isinstance(error, sa.exc.OperationalError):
            why = f"The database was not to be had: {type(error.orig).__name__}"
            return Ended(work.tally.as_dict(), error=why)
        _log.exception("run failed unexpectedly")
        return self._broken(work, error)

    def _held_after_restore(self, flow: FlowKey) -> str:
        """Why a flow of a hub that was restored from a backup waits; empty where it may run."""
        self._go_on_after_restore()
        with self.desk.database.reading() as tx:
            begun = restored.state(tx)
            return restored.held(tx, begun, flow) if begun else ""

    def _go_on_after_restore(self) -> None:
        with self.desk.database.reading() as tx:
            if restored.state(tx) is None:
                return
        with self.desk.database.serial() as tx:
            task = Task(HUB, self.desk.clock(), self.desk.cipher, truth=integrations.truth(tx))
            restored.go_on(tx, task, self.desk.rules_of)

    def give_up(self, flow: FlowKey) -> None:
        """Its runs kill one worker after the other: say so, instead of trying for ever."""
        task = Task(flow.integration, self.desk.clock(), self.desk.cipher, flow=str(flow))
        case = Case(
            key=_failing_key(flow),
            kind="hub_failure",
            subject=Subject.FLOW,
            subject_id=str(flow),
            cause=f"Five workers died one after the other while they ran {flow}",
            fix="Look at the logs of the workers for what stops them, such as memory; the flow is tried again later",
        )
        with self.desk.database.transaction() as tx:
            exceptions.open_case(tx, task, case)

    def _wake_followers(self, done: FlowKey) -> None:
        """Whatever this run has left for others to push is pushed now, not at their next time."""
        with self.desk.database.reading() as tx:
            noted = [
                FlowKey(name, Direction.PUSH, Entity(entity)) for name, entity in publishing.dirty_flows(tx)
            ]
            noted = [flow for flow in noted if flow.entity is not Entity.FULFILLMENTS]
            noted += [FlowKey(name, Direction.PUSH, Entity.REFERENCES) for name in references.waiting(tx)]
            noted += cancellation_push.waiting_flows(tx, now=self.desk.clock())
            noted += return_push.waiting_flows(tx, now=self.desk.clock())
            noted += fulfillments_to_tell(tx, self.desk)
            noted += leaving.wanted_flows(tx, Task(HUB, self.desk.clock(), self.desk.cipher))
            if requests.is_in_use(tx) and requests.pending(tx, limit=1):
                noted.append(FlowKey(HUB, Direction.PUSH, Entity.ROUTING))
            if outbox.is_any_due(tx, self.desk.clock()):
                noted.append(FlowKey(HUB, Direction.PUSH, Entity.NOTIFICATIONS))
            due = [flow for flow in noted if is_on(tx, flow)]
            owner = integrations.truth(tx).inventory
            stock = FlowKey(done.integration, Direction.PULL, Entity.INVENTORY)
            if done.direction is Direction.PULL and done.entity in STOCK_NEEDS and _was_never_read(tx, stock):
                due.append(stock)
            if owner and pending.is_any_unsent(tx, owner, now=self.desk.clock()):
                due.append(FlowKey(owner, Direction.PUSH, Entity.SALES))
        for flow in dict.fromkeys(due):
            if flow != done:
                self.wake(flow)

    def _succeeded(self, work: Work) -> None:
        with self.desk.database.transaction() as tx:
            exceptions.close_cases(tx, self.desk.clock(), [_failing_key(work.lease.flow)])

    def _failed(self, work: Work, error: ChannelError) -> Ended:
        """Sorted by who must act: the engine tries again, an operator or a developer gets a case."""
        retry_in: float | None = None
        if isinstance(error, RateLimitedError):
            retry_in = error.retry_after.total_seconds() if error.retry_after else 5.0
            work.connector.toolbox.http.gate.pause(retry_in, error.kind)
        with self.desk.database.transaction() as tx:
            if isinstance(error, CredentialsError):
                integrations.change(
                    tx, work.integration, now=self.desk.clock(), status=Status.ERROR, status_reason=str(error)
                )
            if error.remedy is not Remedy.RETRY:
                retry_in = UNTIL_A_PERSON_ACTS_SECONDS
                exceptions.open_case(tx, work.task(), _case(work.task(), error))
        details = {"code": error.code, "platform_request": error.request_id}
        return Ended(work.tally.as_dict(), error=str(error), retry_in=retry_in, details=details)

    def _broken(self, work: Work, error: Exception) -> Ended:
        """Our bug: said so, kept, and tried again at the usual back-off."""
        said = f"{type(error).__name__}: {error}"
        with self.desk.database.transaction() as tx:
            case = Case(
                key=_failing_key(work.lease.flow),
                kind="hub_failure",
                subject=Subject.FLOW,
                subject_id=str(work.lease.flow),
                cause=f"The hub itself failed in {work.lease.flow}: {said}",
                fix="Report this with the log of the run; the flow is tried again by itself",
                evidence={"run": work.lease.run_id},
            )
            exceptions.open_case(tx, work.task(), case)
        return Ended(work.tally.as_dict(), error=said)


def _was_never_read(tx: Transaction, flow: FlowKey) -> bool:
    at = position(tx, flow)
    return at is not None and is_on(tx, flow) and at.is_first_sweep


def _handler(flow: FlowKey) -> Callable[[Work], None]:
    if flow.entity is Entity.DRIFT:
        return pull_drift
    return PULLS[flow.entity] if flow.direction is Direction.PULL else PUSHES[flow.entity]


def _failing_key(flow: FlowKey) -> str:
    return f"flow-failing:{flow}"


def _case(task: Task, error: ChannelError) -> Case:
    fixes = {
        Remedy.OPERATOR: "Open the integration's connection details, correct what the message names and connect again",
        Remedy.DEVELOPER: "Report this: the platform answered in a way that the hub does not know",
    }
    return Case(
        key=f"flow-failing:{task.flow}",
        kind="connection" if isinstance(error, CredentialsError) else "channel_failure",
        subject=Subject.FLOW,
        subject_id=task.flow,
        cause=f"{task.integration}: {error}",
        fix=error.fix or fixes.get(error.remedy, "It is tried again by itself"),
        evidence={"code": error.code, "request_id": error.request_id},
    )
