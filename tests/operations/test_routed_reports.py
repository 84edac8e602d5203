"""Where a platform owns stock and routing asks a location of its for an order: there its number is to be lowered."""

from __future__ import annotations

import pytest

from crossdock.domain.filters import Filters
from crossdock.domain.inventory import ReportState
from crossdock.domain.order import OrderStatus
from crossdock.domain.routing import Card, Destination
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import by_hand, cards, requests
from crossdock.operations.stock import sales
from crossdock.operations.stock.sales import IntentKind
from crossdock.store import tables
from crossdock.store.database import Database
from support.make import SHOP, STORE, Bench, empty, line, order
from support.owner import SKU, Owner


@pytest.fixture
def owner(database: Database) -> Owner:
    """20 units at location 1, its default, and 5 at location 2."""
    empty(database)
    owner = Owner(Bench(database))
    owner.link_places()
    return owner


def route(owner: Owner, *places: str, allows_split: bool = False) -> int:
    """By a card with these locations."""
    destinations = tuple(Destination(owner.place(place)) for place in places)
    with owner.hub.step() as (tx, task):
        tx.execute(tables.routing_card.delete())
        cards.add(tx, task, Card("Only", destinations, Filters(), allows_split))
        return requests.route(tx, task, requests.pending(tx, limit=10))


def reports(owner: Owner) -> list[tuple[str, int, str]]:
    """Location, units and state of the reports that stand."""
    names = {owner.place(place): place for place in ("1", "2")}
    table = tables.sale_report
    found = owner.hub.rows(table, table.c.state != ReportState.VOID, by=table.c.id)
    return [(names[row.location_id], row.quantity, row.state) for row in found]


def committed(owner: Owner) -> dict[str, int]:
    rows = owner.hub.rows(tables.level)
    names = {owner.place(place): place for place in ("1", "2")}
    return {names[row.location_id]: row.committed for row in rows if row.location_id in names}


def test_a_sale_is_reported_of_the_location_that_ships_it(owner: Owner) -> None:
    owner.sell(3)
    assert (reports(owner), committed(owner)) == ([("1", -3, "open")], {"1": 3, "2": 0})

    assert route(owner, "2") == 1
    assert (reports(owner), committed(owner)) == ([("2", -3, "open")], {"1": 0, "2": 3})
    assert owner.send()
    owner.look()

    assert owner.units == {"1": 20, "2": 2}
    assert (owner.hub.committed(SKU), owner.hub.ledger_differences()) == (0, {})


def test_of_an_order_that_two_locations_ship_each_is_reported_by_itself_and_given_back_there(
    owner: Owner,
) -> None:
    sale = owner.sell(22)
    assert route(owner, "2", "1", allows_split=True) == 1
    assert sorted(reports(owner)) == [("1", -17, "open"), ("2", -5, "open")]
    assert committed(owner) == {"1": 17, "2": 5}
    while owner.send():
        owner.look()
    assert owner.units == {"1": 3, "2": 0}

    owner.cancel(sale, 22)
    while owner.send():
        owner.look()

    assert owner.units == {"1": 20, "2": 5}
    assert owner.hub.ledger_differences() == {}


def test_a_report_that_was_sent_stays_and_what_is_sold_more_goes_to_the_location_that_ships(
    owner: Owner,
) -> None:
    sale = owner.sell(3)
    sent = owner.take_due()
    assert sent is not None

    route(owner, "2")
    assert reports(owner) == [("1", -3, "sent")]
    owner.accept(sent)
    owner.look()
    sale.quantity = 5
    owner.hub.read_orders(sale.as_order())
    route(owner, "2")

    assert reports(owner) == [("1", -3, "seen"), ("2", -2, "open")]


def test_what_is_about_to_be_sent_is_not_sent_of_the_location_that_it_was_moved_from(owner: Owner) -> None:
    owner.sell(3)
    with owner.hub.step(STORE) as (tx, _):
        read_before = sales.due(tx, STORE, limit=10)

    route(owner, "2")

    with owner.hub.step(STORE) as (tx, _):
        assert len(read_before) == 1
        assert sales.still_due(tx, read_before) == []
        assert sales.still_due(tx, sales.due(tx, STORE, limit=10)) != []


def test_what_is_canceled_before_it_was_reported_is_reported_nowhere(owner: Owner) -> None:
    sale = owner.sell(22)
    route(owner, "2", "1", allows_split=True)

    owner.cancel(sale, 20)
    assert sum(units for _, units, _ in reports(owner)) == -2
    assert sum(committed(owner).values()) == 2
    owner.cancel(sale, 2)

    assert (reports(owner), committed(owner)) == ([], {"1": 0, "2": 0})


def test_what_was_never_reported_is_no_reason_to_give_units_back_there(owner: Owner) -> None:
    """Canceled before location 1 was told, open again, reported of location 2: that is where the units come back."""
    sale = owner.sell(3)
    owner.cancel(sale, 3)
    sale.canceled = 0
    owner.hub.read_orders(sale.as_order())
    route(owner, "2")
    while owner.send():
        owner.look()
    assert owner.units == {"1": 20, "2": 2}

    owner.cancel(sale, 3)
    while owner.send():
        owner.look()

    assert owner.units == {"1": 20, "2": 5}


def test_a_unit_that_the_owner_shows_as_sold_is_the_orders_own_where_it_was_lowered(owner: Owner) -> None:
    """All 5 of location 2 are sold to one order; taken back from there, that may be asked for them again."""
    owner.sell(5)
    route(owner, "2")
    owner.send()
    owner.look()
    assert owner.units == {"1": 20, "2": 0}
    owner.stop("s0-1")

    assert route(owner, "2") == 1


def test_the_owners_own_order_is_reported_nowhere_wherever_it_is_shipped(owner: Owner) -> None:
    own = order("o1", line(SKU, 2), number="o1", status=OrderStatus.READY_FOR_FULFILLMENT)
    owner.hub.read_orders(own, of=STORE)

    assert route(owner, "2") == 1
    assert (reports(owner), committed(owner)) == ([], {"1": 0, "2": 0})


def test_a_request_taken_back_leaves_the_report_where_it_is_until_another_location_is_asked(
    owner: Owner,
) -> None:
    owner.sell(3)
    route(owner, "2")

    with owner.hub.step() as (tx, task):
        by_hand.stop(tx, task, "s0-1")
    assert reports(owner) == [("2", -3, "open")]

    route(owner, "1")
    assert (reports(owner), committed(owner)) == ([("1", -3, "open")], {"1": 3, "2": 0})


def test_an_order_created_there_for_two_locations_shows_all_at_once_or_not_yet(owner: Owner) -> None:
    """The owner takes all of it off its default location; 5 units less by another cause are no answer."""
    sale = owner.sell(22)
    route(owner, "2", "1", allows_split=True)
    owner.read()
    with owner.hub.step(STORE) as (tx, task):
        due = sales.due_of_order(tx, STORE, order_id(SHOP, sale.key))
        sent = sales.write_intent(tx, task, due, kind=IntentKind.ORDER)
        sales.answered(tx, task, *sent, "t-1")

    owner.units["1"] -= 5
    owner.look()
    early = sorted(state for _, _, state in reports(owner))
    owner.units["1"] -= 17
    owner.look()

    assert (len(due), early) == (2, ["answered", "answered"])
    assert sorted(reports(owner)) == [("1", -17, "seen"), ("2", -5, "seen")]
    assert owner.hub.committed(SKU) == 0
