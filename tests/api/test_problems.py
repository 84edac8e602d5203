"""Failures are problem documents that name the field, repeat no secret and show no insides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api import seed
from api.bench import SHOP, Bench
from crossdock.operations.views.view_page import mark
from crossdock.store.cipher import Cipher


def test_a_failure_is_a_problem_document(bench: Bench) -> None:
    answer = bench.reader.get("/api/v1/products/NOBODY")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:crossdock:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no product with the id or SKU 'NOBODY'",
        "errors": [],
    }


def test_an_unknown_path_and_a_wrong_method_are_problems_too(bench: Bench) -> None:
    for answer in (bench.reader.get("/nowhere"), bench.reader.delete("/api/v1/products")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    assert bench.reader.get("/nowhere").status_code == 404
    assert bench.reader.delete("/api/v1/products").status_code == 405


def test_a_bad_parameter_is_named(bench: Bench) -> None:
    answer = bench.reader.get("/api/v1/products", params={"limit": 0})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["limit"]


def test_a_misspelt_filter_is_refused_and_not_ignored(bench: Bench) -> None:
    answer = bench.reader.get("/api/v1/orders", params={"statsu": "Fulfilled"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "statsu"


@pytest.mark.parametrize(
    "path", ["products", "orders", "runs", "exceptions", "inventory", "fulfillments", "returns"]
)
@pytest.mark.parametrize("after", ["nonsense", "e30", "WyJhIiwiYiIsImMiXQ", "äöü", mark("\0", "\0")])
def test_a_mark_that_the_list_has_not_given_is_refused(bench: Bench, path: str, after: str) -> None:
    answer = bench.reader.get(f"/api/v1/{path}", params={"after": after})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "after"


@pytest.mark.parametrize("path", ["orders", "runs", "fulfillments", "returns", "cancellations", "statements"])
@pytest.mark.parametrize("moment", ["nonsense", "2026-01-01", "2026-01-01T00:00:00"])
def test_a_mark_without_a_moment_is_refused_by_lists_that_go_by_time(
    bench: Bench, path: str, moment: str
) -> None:
    answer = bench.reader.get(f"/api/v1/{path}", params={"after": mark(moment, "key")})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize("path", ["orders?search=%00", "orders/%00", "fulfillments?order=%00"])
def test_what_no_database_can_hold_is_no_failure_of_the_hub(bench: Bench, path: str) -> None:
    assert bench.reader.get(f"/api/v1/{path}").status_code in (200, 404, 422)


def test_what_was_sent_is_not_repeated_in_a_problem(bench: Bench) -> None:
    body = {"name": "my-store", "connector": "bigcommerce", "credentials": "SECRET-VALUE"}

    answer = bench.client.post("/api/v1/integrations", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "credentials"
    assert "SECRET-VALUE" not in answer.text


def test_a_body_that_says_it_is_too_large_is_not_read(bench: Bench) -> None:
    answer = bench.client.post("/api/v1/apply", content=b"x" * ((1 << 20) + 1))

    assert answer.status_code == 413
    assert "1024 KiB" in answer.json()["detail"]


def test_a_body_that_turns_out_too_large_is_refused(bench: Bench) -> None:
    seed.set_up(bench)

    def chunks() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * (64 << 10)

    assert bench.client.post("/api/v1/apply", content=chunks()).status_code == 413
    assert bench.stranger.post(f"/webhooks/{SHOP}", content=chunks()).status_code == 413


def test_a_hub_with_the_wrong_key_names_the_variable_to_set(merchant: Bench) -> None:
    merchant.hub.cipher = Cipher(["another key"])

    answer = merchant.reader.get("/api/v1/integrations")

    assert answer.status_code == 500
    assert "CROSSDOCK_SECRET_KEY" in answer.json()["detail"]


def test_a_bug_shows_nothing_of_the_insides(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("crossdock.operations.views.views.summary", broken)
    with TestClient(bench.app, raise_server_exceptions=False) as client:
        answer = client.get("/api/v1/summary", headers={"Authorization": f"Bearer {bench.read_key}"})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "hunter2" not in answer.text
