"""A merchant whose catalog lives on TikTok Shop gets it into BigCommerce, and the other way round; nothing twice."""

from __future__ import annotations

from decimal import Decimal

from crossdock.domain.catalog import Variant
from crossdock.domain.sync import Direction, Entity
from crossdock.operations.catalog.listables import Body
from crossdock.store import tables
from crossdock.store.codec import unpack
from support.catalogs import (
    CATALOG,
    OFF,
    SKUS,
    STORE_PUSHES,
    change,
    empty_store,
    fill_shop,
    links,
    owned_by_shop,
    owned_by_store,
    skus_of_shop,
    skus_of_store,
    sold,
    sources,
    sync_fully,
    twice,
)
from support.world import SHOP, STORE, World


def shop_product(made: World, title: str) -> str:
    products = made.shop.shop.tables.products.values()
    return next(product.id for product in products if product.content.title == title)


def store_names(made: World) -> list[str]:
    return sorted(product.name for product in made.store.store.products.values())


def test_s27_products_pulled_from_tiktok_shop_become_hub_products(any_world: World) -> None:
    made = any_world
    empty_store(made)
    fill_shop(made)
    made.connect(**owned_by_shop(made) | {"store": OFF | {"orders": True}})

    made.sync()

    assert sources(made) == dict.fromkeys(SKUS, SHOP)
    bag = next(row for row in made.rows(tables.product) if row.title == "Canvas tote bag")
    assert bag.kind == "parent"
    body: Body = unpack(Body, bag.body)
    assert body.description == "<p>Canvas tote bag, made to last.</p>"
    assert body.categories == ("Luggage & Bags / Tote bags",)
    assert len(body.images) == 1
    red: Variant = unpack(Variant, next(r.body for r in made.rows(tables.variant) if r.sku == "TOTE-RED"))
    assert [(option.name, option.value) for option in red.options] == [("Color", "Red")]
    assert red.prices is not None
    assert red.prices.current.amount == Decimal("19.50")
    assert red.weight is not None
    assert red.dimensions is not None
    assert made.open_cases() == []


def test_an_empty_store_gets_the_whole_catalog_once(any_world: World) -> None:
    made = any_world
    empty_store(made)
    fill_shop(made)
    made.connect(**owned_by_shop(made))

    sync_fully(made)

    assert skus_of_store(made) == skus_of_shop(made) == SKUS
    assert store_names(made) == sorted(product["title"] for product in CATALOG)
    assert links(made) == {sku: {STORE, SHOP} for sku in SKUS}
    assert made.open_cases() == []


def test_pictures_and_texts_come_along(small_world: World) -> None:
    made = small_world
    some = next(iter(made.store.store.products.values()))
    address = made.in_store("GET", f"catalog/products/{some.id}/images")[0]["url_zoom"]
    empty_store(made)
    fill_shop(made, [sold("Stoneware mug", "MUG") | {"image_url": address}])
    made.connect(**owned_by_shop(made))

    sync_fully(made)

    (mug,) = made.store.store.products.values()
    assert len(mug.images) == 1
    assert mug.own["description"] == "<p>Stoneware mug, made to last.</p>"
    assert mug.own["weight"] == 16  # ounces, the store's unit, for the pound that TikTok Shop says


def test_a_half_filled_store_gets_what_it_lacks_and_the_rest_is_linked(small_world: World) -> None:
    made = small_world
    made.create_in_store(name="The merchant's own mug", sku="MUG", price="18", stock=4)
    before = skus_of_store(made)
    fill_shop(made)
    made.connect(**owned_by_shop(made))

    sync_fully(made)

    assert skus_of_store(made) == sorted([*before, "PAN", "TOTE-BLUE", "TOTE-RED"])
    assert links(made)["MUG"] == {STORE, SHOP}
    assert "Stoneware mug" in store_names(made)
    assert made.shop_stock()["MUG"] == 4


def test_an_empty_shop_gets_the_stores_catalog_once(small_world: World) -> None:
    made = small_world
    made.connect(**owned_by_store(made))

    sync_fully(made)

    assert skus_of_shop(made) == skus_of_store(made)
    assert not twice(skus_of_shop(made))


def test_a_half_filled_shop_gets_what_it_lacks_and_the_rest_is_linked(small_world: World) -> None:
    made = small_world
    simple = next(p for p in made.store.store.products.values() if p.sku and len(p.variants) == 1)
    fill_shop(made, [sold("Listed years ago", simple.sku), sold("Only on TikTok Shop", "EXTRA")])
    made.connect(**owned_by_store(made))

    sync_fully(made)

    assert skus_of_shop(made) == sorted([*skus_of_store(made), "EXTRA"])
    assert links(made)[simple.sku] == {STORE, SHOP}
    assert "EXTRA" not in sources(made)


def test_a_second_sync_in_this_direction_writes_nothing(small_world: World) -> None:
    made = small_world
    empty_store(made)
    fill_shop(made)
    made.connect(**owned_by_shop(made))
    sync_fully(made)
    made.sync()
    before = made.writes()

    made.sync()

    assert made.writes() == before


def test_a_forced_resync_reads_the_shop_once_and_changes_nothing(small_world: World) -> None:
    made = small_world
    empty_store(made)
    fill_shop(made)
    made.connect(**owned_by_shop(made))
    sync_fully(made)
    made.sync()
    before = made.writes()

    made.hub.resync(SHOP, Direction.PULL, Entity.PRODUCTS)
    made.sync()

    assert made.writes() == before
    assert sources(made) == dict.fromkeys(SKUS, SHOP)


def test_s34_hub_products_are_created_and_updated_in_bigcommerce(small_world: World) -> None:
    made = small_world
    empty_store(made)
    fill_shop(made)
    made.connect(
        **owned_by_shop(made)
        | {
            "store": {
                "products": "Push updates to BigCommerce product catalog",
                "default_category": "Kitchen",
            }
        }
    )
    sync_fully(made)
    assert "Iron pan" in store_names(made)

    edited = {"title": "Iron pan, 28 cm", "prices": {"PAN": "48.00"}}
    made.act(f"{made.shop_address}/_sim/products/{shop_product(made, 'Iron pan')}/edit", edited)
    sync_fully(made)

    assert "Iron pan, 28 cm" in store_names(made)
    pan = next(p for p in made.store.store.products.values() if p.sku == "PAN")
    assert Decimal(str(pan.own["price"])) == Decimal("48.00")
    assert skus_of_store(made) == SKUS


def test_s33_changed_bigcommerce_products_update_hub_products(small_world: World) -> None:
    made = small_world
    made.connect(
        sources_of_truth={"catalog": STORE, "inventory": STORE},
        store={"products": "Pull updates from BigCommerce product catalog"},
        shop=OFF,
    )
    made.sync()
    product = next(iter(made.store.store.products.values()))

    several = next(one for one in made.store.store.products.values() if len(one.variants) > 1)
    variant = made.store.store.variants[several.variants[0]]
    made.act(f"{made.store_address}/_sim/products/{product.id}", {"name": "Renamed by its merchant"})
    made.in_store("PUT", f"catalog/products/{several.id}/variants/{variant.id}", {"price": 77.5})
    made.create_in_store(name="Brand new", sku="NEW-1", price="9", stock=3)
    made.sync()

    changed: Variant = unpack(
        Variant, next(row.body for row in made.rows(tables.variant) if row.sku == variant.sku)
    )
    assert changed.prices is not None
    assert changed.prices.current.amount == Decimal("77.5")
    titles = {row.channel_id: row.title for row in made.rows(tables.product)}
    assert titles[str(product.id)] == "Renamed by its merchant"
    assert sources(made)["NEW-1"] == STORE


def test_a_product_deleted_on_tiktok_shop_goes_off_sale_in_the_store(small_world: World) -> None:
    made = small_world
    empty_store(made)
    fill_shop(made)
    made.connect(**owned_by_shop(made))
    sync_fully(made)

    pan = shop_product(made, "Iron pan")
    made.act(f"{made.shop_address}/_sim/products/{pan}/status", {"status": "DELETED"})
    made.sync()

    assert "PAN" not in sources(made)
    gone = next(p for p in made.store.store.products.values() if p.sku == "PAN")
    assert gone.own["is_visible"] is False


def test_stock_that_the_store_owns_reaches_products_that_came_from_tiktok_shop(small_world: World) -> None:
    made = small_world
    empty_store(made)
    fill_shop(made)
    made.connect(**owned_by_shop(made))
    sync_fully(made)

    made.act(f"{made.store_address}/_sim/stock", {"sku": "MUG", "quantity": 11})
    made.sync()
    made.sell("MUG", 2)
    made.sync()

    assert made.store_stock()["MUG"] == made.shop_stock()["MUG"] == 9


def test_s35_disabled_on_both_sides_leaves_products_alone_and_matches_them_by_sku(small_world: World) -> None:
    made = small_world
    made.create_in_store(name="The store's mug", sku="MUG", price="18", stock=12)
    made.create_in_store(name="Almost the same", sku="pan", price="18", stock=5)
    fill_shop(made)
    before = skus_of_store(made), skus_of_shop(made)
    truth = {"catalog": STORE, "inventory": STORE}
    made.connect(sources_of_truth=truth, store=OFF, shop=OFF)

    made.sync()
    made.sell("MUG", 2)
    made.sell_in_store("MUG", 1)
    made.sync()
    made.sync()

    assert sources(made) == {"MUG": STORE}
    assert links(made) == {"MUG": {STORE, SHOP}}
    assert made.store_stock()["MUG"] == made.shop_stock()["MUG"] == 9
    assert {row.variant_id for row in made.rows(tables.order_line)} == {
        row.id for row in made.rows(tables.variant)
    }
    assert (skus_of_store(made), skus_of_shop(made)) == before
    assert {"The store's mug", "Almost the same"} <= set(store_names(made))


def test_products_known_by_their_skus_only_are_pushed_nowhere_until_they_are_read(small_world: World) -> None:
    made = small_world
    made.create_in_store(name="The store's mug", sku="MUG", price="18", stock=12)
    fill_shop(made)
    truth = {"catalog": STORE, "inventory": STORE}
    made.connect(sources_of_truth=truth, store=OFF, shop=OFF)
    made.sync()

    change(made, **owned_by_store(made))
    sync_fully(made)

    mug = next(p for p in made.shop.shop.tables.products.values() if p.content.skus[0].seller_sku == "MUG")
    assert mug.content.title == "The store's mug"
    assert mug.content.description
    assert not twice(skus_of_shop(made))
    assert STORE_PUSHES["default_category"] not in mug.content.title
