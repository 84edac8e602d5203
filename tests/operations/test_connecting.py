"""Connecting an account: a consent is good once and for half an hour, and one account is one integration."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.domain.channel import Account, ChannelId
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import connecting, integrations
from crossdock.operations.setup.connecting import StateError
from crossdock.operations.setup.integrations import Status
from crossdock.operations.task import SourcesOfTruth
from support.flows import NEVER, flow_row, set_flow
from support.make import NOW, SHOP, STORE, Bench

ACCOUNT = Account(ChannelId("acc-1"), "Tea House", "USD", region="US", facts={"plan": "pro"})


def test_a_state_is_good_once(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        connecting.remember_state(tx, SHOP, "s1", now=NOW)
        assert connecting.asked_by(tx, "s1") == SHOP
        assert connecting.use_state(tx, "s1", now=NOW) == SHOP

        with pytest.raises(StateError, match="used already"):
            connecting.use_state(tx, "s1", now=NOW)


def test_a_state_that_nobody_asked_for_is_refused(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        with pytest.raises(StateError, match="not known"):
            connecting.use_state(tx, "forged", now=NOW)
        with pytest.raises(StateError, match="not known"):
            connecting.asked_by(tx, "forged")


def test_a_state_ends_after_half_an_hour(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        connecting.remember_state(tx, SHOP, "s1", now=NOW)

        with pytest.raises(StateError, match="30 minutes"):
            connecting.use_state(tx, "s1", now=NOW + timedelta(minutes=31))


def test_a_complete_account_is_connected_and_its_facts_are_kept(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        connection = connecting.record_account(tx, SHOP, ACCOUNT, now=NOW)
        kept = integrations.get(tx, SHOP)

    assert connection.status is Status.CONNECTED
    assert kept is not None
    assert kept.facts == {
        "plan": "pro",
        "name": "Tea House",
        "currency": "USD",
        "region": "US",
        "id": "acc-1",
    }


def test_missing_access_is_named_and_does_not_connect(hub: Bench) -> None:
    lacking = replace(ACCOUNT, missing_access=("orders: read", "products: write"))

    with hub.database.transaction() as tx:
        connection = connecting.record_account(tx, SHOP, lacking, now=NOW)

    assert connection.status is Status.ERROR
    assert "orders: read; products: write" in connection.reason


def test_an_account_that_another_integration_has_does_not_connect_twice(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        integrations.add(tx, "second", SHOP, b"", now=NOW)
        connecting.record_account(tx, SHOP, ACCOUNT, now=NOW)
        twin = connecting.record_account(tx, "second", ACCOUNT, now=NOW)
        other_platform = connecting.record_account(tx, STORE, ACCOUNT, now=NOW)

    assert (twin.status, twin.reason) == (
        Status.ERROR,
        f"Tea House is connected already as {SHOP}; one account is one integration",
    )
    assert other_platform.status is Status.CONNECTED


def test_an_account_that_was_refused_to_one_locks_out_nobody(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        integrations.add(tx, "second", SHOP, b"", now=NOW)
        connecting.record_account(tx, SHOP, ACCOUNT, now=NOW)
        connecting.record_account(tx, "second", ACCOUNT, now=NOW)
        connecting.record_failure(tx, SHOP, "The token is not valid", now=NOW)
        second = integrations.get(tx, "second")
        again = connecting.record_account(tx, SHOP, ACCOUNT, now=NOW)

    assert second is not None
    assert second.facts == {}
    assert again.status is Status.CONNECTED


@pytest.mark.parametrize("has_read", [True, False])
def test_who_has_read_from_an_account_keeps_it_while_it_is_not_connected(hub: Bench, has_read: bool) -> None:
    """Its orders would be in the hub twice."""
    flow = FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY)
    set_flow(hub.database, flow, last_success_at=NOW if has_read else None)
    with hub.database.transaction() as tx:
        integrations.add(tx, "second", SHOP, b"", now=NOW)
        connecting.record_account(tx, SHOP, ACCOUNT, now=NOW)
        connecting.record_failure(tx, SHOP, "The token is not valid", now=NOW)
        other = connecting.record_account(tx, "second", ACCOUNT, now=NOW)

    assert other.status is (Status.ERROR if has_read else Status.CONNECTED)
    assert ("to be connected again as tiktok" in other.reason) is has_read


def test_a_failed_check_is_kept_with_its_reason(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        connecting.record_failure(tx, SHOP, "The token is not valid", now=NOW)
        kept = integrations.get(tx, SHOP)

    assert kept is not None
    assert (kept.status, kept.status_reason) == (Status.ERROR, "The token is not valid")


def test_sources_of_truth_are_kept_as_they_were_set_last(hub: Bench) -> None:
    with hub.database.transaction() as tx:
        assert integrations.truth(tx) == SourcesOfTruth()
        integrations.set_truth(tx, SourcesOfTruth(STORE, STORE))
        integrations.set_truth(tx, SourcesOfTruth(STORE, SHOP))
        assert integrations.truth(tx) == SourcesOfTruth(STORE, SHOP)


def test_flows_that_waited_for_the_connection_run_at_once(hub: Bench) -> None:
    flow = FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY)
    set_flow(hub.database, flow, due_at=NEVER, failures=3)

    with hub.step(SHOP) as (tx, task):
        connecting.record_account(tx, SHOP, ACCOUNT, now=task.now)

    row = flow_row(hub.database, flow)
    assert (row.due_at, row.failures) == (0.0, 0)
