"""The 47 traps of BigCommerce's API that integrators know of: we step into none of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2 as httpx
import msgspec
import pytest

from connectors.bigcommerce.calls import SAMPLES, SINCE, request_of
from connectors.bigcommerce.golden_readers import GOLDEN, NAMES, UNITS, read
from connectors.bigcommerce.order_bench import CREATE, LINKED, RELATIVE, STORE, order, sale
from connectors.bigcommerce.scripted import API_PATH, Script, ScriptedHttp, connector, v3
from connectors.bigcommerce.test_webhooks import ADDRESS
from connectors.traps import covered_by, missing_tests
from crossdock.connectors.bigcommerce import payloads, webhooks
from crossdock.connectors.bigcommerce.api_path import ApiPath
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.account import to_account
from crossdock.connectors.bigcommerce.mapping.created_order import from_order
from crossdock.connectors.bigcommerce.mapping.product import to_product
from crossdock.connectors.contract import SignatureError
from crossdock.connectors.errors import RefusedError
from crossdock.connectors.http import Http
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits
from crossdock.domain.sync import Change

HERE = "connectors/bigcommerce"
ALL = range(1, 48)

# Traps whose whole story is told by tests of what they concern.
ELSEWHERE: dict[int, tuple[str, ...]] = {
    4: ("operations/test_sales.py::test_an_accepted_report_keeps_its_commitment_until_it_shows",),
    6: (
        f"{HERE}/test_sales.py::test_each_sale_is_addressed_by_the_record_that_counts_its_stock",
        f"{HERE}/test_sales.py::test_a_product_that_is_counted_differently_by_now_is_addressed_anew",
    ),
    9: (
        f"{HERE}/test_against_simulator.py::test_an_order_whose_creation_was_unclear_is_found_and_not_made_twice",
    ),
    12: (
        f"{HERE}/test_against_simulator.py::test_an_order_of_more_lines_than_a_list_shows_comes_in_whole",
        f"{HERE}/test_reading_orders.py::test_lines_that_were_left_out_are_fetched_by_a_call_of_their_own",
    ),
    13: (
        f"{HERE}/test_reading_catalog.py::test_a_page_holds_variants_and_images_but_nothing_that_would_shrink_it",
        f"{HERE}/test_reading_catalog.py::test_a_sweep_reads_by_id_and_then_only_what_changed",
    ),
    14: (
        f"{HERE}/test_publish_new.py::test_a_product_that_the_store_has_already_is_linked_and_not_created",
        f"{HERE}/test_publish_new.py::test_variants_that_nobody_counts_are_found_once_the_store_says_that_their_sku_is_taken",
    ),
    17: (
        f"{HERE}/test_publish_edit.py::test_the_options_of_a_variant_that_the_hub_made_change_by_making_it_anew",
        f"{HERE}/test_publish_edit.py::test_the_options_of_a_merchants_variant_are_left_and_said",
    ),
    18: (f"{HERE}/test_publish_edit.py::test_a_missing_variant_is_added_with_its_new_option_value",),
    20: (
        f"{HERE}/test_publish_edit.py::test_only_changed_fields_are_sent_and_the_merchants_categories_stay",
    ),
    21: (
        f"{HERE}/test_publish_new.py::test_a_partly_saved_product_is_kept_with_what_was_not_saved",
        f"{HERE}/test_publish_edit.py::test_a_partly_saved_edit_is_confirmed_with_what_was_not_saved",
    ),
    22: (
        f"{HERE}/test_publish_new.py::test_a_name_that_another_product_has_gets_the_sku_appended_and_that_is_said",
        f"{HERE}/test_publish_new.py::test_a_sku_that_differs_by_case_only_is_refused_before_anything_is_sent",
    ),
    34: (
        f"{HERE}/test_reading_orders.py::test_orders_that_were_never_placed_stay_out_unless_drafts_are_wanted",
    ),
    37: (f"{HERE}/test_webhooks.py::test_an_address_that_the_platform_would_not_deliver_to_is_refused",),
    38: (
        "api/test_webhooks.py::test_a_hint_wakes_the_pull_that_it_concerns",
        "api/test_webhooks.py::test_the_answer_is_empty",
    ),
    40: ("sync/test_lease.py::test_failures_add_up_with_a_growing_wait_and_a_success_clears_them",),
    44: (f"{HERE}/test_connection.py::test_the_api_path_is_taken_as_the_control_panel_shows_it_or_shorter",),
    46: (f"{HERE}/test_created_orders.py::test_the_address_is_written_as_the_store_needs_it",),
}

CALLS = [request_of(sample) for sample in SAMPLES]


def test_every_trap_is_covered() -> None:
    covered = covered_by(Path(__file__).parent, ELSEWHERE)

    assert sorted(set(ALL) - covered.keys()) == [], "these traps have no test"
    assert covered.keys() == set(ALL)


def test_the_tests_told_elsewhere_are_there() -> None:
    assert missing_tests(ELSEWHERE) == []


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("traps/*.json")), ids=lambda path: path.stem)
def test_a_payload_that_is_a_trap_becomes_exactly_what_its_golden_file_says(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    kind = path.stem.split("-")[1]

    assert read(kind, golden["payload"]) == golden["expected"]


# Answers


def test_trap_1_a_list_that_is_empty_answers_204() -> None:
    hub, _ = connector(lambda _: (204, None))

    assert [page.records for page in hub.pull_orders(None)] == [()]
    assert hub.find_order("576461413038785752") is None


@pytest.mark.parametrize("status", [200, 201])
def test_trap_2_what_was_created_is_known_whether_by_200_or_by_201(status: int) -> None:
    hub, _ = connector(Script({CREATE: lambda _: (status, {"id": 218})}))
    hooked, _ = connector(
        lambda r: (200, v3([])) if r.method == "GET" else (status, {"data": {}}), orders=True
    )

    assert hub.create_order(order(), LINKED).channel_id == "218"
    assert "Created the webhook store/order/*" in hooked.ensure_webhooks(ADDRESS)


def test_trap_4_the_answer_to_a_change_of_stock_is_not_wrapped() -> None:
    script = Script({RELATIVE: lambda _: (200, {"transaction_id": "5f0c2a1e"})})
    hub, _ = connector(script)

    assert hub.report_sales([sale("product:3")]) == "5f0c2a1e"


@pytest.mark.parametrize(("status", "body"), [(204, None), (200, {"data": {"id": 345}})])
def test_trap_45_a_deletion_is_done_whether_it_answers_with_a_body_or_without(status: int, body: Any) -> None:
    deletions = [sample for sample in SAMPLES if request_of(sample).method == "DELETE"]
    client = Client(ScriptedHttp(lambda _: (status, body)), ApiPath.parse(API_PATH), "the-token")

    assert deletions
    assert [sample.call(client) for sample in deletions] == [None] * len(deletions)


# Orders


def test_trap_8_a_created_order_is_known_by_external_order_id_alone() -> None:
    body = from_order(order(), LINKED, STORE)

    assert body["external_order_id"] == "576461413038785752"
    assert "external_id" not in body


def test_trap_28_a_cancellation_moves_the_status_and_no_money() -> None:
    standings = iter([11, 11, 5])
    hub, http = connector(lambda _: (200, {"id": 218, "status_id": next(standings)}))

    hub.cancel_order(ChannelId("218"))

    (sent,) = [request for request in http.requests if request.method != "GET"]
    assert (sent.method, sent.place, sent.body["status_id"]) == ("PUT", "/v2/orders/218", 5)
    assert sent.body.keys() == {"status_id", "staff_notes"}


def test_trap_29_whether_refunds_restock_is_read_from_the_stores_settings() -> None:
    def restocks(answer: bool | None) -> str | None:
        stock = payloads.InventorySettings("order_placed", answer)
        account = to_account(payloads.Store(), stock, store_hash="abc123", missing_access=())
        return account.facts.get("refund_restocks")

    assert [restocks(answer) for answer in (True, False, None)] == ["true", "false", None]


def test_trap_30_an_order_is_changed_without_touching_its_lines_or_fees() -> None:
    changes = [call.body for call in CALLS if call.method == "PUT" and "/v2/orders/" in call.path]

    assert changes
    assert [body for body in changes if body.keys() & {"products", "fees"}] == []


def test_trap_11_items_of_a_shipment_name_lines_only_and_a_correction_has_none() -> None:
    lines = [{"id": 194, "quantity": 2, "order_address_id": 131, "sku": "TEE", "product_id": 174}]
    made = {"id": 11, "items": [{"order_product_id": 194, "product_id": 174, "quantity": 2}]}
    shown: list[Any] = []
    hub, http = connector(
        Script(
            {
                ("GET", "/v2/orders/218"): lambda _: (200, {"status_id": 3}),
                ("GET", "/v2/orders/218/products"): lambda _: (200, lines),
                ("GET", "/v2/orders/218/shipments"): lambda _: (200, shown) if shown else (204, None),
                ("POST", "/v2/orders/218/shipments"): lambda _: (shown.append(made), (201, made))[1],
                ("PUT", "/v2/orders/218/shipments/11"): lambda _: (200, made),
                ("PUT", "/v2/orders/218"): lambda _: (200, {"id": 218}),
            }
        )
    )
    units = (WantedUnits(2, ChannelId("194"), ChannelId(""), ChannelSku("TEE")),)
    want = WantedFulfillment(ChannelId("218"), units, carrier="USPS", tracking_number="94001")

    list(hub.push_fulfillments([Change("ful_1", want)]))
    list(hub.push_fulfillments([Change("ful_1", replace(want, tracking_number="94002"), ChannelId("11"))]))

    post, put = (request.body for request in http.requests if request.body and "shipments" in request.place)
    assert post["items"] == [{"order_product_id": 194, "quantity": 2}]
    assert put.keys() & {"items", "order_address_id"} == set()


@pytest.mark.parametrize("is_included", [True, False])
def test_trap_31_amounts_with_and_without_tax_are_sent_in_pairs(is_included: bool) -> None:
    body = from_order(order(included=is_included), LINKED, STORE)

    for part in (body, *body["products"]):
        names = {name.rsplit("_", 2)[0] for name in part if name.endswith(("_ex_tax", "_inc_tax"))}
        assert names
        assert [n for n in names if not {f"{n}_ex_tax", f"{n}_inc_tax"} <= part.keys()] == []


def test_trap_33_nothing_is_sent_that_would_archive_every_order_of_the_store() -> None:
    assert [str(call) for call in CALLS if (call.method, call.path) == ("DELETE", "/v2/orders")] == []


def test_an_order_that_lacks_a_required_option_is_refused_by_the_products_name() -> None:
    details = {
        "errors": [
            {
                "type": "MandatoryProductOptions",
                "product": {
                    "id": 174,
                    "name": "Trail Tee",
                    "required_product_options": [{"id": 7, "name": "Engraving"}],
                },
            }
        ]
    }
    body = [
        {"status": 400, "message": "The options of one or more products are invalid.", "details": details}
    ]
    hub, http = connector(lambda _: (400, body))

    with pytest.raises(RefusedError, match=r"Trail Tee.*Engraving"):
        hub.create_order(order(), LINKED)

    assert len(http.requests) == 1


# Products and stock


def test_trap_19_options_are_known_by_their_labels_whatever_their_ids() -> None:
    payload = json.loads((GOLDEN / "product-with-variants.json").read_text(encoding="utf-8"))["payload"]
    before = mapped(payload)
    for variant in payload["variants"]:
        for value in variant["option_values"]:
            value["id"] += 1000

    assert [variant.options for variant in mapped(payload).variants] == [v.options for v in before.variants]


def test_trap_42_the_stock_that_a_product_shows_is_not_read() -> None:
    """It is the default location's or the total, depending on the text; the inventory API tells per location."""
    payload = json.loads((GOLDEN / "product-with-variants.json").read_text(encoding="utf-8"))["payload"]
    before = mapped(payload)
    payload["inventory_level"] = 999
    for variant in payload["variants"]:
        variant["inventory_level"] = 999

    assert mapped(payload) == before


def mapped(payload: Any) -> Any:
    raw = msgspec.json.decode(json.dumps(payload), type=payloads.Product, strict=False)
    return to_product(raw, names=NAMES, units=UNITS)


# The protocol


def test_trap_25_dates_are_sent_with_their_time_of_day() -> None:
    dates = [
        value
        for call in CALLS
        for name, value in call.query.items()
        if name in ("date_modified:min", "min_date_modified", "min_date_created")
    ]

    assert dates
    assert set(dates) == {SINCE.isoformat()}


def test_trap_26_the_plus_of_a_date_is_encoded() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.query.decode())
        return httpx.Response(204)

    http = Http(client=httpx.Client(transport=httpx.MockTransport(answer)))
    Client(http, ApiPath.parse(API_PATH), "the-token").orders(SINCE, None, 1)

    assert "min_date_modified=2026-11-24T12%3A00%3A00%2B00%3A00" in seen[0]
    assert "+" not in seen[0]


def test_trap_36_a_new_access_token_sees_no_hooks_and_subscribes_anew() -> None:
    """Deliveries to hooks of the account before are still made, and not believed any more."""
    hub, http = connector(lambda r: (200, v3([]) if r.method == "GET" else {}), orders=True, locations=True)

    hub.ensure_webhooks(ADDRESS)

    created = [request.body for request in http.requests if request.method == "POST"]
    assert {body["scope"] for body in created} >= {"store/order/*", "store/inventory/location/updated"}
    old = {webhooks.KEY_HEADER.lower(): webhooks.key_of("the secret of the account before")}
    with pytest.raises(SignatureError):
        webhooks.read("the-secret", "abc123", old, b'{"scope": "store/order/created"}')


def test_trap_44_no_path_ends_with_a_slash() -> None:
    assert [call.path for call in CALLS if call.path.endswith("/")] == []
