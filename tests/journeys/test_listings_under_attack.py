"""Listings of TikTok Shop where things go wrong between two steps: nothing twice, and nothing for ever."""

from __future__ import annotations

import sqlalchemy as sa

from crossdock.domain.sync import Direction, Entity
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_listing_life import edit_in_store, listed, live
from support.world import SHOP, World


def test_losing_the_connectors_memory_makes_no_second_product_and_settles(small_world: World) -> None:
    made = live(small_world)
    before = {product.id for product in made.shop.shop.tables.products.values()}
    with made.database.transaction() as tx:
        tx.execute(sa.delete(tables.memory).where(tables.memory.c.integration == SHOP))

    made.hub.resync(SHOP, Direction.PUSH, Entity.PRODUCTS)
    made.sync()
    made.approve_all()
    made.sync()
    writes = made.writes()
    made.hub.resync(SHOP, Direction.PUSH, Entity.PRODUCTS)
    made.sync()
    made.sync()

    assert {product.id for product in made.shop.shop.tables.products.values()} == before
    assert made.writes() == writes


def test_a_sku_renamed_while_a_create_is_unclear_makes_no_second_product_there(small_world: World) -> None:
    made = live(small_world)
    made.create_in_store(name="A soft candle", sku="NOVA-CANDLE", price="20", stock=3)
    made.shop.faults.add(Fault(kind="reset_after", method="POST", path="/products$"))
    made.sync()
    assert titles(made).count("A soft candle") == 1
    assert not made.rows(tables.listing, tables.listing.c.channel_sku == "NOVA-CANDLE", is_of_shop)

    edit_in_store(made, "NOVA-CANDLE", sku="NOVA-CANDLE-2")
    for _ in range(3):
        made.sync()
        made.approve_all()

    assert titles(made).count("A soft candle") == 1
    assert listed(made, "NOVA-CANDLE-2").status == "ACTIVATE"
    assert not made.open_cases("push_refused")


is_of_shop = tables.listing.c.integration == SHOP


def titles(made: World) -> list[str]:
    return [product.content.title for product in made.shop.shop.tables.products.values()]


def test_a_sold_out_product_whose_going_off_sale_was_forgotten_is_a_case_until_it_is_activated(
    small_world: World,
) -> None:
    made = live(small_world)
    made.act(f"{made.shop_address}/_sim/switches", {"accepts_zero_quantity": False})
    made.create_in_store(name="A plain mug", sku="NOVA-MUG", price="20", stock=3)
    made.sync()
    made.approve_all()
    made.sync()
    restock(made, 0)
    assert listed(made, "NOVA-MUG").status == "SELLER_DEACTIVATED"
    with made.database.transaction() as tx:
        tx.execute(sa.delete(tables.memory).where(tables.memory.c.integration == SHOP))

    restock(made, 5)
    (case,) = made.open_cases("off_sale")
    restock(made, 4)
    still = made.open_cases("off_sale")
    made.act(
        f"{made.shop_address}/_sim/products/{listed(made, 'NOVA-MUG').id}/status", {"status": "ACTIVATE"}
    )
    made.sync()

    assert "5 units of “NOVA-MUG” again, and nobody can buy them" in case.cause
    assert "Activate product" in case.fix
    assert len(still) == 1
    assert made.open_cases("off_sale") == []


def restock(made: World, units: int) -> None:
    made.act(f"{made.store_address}/_sim/stock", {"sku": "NOVA-MUG", "quantity": units})
    made.sync()
