"""Sales made elsewhere, reported to the store as relative adjustments of its stock."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.bigcommerce.order_bench import RELATIVE, sale
from connectors.bigcommerce.scripted import DictMemory, Reply, Request, Script, connector, v3
from crossdock.connectors.errors import RefusedError

ITEMS = ("GET", "/v3/inventory/items")
PRODUCTS = ("GET", "/v3/catalog/products")


class Shelf:
    """Three variants: 10 counted by itself, 20 at its product, 31 among several of product 3."""

    def __init__(self) -> None:
        self.tracking = {1: "variant", 2: "product", 3: "product"}
        self.owner = {10: 1, 20: 2, 31: 3}
        self.refusals: list[dict[str, Any]] = []
        self.script = Script({ITEMS: self.items, PRODUCTS: self.products, RELATIVE: self.adjust})

    def items(self, request: Request) -> Reply:
        wanted = [int(text) for text in request.query["variant_id:in"].split(",")]
        found = [
            {"identity": {"variant_id": n, "product_id": self.owner[n]}} for n in wanted if n in self.owner
        ]
        return 200, v3(found)

    def products(self, request: Request) -> Reply:
        wanted = [int(text) for text in request.query["id:in"].split(",")]
        return 200, v3([{"id": n, "inventory_tracking": self.tracking[n]} for n in wanted])

    def adjust(self, _: Request) -> Reply:
        return (422, self.refusals.pop(0)) if self.refusals else (200, {"transaction_id": "t-1"})


def sent(http: Any) -> list[dict[str, int]]:
    return [request.body["items"] for request in http.requests if request.place == RELATIVE[1]][-1]


def test_each_sale_is_addressed_by_the_record_that_counts_its_stock() -> None:
    hub, http = connector(Shelf().script)

    answer = hub.report_sales([sale("20", -2), sale("10", -1, "2"), sale("product:3", -3), sale("10")])

    assert answer == "t-1"
    assert sent(http) == [
        {"location_id": 1, "variant_id": 10, "quantity": -1},
        {"location_id": 1, "product_id": 2, "quantity": -2},
        {"location_id": 1, "product_id": 3, "quantity": -3},
        {"location_id": 2, "variant_id": 10, "quantity": -1},
    ]
    assert http.requests[-1].lane == "urgent"


def test_two_sales_of_shared_stock_become_one_row() -> None:
    hub, http = connector(Shelf().script)

    hub.report_sales([sale("31", -2), sale("product:3", -3), sale("10", -1), sale("10", -4)])

    assert sent(http) == [
        {"location_id": 1, "variant_id": 10, "quantity": -5},
        {"location_id": 1, "product_id": 3, "quantity": -5},
    ]


def test_how_stock_is_counted_is_asked_for_once() -> None:
    memory = DictMemory()
    hub, first = connector(Shelf().script, memory=memory)
    hub.report_sales([sale("10"), sale("20")])

    later, second = connector(Shelf().script, memory=memory)
    later.report_sales([sale("10"), sale("20")])

    assert [request.place for request in first.requests] == [ITEMS[1], PRODUCTS[1], RELATIVE[1]]
    assert [request.place for request in second.requests] == [RELATIVE[1]]
    assert sent(second) == sent(first)


def test_a_product_that_is_counted_differently_by_now_is_addressed_anew() -> None:
    shelf = Shelf()
    hub, http = connector(shelf.script)
    hub.report_sales([sale("10")])
    shelf.tracking[1] = "product"
    text = "[Item with variant_id 10 is tracked by product, please update stock by product id]"
    shelf.refusals.append({"status": 422, "title": text})

    hub.report_sales([sale("10")])

    assert sent(http) == [{"location_id": 1, "product_id": 1, "quantity": -1}]


def test_a_refused_batch_is_sent_once_and_says_what_to_do() -> None:
    shelf = Shelf()
    text = "Items with identity: [sku A] requires absolute adjustment before relative"
    shelf.refusals.append({"status": 422, "title": text, "errors": {}})
    hub, http = connector(shelf.script)

    with pytest.raises(RefusedError, match="requires absolute") as caught:
        hub.report_sales([sale("10")])

    assert "once" in caught.value.fix
    assert [request.place for request in http.requests].count(RELATIVE[1]) == 1


def test_the_largest_report_is_what_the_platform_takes() -> None:
    hub, _ = connector(Script())

    assert hub.largest_report == 2000
