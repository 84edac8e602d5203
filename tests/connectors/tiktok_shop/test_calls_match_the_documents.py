"""Every method of the client, by a sample call, against the reconstructed description of the API."""

from __future__ import annotations

import pytest

from connectors.samples import Request, Sample, clients_of, without_sample
from connectors.tiktok_shop import documents
from connectors.tiktok_shop.calls import SAMPLES, request_of
from crossdock.connectors import tiktok_shop
from crossdock.connectors.tiktok_shop.client import Client


def test_every_method_of_the_client_has_a_sample() -> None:
    assert len(clients_of(tiktok_shop)) == 3
    assert without_sample(tiktok_shop, SAMPLES) == [], "add a line for each to SAMPLES in calls.py"


def test_every_sample_calls_a_method_that_exists() -> None:
    assert [sample.id for sample in SAMPLES if not hasattr(sample.of or Client, sample.method)] == []


@pytest.mark.skipif(not documents.IS_THERE, reason=documents.ABSENT)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_a_call_is_as_documented(sample: Sample) -> None:
    request = request_of(sample)

    if sample.undocumented:
        with pytest.raises(AssertionError, match="is in no document"):
            list(documents.problems_of(request))
    else:
        assert list(documents.problems_of(request)) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_a_call_is_signed_unless_it_trades_tokens(sample: Sample) -> None:
    """Only the exchange of tokens shows the secret itself, and it goes to a host of its own."""
    request = request_of(sample)
    trades_tokens = request.path.startswith("/api/v2/token/")

    assert ("app_secret" in request.query) == trades_tokens
    assert ({"sign", "timestamp"} <= request.query.keys()) != trades_tokens
    assert ("x-tts-access-token" in request.headers) != trades_tokens


SIGNED = {"app_key": "k", "timestamp": "1", "sign": "s"}
SEARCH = SIGNED | {"shop_cipher": "c", "page_size": "10"}


@pytest.mark.skipif(not documents.IS_THERE, reason=documents.ABSENT)
@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (Request("GET", "/authorization/202309/shops", SEARCH), "unknown query parameter shop_cipher"),
        (Request("GET", "/logistics/202309/warehouses", SIGNED), "query lacks shop_cipher"),
        (Request("POST", "/order/202309/orders/search", SEARCH | {"page_size": "500"}), "page_size"),
        (
            Request("POST", "/order/202309/orders/search", SEARCH, {}, {"state": "X"}),
            "'state' was unexpected",
        ),
        (Request("POST", "/product/202309/products", SEARCH), "no body"),
        (Request("POST", "/product/202309/images/upload", SIGNED, form={"file": b""}), "unknown field file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_is_not_as_documented_is_noticed(request_: Request, problem: str) -> None:
    assert any(problem in found for found in documents.problems_of(request_))
