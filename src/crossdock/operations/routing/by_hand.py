"""What a person says of a shipping request: stop it, it was stopped, or try again. Its order follows at once."""

from __future__ import annotations

from collections.abc import Callable

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.orders import order_life
from crossdock.operations.routing import request_push, stopping
from crossdock.operations.stock import commitments
from crossdock.operations.task import HUB, Task
from crossdock.store.database import Transaction

ROUTING = FlowKey(HUB, Direction.PUSH, Entity.ROUTING)


def stop(tx: Transaction, task: Task, number: str) -> list[FlowKey]:
    """Take a whole request back; answers the flows to wake. Raises SettingsError."""
    return _said(tx, task, number, stopping.stop)


def stopped(tx: Transaction, task: Task, number: str) -> list[FlowKey]:
    """It is certain that nothing more of it will leave; answers the flows to wake. Raises SettingsError."""
    return _said(tx, task, number, stopping.stopped)


def retry(tx: Transaction, task: Task, number: str) -> list[FlowKey]:
    """What was in the way of it is put right: its warehouse is told again; answers the flows to wake.

    Raises SettingsError where there is nothing to tell it.
    """
    return _said(tx, task, number, request_push.retry)


def _said(
    tx: Transaction, task: Task, number: str, act: Callable[[Transaction, Task, str], None]
) -> list[FlowKey]:
    order_id = stopping.by_number(tx, number).order_id
    act(tx, task, number)
    order_life.settle(tx, task, [order_id])
    commitments.apply(tx, task, [order_id])
    return flows_of(tx, number)


def flows_of(tx: Transaction, number: str) -> list[FlowKey]:
    """The flows that a change of this request gives something to do."""
    warehouse = stopping.by_number(tx, number).integration
    return [FlowKey(warehouse, Direction.PUSH, Entity.SHIPPING_REQUESTS), ROUTING]
