from __future__ import annotations

from typing import Any

import pytest

from crossdock_simulators.kit import Fault
from crossdock_simulators.tiktok_shop.seed import load_listings
from simulators.tiktok_shop.tiktok_client import FBT, Client

SEARCH = "/order/202309/orders/search"


def search(shop: Client, body: dict[str, Any] | None = None, **query: str) -> Any:
    return shop.call("POST", SEARCH, body or {}, query={"page_size": "100"} | query)


def found(shop: Client, body: dict[str, Any] | None = None, **query: str) -> list[str]:
    return [order["id"] for order in search(shop, body, **query)["orders"]]


def test_an_order_is_unpaid_then_on_hold_for_an_hour_then_ready(shop: Client) -> None:
    shop.live()
    order_id = shop.place(paid=False, on_hold=True)
    unpaid = shop.order(order_id)
    shop.control(f"orders/{order_id}/pay")
    held = shop.order(order_id)
    shop.advance(minutes=59)
    still_held = shop.order(order_id)["status"]
    shop.advance(minutes=2)
    ready = shop.order(order_id)

    assert [unpaid["status"], held["status"], still_held, ready["status"]] == [
        "UNPAID",
        "ON_HOLD",
        "ON_HOLD",
        "AWAITING_SHIPMENT",
    ]
    assert "recipient_address" not in unpaid
    assert "recipient_address" not in held
    assert ready["recipient_address"]["district_info"][1]["address_name"] == "California"
    assert ready["rts_sla_time"] > ready["paid_time"]
    assert ready["update_time"] > held["update_time"]
    assert held["is_on_hold_order"]
    assert int(order_id) > 2**53


def test_placing_an_order_commits_its_stock_at_once(shop: Client) -> None:
    shop.live()

    shop.place(3, paid=False)

    assert shop.levels("TOTE-RED") == (22, 3)


def test_an_order_nobody_pays_is_cancelled_and_gives_its_stock_back(shop: Client) -> None:
    shop.live()
    order_id = shop.place(3, paid=False)

    shop.advance(hours=25)

    order = shop.order(order_id)
    assert (order["status"], order["cancel_reason"]) == ("CANCELLED", "system_cancel_unpaid_time_out")
    assert shop.levels("TOTE-RED") == (25, 0)


def test_an_order_that_is_not_shipped_in_time_is_cancelled(shop: Client) -> None:
    shop.live()
    order_id = shop.place()

    shop.advance(days=5)

    assert shop.order(order_id)["status"] == "CANCELLED"


def test_one_line_is_one_unit(shop: Client) -> None:
    shop.live()

    lines = shop.order(shop.place(3))["line_items"]

    assert len({line["id"] for line in lines}) == 3
    assert all("quantity" not in line for line in lines)


def test_the_sums_of_an_order_add_up(shop: Client) -> None:
    shop.live()
    line = {
        "seller_sku": "TOTE-RED",
        "quantity": 2,
        "seller_discount": "2.00",
        "platform_discount": "1.00",
    }
    order_id = shop.place(
        lines=[line], tax_rate="0.1", shipping_fee="5.99", shipping_fee_platform_discount="5.99"
    )

    order = shop.order(order_id)
    detail = shop.call("GET", f"/order/202407/orders/{order_id}/price_detail")

    payment = order["payment"]
    assert (payment["original_total_product_price"], payment["sub_total"]) == ("40.00", "34.00")
    assert (payment["tax"], payment["total_amount"]) == ("3.40", "37.40")
    assert payment["shipping_fee"] == "0.00"
    assert order["line_items"][0]["sale_price"] == "17.00"
    assert order["line_items"][0]["item_tax"][0]["tax_amount"] == "1.70"
    assert (detail["payment"], detail["line_items"][0]["sku_sale_price"]) == ("37.40", "17.00")


def test_samples_and_gifts_cost_nothing_and_still_need_shipping(shop: Client) -> None:
    shop.live()
    sample = shop.order(shop.place(sample=True))
    gift = shop.order(
        shop.place(lines=[{"seller_sku": "TOTE-RED"}, {"seller_sku": "TOTE-BLUE", "gift": True}])
    )

    assert (sample["is_sample_order"], sample["payment"]["total_amount"]) == (True, "0.00")
    assert [line["is_gift"] for line in gift["line_items"]] == [False, True]
    assert gift["line_items"][1]["sale_price"] == "0"


def test_orders_shipped_by_the_platform_have_masked_addresses_and_ship_themselves(shop: Client) -> None:
    shop.live()
    shop.control("stock", {"seller_sku": "TOTE-RED", "warehouse_id": FBT, "quantity": 40})
    fbt = shop.place(fulfillment_type="FULFILLMENT_BY_TIKTOK")
    label = shop.place(shipping_type="TIKTOK")

    before = shop.order(fbt)
    shop.advance(hours=25)

    assert before["fulfillment_type"] == "FULFILLMENT_BY_TIKTOK"
    assert "***" in before["recipient_address"]["name"]
    assert "***" in shop.order(label)["recipient_address"]["phone_number"]
    assert shop.order(fbt)["status"] == "AWAITING_COLLECTION"
    assert shop.levels("TOTE-RED", FBT) == (39, 0)
    assert shop.levels("TOTE-RED") == (24, 1)


def test_windows_of_the_search_are_half_open(shop: Client) -> None:
    shop.live()
    order_id = shop.place()
    at = shop.order(order_id)["update_time"]

    assert found(shop, {"update_time_ge": at, "update_time_lt": at + 1}) == [order_id]
    assert found(shop, {"update_time_lt": at}) == []
    assert found(shop, {"update_time_ge": at + 1}) == []


def test_search_filters_sorts_and_turns_pages(shop: Client) -> None:
    shop.live()
    ids = []
    for _ in range(3):
        ids.append(shop.place())
        shop.advance(seconds=10)
    shop.control(f"orders/{ids[0]}/ship")

    oldest_first = found(shop, sort_field="update_time", sort_order="ASC")
    first = search(shop, page_size="2", sort_order="ASC")
    rest = search(shop, page_size="2", sort_order="ASC", page_token=first["next_page_token"])

    assert oldest_first == [ids[1], ids[2], ids[0]]
    assert found(shop) == ids[::-1]
    assert [order["id"] for order in first["orders"] + rest["orders"]] == ids
    assert (first["total_count"], rest["next_page_token"]) == (3, "")
    assert found(shop, {"order_status": "AWAITING_COLLECTION"}) == [ids[0]]
    assert found(shop, {"shipping_type": "TIKTOK"}) == []
    assert found(shop, {"warehouse_ids": ["1"]}) == []
    assert len(found(shop, {"buyer_user_id": shop.order(ids[1])["user_id"]})) == 1


def test_a_page_token_is_for_the_same_filters(shop: Client) -> None:
    shop.live()
    for _ in range(3):
        shop.place()
    token = search(shop, page_size="2")["next_page_token"]

    code = shop.code(
        "POST", SEARCH, {"order_status": "UNPAID"}, query={"page_size": "2", "page_token": token}
    )

    assert code == 36009004


def test_a_shifting_page_skips_one_order(shop: Client) -> None:
    shop.live()
    ids = [shop.place() for _ in range(4)]
    shop.simulator.faults.add(Fault("shift_page"))

    first = search(shop, page_size="2", sort_order="ASC")
    second = search(shop, page_size="2", sort_order="ASC", page_token=first["next_page_token"])

    assert [order["id"] for order in first["orders"] + second["orders"]] == [ids[0], ids[1], ids[3]]


def test_orders_are_read_by_id_in_both_versions(shop: Client) -> None:
    shop.live()
    ids = ",".join(shop.place() for _ in range(2))

    assert len(shop.call("GET", "/order/202507/orders", query={"ids": ids})["orders"]) == 2
    assert len(shop.call("GET", "/order/202309/orders", query={"ids": ids})["orders"]) == 2
    assert shop.code("GET", "/order/202507/orders", query={"ids": "1"}) == 21008111
    assert shop.code("GET", "/order/202507/orders", query={"ids": ",".join("1" * 51)}) == 36009004
    assert shop.code("GET", "/order/202507/orders") == 36009004


def test_our_order_ids_are_kept_and_found_again(shop: Client) -> None:
    shop.live()
    order_id = shop.place(2)
    lines = [line["id"] for line in shop.order(order_id)["line_items"]]

    def reference(external_id: str, order: str) -> dict[str, Any]:
        items = [{"id": "9001", "origin_id": line} for line in lines]
        external = {"id": external_id, "platform": "BIGCOMMERCE", "line_items": items}
        return {"id": order, "external_order": external}

    path = "/order/202406/orders"
    body = {"orders": [reference("1", order_id), reference("1234", order_id), reference("5", "77")]}
    errors = shop.call("POST", f"{path}/external_orders", body)["errors"]

    where = {"platform": "BIGCOMMERCE"}
    kept = shop.call("GET", f"{path}/{order_id}/external_orders", query=where)["external_orders"]
    again = shop.call("POST", f"{path}/external_order_search", query=where | {"external_order_id": "1234"})
    gone = shop.call("POST", f"{path}/external_order_search", query=where | {"external_order_id": "1"})
    assert [(error["code"], error["detail"]["order_id"]) for error in errors] == [("21008111", "77")]
    assert [one["id"] for one in kept] == ["1234"]
    assert again["orders"][0]["id"] == order_id
    assert gone == {}


def test_a_changed_address_leaves_the_update_time_alone(shop: Client) -> None:
    shop.live()
    order_id = shop.place()
    before = shop.order(order_id)
    shop.advance(minutes=5)

    shop.control(f"orders/{order_id}/address", {"city": "Portland", "line1": "2 New Street"})

    after = shop.order(order_id)
    assert after["has_updated_recipient_address"]
    assert after["recipient_address"]["address_line1"] == "2 New Street"
    assert after["update_time"] == before["update_time"]


def test_unknown_fields_and_values_can_be_switched_on(shop: Client) -> None:
    shop.live()
    order_id = shop.place()
    shop.control("switches", {"unknown_fields": True, "unknown_values": True})

    with pytest.raises(AssertionError, match="brand_new_field"):
        shop.order(order_id)


@pytest.mark.parametrize("region_shop", ["GB"], indirect=True)
def test_british_addresses_have_a_post_town_and_prices_include_tax(region_shop: Client) -> None:
    seeded = {"title": "Tote", "skus": [{"seller_sku": "TOTE-RED", "price": "20", "quantity": 3}]}
    load_listings(region_shop.simulator.shop, [seeded])
    order = region_shop.order(region_shop.place(tax_rate="0.2"))

    assert order["recipient_address"]["post_town"] == "Leeds"
    assert (order["payment"]["currency"], order["payment"]["total_amount"]) == ("GBP", "20.00")


def test_a_long_jump_of_the_clock_runs_every_step_at_its_own_time(shop: Client) -> None:
    shop.live()
    order_id = shop.place(on_hold=True)
    shop.advance(hours=2)
    held_until = shop.order(order_id)["update_time"]
    shop.ship(order_id, [], "1Z999AA10123456784")

    shop.advance(days=30)
    shop.renew_token()

    order = shop.order(order_id)
    assert order["status"] == "COMPLETED"
    assert held_until - order["paid_time"] == 3600
    assert order["delivery_time"] - order["collection_time"] == 72 * 3600
    assert order["update_time"] - order["delivery_time"] == 14 * 86_400
