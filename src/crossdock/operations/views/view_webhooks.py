"""How the platforms' events fare: whether they come, how late, and what still waits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from crossdock.domain.sync import FlowKey
from crossdock.operations.setup import hints
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.setup.hints import Spread
from crossdock.operations.views.view_hub import clock
from crossdock.store import tables
from crossdock.store.database import Transaction

DELIVERY = tables.delivery
WEBHOOK = tables.webhook


@dataclass(frozen=True, slots=True)
class HintedFlow:
    """A flow that events hint at: how many seconds they took lately, part by part, and how many still wait."""

    flow: str
    hints: int
    delivery: Spread
    wait: Spread
    run: Spread
    total: Spread
    waiting: int
    waiting_seconds: float


@dataclass(frozen=True, slots=True)
class WebhookView:
    """One account's events. `state` is registered, refused (with the reason), or polled: none are asked for."""

    integration: str
    state: str
    reason: str
    address: str
    checked_at: datetime | None
    last_delivery_at: datetime | None
    delivered_last_hour: int
    restored_at: datetime | None
    restored_why: str
    flows: list[HintedFlow]


def webhooks(tx: Transaction, connectors: Collection[str]) -> list[WebhookView]:
    """Of every account of these connectors, by name."""
    now = datetime.fromtimestamp(float(tx.execute(sa.select(clock(tx))).scalar_one()), UTC)
    flows = _flows(tx, now)
    return [
        _view(tx, each.name, flows.get(each.name, []), now)
        for each in accounts.every(tx)
        if each.connector in connectors
    ]


def _flows(tx: Transaction, now: datetime) -> dict[str, list[HintedFlow]]:
    waiting = {one.flow: one for one in hints.backlog(tx)}
    found: dict[str, list[HintedFlow]] = {}
    for each in hints.delays(tx):
        behind = waiting.get(each.flow)
        found.setdefault(FlowKey.parse(each.flow).integration, []).append(
            HintedFlow(
                each.flow,
                each.hints,
                each.delivery,
                each.wait,
                each.run,
                each.total,
                waiting=behind.hints if behind else 0,
                waiting_seconds=round((now - behind.oldest_at).total_seconds(), 3) if behind else 0.0,
            )
        )
    return found


def _view(tx: Transaction, name: str, flows: list[HintedFlow], now: datetime) -> WebhookView:
    row = tx.execute(sa.select(WEBHOOK).where(WEBHOOK.c.integration == name)).first()
    of_this = DELIVERY.c.integration == name
    last = sa.select(DELIVERY.c.received_at).where(of_this).order_by(DELIVERY.c.received_at.desc()).limit(1)
    within = DELIVERY.c.received_at > now - timedelta(hours=1)
    lately = sa.select(sa.func.count()).select_from(DELIVERY).where(of_this, within)
    return WebhookView(
        integration=name,
        state=_state(row.is_registered, row.reason) if row else "polled",
        reason=row.reason if row else "",
        address=row.address if row else "",
        checked_at=row.checked_at if row else None,
        last_delivery_at=tx.scalar(last),
        delivered_last_hour=int(tx.scalar(lately) or 0),
        restored_at=row.restored_at if row else None,
        restored_why=row.restored_why if row else "",
        flows=flows,
    )


def _state(is_registered: bool, reason: str) -> str:
    if is_registered:
        return "registered"
    return "polled" if reason.startswith("CROSSDOCK_PUBLIC_URL") else "refused"
