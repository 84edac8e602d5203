from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from crossdock_simulators.tiktok_shop.seed import load_listings
from simulators.tiktok_shop.tiktok_client import UPS, Client
from simulators.tiktok_shop.tiktok_page import TOTE

TRACK = "1Z999AA10123456784"


def released(shop: Client, quantity: int = 2, **options: Any) -> tuple[str, list[str]]:
    shop.live()
    order_id = shop.place(quantity, **options)
    return order_id, [line["id"] for line in shop.order(order_id)["line_items"]]


def code(answer: Any) -> int:
    return int(answer.json()["code"])


def test_a_part_that_ships_leaves_the_order_partially_shipping(shop: Client) -> None:
    order_id, lines = released(shop)

    shipped = shop.ship(order_id, lines[:1], TRACK).json()["data"]
    part = shop.order(order_id)
    shop.ship(order_id, lines[1:], "1Z999AA10123456785")
    whole = shop.order(order_id)

    assert (part["status"], whole["status"]) == ("PARTIALLY_SHIPPING", "AWAITING_COLLECTION")
    assert [line["display_status"] for line in part["line_items"]] == [
        "AWAITING_COLLECTION",
        "AWAITING_SHIPMENT",
    ]
    assert part["line_items"][0]["package_id"] == shipped["package_id"]
    assert len(whole["packages"]) == 2
    assert shop.levels("TOTE-RED") == (23, 0)


def test_the_newer_call_ships_as_well(shop: Client) -> None:
    order_id, lines = released(shop)
    body = {
        "order_line_list": [{"order_line_id": line} for line in lines],
        "shipping_info_list": [{"tracking_number": TRACK, "shipping_provider_id": UPS}],
    }

    shop.call("POST", f"/fulfillment/202610/orders/{order_id}/packages", body)

    order = shop.order(order_id)
    assert (order["status"], order["tracking_number"]) == ("AWAITING_COLLECTION", TRACK)
    assert order["line_items"][0]["shipping_provider_name"] == "UPS"


def test_the_carrier_takes_over_and_the_order_completes_by_the_clock(shop: Client) -> None:
    order_id, lines = released(shop)
    shop.ship(order_id, lines, TRACK)
    seen = []
    for hours in (13, 73, 15 * 24):
        shop.advance(hours=hours)
        shop.renew_token()
        seen.append(shop.order(order_id)["status"])

    assert seen == ["IN_TRANSIT", "DELIVERED", "COMPLETED"]


def test_what_cannot_ship_is_refused_with_its_own_code(shop: Client) -> None:
    order_id, lines = released(shop)
    held = shop.place(on_hold=True)
    label = shop.place(shipping_type="TIKTOK")

    wrong = [
        code(shop.ship("1", lines, TRACK)),
        code(shop.ship(held, [], TRACK)),
        code(shop.ship(label, [], TRACK)),
        code(shop.ship(order_id, ["1"], TRACK)),
        code(shop.ship(order_id, lines, "1")),
        code(shop.ship(order_id, lines, TRACK, shipping_provider_id="1")),
        code(shop.ship(order_id, [lines[0], lines[0]], TRACK)),
    ]
    shop.ship(order_id, lines[:1], TRACK)
    twice = code(shop.ship(order_id, lines[:1], TRACK))
    shop.ship(order_id, lines[1:], "1Z999AA10123456785")
    all_gone = code(shop.ship(order_id, lines, TRACK))

    assert wrong == [21008111, 21011003, 21011004, 98001004, 21011022, 21011022, 98001004]
    assert (twice, all_gone) == (21011040, 21011006)


def test_a_tracking_number_serves_one_recipient_only(shop: Client) -> None:
    first, lines = released(shop)
    person = {"name": "Ada Stone"}
    same, other = shop.place(recipient=person), shop.place(recipient={"name": "Bo Reed"})
    shop.ship(first, lines, TRACK)
    shop.ship(same, [], "SHARED-1")

    assert code(shop.ship(other, [], TRACK)) == 21011025
    shop.advance(seconds=1)
    again = shop.place(recipient=shop_recipient(shop, same))
    assert code(shop.ship(again, [], "SHARED-1")) == 0


def shop_recipient(shop: Client, order_id: str) -> dict[str, Any]:
    return asdict(shop.simulator.shop.tables.orders[order_id].terms.recipient)


def test_tracking_patterns_are_checked_when_switched_on(shop: Client) -> None:
    order_id, lines = released(shop)
    shop.control("switches", {"checks_tracking_patterns": True})

    assert code(shop.ship(order_id, lines, "NOT-UPS-123")) == 11028006
    assert code(shop.ship(order_id, lines, TRACK)) == 0


def test_tracking_is_corrected_within_three_days_and_not_too_often(shop: Client) -> None:
    order_id, lines = released(shop)
    path = f"/fulfillment/202309/orders/{order_id}/shipping_info/update"

    def correct(number: str) -> int:
        return shop.code("POST", path, {"tracking_number": number, "shipping_provider_id": UPS})

    early = correct("NEW-1")
    package_id = shop.ship(order_id, lines, TRACK).json()["data"]["package_id"]
    first = correct("NEW-1")
    newer = {"shipping_info_list": [{"tracking_number": "NEW-2", "shipping_provider_id": UPS}]}
    shop.call("POST", f"/fulfillment/202610/packages/{package_id}/shipping_info/update", newer)
    older = {"tracking_number": "NEW-3", "shipping_provider_id": UPS}
    shop.call("POST", f"/fulfillment/202309/packages/{package_id}/shipping_info/update", older)

    assert (early, first, correct("NEW-4")) == (21011043, 0, 21011050)
    assert shop.order(order_id)["tracking_number"] == "NEW-3"
    shop.advance(hours=73)
    assert correct("NEW-5") == 21011051


def test_packages_are_searched_and_read(shop: Client) -> None:
    order_id, lines = released(shop)
    package_id = shop.ship(order_id, lines, TRACK).json()["data"]["package_id"]
    path = "/fulfillment/202309/packages"

    found = shop.call("POST", f"{path}/search", {"package_status": "PROCESSING"}, query={"page_size": "50"})
    detail = shop.call("GET", f"{path}/{package_id}")

    assert [package["id"] for package in found["packages"]] == [package_id]
    assert found["packages"][0]["orders"][0]["skus"][0]["quantity"] == 2
    assert (detail["package_status"], detail["tracking_number"]) == ("PROCESSING", TRACK)
    assert detail["order_line_item_ids"] == lines
    assert shop.code("GET", f"{path}/1") == 21011001
    assert shop.code("POST", f"{path}/search", query={"page_size": "51"}) == 36009004


@pytest.mark.parametrize("region_shop", ["MX"], indirect=True)
def test_a_package_the_platform_made_is_shipped_once(region_shop: Client) -> None:
    shop = region_shop
    load_listings(shop.simulator.shop, [TOTE])
    order_id = shop.place(2, shipping_type="TIKTOK")
    package_id = shop.order(order_id)["packages"][0]["id"]

    shop.call("POST", f"/fulfillment/202309/packages/{package_id}/ship", {"handover_method": "DROP_OFF"})
    batch = shop.call(
        "POST", "/fulfillment/202309/packages/ship", {"packages": [{"id": package_id}, {"id": "1"}]}
    )

    assert shop.order(order_id)["status"] == "AWAITING_COLLECTION"
    assert [error["code"] for error in batch["errors"]] == [21011006, 21011001]


def test_split_attributes_say_which_orders_may_be_split(shop: Client) -> None:
    order_id, _ = released(shop)
    single = shop.place()

    path = "/fulfillment/202309/orders/split_attributes"
    found = shop.call("GET", path, query={"order_ids": f"{order_id},{single}"})["split_attributes"]

    assert [one["can_split"] for one in found] == [True, False]


def test_warehouses_options_and_carriers_are_listed(shop: Client) -> None:
    warehouses = shop.call("GET", "/logistics/202309/warehouses")["warehouses"]
    sales = next(w for w in warehouses if w["is_default"] and w["type"] == "SALES_WAREHOUSE")
    path = f"/logistics/202309/warehouses/{sales['id']}/delivery_options"
    options = shop.call("GET", path)["delivery_options"]

    assert {w["type"] for w in warehouses if w["entity_id"] == sales["entity_id"]} == {
        "SALES_WAREHOUSE",
        "RETURN_WAREHOUSE",
    }
    assert len([w for w in warehouses if w["type"] == "SALES_WAREHOUSE"]) == 2
    carriers = {
        o["type"]: f"/logistics/202309/delivery_options/{o['id']}/shipping_providers" for o in options
    }
    names = {p["name"] for p in shop.call("GET", carriers["SEND_BY_SELLER"])["shipping_providers"]}
    assert {"UPS", "USPS"} <= names
    assert shop.code("GET", carriers["STANDARD"]) == 98001004


@pytest.mark.parametrize("region_shop", ["GB"], indirect=True)
def test_outside_the_us_a_pending_cancellation_stops_shipping(region_shop: Client) -> None:
    seeded = {"title": "Tote", "skus": [{"seller_sku": "TOTE-RED", "price": "20", "quantity": 3}]}
    load_listings(region_shop.simulator.shop, [seeded])
    order_id = region_shop.place()
    region_shop.control(f"orders/{order_id}/cancel")

    assert code(region_shop.ship(order_id, [], "TRACK-1")) == 21008044


MEXICAN = pytest.mark.parametrize("region_shop", ["MX"], indirect=True)


def mexican_order(shop: Client, quantity: int = 3) -> tuple[str, list[str]]:
    seeded = {"title": "Tote", "skus": [{"seller_sku": "TOTE-RED", "price": "20", "quantity": 9}]}
    load_listings(shop.simulator.shop, [seeded])
    order_id = shop.place(quantity)
    return order_id, [line["id"] for line in shop.order(order_id)["line_items"]]


@MEXICAN
def test_in_other_markets_the_package_is_there_before_it_leaves(region_shop: Client) -> None:
    order_id, lines = mexican_order(region_shop)

    before = region_shop.order(order_id)
    [package] = before["packages"]
    marked = code(region_shop.ship(order_id, lines, "TRACK-1"))
    path = f"/fulfillment/202309/packages/{package['id']}/ship"
    own = {"self_shipment": {"tracking_number": "TRACK-1", "shipping_provider_id": UPS}}
    region_shop.call("POST", path, own)
    after = region_shop.order(order_id)

    assert {line["package_id"] for line in before["line_items"]} == {package["id"]}
    assert {line["package_status"] for line in before["line_items"]} == {"TO_FULFILL"}
    assert all("tracking_number" not in line for line in before["line_items"])
    assert marked == 21011003
    assert (after["status"], after["tracking_number"]) == ("AWAITING_COLLECTION", "TRACK-1")
    assert region_shop.code("POST", path, own) == 21011006


@MEXICAN
def test_a_split_gives_new_ids_and_each_package_leaves_alone(region_shop: Client) -> None:
    order_id, lines = mexican_order(region_shop)
    [old] = region_shop.order(order_id)["packages"]

    made = region_shop.control(f"orders/{order_id}/split", {"groups": [lines[:1], lines[1:]]})["package_ids"]
    own = {"self_shipment": {"tracking_number": "TRACK-1", "shipping_provider_id": UPS}}
    seen = []
    for package in made:
        region_shop.call("POST", f"/fulfillment/202309/packages/{package}/ship", own)
        seen.append(region_shop.order(order_id)["status"])

    assert old["id"] not in made
    assert seen == ["PARTIALLY_SHIPPING", "AWAITING_COLLECTION"]
    assert region_shop.code("GET", f"/fulfillment/202309/packages/{old['id']}") == 21011001


@MEXICAN
def test_what_is_cancelled_does_not_leave_with_its_package(region_shop: Client) -> None:
    order_id, lines = mexican_order(region_shop)
    asked = region_shop.control(f"orders/{order_id}/cancel", {"line_ids": lines[:2]})
    region_shop.call("POST", f"/return_refund/202309/cancellations/{asked['cancel_id']}/approve")
    [package] = region_shop.order(order_id)["packages"]

    own = {"self_shipment": {"tracking_number": "TRACK-1", "shipping_provider_id": UPS}}
    region_shop.call("POST", f"/fulfillment/202309/packages/{package['id']}/ship", own)

    statuses = [line["display_status"] for line in region_shop.order(order_id)["line_items"]]
    assert statuses == ["CANCELLED", "CANCELLED", "AWAITING_COLLECTION"]


def test_only_bundles_have_parts(shop: Client) -> None:
    order_id, lines = released(shop)
    body = {
        "order_line_list": [{"order_line_id": lines[0], "sub_item_id": "1"}],
        "shipping_info_list": [{"tracking_number": TRACK, "shipping_provider_id": UPS}],
    }

    assert shop.code("POST", f"/fulfillment/202610/orders/{order_id}/packages", body) == 98001004
