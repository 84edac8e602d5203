"""The 29 traps of TikTok Shop's API that integrators know of: we step into none of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.samples import Request, Sample
from connectors.tiktok_shop import documents
from connectors.tiktok_shop.calls import SAMPLES, request_of
from connectors.tiktok_shop.golden_readers import GOLDEN, read
from connectors.tiktok_shop.tiktok_bench import listable, refusal, scripted, variant
from connectors.traps import covered_by, missing_tests
from crossdock.connectors.errors import AccessMissingError, CredentialsError
from crossdock.connectors.tiktok_shop.mapping.checks import faults
from crossdock.domain.money import Money

HERE = "connectors/tiktok_shop"
ALL = range(1, 30)

# Traps whose whole story is told by tests of what they concern.
ELSEWHERE: dict[int, tuple[str, ...]] = {
    1: (f"{HERE}/test_signing.py::test_a_call_is_signed_as_the_vector_says",),
    3: (f"{HERE}/test_calls.py::test_the_consent_page_is_that_of_the_market_and_takes_the_service_id",),
    7: (f"{HERE}/test_money.py::test_every_unit_is_on_exactly_one_line",),
    8: (
        "operations/test_connecting.py::test_an_account_that_another_integration_has_does_not_connect_twice",
    ),
    9: ("journeys/test_orders.py::test_an_order_in_the_buyers_hour_comes_in_on_hold_and_is_released_later",),
    10: (
        "journeys/test_stock.py::test_s113_goods_from_a_merchant_location_lower_stock_once_and_goods_from_tiktoks_never",
    ),
    11: (f"{HERE}/test_orders_against_simulator.py::test_an_order_that_tiktok_ships_comes_in_as_fulfilled",),
    12: (
        f"{HERE}/test_carriers.py::test_a_carrier_that_the_order_does_not_take_is_refused_with_those_that_it_does",
        f"{HERE}/test_carriers.py::test_the_carrier_map_leads_from_the_hubs_name_to_the_providers_id",
    ),
    13: (
        "connectors/bigcommerce/test_created_orders.py::test_an_order_in_another_currency_is_refused_before_anything_is_sent",
    ),
    14: (
        "connectors/bigcommerce/test_traps.py::"
        "test_an_order_that_lacks_a_required_option_is_refused_by_the_products_name",
    ),
    15: (
        f"{HERE}/test_push_products.py::test_the_daily_quota_lets_edits_go_on_and_leaves_the_rest_for_later",
        f"{HERE}/test_products_against_simulator.py::test_the_daily_limit_of_new_products_pauses_the_rest",
    ),
    22: (
        f"{HERE}/test_edit_products.py::test_a_new_variant_is_added_and_no_sku_is_lost",
        f"{HERE}/test_edit_products.py::test_a_price_of_a_product_that_is_not_live_goes_with_the_whole_list_of_skus",
    ),
    23: (f"{HERE}/test_calls.py::test_a_refused_refresh_asks_to_authorize_again_without_showing_a_secret",),
    24: (
        "api/test_webhooks.py::test_when_the_owner_withdraws_access_the_account_is_in_error_until_it_is_connected_again",
        "api/test_webhooks.py::test_a_consent_that_runs_out_is_told_until_it_is_given_anew",
    ),
    26: (f"{HERE}/test_push_products.py::test_a_single_sku_without_options_sends_no_attributes",),
    27: (
        f"{HERE}/test_edit_products.py::test_equal_content_is_not_sent_again_since_it_would_start_a_review",
    ),
    28: ("journeys/test_stock.py::test_an_unpaid_order_reserves_stock_and_is_not_shown_as_an_order",),
}

CALLS = [request_of(sample) for sample in SAMPLES]
VERSION = re.compile(r"/(20\d{4})/")


def test_every_trap_is_covered() -> None:
    covered = covered_by(Path(__file__).parent, ELSEWHERE)

    assert sorted(set(ALL) ^ covered.keys()) == [], "these traps have no test, or there is no such trap"


def test_the_tests_told_elsewhere_are_there() -> None:
    assert missing_tests(ELSEWHERE) == []


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("traps/*.json")), ids=lambda path: path.stem)
def test_a_payload_that_is_a_trap_becomes_exactly_what_its_golden_file_says(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    kind = path.stem.split("-")[1]

    assert read(kind, golden["input"]) == golden["expected"]


# Signing, tokens and versions


def test_trap_1_a_signature_is_lower_case() -> None:
    signatures = [call.query["sign"] for call in CALLS if "sign" in call.query]

    assert signatures
    assert [sign for sign in signatures if not re.fullmatch(r"[0-9a-f]{64}", sign)] == []


def test_trap_2_a_refused_signature_is_no_reason_to_renew_the_token() -> None:
    bench, http = scripted(lambda _: refusal(106001, "Invalid credentials.", status=401))

    with pytest.raises(CredentialsError, match="App secret"):
        list(bench.connector().pull_locations(None))

    assert len(http.sent) == 1


def test_trap_4_a_missing_scope_says_to_add_it_and_to_authorize_again() -> None:
    bench, http = scripted(lambda _: refusal(105005, "Access denied.", status=401))

    with pytest.raises(AccessMissingError, match=r"scope “Logistics”.*authorize again"):
        list(bench.connector().pull_locations(None))

    assert len(http.sent) == 1


def test_trap_5_every_endpoint_has_its_own_version() -> None:
    versions = {
        call.path.replace(match[0], "/…/"): match[1] for call in CALLS if (match := VERSION.search(call.path))
    }

    assert versions["/product/…/products/search"] == "202502"
    assert versions["/product/…/products"] == "202309"
    assert versions["/product/…/prerequisites"] == "202312"


def test_trap_6_the_cipher_goes_only_where_it_is_taken() -> None:
    without = {call.path for call in CALLS if "shop_cipher" not in call.query}

    assert without == {
        "/api/v2/token/get",
        "/api/v2/token/refresh",
        "/authorization/202309/shops",
        "/product/202309/images/upload",
    }


def test_trap_19_the_platforms_own_misspellings_are_used() -> None:
    (exchange,) = [call for call in CALLS if call.path == "/api/v2/token/get"]

    assert exchange.query["grant_type"] == "authorized_code"


@pytest.mark.skipif(not documents.IS_THERE, reason=documents.ABSENT)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_trap_25_no_endpoint_is_called_that_never_existed(sample: Sample) -> None:
    request: Request = request_of(sample)

    assert sample.undocumented or documents.operation_of(request)


# Orders


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UNPAID", "New"),
        ("ON_HOLD", "On Hold"),
        ("AWAITING_SHIPMENT", "Ready For Fulfillment"),
        ("PARTIALLY_SHIPPING", "Partially Fulfilled"),
        ("AWAITING_COLLECTION", "Fulfilled"),
        ("IN_TRANSIT", "Fulfilled"),
        ("DELIVERED", "Fulfilled"),
        ("COMPLETED", "Fulfilled"),
        ("CANCELLED", "Canceled"),
    ],
)
def test_trap_17_a_status_means_the_same_as_to_other_connectors(status: str, expected: str) -> None:
    mapped = read("order", example("order-example") | {"status": status})

    assert mapped["status"] == expected
    assert mapped.get("is_reservation", False) == (status == "UNPAID")


@pytest.mark.parametrize("status", ["CANCEL", "A_STATUS_OF_TOMORROW"])
def test_trap_18_a_status_in_another_spelling_changes_nothing(status: str) -> None:
    """Webhooks write CANCEL and orders CANCELLED: only the order that is read afterwards is believed."""
    mapped = read("order", example("order-example") | {"status": status})

    assert "status" not in mapped
    assert mapped["channel_status"] == status


def test_trap_13_a_price_in_another_currency_than_the_shops_is_held_back() -> None:
    product = listable(
        variant("TOTE-RED", price="20.00", currency="EUR"), images=("https://x.example/a.jpg",)
    )

    (fault,) = [one for one in faults(product, currency="USD") if "EUR" in str(one)]

    assert "the shop sells in USD" in str(fault)
    assert product.variants[0].variant.prices is not None
    assert product.variants[0].variant.prices.current == Money.of("20.00", "EUR")


# Products and events


def test_trap_20_ids_of_19_digits_keep_every_digit_though_they_come_as_numbers() -> None:
    mapped = read("listing", example("listing-example") | {"id": 1729592969712207009})

    assert mapped["channel_id"] == "1729592969712207009"


def test_trap_21_addresses_of_events_are_compared_without_their_times() -> None:
    """These are in milliseconds where everything else is in seconds."""
    kept = example("subscriptions-example")
    bench, http = scripted(lambda sent: kept if sent.method == "GET" else {})

    bench.connector(orders=True).ensure_webhooks(kept["webhooks"][0]["address"])

    set_again = [sent.body["event_type"] for sent in http.sent if sent.method == "PUT"]
    assert "ORDER_STATUS_CHANGE" not in set_again
    assert "CANCELLATION_STATUS_CHANGE" in set_again


def test_trap_24_both_warnings_about_the_authorization_are_listened_to() -> None:
    bench, http = scripted(lambda sent: {"webhooks": []} if sent.method == "GET" else {})

    bench.connector().ensure_webhooks("https://hub.example.com/webhooks/my-shop")

    set_now = {sent.body["event_type"] for sent in http.sent if sent.method == "PUT"}
    assert {"SELLER_DEAUTHORIZATION", "UPCOMING_AUTHORIZATION_EXPIRATION"} <= set_now


@pytest.mark.parametrize("data", [{}, {"expiration_time": "soon"}, {"expiration_time": None}, [], None])
def test_trap_24_a_warning_that_does_not_say_when_is_no_warning(data: Any) -> None:
    assert "authorization_ends" not in read("event", {"type": 7, "data": data})


def example(name: str) -> dict[str, Any]:
    """The payload of one of the documents' own examples."""
    payload: dict[str, Any] = json.loads((GOLDEN / "examples" / f"{name}.json").read_text(encoding="utf-8"))[
        "input"
    ]
    return payload
