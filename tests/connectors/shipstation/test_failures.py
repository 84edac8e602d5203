"""Failures are sorted by who must act, and odd records are read for what they say or set apart."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.shipstation.bench import Yard, change, request, toolbox
from crossdock.connectors.errors import (
    AccessMissingError,
    ChannelError,
    CredentialsError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    SettingsError,
    UnavailableError,
)
from crossdock.connectors.http import Answer, Http
from crossdock.connectors.shipstation.connector import ShipStation
from crossdock.connectors.shipstation.settings import ShipStationSettings
from crossdock.domain.channel import Parcel
from crossdock.domain.sync import Page, Unclear

FIELDS = {"Message": "The request is invalid.", "ModelState": {"apiOrder.items": ["Too many", "Too odd"]}}
LABEL: dict[str, Any] = {
    "shipmentId": 1,
    "orderId": 9,
    "orderKey": "1001-1",
    "orderNumber": "1001-1",
    "createDate": "2026-11-24T04:00:00.0000000",
    "shipmentItems": [{"lineItemKey": "1", "sku": "MUG", "quantity": 2}],
}
ORDER = {
    "orderId": 9,
    "orderNumber": "1001-1",
    "orderKey": "1001-1",
    "orderStatus": "shipped",
    "items": [
        {"lineItemKey": "1", "sku": "MUG", "quantity": 2},
        {"lineItemKey": None, "sku": None, "quantity": 1, "adjustment": True},
    ],
}


class Scripted(Http):
    """Answers each path with the same status, body and headers."""

    def __init__(self, answers: dict[str, tuple[int, Any, dict[str, str]]]) -> None:
        super().__init__()
        self._answers = answers

    def send(self, method: str, url: str, **parts: Any) -> Answer:  # noqa: ARG002  # the path says enough
        status, body, headers = self._answers[url.removeprefix("https://ssapi.shipstation.com")]
        return Answer(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def hub(**answers: Any) -> ShipStation:
    """A connector whose lists hold these records, and whose orders by id are `order`."""
    listed = {
        f"/{name}": (200, {name: answers.get(name, []), "pages": 1, "total": 0}, {})
        for name in ("orders", "shipments", "fulfillments")
    }
    return ShipStation(toolbox(Scripted(listed | {"/orders/9": (200, answers.get("order", ORDER), {})})))


def failing(status: int, body: Any = b"", **headers: str) -> ShipStation:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = (status, body, named)
    return ShipStation(toolbox(Scripted({"/stores": answer, "/orders/createorder": answer})))


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (401, b"", CredentialsError, "API secret"),
        (403, {"Message": "Not in your plan"}, AccessMissingError, "Not in your plan"),
        (404, {"message": "No such store"}, RefusedError, "No such store"),
        (400, FIELDS, RefusedError, "The request is invalid.; apiOrder.items: Too many, Too odd"),
        (500, {"ExceptionMessage": "Object reference"}, UnavailableError, "Object reference"),
        (503, b"<html>", UnavailableError, "no readable reason"),
        (302, b"", ProtocolError, "302"),
        (200, b"<html>", UnavailableError, "unreadable"),
        (200, {"stores": "none"}, UnavailableError, "unreadable"),
        (400, ["odd"], RefusedError, "no reason was given"),
    ],
)
def test_each_failure_says_who_must_act(status: int, body: Any, kind: type[ChannelError], told: str) -> None:
    with pytest.raises(kind) as failed:
        failing(status, body).check()

    assert type(failed.value) is kind
    assert told in str(failed.value)
    assert not getattr(failed.value, "is_unclear", False), "a read has changed nothing"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x_rate_limit_reset": "20"}, timedelta(seconds=20)),
        ({"retry_after": "3"}, timedelta(seconds=3)),
        ({"x_rate_limit_reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_limit_says_for_how_long_where_the_platform_does(
    headers: dict[str, str], wait: timedelta | None
) -> None:
    with pytest.raises(RateLimitedError) as limited:
        failing(429, {"message": "Too Many Requests"}, **headers).check()

    assert limited.value.retry_after == wait


@pytest.mark.parametrize(("status", "body"), [(500, b""), (200, b"<html>"), (200, {"orderId": "odd"})])
def test_a_write_without_a_clear_answer_may_have_been_done(status: int, body: Any) -> None:
    (outcome,) = failing(status, body).push_shipping_requests([change(request())])

    assert isinstance(outcome, Unclear)


def parcels(pages: list[Page[Any]]) -> list[Parcel]:
    return [parcel for page in pages for record in page.records for parcel in record.parcels]


@pytest.mark.parametrize("lacks", ["shipmentItems", "orderKey"])
def test_a_label_that_says_less_is_completed_from_its_order(lacks: str) -> None:
    label = {**LABEL, lacks: None}

    found = parcels(list(hub(shipments=[label]).pull_fulfillments(None)))

    assert [(part.line_id, part.quantity) for parcel in found for part in parcel.units] == [("1", 2)] * len(
        found
    )
    assert found


def test_a_label_of_an_order_of_others_is_left_out_although_it_does_not_say_so() -> None:
    made = hub(shipments=[{**LABEL, "orderKey": None}], order={**ORDER, "orderKey": "manual-9"})

    assert [page.records for page in made.pull_fulfillments(None)] == [()] * 3


def test_return_labels_are_no_parcels() -> None:
    assert parcels(list(hub(shipments=[{**LABEL, "isReturnLabel": True}]).pull_fulfillments(None))) == []


def test_an_order_with_a_bad_label_is_set_apart_under_its_number() -> None:
    good = {**LABEL, "shipmentId": 2, "orderKey": "1002-1", "orderNumber": "1002-1"}
    bad = {**LABEL, "createDate": "yesterday"}

    first = next(iter(hub(shipments=[bad, good]).pull_fulfillments(None)))

    assert [record.order_id for record in first.records] == ["1002-1"]
    assert [(one.channel_id, "yesterday" in one.reason) for one in first.unreadable] == [("1001-1", True)]


def test_a_record_that_is_none_is_kept_as_it_came() -> None:
    (page,) = hub(orders=["gone", ORDER]).pull_shipping_requests(None)

    assert [(one.channel_id, one.payload) for one in page.unreadable] == [("", '"gone"')]
    assert [news.number for news in page.records] == ["1001-1"]


def test_a_store_is_a_number() -> None:
    with pytest.raises(SettingsError, match=r"store_id.*the number of a store"):
        ShipStationSettings.parse({"store_id": "Main"})


def test_a_list_without_its_records_is_no_answer(yard: Yard) -> None:
    yard.fails("not_json", "/orders")

    with pytest.raises(UnavailableError, match="unreadable"):
        list(yard.hub().pull_shipping_requests(None))


def test_a_read_that_got_no_answer_has_changed_nothing(yard: Yard) -> None:
    yard.fails("reset_after", "/stores")

    with pytest.raises(UnavailableError) as failed:
        yard.hub().check()

    assert not failed.value.is_unclear
