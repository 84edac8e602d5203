"""By which index SQLite goes to what it is asked for, with what the hub tells it of them all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.orders import late_originals, order_questions
from crossdock.operations.stock import deleted, marked, pending, readings, sales
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.metadata import metadata
from crossdock.store.planning import WORK_LISTS
from support import make
from support.databases import open_database

REPORT = tables.sale_report
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Transaction]:
    with open_database("sqlite", tmp_path) as database, database.reading() as open_one:
        yield open_one


def test_every_work_list_is_an_index_of_the_hub() -> None:
    assert {index.name for table in metadata.tables.values() for index in table.indexes} >= WORK_LISTS


@pytest.mark.parametrize(
    ("ask", "of"),
    [
        (sales.in_flight_variants, "store"),
        (readings.under_way, "store"),
        (deleted.suspected, Task("store", NOW, make.CIPHER)),
        (pending.has_work, "store"),
    ],
)
def test_reports_that_are_under_way_are_found_by_their_state(tx: Transaction, ask: Any, of: Any) -> None:
    assert_uses(plans(tx, lambda: ask(tx, of)), "ix_sale_report_state")


def test_marked_numbers_are_found_by_their_mark(tx: Transaction) -> None:
    for ask in (
        lambda: marked.listed(tx, "tiktok", limit=100),
        lambda: publishing.dirty(tx, "tiktok", Entity.INVENTORY, limit=1),
        lambda: publishing.dirty_flows(tx),
    ):
        assert_uses(plans(tx, ask), "ix_publication_dirty")


def test_what_is_to_be_looked_at_again_is_found_by_its_time(tx: Transaction) -> None:
    asked = plans(tx, lambda: publishing.are_any_due(tx, "tiktok", Entity.INVENTORY, NOW))

    assert_uses(asked, "ix_publication_again_at")


@pytest.mark.parametrize("state", ["open", "seen"])
@pytest.mark.parametrize("name", ["variant_id", "order_id", "line_id"])
def test_a_report_whose_record_is_given_is_not_looked_for_by_its_state(
    tx: Transaction, name: str, state: str
) -> None:
    statement = sa.select(REPORT.c.id).where(REPORT.c[name] == "a", REPORT.c.state == state)

    assert_uses(plans(tx, lambda: tx.execute(statement)), f"ix_sale_report_{name}")


def test_what_is_asked_of_a_page_of_orders_goes_to_just_these(tx: Transaction) -> None:
    """Nearly all orders are no copy of another: what were looked for by that would be all that the hub has."""
    copies = plans(tx, lambda: late_originals.WAITING.rows(tx, ["1"]))
    twins = plans(tx, lambda: order_questions.TWINS.rows(tx, ["1"]))

    assert_uses(copies, "ix_customer_order_stands_for")
    assert_uses(twins, "ix_customer_order_integration_number")


def plans(tx: Transaction, ask: Any) -> list[str]:
    """How SQLite goes about each statement that is asked; the one that begins the transaction has no plan."""
    found: list[str] = []

    def explain(_: Any, cursor: Any, statement: str, given: Any, *__: Any) -> None:
        if steps := cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", given).fetchall():
            found.append(" | ".join(step[3] for step in steps))

    sa.event.listen(tx, "before_cursor_execute", explain)
    ask()
    sa.event.remove(tx, "before_cursor_execute", explain)
    return found


def assert_uses(asked: list[str], index: str) -> None:
    assert asked
    assert all(index in plan for plan in asked), asked
