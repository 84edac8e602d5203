"""Every method of the client, by a sample call, against what the platform's pages describe."""

from __future__ import annotations

import pytest

from connectors.samples import Request, Sample, without_sample
from connectors.shipstation.calls import SAMPLES, request_of
from connectors.shipstation.documents import problems_of
from crossdock.connectors import shipstation

HEADERS = {"authorization": "Basic x"}


def test_every_method_of_the_client_has_a_sample() -> None:
    assert without_sample(shipstation, SAMPLES) == [], "add a line for each to SAMPLES in calls.py"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_a_call_is_as_described(sample: Sample) -> None:
    assert list(problems_of(request_of(sample))) == []


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (Request("DELETE", "/orders/1", {}, HEADERS), "DELETE /orders/{id} is in no document"),
        (Request("GET", "/orders", {"orderKey": "x"}, HEADERS), "there is no parameter orderKey"),
        (Request("GET", "/shipments", {"sortBy": "ModifyDate"}, HEADERS), "sortBy: ModifyDate is none of"),
        (Request("GET", "/orders", {"pageSize": "501"}, HEADERS), "500 records at most"),
        (Request("GET", "/stores"), "the header authorization is missing"),
        (Request("POST", "/orders/createorder", {}, HEADERS, {"tags": ["a"]}), "there is no field .tags"),
        (
            Request("POST", "/orders/createorder", {}, HEADERS, {"items": [{"units": 1}]}),
            "no field items.units",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_is_not_as_described_is_noticed(request_: Request, problem: str) -> None:
    assert any(problem in found for found in problems_of(request_))
