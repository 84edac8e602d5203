"""A warehouse through the API: its requests, pick list and packing slips, what has left, and shipping methods."""

from __future__ import annotations

from typing import Any

import pytest

from api import seed
from api.bench import CONNECTORS, NOW, SHOP, Bench
from crossdock.connectors.manual_warehouse.connector import ManualWarehouse
from crossdock.domain.sync import Entity
from crossdock.operations.setup import integrations
from support import requesting

WAREHOUSE = "my-warehouse"
PARCEL: dict[str, Any] = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}


@pytest.fixture
def warehouse(merchant: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A manual warehouse that has request N1-1 of two teapots."""
    monkeypatch.setattr("crossdock.app.CONNECTORS", CONNECTORS | {ManualWarehouse.key: ManualWarehouse})
    part = {"connector": "manual_warehouse", "settings": {"slip_sender": "Brewers"}}
    merchant.send("POST", "/apply", {"integrations": {WAREHOUSE: part}})
    seed.sell(merchant, *seed.some_orders())
    with merchant.database.transaction() as tx:
        integrations.configure_flows(tx, SHOP, {("push", Entity.FULFILLMENTS): True}, {})
    requesting.request(merchant.database, "N1", {"TEA-1": 2}, now=NOW, integration=WAREHOUSE)
    return merchant


def problem(bench: Bench, method: str, path: str, **more: Any) -> tuple[int, str]:
    answer = bench.client.request(method, f"/api/v1{path}", **more)
    return answer.status_code, answer.json()["detail"]


def test_a_manual_warehouse_is_connected_as_soon_as_it_is_added(warehouse: Bench) -> None:
    assert warehouse.get(f"/integrations/{WAREHOUSE}")["status"] == "Connected"
    flows = {each["key"]: each["is_on"] for each in warehouse.get("/flows")}
    assert flows[f"{WAREHOUSE}/push-shipping_requests"] is True


def test_connecting_it_works_as_well_and_asks_for_nothing(warehouse: Bench) -> None:
    done = warehouse.send("POST", f"/integrations/{WAREHOUSE}/connect")

    assert (done["status"], done["hint"], done["authorize_link"]) == ("Connected", "", "")


def test_a_request_is_shipped_in_part_and_as_a_whole(warehouse: Bench) -> None:
    warehouse.woken.clear()
    made = warehouse.send("POST", "/shipping-requests/N1-1/ship", PARCEL | {"lines": {"1": 1}})
    part = warehouse.get("/shipping-requests/N1-1")
    warehouse.send("POST", "/shipping-requests/N1-1/ship", PARCEL)

    assert (made["request"], made["warning"], made["actor"]) == ("N1-1", "", "doer")
    assert warehouse.woken == [f"{SHOP}/push-fulfillments"] * 2
    assert [(line["shipped"], line["open"]) for line in part["request"]["lines"]] == [(1, 1)]
    assert [each["id"] for each in part["fulfillments"]] == [made["id"]]
    assert warehouse.get("/shipping-requests/N1-1")["request"]["state"] == "shipped"
    assert warehouse.get("/orders/N1")["order"]["status"] == "Fulfilled"


def test_what_was_stopped_leaves_when_a_person_insists(warehouse: Bench) -> None:
    warehouse.send("POST", "/shipping-requests/N1-1/stopped")
    status, told = problem(warehouse, "POST", "/shipping-requests/N1-1/ship", json=PARCEL)

    made = warehouse.send("POST", "/shipping-requests/N1-1/ship", PARCEL | {"left_anyway": True})

    assert (status, "left_anyway in the API" in told) == (422, True)
    assert (made["request"], made["state"]) == ("N1-1", "shipped")


def test_a_reference_given_again_answers_the_same_and_a_strange_number_warns(warehouse: Bench) -> None:
    body = {"carrier": "USPS", "tracking_number": "1Z999AA10123456784", "reference": "box-1"}
    first, again = (warehouse.client.post("/api/v1/shipping-requests/N1-1/ship", json=body) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["warning"] == "1Z999AA10123456784 looks like UPS, not USPS"


def test_requests_are_listed_by_order_warehouse_location_and_state(warehouse: Bench) -> None:
    requesting.request(
        warehouse.database, "N2", {"MUG-RED": 1}, now=NOW, integration=WAREHOUSE, state="refused"
    )

    def listed(**filters: str) -> list[str]:
        return [each["number"] for each in warehouse.get("/shipping-requests", **filters)["items"]]

    assert listed() == ["N2-1", "N1-1"]
    assert listed(order="N1") == listed(state="sent") == ["N1-1"]
    assert listed(warehouse=WAREHOUSE, location="MAIN") == ["N2-1", "N1-1"]
    assert listed(warehouse=SHOP) == listed(location="OUT") == []
    first = warehouse.get("/shipping-requests", limit=1)
    assert listed(after=first["next"]) == ["N1-1"]


def test_the_pick_list_and_the_slips_are_there_for_whoever_may_read(warehouse: Bench) -> None:
    requesting.request(warehouse.database, "N2", {"MUG-RED": 1}, now=NOW, integration=WAREHOUSE)

    [one] = warehouse.get(f"/integrations/{WAREHOUSE}/pick-list", location="MAIN")
    slip = warehouse.reader.get("/api/v1/shipping-requests/N1-1/packing-slip")
    both = warehouse.reader.get("/api/v1/packing-slips", params={"number": ["N1-1", "N2-1"]})

    assert [(p["sku"], p["quantity"], p["options"]) for p in one["picks"]] == [
        ("MUG-RED", 1, ["Color: Red"]),
        ("TEA-1", 2, []),
    ]
    for answer in (slip, both):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store", "it has a buyer's address"
        assert answer.content.startswith(b"%PDF")
    assert len(both.content) > len(slip.content)


def test_mistakes_name_the_field_and_the_fix(warehouse: Bench) -> None:
    assert problem(warehouse, "GET", "/shipping-requests/N9-1") == (
        404,
        "There is no shipping request with the number 'N9-1'",
    )
    assert problem(warehouse, "GET", "/shipping-requests/N9-1/packing-slip")[0] == 404
    assert problem(warehouse, "GET", "/packing-slips")[0] == 422
    assert problem(warehouse, "GET", "/packing-slips?number=N9-1") == (
        422,
        "number: there is no shipping request 'N9-1'; `crossdock requests` lists them",
    )
    assert problem(warehouse, "GET", "/integrations/nowhere/pick-list")[0] == 404
    too_much = PARCEL | {"lines": {"TEA-1": 3}}
    assert problem(warehouse, "POST", "/shipping-requests/N1-1/ship", json=too_much) == (
        422,
        "lines: 3 of 'TEA-1' cannot be shipped; shipping request N1-1 has 2 open",
    )


def test_who_may_only_read_ships_and_maps_nothing(warehouse: Bench) -> None:
    answers = [
        warehouse.reader.post("/api/v1/shipping-requests/N1-1/ship", json=PARCEL),
        warehouse.reader.put("/api/v1/shipping-methods", json={"warehouse": WAREHOUSE, "to": "X"}),
        warehouse.reader.delete("/api/v1/shipping-methods", params={"warehouse": WAREHOUSE}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3


def test_shipping_methods_are_mapped_and_taken_out_of_the_map(warehouse: Bench) -> None:
    row = {"channel": SHOP, "method": "Standard", "warehouse": WAREHOUSE, "to": "GROUND"}

    kept = warehouse.send("PUT", "/shipping-methods", row)

    assert kept == row | {"method": "standard"}
    assert warehouse.get("/shipping-methods")["map"] == [kept]
    query = {name: row[name] for name in ("channel", "method", "warehouse")}
    assert warehouse.client.delete("/api/v1/shipping-methods", params=query).status_code == 204
    assert warehouse.get("/shipping-methods")["map"] == []
    assert problem(warehouse, "DELETE", "/shipping-methods", params=query)[0] == 422
    refused = problem(warehouse, "PUT", "/shipping-methods", json=row | {"warehouse": SHOP})
    assert refused[1].startswith(f"warehouse: '{SHOP}' is no 3PL or warehouse integration")


def test_a_carrier_is_found_by_name_and_number(warehouse: Bench) -> None:
    found = warehouse.get("/carriers/find", name="our courier", number="TBA123456789012")

    assert [each["name"] for each in found["candidates"]] == ["Amazon Logistics"]


def test_the_file_has_the_whole_map_and_says_what_it_changes(warehouse: Bench) -> None:
    row = {"from": {"channel": SHOP, "method": "Standard"}, "warehouse": WAREHOUSE, "to": "GROUND"}
    anything = {"warehouse": WAREHOUSE, "to": "ANY"}

    shown = warehouse.send("POST", "/apply", {"shipping_methods": [row, anything]}, dry_run=True)
    assert warehouse.get("/shipping-methods")["map"] == []
    warehouse.send("POST", "/apply", {"shipping_methods": [row, anything]})
    again = warehouse.send("POST", "/apply", {"shipping_methods": [row]})

    assert [(d["where"], d["before"], d["after"]) for d in shown["differences"]] == [
        (f"shipping method Standard of {SHOP} for {WAREHOUSE}", "absent", "GROUND"),
        (f"shipping method any method of any channel for {WAREHOUSE}", "absent", "ANY"),
    ]
    assert [(d["before"], d["after"]) for d in again["differences"]] == [("ANY", "removed")]
    assert [each["to"] for each in warehouse.get("/shipping-methods")["map"]] == ["GROUND"]
    assert warehouse.send("POST", "/apply", {"shipping_methods": [row]})["differences"] == []


def test_a_row_of_the_file_that_means_nothing_is_refused_by_its_place(warehouse: Bench) -> None:
    place, fits = "shipping_methods.0", {"warehouse": WAREHOUSE, "to": "X"}
    mistakes: list[tuple[dict[str, Any], str]] = [
        (fits | {"warehouse": SHOP}, f"{place}.warehouse: '{SHOP}' is no warehouse"),
        (fits | {"from": {"channel": "nobody"}}, f"{place}.from.channel: 'nobody' is no integration"),
        (fits | {"to": ""}, f"{place}.to: is missing"),
        (fits | {"of": {}}, f"{place}.of: Extra inputs"),
    ]
    for row, said in mistakes:
        status, detail = problem(warehouse, "POST", "/apply", json={"shipping_methods": [row]})
        assert (status, detail[: len(said)]) == (422, said)
    assert warehouse.get("/shipping-methods")["map"] == []
