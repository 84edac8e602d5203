"""The description of the API is complete, and its examples are true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from api import seed
from api.bench import NOW, SHOP, Bench
from crossdock.api.examples import EXAMPLES
from support import requesting


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def answers(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The contents of its successful answers that are JSON with a schema."""
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        if status.startswith("2") and content is not None and content.get("schema"):
            yield content


def check(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    whole = schema | {"components": document["components"]}
    jsonschema.validate(value, whole, cls=jsonschema.Draft202012Validator)


@pytest.fixture
def document(bench: Bench) -> dict[str, Any]:
    return bench.reader.get("/api/v1/openapi.json").json()  # type: ignore[no-any-return]


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_operation_has_a_name_of_its_own_and_a_summary(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]

    assert len(set(names)) == len(names)
    assert [place for place, operation in operations(document) if not operation.get("summary")] == []


def test_every_json_answer_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    shown = set()
    for place, operation in operations(document):
        for content in answers(operation):
            assert "example" in content, place
            check(document, content["schema"], content["example"])
            shown.add(operation["operationId"])
    assert shown == set(EXAMPLES)


def test_failures_are_described_as_problems(document: dict[str, Any]) -> None:
    described = 0
    for place, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith("4") and list(response["content"]) != ["text/html"]:
                assert list(response["content"]) == ["application/problem+json"], place
                described += 1
    assert described > 100
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_real_answers_fit_their_schemas(merchant: Bench) -> None:
    document = merchant.app.openapi()
    seed.sell(merchant, *seed.some_orders())
    location = merchant.get("/locations")[0]["id"]
    parcel = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784", "lines": {"TEA-1": 1}}
    ids = {
        "name": SHOP,
        "connector": "bigcommerce",
        "key": f"{SHOP}/pull-orders",
        "case": str(merchant.get("/exceptions")["items"][0]["id"]),
        "id_or_sku": "TEA-1",
        "id_or_number": "N1",
        "sku": "TEA-1",
        "location": location,
        "fulfillment": merchant.send("POST", "/orders/N1/fulfillments", parcel)["id"],
        "automation": str(merchant.send("POST", "/automations", seed.RULE)["id"]),
        "notification": seed.notify(merchant),
        "number": requesting.request(merchant.database, "N2", {"MUG-RED": 1}, now=NOW),
    }
    card = {"name": "All", "destinations": [{"location": location, "regions": ["US"]}]}
    ids["card"] = str(merchant.send("POST", "/routing/cards", card)["id"])
    checked = 0
    for place, operation in operations(document):
        method, path = place.split(" ")
        if method != "GET" or not path.startswith("/api/") or "{run}" in path:
            continue
        query: dict[str, str | int] = {"sku": "TEA-1", "limit": 5} if path.endswith("ledger") else {}
        if path.endswith("events"):
            query = {"subject_kind": "order", "subject_id": "x"}
        if path.endswith("packing-slips"):
            query = {"number": ids["number"]}
        answer = merchant.reader.get(path.format(**ids), params=query)
        assert answer.status_code == 200, path
        for content in answers(operation):
            check(document, content["schema"], answer.json())
            checked += 1
    assert checked > 20
