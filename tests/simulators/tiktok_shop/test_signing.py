from __future__ import annotations

import pytest

from crossdock_simulators.tiktok_shop.signing import request_signature, webhook_signature

SECRET = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
KEY = {"app_key": "68xu9ks5p4i8", "timestamp": "1760000000"}
SHOP = KEY | {"shop_cipher": "ROW_ZkzAgAAAAB3qE1x9Tn0abc"}
STOCK = (
    b'{"skus":[{"id":"1729592969712207012","inventory":'
    b'[{"warehouse_id":"7068517275539719942","quantity":7}]}]}'
)
VECTORS = {
    "A": (
        "e59af819cc",
        "/authorization/202309/shops",
        {"app_key": "29a39d", "timestamp": "1623812664"},
        b"",
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
    ),
    "B": (
        "app_secret",
        "/test-api",
        {"foo": "bar"},
        b"",
        "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f",
    ),
    "C": (
        SECRET,
        "/order/202507/orders",
        SHOP | {"ids": "576461413038785752,576461413038785753"},
        b"",
        "2ebc49e3527a544fe54a02462c191709d998b2b348fa99b75dfb67f0b2deee9f",
    ),
    "D": (
        SECRET,
        "/order/202309/orders/search",
        SHOP | {"page_size": "50", "sort_field": "update_time", "sort_order": "ASC"},
        b'{"update_time_ge":1759990000,"update_time_lt":1760000000}',
        "9b60aeca3f58a06b7df93535cbea0bebf65d92bb742e32fa61347aae0b8c56fd",
    ),
    "E": (
        SECRET,
        "/product/202309/products/1729592969712207008/inventory/update",
        SHOP,
        STOCK,
        "261f69bbfedf455441471e7528e082f546bf74af4d0afae889c8764c44dbb42c",
    ),
    "F": (
        SECRET,
        "/product/202309/images/upload",
        KEY,
        b"",
        "4e5558fd0d707d9f3eaabc5cb8d277c0fe63a3b53303a1966eab2c0b61531c51",
    ),
    "G": (
        SECRET,
        "/product/202509/products/1729592969712207008",
        SHOP,
        '{"title":"Crème brûlée torch – 2 pcs"}'.encode(),
        "c185633b0c571973e25c03d66bd300e11ee0977529eef71526983f6980e56227",
    ),
    "H": (
        SECRET,
        "/product/202309/brands",
        SHOP | {"brand_name": "Ben & Jerry's 50%", "page_size": "20", "access_token": "x", "sign": "y"},
        b"",
        "23555180b002ae1b7da11a8b84cc6371c87fe0e2063d77d4eb27f8d5701e29f0",
    ),
    "I with the object": (
        SECRET,
        "/order/202309/orders/search",
        SHOP | {"page_size": "20"},
        b"{}",
        "53b79807f4e3365f7354b3140a20b0362829281b25897fefc0f243c92a13243b",
    ),
    "I without": (
        SECRET,
        "/order/202309/orders/search",
        SHOP | {"page_size": "20"},
        b"",
        "55a0e8d607d59bba157b34878e9dcee64171b439b3ca4eea2b94631bee9df23a",
    ),
    "J": (
        SECRET,
        "/event/202309/webhooks",
        SHOP,
        b'{"event_type":"PACKAGE_UPDATE"}',
        "8c96a4d4ef30eb37f38ecb2400a3aa1538e1fdae5671ec150ceda5f704d7f6d6",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_request_is_signed_as_the_published_vectors_say(name: str) -> None:
    secret, path, query, body, expected = VECTORS[name]

    assert request_signature(secret, path, query, body) == expected


def test_a_webhook_is_signed_as_the_published_vectors_say() -> None:
    first = (
        b'{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507",'
        b'"timestamp":1718305585,"data":{"is_on_hold_order":true,"order_id":"576653688135258178",'
        b'"order_status":"UNPAID","update_time":1718305585}}'
    )
    second = (
        b'{"type":1,"shop_id":"7494726673780148744","timestamp":1664095733,"data":'
        b'{"order_id":"576684019603311365","order_status":"AWAITING_SHIPMENT","update_time":1664095610}}'
    )

    assert (
        webhook_signature("123", "abcdef", first)
        == "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"
    )
    assert (
        webhook_signature("fake_app_secret", "fake_app_key", second)
        == "21109834de72ec53c9959716d8514ae388ce1f123e5ffdcafc46713fcdf62b27"
    )
