"""Reading products: one detail per version, deleted ones without, and what cannot be read beside its neighbours."""

from __future__ import annotations

from typing import Any

from connectors.tiktok_shop.test_pull_listings import product
from connectors.tiktok_shop.tiktok_bench import Bench, ScriptedHttp, Sent, refusal, scripted, simulated_shop
from crossdock.domain.channel import ChannelProduct, ListingState
from crossdock_simulators.tiktok_shop.seed import load_listings


class Catalog:
    """Answers the search with all its products, and the detail of each; those in `refused` have none."""

    def __init__(self, *products: dict[str, Any]) -> None:
        self.products = list(products)
        self.refused: set[str] = set()
        self.details: list[str] = []

    def __call__(self, sent: Sent) -> Any:
        if sent.method == "POST":
            return {"products": self.products, "total_count": len(self.products), "next_page_token": ""}
        key = sent.path.rpartition("/")[2]
        self.details.append(key)
        if key in self.refused:
            return refusal(12052034, "Product does not exist")
        return {"id": key, "description": f"<p>What {key} is</p>", "skus": [{"id": f"s{key}"}]}


def read(bench: Bench) -> list[ChannelProduct]:
    return [record for page in bench.connector().pull_products(None) for record in page.records]


def test_a_detail_is_asked_for_once_a_version() -> None:
    catalog = Catalog(product(1), product(2))
    bench, _ = scripted(catalog)

    read(bench)
    read(bench)
    catalog.products[0]["update_time"] += 1
    found = read(bench)

    assert catalog.details == ["1", "2", "1"]
    assert [one.description for one in found] == ["<p>What 1 is</p>", "<p>What 2 is</p>"]


def test_what_the_search_says_is_never_taken_from_an_older_detail() -> None:
    catalog = Catalog(product(1))
    bench, _ = scripted(catalog)
    read(bench)
    price = {"currency": "USD", "tax_exclusive_price": "31"}
    catalog.products[0]["skus"] = [{"id": "s1", "seller_sku": "RENAMED", "price": price}]

    (variant,) = read(bench)[0].variants

    assert variant.channel_sku == "RENAMED"
    assert variant.prices is not None
    assert str(variant.prices.current) == "31.00 USD"


def test_a_deleted_product_needs_no_detail() -> None:
    catalog = Catalog(product(1, status="DELETED"))
    bench, _ = scripted(catalog)

    (found,) = read(bench)

    assert found.state is ListingState.REMOVED
    assert catalog.details == []


def test_a_product_without_a_detail_does_not_hold_back_its_neighbours() -> None:
    catalog = Catalog(product(1), product(2))
    catalog.refused = {"1"}
    bench, _ = scripted(catalog)

    (page,) = bench.connector().pull_products(None)

    assert [record.channel_id for record in page.records] == ["2"]
    assert page.unreadable[0].channel_id == "1"
    assert "does not exist" in page.unreadable[0].reason


def test_a_product_of_the_simulated_shop_comes_with_all_that_it_is() -> None:
    with simulated_shop() as shop:
        skus = [
            {
                "seller_sku": f"TOTE-{color}",
                "price": "20",
                "quantity": 3,
                "sales_attributes": {"Color": color},
            }
            for color in ("Red", "Blue")
        ]
        load_listings(shop.simulator.shop, [{"title": "Canvas tote bag", "skus": skus}])

        pages = list(shop.connector(products="pull").pull_products(None))

        (found,) = [record for page in pages for record in page.records]
        assert [v.channel_sku for v in found.variants] == ["TOTE-Red", "TOTE-Blue"]
        assert [v.options[0].value for v in found.variants] == ["Red", "Blue"]
        assert all(v.weight and v.dimensions and v.prices and v.warehouse_ids for v in found.variants)
        assert found.images
        assert found.categories == ("Luggage & Bags / Tote bags",)
        assert pages[-1].completes_sweep


def test_an_idle_reading_costs_one_call() -> None:
    catalog = Catalog(product(1))
    bench, http = scripted(catalog)
    cursor = list(bench.connector().pull_products(None))[-1].cursor
    catalog.products = []
    assert isinstance(http, ScriptedHttp)
    before = len(http.sent)

    list(bench.connector().pull_products(cursor))

    assert len(http.sent) - before == 1
