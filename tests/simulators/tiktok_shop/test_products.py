from __future__ import annotations

from typing import Any

import pytest

from simulators.tiktok_shop.tiktok_client import RETURNS, SALES, Client

PRODUCTS = "/product/202309/products"
SEARCH = "/product/202502/products/search"


def search(shop: Client, body: dict[str, Any] | None = None, version: str = "202502", **query: str) -> Any:
    path = f"/product/{version}/products/search"
    return shop.call("POST", path, body or {}, query={"page_size": "100"} | query)


def test_a_product_is_reviewed_before_it_is_live(shop: Client) -> None:
    created = shop.create()
    waiting = shop.product(created["product_id"])
    shop.advance(seconds=3)
    live = shop.product(created["product_id"])

    assert (waiting["status"], waiting["audit"]["status"]) == ("PENDING", "AUDITING")
    assert (live["status"], live["audit"]["status"]) == ("ACTIVATE", "APPROVED")
    assert [sku["seller_sku"] for sku in created["skus"]] == ["TOTE-RED", "TOTE-BLUE"]
    assert int(created["product_id"]) > 2**53
    assert live["skus"][0]["price"]["sale_price"] == "20.00"
    assert live["skus"][0]["sales_attributes"][0]["value_name"] == "Red"


def test_a_refused_product_fails_with_reasons_and_an_edit_tries_again(shop: Client) -> None:
    product_id = shop.live(title="A forbidden bag")["product_id"]
    failed = shop.product(product_id)
    shop.call("POST", f"/product/202509/products/{product_id}/partial_edit", {"title": "A fine bag"})
    shop.advance(seconds=3)

    assert failed["status"] == "FAILED"
    assert failed["audit_failed_reasons"][0]["reasons"]
    assert shop.product(product_id)["status"] == "ACTIVATE"


def test_a_live_product_keeps_its_old_version_until_the_new_one_is_approved(shop: Client) -> None:
    product_id = shop.live()["product_id"]
    answer = shop.call("POST", f"/product/202509/products/{product_id}/partial_edit", {"title": "New bag"})

    during = shop.product(product_id)
    under_review = shop.product(product_id, return_under_review_version="true")
    shop.advance(seconds=3)

    assert answer["audit"]["status"] == "AUDITING"
    assert (during["status"], during["title"]) == ("ACTIVATE", "Canvas tote bag")
    assert under_review["title"] == "New bag"
    assert shop.product(product_id)["title"] == "New bag"
    none_left = shop.code("GET", f"{PRODUCTS}/{product_id}", query={"return_under_review_version": "true"})
    assert none_left == 12052547


def test_a_refused_edit_leaves_the_old_version_live(shop: Client) -> None:
    product_id = shop.live()["product_id"]
    shop.call("POST", f"/product/202509/products/{product_id}/partial_edit", {"title": "forbidden"})
    shop.advance(seconds=3)

    product = shop.product(product_id)

    assert (product["status"], product["title"]) == ("ACTIVATE", "Canvas tote bag")
    assert product["audit"]["status"] == "FAILED"


def test_a_person_decides_when_approval_is_not_automatic(shop: Client) -> None:
    shop.control("switches", {"auto_approve": False})
    product_id = shop.live()["product_id"]
    assert shop.product(product_id)["status"] == "PENDING"

    shop.control(f"products/{product_id}/review", {"decision": "fail", "reason": "Blurred"})

    assert shop.product(product_id)["audit_failed_reasons"][0]["reasons"] == ["Blurred"]


def test_an_edit_deletes_the_skus_it_does_not_list_and_keeps_price_and_stock_of_the_rest(
    shop: Client,
) -> None:
    created = shop.live()
    red = created["skus"][0]["id"]
    body = shop.listing(
        skus=[
            {"id": red, "seller_sku": "TOTE-RED", "sales_attributes": [{"id": "100000", "value_name": "Red"}]}
        ]
    )

    shop.call("PUT", f"/product/202509/products/{created['product_id']}", body)
    shop.advance(seconds=3)

    skus = shop.product(created["product_id"])["skus"]
    assert [sku["id"] for sku in skus] == [red]
    assert skus[0]["price"]["sale_price"] == "20.00"
    assert skus[0]["inventory"] == [{"warehouse_id": SALES, "quantity": 25}]


def test_a_change_of_price_alone_is_not_reviewed(shop: Client) -> None:
    created = shop.live()
    skus = [
        {
            "id": sku["id"],
            "seller_sku": sku["seller_sku"],
            "sales_attributes": [{"id": "100000", "value_name": color}],
            "price": {"amount": "18.5", "currency": "USD"},
        }
        for sku, color in zip(created["skus"], ("Red", "Blue"), strict=True)
    ]

    path = f"/product/202509/products/{created['product_id']}/partial_edit"
    answer = shop.call("POST", path, {"skus": skus})

    assert answer["audit"]["status"] == "APPROVED"
    assert shop.product(created["product_id"])["skus"][1]["price"]["sale_price"] == "18.5"


def changed_sku(shop: Client, **changes: Any) -> list[dict[str, Any]]:
    return [shop.sku("TOTE-RED", "Red") | changes]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, 12052261),
        ({"title": "x" * 256}, 12052051),
        ({"title": "Bag 🎒"}, 12052931),
        ({"title": "Bags &amp; more"}, 12052931),
        ({"title": "Baaaaaaaaaag"}, 12052931),
        ({"title": "!!! ---"}, 12052931),
        ({"description": "x y " * 2501}, 12052013),
        ({"description": '<img src="https://store.example/a.png" width="1" height="1">'}, 12052722),
        ({"description": "<img src='https://store.example/a.png'>"}, 12052348),
        ({"category_version": None}, 12052217),
        ({"category_version": "v1"}, 12052217),
        ({"category_id": "1"}, 12052023),
        ({"category_id": "700101"}, 12052230),
        ({"category_id": "824584"}, 12052024),
        ({"category_id": "601583"}, 12052104),
        ({"product_attributes": [{"id": "100392", "values": [{"name": "Wedding"}]}]}, 12052240),
        ({"product_attributes": [{"id": "100392", "values": [{"id": "7"}]}]}, 12052529),
        ({"main_images": [{"uri": "https://store.example/a.png"}]}, 12052722),
        ({"package_weight": None}, 12019011),
        ({"package_weight": {"value": "0", "unit": "POUND"}}, 12052181),
        ({"package_weight": {"value": "1.234", "unit": "POUND"}}, 12019011),
        ({"package_weight": {"value": "5", "unit": "GRAM"}}, 12052916),
        ({"package_weight": {"value": "1", "unit": "KILOGRAM"}}, 12052915),
        ({"package_dimensions": None}, 12019012),
        ({"package_dimensions": {"length": "1.5", "width": "1", "height": "1", "unit": "INCH"}}, 12052116),
    ],
)
def test_a_listing_is_refused_for_its_one_fault(shop: Client, changes: dict[str, Any], code: int) -> None:
    assert shop.code("POST", PRODUCTS, shop.listing(**changes)) == code
    assert shop.state()["products"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": {"amount": "20", "currency": "EUR"}}, 12052084),
        ({"price": {"amount": "cheap", "currency": "USD"}}, 12052012),
        ({"price": {"amount": "0", "currency": "USD"}}, 12052073),
        ({"price": {"currency": "USD"}}, 12052571),
        ({"list_price": {"amount": "7601", "currency": "USD"}}, 12052383),
        ({"seller_sku": "WITH SPACE"}, 12019059),
        ({"seller_sku": "S" * 51}, 12052054),
        ({"identifier_code": {"code": "123", "type": "UPC"}}, 12052591),
        ({"identifier_code": {"code": "123"}}, 12052600),
        ({"inventory": [{"warehouse_id": "999", "quantity": 4}]}, 12052097),
        ({"inventory": [{"warehouse_id": RETURNS, "quantity": 4}]}, 12052532),
        ({"inventory": [{"warehouse_id": SALES, "quantity": 100_000}]}, 12052055),
        ({"inventory": [{"warehouse_id": SALES, "quantity": 1}] * 2}, 12052555),
        ({"inventory": []}, 12019022),
        (
            {"sales_attributes": [{"id": str(n), "name": f"N{n}", "value_name": "v"} for n in range(4)]},
            12052525,
        ),
        (
            {"sales_attributes": [{"id": "100000", "value_name": "Red", "sku_img": {"uri": "nowhere"}}]},
            12052520,
        ),
    ],
)
def test_a_sku_is_refused_for_its_one_fault(shop: Client, changes: dict[str, Any], code: int) -> None:
    assert shop.code("POST", PRODUCTS, shop.listing(skus=changed_sku(shop, **changes))) == code


@pytest.mark.parametrize(
    ("skus", "code"),
    [
        ([("A", "Red", {}), ("B", "Red", {})], 12052560),
        ([("A", "Red", {}), ("B", "Blue", {"sales_attributes": []})], 12052550),
        (
            [
                ("A", "Red", {"identifier_code": {"code": "123456789012", "type": "UPC"}}),
                ("B", "Blue", {"identifier_code": {"code": "123456789012", "type": "UPC"}}),
            ],
            12052592,
        ),
        ([(f"S{n}", f"Color {n}", {}) for n in range(301)], 12052050),
    ],
)
def test_skus_that_do_not_fit_together_are_refused(
    shop: Client, skus: list[tuple[str, str, dict[str, Any]]], code: int
) -> None:
    bodies = [shop.sku(name, color, **changes) for name, color, changes in skus]

    assert shop.code("POST", PRODUCTS, shop.listing(skus=bodies)) == code


def test_the_daily_quota_stops_new_listings_until_the_next_day(shop: Client) -> None:
    shop.control("switches", {"daily_listing_quota": 1})
    shop.create()

    refused = shop.code("POST", PRODUCTS, shop.listing())
    checks = shop.call("GET", "/product/202312/prerequisites")["check_results"]
    shop.advance(days=1)

    assert refused == 12052093
    assert [check["check_item"] for check in checks if check["is_failed"]] == ["PRODUCT_QUANTITY_LIMIT"]
    assert shop.create()["product_id"]


def test_a_create_repeated_under_its_key_makes_one_product(shop: Client) -> None:
    first, second = (shop.create(idempotency_key="k-1") for _ in range(2))

    assert first == second
    assert len(shop.state()["products"]) == 1


def test_an_external_id_belongs_to_one_product(shop: Client) -> None:
    shop.create(external_product_id="bc-1")

    assert shop.code("POST", PRODUCTS, shop.listing(external_product_id="bc-1")) == 12052996


def test_a_listing_check_names_every_fault_and_lists_nothing(shop: Client) -> None:
    body = shop.listing(title="🎒", category_version=None, package_weight={"value": "0", "unit": "POUND"})

    checked = shop.call("POST", f"{PRODUCTS}/listing_check", body)

    assert checked["check_result"] == "FAILED"
    assert {reason["code"] for reason in checked["fail_reasons"]} == {12052931, 12052181}
    assert shop.call("POST", f"{PRODUCTS}/listing_check", shop.listing(category_version=None)) == {
        "check_result": "PASS",
        "fail_reasons": [],
    }
    assert shop.state()["products"] == []


def test_products_are_switched_one_by_one_and_each_failure_stands_alone(shop: Client) -> None:
    product_id = shop.live()["product_id"]

    answer = shop.call("POST", f"{PRODUCTS}/deactivate", {"product_ids": [product_id, "1"]})
    off = shop.product(product_id)["status"]
    shop.call("POST", f"{PRODUCTS}/activate", {"product_ids": [product_id]})
    waiting = shop.product(product_id)["status"]
    shop.advance(seconds=3)
    live = shop.product(product_id)["status"]
    shop.call("DELETE", PRODUCTS, {"product_ids": [product_id]})
    deleted = shop.product(product_id)["status"]
    refused = shop.code("POST", f"/product/202509/products/{product_id}/partial_edit", {"title": "Bag two"})
    shop.call("POST", f"{PRODUCTS}/recover", {"product_ids": [product_id]})

    assert [error["code"] for error in answer["errors"]] == [12052048]
    assert [off, waiting, live, deleted] == ["SELLER_DEACTIVATED", "PENDING", "ACTIVATE", "DELETED"]
    assert refused == 12052901
    assert shop.product(product_id)["status"] == "SELLER_DEACTIVATED"
    assert shop.code("POST", f"{PRODUCTS}/activate", {"product_ids": ["1"] * 21}) == 12019120


def test_a_draft_is_not_reviewed_until_it_is_listed(shop: Client) -> None:
    product_id = shop.live(save_mode="AS_DRAFT")["product_id"]
    assert shop.product(product_id)["status"] == "DRAFT"

    shop.call("POST", f"/product/202509/products/{product_id}/partial_edit", {"save_mode": "LISTING"})
    shop.advance(seconds=3)

    assert shop.product(product_id)["status"] == "ACTIVATE"


def test_search_filters_and_turns_pages_without_a_gap(shop: Client) -> None:
    ids = [shop.create(title=f"Tote bag {n}")["product_id"] for n in range(5)]
    shop.advance(seconds=3)

    first = search(shop, page_size="3")
    second = search(shop, page_size="3", page_token=first["next_page_token"])

    assert [p["id"] for p in first["products"] + second["products"]] == ids
    assert (first["total_count"], second["next_page_token"]) == (5, "")
    assert search(shop, {"status": "FAILED"})["products"] == []
    assert len(search(shop, {"seller_skus": ["TOTE-RED"]})["products"]) == 5
    assert len(search(shop, version="202309")["products"]) == 5
    assert len(search(shop, version="202312")["products"]) == 5


def test_search_windows_for_products_are_closed(shop: Client) -> None:
    shop.create()
    created = search(shop)["products"][0]["create_time"]

    at = search(shop, {"create_time_ge": created, "create_time_le": created})
    before = search(shop, {"create_time_le": created - 1})

    assert (at["total_count"], before["total_count"]) == (1, 0)


@pytest.mark.parametrize(
    ("body", "query", "code"),
    [
        ({}, {"page_size": "101"}, 12019109),
        ({}, {}, 12019109),
        ({"seller_skus": [str(n) for n in range(11)]}, {"page_size": "10"}, 12019027),
        ({"sku_ids": [str(n) for n in range(11)]}, {"page_size": "10"}, 12019087),
        ({"status": "LIVE"}, {"page_size": "10"}, 36009004),
        ({}, {"page_size": "10", "page_token": "nonsense"}, 36009004),
    ],
)
def test_a_search_out_of_bounds_is_refused(
    shop: Client, body: dict[str, Any], query: dict[str, str], code: int
) -> None:
    assert shop.code("POST", SEARCH, body, query=query) == code


@pytest.mark.parametrize("region_shop", ["DE"], indirect=True)
def test_another_market_has_its_own_currency_units_and_seller_skus(region_shop: Client) -> None:
    weight = {"value": "0.5", "unit": "KILOGRAM"}
    size = {"length": "30", "width": "20", "height": "5", "unit": "CENTIMETER"}
    good = region_shop.sku("TOTE-RED", "Red", price={"amount": "20", "currency": "EUR"})
    listing = region_shop.listing(
        category_id="700101",
        category_version="v1",
        package_weight=weight,
        package_dimensions=size,
        skus=[good],
    )

    assert region_shop.code("POST", PRODUCTS, listing) == 0
    assert region_shop.code("POST", PRODUCTS, listing | {"skus": [good | {"seller_sku": "RED"}]}) == 12019059
    assert (
        region_shop.code("POST", PRODUCTS, listing | {"package_weight": {"value": "1", "unit": "POUND"}})
        == 12052916
    )
