"""How the looking for drift goes its rounds, and that none of its calls goes before those of others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crossdock.connectors.http import OpenGate
from crossdock.domain.sync import Entity
from crossdock.sync.calm import CalmGate
from crossdock.sync.drift_rounds import PAGES_A_RUN, Rounds

NOW = datetime(2026, 11, 30, 2, 30, tzinfo=UTC)
STOCK, PRODUCTS = Entity.INVENTORY, Entity.PRODUCTS


def test_a_round_goes_on_where_it_stood_and_begins_again_at_the_beginning() -> None:
    first = Rounds.of(None, now=NOW)
    stood = Rounds.of(first.moved(STOCK, "page-2").as_cursor(), now=NOW + timedelta(hours=1))
    over = stood.ended(STOCK, now=NOW + timedelta(hours=2))

    assert (stood.stock.after, stood.stock.began_at) == ("page-2", NOW)
    assert stood.products.cursor is None
    assert over.stock.cursor is None
    assert over.stock.began_at == NOW + timedelta(hours=2)


def test_a_full_reading_goes_in_parts_until_each_entity_is_through() -> None:
    full = Rounds.full_from(NOW, [STOCK, PRODUCTS])

    assert (full.pages(STOCK), Rounds.of(None, now=NOW).pages(STOCK)) == (PAGES_A_RUN, 1)
    after_stock = full.ended(STOCK, now=NOW)
    assert (after_stock.pages(STOCK), after_stock.pages(PRODUCTS)) == (1, PAGES_A_RUN)
    assert after_stock.ended(PRODUCTS, now=NOW).full == ()
    assert full.without(PRODUCTS).full == (STOCK,)


class Counting(OpenGate):
    def __init__(self) -> None:
        self.lanes: list[str] = []

    def before_call(self, lane: str, kind: str = "") -> None:  # noqa: ARG002
        self.lanes.append(lane)


def test_no_call_is_urgent() -> None:
    behind = Counting()
    gate = CalmGate(behind)

    for lane in ("urgent", "normal"):
        gate.before_call(lane)

    assert behind.lanes == ["normal", "normal"]
