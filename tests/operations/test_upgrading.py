"""What becomes of the orders of an older release when its database is brought up to this one."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from crossdock.store import migrations
from crossdock.store.database import Database
from support.databases import fresh_database

OLD = {
    "integration": "shop",
    "number": "1",
    "status_there": "",
    "channel_status": "",
    "channel_status_id": "",
    "review": "",
    "is_reservation": False,
    "fulfilled_by": "seller",
    "stock_is_taken": False,
    "counts": True,
    "currency": "USD",
    "total": "1",
    "totals": "{}",
    "tags": "[]",
    "shipping_method": "",
    "location_channel_id": "",
    "fingerprint": "",
    "sent_state": "",
}


def upgraded(folder: Path, **orders: dict[str, object]) -> dict[str, str]:
    """Orders as the release before had them; the routing of each after the upgrade."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with fresh_database("sqlite", folder, empty=True) as url:
        database = Database(url)
        with database.transaction() as tx:
            config.attributes["connection"] = tx
            command.upgrade(config, "0005")
            table = sa.Table("customer_order", sa.MetaData(), autoload_with=tx, resolve_fks=False)
            moment = sa.text("'2026-03-01 12:00:00'")
            times = dict.fromkeys(("placed_at", "modified_at", "created_at", "updated_at"), moment)
            for key, more in orders.items():
                tx.execute(sa.insert(table).values({**OLD, "id": key, "channel_id": key, **times, **more}))
        migrations.migrate(database)
        with database.reading() as tx:
            found = tx.execute(sa.text("select id, routing from customer_order")).all()
        database.close()
    return {row.id: row.routing for row in found}


@pytest.fixture(scope="module")
def routing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    ready = {"status": "Ready For Fulfillment"}
    return upgraded(
        tmp_path_factory.mktemp("old"),
        ready=ready,
        sent={"status": "Sent To Fulfillment"},
        held={"status": "On Hold"},
        copy={**ready, "copy_of": "ready"},
        history={**ready, "counts": False},
        theirs={**ready, "fulfilled_by": "platform_label"},
    )


def test_orders_that_were_ready_before_an_upgrade_are_to_be_routed(routing: dict[str, str]) -> None:
    assert routing["ready"] == "pending"


def test_nothing_else_is(routing: dict[str, str]) -> None:
    assert {key for key, state in routing.items() if state} == {"ready"}
