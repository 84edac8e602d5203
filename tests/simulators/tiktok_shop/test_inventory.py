from __future__ import annotations

from typing import Any

from simulators.tiktok_shop.tiktok_client import FBT, RETURNS, SALES, SECOND, Client

SEARCH = "/product/202309/inventory/search"


def update(shop: Client, product_id: str, sku_id: str, *levels: tuple[str, int]) -> Any:
    inventory = [{"warehouse_id": warehouse, "quantity": quantity} for warehouse, quantity in levels]
    path = f"/product/202309/products/{product_id}/inventory/update"
    return shop.call("POST", path, {"skus": [{"id": sku_id, "inventory": inventory}]})


def ids(created: dict[str, Any]) -> tuple[str, str]:
    return created["product_id"], created["skus"][0]["id"]


def test_stock_is_an_absolute_number_beside_what_is_committed(shop: Client) -> None:
    product_id, sku_id = ids(shop.live())
    shop.place(2)

    assert update(shop, product_id, sku_id, (SALES, 7)) == {}

    found = shop.call("POST", SEARCH, {"sku_ids": [sku_id]})["inventory"]
    assert found[0]["skus"][0]["warehouse_inventory"] == [
        {"warehouse_id": SALES, "available_quantity": 7, "committed_quantity": 2}
    ]
    assert found[0]["product_id"] == product_id


def test_one_bad_sku_does_not_hold_back_the_others(shop: Client) -> None:
    created = shop.live()
    red, blue = (sku["id"] for sku in created["skus"])
    bodies = [
        {"id": red, "inventory": [{"quantity": 3}]},
        {"id": blue, "inventory": [{"warehouse_id": "999", "quantity": 4}]},
        {"id": "1", "inventory": [{"quantity": 4}]},
    ]

    path = f"/product/202309/products/{created['product_id']}/inventory/update"
    errors = shop.call("POST", path, {"skus": bodies})["errors"]

    assert [(e["code"], e["detail"]["sku_id"]) for e in errors] == [(12052990, blue), (12052557, "1")]
    assert errors[0]["detail"]["extra_errors"][0]["code"] == 12052097
    assert shop.levels("TOTE-RED") == (3, 0)
    assert shop.levels("TOTE-BLUE") == (8, 0)


def test_all_warehouses_of_a_sku_must_be_listed(shop: Client) -> None:
    product_id, sku_id = ids(shop.live())
    shop.control("stock", {"seller_sku": "TOTE-RED", "warehouse_id": SECOND, "quantity": 5})

    refused = update(shop, product_id, sku_id, (SALES, 7))
    accepted = update(shop, product_id, sku_id, (SALES, 7), (SECOND, 0))

    assert refused["errors"][0]["code"] == 12019028
    assert refused["errors"][0]["detail"]["extra_errors"][0]["warehouse_id"] == SECOND
    assert accepted == {}
    assert shop.levels("TOTE-RED", SECOND) == (0, 0)


def test_warehouses_that_are_not_the_skus_are_refused(shop: Client) -> None:
    product_id, sku_id = ids(shop.live())
    shop.control("stock", {"seller_sku": "TOTE-RED", "warehouse_id": FBT, "quantity": 40})

    codes = {
        warehouse: update(shop, product_id, sku_id, (SALES, 1), (warehouse, 1))["errors"][0]["detail"][
            "extra_errors"
        ][0]["code"]
        for warehouse in (SECOND, RETURNS, FBT)
    }

    assert codes == {SECOND: 12052037, RETURNS: 12052532, FBT: 12052144}
    assert update(shop, product_id, sku_id, (SALES, 1)) == {}
    assert shop.levels("TOTE-RED", FBT) == (40, 0)


def test_quantities_out_of_range_are_refused(shop: Client) -> None:
    product_id, sku_id = ids(shop.live())

    def code(quantity: int) -> int | None:
        errors = update(shop, product_id, sku_id, (SALES, quantity)).get("errors")
        return errors[0]["detail"]["extra_errors"][0]["code"] if errors else None

    assert [code(-1), code(100_000), code(0)] == [12052055, 12052055, None]
    shop.control("switches", {"accepts_zero_quantity": False})
    assert code(0) == 12052055


def test_the_limits_of_an_inventory_search(shop: Client) -> None:
    many = [str(n) for n in range(601)]

    assert shop.code("POST", SEARCH, {"product_ids": many[:101]}) == 12019120
    assert shop.code("POST", SEARCH, {"sku_ids": many}) == 12019015
    assert shop.code("POST", SEARCH, {}) == 36009004
    assert shop.call("POST", SEARCH, {"sku_ids": many[:600]})["inventory"] == []


def test_prices_change_on_live_products_only(shop: Client) -> None:
    created = shop.create()
    product_id, sku_id = ids(created)
    path = f"/product/202309/products/{product_id}/prices/update"

    def priced(amount: str, currency: str = "USD", sku: str = sku_id) -> dict[str, Any]:
        return {"skus": [{"id": sku, "price": {"amount": amount, "currency": currency}}]}

    early = shop.code("POST", path, priced("18.50"))
    shop.advance(seconds=3)

    assert early == 12019113
    assert shop.code("POST", path, priced("18.50", "EUR")) == 12052084
    assert shop.code("POST", path, priced("18.50", sku="1")) == 12052557
    assert shop.call("POST", path, priced("18.50")) == {}
    assert [sku["price"]["sale_price"] for sku in shop.product(product_id)["skus"]] == ["18.50", "20.00"]


def test_fbt_stock_is_read_by_its_own_call(shop: Client) -> None:
    _, sku_id = ids(shop.live())
    shop.control("stock", {"seller_sku": "TOTE-RED", "warehouse_id": FBT, "quantity": 40})
    path, page = "/fbt/202408/inventory/search", {"page_size": "20"}

    found = shop.call("POST", path, {"sku_ids": [sku_id]}, query=page)["inventory"]
    by_goods = shop.call("POST", path, {"goods_ids": [found[0]["goods"]["id"]]}, query=page)["inventory"]
    warehouses = shop.call("GET", "/fbt/202408/warehouses")["warehouses"]

    assert found[0]["on_hand_detail"]["available_quantity"] == 40
    assert by_goods == found
    assert warehouses[0]["warehouse_ids"] == [FBT]
    assert shop.call("GET", "/fbt/202409/merchants/onboarded_regions")["onboarded_regions"] == [
        {"region_code": "US"}
    ]
    assert shop.code("POST", path, {"sku_ids": ["1"], "goods_ids": ["2"]}, query=page) == 36009004
