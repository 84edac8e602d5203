"""Orders that are canceled, as both platforms and the hub show them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient

from crossdock.store import tables
from support.catalogs import COMPLETE
from support.client import client_of
from support.world import World

CANCELS = {"cancel_orders": True}
SHOP_CANCELS = COMPLETE | CANCELS
BY_ORDERS = {"sales_report": "order"}
SECRET = "a test's own secret"


def in_store(made: World, channel_id: object) -> Any:
    return made.store.store.orders[int(str(channel_id))]


def on_shop(made: World, channel_id: str) -> Any:
    return made.shop.shop.tables.orders[channel_id]


def order(made: World, integration: str) -> Any:
    [row] = [row for row in made.rows(tables.order) if row.integration == integration and row.copy_of is None]
    return row


def cancellation(made: World) -> Any:
    [row] = made.rows(tables.cancellation)
    return row


def puts(made: World) -> int:
    """How often an order of the store was written to."""
    return made.store.journal.count("PUT", r"/v2/orders/\d+$")


def seller_cancellations(made: World) -> int:
    return made.shop.journal.count("POST", r"/return_refund/202602/cancellations$")


def client(made: World) -> TestClient:
    """The hub's API with a key that may write."""
    return client_of(made.hub)


def cancel_in_hub(made: World, integration: str, lines: dict[str, int] | None = None) -> None:
    path = f"/api/v1/orders/{order(made, integration).id}/cancel"
    answer = client(made).post(path, json={"lines": lines or {}})
    assert answer.status_code == 200, answer.text


def skip_the_pause(made: World) -> None:
    """What failed is tried again without waiting for its turn."""
    table = tables.cancellation
    with made.database.transaction() as tx:
        for row in tx.execute(table.select()).all():
            tx.execute(
                table.update()
                .where(table.c.id == row.id)
                .values(updated_at=row.created_at - timedelta(hours=2))
            )
