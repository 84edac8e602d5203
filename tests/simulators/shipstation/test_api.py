"""The account keeps to the published pages: keys, statuses, lists, dates, quota, refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx
import pytest

from crossdock_simulators.kit import Clock, Fault
from crossdock_simulators.shipstation.app import Simulator
from crossdock_simulators.shipstation.limits import Quota
from crossdock_simulators.shipstation.records import written
from simulators.shipstation.conftest import order


def create(api: httpx.Client, **more: Any) -> dict[str, Any]:
    answer = api.post("/orders/createorder", json=order(**more))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(api: httpx.Client, name: str, **query: Any) -> list[dict[str, Any]]:
    return list(api.get(f"/{name}", params=query).json()[name])


def test_only_the_right_pair_is_let_in(api: httpx.Client, simulator: Simulator) -> None:
    assert api.get("/stores").status_code == 200
    assert api.get("/stores", auth=(simulator.credentials["api_key"], "wrong")).status_code == 401
    assert httpx.get(f"{api.base_url}/stores").status_code == 401


def test_a_key_that_is_known_changes_its_order_and_items_keep_their_ids(api: httpx.Client) -> None:
    first = create(api, orderKey="K")

    second = create(api, orderKey="K", items=[order()["items"][0] | {"quantity": 1}])

    assert second["orderId"] == first["orderId"]
    assert [(one["orderItemId"], one["quantity"]) for one in second["items"]] == [
        (first["items"][0]["orderItemId"], 1)
    ]
    assert second["modifyDate"] > second["createDate"]
    assert len(listed(api, "orders")) == 1


def test_without_a_key_each_order_is_a_new_one_with_a_key_of_its_own(api: httpx.Client) -> None:
    first, second = create(api), create(api)

    assert first["orderId"] != second["orderId"]
    assert first["orderKey"] != second["orderKey"]


@pytest.mark.parametrize("status", ["shipped", "cancelled"])
def test_an_order_that_is_not_open_is_locked(api: httpx.Client, sim: httpx.Client, status: str) -> None:
    made = create(api, orderKey="K")
    sim.post(f"orders/{made['orderId']}/status", json={"status": status})

    refused = api.post("/orders/createorder", json=order(orderKey="K"))
    sim.post("switches", json={"refuses_locked": False})
    ignored = create(api, orderKey="K", items=[])

    assert refused.status_code == 400
    assert (ignored["orderStatus"], len(ignored["items"])) == (status, 2)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"orderStatus": "lost"}, "apiOrder.orderStatus"),
        ({"orderNumber": ""}, "apiOrder.orderNumber"),
        ({"shipTo": None}, "apiOrder.shipTo"),
        ({"shipTo": {"name": "Sam", "country": "USA"}}, "2 character country code"),
        ({"advancedOptions": {"storeId": 5}}, "The store 5"),
        ({"items": [{"quantity": "two"}]}, "apiOrder.items"),
        ({"items": "none"}, "invalid"),
    ],
)
def test_what_it_does_not_take_it_refuses_in_its_own_form(
    api: httpx.Client, more: dict[str, Any], told: str
) -> None:
    refused = api.post("/orders/createorder", json=order(**more))

    assert refused.status_code == 400
    assert told in refused.text
    assert listed(api, "orders") == []


def test_numbers_are_looked_for_by_how_they_begin(api: httpx.Client) -> None:
    for number in ("7-1", "7-10", "8-1"):
        create(api, number=number)

    assert [one["orderNumber"] for one in listed(api, "orders", orderNumber="7-1")] == ["7-1", "7-10"]


def test_lists_are_cut_into_pages_in_the_order_that_is_asked_for(api: httpx.Client) -> None:
    for number in range(5):
        create(api, number=f"A-{number}")

    query = {"sortBy": "ModifyDate", "sortDir": "DESC", "pageSize": 2, "page": 2}
    page = api.get("/orders", params=query).json()

    assert [one["orderNumber"] for one in page["orders"]] == ["A-2", "A-1"]
    assert (page["total"], page["page"], page["pages"]) == (5, 2, 3)
    assert api.get("/orders", params={"sortBy": "Colour"}).status_code == 400
    assert api.get("/orders", params={"page": "none"}).status_code == 400


def test_dates_are_in_pacific_time_and_filters_take_them_so() -> None:
    simulator = Simulator(clock=Clock(datetime(2026, 7, 1, 12, tzinfo=UTC)))

    assert str(written(simulator.clock.now())).startswith("2026-07-01T05:00:0")
    assert written(datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)) == "2026-12-01T04:00:00.0000050"


def test_orders_are_found_by_the_date_of_their_change(api: httpx.Client) -> None:
    made = create(api)

    since = made["modifyDate"]
    assert len(listed(api, "orders", modifyDateStart=since[:19].replace("T", " "))) == 1
    assert listed(api, "orders", modifyDateStart="2099-01-01 00:00:00") == []
    assert api.get("/orders", params={"modifyDateStart": "soon"}).status_code == 400


def test_labels_and_marks_are_lists_of_their_own(api: httpx.Client, sim: httpx.Client) -> None:
    labelled, marked = create(api, number="A-1"), create(api, number="A-2")
    sim.post(f"orders/{labelled['orderId']}/label", json={"tracking_number": "1Z1", "carrier_code": "ups"})
    body = {"orderId": marked["orderId"], "carrierCode": "fedex", "trackingNumber": "F2"}
    assert api.post("/orders/markasshipped", json=body).json()["orderNumber"] == "A-2"

    (label,) = listed(api, "shipments", includeShipmentItems="true")
    (mark,) = listed(api, "fulfillments")

    assert (label["orderNumber"], label["trackingNumber"], label["carrierCode"]) == ("A-1", "1Z1", "ups")
    assert [(one["lineItemKey"], one["quantity"]) for one in label["shipmentItems"]] == [("1", 2), ("2", 1)]
    assert (mark["orderNumber"], mark["trackingNumber"]) == ("A-2", "F2")
    assert listed(api, "shipments")[0]["shipmentItems"] is None
    assert {one["orderStatus"] for one in listed(api, "orders")} == {"shipped"}
    assert api.post("/orders/markasshipped", json=body).status_code == 400


def test_a_void_label_makes_the_order_wait_again(api: httpx.Client, sim: httpx.Client) -> None:
    made = create(api)
    label = sim.post(f"orders/{made['orderId']}/label", json={}).json()
    assert listed(api, "shipments", voidDateStart="2020-01-01") == []

    voided = api.post("/shipments/voidlabel", json={"shipmentId": label["shipmentId"]})

    assert voided.json()["approved"] is True
    (shown,) = listed(api, "shipments", voidDateStart="2020-01-01")
    assert (shown["voided"], api.get(f"/orders/{made['orderId']}").json()["orderStatus"]) == (
        True,
        "awaiting_shipment",
    )
    assert api.post("/shipments/voidlabel", json={"shipmentId": label["shipmentId"]}).status_code == 404


def test_the_quota_is_told_and_kept(api: httpx.Client, sim: httpx.Client) -> None:
    sim.post("limits", json={"per_minute": 2})

    answers = [api.get("/stores") for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert [one.headers["x-rate-limit-remaining"] for one in answers] == ["1", "0", "0"]
    assert answers[2].headers["x-rate-limit-limit"] == "2"
    assert 0 < int(answers[2].headers["x-rate-limit-reset"]) <= 60


def test_the_quota_is_full_again_after_a_minute() -> None:
    now = [0.0]
    quota = Quota(1, now=lambda: now[0])

    assert (quota.take(), quota.take()) == (True, False)
    now[0] = 60.0
    assert quota.take()


def test_a_write_that_is_dropped_is_answered_and_leaves_no_trace(
    api: httpx.Client, simulator: Simulator
) -> None:
    simulator.faults.add(Fault("drop_write"))

    create(api)

    assert listed(api, "orders") == []
    create(api)
    assert len(listed(api, "orders")) == 1


def test_faults_are_told_in_the_platforms_form(api: httpx.Client, simulator: Simulator) -> None:
    simulator.faults.add(Fault("too_many_requests", retry_after=7), Fault("expire_token"))

    limited, locked_out = api.get("/stores"), api.get("/stores")

    assert (limited.status_code, limited.headers["x-rate-limit-reset"]) == (429, "7")
    assert locked_out.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/carriers", 404), ("DELETE", "/stores", 405)]
)
def test_calls_that_are_not_there_are_said_not_to_be(
    api: httpx.Client, method: str, path: str, status: int
) -> None:
    assert api.request(method, path).status_code == status
    assert api.get("/orders/5").status_code == 404
