"""Letting an order go on, or having it wait, from a terminal."""

from __future__ import annotations

from support.command import Command


def test_an_order_waits_until_somebody_marks_it_ready(synced: Command) -> None:
    [order] = synced("orders", "--json").json()["items"]

    waits = synced("orders", "review", order["id"], "--json").json()
    assert waits["status"] == "Review Required"
    refused_twice = synced("orders", "review", "nobody")
    ready = synced("orders", "ready", order["number"])

    assert (ready.code, "Ready For Fulfillment" in ready.out) == (0, True)
    assert refused_twice.code == 1
    assert "nobody" in refused_twice.err
    again = synced("orders", "ready", order["number"])
    assert (again.code, "waits for no review" in again.err) == (1, True)
