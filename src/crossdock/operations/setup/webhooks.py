"""Whether a platform sends its events here, and since when it does again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import deliveries, integrations
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import upsert

WEBHOOK = tables.webhook


def flow_of(integration: str) -> FlowKey:
    """The flow that looks whether the events still come here."""
    return FlowKey(integration, Direction.PULL, Entity.WEBHOOKS)


def watch(tx: Transaction, integration: str) -> None:
    """Have it looked at regularly from now on."""
    if not tx.scalar(sa.select(tables.flow.c.is_on).where(tables.flow.c.key == str(flow_of(integration)))):
        integrations.configure_flows(tx, integration, {("pull", Entity.WEBHOOKS): True}, {})


def address_of(tx: Transaction, integration: str) -> str:
    """Where its events were last asked for; empty where they never were."""
    found = sa.select(WEBHOOK.c.address).where(WEBHOOK.c.integration == integration)
    return tx.scalar(found) or ""


def registered(
    tx: Transaction, task: Task, address: str, changes: Sequence[str], *, should_have_been: bool
) -> bool:
    """The platform sends its events here. Whether some may have been missed: it should have before, and did not."""
    before = tx.execute(sa.select(WEBHOOK).where(WEBHOOK.c.integration == task.integration)).first()
    is_restored = should_have_been and before is not None and bool(before.address) and bool(changes)
    _write(
        tx,
        task.integration,
        address=address,
        is_registered=True,
        reason="",
        checked_at=task.now,
        restored_at=task.now if is_restored else before.restored_at if before else None,
        restored_why="; ".join(changes) if is_restored else before.restored_why if before else "",
    )
    return is_restored


def not_registered(tx: Transaction, integration: str, reason: str, *, now: datetime) -> None:
    """They do not come, for this reason; the hub polls."""
    before = tx.execute(sa.select(WEBHOOK).where(WEBHOOK.c.integration == integration)).first()
    _write(
        tx,
        integration,
        address=before.address if before else "",
        is_registered=False,
        reason=reason,
        checked_at=now,
        restored_at=before.restored_at if before else None,
        restored_why=before.restored_why if before else "",
    )


def missed(tx: Transaction, integration: str) -> list[FlowKey]:
    """The flows that read whatever events could have told."""
    return deliveries.concerned(tx, integration, deliveries.CONCERNED)


def _write(tx: Transaction, integration: str, **values: str | bool | datetime | None) -> None:
    upsert(tx, WEBHOOK, [{"integration": integration, **values}])
