"""Products from a CSV file feed both platforms: created once, changed, refused row by row, and taken off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.connectors.contract import Rules
from crossdock.operations.catalog import own_products, product_files
from crossdock.operations.catalog.product_files import Report
from crossdock.operations.setup import integrations
from crossdock.operations.stock import own_stock
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from support.catalogs import SHOP_PUSHES, STORE_PUSHES, empty_store, links, skus_of_shop, skus_of_store
from support.world import SHOP, STORE, World

MAIN = "Main warehouse"
HEADER = "product,title,description,categories,images,sku,option1_name,option1_value,price,currency,weight,dimensions"


def rows(image: str, *, mug_price: str = "9.50") -> str:
    bag = f"bag,Canvas tote bag,<p>Made to last.</p>,Kitchen,{image}"
    return "\n".join(
        [
            HEADER,
            f"mug,Stoneware mug,<p>Made to last.</p>,Kitchen,{image},MUG,,,{mug_price},USD,1 lb,5x5x5 in",
            f"{bag},TOTE-RED,Color,Red,19.50,USD,1 lb,12x10x2 in",
            "bag,,,,,TOTE-BLUE,Color,Blue,19.50,USD,1 lb,12x10x2 in",
            f"pan,Iron pan,,Kitchen,{image},PAN,,,heavy,USD,1 lb,12x10x2 in",
        ]
    )


@pytest.fixture
def own(small_world: World) -> World:
    """Both platforms empty, both fed by the hub, which owns catalog and stock."""
    made = small_world
    image = image_of(made)
    empty_store(made)
    made.connect(
        sources_of_truth={"catalog": HUB, "inventory": HUB},
        locations=[{"location": MAIN, "integration": HUB, "default": True}],
        store=STORE_PUSHES | {"inventory": "push", "orders": False},
        shop=SHOP_PUSHES,
    )
    report = take(made, rows(image))
    assert (report.created, report.refused) == (2, 1)
    for sku, units in {"MUG": 7, "TOTE-RED": 3, "TOTE-BLUE": 4}.items():
        with made.database.serial() as tx:
            own_stock.change(tx, task(made, tx), sku, MAIN, RecordChange(on_hand=units))
    settle(made)
    return made


def image_of(made: World) -> str:
    some = next(iter(made.store.store.products.values()))
    address = f"{made.store_credentials()['api_path']}catalog/products/{some.id}/images"
    reply = made.http.get(address, headers={"X-Auth-Token": made.store.credentials["access_token"]})
    return str(reply.json()["data"][0]["url_zoom"])


def task(made: World, tx: Any) -> Task:
    return Task(
        HUB, made.hub.clock(), made.hub.cipher, rules=Rules(), truth=integrations.truth(tx), actor="tester"
    )


def take(made: World, text: str) -> Report:
    lines = text.splitlines(keepends=True)
    return product_files.take(made.database, lambda tx: task(made, tx), lines)


def settle(made: World) -> None:
    made.sync()
    made.approve_all()
    made.sync()


def shop_prices(made: World) -> dict[str, Decimal]:
    products = made.shop.shop.tables.products.values()
    return {sku.seller_sku: Decimal(sku.price) for product in products for sku in product.content.skus}


def test_a_file_feeds_both_platforms_and_its_bad_rows_do_not_hold_back_the_rest(own: World) -> None:
    assert skus_of_store(own) == skus_of_shop(own) == ["MUG", "TOTE-BLUE", "TOTE-RED"]
    assert links(own) == {sku: {STORE, SHOP} for sku in ("MUG", "TOTE-BLUE", "TOTE-RED")}
    assert own.shop_stock() == {"MUG": 7, "TOTE-RED": 3, "TOTE-BLUE": 4}
    assert own.store_stock() == own.shop_stock()


def test_giving_the_file_again_writes_nothing(own: World) -> None:
    image = own.rows(tables.product)[0]
    before = own.writes()

    report = take(own, rows(image_in(image)))
    settle(own)

    assert (report.unchanged, report.created, report.changed) == (2, 0, 0)
    assert own.writes() == before


def image_in(product: Any) -> str:
    return str(product.body).partition('"url":"')[2].partition('"')[0]


def test_a_changed_price_reaches_both(own: World) -> None:
    image = image_in(own.rows(tables.product)[0])

    take(own, rows(image, mug_price="8.25"))
    settle(own)

    assert shop_prices(own)["MUG"] == Decimal("8.25")
    mug = next(p for p in own.store.store.products.values() if p.name == "Stoneware mug")
    assert Decimal(str(mug.price)) == Decimal("8.25")
    assert skus_of_store(own) == skus_of_shop(own) == ["MUG", "TOTE-BLUE", "TOTE-RED"]


def test_what_is_removed_is_no_longer_for_sale_anywhere(own: World) -> None:
    with own.database.serial() as tx:
        own_products.remove(tx, task(own, tx), own_products.key_of(tx, "MUG"))

    settle(own)

    mug = next(p for p in own.store.store.products.values() if p.name == "Stoneware mug")
    assert mug.own.get("is_visible") is False
    states = {p.content.title: p.status for p in own.shop.shop.tables.products.values()}
    assert states["Stoneware mug"] == "SELLER_DEACTIVATED"
    assert states["Canvas tote bag"] == "ACTIVATE"
