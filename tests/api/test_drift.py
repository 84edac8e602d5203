"""Drift through the API: what is found is told with both values, and can be looked for."""

from __future__ import annotations

from typing import Any

import pytest

from api.bench import SHOP, STORE, Bench
from crossdock.api.examples import EXAMPLES
from crossdock.domain.drift import Difference, DriftCause
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import drift
from crossdock.operations.drift import Found
from crossdock.operations.setup import integrations
from support.flows import flow_row, set_flow

LOOKING = FlowKey(SHOP, Direction.PULL, Entity.DRIFT)


@pytest.fixture
def looking(merchant: Bench) -> Bench:
    """The shop is looked at."""
    with merchant.database.transaction() as tx:
        integrations.configure_flows(tx, SHOP, {("pull", Entity.DRIFT): True}, {})
    set_flow(merchant.database, LOOKING, cursor="somewhere", due_at=1e12)
    return merchant


def keep(bench: Bench, shown: str) -> str:
    variant = next(each for each in bench.get("/products/TEA-1")["variants"] if each["sku"] == "TEA-1")
    one = Difference("stock", "9", shown, "TEA-1", "w1")
    with bench.database.transaction() as tx:
        found = Found(variant["id"], "TEA-1", (one,), DriftCause.CHANGED_THERE, "It was read there as 9")
        drift.keep(tx, bench.task(tx, SHOP), Entity.INVENTORY, [found])
    return str(variant["id"])


def repair(bench: Bench, variant: str) -> None:
    with bench.database.transaction() as tx:
        task = bench.task(tx, SHOP)
        drift.close(tx, task, Entity.INVENTORY, [variant], how=drift.WRITTEN_AND_READ)


def test_drift_is_told_with_both_values_and_what_became_of_it(merchant: Bench) -> None:
    repair(merchant, keep(merchant, "40"))
    keep(merchant, "41")

    [still] = merchant.get("/drift")["items"]
    [over] = merchant.get("/drift", state="closed")["items"]
    first = merchant.get("/drift", state="all", limit=1)
    rest = merchant.get("/drift", state="all", after=first["next"])

    assert (still["expected"], still["shown"], still["title"], still["repaired_at"]) == (
        "9",
        "41",
        "Teapot",
        None,
    )
    assert (over["shown"], over["repair"]) == ("40", "written again, and read back")
    assert [each["shown"] for each in first["items"] + rest["items"]] == ["41", "40"]
    assert merchant.get("/drift", integration=STORE)["items"] == []
    assert set(still) == set(EXAMPLES["list_drift"]["items"][0])


def test_a_sku_tells_of_its_last_drift(merchant: Bench) -> None:
    keep(merchant, "40")

    shop = next(each for each in merchant.get("/inventory/TEA-1")["channels"] if each["integration"] == SHOP)

    assert (shop["drift"]["shown"], shop["looked_at"]) == ("40", None)


@pytest.mark.parametrize("query", ["state=gone", "limit=0", "after=x", "surplus=1"])
def test_a_list_that_is_asked_for_wrongly_is_refused(merchant: Bench, query: str) -> None:
    assert merchant.client.get(f"/api/v1/drift?{query}").status_code == 422


@pytest.mark.parametrize(("form", "cursor"), [({}, "somewhere"), ({"integration": SHOP, "full": True}, None)])
def test_looking_now_wakes_the_flow_and_a_full_reading_begins_anew(
    looking: Bench, form: dict[str, Any], cursor: str | None
) -> None:
    answer = looking.client.post("/api/v1/reconcile", json=form)

    assert (answer.status_code, answer.json()) == (202, {"flows": [str(LOOKING)]})
    assert looking.woken == [str(LOOKING)]
    row = flow_row(looking.database, LOOKING)
    assert (row.cursor, row.due_at) == (cursor, 0.0)


def test_what_is_unknown_or_not_pushed_to_cannot_be_looked_at(looking: Bench) -> None:
    unknown = looking.client.post("/api/v1/reconcile", json={"integration": "nobody"})
    idle = looking.client.post("/api/v1/reconcile", json={"integration": STORE})

    assert (unknown.status_code, idle.status_code) == (404, 409)
    assert looking.woken == []
