"""What can be seen of the hub itself: its integrations, flows, runs, locations, exception cases and timelines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import LocationKind
from crossdock.operations.routing import warehouses
from crossdock.operations.routing.deciding import place_of
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.setup.integrations import Integration
from crossdock.operations.views.view_page import Slice, beyond, bounded, marked_moment, sliced
from crossdock.store import tables
from crossdock.store.cipher import Cipher
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

FLOW = tables.flow
RUN = tables.run
CASE = tables.exception_case
EVENT = tables.event
LOCATION = tables.location

SHOWN_APART = ("name", "region", "currency")
SECRET_WORDS = ("cipher", "secret", "token", "key", "password")


@dataclass(frozen=True, slots=True)
class FlowCounts:
    """How many flows of an integration are on, off, and on but refused."""

    on: int = 0
    off: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class IntegrationView:
    """One connected account, without any secret. `credentials` only says which values are set."""

    name: str
    connector: str
    status: str
    status_reason: str
    account: str
    region: str
    currency: str
    facts: dict[str, str]
    checked_at: datetime | None
    flows: FlowCounts
    open_cases: int
    settings: dict[str, Any]
    credentials: dict[str, str]


def integrations(tx: Transaction, cipher: Cipher | None = None) -> list[IntegrationView]:
    """Every integration by name. With the cipher, which credentials are set is said as well."""
    counts = _flow_counts(tx)
    cases = _open_cases_by_integration(tx)
    return [
        _integration(
            found, counts.get(found.name, FlowCounts()), cases.get(found.name, 0), _set_fields(found, cipher)
        )
        for found in accounts.every(tx)
    ]


def _integration(
    found: Integration, flows: FlowCounts, open_cases: int, credentials: dict[str, str]
) -> IntegrationView:
    facts = {name: text for name, text in found.facts.items() if not _is_secret(name)}
    return IntegrationView(
        name=found.name,
        connector=found.connector,
        status=found.status,
        status_reason=found.status_reason,
        account=facts.get("name", ""),
        region=facts.get("region", ""),
        currency=facts.get("currency", ""),
        facts={name: text for name, text in facts.items() if name not in SHOWN_APART},
        checked_at=found.checked_at,
        flows=flows,
        open_cases=open_cases,
        settings=found.settings,
        credentials=credentials,
    )


def _is_secret(name: str) -> bool:
    return any(word in name for word in SECRET_WORDS)


def _set_fields(found: Integration, cipher: Cipher | None) -> dict[str, str]:
    if cipher is None:
        return {}
    return {name: "set" for name, value in found.secrets(cipher).items() if value}


def _flow_counts(tx: Transaction) -> dict[str, FlowCounts]:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in tx.execute(sa.select(FLOW.c.integration, FLOW.c.is_on, FLOW.c.refusal)):
        place = 1 if not row.is_on else 2 if row.refusal else 0
        found[row.integration][place] += 1
    return {name: FlowCounts(*counts) for name, counts in found.items()}


def _open_cases_by_integration(tx: Transaction) -> dict[str, int]:
    rows = tx.execute(
        sa.select(CASE.c.integration, sa.func.count().label("cases"))
        .where(CASE.c.state == "open")
        .group_by(CASE.c.integration)
    )
    return {row.integration: int(row.cases) for row in rows}


@dataclass(frozen=True, slots=True)
class FlowView:
    """One flow and its health. `due_in` is in seconds, 0 when it is due now; None when it does not run at all."""

    key: str
    integration: str
    direction: str
    entity: str
    is_on: bool
    refusal: str
    due_in: float | None
    running: bool
    failures: int
    last_error: str
    last_success_at: datetime | None
    read_until: datetime | None
    swept_at: datetime | None
    every_seconds: float


def flows(tx: Transaction) -> list[FlowView]:
    """Every flow by its key."""
    now = float(tx.execute(sa.select(clock(tx))).scalar_one())
    return [_flow(row, now) for row in tx.execute(sa.select(FLOW).order_by(FLOW.c.key))]


def _flow(row: Any, now: float) -> FlowView:
    runs = row.is_on and not row.refusal
    return FlowView(
        key=row.key,
        integration=row.integration,
        direction=row.direction,
        entity=row.entity,
        is_on=row.is_on,
        refusal=row.refusal,
        due_in=round(max(0.0, row.due_at - now), 1) if runs else None,
        running=row.runner is not None,
        failures=row.failures,
        last_error=row.last_error,
        last_success_at=row.last_success_at,
        read_until=row.read_until,
        swept_at=row.swept_at,
        every_seconds=row.every_seconds,
    )


def clock(tx: Transaction) -> sa.ColumnElement[float]:
    """The database's clock, which due times are kept by."""
    if tx.dialect.name == "sqlite":
        return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)")
    return sa.literal_column("extract(epoch from clock_timestamp())::float8")


def newest_beat_age(tx: Transaction) -> float | None:
    """Seconds since any worker was last alive; None when there never was one."""
    newest = sa.func.max(tables.worker.c.beat)
    row = tx.execute(sa.select(newest.label("beat"), clock(tx).label("now"))).one()
    return None if row.beat is None else max(0.0, float(row.now) - float(row.beat))


def is_laid_out(tx: Transaction) -> bool:
    """Whether the database has the hub's tables at all."""
    return sa.inspect(tx).has_table(FLOW.name)


def has_records(tx: Transaction) -> bool:
    """Whether the hub has any product or order."""
    kinds = (tables.product, tables.order)
    return any(tx.execute(sa.select(kind.c.id).limit(1)).first() is not None for kind in kinds)


@dataclass(frozen=True, slots=True)
class RunView:
    """One execution of a flow."""

    id: str
    flow: str
    integration: str
    worker: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    tally: dict[str, int]
    error: str


def runs(tx: Transaction, *, flow: str = "", after: str = "", limit: int = 50) -> Slice[RunView]:
    """Runs, the latest first; `flow` is a flow's key or the name of an integration. Raises MarkError."""
    statement = sa.select(RUN).order_by(RUN.c.started_at.desc(), RUN.c.id.desc())
    if flow:
        statement = statement.where(sa.or_(RUN.c.flow == flow, RUN.c.integration == flow))
    if after:
        place = marked_moment(after)
        statement = statement.where(beyond(RUN.c.started_at, RUN.c.id, place, newest=True))
    rows = tx.execute(statement.limit(bounded(limit) + 1)).all()
    return sliced(rows, limit, to_item=_run, key=lambda row: (row.started_at.isoformat(), row.id))


def run(tx: Transaction, run_id: str) -> RunView | None:
    row = tx.execute(sa.select(RUN).where(RUN.c.id == run_id)).first()
    return _run(row) if row is not None else None


def _run(row: Any) -> RunView:
    tally: dict[str, int] = unpack(dict[str, int], row.tally)
    return RunView(
        row.id,
        row.flow,
        row.integration,
        row.worker,
        row.state,
        row.started_at,
        row.ended_at,
        tally,
        row.error,
    )


@dataclass(frozen=True, slots=True)
class LocationView:
    """A place that holds stock. `counts` says whether its stock is part of what channels are offered."""

    id: str
    name: str
    code: str
    kind: str
    integration: str
    channel_id: str
    is_active: bool
    is_default: bool
    is_excluded: bool
    excluded_for: list[str]
    linked_integration: str | None
    is_unlimited: bool
    keeps_bundles: bool
    counts: bool
    reason: str
    why_no_destination: str
    """Why routing sends no order here, whatever its cards say; empty where it may."""


def locations(tx: Transaction) -> list[LocationView]:
    """Every location, by integration and name."""
    owner = accounts.truth(tx).inventory
    rows = tx.execute(
        sa.select(LOCATION)
        .where(LOCATION.c.kind != LocationKind.IMPLIED)
        .order_by(LOCATION.c.integration, LOCATION.c.name, LOCATION.c.id)
    )
    linked = warehouses.names(tx)
    return [_location(row, owner, linked) for row in rows]


def why_not_counted(place: Any, owner: str) -> str:
    """Why a location's stock is left out of what channels are offered; empty when it counts."""
    if not place.is_active:
        return f"It is not active in {place.integration}"
    if owner and place.integration != owner:
        return f"Stock is owned by {owner}, not by {place.integration}"
    return "It is excluded by a person" if place.is_excluded else ""


def _location(row: Any, owner: str, warehouse_names: set[str]) -> LocationView:
    reason = why_not_counted(row, owner)
    return LocationView(
        id=row.id,
        name=row.name,
        code=row.code,
        kind=row.kind,
        integration=row.integration,
        channel_id=row.channel_id,
        is_active=row.is_active,
        is_default=row.is_default,
        is_excluded=row.is_excluded,
        excluded_for=unpack(list[str], row.excluded_for),
        linked_integration=row.linked_integration,
        is_unlimited=row.is_unlimited,
        keeps_bundles=row.keeps_bundles,
        counts=not reason,
        reason=reason,
        why_no_destination=place_of(row, warehouse_names).closed,
    )


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of a record's timeline."""

    at: datetime
    integration: str
    direction: str
    status: str
    what: str
    run_id: str
    request_id: str
    actor: str


def events(tx: Transaction, subject_kind: str, subject_id: str, limit: int = 50) -> list[EventView]:
    """The timeline of one record, the latest first."""
    statement = (
        sa.select(EVENT)
        .where(EVENT.c.subject_kind == subject_kind, EVENT.c.subject_id == subject_id)
        .order_by(EVENT.c.id.desc())
        .limit(bounded(limit))
    )
    return [
        EventView(
            row.at,
            row.integration,
            row.direction,
            row.status,
            row.what,
            row.run_id,
            row.request_id,
            row.actor,
        )
        for row in tx.execute(statement)
    ]
