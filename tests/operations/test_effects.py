"""What a change of settings would do is said beforehand."""

from __future__ import annotations

import pytest

from crossdock.operations import effects
from crossdock.operations.effects import Effect, Situation
from crossdock.operations.task import HUB, SourcesOfTruth
from support.make import SHOP, STORE, Bench


def foreseen(hub: Bench, former: str, owner: str) -> Effect:
    """Of nothing but another owner of stock."""
    before, after = (Situation(SourcesOfTruth(STORE, one), {}) for one in (former, owner))
    with hub.database.reading() as tx:
        return effects.effect(tx, before, after, resyncs=[])


@pytest.mark.parametrize(
    ("former", "owner", "told", "untold"),
    [(HUB, STORE, STORE, ""), (STORE, HUB, "", STORE), (STORE, SHOP, SHOP, STORE), ("", STORE, "", "")],
)
def test_it_is_said_which_owner_is_told_of_sales_that_are_not_shipped(
    hub: Bench, former: str, owner: str, told: str, untold: str
) -> None:
    words = foreseen(hub, former, owner).consequences

    are_reported = [word for word in words if "not shipped yet are reported to" in word]
    are_not = [word for word in words if "no longer reported to" in word]
    assert ([f"reported to {told}," in word for word in are_reported], len(are_not)) == (
        [True] * bool(told),
        bool(untold),
    )
    assert all(untold in word for word in are_not)


def test_where_stock_keeps_its_owner_nothing_is_said_of_sales(hub: Bench) -> None:
    assert foreseen(hub, STORE, STORE).consequences == ()
