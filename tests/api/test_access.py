"""API keys: who may read, who may change, and that nobody else gets in."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from api.bench import NOW, Bench
from crossdock.operations.setup import keys
from crossdock.operations.setup.keys import ScopeError
from crossdock.store import tables


def test_a_request_without_a_key_is_told_how_to_get_one(bench: Bench) -> None:
    answer = bench.stranger.get("/api/v1/products")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "crossdock key create" in answer.json()["detail"]


def test_an_unknown_key_is_refused(bench: Bench) -> None:
    answer = bench.stranger.get("/api/v1/products", headers={"Authorization": "Bearer cdk_nobody"})

    assert answer.status_code == 401


def test_a_revoked_key_is_good_for_nothing_from_then_on(bench: Bench) -> None:
    assert bench.reader.get("/api/v1/products").status_code == 200
    with bench.database.transaction() as tx:
        key = next(key for key in keys.every(tx) if key.name == "looker")
        assert keys.revoke(tx, key.id, NOW)
        assert not keys.revoke(tx, key.id, NOW)

    assert bench.reader.get("/api/v1/products").status_code == 401


def test_a_key_that_may_read_may_not_change(bench: Bench) -> None:
    for method, path in (("POST", "/apply"), ("POST", "/flows/a/pull-orders/run"), ("PATCH", "/locations/x")):
        answer = bench.reader.request(method, f"/api/v1{path}", json={})
        assert answer.status_code == 403, path
        assert "write" in answer.json()["detail"]


def test_a_key_that_may_write_may_read_as_well(bench: Bench) -> None:
    with bench.database.transaction() as tx:
        secret = keys.create(tx, "writes", ["write"], NOW)

    answer = bench.stranger.get("/api/v1/flows", headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 200


def test_every_route_of_the_api_asks_for_a_key(bench: Bench) -> None:
    asked = 0
    for path, operations in bench.app.openapi()["paths"].items():
        for method in operations if path.startswith("/api/") else ():
            asked += 1
            answer = bench.stranger.request(method, path.replace("{case}", "1"), json={})
            assert answer.status_code == 401, f"{method} {path}"
    assert asked > 30


def test_only_the_hash_of_a_key_is_kept(bench: Bench) -> None:
    with bench.database.reading() as tx:
        rows = tx.execute(sa.select(tables.api_key)).all()

    assert len(rows) == 2
    assert bench.read_key.startswith("cdk_")
    assert not any(bench.read_key in str(row) or bench.write_key in str(row) for row in rows)


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "admin"]])
def test_a_key_has_known_scopes_only(bench: Bench, scopes: list[str]) -> None:
    with bench.database.transaction() as tx, pytest.raises(ScopeError, match="read, write"):
        keys.create(tx, "odd", scopes, NOW)
