"""Sales that reach the owner of stock as orders of its own, told operation by operation."""

from __future__ import annotations

from crossdock.domain.inventory import ReportState
from crossdock.operations.orders import copy_sales
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.stock import sales
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
