"""Every kind of answer that is not a success becomes the error that says who must act."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.bigcommerce.scripted import SECRETS, LearningGate, connector
from crossdock.connectors.errors import (
    AccessMissingError,
    ChannelError,
    CredentialsError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from crossdock.connectors.http import Budget
from crossdock.domain.channel import ChannelId, ChannelSku, StockAdjustment

SALE = StockAdjustment(ChannelId("product:7"), ChannelSku("A"), ChannelId("1"), -1)
HEADERS = {
    "x-rate-limit-time-window-ms": "30000",
    "x-rate-limit-time-reset-ms": "15000",
    "x-rate-limit-requests-quota": "150",
    "x-rate-limit-requests-left": "35",
}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"X-Auth-Token header is required", CredentialsError),
        (403, {"status": 403, "title": "You don't have a required scope", "errors": {}}, AccessMissingError),
        (
            403,
            {"error": "You are authorized but your scope does not include this resource."},
            AccessMissingError,
        ),
        (400, [{"status": 404, "message": "The field 'quantity' is invalid."}], RefusedError),
        (404, [{"status": 404, "message": "The requested resource was not found."}], RefusedError),
        (
            422,
            {"status": 422, "title": "JSON data is missing or invalid", "errors": {"a": "b"}},
            RefusedError,
        ),
        (507, {}, RefusedError),
        (423, {}, UnavailableError),
        (500, b"<html>oops</html>", UnavailableError),
        (503, None, UnavailableError),
        (429, b"too much", RateLimitedError),
        (509, None, RateLimitedError),
        (200, b'{"data": [{"id"', UnavailableError),
        (200, b"<html>a proxy</html>", UnavailableError),
        (302, None, ProtocolError),
    ],
)
def test_an_answer_is_sorted_by_who_must_act(status: int, body: Any, kind: type[ChannelError]) -> None:
    hub, _ = connector(lambda _: (status, body))

    with pytest.raises(ChannelError) as caught:
        list(hub.pull_products(None))

    assert type(caught.value) is kind
    assert not any(secret in str(caught.value) for secret in SECRETS.values())


@pytest.mark.parametrize(
    ("status", "body", "is_unclear"),
    [(500, None, True), (503, None, True), (499, None, True), (423, None, False), (200, b"cut", True)],
)
def test_a_write_whose_answer_was_lost_may_have_been_applied(
    status: int, body: Any, is_unclear: bool
) -> None:
    hub, http = connector(lambda _: (status, body))

    with pytest.raises(UnavailableError) as caught:
        hub.report_sales([SALE])

    assert caught.value.is_unclear is is_unclear
    assert len(http.requests) == 1


def test_a_read_that_failed_has_changed_nothing() -> None:
    hub, _ = connector(lambda _: (502, None))

    with pytest.raises(UnavailableError) as caught:
        list(hub.pull_orders(None))

    assert not caught.value.is_unclear


@pytest.mark.parametrize(
    ("headers", "retry_after"),
    [
        (HEADERS, timedelta(seconds=15)),
        ({"x-retry-after": "7"}, timedelta(seconds=7)),
        ({}, None),
        ({"x-retry-after": "soon"}, None),
    ],
)
def test_a_request_to_slow_down_says_for_how_long_where_the_platform_does(
    headers: dict[str, str], retry_after: timedelta | None
) -> None:
    hub, _ = connector(lambda _: (429, None, headers))

    with pytest.raises(RateLimitedError) as caught:
        list(hub.pull_orders(None))

    assert caught.value.retry_after == retry_after


def test_the_pace_is_learned_from_every_answer_that_names_the_quota() -> None:
    answers = iter(
        [(204, None, HEADERS), (204, None, {}), (429, None, HEADERS | {"x-rate-limit-requests-left": "0"})]
    )
    hub, http = connector(lambda _: next(answers))

    list(hub.pull_orders(None))
    list(hub.pull_orders(None))
    with pytest.raises(RateLimitedError):
        list(hub.pull_orders(None))

    window, reset = timedelta(seconds=30), timedelta(seconds=15)
    assert isinstance(http.gate, LearningGate)
    assert http.gate.learned == [Budget(35, reset, 150, window), Budget(0, reset, 150, window)]


def test_missing_access_names_what_to_grant() -> None:
    hub, _ = connector(lambda _: (403, {"title": "no scope"}))

    with pytest.raises(AccessMissingError, match="store_v2_orders"):
        list(hub.pull_orders(None))
    with pytest.raises(AccessMissingError, match="store_locations"):
        list(hub.pull_locations(None))
    with pytest.raises(AccessMissingError, match="store_inventory"):
        list(hub.pull_inventory(None))


def test_a_refusal_carries_the_platforms_own_words_and_names_the_product() -> None:
    sku = {"id": 290, "sku": "TEE-RED-S", "inventory_level": 1}
    details = {"errors": [{"type": "OutOfStock", "product": {"id": 174, "name": "Trail Tee", "sku": sku}}]}
    body = [{"status": 409, "message": "Quantities are out of stock.", "details": details}]
    hub, _ = connector(lambda _: (409, body))

    with pytest.raises(
        RefusedError, match=r"Quantities are out of stock.*OutOfStock: TEE-RED-S \(1 in stock\)"
    ):
        list(hub.pull_orders(None))


@pytest.mark.parametrize(
    "shape", [{"errors": None}, {"errors": []}, [None], [1], "text", None, {"details": []}]
)
def test_an_error_of_any_shape_is_still_an_error(shape: Any) -> None:
    hub, _ = connector(lambda _: (400, shape))

    with pytest.raises(RefusedError):
        list(hub.pull_orders(None))
