"""Sales of the channel that owns stock, and sales where the hub itself does: each unit counts exactly once."""

from __future__ import annotations

import pytest

from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.operations.task import SourcesOfTruth
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, location, order, product, stock

Moves = list[tuple[str, int, int]]


def moves(hub: Bench) -> Moves:
    """Every movement that an order made: kind, units on hand, units committed."""
    where = tables.movement.c.order_id != ""
    found = hub.rows(tables.movement, where, by=tables.movement.c.id)
    return [(row.kind, row.on_hand, row.committed) for row in found]


def noted(hub: Bench) -> int:
    return sum(row.noted for row in hub.rows(tables.movement))


def test_a_sale_in_the_store_is_noted_and_not_subtracted_again(hub: Bench) -> None:
    hub.open_shop(A=10)

    hub.read_orders(order("1", line("A", 3)), of=STORE)
    hub.read_stock(stock("A", 7))

    assert (hub.offered("A"), hub.committed("A"), noted(hub)) == (7, 0, 3)


def test_a_sale_in_the_store_is_noted_where_the_store_took_it_off_however_much_lies_elsewhere(
    hub: Bench,
) -> None:
    hub.open_shop(A=10)
    hub.read_locations(location(is_default=True), location("2", name="Annex"))
    hub.read_stock(stock("A", 0), stock("A", 50, "2"))

    hub.read_orders(order("1", line("A", 10)), of=STORE)

    [note] = hub.rows(tables.movement, tables.movement.c.noted > 0)
    [main] = hub.rows(tables.location, tables.location.c.integration == STORE, tables.location.c.is_default)
    assert (note.location_id, note.noted) == (main.id, 10)


def test_a_canceled_sale_in_the_store_is_noted_back(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 3)), of=STORE)

    hub.read_orders(order("1", line("A", 3, quantity_canceled=2)), of=STORE)

    assert noted(hub) == 1


def test_a_store_that_takes_stock_at_shipping_commits_until_then(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 3), stock_is_taken=False), of=STORE)
    assert hub.offered("A") == 7

    hub.read_stock(stock("A", 7))
    hub.read_orders(
        order("1", line("A", 3, quantity_shipped=3), stock_is_taken=True, status=OrderStatus.FULFILLED),
        of=STORE,
    )

    assert (hub.committed("A"), hub.offered("A"), noted(hub)) == (0, 7, 3)


def test_an_order_that_has_left_in_part_is_promised_until_the_store_takes_its_stock(hub: Bench) -> None:
    hub.open_shop(A=10, B=10)
    hub.read_orders(order("1", line("A", 3), line("B", 1), stock_is_taken=False), of=STORE)

    part = order("1", line("A", 3, quantity_shipped=3), line("B", 1), stock_is_taken=False)
    hub.read_orders(part, of=STORE)

    assert (hub.offered("A"), hub.offered("B")) == (7, 9)


def test_an_order_of_the_store_that_loses_its_claim_on_stock_commits_instead(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 3)), of=STORE)

    hub.read_orders(order("1", line("A", 3), stock_is_taken=False), of=STORE)

    assert (hub.committed("A"), noted(hub)) == (3, 0)


def test_a_sale_in_the_store_is_never_reported_to_it(hub: Bench) -> None:
    hub.open_shop(A=10)

    hub.read_orders(order("1", line("A", 3)), of=STORE)

    assert hub.reports() == []


# Where the hub owns the stock


@pytest.fixture
def own(hub: Bench) -> Bench:
    """A hub whose own warehouse holds ten units."""
    hub.locate()
    hub.read_products(product("A"))
    hub.read_stock(stock("A", 10))
    hub.truth = SourcesOfTruth(catalog=STORE)
    return hub


def test_shipping_takes_off_the_shelf_what_was_committed(own: Bench) -> None:
    own.read_orders(order("1", line("A", 3)))
    own.read_orders(order("1", line("A", 3, quantity_shipped=3)))

    assert moves(own) == [("commit", 0, 3), ("ship", -3, -3)]
    assert (own.on_hand("A"), own.committed("A")) == (7, 0)


def test_an_order_that_was_shipped_when_first_read_lowers_stock_once(own: Bench) -> None:
    sold = line("A", 3, quantity_shipped=3)
    own.read_orders(order("1", sold, fulfilled_by=FulfilledBy.PLATFORM_LABEL))
    own.read_orders(order("1", sold, fulfilled_by=FulfilledBy.PLATFORM_LABEL, channel_status="DELIVERED"))

    assert (own.on_hand("A"), own.committed("A")) == (7, 0)


def test_units_canceled_while_others_ship_go_back_and_not_off_the_shelf(own: Bench) -> None:
    own.read_orders(order("1", line("A", 3)))

    own.read_orders(order("1", line("A", 3, quantity_canceled=1, quantity_shipped=1)))

    assert (own.on_hand("A"), own.committed("A")) == (9, 1)


def test_a_cancellation_after_a_part_was_shipped_moves_nothing_on_the_shelf(own: Bench) -> None:
    own.read_orders(order("1", line("A", 3)))
    own.read_orders(order("1", line("A", 3, quantity_shipped=1)))

    own.read_orders(order("1", line("A", 3, quantity_shipped=1, quantity_canceled=2)))

    assert (own.on_hand("A"), own.committed("A")) == (9, 0)


def test_levels_are_the_sums_of_their_movements_whatever_happens(own: Bench) -> None:
    own.read_orders(order("1", line("A", 3)), order("2", line("A", 4)), of=SHOP)
    own.read_locations(location("2"))
    own.read_stock(stock("A", 6), stock("A", 2, "2"))
    own.read_orders(
        order("1", line("A", 3, quantity_shipped=2)), order("2", line("A", 4, quantity_canceled=4))
    )
    own.read_stock(stock("A", 5))

    assert own.ledger_differences() == {}
