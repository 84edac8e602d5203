"""Faults and kills on the way to both platforms: whatever becomes of an answer, each unit is shipped there once."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.fulfillments import fulfillment_push
from crossdock_simulators.kit import Fault
from journeys.test_catalog import COMPLETE
from journeys.test_fulfillments import merchant
from support.merchant import NUMBER
from support.world import SHOP, STORE, World

ONE = NUMBER
BOTH_WAYS = {"sales_report": "order", "pull_fulfillments": True, "push_fulfillments": True}
SHOP_PUSHES = COMPLETE | {"push_fulfillments": True}
SHIPMENTS = r"/v2/orders/\d+/shipments$"
PACKAGES = r"/fulfillment/\d+/orders/\d+/packages$"
LOST = ["reset_after", "error_after", "not_json", "truncate", "reset_before", "error", "too_many_requests"]


@pytest.mark.parametrize("kind", LOST)
def test_whatever_becomes_of_the_answer_there_is_one_package_and_one_shipment(
    small_world: World, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    here = merchant(small_world, monkeypatch, store=BOTH_WAYS, shop=SHOP_PUSHES)
    number = here.sell(3)
    small_world.shop.faults.add(Fault(kind, method="POST", path=PACKAGES, retry_after=0.1))
    small_world.store.faults.add(Fault(kind, method="POST", path=SHIPMENTS, retry_after=0.1))

    here.add(number, "--line", f"{here.sku}=2")
    for _ in range(5):
        here.skip_the_pause()
        small_world.retry()

    assert (here.on_shop(number), here.in_store()) == ([(ONE, 2)], [(ONE, 2)])
    assert here.channels(number) == {SHOP: "told", STORE: "told"}
    assert [one["source"] for one in here.shown(number)["fulfillments"]] == ["hub"]
    assert [line["quantity_shipped"] for line in here.shown(number)["lines"]] == [2]
    assert small_world.open_cases() == []


class Killed(BaseException):
    """What no code of the hub catches."""


@pytest.mark.parametrize("integration", [SHOP, STORE])
def test_a_hub_killed_between_a_call_and_its_answer_finds_what_it_has_done(
    small_world: World, monkeypatch: pytest.MonkeyPatch, integration: str
) -> None:
    here = merchant(small_world, monkeypatch, store=BOTH_WAYS, shop=SHOP_PUSHES)
    number = here.sell(3)
    here.add(number, "--line", f"{here.sku}=2")

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(fulfillment_push, "settle", die)
        with pytest.raises(Killed):
            small_world.run(FlowKey(integration, Direction.PUSH, Entity.FULFILLMENTS))
    small_world.reopen()
    here.sync()

    assert (here.on_shop(number), here.in_store()) == ([(ONE, 2)], [(ONE, 2)])
    assert [one["source"] for one in here.shown(number)["fulfillments"]] == ["hub"]
