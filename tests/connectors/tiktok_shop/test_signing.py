"""The published and computed vectors of both signatures."""

from __future__ import annotations

import pytest

from crossdock.connectors.tiktok_shop.signing import sign, sign_webhook

SECRET = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
APP = {"app_key": "68xu9ks5p4i8", "timestamp": "1760000000"}
SHOP = APP | {"shop_cipher": "ROW_ZkzAgAAAAB3qE1x9Tn0abc"}
PRODUCT = "1729592969712207008"

CALLS = {
    "A": (
        "e59af819cc",
        "/authorization/202309/shops",
        {"app_key": "29a39d", "timestamp": "1623812664"},
        "",
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
    ),
    "B": (
        "app_secret",
        "/test-api",
        {"foo": "bar"},
        "",
        "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f",
    ),
    "C": (
        SECRET,
        "/order/202507/orders",
        SHOP | {"ids": "576461413038785752,576461413038785753"},
        "",
        "2ebc49e3527a544fe54a02462c191709d998b2b348fa99b75dfb67f0b2deee9f",
    ),
    "D": (
        SECRET,
        "/order/202309/orders/search",
        SHOP | {"page_size": "50", "sort_field": "update_time", "sort_order": "ASC"},
        '{"update_time_ge":1759990000,"update_time_lt":1760000000}',
        "9b60aeca3f58a06b7df93535cbea0bebf65d92bb742e32fa61347aae0b8c56fd",
    ),
    "E": (
        SECRET,
        f"/product/202309/products/{PRODUCT}/inventory/update",
        SHOP,
        '{"skus":[{"id":"1729592969712207012","inventory":[{"warehouse_id":"7068517275539719942","quantity":7}]}]}',
        "261f69bbfedf455441471e7528e082f546bf74af4d0afae889c8764c44dbb42c",
    ),
    "F": (
        SECRET,
        "/product/202309/images/upload",
        APP,
        "",
        "4e5558fd0d707d9f3eaabc5cb8d277c0fe63a3b53303a1966eab2c0b61531c51",
    ),
    "G": (
        SECRET,
        f"/product/202509/products/{PRODUCT}",
        SHOP,
        '{"title":"Crème brûlée torch – 2 pcs"}',
        "c185633b0c571973e25c03d66bd300e11ee0977529eef71526983f6980e56227",
    ),
    "H": (
        SECRET,
        "/product/202309/brands",
        SHOP | {"brand_name": "Ben & Jerry's 50%", "page_size": "20", "access_token": "x", "sign": "y"},
        "",
        "23555180b002ae1b7da11a8b84cc6371c87fe0e2063d77d4eb27f8d5701e29f0",
    ),
    "I, empty object signed": (
        SECRET,
        "/order/202309/orders/search",
        SHOP | {"page_size": "20"},
        "{}",
        "53b79807f4e3365f7354b3140a20b0362829281b25897fefc0f243c92a13243b",
    ),
    "I, no body": (
        SECRET,
        "/order/202309/orders/search",
        SHOP | {"page_size": "20"},
        "",
        "55a0e8d607d59bba157b34878e9dcee64171b439b3ca4eea2b94631bee9df23a",
    ),
    "J": (
        SECRET,
        "/event/202309/webhooks",
        SHOP,
        '{"event_type":"PACKAGE_UPDATE"}',
        "8c96a4d4ef30eb37f38ecb2400a3aa1538e1fdae5671ec150ceda5f704d7f6d6",
    ),
}
WEBHOOKS = {
    "W1": (
        "abcdef",
        "123",
        '{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507",'
        '"timestamp":1718305585,"data":{"is_on_hold_order":true,"order_id":"576653688135258178",'
        '"order_status":"UNPAID","update_time":1718305585}}',
        "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05",
    ),
    "W2": (
        "fake_app_key",
        "fake_app_secret",
        '{"type":1,"shop_id":"7494726673780148744","timestamp":1664095733,"data":{"order_id":'
        '"576684019603311365","order_status":"AWAITING_SHIPMENT","update_time":1664095610}}',
        "21109834de72ec53c9959716d8514ae388ce1f123e5ffdcafc46713fcdf62b27",
    ),
    "W3": (
        "68xu9ks5p4i8",
        SECRET,
        '{"type":11,"tts_notification_id":"7380066284010030999","shop_id":"7494726673780148744",'
        '"timestamp":1760000000,"data":{"order_id":"576684019603311365","cancellations_role":"BUYER",'
        '"cancel_status":"CANCELLATION_REQUEST_PENDING","cancel_id":"4035311787434217985",'
        '"create_time":1759999990}}',
        "f423481ce5845c7955a6dc4ebabd5ad9c9bec025cc5169d947637e433049581f",
    ),
}


@pytest.mark.parametrize("vector", CALLS)
def test_a_call_is_signed_as_the_vector_says(vector: str) -> None:
    secret, path, query, body, expected = CALLS[vector]

    assert sign(secret, path, query, body.encode()) == expected


@pytest.mark.parametrize("vector", WEBHOOKS)
def test_a_webhook_is_signed_as_the_vector_says(vector: str) -> None:
    key, secret, body, expected = WEBHOOKS[vector]

    assert sign_webhook(key, secret, body.encode()) == expected
