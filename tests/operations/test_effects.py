"""What a change of settings would do is said beforehand."""

from __future__ import annotations

import pytest

from crossdock.connectors.contract import Rules
from crossdock.domain.sync import Entity
from crossdock.operations.setup import effects
from crossdock.operations.setup.contradictions import Wired
from crossdock.operations.setup.effects import Effect, Situation
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


@pytest.mark.parametrize(
    ("has_requests", "cancels", "cancellations", "answers"),
    [(False, True, 1, 0), (True, False, 0, 1), (True, True, 1, 1)],
)
def test_answers_to_buyers_are_spoken_of_only_where_buyers_ask(
    hub: Bench, has_requests: bool, cancels: bool, cancellations: int, answers: int
) -> None:
    truth, push, pull = SourcesOfTruth(), ("push", Entity.CANCELLATIONS), ("pull", Entity.CANCELLATIONS)
    flows = {push: True} | ({pull: True} if has_requests else {})
    one = Wired(STORE, "A store", flows, rules=Rules(pushes_cancellations=cancels))
    with hub.database.reading() as tx:
        words = effects.effect(
            tx, Situation(truth, {}), Situation(truth, {STORE: one}), resyncs=[]
        ).consequences

    assert sum(word.startswith("Cancellations of the hub") for word in words) == cancellations
    assert sum("nswers to buyers" in word for word in words) == answers


@pytest.mark.parametrize(("cancels", "said"), [(True, "are sent to"), (False, "are not sent to")])
def test_telling_cancellations_is_spoken_of_where_its_flow_runs_already(
    hub: Bench, cancels: bool, said: str
) -> None:
    flows = {("push", Entity.CANCELLATIONS): True, ("pull", Entity.CANCELLATIONS): True}
    was, one = (
        Situation(
            SourcesOfTruth(), {SHOP: Wired(SHOP, "A shop", flows, rules=Rules(pushes_cancellations=on))}
        )
        for on in (not cancels, cancels)
    )
    with hub.database.reading() as tx:
        words = effects.effect(tx, was, one, resyncs=[]).consequences
        unchanged = effects.effect(tx, one, one, resyncs=[]).consequences

    assert [said in word for word in words] == [True]
    assert unchanged == ()


def test_where_stock_keeps_its_owner_nothing_is_said_of_sales(hub: Bench) -> None:
    assert foreseen(hub, STORE, STORE).consequences == ()


def guarded(owner: str, **rules: Rules) -> Situation:
    flows = {("push", Entity.INVENTORY): True}
    wired = {name: Wired(name, "A channel", flows, rules=each) for name, each in rules.items()}
    return Situation(SourcesOfTruth(STORE, owner), wired)


@pytest.mark.parametrize(
    ("shares", "owner", "said"),
    [
        ((50, 51), HUB, "offer 101 % of the last units of a SKU (50 % on store, 51 % on shop)"),
        ((50, 50), HUB, ""),
        ((0, 100), HUB, ""),
        ((50, None), HUB, "Without a last-units guard on shop as well"),
        ((None, None), HUB, ""),
        ((100, 100), STORE, ""),
    ],
)
def test_shares_of_the_last_units_that_promise_too_much_are_noted_once(
    hub: Bench, shares: tuple[int | None, int | None], owner: str, said: str
) -> None:
    rules = [
        Rules() if share is None else Rules(last_units_below=5, last_units_share=share) for share in shares
    ]
    was, one = (
        guarded(owner, store=Rules(), shop=Rules()),
        guarded(owner, store=rules[0], shop=rules[1]),
    )
    with hub.database.reading() as tx:
        words = effects.effect(tx, was, one, resyncs=[]).consequences
        unchanged = effects.effect(tx, one, one, resyncs=[]).consequences

    assert [said in word for word in words] == [True] * bool(said)
    assert unchanged == ()
