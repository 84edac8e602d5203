"""The tables of the engine: flows, runs, workers, roles, rate budgets and webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Text

from crossdock.store.database import UtcDateTime
from crossdock.store.metadata import metadata

# The engine. Times are Unix seconds by the database's clock, since only that one is shared.

flow = sa.Table(
    "flow",
    metadata,
    Column("key", String, primary_key=True),
    Column("integration", String, nullable=False, index=True),
    Column("direction", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("is_on", Boolean, nullable=False, default=False),
    Column("refusal", Text, nullable=False, default=""),
    Column("lane", String, nullable=False),
    Column("every_seconds", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("generation", Integer, nullable=False, default=0),
    Column("runner", String),
    Column("owner", String),
    Column("epoch", Integer, nullable=False, default=0),
    Column("again", Boolean, nullable=False, default=False),
    Column("cursor", Text),
    Column("sweep_began_at", UtcDateTime),
    Column("swept_at", UtcDateTime),
    Column("read_until", UtcDateTime),
    # When it began to read for the first time ever, and what its settings let through the last time.
    Column("first_began_at", UtcDateTime),
    Column("scope", Text),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text, nullable=False, default=""),
    Column("last_success_at", UtcDateTime),
)

run = sa.Table(
    "run",
    metadata,
    Column("id", String, primary_key=True),
    Column("flow", String, nullable=False),
    Column("integration", String, nullable=False),
    Column("worker", String, nullable=False),
    Column("state", String, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("tally", Text, nullable=False, default="{}"),
    Column("error", Text, nullable=False, default=""),
    Index("ix_run_flow_started_at", "flow", "started_at"),
    Index("ix_run_started_at", "started_at"),
)

worker = sa.Table(
    "worker", metadata, Column("id", String, primary_key=True), Column("beat", Float, nullable=False)
)

role = sa.Table(
    "role",
    metadata,
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("until", Float, nullable=False),
)

bucket = sa.Table(
    "bucket",
    metadata,
    Column("key", String, primary_key=True),
    Column("ready_at", Float, nullable=False, default=0.0),
    Column("interval_seconds", Float, nullable=False, default=0.0),
    Column("burst", Integer, nullable=False, default=1),
    # What a platform's headers said of its quota; `ready_at` is then when it is full again.
    Column("quota", Integer, nullable=False, default=0),
    Column("window_seconds", Float, nullable=False, default=0.0),
    Column("remaining", Integer, nullable=False, default=0),
    Column("is_told", Boolean, nullable=False, default=False),
    # When a platform that says nothing in headers last asked to slow down.
    Column("slowed_at", Float, nullable=False, default=0.0),
)

# Webhooks

hint = sa.Table(
    "hint",
    metadata,
    # A ring: one row per flow and second, which a later second overwrites.
    Column("flow", String, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("happened_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("hints", Integer, nullable=False),
)

webhook = sa.Table(
    "webhook",
    metadata,
    Column("integration", String, primary_key=True),
    Column("address", Text, nullable=False),
    Column("is_registered", Boolean, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("checked_at", UtcDateTime),
    Column("restored_at", UtcDateTime),
    Column("restored_why", Text, nullable=False, default=""),
)
