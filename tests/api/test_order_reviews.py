"""Letting an order go on, or having it wait, through the API."""

from __future__ import annotations

from api import seed
from api.bench import Bench


def test_a_person_has_an_order_wait_and_then_lets_it_go_on(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())

    waits = merchant.client.post("/api/v1/orders/1/review")
    assert (waits.status_code, waits.json()["order"]["status"]) == (200, "Review Required")
    ready = merchant.client.post("/api/v1/orders/1/ready")

    assert (ready.status_code, ready.json()["order"]["status"]) == (200, "Ready For Fulfillment")
    said = ready.json()["events"][0]
    assert (said["what"], said["actor"]) == ("Marked ready: Review Required → Ready For Fulfillment", "doer")


def test_an_order_that_waits_for_nobody_is_refused_with_its_status(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())

    refused = merchant.client.post("/api/v1/orders/1/ready")

    assert refused.status_code == 422
    assert "is Ready For Fulfillment and waits for no review" in refused.json()["detail"]
    assert merchant.client.post("/api/v1/orders/nobody/ready").status_code == 404
