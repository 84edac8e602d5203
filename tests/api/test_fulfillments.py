"""What has left, through the API: recorded once, corrected, taken back, and who has been told."""

from __future__ import annotations

from typing import Any

import pytest

from api import seed
from api.bench import SHOP, STORE, Bench
from crossdock.domain.sync import Entity
from crossdock.operations.setup import integrations

PARCEL: dict[str, Any] = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}


@pytest.fixture
def sold(merchant: Bench) -> Bench:
    """Order N1 of the shop: two teapots. The push of fulfillments to the shop is on."""
    seed.sell(merchant, *seed.some_orders())
    with merchant.database.transaction() as tx:
        integrations.configure_flows(tx, SHOP, {("push", Entity.FULFILLMENTS): True}, {})
    return merchant


def add(bench: Bench, **more: Any) -> Any:
    return bench.send("POST", "/orders/N1/fulfillments", PARCEL | more)


def test_what_has_left_is_recorded_and_the_push_that_tells_of_it_is_woken(sold: Bench) -> None:
    answer = sold.client.post(
        "/api/v1/orders/N1/fulfillments",
        json=PARCEL | {"lines": {"TEA-1": 1}, "shipped_at": "2026-03-02T10:00:00+01:00", "service": "Ground"},
    )

    made = answer.json()
    assert answer.status_code == 201
    assert (made["source"], made["actor"], made["state"]) == ("hub", "doer", "shipped")
    assert made["shipped_at"] == "2026-03-02T09:00:00Z"
    assert [(line["sku"], line["quantity"]) for line in made["lines"]] == [("TEA-1", 1)]
    assert [(each["integration"], each["state"]) for each in made["channels"]] == [(SHOP, "waiting")]
    assert sold.woken == [f"{SHOP}/push-fulfillments"]
    assert sold.get(f"/fulfillments/{made['id']}") == made
    order = sold.get("/orders/N1")
    assert (order["order"]["status"], order["lines"][0]["quantity_shipped"]) == ("Partially Fulfilled", 1)
    assert [each["id"] for each in order["fulfillments"]] == [made["id"]]


def test_a_reference_given_again_is_the_same_fulfillment(sold: Bench) -> None:
    first, again = (
        sold.client.post("/api/v1/orders/N1/fulfillments", json=PARCEL | {"reference": "4711"})
        for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert len(sold.get("/fulfillments")["items"]) == 1


def test_tracking_is_corrected_and_what_is_left_out_stays(sold: Bench) -> None:
    made = add(sold, service="Ground", tracking_url="https://example.com/1")

    changed = sold.send("PATCH", f"/fulfillments/{made['id']}", {"tracking_number": "1Z2"})

    assert (changed["carrier"], changed["tracking_number"], changed["service"]) == ("UPS", "1Z2", "Ground")
    assert changed["tracking_url"] == "", "it led to the other number"
    assert sold.woken == [f"{SHOP}/push-fulfillments"] * 2


def test_what_is_taken_back_can_be_shipped_again(sold: Bench) -> None:
    made = add(sold)

    voided = sold.send("POST", f"/fulfillments/{made['id']}/void")

    assert voided["state"] == "voided"
    assert sold.get("/orders/N1")["order"]["status"] == "Ready For Fulfillment"
    assert add(sold)["id"] != made["id"]
    assert [each["state"] for each in sold.get("/fulfillments", state="voided")["items"]] == ["voided"]


def test_fulfillments_are_paged_and_filtered(sold: Bench) -> None:
    for number in ("A1", "A2"):
        add(sold, tracking_number=number, lines={"TEA-1": 1})

    first = sold.get("/fulfillments", limit=1)
    rest = sold.get("/fulfillments", limit=1, after=first["next"])

    assert {each["tracking_number"] for each in first["items"] + rest["items"]} == {"A1", "A2"}
    assert rest["next"] == ""
    assert [each["tracking_number"] for each in sold.get("/fulfillments", search="a2")["items"]] == ["A2"]
    assert len(sold.get("/fulfillments", order="N1", integration=SHOP)["items"]) == 2
    assert sold.get("/fulfillments", integration=STORE)["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tracking_number": "1Z9"}, "carrier"),
        ({"carrier": "UPS", "tracking_number": "1Z 9"}, "tracking_number"),
        ({"tracking_url": "nowhere"}, "tracking_url"),
        ({"lines": {"HAT": 1}}, "lines"),
        ({"lines": {"TEA-1": 3}}, "lines"),
        ({"lines": {"TEA-1": 0}}, "lines.TEA-1"),
        ({"shipped_at": "2026-03-02T10:00:00"}, "shipped_at"),
        ({"shipped_at": "2999-03-02T10:00:00Z"}, "shipped_at"),
        ({"carrier": "UPS", "tracking_number": "1Z\0"}, "tracking_number"),
        ({"tracking": "1Z9"}, "tracking"),
    ],
)
def test_what_cannot_be_is_a_problem_with_its_field(sold: Bench, body: dict[str, Any], field: str) -> None:
    answer = sold.client.post("/api/v1/orders/N1/fulfillments", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert sold.get("/fulfillments")["items"] == []
    assert sold.woken == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/orders/nobody/fulfillments", {}),
        ("POST", "/orders/nobody/sent", None),
        ("GET", "/fulfillments/nothing", None),
        ("PATCH", "/fulfillments/nothing", {}),
        ("POST", "/fulfillments/nothing/void", None),
    ],
)
def test_what_is_not_there_is_not_found(sold: Bench, method: str, path: str, body: Any) -> None:
    assert sold.client.request(method, f"/api/v1{path}", json=body).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/orders/N1/fulfillments"), ("POST", "/orders/N1/sent"), ("POST", "/fulfillments/x/void")],
)
def test_a_key_that_only_reads_records_nothing(sold: Bench, method: str, path: str) -> None:
    assert sold.reader.request(method, f"/api/v1{path}", json={}).status_code == 403


@pytest.mark.parametrize("what", ["fulfillments", "sent", "cancel", "review", "ready"])
def test_nothing_is_changed_of_an_order_whose_number_another_has_too(sold: Bench, what: str) -> None:
    seed.sell(sold, seed.order("55", seed.line("1", "TEA-1", 1), number="N1"), integration=STORE)

    answer = sold.client.post(f"/api/v1/orders/N1/{what}", json={})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "order")
    assert sold.get("/fulfillments")["items"] == []


def test_an_order_is_sent_to_be_shipped(sold: Bench) -> None:
    answer = sold.send("POST", "/orders/N1/sent")

    assert answer["order"]["status"] == "Sent To Fulfillment"
    said = answer["events"][0]
    assert (said["what"], said["actor"]) == ("Sent to be fulfilled", "doer")
    assert sold.woken == [f"{SHOP}/push-fulfillments"]
    again = sold.client.post("/api/v1/orders/N1/sent")
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "status")
