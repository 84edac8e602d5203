"""The life of a listing on TikTok Shop: drafted, refused, mended, taken off sale, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from crossdock.app import Hub, utc_now
from crossdock.domain.sync import Direction, Entity
from crossdock.store import tables
from crossdock_simulators.tiktok_shop.records import Product
from crossdock_simulators.tiktok_shop.seed import load_listings
from journeys.test_catalog import COMPLETE, a_sku, ready
from journeys.test_stock import live as live_under
from support.world import SHOP, STORE, World


def live(made: World, **shop: Any) -> World:
    """Everything listed and through the review."""
    return live_under(made, shop=COMPLETE | shop)


def listed(made: World, sku: str) -> Product:
    """The one product of the shop that has this SKU."""
    found = [
        product
        for product in made.shop.shop.tables.products.values()
        if any(each.seller_sku == sku for each in product.content.skus)
    ]
    assert len(found) == 1, f"{len(found)} products with {sku}"
    return found[0]


def publication(made: World, sku: str) -> Any:
    """Where the product of this SKU stands with the shop."""
    variant = next(row for row in made.rows(tables.variant) if row.body.find(f'"sku":"{sku}"') >= 0)
    where = tables.publication.c.record_id == variant.product_id
    return made.rows(tables.publication, where, tables.publication.c.integration == SHOP)[0]


def in_store(made: World, sku: str) -> int:
    """The store's number of the product with this SKU."""
    if simple := made.in_store("GET", f"catalog/products?sku={sku}"):
        return int(simple[0]["id"])
    return int(made.in_store("GET", f"catalog/variants?sku={sku}")[0]["product_id"])


def delete_in_store(made: World, sku: str) -> None:
    address = f"{made.store_credentials()['api_path']}catalog/products/{in_store(made, sku)}"
    headers = {"X-Auth-Token": made.store.credentials["access_token"]}
    assert made.http.delete(address, headers=headers).status_code == 204
    made.hub.resync(STORE, Direction.PULL, Entity.PRODUCTS)


def edit_in_store(made: World, sku: str, /, **changes: Any) -> None:
    made.in_store("PUT", f"catalog/products/{in_store(made, sku)}", changes)


def clock_of_days(made: World, days: Callable[[], int]) -> None:
    """From now on the hub lives so many days ahead."""

    def now() -> datetime:
        return utc_now() + timedelta(days=days())

    made.hub.close()
    made.hub = Hub.open(made.config, clock=now)


def test_a_product_refused_by_the_review_is_mended_in_the_store_and_goes_live(small_world: World) -> None:
    made = ready(small_world)
    made.create_in_store(name="A forbidden candle", sku="NOVA-CANDLE", price="20", stock=3)
    made.sync()
    made.approve_all()
    made.sync()
    refused, cases = listed(made, "NOVA-CANDLE").status, made.open_cases("listing_refused")
    before = made.writes()[1]
    made.sync()
    quiet = made.writes()[1]

    edit_in_store(made, "NOVA-CANDLE", name="An allowed candle")
    made.sync()
    resubmitted = listed(made, "NOVA-CANDLE").status
    made.approve_all()
    made.sync()

    assert refused == "FAILED"
    assert "forbidden" in cases[0].cause
    assert quiet == before
    assert resubmitted == "PENDING"
    assert listed(made, "NOVA-CANDLE").status == "ACTIVATE"
    assert not made.open_cases("listing_refused")


def test_a_product_that_lacks_an_attribute_is_a_draft_until_the_setting_is_made(small_world: World) -> None:
    made = ready(small_world, shop={"untracked_quantity": 50})
    made.create_in_store(name="A soft lamp", sku="NOVA-LAMP", price="20", stock=3)
    made.sync()
    draft, said = listed(made, "NOVA-LAMP").status, publication(made, "NOVA-LAMP")
    cases = [case for case in made.open_cases("push_refused") if "Contains batteries" in case.cause]

    made.hub.apply(made.spec(shop=COMPLETE | {"default_package_size": "10x8x8 in"}))
    made.sync()

    assert draft == "DRAFT"
    assert (said.state, said.message.startswith("Draft: lacks the attribute Contains batteries")) == (
        "draft",
        True,
    )
    assert "attribute_defaults" in said.fix
    assert cases
    assert listed(made, "NOVA-LAMP").status == "PENDING"
    assert not made.open_cases("push_refused")


def test_a_product_deleted_in_the_store_goes_off_sale_on_tiktok_shop_and_stays_there(
    any_world: World,
) -> None:
    made = live(any_world)
    sku = a_sku(made)
    product_id = listed(made, sku).id

    delete_in_store(made, sku)
    made.sync()

    assert listed(made, sku).status == "SELLER_DEACTIVATED"
    row = publication(made, sku)
    assert (row.state, row.message) == ("excluded", f"No longer in the catalog source; deactivated on {SHOP}")
    assert listed(made, sku).id == product_id
    assert made.shop_stock()[sku] == 0
    before = made.writes()
    made.sync()
    assert made.writes() == before


def test_a_product_hidden_in_the_store_goes_off_sale_and_comes_back_when_it_is_shown(
    small_world: World,
) -> None:
    made = live(small_world)
    sku = a_sku(made)

    edit_in_store(made, sku, is_visible=False)
    made.sync()
    hidden = listed(made, sku).status
    edit_in_store(made, sku, is_visible=True)
    made.sync()
    made.approve_all()
    made.sync()

    assert hidden == "SELLER_DEACTIVATED"
    assert listed(made, sku).status == "ACTIVATE"
    assert made.shop_stock()[sku] == made.store_stock()[sku] > 0


def test_a_listing_with_skus_of_its_own_stays_on_sale_and_ours_is_offered_at_zero(small_world: World) -> None:
    made = ready(small_world)
    made.sync(STORE)
    sku = a_sku(made)
    skus = [
        {"seller_sku": name, "price": "19.50", "quantity": 3, "sales_attributes": {"Pack": name}}
        for name in (sku, "THEIR-OWN")
    ]
    load_listings(made.shop.shop, [{"title": "An older listing", "skus": skus}])
    made.sync(SHOP)

    delete_in_store(made, sku)
    made.sync()

    assert listed(made, sku).status == "ACTIVATE"
    assert (made.shop_stock()[sku], made.shop_stock()["THEIR-OWN"]) == (0, 3)


def test_a_sku_renamed_in_the_store_is_renamed_there_and_is_no_second_product(small_world: World) -> None:
    made = live(small_world)
    sku = a_sku(made)
    product_id, count = listed(made, sku).id, len(made.shop.shop.tables.products)

    edit_in_store(made, sku, sku="RENAMED-001")
    made.act(f"{made.shop_address}/_sim/products/{product_id}/edit", {"title": "Touched by its seller"})
    made.sync()
    made.approve_all()
    made.sync()

    assert listed(made, "RENAMED-001").id == product_id
    assert len(made.shop.shop.tables.products) == count
    assert made.shop_stock()["RENAMED-001"] == made.store_stock()["RENAMED-001"]
    linked = [row for row in made.rows(tables.listing) if row.integration == SHOP and row.variant_id]
    assert "RENAMED-001" in {row.channel_sku for row in linked}


def test_new_products_are_paced_over_two_days_and_nothing_else_waits_for_them(small_world: World) -> None:
    made = ready(small_world, shop=COMPLETE | {"daily_upload_limit": 7})
    day = [0]
    clock_of_days(made, lambda: day[0])
    made.sync()
    first_day = len(made.shop.shop.tables.products)
    queued = made.rows(tables.publication, tables.publication.c.state == "queued")
    flow = next(row for row in made.rows(tables.flow) if row.key == f"{SHOP}/push-products")
    sku = next(iter(made.shop_stock()))
    edit_in_store(made, sku, name="Edited while others wait")
    made.sync()
    edited = listed(made, sku)

    day[0] = 1
    for address in (made.shop_address, made.store_address):
        made.act(f"{address}/_sim/clock", {"advance_seconds": 86_400})
    made.sync()

    assert first_day == 7
    assert len(queued) == 5
    assert [
        int(row.message.split("; ")[1].split()[0]) for row in sorted(queued, key=lambda r: r.record_id)
    ] == [*range(5)]
    assert all("Products created per day at most" in row.message for row in queued)
    assert (flow.last_error if hasattr(flow, "last_error") else "") == ""
    assert edited.latest.title == "Edited while others wait"
    assert len(made.shop.shop.tables.products) == 12
    assert not made.rows(tables.publication, tables.publication.c.state == "queued")


def test_the_shops_own_daily_limit_is_waited_for_by_itself(small_world: World) -> None:
    made = ready(small_world)
    made.act(f"{made.shop_address}/_sim/switches", {"daily_listing_quota": 5})
    day = [0]
    clock_of_days(made, lambda: day[0])
    made.sync()
    first_day = len(made.shop.shop.tables.products)
    waiting = made.rows(tables.publication, tables.publication.c.state == "queued")

    day[0] = 1
    for address in (made.shop_address, made.store_address):
        made.act(f"{address}/_sim/clock", {"advance_seconds": 86_400})
    made.act(f"{made.shop_address}/_sim/switches", {"daily_listing_quota": 100})
    made.sync()

    assert first_day == 5
    assert len(waiting) == 7
    assert all("daily limit" in row.message and "ahead of it" in row.message for row in waiting)
    assert len(made.shop.shop.tables.products) == 12


def test_sold_out_means_off_sale_where_tiktok_shop_takes_no_zero(small_world: World) -> None:
    small_world.create_in_store(name="A soft candle", sku="NOVA-CANDLE", price="20", stock=3)
    made = live(small_world)
    made.act(f"{made.shop_address}/_sim/switches", {"accepts_zero_quantity": False})

    made.act(f"{made.store_address}/_sim/stock", {"sku": "NOVA-CANDLE", "quantity": 0})
    made.sync()
    sold_out, cases = listed(made, "NOVA-CANDLE").status, made.open_cases("push_refused")
    made.act(f"{made.store_address}/_sim/stock", {"sku": "NOVA-CANDLE", "quantity": 8})
    made.sync()
    made.approve_all()
    made.sync()

    assert sold_out == "SELLER_DEACTIVATED"
    assert cases == []
    assert listed(made, "NOVA-CANDLE").status == "ACTIVATE"
    assert made.shop_stock()["NOVA-CANDLE"] == 8
