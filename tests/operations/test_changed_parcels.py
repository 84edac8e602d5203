"""What the timeline of an order says of shipments that were read before, and what is written of them anew: no more
than changed."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.operations.fulfillments import parcels
from support.make import STORE, Bench
from support.shipping import S1, copied, read, shipment, sold


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """Three teas sold in the shop and copied into the store, which has shipped two of them."""
    hub.open_shop(TEA=10)
    hub.read_orders(sold({"TEA": 3}))
    hub.read_orders(copied({"TEA": 3}), of=STORE)
    read(hub, shipment("5", "1Z-1", TEA=2))
    return hub


def said(hub: Bench, *some: Any) -> list[str]:
    """What reading this adds to the timeline."""
    before = len(hub.events(S1))
    read(hub, *some)
    return hub.events(S1)[before:]


def test_a_corrected_number_is_told_with_the_one_before(selling: Bench) -> None:
    assert said(selling, shipment("5", "1Z-2", TEA=2)) == [
        f"Shipment 5 of {STORE} was corrected: UPS 1Z-1 → UPS 1Z-2"
    ]


def test_other_units_are_told_with_those_before(selling: Bench) -> None:
    assert said(selling, shipment("5", "1Z-1", TEA=1)) == [
        f"Shipment 5 of {STORE} holds other units: 2 before, 1 now"
    ]


def test_a_shipment_that_goes_and_comes_back_is_told_both_times(selling: Bench) -> None:
    assert said(selling) == [f"Shipment 5 is not on record in {STORE} any more"]
    assert said(selling, shipment("5", "1Z-1", TEA=2)) == [
        f"Shipment 5 of {STORE} is on record again (UPS 1Z-1)"
    ]


def test_another_id_and_the_same_again_tell_nothing(selling: Bench) -> None:
    assert said(selling, shipment("6", "1Z-1", TEA=2)) == []
    assert said(selling, shipment("6", "1Z-1", TEA=2)) == []


def test_units_that_have_their_place_are_not_written_again(selling: Bench) -> None:
    read(selling, shipment("5", "1Z-1", TEA=2), shipment("6", "1Z-2", TEA=1))
    statements: list[str] = []
    sa.event.listen(
        selling.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )

    with selling.step(STORE) as (tx, task):
        parcels.place_all(tx, task, [S1])

    assert [each for each in statements if "fulfillment_line" in each and not each.startswith("SELECT")] == []
