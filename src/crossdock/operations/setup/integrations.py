"""Connected accounts: their credentials, settings and status, and the flows that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables, wishes
from crossdock.store.cipher import Cipher
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction

INTEGRATION = tables.integration
FLOW = tables.flow


class Status(StrEnum):
    CONNECTED = "Connected"
    CONNECTING = "Connecting"
    NOT_CONFIGURED = "Not Configured"
    ERROR = "Error"
    DISABLED = "Disabled"


@dataclass(frozen=True, slots=True)
class Integration:
    """One connected account, its secrets still encrypted."""

    name: str
    connector: str
    status: Status
    status_reason: str
    settings: dict[str, Any]
    facts: dict[str, str]
    credentials: bytes
    tokens: bytes | None
    checked_at: datetime | None

    def secrets(self, cipher: Cipher) -> dict[str, str]:
        """The credentials in clear."""
        return dict(unpack(dict[str, str], cipher.decrypt(self.credentials)))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a flow runs by itself, and on which lane."""

    seconds: float
    lane: str


PUBLISHED = (Entity.PRODUCTS, Entity.INVENTORY)
LOOKS_AGAIN = dict.fromkeys(PUBLISHED, publishing.mark_all) | {Entity.FULFILLMENTS: publishing.mark_kept_back}
"""What a push that starts, or whose settings changed, looks at: all, or what was refused by the former settings."""
CATALOG = (Entity.PRODUCTS, Entity.LISTINGS)
RHYTHMS: dict[tuple[Direction, Entity], Rhythm] = {
    (Direction.PULL, Entity.ORDERS): Rhythm(30, "urgent"),
    # From one start to the next. What changed just after is read and right elsewhere within a minute, reading included.
    (Direction.PULL, Entity.INVENTORY): Rhythm(50, "urgent"),
    (Direction.PUSH, Entity.INVENTORY): Rhythm(60, "urgent"),
    (Direction.PUSH, Entity.SALES): Rhythm(60, "urgent"),
    (Direction.PULL, Entity.PRODUCTS): Rhythm(60, "bulk"),
    (Direction.PULL, Entity.LISTINGS): Rhythm(60, "bulk"),
    (Direction.PULL, Entity.LOCATIONS): Rhythm(900, "bulk"),
    (Direction.PUSH, Entity.PRODUCTS): Rhythm(300, "bulk"),
    (Direction.PULL, Entity.CANCELLATIONS): Rhythm(60, "urgent"),
    (Direction.PUSH, Entity.CANCELLATIONS): Rhythm(60, "urgent"),
    (Direction.PULL, Entity.RETURNS): Rhythm(300, "bulk"),
    (Direction.PUSH, Entity.RETURNS): Rhythm(60, "urgent"),
    (Direction.PULL, Entity.STATEMENTS): Rhythm(3600, "bulk"),
    (Direction.PULL, Entity.FULFILLMENTS): Rhythm(60, "urgent"),
    (Direction.PUSH, Entity.FULFILLMENTS): Rhythm(60, "urgent"),
    (Direction.PUSH, Entity.REFERENCES): Rhythm(300, "bulk"),
    (Direction.PUSH, Entity.SHIPPING_REQUESTS): Rhythm(60, "urgent"),
    (Direction.PULL, Entity.SHIPPING_REQUESTS): Rhythm(60, "urgent"),
    (Direction.PUSH, Entity.ROUTING): Rhythm(15, "urgent"),
    (Direction.PUSH, Entity.NOTIFICATIONS): Rhythm(60, "bulk"),
    (Direction.PULL, Entity.DRIFT): Rhythm(300, "bulk"),
    (Direction.PULL, Entity.WEBHOOKS): Rhythm(3600, "bulk"),
}
OF_THE_HUB = {("push", Entity.ROUTING): True, ("push", Entity.NOTIFICATIONS): True}
"""The flows of the hub itself, which are always on."""


def get(tx: Transaction, name: str) -> Integration | None:
    row = tx.execute(sa.select(INTEGRATION).where(INTEGRATION.c.name == name)).first()
    return _integration(row) if row is not None else None


def every(tx: Transaction) -> list[Integration]:
    return [_integration(row) for row in tx.execute(sa.select(INTEGRATION).order_by(INTEGRATION.c.name))]


def _integration(row: Any) -> Integration:
    return Integration(
        name=row.name,
        connector=row.connector,
        status=Status(row.status),
        status_reason=row.status_reason,
        settings=unpack(dict[str, Any], row.settings),
        facts=unpack(dict[str, str], row.facts),
        credentials=row.credentials,
        tokens=row.tokens,
        checked_at=row.checked_at,
    )


def add(tx: Transaction, name: str, connector: str, credentials: bytes, *, now: datetime) -> None:
    """A new integration, saved and not connected."""
    tx.execute(
        sa.insert(INTEGRATION).values(
            name=name,
            connector=connector,
            credentials=credentials,
            settings="{}",
            facts="{}",
            status=Status.NOT_CONFIGURED,
            status_reason="Saved, not connected yet",
            created_at=now,
            updated_at=now,
        )
    )


def change(tx: Transaction, name: str, *, now: datetime, **values: Any) -> None:
    """Set columns; `settings` and `facts` are given as mappings."""
    packed = {
        key: pack(dict(value)) if key in ("settings", "facts") else value for key, value in values.items()
    }
    tx.execute(sa.update(INTEGRATION).where(INTEGRATION.c.name == name).values(updated_at=now, **packed))


def configure_flows(
    tx: Transaction,
    name: str,
    wanted: Mapping[tuple[str, Entity], bool],
    refusals: Mapping[tuple[str, Entity], str],
    *,
    has_changed: bool = False,
) -> None:
    """Bring the flow rows to what the settings say. A push that starts, or whose settings changed, looks again."""
    known = {
        (row.direction, row.entity): row
        for row in tx.execute(sa.select(FLOW).where(FLOW.c.integration == name))
    }
    for (direction, entity), is_on in wanted.items():
        rhythm = RHYTHMS[Direction(direction), entity]
        refusal = refusals.get((direction, entity), "") if is_on else ""
        row = known.get((direction, entity))
        key = FlowKey(name, Direction(direction), entity)
        values = {"is_on": is_on, "refusal": refusal, "lane": rhythm.lane, "every_seconds": rhythm.seconds}
        if row is None:
            fixed = {"key": str(key), "integration": name, "direction": direction, "entity": entity}
            tx.execute(sa.insert(FLOW).values(**values, **fixed, due_at=0.0))
        else:
            tx.execute(sa.update(FLOW).where(FLOW.c.key == str(key)).values(**values))
            if is_on and not row.is_on:
                tx.execute(sa.update(FLOW).where(FLOW.c.key == str(key)).values(due_at=0.0, failures=0))
                wishes.note_everything(tx, FLOW.c.key == str(key))
            if direction == Direction.PULL and entity in CATALOG and is_on != row.is_on:
                _forget_reading(tx, key)
        starts = row is None or not row.is_on or bool(row.refusal)
        if direction == Direction.PUSH and is_on and (starts or has_changed) and entity in LOOKS_AGAIN:
            LOOKS_AGAIN[entity](tx, name, entity)
            # One that is under way acts on the former settings, and would take what is marked here for done.
            _fence(tx, FLOW.c.key == str(key))


def configure_own_flows(tx: Transaction) -> None:
    """The flows of the hub itself are there from its first start on."""
    there = sa.select(FLOW.c.key).where(FLOW.c.integration == HUB)
    if len(tx.execute(there).all()) < len(OF_THE_HUB):
        configure_flows(tx, HUB, OF_THE_HUB, {})


def make_due(tx: Transaction, name: str) -> None:
    """Run all flows of an integration now: what they waited for, such as its connection, is there."""
    tx.execute(sa.update(FLOW).where(FLOW.c.integration == name).values(due_at=0.0, failures=0))
    wishes.note_everything(tx, FLOW.c.integration == name)


def fence_all(tx: Transaction) -> None:
    """End every run that is under way at its next step: it acts on what no longer holds. Each starts anew at once."""
    _fence(tx)


def _fence(tx: Transaction, *flows: sa.ColumnElement[bool]) -> None:
    values = {"runner": None, "owner": None, "due_at": 0.0}
    tx.execute(
        sa.update(FLOW).where(FLOW.c.runner.is_not(None), *flows).values(**values, epoch=FLOW.c.epoch + 1)
    )


def _forget_reading(tx: Transaction, flow: FlowKey) -> None:
    """A catalog that was not followed for a while is read from its beginning; a reading under way is fenced off."""
    values = {"cursor": None, "sweep_began_at": None, "swept_at": None, "runner": None, "owner": None}
    tx.execute(sa.update(FLOW).where(FLOW.c.key == str(flow)).values(**values, epoch=FLOW.c.epoch + 1))


def restart_flow(tx: Transaction, flow: FlowKey) -> None:
    """Forget how far the flow has read: its next run reads everything once, then goes on from there.

    A reading that is under way is fenced off, since its next page would bring the old cursor back.
    """
    values: dict[str, Any] = {"cursor": None, "sweep_began_at": None, "due_at": 0.0}
    if flow.direction is Direction.PULL:
        values |= {"runner": None, "owner": None, "epoch": FLOW.c.epoch + 1}
    tx.execute(sa.update(FLOW).where(FLOW.c.key == str(flow)).values(**values))
    if flow.direction is Direction.PUSH:
        if flow.entity in PUBLISHED:
            publishing.mark_all(tx, flow.integration, flow.entity)
            publishing.doubt_all(tx, flow.integration, flow.entity)
        else:
            publishing.mark_told(tx, flow.integration, flow.entity)


def truth(tx: Transaction) -> SourcesOfTruth:
    """Which integrations own the catalog and stock, as a person recorded it."""
    rows = {row.key: row.value for row in tx.execute(sa.select(tables.hub_setting))}
    overrides = unpack(tuple[str, ...], rows.get("overrides", "[]"))
    return SourcesOfTruth(rows.get("source_of_catalog", ""), rows.get("source_of_inventory", ""), overrides)


def set_truth(tx: Transaction, sources: SourcesOfTruth) -> None:
    for key, value in (
        ("source_of_catalog", sources.catalog),
        ("source_of_inventory", sources.inventory),
        ("overrides", pack(sources.overrides)),
    ):
        tx.execute(sa.delete(tables.hub_setting).where(tables.hub_setting.c.key == key))
        tx.execute(sa.insert(tables.hub_setting).values(key=key, value=value))
