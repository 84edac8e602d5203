"""The made-up merchant, and what the store holds after it moved in."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.bigcommerce.seed import load_merchant
from crossdock_simulators.merchant import existing_listings, merchant
from crossdock_simulators.merchant.build import upc_a


def test_a_seed_decides_everything() -> None:
    assert merchant(50, seed=4) == merchant(50, seed=4)
    assert merchant(50, seed=4) != merchant(50, seed=5)


def test_two_hundred_products_have_about_a_thousand_variants_and_a_third_are_simple() -> None:
    products = merchant(200).products
    assert 850 <= sum(len(one.variants) for one in products) <= 1150
    assert 50 <= sum(not one.variants[0].choices for one in products) <= 80


def test_names_and_skus_are_unique_and_codes_end_in_their_check_digit() -> None:
    products = merchant(300).products
    skus = [variant.sku for one in products for variant in one.variants]
    codes = [variant.upc for one in products for variant in one.variants if variant.upc]
    assert len(set(skus)) == len(skus)
    assert len({one.name for one in products}) == 300
    assert all(sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(code)) % 10 == 0 for code in codes)
    assert len(codes) > len(skus) / 2
    assert upc_a(3_600_029_145) == "036000291452"


def test_a_healthy_merchant_has_no_defects_and_a_spoiled_one_has_the_asked_ones() -> None:
    healthy, spoiled = merchant(100), merchant(100, defects=True)
    assert all(one.sku and one.images and one.weight for one in healthy.products)
    assert sum(not one.sku for one in spoiled.products) == 1
    assert sum(not one.images for one in spoiled.products) == 1
    assert sum(not one.weight for one in spoiled.products) == 1
    assert sum(not one.images for one in merchant(100, defects={"missing_sku"}).products) == 0
    with pytest.raises(ValueError, match="no such defects"):
        merchant(1, defects={"typo"})


def test_listings_miss_the_skus_of_the_store_narrowly() -> None:
    sold = merchant(20)
    clean = [sku["seller_sku"] for one in existing_listings(sold, 10) for sku in one["skus"]]
    spoiled = [one["skus"][0]["seller_sku"] for one in existing_listings(sold, 10, defects=True)]
    known = {variant.sku for one in sold.products for variant in one.variants}
    assert set(clean) <= known
    assert spoiled[0] not in known
    assert spoiled[0].upper() in known
    assert spoiled[1] not in known
    assert spoiled[1].strip() in known
    assert spoiled[2] == spoiled[3]
    assert spoiled[4] == ""


def test_the_store_holds_the_merchant_without_having_counted_writes(
    simulator: Simulator, api: httpx.Client
) -> None:
    sold = merchant(30, seed=2)
    load_merchant(simulator.store, sold)
    answer = api.get("/v3/catalog/products", params={"limit": 250, "include": "variants,images"}).json()
    assert [row["name"] for row in answer["data"]] == [one.name for one in sold.products]
    assert [len(row["variants"]) for row in answer["data"]] == [len(one.variants) for one in sold.products]
    assert httpx.get(answer["data"][0]["images"][0]["url_zoom"]).headers["content-type"].startswith("image/")
    assert [place["label"] for place in api.get("/v3/inventory/locations").json()["data"]] == list(
        sold.locations
    )
    tracked = next(one for one in sold.products if one.tracking == "variant")
    query = {"sku:in": tracked.variants[0].sku}
    levels = api.get("/v3/inventory/items", params=query).json()["data"][0]["locations"]
    assert tuple(level["total_inventory_onhand"] for level in levels) == tracked.variants[0].stock
    assert not simulator.store.writes
