"""The book of drift: one line for one field, closed in the transaction that sets it right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.drift import Difference, DriftCause
from crossdock.domain.sync import Entity
from crossdock.operations import drift, publishing
from crossdock.operations.drift import Found
from crossdock.operations.publishing import State
from crossdock.operations.views import views
from crossdock.store import tables
from support.make import SHOP, Bench

STOCK = Entity.INVENTORY


@pytest.fixture
def shop(hub: Bench) -> Bench:
    """A is settled on the shop with 5 units."""
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    with hub.step(SHOP) as (tx, task):
        marks = hub.publication(key).marks
        publishing.settle(tx, task, STOCK, State(key, "print", '[["1",5]]', marks))
    return hub


def rows(hub: Bench) -> list[Any]:
    with hub.database.reading() as tx:
        return list(tx.execute(tables.drift.select().order_by(tables.drift.c.id)))


def found(
    hub: Bench, shown: str = "9", *, left_because: str = "", cause: DriftCause = DriftCause.CHANGED_THERE
) -> Found:
    one = Difference("stock", "5", shown, "A", "1", left_because)
    return Found(hub.variant_id("A"), "A", (one,), cause)


def keep(hub: Bench, *some: Found) -> None:
    with hub.step(SHOP) as (tx, task):
        drift.keep(tx, task, STOCK, some)


def close(hub: Bench, how: str, keys: Sequence[str] = ()) -> None:
    with hub.step(SHOP) as (tx, task):
        drift.close(tx, task, STOCK, keys or [hub.variant_id("A")], how=how)


def test_what_drifts_is_noted_once_and_marked_for_the_push(shop: Bench) -> None:
    keep(shop, found(shop))
    keep(shop, found(shop, "8", cause=DriftCause.NOT_KEPT))

    [row] = rows(shop)
    publication = shop.publication(shop.variant_id("A"))
    assert (row.expected, row.shown, row.cause, row.repaired_at) == ("5", "8", "changed there", None)
    assert (publication.state, publication.is_dirty) == ("unsettled", True)


def test_what_is_left_alone_is_noted_and_not_marked(shop: Bench) -> None:
    keep(shop, found(shop, left_because="The listing is frozen"))

    publication = shop.publication(shop.variant_id("A"))
    assert (publication.state, publication.is_dirty) == ("settled", False)
    close(shop, drift.WRITTEN)
    assert rows(shop)[0].repaired_at is None
    close(shop, drift.SEEN_RIGHT)
    assert rows(shop)[0].repaired_at is not None


def test_what_is_gone_is_not_sent_into_the_void(shop: Bench) -> None:
    keep(shop, found(shop, "", cause=DriftCause.GONE))

    assert shop.publication(shop.variant_id("A")).is_dirty is False
    assert len(rows(shop)) == 1


def test_closed_lines_stay_as_history_and_the_next_time_is_a_line_of_its_own(shop: Bench) -> None:
    for shown in ("9", "8"):
        keep(shop, found(shop, shown))
        close(shop, drift.WRITTEN_AND_READ)

    assert [(row.shown, row.repair) for row in rows(shop)] == [
        ("9", drift.WRITTEN_AND_READ),
        ("8", drift.WRITTEN_AND_READ),
    ]


def test_a_case_opens_at_the_fourth_time_within_a_week_and_closes_when_it_holds(shop: Bench) -> None:
    opened = []
    for shown in ("9", "8", "7", "6"):
        keep(shop, found(shop, shown))
        opened.append(len(cases(shop)))
        close(shop, drift.WRITTEN_AND_READ)

    assert opened == [0, 0, 0, 1]
    with shop.step(SHOP) as (tx, task):
        drift.close_seen_right(tx, task, STOCK, [shop.variant_id("A")])
    assert cases(shop) == []


def test_repairs_that_held_for_a_week_count_no_more(shop: Bench) -> None:
    for shown in ("9", "8", "7"):
        keep(shop, found(shop, shown))
        close(shop, drift.WRITTEN_AND_READ)
    shop.now += timedelta(days=8)

    keep(shop, found(shop, "6"))

    assert cases(shop) == []


def test_a_number_that_is_being_sold_is_no_repair_that_fails(shop: Bench) -> None:
    for shown in ("9", "8", "7", "6"):
        keep(shop, found(shop, shown, cause=DriftCause.SOLD_MEANWHILE))
        close(shop, drift.WRITTEN_AND_READ)

    assert cases(shop) == []


def cases(hub: Bench) -> list[Any]:
    with hub.database.reading() as tx:
        return views.exceptions(tx, kind="drift").items


def test_what_is_no_longer_pushed_drifts_no_longer(shop: Bench) -> None:
    keep(shop, found(shop))
    with shop.step(SHOP) as (tx, task):
        drift.let_go(tx, task, [STOCK])
        assert drift.open_count(tx) == {(SHOP, "inventory"): 1}
        drift.let_go(tx, task, [])

    [row] = rows(shop)
    assert "push is off" in row.repair
    with shop.database.reading() as tx:
        assert drift.open_count(tx) == {}


def test_drift_is_listed_in_slices_the_latest_first(shop: Bench) -> None:
    for shown in ("9", "8", "7"):
        keep(shop, found(shop, shown))
        close(shop, drift.WRITTEN_AND_READ)
    keep(shop, found(shop, "6"))

    with shop.database.reading() as tx:
        still = views.drifts(tx).items
        first = views.drifts(tx, is_open=None, limit=3)
        rest = views.drifts(tx, is_open=None, after=first.next, limit=3)
        elsewhere = views.drifts(tx, integration="other", is_open=None).items

    assert [(one.sku, one.title, one.shown) for one in still] == [("A", "Product p-A", "6")]
    assert [one.shown for one in first.items] == ["6", "7", "8"]
    assert [one.shown for one in rest.items] == ["9"]
    assert (rest.next, elsewhere) == ("", [])
