"""Sales that reach the owner of stock as orders of its own, told operation by operation."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.channel import ChannelOrder
from crossdock.domain.inventory import ReportState
from crossdock.domain.order import OrderStatus
from crossdock.operations.orders import copy_sales
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.orders.orders import EXTERNAL_SOURCE
from crossdock.operations.stock import observing, sales
from crossdock.operations.stock.intents import Item
from crossdock.operations.stock.sales import IntentKind
from crossdock.operations.task import Task
from crossdock.store import tables
from operations.test_sales import states
from support.make import SHOP, STORE, line, order, product, stock
from support.owner import SKU, Owner, Sale


def test_orders_to_be_created_in_the_owner_come_oldest_first(owner: Owner) -> None:
    for _ in range(3):
        owner.sell(1)

    with owner.hub.step() as (tx, _):
        found = copy_sales.orders_to_create(tx, "store", now=owner.hub.now, limit=2)
        keys = [row.order_id for row in owner.hub.rows(tables.sale_report, by=tables.sale_report.c.id)]
        assert found == keys[:2]
        (due,) = sales.due_of_order(tx, "store", found[0])

    assert (due.delta, due.channel_variant_id) == (-1, f"v-{SKU}")


def test_orders_that_cannot_be_created_yet_take_no_place_of_those_that_can(owner: Owner) -> None:
    hub = owner.hub
    hub.read_products(product("B"))
    hub.read_stock(stock("B", 9))
    hub.read_orders(*(order(f"b{i}", line("B")) for i in range(3)))
    listed = tables.listing
    with hub.database.transaction() as tx:
        of_it = (listed.c.integration == STORE, listed.c.variant_id == hub.variant_id("B"))
        tx.execute(listed.update().where(*of_it).values(variant_id=None))
    owner.sell(1)

    with hub.step() as (tx, _):
        assert copy_sales.orders_to_create(tx, STORE, now=hub.now, limit=2) == [order_id(SHOP, "s0")]


def send_order(owner: Owner, sale: Sale, task: Task) -> tuple[str, list[Item]]:
    """As orders are sent that share one reading: its moment is what all of them count from."""
    with owner.hub.step() as (tx, _):
        due = sales.due_of_order(tx, STORE, order_id(SHOP, sale.key))
        return sales.write_intent(tx, task, due, kind=IntentKind.ORDER)


def test_orders_that_share_a_reading_are_not_taken_for_each_other(owner: Owner) -> None:
    first, second = owner.sell(2), owner.sell(2)
    owner.read()
    measured = owner.hub.task()
    slow, quick = send_order(owner, first, measured), send_order(owner, second, measured)
    owner.accept(slow, is_late=True)
    owner.accept(quick)

    owner.look()
    assert ReportState.SEEN not in states(owner)
    assert owner.hub.offered(SKU) <= 21

    owner.apply_late()
    owner.look()
    assert states(owner) == [ReportState.SEEN, ReportState.SEEN]
    assert owner.hub.offered(SKU) == owner.total == 21


def shown(**more: Any) -> ChannelOrder:
    """The order that the hub created for the first sale, as the owner shows it."""
    lines = (line(SKU, 3, quantity_canceled=more.pop("canceled", 0)),)
    return order("c1", *lines, external_source=EXTERNAL_SOURCE, external_reference="s0", **more)


def hidden(owner: Owner) -> None:
    """A sale became an order, whose effect nobody can tell from what somebody counted by hand meanwhile."""
    sale = owner.sell(3)
    owner.read()
    owner.accept(send_order(owner, sale, owner.hub.task()))
    owner.units["1"] += 7
    owner.hub.tick(observing.SHOWS_WITHIN.total_seconds())


def test_an_order_that_the_owner_shows_settles_its_sale_though_a_count_hides_it(owner: Owner) -> None:
    hidden(owner)
    owner.look()
    assert states(owner) == [ReportState.UNCLEAR]
    assert owner.hub.cases("report_unclear")

    owner.hub.read_orders(shown(), of=STORE)
    owner.look()

    assert states(owner) == [ReportState.SEEN]
    assert owner.hub.cases() == []
    assert owner.hub.offered(SKU) == owner.total == 29


@pytest.mark.parametrize(
    "differs", [{"canceled": 1}, {"status": OrderStatus.CANCELED}, {"stock_is_taken": False}]
)
def test_an_order_that_did_not_take_all_its_units_settles_nothing(
    owner: Owner, differs: dict[str, Any]
) -> None:
    hidden(owner)
    owner.hub.read_orders(shown(**differs), of=STORE)

    owner.look()

    assert states(owner) == [ReportState.UNCLEAR]
    assert owner.hub.cases("report_unclear")


def test_an_order_that_the_owner_shows_settles_nothing_while_its_number_stands_where_it_stood(
    owner: Owner,
) -> None:
    """Whether the owner takes stock for such an order is our reckoning; its number is what it says itself."""
    sale = owner.sell(3)
    owner.read()
    owner.accept(send_order(owner, sale, owner.hub.task()), is_late=True)
    owner.hub.tick(observing.SHOWS_WITHIN.total_seconds())
    owner.hub.read_orders(shown(), of=STORE)

    owner.look()

    assert states(owner) == [ReportState.UNCLEAR]
    assert owner.hub.cases("report_unclear")
    assert owner.hub.offered(SKU) == owner.total - 3


def test_a_number_that_was_read_soon_after_the_order_settles_nothing(owner: Owner) -> None:
    hidden(owner)
    owner.hub.now -= observing.SHOWS_WITHIN / 2
    owner.hub.read_orders(shown(), of=STORE)
    owner.read()
    owner.hub.tick(observing.SHOWS_WITHIN.total_seconds())

    with owner.hub.step(STORE) as (tx, task):
        observing.observe(tx, task, orders_read_until=task.now)

    assert states(owner) == [ReportState.UNCLEAR]


def test_a_canceled_order_that_the_owner_shows_has_given_its_units_back(owner: Owner) -> None:
    sale = owner.sell(3)
    owner.read()
    owner.accept(send_order(owner, sale, owner.hub.task()))
    owner.look()
    owner.hub.read_orders(shown(), of=STORE)
    owner.cancel(sale, 3)
    with owner.hub.step() as (tx, task):
        due = sales.due_of_order(tx, STORE, order_id(SHOP, sale.key))
        sent = sales.write_intent(tx, task, due, kind=IntentKind.ORDER_CANCEL)
    owner.accept(sent)
    owner.units["1"] += 7
    owner.hub.tick(observing.SHOWS_WITHIN.total_seconds())

    owner.hub.read_orders(shown(status=OrderStatus.CANCELED), of=STORE)
    owner.look()

    assert states(owner) == [ReportState.SEEN, ReportState.SEEN]
    assert owner.hub.cases() == []
    assert owner.hub.offered(SKU) == owner.total == 32
