"""What routing decides by: open units, stock with the order's own commitments, preferences, and what was requested."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.inventory import MovementKind
from crossdock.domain.routing import Routed, Unroutable
from crossdock.operations.orders import order_record
from crossdock.operations.routing import order_facts
from crossdock.operations.stock import ledger
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.task import HUB
from crossdock.store import tables
from operations.own_bench import ANNEX, MAIN, change, compose
from operations.routing_bench import (
    TEXAS,
    WAREHOUSE,
    add_card,
    add_warehouse,
    buy,
    card,
    decided,
    link,
    set_order,
    shipped,
)
from support.make import NOW, SHOP, STORE, Bench, line, location, order, stock


@pytest.fixture
def routed(own: Bench) -> Bench:
    """The hub's own two warehouses, both linked, with 3 of A at the one and 5 at the other."""
    add_warehouse(own)
    link(own, MAIN, ANNEX)
    change(own, "A", MAIN, on_hand=3)
    change(own, "A", ANNEX, on_hand=5)
    return own


def test_the_units_that_an_order_has_committed_count_as_available_to_itself_alone(routed: Bench) -> None:
    add_card(routed, card("Main only", MAIN))
    first, second = buy(routed, "1", A=3), buy(routed, "2", A=1)

    one, other = decided(routed, first)[0], decided(routed, second)[0]

    assert shipped(routed, one) == {MAIN: {"A": 3}}
    assert isinstance(other, Unroutable)
    assert other.tried[0].lacked == ("Main has 0 of 1 A",)


def test_orders_that_are_decided_together_do_not_get_the_same_units(routed: Bench) -> None:
    change(routed, "A", MAIN, on_hand=30)
    add_card(routed, card("Annex only", ANNEX))
    ids = [buy(routed, key, A=2) for key in "123"]

    verdicts = decided(routed, *ids)

    assert [isinstance(each, Routed) for each in verdicts] == [True, True, False]
    assert decided(routed, *ids) == verdicts


def test_where_more_was_sold_than_there_is_the_order_that_was_placed_first_gets_it(own: Bench) -> None:
    add_warehouse(own)
    link(own, MAIN)
    change(own, "A", MAIN, on_hand=3)
    add_card(own, card("Main only", MAIN))
    ids = [buy(own, key, placed_after=minutes, A=2) for key, minutes in (("9", 0), ("5", 1), ("1", 2))]

    alone = [decided(own, key)[0] for key in ids]

    assert [isinstance(each, Routed) for each in alone] == [True, False, False]
    assert [isinstance(each, Routed) for each in decided(own, *reversed(ids))] == [False, False, True]


def test_units_that_are_shipped_canceled_or_requested_are_not_routed_again(routed: Bench) -> None:
    add_card(routed, card("All", MAIN, ANNEX))
    key = buy(routed, "1", A=3, B=1)
    change(routed, "B", MAIN, on_hand=4)
    (of_a, of_b) = routed.rows(tables.order_line, by=tables.order_line.c.channel_sku)
    with routed.database.transaction() as tx:
        where = tables.order_line.c.id == of_b.id
        tx.execute(sa.update(tables.order_line).where(where).values(quantity_canceled=1))
        request(tx, key, of_a.id, 2, "sent")

    assert shipped(routed, decided(routed, key)[0]) == {MAIN: {"A": 1}}

    with routed.database.transaction() as tx:
        tx.execute(sa.update(tables.shipping_request).values(state="stopped"))
    assert shipped(routed, decided(routed, key)[0]) == {MAIN: {"A": 3}}


def request(tx: sa.Connection, order_id: str, line_id: str, units: int, state: str) -> None:
    place = tx.scalar(sa.select(tables.location.c.id).where(tables.location.c.name == MAIN))
    values = {"number": "1-1", "integration": WAREHOUSE, "location_id": place, "state": state}
    times = {"created_at": NOW, "updated_at": NOW}
    tx.execute(sa.insert(tables.shipping_request).values(id="req", order_id=order_id, **values, **times))
    part = {"request_id": "req", "line_id": line_id, "position": 1, "quantity": units}
    tx.execute(sa.insert(tables.shipping_request_line).values(**part))


def test_a_bundle_is_shipped_from_where_its_components_are(own: Bench) -> None:
    add_warehouse(own)
    link(own, MAIN, ANNEX)
    compose(own, "C", A=2, B=1)
    change(own, "A", MAIN, on_hand=9)
    change(own, "B", MAIN, on_hand=1)
    change(own, "A", ANNEX, on_hand=4)
    change(own, "B", ANNEX, on_hand=2)
    add_card(own, card("All", MAIN, ANNEX))

    assert shipped(own, decided(own, buy(own, "1", C=2))[0]) == {ANNEX: {"C": 2}}


def test_stock_at_a_location_that_is_left_out_of_totals_can_still_be_shipped(routed: Bench) -> None:
    add_card(routed, card("Annex only", ANNEX))
    (annex,) = routed.rows(tables.location, tables.location.c.name == ANNEX)
    with routed.database.transaction() as tx:
        tx.execute(
            sa.update(tables.location).where(tables.location.c.id == annex.id).values(is_excluded=True)
        )

    assert shipped(routed, decided(routed, buy(routed, "1", A=2))[0]) == {ANNEX: {"A": 2}}


def test_what_the_owner_has_taken_off_its_number_for_an_order_is_there_for_that_order(hub: Bench) -> None:
    hub.open_shop(A=2)
    add_warehouse(hub)
    link_store(hub)
    add_card(hub, card("All", "Place 1"))
    taken = order("1", line("A", 2), shipping_address=TEXAS, stock_is_taken=True)
    hub.read_orders(taken, of=STORE)
    hub.read_stock(stock("A", 0))
    (row,) = hub.rows(tables.order)

    assert shipped(hub, decided(hub, row.id)[0]) == {"Place 1": {"A": 2}}
    assert isinstance(decided(hub, buy(hub, "2", A=1))[0], Unroutable)


def test_a_sale_that_the_owners_number_shows_already_has_its_units_there(hub: Bench) -> None:
    hub.open_shop(A=3)
    add_warehouse(hub)
    link_store(hub)
    add_card(hub, card("All", "Place 1"))
    first = buy(hub, "1", A=2)
    hub.read_stock(stock("A", 1))
    (place,) = hub.rows(tables.location, tables.location.c.integration == STORE)
    (row,) = hub.rows(tables.order_line)
    of_line = {"order_id": first, "line_id": row.id}
    seen = Movement(hub.variant_id("A"), place.id, MovementKind.RELEASE, "Seen", committed=-2, **of_line)
    with hub.step(STORE) as (tx, task):
        ledger.append(tx, task, [seen])

    assert hub.committed("A") == 0
    assert shipped(hub, decided(hub, first)[0]) == {"Place 1": {"A": 2}}
    assert isinstance(decided(hub, buy(hub, "2", A=2))[0], Unroutable)


def link_store(hub: Bench) -> None:
    (row,) = hub.rows(tables.location, tables.location.c.integration == STORE)
    with hub.database.transaction() as tx:
        where = tables.location.c.id == row.id
        tx.execute(sa.update(tables.location).where(where).values(linked_integration=WAREHOUSE, code="S"))
        renamed = tables.location.c.integration == SHOP
        tx.execute(sa.update(tables.location).where(renamed).values(name="Shop's own"))


def test_a_location_preference_of_the_channel_decides_before_all_cards(routed: Bench) -> None:
    routed.rules[SHOP] = Rules(location_preferences={"Place 1": ANNEX})
    with routed.database.transaction() as tx:
        where = tables.integration.c.name == SHOP
        kept = '{"location_preferences": {"Place 1": "Annex"}}'
        tx.execute(sa.update(tables.integration).where(where).values(settings=kept))
    add_card(routed, card("All", MAIN))
    routed.read_orders(
        order("1", line("A", 2, "l1"), location_id="1", shipping_address=TEXAS),
        order(
            "2",
            line("A", 9, "l2"),
            location_id="1",
            shipping_address=TEXAS,
            placed_at=NOW + timedelta(minutes=1),
        ),
    )
    first, second = routed.rows(tables.order, by=tables.order.c.channel_id)

    one, other = decided(routed, first.id)[0], decided(routed, second.id)[0]

    assert isinstance(one, Routed)
    assert (one.card, shipped(routed, one)) == ("Location preferences of tiktok", {ANNEX: {"A": 2}})
    assert isinstance(other, Unroutable)
    assert [each.card for each in other.tried] == ["Location preferences of tiktok", "All"]


def test_stock_of_another_owner_counts_for_nobody(hub: Bench) -> None:
    hub.open_shop(A=2)
    hub.read_locations(location("9", "Elsewhere"), of=SHOP)
    add_warehouse(hub)
    link(hub, "Elsewhere")
    add_card(hub, card("All", "Elsewhere"))

    found = decided(hub, buy(hub, "1", A=1))[0]

    assert isinstance(found, Unroutable)
    assert found.tried[0].lacked == ("Elsewhere is not counted by store, which owns stock",)


def test_filters_look_at_open_lines_tags_and_method_as_they_were_decided_here(routed: Bench) -> None:
    key = buy(routed, "1", A=2, NEW=1)
    set_order(routed, key, tags='["gift"]', tags_here='["rush"]', method_here="Express")

    with routed.step(HUB) as (tx, task):
        facts = order_facts.facts_of(tx, task, [key])[key]

    assert (facts.channel, facts.country, facts.state) == (SHOP, "US", "Texas")
    assert facts.skus == {"A", "NEW"}
    assert facts.tags == {"gift", "rush"}
    assert (facts.method, str(facts.total)) == ("Express", "30.00 USD")
    assert facts.weight is None


def test_once_all_has_left_filters_still_see_what_it_was(routed: Bench) -> None:
    key = buy(routed, "1", A=2, B=1)
    with routed.database.transaction() as tx:
        of_a = tables.order_line.c.channel_sku == "A"
        tx.execute(sa.update(tables.order_line).where(of_a).values(quantity_shipped=2))
    with routed.step(HUB) as (tx, task):
        part = order_facts.facts_of(tx, task, [key])[key]
        tx.execute(sa.update(tables.order_line).values(quantity_shipped=tables.order_line.c.quantity))
        over = order_facts.facts_of(tx, task, [key])[key]

    assert part.skus == {"B"}
    assert over.skus == {"A", "B"}


def test_an_order_whose_address_is_gone_is_decided_without_one(routed: Bench) -> None:
    add_card(routed, card("All", MAIN))
    key = buy(routed, "1", A=1)
    set_order(routed, key, buyer=None)

    assert order_record.order_id(SHOP, "1") == key
    assert shipped(routed, decided(routed, key)[0]) == {MAIN: {"A": 1}}
