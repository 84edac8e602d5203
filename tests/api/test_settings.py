"""Settings through the API on each kind of database: versions, the way back, and changes at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from api.bench import SHOP, STORE, Bench
from crossdock.operations.setup import configuring
from crossdock.operations.setup.spec import IntegrationSpec, Spec, SpecError
from crossdock.operations.task import HUB


def versions(bench: Bench, name: str = SHOP) -> list[dict[str, Any]]:
    return list(bench.get(f"/integrations/{name}/settings/versions"))


def with_buffer(units: int) -> Spec:
    part = IntegrationSpec(name=SHOP, connector="tiktok_shop", settings={"inventory_buffer": units})
    return Spec(integrations=[part])


def test_a_change_says_who_made_it_and_can_be_taken_back(merchant: Bench) -> None:
    first = versions(merchant)[0]
    merchant.send("PATCH", f"/integrations/{SHOP}/settings", {"inventory_buffer": 4})
    latest = versions(merchant)[0]

    merchant.send("POST", f"/integrations/{SHOP}/settings/versions/{first['id']}/revert")

    assert (latest["actor"], latest["summary"]) == ("doer", "inventory_buffer: 1 → 4")
    assert latest["at"] == "2026-03-02T09:30:00Z"
    assert versions(merchant)[0]["after"] == first["after"]
    assert len(versions(merchant)) == 3


def test_lists_of_versions_can_be_cut(merchant: Bench) -> None:
    for units in (2, 3, 4):
        merchant.send("PATCH", f"/integrations/{SHOP}/settings", {"inventory_buffer": units})

    shown = merchant.get(f"/integrations/{SHOP}/settings/versions", limit=2)

    assert [each["after"]["inventory_buffer"] for each in shown] == [4, 3]


def test_the_owners_are_changed_only_when_that_is_confirmed(merchant: Bench) -> None:
    asked = {"catalog": HUB}
    for path in (f"/integrations/{STORE}/settings", f"/integrations/{SHOP}/settings"):
        merchant.send("PATCH", path, {"products": False})

    refused = merchant.client.put("/api/v1/sources-of-truth", json=asked)
    merchant.send("PUT", "/sources-of-truth", asked, confirm=True)

    assert refused.status_code == 409
    assert refused.json()["detail"].endswith("confirm it to go on, with confirm=true")
    assert merchant.get("/sources-of-truth")["catalog"] == HUB
    assert versions(merchant, HUB)[0]["summary"] == f"catalog: {STORE} → {HUB}"


def test_a_reader_changes_and_previews_nothing(merchant: Bench) -> None:
    for method, path in (
        ("PATCH", f"/integrations/{SHOP}/settings"),
        ("POST", f"/integrations/{SHOP}/settings/preview"),
        ("POST", f"/integrations/{SHOP}/settings/versions/1/revert"),
        ("PUT", "/sources-of-truth"),
    ):
        assert merchant.reader.request(method, f"/api/v1{path}", json={}).status_code == 403, path


def test_versions_of_nobody_are_not_found(merchant: Bench) -> None:
    number = versions(merchant)[0]["id"]

    assert merchant.reader.get("/api/v1/integrations/nobody/settings/versions").status_code == 404
    for name in (STORE, HUB, "nobody"):
        answer = merchant.client.post(f"/api/v1/integrations/{name}/settings/versions/{number}/revert")
        assert answer.status_code == 404, name


def test_a_plan_that_somebody_else_was_faster_than_is_not_carried_out(merchant: Bench) -> None:
    hub = merchant.hub
    plan = hub._plan(with_buffer(5))
    hub.apply(with_buffer(6), actor="faster")

    with (
        pytest.raises(SpecError, match="at the same moment"),
        merchant.database.serial() as tx,
    ):
        configuring.carry_out(tx, plan, configuring.propose(tx, plan, hub._kit()), hub._task(HUB))

    assert versions(merchant)[0]["actor"] == "faster"
    assert versions(merchant)[0]["after"]["inventory_buffer"] == 6
