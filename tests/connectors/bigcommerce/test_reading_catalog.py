"""Pulling products, stock and locations."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.bigcommerce.scripted import NOW, DictMemory, Reply, Request, Script, connector, v3
from crossdock.connectors.errors import ProtocolError
from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelSku, WeightUnit
from crossdock.domain.sync import Cursor, Page

PRODUCTS = ("GET", "/v3/catalog/products")
BRANDS = ("GET", "/v3/catalog/brands")
CATEGORIES = ("GET", "/v3/catalog/trees/categories")
ITEMS = ("GET", "/v3/inventory/items")
STORE = ("GET", "/v2/store")


def product(number: int, *, modified: datetime = NOW - timedelta(days=1), **other: Any) -> dict[str, Any]:
    variants = [{"id": number * 10, "sku": f"SKU-{number}", "calculated_price": 5, "option_values": []}]
    return {
        "id": number,
        "name": f"Product {number}",
        "sku": f"SKU-{number}",
        "price": 5,
        "weight": 3,
        "base_variant_id": number * 10,
        "inventory_tracking": "product",
        "date_modified": modified.isoformat(),
        "variants": variants,
    } | other


class Catalog:
    """Lists products by id or by date, as the documents say."""

    def __init__(self, products: list[dict[str, Any]], *, largest_page: int = 250) -> None:
        self.products = {one["id"]: one for one in products}
        self.largest_page = largest_page

    def __call__(self, request: Request) -> Reply:
        query = request.query
        found = list(self.products.values())
        if "id:in" in query:
            wanted = {int(text) for text in query["id:in"].split(",")}
            found = [one for one in found if one["id"] in wanted]
        if "id:greater" in query:
            found = [one for one in found if one["id"] > int(query["id:greater"])]
        if "date_modified:min" in query:
            earliest = datetime.fromisoformat(query["date_modified:min"])
            found = [one for one in found if datetime.fromisoformat(one["date_modified"]) >= earliest]
        found.sort(
            key=lambda one: (one["date_modified"] if query.get("sort") == "date_modified" else "", one["id"])
        )
        size = min(int(query["limit"]), self.largest_page)
        start = (int(query.get("page", "1")) - 1) * size
        return 200, v3(found[start : start + size], len(found), size)


def ids(pages: list[Page[ChannelProduct]]) -> list[str]:
    return [record.channel_id for page in pages for record in page.records]


@pytest.mark.parametrize("largest_page", [250, 100])
def test_a_sweep_reads_by_id_and_then_only_what_changed(largest_page: int) -> None:
    catalog = Catalog([product(n) for n in range(1, 611)], largest_page=largest_page)
    hub, http = connector(Script({PRODUCTS: catalog}))

    pages = list(hub.pull_products(None))
    catalog.products[7]["date_modified"] = (NOW + timedelta(seconds=5)).isoformat()
    swept = len(http.requests)
    later = list(hub.pull_products(pages[-1].cursor))

    assert ids(pages) == [str(n) for n in range(1, 611)]
    assert [page.completes_sweep for page in pages] == [False] * (len(pages) - 1) + [True]
    assert (ids(later), later[-1].completes_sweep) == (["7"], False)
    assert len(http.requests) - swept == 1


@pytest.mark.parametrize("ages", [[20], list(range(10, 170))])
def test_a_catalog_that_just_changed_is_not_read_again_and_its_next_change_is(ages: list[int]) -> None:
    moments = [NOW - timedelta(seconds=age) for age in ages]
    catalog = Catalog([product(n, modified=moments[n % len(moments)]) for n in range(1, 1_201)])
    hub, http = connector(Script({PRODUCTS: catalog}))
    *_, swept = hub.pull_products(None)
    sent = len(http.requests)

    first = list(hub.pull_products(swept.cursor))
    catalog.products[7]["date_modified"] = (NOW + timedelta(seconds=1)).isoformat()
    second = list(hub.pull_products(first[-1].cursor))

    assert len(ids(first)) < 50
    assert "7" in ids(second)
    assert len(http.requests) == sent + 2


def test_a_page_holds_variants_and_images_but_nothing_that_would_shrink_it() -> None:
    hub, http = connector(Script({PRODUCTS: Catalog([])}))

    list(hub.pull_products(None))

    assert http.requests[0].query["include"] == "variants,images"
    assert http.requests[0].query["limit"] == "250"


def test_products_that_come_and_go_during_a_sweep_hide_none_of_the_others() -> None:
    catalog = Catalog([product(n) for n in range(1, 601)])
    hub, _ = connector(Script({PRODUCTS: catalog}))
    pages = hub.pull_products(None)
    first = next(pages)
    for number in range(1, 101):
        del catalog.products[number]

    assert ids([first, *pages]) == [str(n) for n in range(1, 601)]


def test_a_sweep_that_died_goes_on_from_its_cursor() -> None:
    hub, http = connector(Script({PRODUCTS: Catalog([product(n) for n in range(1, 601)])}))
    first = next(iter(hub.pull_products(None)))

    rest = list(hub.pull_products(first.cursor))

    assert ids([first, *rest]) == [str(n) for n in range(1, 601)]
    assert http.requests[1].query["id:greater"] == "250"


def test_changes_made_during_the_sweep_are_read_after_it() -> None:
    hub, http = connector(Script({PRODUCTS: Catalog([product(n) for n in range(1, 301)])}))
    cursor = list(hub.pull_products(None))[-1].cursor

    list(hub.pull_products(cursor))

    assert datetime.fromisoformat(http.requests[-1].query["date_modified:min"]) < NOW


def test_a_store_that_ignores_the_filter_by_id_is_stopped() -> None:
    page = [product(n) for n in range(1, 251)]
    hub, _ = connector(lambda _: (200, v3(page, 5000)))

    with pytest.raises(ProtocolError, match="goes no further"):
        list(hub.pull_products(None))


def test_names_of_brands_and_categories_are_asked_for_once() -> None:
    tree = {1: ("Shop", 0), 2: ("Tea", 1), 3: ("Green", 2)}

    def categories(request: Request) -> Reply:
        wanted = [int(text) for text in request.query["category_id:in"].split(",")]
        found = [{"category_id": n, "name": tree[n][0], "parent_id": tree[n][1]} for n in wanted if n in tree]
        return 200, v3(found)

    brands = lambda _: (200, v3([{"id": 5, "name": "Acme"}]))  # noqa: E731
    catalog = Catalog([product(n, brand_id=5 + n % 2, categories=[3, 2, 404]) for n in range(1, 9)])
    memory = DictMemory()
    script = Script({PRODUCTS: catalog, BRANDS: brands, CATEGORIES: categories})
    hub, http = connector(script, memory=memory)

    (page,) = hub.pull_products(None)
    again, other_http = connector(script, memory=memory)
    list(again.pull_products(Cursor(json.dumps({"after": "2026-01-01T00:00:00+00:00"}))))

    assert page.records[1].categories == ("Shop / Tea / Green", "Shop / Tea")
    assert [record.brand for record in page.records[:2]] == ["", "Acme"]
    assert [request.place for request in http.requests].count("/v3/catalog/brands") == 1
    assert [request.place for request in http.requests].count("/v3/catalog/trees/categories") == 2
    assert [request.place for request in other_http.requests] == ["/v3/catalog/products"]


def test_a_sweep_asks_for_names_anew_because_they_can_be_changed() -> None:
    names = ["Old", "New"]
    brands = lambda _: (200, v3([{"id": 5, "name": names.pop(0)}]))  # noqa: E731
    hub, _ = connector(Script({PRODUCTS: Catalog([product(1, brand_id=5)]), BRANDS: brands}))

    assert [next(iter(hub.pull_products(None))).records[0].brand for _ in range(2)] == ["Old", "New"]


@pytest.mark.parametrize("status", [403, 404, 422])
def test_products_come_in_without_the_names_that_a_store_refuses_to_tell(status: int) -> None:
    refuse = lambda _: (status, {"status": status, "title": "No such route"})  # noqa: E731
    catalog = Catalog([product(1, brand_id=5, categories=[3])])
    memory = DictMemory()
    hub, _ = connector(Script({PRODUCTS: catalog, BRANDS: refuse, CATEGORIES: refuse}), memory=memory)

    (page,) = hub.pull_products(None)

    assert [(record.brand, record.categories) for record in page.records] == [("", ())]
    assert memory.get("brand", "5") is None


def test_units_and_currency_are_asked_for_once_where_no_check_told_them() -> None:
    store = {"id": "abc123", "currency": "GBP", "weight_units": "KGS", "dimension_units": "Centimeters"}
    script = Script({PRODUCTS: Catalog([product(n) for n in range(1, 301)]), STORE: lambda _: (200, store)})
    hub, http = connector(script, facts={})

    pages = list(hub.pull_products(None))

    variant = pages[0].records[0].variants[0]
    assert variant.prices is not None
    assert variant.weight is not None
    assert (variant.prices.current.currency, variant.weight.unit) == ("GBP", WeightUnit.KILOGRAM)
    assert [request.place for request in http.requests].count("/v2/store") == 1


def test_an_unreadable_product_stands_alone() -> None:
    bad = product(2, variants=[], base_variant_id=None)
    worse = product(3) | {"name": None}
    hub, _ = connector(Script({PRODUCTS: Catalog([product(1), bad, worse, product(4)])}))

    page = next(iter(hub.pull_products(None)))

    assert ids([page]) == ["1", "4"]
    assert sorted(one.channel_id for one in page.unreadable) == ["2", "3"]


def item(variant_id: int | None, product_id: int, available: int = 4) -> dict[str, Any]:
    place = {"location_id": 1, "available_to_sell": available, "total_inventory_onhand": available + 1}
    return {
        "identity": {"sku": f"SKU-{product_id}", "variant_id": variant_id, "product_id": product_id},
        "locations": [place, place | {"location_id": 2, "location_enabled": False}],
    }


def paged(items: list[dict[str, Any]], size: int = 1000) -> Any:
    def answer(request: Request) -> Reply:
        start = (int(request.query.get("page", "1")) - 1) * size
        return 200, v3(items[start : start + size], len(items), size)

    return answer


def test_a_scan_of_stock_reads_each_page_once_and_resumes_in_its_midst() -> None:
    hub, http = connector(Script({ITEMS: paged([item(n, n) for n in range(1, 2501)])}))
    scan = hub.pull_inventory(None)
    first = next(scan)

    rest = list(hub.pull_inventory(first.cursor))
    seen = {stock.variant_id for page in (first, *rest) for stock in page.records}
    again = next(iter(hub.pull_inventory(rest[-1].cursor)))

    assert seen == {str(n) for n in range(1, 2501)}
    assert [page.completes_sweep for page in (first, *rest)] == [False, False, True]
    assert again.records[0].variant_id == "1"
    assert [request.query["page"] for request in http.requests] == ["1", "2", "3", "1"]
    assert {request.lane for request in http.requests} == {"urgent"}


def test_a_level_says_where_it_is_and_whether_it_may_be_sold_there() -> None:
    hub, _ = connector(Script({ITEMS: paged([item(1, 1)])}))

    here, there = next(iter(hub.pull_inventory(None))).records

    assert (here.location_id, here.available, here.on_hand, here.is_sellable) == ("1", 4, 5, True)
    assert (there.location_id, there.is_sellable) == ("2", False)


def test_stock_of_a_product_belongs_to_its_base_variant_or_to_all_of_its_variants() -> None:
    catalog = Catalog([product(1), product(2, base_variant_id=None)])
    hub, http = connector(Script({ITEMS: paged([item(None, 1), item(0, 2), item(33, 3)]), PRODUCTS: catalog}))

    page = next(iter(hub.pull_inventory(None)))
    list(hub.pull_inventory(None))

    assert [stock.variant_id for stock in page.records if stock.location_id == "1"] == [
        "10",
        "product:2",
        "33",
    ]
    assert [request.place for request in http.requests].count("/v3/catalog/products") == 1


def test_how_stock_is_counted_is_remembered_between_runs_and_corrected_by_the_catalog() -> None:
    memory = DictMemory()
    catalog = Catalog([product(1), product(2, base_variant_id=None)])
    script = Script({ITEMS: paged([item(None, 1), item(0, 2)]), PRODUCTS: catalog})
    list(connector(script, memory=memory)[0].pull_inventory(None))

    later, http = connector(script, memory=memory)
    before = next(iter(later.pull_inventory(None)))
    catalog.products[1]["base_variant_id"] = None
    list(connector(script, memory=memory)[0].pull_products(None))
    after = next(iter(connector(script, memory=memory)[0].pull_inventory(None)))

    assert [request.place for request in http.requests] == ["/v3/inventory/items"]
    assert [stock.variant_id for stock in before.records[::2]] == ["10", "product:2"]
    assert [stock.variant_id for stock in after.records[::2]] == ["product:1", "product:2"]


def test_a_page_of_stock_that_repeats_is_stopped() -> None:
    page = v3([item(n, n) for n in range(1, 101)], 1_000_000, 100)
    hub, _ = connector(lambda _: (200, page))

    with pytest.raises(ProtocolError, match="repeats"):
        list(hub.pull_inventory(None))


def test_stock_of_some_variants_takes_few_calls_of_bearable_length() -> None:
    def some(request: Request) -> Reply:
        numbers = request.query.get("variant_id:in") or request.query["product_id:in"]
        return 200, v3([item(int(n), int(n)) for n in numbers.split(",")])

    hub, http = connector(Script({ITEMS: some}))
    wanted = [(ChannelId(str(n)), ChannelSku("")) for n in range(100_000, 100_400)]

    pages = list(hub.read_stock([*wanted, (ChannelId("product:7"), ChannelSku(""))]))

    assert len({stock.variant_id for page in pages for stock in page.records}) == 401
    assert len(http.requests) == 4
    assert max(len(str(request.query)) for request in http.requests) < 2000


def test_locations_are_read_whole() -> None:
    places = [
        {"id": 1, "code": "A", "label": "Shop"},
        {"id": 2, "code": "B", "label": "Store", "enabled": False},
    ]
    hub, _ = connector(Script({("GET", "/v3/inventory/locations"): lambda _: (200, v3(places))}))

    (page,) = hub.pull_locations(None)

    assert [(place.name, place.is_default, place.is_active) for place in page.records] == [
        ("Shop", True, True),
        ("Store", False, False),
    ]
    assert page.completes_sweep
