"""Every method of the client, by a sample call, against the published documents."""

from __future__ import annotations

import pytest

from connectors.bigcommerce import documents
from connectors.bigcommerce.calls import SAMPLES, request_of
from connectors.samples import Request, Sample, without_sample
from crossdock.connectors import bigcommerce
from crossdock.connectors.bigcommerce.client import Client


def test_every_method_of_the_client_has_a_sample() -> None:
    assert without_sample(bigcommerce, SAMPLES) == [], "add a line for each to SAMPLES in calls.py"


def test_every_sample_calls_a_method_of_the_client() -> None:
    assert [sample.id for sample in SAMPLES if not hasattr(Client, sample.method)] == []


@pytest.mark.skipif(not documents.IS_THERE, reason=documents.ABSENT)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_a_call_is_as_documented(sample: Sample) -> None:
    request = request_of(sample)

    if sample.undocumented:
        with pytest.raises(AssertionError, match="is in no document"):
            list(documents.problems_of(request))
    else:
        assert list(documents.problems_of(request)) == []


HEADERS = {"x-auth-token": "t", "accept": "application/json", "content-type": "application/json"}
HOOK = {"scope": "store/order/*", "destination": "https://hub.example.com/x", "is_active": True}


@pytest.mark.skipif(not documents.IS_THERE, reason=documents.ABSENT)
@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (Request("DELETE", "/v3/settings/inventory", {}, HEADERS), "the method is not documented"),
        (Request("GET", "/v2/orders", {"colour": "red"}, HEADERS), "there is no parameter colour"),
        (Request("GET", "/v3/catalog/products", {"limit": "many"}, HEADERS), "limit: many is no integer"),
        (Request("GET", "/v3/catalog/products", {"direction": "up"}, HEADERS), "direction: up is none of"),
        (Request("GET", "/v2/store", {}, {"accept": "*/*"}), "the header x-auth-token is missing"),
        (Request("POST", "/v3/hooks", {}, HEADERS), "a body is documented and none was sent"),
        (Request("GET", "/v2/store", {}, HEADERS, {"a": 1}), "no body is documented"),
        (Request("POST", "/v3/hooks", {}, HEADERS, HOOK | {"is_active": "yes"}), "'yes' is not of type"),
        (Request("POST", "/v3/hooks", {}, HEADERS, HOOK | {"url": "x"}), "there is no field url"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_is_not_as_documented_is_noticed(request_: Request, problem: str) -> None:
    assert any(problem in found for found in documents.problems_of(request_))
