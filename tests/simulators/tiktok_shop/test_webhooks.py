from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from crossdock_simulators.kit import Reply, Request, Served
from crossdock_simulators.kit.http import HandlerApp
from simulators.tiktok_shop.tiktok_client import Client
from simulators.tiktok_shop.tiktok_schemas import available, document, unknown_names, validate

PATH = "/event/202309/webhooks"
SCHEMAS = {
    1: "OrderStatusChangeWebhook",
    3: "RecipientAddressUpdateWebhook",
    5: "ProductStatusChangeWebhook",
    6: "SellerDeauthorizationWebhook",
    11: "CancellationStatusChangeWebhook",
    12: "ReturnStatusChangeWebhook",
    15: "ProductInformationChangeWebhook",
    16: "ProductCreationWebhook",
    27: "InventoryStatusChangeWebhook",
    37: "ProductAuditStatusChangeWebhook",
}


class Receiver:
    """A subscriber; `statuses` are its next answers, after which it answers 200."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []

    def answer(self, request: Request) -> Reply:
        self.received.append((request.body, request.headers["authorization"]))
        return Reply(self.statuses.pop(0) if self.statuses else 200)

    def messages(self, number: int) -> list[dict[str, Any]]:
        decoded = [json.loads(body) for body, _ in self.received]
        return [message["data"] for message in decoded if message["type"] == number]


@pytest.fixture
def receiver(shop: Client) -> Iterator[Receiver]:
    made = Receiver()
    with Served(HandlerApp(made.answer)) as served:
        for event in (
            "ORDER_STATUS_CHANGE",
            "CANCELLATION_STATUS_CHANGE",
            "PRODUCT_STATUS_CHANGE",
            "PRODUCT_AUDIT_STATUS_CHANGE",
            "PRODUCT_CREATION",
            "PRODUCT_INFORMATION_CHANGE",
            "RECIPIENT_ADDRESS_UPDATE",
            "RETURN_STATUS_CHANGE",
            "SELLER_DEAUTHORIZATION",
        ):
            shop.call("PUT", PATH, {"event_type": event, "address": served.address})
        low_stock = {"event_type": "INVENTORY_STATUS_CHANGE", "address": served.address}
        shop.control("app-webhooks", low_stock)
        yield made


def test_subscriptions_are_set_listed_replaced_and_deleted(shop: Client) -> None:
    event = {"event_type": "PACKAGE_UPDATE"}
    shop.call("PUT", PATH, event | {"address": "https://one.example/"})
    shop.call("PUT", PATH, event | {"address": "https://two.example/"})
    listed = shop.call("GET", PATH)
    shop.call("DELETE", PATH, event)
    shop.call("DELETE", PATH, event)

    assert [one["address"] for one in listed["webhooks"]] == ["https://two.example/"]
    assert listed["webhooks"][0]["create_time"] > 1_000_000_000_000
    assert shop.call("GET", PATH)["total_count"] == 0
    assert shop.code("PUT", PATH, {"event_type": "ORDER", "address": "https://one.example/"}) == 36009004
    assert shop.code("PUT", PATH, event | {"address": "https://" + "x" * 255}) == 36009004


def test_an_order_tells_each_status_and_every_message_is_signed(shop: Client, receiver: Receiver) -> None:
    shop.live()
    order_id = shop.place(on_hold=True)
    shop.advance(minutes=61)
    shop.ship(order_id, [], "1Z999AA10123456784")
    shop.simulator.settle()

    statuses = [data["order_status"] for data in receiver.messages(1)]
    assert statuses == ["UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "AWAITING_COLLECTION"]
    for body, sign in receiver.received:
        message = shop.key.encode() + body
        assert sign == hmac.new(shop.secret.encode(), message, hashlib.sha256).hexdigest()


def test_cancellations_are_spelt_the_webhooks_way(shop: Client, receiver: Receiver) -> None:
    shop.live()
    order_id = shop.place()
    cancel_id = shop.control(f"orders/{order_id}/cancel")["cancel_id"]
    path = f"/return_refund/202309/cancellations/{cancel_id}/reject"
    shop.call("POST", path, {"reject_reason": "ecom_reverse_reject_cancel_reason_product_packed"})
    shop.control(f"orders/{order_id}/cancel")
    shop.advance(hours=50)
    shop.simulator.settle()

    assert [
        data["cancel_status"].removeprefix("CANCELLATION_REQUEST_") for data in receiver.messages(11)
    ] == [
        "PENDING",
        "CANCELLED",
        "PENDING",
        "SUCCESS",
        "COMPLETE",
    ]
    assert receiver.messages(1)[-1]["order_status"] == "CANCEL"


def test_products_are_named_by_numbers_where_the_platform_does_so(shop: Client, receiver: Receiver) -> None:
    product_id = shop.live()["product_id"]
    shop.call("POST", f"/product/202509/products/{product_id}/partial_edit", {"title": "Bag"})
    shop.simulator.settle()

    assert receiver.messages(16)[0]["product_id"] == int(product_id)
    assert receiver.messages(5)[0]["status"] == "PRODUCT_FIRST_PASS_REVIEW"
    assert [data["audit"]["status"] for data in receiver.messages(37)] == ["AUDITING", "APPROVED", "AUDITING"]
    assert receiver.messages(15)[0] == receiver.messages(15)[0] | {
        "product_id": product_id,
        "change_source": "OPEN_API",
        "changed_fields": ["title"],
    }


def test_a_message_that_is_not_taken_is_tried_again_on_the_platforms_schedule(
    shop: Client, receiver: Receiver
) -> None:
    shop.live()
    shop.control("switches", {"unpaid_minutes": 1e6})
    shop.simulator.settle()
    receiver.received.clear()
    receiver.statuses = [500] * 9
    shop.place(paid=False)
    shop.simulator.settle()
    counts = [len(receiver.received)]
    for minutes in (2.1, 30.1, 180.1, 720.1, 5000):
        shop.advance(minutes=minutes)
        shop.simulator.settle()
        counts.append(len(receiver.received))

    assert counts == [1, 2, 3, 4, 5, 5]
    assert {body for body, _ in receiver.received} == {receiver.received[0][0]}


def test_every_message_fits_its_published_schema(shop: Client, receiver: Receiver) -> None:
    if not available():
        pytest.skip("the published schemas are not here")
    shop.control("switches", {"low_stock_threshold": 30})
    shop.live()
    order_id = shop.place()
    shop.control(f"orders/{order_id}/address", {"city": "Portland"})
    shop.control(f"orders/{order_id}/cancel")
    shop.ship(order_id, [], "1Z999AA10123456784")
    shop.advance(hours=100)
    shop.control(f"orders/{order_id}/return")
    product_id = shop.state()["products"][0]["id"]
    shop.control(f"products/{product_id}/edit", {"title": "Changed by the seller"})
    shop.control("deauthorize")
    shop.simulator.settle()

    messages = [json.loads(body) for body, _ in receiver.received]
    assert {message["type"] for message in messages} == set(SCHEMAS)
    for message in messages:
        schema = document()["components"]["schemas"][SCHEMAS[message["type"]]]
        validate(schema, message)
        assert not unknown_names(schema, message, "")


def test_duplicates_and_losses_can_be_switched_on(shop: Client, receiver: Receiver) -> None:
    shop.live()
    shop.simulator.settle()
    receiver.received.clear()
    shop.control("webhook-faults", {"duplicated": 1})
    shop.place(paid=False)
    shop.simulator.settle()
    twice = len(receiver.received)
    shop.control("webhook-faults", {"lost": 1})
    shop.place(paid=False)
    shop.simulator.settle()

    assert (twice, len(receiver.received)) == (2, 2)
    assert receiver.received[0][0] == receiver.received[1][0]
