"""Webhooks: only the store's own are believed, and each hints at what to pull."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from connectors.bigcommerce.scripted import API_PATH, SECRETS, Reply, Request, Script, connector, v3
from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.connectors.bigcommerce.settings import BigCommerceCredentials
from crossdock.connectors.bigcommerce.webhooks import KEY_HEADER, SCOPES, key_of
from crossdock.connectors.contract import Hint, SignatureError
from crossdock.connectors.errors import SettingsError
from crossdock.domain.sync import Entity

CREDENTIALS = BigCommerceCredentials.parse({"api_path": API_PATH, **SECRETS})
SIGNED = {"x-hub-key": key_of("the-secret")}
ADDRESS = "https://hub.example.com/webhooks/my-store"


def event(scope: str, *, producer: str = "stores/abc123") -> bytes:
    return json.dumps({"scope": scope, "store_id": "1", "data": {"id": 1}, "producer": producer}).encode()


def read(headers: dict[str, str], body: bytes) -> Hint:
    return BigCommerce.read_webhook(CREDENTIALS, headers, body)


def test_a_refund_hints_at_its_record_and_at_the_status_of_its_order() -> None:
    assert read(SIGNED, event("store/order/refund/created")).entities == (Entity.ORDERS, Entity.RETURNS)


@pytest.mark.parametrize("event_name", ["created", "updated", "deleted"])
def test_a_shipment_hints_at_itself_and_at_its_order(event_name: str) -> None:
    hint = read(SIGNED, event(f"store/shipment/{event_name}"))

    assert hint.entities == (Entity.ORDERS, Entity.FULFILLMENTS)


@pytest.mark.parametrize(
    ("scope", "entity"),
    [
        ("store/order/created", Entity.ORDERS),
        ("store/order/statusUpdated", Entity.ORDERS),
        ("store/channel/1/order/updated", Entity.ORDERS),
        ("store/product/updated", Entity.PRODUCTS),
        ("store/sku/deleted", Entity.PRODUCTS),
        ("store/product/inventory/updated", Entity.INVENTORY),
        ("store/sku/inventory/order/updated", Entity.INVENTORY),
        ("store/channel/1/inventory/product/stock_changed", Entity.INVENTORY),
        ("store/inventory/location/updated", Entity.LOCATIONS),
    ],
)
def test_an_event_hints_at_what_to_pull(scope: str, entity: Entity) -> None:
    assert read(SIGNED, event(scope)).entities == (entity,)


OF_A_VARIANT = {"product_id": 206, "variant_id": 509}
OF_A_PRODUCT = {"product_id": 167, "method": "absolute", "value": 5}


@pytest.mark.parametrize(
    ("scope", "data", "names"),
    [
        ("store/sku/inventory/updated", {"id": 461, "inventory": OF_A_VARIANT}, ("206/509",)),
        ("store/sku/inventory/order/updated", {"inventory": {"variant_id": "509"}}, ("/509",)),
        ("store/product/inventory/updated", {"id": 167, "inventory": OF_A_PRODUCT}, ("167/",)),
        ("store/product/inventory/order/updated", {"inventory": OF_A_PRODUCT}, ("167/",)),
        ("store/channel/1/inventory/product/stock_changed", OF_A_VARIANT | {"location_id": 2}, ("206/509",)),
        ("store/sku/inventory/updated", {"id": 461, "inventory": OF_A_PRODUCT}, ()),
        ("store/product/inventory/updated", {"id": 167}, ()),
        ("store/product/inventory/updated", {"inventory": {"product_id": "none"}}, ()),
        ("store/product/inventory/updated", [1], ()),
        ("store/product/inventory/updated", None, ()),
        ("store/inventory/location/updated", {"location_id": 2}, ()),
        ("store/product/updated", {"type": "product", "product_id": 5}, ()),
    ],
)
def test_an_event_of_stock_names_whose_it_is(scope: str, data: Any, names: tuple[str, ...]) -> None:
    assert read(SIGNED, json.dumps({"scope": scope, "data": data}).encode()).stock_of == names


def test_an_event_of_no_interest_hints_at_nothing() -> None:
    assert read(SIGNED, event("store/information/updated")).entities == ()


def test_the_same_event_sent_again_is_recognised() -> None:
    once, again = event("store/order/created"), event("store/order/created")

    assert read(SIGNED, once).event_id == read(SIGNED, again).event_id
    assert read(SIGNED, once).event_id != read(SIGNED, event("store/order/updated")).event_id


@pytest.mark.parametrize(
    "headers", [{}, {"x-hub-key": ""}, {"x-hub-key": "guess"}, {"x-hub-key": key_of("other")}]
)
def test_an_event_without_the_right_key_is_not_believed(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureError):
        read(headers, event("store/order/created"))


def signature(secret: str, body: bytes) -> dict[str, str]:
    signed = hmac.new(secret.encode(), b"msg_1.1768557611." + body, hashlib.sha256).digest()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1768557611",
        "webhook-signature": f"v1,AAAA v1,{base64.b64encode(signed).decode()}",
    }


def test_a_signature_is_checked_where_the_platform_sends_one() -> None:
    body = event("store/order/created")

    assert read(SIGNED | signature("the-secret", body), body).entities == (Entity.ORDERS,)
    with pytest.raises(SignatureError):
        read(SIGNED | signature("another", body), body)
    with pytest.raises(SignatureError):
        read(SIGNED | signature("the-secret", body), body + b" ")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"scope": 1}', event("x", producer="stores/other")])
def test_a_body_that_is_no_event_of_this_store_is_not_believed(body: bytes) -> None:
    with pytest.raises(SignatureError):
        read(SIGNED, body)


def test_the_key_gives_the_client_secret_away_to_nobody() -> None:
    assert "the-secret" not in key_of("the-secret")


class Hooks:
    """The hooks of one access token."""

    def __init__(self) -> None:
        self.hooks: dict[int, dict[str, Any]] = {}

    def __call__(self, request: Request) -> Reply:
        if request.method == "GET":
            return 200, v3(list(self.hooks.values()))
        if request.method == "POST":
            number = len(self.hooks) + 1
            self.hooks[number] = {"id": number, **request.body}
            return 201, self.hooks[number]
        number = int(request.place.rsplit("/", 1)[1])
        self.hooks[number] |= request.body
        return 200, {"data": self.hooks[number]}


def test_only_what_is_missing_or_asleep_is_subscribed() -> None:
    hooks = Hooks()
    hub, http = connector(hooks, orders=True, products="pull", inventory="pull", locations=True)

    created = hub.ensure_webhooks(ADDRESS)
    unchanged = hub.ensure_webhooks(ADDRESS)
    hooks.hooks[1]["is_active"] = False
    hooks.hooks[2]["headers"] = None
    mended = hub.ensure_webhooks(ADDRESS)

    scopes = [hook["scope"] for hook in hooks.hooks.values()]
    assert len(created) == len(scopes) == len(set(scopes))
    assert {"store/order/*", "store/channel/*/inventory/product/stock_changed"} <= set(scopes)
    assert (unchanged, len(mended)) == ([], 2)
    assert hooks.hooks[1]["is_active"]
    assert {hook["headers"][KEY_HEADER] for hook in hooks.hooks.values()} == {key_of("the-secret")}
    assert not any("the-secret" in str(request) for request in http.requests)


def test_shipments_are_subscribed_where_they_are_pulled() -> None:
    hooks = Hooks()
    hub, _ = connector(hooks, pull_fulfillments=True)

    hub.ensure_webhooks(ADDRESS)

    assert {hook["scope"] for hook in hooks.hooks.values()} == {"store/shipment/*"}


def test_flows_that_are_off_are_not_subscribed() -> None:
    hooks = Hooks()
    hub, _ = connector(hooks, locations=True)

    hub.ensure_webhooks(ADDRESS)

    assert {hook["scope"] for hook in hooks.hooks.values()} == set(SCOPES[Entity.LOCATIONS])


def test_hooks_towards_other_addresses_are_left_alone() -> None:
    hooks = Hooks()
    hooks.hooks[1] = {
        "id": 1,
        "scope": "store/order/*",
        "destination": "https://other.example.com/",
        "is_active": False,
    }
    hub, _ = connector(hooks, orders=True)

    hub.ensure_webhooks(ADDRESS)

    assert not hooks.hooks[1]["is_active"]
    assert hooks.hooks[2]["destination"] == ADDRESS


@pytest.mark.parametrize(
    "address",
    ["http://hub.example.com/x", "https://hub.example.com:8443/x", "http://127.0.0.1:8000/x", "hub"],
)
def test_an_address_that_the_platform_would_not_deliver_to_is_refused(address: str) -> None:
    hub, http = connector(Script(), orders=True)

    with pytest.raises(SettingsError, match="443"):
        hub.ensure_webhooks(address)

    assert http.requests == []
