"""TikTok's own labels: priced, bought once, handed over, and shown where they can be fetched."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock_simulators.tiktok_shop.seed import load_listings
from simulators.tiktok_shop.tiktok_client import Client
from simulators.tiktok_shop.tiktok_page import TOTE

BUY, OLDER = "/fulfillment/202512/packages", "/fulfillment/202309/packages"


@pytest.fixture
def labeled(market: Client) -> tuple[str, list[str]]:
    """A released order of two units that TikTok ships, and its line items."""
    order_id = market.place(2, shipping_type="TIKTOK")
    return order_id, [line["id"] for line in market.order(order_id)["line_items"]]


def document(shop: Client, package_id: str, **query: str) -> dict[str, Any]:
    path = f"/fulfillment/202309/packages/{package_id}/shipping_documents"
    answer: dict[str, Any] = shop.send("GET", path, query={"document_type": "SHIPPING_LABEL"} | query).json()
    return answer


def test_no_package_is_there_before_its_label(market: Client, labeled: tuple[str, list[str]]) -> None:
    order_id, lines = labeled
    path = f"/fulfillment/202309/orders/{order_id}/shipping_services/query"

    priced = market.call("POST", path, {"order_line_list": [{"order_line_id": line} for line in lines]})

    assert market.order(order_id)["packages"] == []
    assert [one["name"] for one in priced["shipping_services"] if one["is_default"]] == [
        "USPS Ground Advantage"
    ]
    assert (priced["order_line_id"], priced["weight"]["unit"]) == (lines, "POUND")


def test_a_label_ships_the_whole_order_and_shows_its_number(
    market: Client, labeled: tuple[str, list[str]]
) -> None:
    order_id, _ = labeled

    bought = market.call("POST", BUY, {"ship_type": "1", "order_id": order_id})
    order, shown = market.order(order_id), document(market, bought["package_id"])["data"]

    assert order["status"] == "AWAITING_COLLECTION"
    assert {line["tracking_number"] for line in order["line_items"]} == {shown["tracking_number"]}
    assert bought["package_id"] in shown["doc_url"]
    assert market.code("POST", BUY, {"ship_type": "1", "order_id": order_id}) == 21011006


@pytest.mark.parametrize("path", [BUY, OLDER])
def test_a_part_gets_a_label_of_its_own(market: Client, labeled: tuple[str, list[str]], path: str) -> None:
    order_id, lines = labeled
    newest = {"ship_type": "2", "order_line_item": [{"order_line_id": lines[0]}]}

    market.call(
        "POST", path, {"order_id": order_id} | (newest if path == BUY else {"order_line_item_ids": lines[:1]})
    )

    statuses = [line["display_status"] for line in market.order(order_id)["line_items"]]
    assert statuses == ["AWAITING_COLLECTION", "AWAITING_SHIPMENT"]


def test_what_has_no_label_is_refused_with_its_own_code(
    market: Client, labeled: tuple[str, list[str]]
) -> None:
    order_id, _ = labeled
    own = market.place(1)
    package = market.ship(own, [], "1Z999AA10123456784").json()["data"]["package_id"]
    market.control("switches", {"sells_labels": False})

    assert market.code("POST", BUY, {"ship_type": "1", "order_id": order_id}) == 21022026
    assert market.code("POST", BUY, {"ship_type": "1", "order_id": own}) == 21011004
    assert market.code("POST", BUY, {"ship_type": "3", "order_id": order_id}) == 98001004
    assert document(market, package)["code"] == 21011004
    assert document(market, "1")["code"] == 21011001


@pytest.mark.parametrize("region_shop", ["MX"], indirect=True)
def test_elsewhere_a_package_is_handed_over_and_labeled_then(region_shop: Client) -> None:
    shop = region_shop
    load_listings(shop.simulator.shop, [TOTE])
    order_id = shop.place(2, shipping_type="TIKTOK")
    package_id = shop.order(order_id)["packages"][0]["id"]
    shop.control("switches", {"offers_drop_off": False})
    path = f"/fulfillment/202309/packages/{package_id}"

    slots = shop.call("GET", f"{path}/handover_time_slots")
    early = document(shop, package_id)["code"]
    own = {
        "self_shipment": {
            "tracking_number": "1Z999AA10123456784",
            "shipping_provider_id": "7117858858072016686",
        }
    }
    refused = shop.code("POST", f"{path}/ship", own)
    shop.call(
        "POST", f"{path}/ship", {"handover_method": "PICKUP", "pickup_slot": {"start_time": 1, "end_time": 2}}
    )

    assert (slots["can_pickup"], slots["can_drop_off"]) == (True, False)
    assert [slot["avaliable"] for slot in slots["pickup_slots"]] == [False, True]
    assert (early, refused) == (21011043, 21011004)
    assert document(shop, package_id)["data"]["tracking_number"] == f"TT{package_id}"
