"""What the owner of stock deleted while sales of it were under way, told operation by operation."""

from __future__ import annotations

import pytest

from crossdock.connectors.rules import Rules, SalesReport
from crossdock.domain.channel import (
    ChannelId,
    ChannelProduct,
    ChannelRecord,
    ChannelSku,
    ListingState,
    Standing,
)
from crossdock.domain.inventory import ReportState
from crossdock.operations.orders import copy_sales
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.stock import deleted, sales
from crossdock.operations.stock.deleted import Suspects
from crossdock.operations.stock.sales import IntentKind
from crossdock.store import tables
from operations.test_sales import states
from support.make import SHOP, STORE, product, variant
from support.owner import SKU, Owner

RECORD = ChannelRecord(ChannelId(f"p-{SKU}"), ChannelId(f"v-{SKU}"), ChannelSku(SKU))


def remove(owner: Owner) -> str:
    """The catalog of the owner has it no more; answers the variant."""
    key = owner.hub.variant_id(SKU)
    owner.hub.read_products(product(SKU, state=ListingState.REMOVED))
    return key


def suspected(owner: Owner) -> Suspects:
    with owner.hub.step(STORE) as (tx, task):
        return deleted.suspected(tx, task)


def end(owner: Owner, standing: Standing = Standing.GONE) -> None:
    with owner.hub.step(STORE) as (tx, task):
        deleted.end(tx, task, {RECORD.variant_id: standing})


def by_orders(owner: Owner) -> None:
    owner.hub.rules[STORE] = Rules(sales_report=SalesReport.ORDER)


def committed(owner: Owner) -> int:
    return sum(row.committed for row in owner.hub.rows(tables.level))


def test_only_what_its_catalog_lost_with_sales_untold_is_suspected(owner: Owner) -> None:
    owner.sell(2)
    assert not suspected(owner)

    key = remove(owner)

    assert suspected(owner) == {key: [RECORD]}
    end(owner)
    assert not suspected(owner)


def several(*skus: str) -> ChannelProduct:
    return product(*(variant(sku) for sku in skus), channel_id=f"p-{SKU}")


def take_the_sku_of_another(owner: Owner) -> None:
    """It is sold on under a SKU that the hub knows as another product's: refused, and a mere listing from now on."""
    owner.hub.read_products(product("OTHER"))
    owner.hub.read_products(product(variant("OTHER", f"v-{SKU}"), channel_id=f"p-{SKU}"))


def test_what_lives_on_under_the_sku_of_another_is_not_taken_for_a_variant_deleted_long_ago(
    owner: Owner,
) -> None:
    owner.hub.read_products(several(SKU, "SECOND"))
    owner.hub.read_products(several(SKU))
    owner.read()
    owner.sell(2)
    key = owner.hub.variant_id(SKU)

    take_the_sku_of_another(owner)

    assert {record.variant_id for record in suspected(owner)[key]} == {f"v-{SKU}", "v-SECOND"}
    with owner.hub.step(STORE) as (tx, task):
        deleted.end(tx, task, {ChannelId(f"v-{SKU}"): Standing.COUNTED, ChannelId("v-SECOND"): Standing.GONE})
    assert (states(owner), committed(owner)) == ([ReportState.OPEN], 2)


def test_what_lives_on_beside_nothing_that_is_gone_is_not_suspected(owner: Owner) -> None:
    owner.sell(2)
    take_the_sku_of_another(owner)

    assert not suspected(owner)


def test_what_is_read_again_while_the_owner_is_asked_keeps_its_report(owner: Owner) -> None:
    owner.sell(2)
    remove(owner)
    owner.hub.read_products(product(SKU))

    end(owner)

    assert (states(owner), committed(owner)) == ([ReportState.OPEN], 2)


@pytest.mark.parametrize("told", [{}, {RECORD.variant_id: Standing.COUNTED}])
def test_what_the_owner_says_nothing_of_or_counts_keeps_its_report(
    owner: Owner, told: dict[ChannelId, Standing]
) -> None:
    owner.sell(2)
    remove(owner)

    with owner.hub.step(STORE) as (tx, task):
        deleted.end(tx, task, told)

    assert (states(owner), committed(owner)) == ([ReportState.OPEN], 2)


def test_a_refused_report_of_what_was_deleted_ends_with_its_case(owner: Owner) -> None:
    owner.units = {"1": 2, "2": 0}
    owner.sell(2)
    sent = owner.take_due()
    assert sent is not None
    owner.refuse(sent)
    assert owner.hub.cases("report_refused")

    remove(owner)
    end(owner)

    assert states(owner) == [ReportState.SEEN]
    assert (committed(owner), owner.hub.cases("report_refused")) == (0, [])
    assert owner.hub.ledger_differences() == {}


@pytest.mark.parametrize(
    ("kind", "ended"), [(IntentKind.ADJUSTMENT, ReportState.SEEN), (IntentKind.ORDER, ReportState.UNCLEAR)]
)
def test_a_lost_answer_ends_but_an_order_that_may_exist_is_looked_for_first(
    owner: Owner, kind: IntentKind, ended: ReportState
) -> None:
    owner.sell(2)
    with owner.hub.step(STORE) as (tx, task):
        sent = sales.write_intent(tx, task, sales.due(tx, STORE, limit=10), kind=kind)
    owner.lose_answer(sent, fate="never")

    remove(owner)
    end(owner)

    assert states(owner) == [ended]
    assert committed(owner) == (0 if ended is ReportState.SEEN else 2)
    assert owner.hub.cases("report_unclear") == []


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        (Standing.GONE, "it has deleted this product"),
        (Standing.UNCOUNTED, "it does not track the stock of this product any more"),
    ],
)
def test_variant_and_order_tell_how_much_ended_and_why(owner: Owner, standing: Standing, why: str) -> None:
    sale = owner.sell(2)
    key = remove(owner)

    end(owner, standing)

    rest = f"were still to be told to {STORE}, or to show there: {why}"
    assert f"-2 units {rest}" in owner.hub.events(key)
    assert f"-2 units of “{SKU}” {rest}" in owner.hub.events(order_id(SHOP, sale.key))
    assert not owner.hub.cases()


def test_what_was_sold_and_what_was_given_back_are_told_apart(owner: Owner) -> None:
    first = owner.sell(2)
    assert owner.take_due() is not None
    owner.cancel(first, 2)
    assert [row.quantity for row in owner.hub.rows(tables.sale_report)] == [-2, 2]
    key = remove(owner)

    end(owner)

    assert any(what.startswith("-2 and +2 units were still") for what in owner.hub.events(key))


def test_an_order_that_nothing_will_create_any_more_is_a_case_until_it_is_canceled(owner: Owner) -> None:
    by_orders(owner)
    sale = owner.sell(2)
    remove(owner)

    end(owner)

    [case] = owner.hub.cases("order_never_created")
    assert case.subject_id == order_id(SHOP, sale.key)
    assert f"“{SKU}”" in case.cause
    close_settled(owner)
    assert owner.hub.cases("order_never_created")
    owner.cancel(sale, 2)
    close_settled(owner)
    assert not owner.hub.cases()


def close_settled(owner: Owner) -> None:
    with owner.hub.step(STORE) as (tx, task):
        copy_sales.close_settled(tx, task)
