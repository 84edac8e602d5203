"""What people set of an order here: tags, a note, a shipping method, and whether it is put away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.filters import Filters
from crossdock.domain.order import OrderStatus
from crossdock.domain.routing import Card, Destination
from crossdock.operations.orders import editing, reviewing
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import cards, methods, requests
from crossdock.operations.routing.methods import MethodRule
from crossdock.operations.routing.requests import Ask
from crossdock.operations.views import views
from crossdock.store.database import Database
from support.door import EAST, WMS, Door
from support.make import CIPHER, NOW, SHOP, Bench, line, order

S1 = order_id(SHOP, "S1")


def act(hub: Bench, operation: Callable[..., Any], *given: Any, **more: Any) -> Any:
    with hub.step(SHOP) as (tx, task):
        return operation(tx, task, S1, *given, **more)


def refused(hub: Bench, operation: Callable[..., Any], *given: Any, **more: Any) -> str:
    with pytest.raises(SettingsError) as error:
        act(hub, operation, *given, **more)
    return str(error.value)


def shown(hub: Bench) -> views.OrderDetail:
    with hub.database.reading() as tx:
        found = views.order(tx, S1, CIPHER)
    assert found is not None
    return found


def test_tags_of_people_stay_beside_those_of_the_channel_however_often_it_is_read(hub: Bench) -> None:
    hub.open_shop(TEA=5)
    sold = order("S1", line("TEA"), tags=frozenset({"vip"}))
    hub.read_orders(sold)

    act(hub, editing.tag, add=["gift", "late"])
    act(hub, editing.tag, remove=["late"])
    hub.read_orders(sold)

    found = shown(hub)
    assert (found.order.tags, found.tags_here) == (["gift", "vip"], ["gift"])
    assert hub.events(S1)[-2:] == ["Tags: gift added, late added", "Tags: late removed"]
    assert "remove it there" in refused(hub, editing.tag, remove=["vip"])
    assert "it has: gift" in refused(hub, editing.tag, remove=["late"])
    assert "1 to 100 characters" in refused(hub, editing.tag, add=[" "])


def test_a_note_is_set_and_taken_away(hub: Bench) -> None:
    hub.open_shop(TEA=5)
    hub.read_orders(order("S1", line("TEA")))

    act(hub, editing.note, "Gift, no invoice")
    assert shown(hub).note == "Gift, no invoice"
    act(hub, editing.note, "")
    assert (shown(hub).note, hub.events(S1)[-2:]) == ("", ["Note changed", "Note taken away"])


def test_another_method_is_seen_by_cards_and_by_locations_and_not_changed_once_it_is_requested(
    database: Database,
) -> None:
    door = Door(database, stock={EAST: {"TEA": 9}})
    with door.hub.step() as (tx, task):
        methods.put(tx, task, MethodRule("", "ground", WMS, "GROUND"))
    door.hub.read_orders(order("S1", line("TEA"), shipping_method="Ground"))
    act(door.hub, editing.method, "Next Day")

    found = shown(door.hub)
    assert (found.method, found.shipping_method) == ("Next Day", "Ground")
    door.route()

    assert [each.method for each in shown(door.hub).requests] == ["Next Day"]
    assert "crossdock requests stop S1-1" in refused(door.hub, editing.method, "Ground")


def test_an_order_that_no_card_took_is_routed_again_by_its_new_tag(database: Database) -> None:
    door = Door(database, stock={EAST: {"TEA": 9}})
    with door.hub.step() as (tx, task):
        cards.remove(tx, task, "All")
        cards.add(tx, task, Card("VIP", (Destination(door.place(EAST)),), Filters(tags=("vip",))))
    door.hub.read_orders(order("S1", line("TEA")))
    assert (door.route(), door.order().routing) == (0, "failed")

    act(door.hub, editing.tag, add=["vip"])

    assert (door.order().routing, door.route(), door.hub.cases("unroutable")) == ("pending", 1, [])


def test_only_what_is_over_is_put_away_and_it_comes_out_as_it_was(hub: Bench) -> None:
    hub.open_shop(TEA=5)
    hub.read_orders(order("S1", line("TEA")))
    assert "only one that is fulfilled or canceled can be archived" in refused(hub, editing.archive)

    hub.read_orders(order("S1", line("TEA"), status=OrderStatus.CANCELED, modified_at=hub.tick()))
    committed = hub.committed("TEA")
    assert act(hub, editing.archive) is OrderStatus.ARCHIVED
    with hub.database.reading() as tx:
        assert views.orders(tx).items == []
        assert [o.status for o in views.orders(tx, views.OrderFilters(is_archived=True)).items] == [
            "Archived"
        ]

    assert (act(hub, editing.unarchive), hub.committed("TEA")) == (OrderStatus.CANCELED, committed)


def test_a_hold_ends_by_its_length_or_at_its_end_and_never_by_both() -> None:
    assert reviewing.hold_end(NOW, minutes=None, until=None) is None
    assert reviewing.hold_end(NOW, minutes=90, until=None) == NOW.replace(hour=13, minute=30)
    with pytest.raises(SettingsError, match="give one of them"):
        reviewing.hold_end(NOW, minutes=1, until=NOW)


def test_a_held_order_says_until_when_and_a_request_by_hand_is_shown_with_it(database: Database) -> None:
    door = Door(database, stock={EAST: {"TEA": 9}})
    door.hub.read_orders(order("S1", line("TEA", 2)))
    with door.hub.step(SHOP) as (tx, task):
        requests.ask(tx, task, S1, Ask(EAST, {"TEA": 1}))

    found = shown(door.hub)

    assert [(each.location, each.lines[0].quantity) for each in found.requests] == [(EAST, 1)]
    assert [step.color for step in found.progress] == ["green", "green", "green", "gray", "gray"]
    with door.hub.database.reading() as tx:
        assert [o.number for o in views.orders(tx, views.OrderFilters(location=EAST)).items] == ["S1"]
        assert views.orders(tx, views.OrderFilters(location="West")).items == []
