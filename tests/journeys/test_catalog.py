"""A merchant's BigCommerce catalog appears on TikTok Shop, linked by SKU, nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crossdock.connectors.settings import described
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings
from crossdock.domain.sync import Direction, Entity
from crossdock.store import tables
from crossdock_simulators.bigcommerce.records import Product
from crossdock_simulators.tiktok_shop.seed import load_listings
from support.world import SHOP, STORE, World, world

COMPLETE = {
    "attribute_defaults": {"Contains batteries": "No", "Fabric": "Cotton", "Ingredients": "Water, glycerin"},
    "untracked_quantity": 50,
}


def ready(made: World, **settings: Any) -> World:
    made.connect(**{"shop": COMPLETE, **settings})
    return made


def listed_skus(made: World) -> list[str]:
    return sorted(sku for product in made.shop.shop.tables.products.values() for sku in skus_of(product))


def skus_of(product: Any) -> list[str]:
    return [sku.seller_sku for sku in product.content.skus]


def store_product(made: World, number: int = 0) -> Product:
    return sorted(made.store.store.products.values(), key=lambda product: product.id)[number]


def listing(sku: str, title: str = "An older listing of the shop") -> dict[str, Any]:
    return {
        "title": title,
        "description": "<p>Sold here for years</p>",
        "skus": [{"seller_sku": sku, "price": "19.50", "quantity": 3, "sales_attributes": []}],
    }


def a_sku(made: World) -> str:
    """The SKU of a simple product whose stock is tracked."""
    variant = tables.variant
    simple = made.rows(
        tables.product.join(variant, variant.c.product_id == tables.product.c.id),
        tables.product.c.kind == "simple",
        variant.c.is_stock_tracked,
    )
    return str(simple[0].sku)


def test_s2_every_record_written_to_a_platform_is_traceable_to_a_hub_record(any_world: World) -> None:
    made = ready(any_world)

    made.sync()

    on_shop = {sku.id for product in made.shop.shop.tables.products.values() for sku in product.content.skus}
    linked = {
        row.channel_id: row.variant_id
        for row in made.rows(tables.listing, tables.listing.c.integration == SHOP)
    }
    assert on_shop
    assert on_shop == {channel_id for channel_id, variant in linked.items() if variant}
    written = {row.subject_id for row in made.rows(tables.event, tables.event.c.direction == "out")}
    assert {row.product_id for row in made.rows(tables.variant) if row.id in linked.values()} <= written


def test_every_product_of_the_store_is_listed_once_with_all_its_skus(any_world: World) -> None:
    made = ready(any_world)

    made.sync()
    made.approve_all()
    made.sync()

    expected = sorted(row.sku for row in made.rows(tables.variant))
    assert listed_skus(made) == expected
    assert made.open_cases() == []
    states = {row.state for row in made.rows(tables.listing, tables.listing.c.integration == SHOP)}
    assert states == {"live"}


def test_a_second_sync_right_after_a_clean_one_writes_nothing(small_world: World) -> None:
    made = ready(small_world)
    made.sync()
    made.approve_all()
    made.sync()
    before = made.writes()

    made.sync()

    assert made.writes() == before


def test_reads_of_an_idle_sync_do_not_grow_with_the_catalog(tmp_path: Path) -> None:
    counts = []
    for products in (4, 130):
        with world(tmp_path / str(products), products=products) as made:
            made.act(f"{made.shop_address}/_sim/switches", {"review_delay_seconds": 0})
            ready(made)
            made.sync()
            made.sync()
            store, shop = made.store.journal.last_number, made.shop.journal.last_number
            made.sync()
            counts.append((made.store.journal.last_number - store, made.shop.journal.last_number - shop))

    assert counts[0] == counts[1]
    assert sum(counts[0]) <= 8


def use_currency(made: World, currency: str) -> None:
    made.act(f"{made.store_address}/_sim/switches", {"currency": currency})


def test_s11_pushing_products_works_for_a_us_shop(tmp_path: Path) -> None:
    with world(tmp_path, region="US", products=4) as made:
        ready(made).sync()
        assert listed_skus(made) == sorted(row.sku for row in made.rows(tables.variant))


def test_s12_pushing_products_works_for_a_uk_shop(tmp_path: Path) -> None:
    with world(tmp_path, region="GB", products=4) as made:
        use_currency(made, "GBP")
        ready(made).sync()
        assert listed_skus(made) == sorted(row.sku for row in made.rows(tables.variant))


def test_s13_a_shop_elsewhere_is_refused_before_any_write_and_told_why(tmp_path: Path) -> None:
    with world(tmp_path, region="DE", products=4) as made:
        use_currency(made, "EUR")
        ready(made).sync()

        flow = next(row for row in made.rows(tables.flow) if row.key == f"{SHOP}/push-products")
        assert made.writes()[1] == 0
        assert not made.shop.shop.tables.products
        assert "DE" in flow.refusal
        assert "TikTok Shop" in flow.refusal


def test_s26_process_product_catalog_updates_has_exactly_three_options() -> None:
    found = next(
        one for one in described(TikTokShopSettings) if one.title == "Process product catalog updates"
    )

    assert found.group == "Products"
    assert [label for _, label in found.choices] == [
        "Pull products from TikTok Shop",
        "Push products to TikTok Shop",
        "Disabled",
    ]


def test_s28_push_feeds_tiktok_shop_with_hub_products(small_world: World) -> None:
    made = ready(small_world, shop=COMPLETE | {"products": "Push products to TikTok Shop"})

    made.sync()

    titles = {product.content.title for product in made.shop.shop.tables.products.values()}
    assert titles == {row.title for row in made.rows(tables.product)}


def test_s39_products_match_by_sku(small_world: World) -> None:
    made = ready(small_world, shop=COMPLETE | {"products": "disabled"})
    made.sync(STORE)
    sku = a_sku(made)
    load_listings(made.shop.shop, [listing(sku)])

    made.sync(SHOP)

    row = next(row for row in made.rows(tables.listing) if row.integration == SHOP and row.channel_sku == sku)
    variant = next(row for row in made.rows(tables.variant) if row.sku == sku)
    assert row.variant_id == variant.id


def test_s40_identical_skus_link_without_anybody_acting_and_nothing_is_created_beside_them(
    small_world: World,
) -> None:
    made = ready(small_world)
    made.sync(STORE)
    sku = a_sku(made)
    load_listings(made.shop.shop, [listing(sku)])

    made.sync()

    assert listed_skus(made).count(sku) == 1
    assert not made.open_cases("sku_duplicate")


@pytest.mark.parametrize(
    "change", [str.lower, lambda sku: f" {sku}", lambda sku: f"{sku} ", lambda sku: sku.replace("-", "- ", 1)]
)
def test_s41_sku_comparison_is_exact(small_world: World, change: Any) -> None:
    made = ready(small_world, shop=COMPLETE | {"products": "disabled"})
    made.sync(STORE)
    sku = a_sku(made)
    load_listings(made.shop.shop, [listing(change(sku))])

    made.sync(SHOP)

    row = next(row for row in made.rows(tables.listing) if row.integration == SHOP)
    case = made.open_cases("sku_near_miss")[0]
    assert row.variant_id is None
    assert sku in case.cause
    assert change(sku).replace(" ", "␣") in case.cause


def test_a_near_miss_holds_back_a_second_listing_until_it_is_settled(small_world: World) -> None:
    made = ready(small_world)
    made.sync(STORE)
    sku = a_sku(made)
    load_listings(made.shop.shop, [listing(sku.lower())])

    made.sync()

    assert sku not in listed_skus(made)
    assert made.open_cases("sku_near_miss")


def test_s42_a_sku_on_two_listings_is_reported_and_neither_is_merged(small_world: World) -> None:
    made = ready(small_world, shop=COMPLETE | {"products": "disabled"})
    made.sync(STORE)
    sku = a_sku(made)
    load_listings(made.shop.shop, [listing(sku, "The first of two"), listing(sku, "The second of two")])

    made.sync(SHOP)

    case = made.open_cases("sku_duplicate")[0]
    assert "The first of two" in case.cause
    assert "The second of two" in case.cause
    assert all(row.variant_id is None for row in made.rows(tables.listing) if row.integration == SHOP)


def test_s46_a_tiktok_sku_links_only_to_the_equal_master_sku(small_world: World) -> None:
    made = ready(small_world, shop=COMPLETE | {"products": "disabled"})
    made.sync(STORE)
    sku = a_sku(made)
    load_listings(made.shop.shop, [listing(sku), listing(f"{sku}X", "Almost, but another thing")])

    made.sync(SHOP)

    links = {row.channel_sku: row.variant_id for row in made.rows(tables.listing) if row.integration == SHOP}
    assert links[sku] is not None
    assert links[f"{sku}X"] is None


def test_a_product_changed_in_the_store_is_changed_on_tiktok_shop(small_world: World) -> None:
    made = ready(small_world)
    made.sync()
    made.approve_all()
    made.sync()
    product = store_product(made, 1)

    made.act(f"{made.store_address}/_sim/products/{product.id}", {"name": "Renamed by its merchant"})
    made.sync()
    made.approve_all()

    titles = [one.content.title for one in made.shop.shop.tables.products.values()]
    assert titles.count("Renamed by its merchant") == 1
    assert listed_skus(made) == sorted(row.sku for row in made.rows(tables.variant))


def test_a_refusal_by_the_review_is_shown_with_its_reason_and_clears_when_accepted(
    small_world: World,
) -> None:
    made = ready(small_world)
    made.act(f"{made.shop_address}/_sim/switches", {"review_delay_seconds": 600})
    made.sync()
    product = next(iter(made.shop.shop.tables.products.values()))
    made.act(
        f"{made.shop_address}/_sim/products/{product.id}/review",
        {"decision": "fail", "reason": "Blurred image"},
    )

    made.sync()

    case = made.open_cases("listing_refused")[0]
    assert "Blurred image" in case.cause
    assert case.fix


def test_a_forced_resync_reads_everything_once_and_changes_nothing(small_world: World) -> None:
    made = ready(small_world)
    made.sync()
    made.approve_all()
    made.sync()
    before = made.writes(), len(made.rows(tables.product)), listed_skus(made)

    made.hub.resync(STORE, Direction.PULL, Entity.PRODUCTS)
    made.sync()

    assert (made.writes(), len(made.rows(tables.product)), listed_skus(made)) == before
