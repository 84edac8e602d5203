from __future__ import annotations

import time

import pytest

from crossdock_simulators.kit import Fault
from simulators.tiktok_shop.tiktok_client import Client

SHOPS = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"
PAGE = {"page_size": "20"}


@pytest.mark.parametrize(
    ("method", "path", "changes", "expected"),
    [
        ("GET", "/order/202309/nothing", {}, (404, 36009009)),
        ("PATCH", SEARCH, {}, (405, 36009010)),
        ("POST", "/order/202201/orders/search", {}, (400, 36009014)),
        ("POST", SEARCH, {"app_key": "other"}, (400, 36009004)),
        ("POST", SEARCH, {"timestamp": str(int(time.time()) - 400)}, (400, 36009004)),
        ("POST", SEARCH, {"timestamp": str(int(time.time()) + 3600)}, (400, 36009004)),
        ("POST", SEARCH, {"timestamp": None}, (400, 36009004)),
        ("POST", SEARCH, {"sign": None}, (400, 36009004)),
        ("POST", SEARCH, {"sign": "0" * 64}, (401, 106001)),
        ("POST", SEARCH, {"shop_cipher": None}, (400, 106013)),
        ("POST", SEARCH, {"shop_cipher": "other"}, (400, 36009004)),
        ("POST", SEARCH, {"page_size": "0"}, (400, 36009004)),
        ("POST", SEARCH, {"page_size": "101"}, (400, 36009004)),
    ],
)
def test_a_call_that_is_wrong_in_one_way_gets_the_code_for_it(
    shop: Client, method: str, path: str, changes: dict[str, str | None], expected: tuple[int, int]
) -> None:
    answer = shop.send(method, path, changes=changes)

    assert (answer.status_code, answer.json()["code"]) == expected
    assert answer.json()["data"] is None


def test_an_upper_case_signature_is_refused(shop: Client) -> None:
    query = {"app_key": shop.key, "timestamp": str(int(time.time()))}
    sign = shop.signature(SHOPS, query, b"").upper()

    answer = shop.send("GET", SHOPS, cipher=False, changes=query | {"sign": sign})

    assert answer.json()["code"] == 106001


def test_the_body_is_part_of_the_signature_byte_by_byte(shop: Client) -> None:
    path, query = (
        SEARCH,
        {"app_key": shop.key, "timestamp": str(int(time.time())), "shop_cipher": shop.cipher},
    )
    sign = shop.signature(path, query | PAGE, b'{"order_status":"UNPAID"}')

    answer = shop.send(
        "POST", path, query=query | PAGE, raw=b'{"order_status": "UNPAID"}', changes={"sign": sign}
    )

    assert answer.json()["code"] == 106001


@pytest.mark.parametrize("signed", [b"{}", b""])
def test_an_empty_object_may_be_signed_or_not(shop: Client, signed: bytes) -> None:
    query = {"app_key": shop.key, "timestamp": str(int(time.time())), "shop_cipher": shop.cipher} | PAGE
    sign = shop.signature(SEARCH, query, signed)

    answer = shop.send("POST", SEARCH, query=query, raw=b"{}", changes={"sign": sign})

    assert answer.json()["code"] == 0


def test_shop_cipher_is_refused_where_it_is_not_wanted(shop: Client) -> None:
    answer = shop.send("GET", SHOPS)

    assert (answer.status_code, answer.json()["code"]) == (400, 36009004)
    assert "Unexpected identifier" in answer.json()["message"]


def test_unknown_expired_and_limited_tokens_are_told_apart(shop: Client) -> None:
    unknown = shop.send("GET", SHOPS, cipher=False, token="nobody's")
    shop.control("scopes", {"scopes": ["seller.order.info"]})
    limited = shop.simulator.authorizations.grant().access_token
    forbidden = shop.send("GET", SHOPS, cipher=False, token=limited)
    shop.advance(days=7)
    expired = shop.send("GET", SHOPS, cipher=False)

    assert (unknown.status_code, unknown.json()["code"]) == (401, 36009004)
    assert (forbidden.status_code, forbidden.json()["code"]) == (401, 105005)
    assert (expired.status_code, expired.json()["code"]) == (401, 105002)


def test_moving_the_simulators_clock_does_not_break_signatures(shop: Client) -> None:
    shop.advance(days=3)

    assert shop.call("GET", SHOPS, cipher=False)["shops"][0]["region"] == "US"


def test_a_rate_limit_answers_429_and_says_when_to_come_back(shop: Client) -> None:
    shop.control("switches", {"calls_per_second": {"read": 2}})

    answers = [shop.send("POST", SEARCH, query=PAGE) for _ in range(6)]

    limited = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert limited
    assert all(answer.json()["code"] == 36009002 and answer.headers["retry-after"] for answer in limited)


def test_an_expire_token_fault_lasts_until_the_token_is_refreshed(shop: Client) -> None:
    shop.simulator.faults.add(Fault("expire_token"))

    codes = [shop.code("POST", SEARCH, query=PAGE) for _ in range(2)]
    fresh = shop.simulator.authorizations.grant().access_token

    assert codes == [105002, 105002]
    assert shop.code("POST", SEARCH, query=PAGE, token=fresh) == 0


def test_a_dropped_write_answers_success_and_changes_nothing(shop: Client) -> None:
    shop.simulator.faults.add(Fault("drop_write", path="/products$"))

    answered = shop.create()

    assert answered["product_id"]
    assert shop.state()["products"] == []
    assert shop.create()["product_id"]
    assert len(shop.state()["products"]) == 1


@pytest.mark.parametrize("raw", [b"[1]", b"{not json", b'"text"'])
def test_a_body_that_is_no_object_is_refused(shop: Client, raw: bytes) -> None:
    assert shop.code("POST", SEARCH, query=PAGE, raw=raw) == 36009022


def test_an_id_as_a_number_is_refused(shop: Client) -> None:
    body = {"skus": [{"id": 12, "inventory": [{"quantity": 3}]}]}
    product_id = shop.live()["product_id"]

    assert shop.code("POST", f"/product/202309/products/{product_id}/inventory/update", body) == 36009004
