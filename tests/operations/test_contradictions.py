"""What cannot be set at the same time is refused with its place, its reason and the way out."""

from __future__ import annotations

import pytest

from crossdock.connectors.contract import Rules
from crossdock.domain.sync import Direction, Entity
from crossdock.operations.setup.contradictions import (
    INVENTORY_RACE,
    OVERRIDES,
    UNDECIDED_SOURCES,
    Wired,
    refuse,
    refuse_impossible,
)
from crossdock.operations.setup.effects import Situation, new_ways
from crossdock.operations.setup.spec_locations import SpecError
from crossdock.operations.task import SourcesOfTruth

PULL, PUSH = Direction.PULL, Direction.PUSH
PRODUCTS, INVENTORY = Entity.PRODUCTS, Entity.INVENTORY
POSSIBLE = [(PULL, PRODUCTS), (PUSH, PRODUCTS), (PULL, INVENTORY), (PUSH, INVENTORY)]


def one(name: str, *on: tuple[Direction, Entity], **more: str) -> Wired:
    return Wired(
        name,
        name.title(),
        {flow: flow in on for flow in POSSIBLE},
        refusals=dict.fromkeys(on, more["refusal"]) if more else {},
        chosen={PRODUCTS: "Push it", INVENTORY: "Push it"},
        rules=Rules(),
    )


def truth(catalog: str = "a", inventory: str = "a", *overrides: str) -> SourcesOfTruth:
    return SourcesOfTruth(catalog, inventory, overrides)


def why(wired: list[Wired], sources: SourcesOfTruth) -> str:
    with pytest.raises(SpecError) as refused:
        refuse(wired, sources)
    return str(refused.value)


def test_a_hub_whose_flows_all_go_from_the_owner_to_the_others_contradicts_nothing() -> None:
    refuse(
        [one("a", (PULL, PRODUCTS), (PULL, INVENTORY)), one("b", (PUSH, PRODUCTS), (PUSH, INVENTORY))],
        truth(),
    )


def test_the_hub_may_own_both_and_push_to_everybody() -> None:
    everywhere = [one(name, (PUSH, PRODUCTS), (PUSH, INVENTORY)) for name in ("a", "b")]

    refuse(everywhere, truth("hub", "hub"))


def test_pushing_to_all_platforms_leaves_no_source_among_them() -> None:
    said = why([one(name, (PUSH, PRODUCTS)) for name in ("a", "b")], truth())

    assert said.startswith("integrations.a.settings.products: 'Push it' contradicts the source of truth")
    assert "a owns the catalog" in said


def test_two_catalog_sources_contradict_each_other_even_while_no_owner_is_decided() -> None:
    pulling = [one(name, (PULL, PRODUCTS)) for name in ("a", "b")]

    said = why(pulling, truth("", "", UNDECIDED_SOURCES))

    assert said.startswith("integrations.b.settings.products: ")
    assert "a catalog has one source" in said


@pytest.mark.parametrize(("name", "flow"), [("b", (PULL, INVENTORY)), ("a", (PUSH, INVENTORY))])
def test_stock_against_its_direction_names_the_race_and_runs_only_when_that_is_accepted(
    name: str, flow: tuple[Direction, Entity]
) -> None:
    wired = [one(each, *([flow] if each == name else [])) for each in ("a", "b")]

    said = why(wired, truth())
    refuse(wired, truth("a", "a", INVENTORY_RACE))

    assert OVERRIDES[INVENTORY_RACE] in said
    assert said.startswith(f"integrations.{name}.settings.inventory: ")


def test_the_override_of_one_contradiction_permits_no_other() -> None:
    both = [one("a", (PUSH, PRODUCTS), (PUSH, INVENTORY)), one("b")]

    assert "owns the catalog" in why(both, truth("a", "a", INVENTORY_RACE))
    assert "owns inventory" in why([one("a", (PUSH, INVENTORY))], truth("a", "a", UNDECIDED_SOURCES))


@pytest.mark.parametrize(
    ("sources", "missing"),
    [(truth("", ""), "catalog and inventory"), (truth("a", ""), "inventory"), (truth("", "a"), "catalog")],
)
def test_nothing_runs_before_both_owners_are_decided(sources: SourcesOfTruth, missing: str) -> None:
    running, still = [one("a", (PULL, PRODUCTS))], [one("a")]

    assert f"which integration owns {missing} before" in why(running, sources)
    refuse(still, sources)


def test_an_owner_has_to_be_there_and_to_be_one_that_the_hub_reads_from() -> None:
    written_only = Wired("b", "B", {(PUSH, INVENTORY): True})

    assert "'c' is no integration; there are a, b, hub" in why([one("a"), one("b")], truth("c"))
    assert "b cannot own it" in why([one("a"), written_only], truth("a", "b"))


def test_what_the_account_forbids_is_refused_when_it_is_turned_on_and_not_for_being_on() -> None:
    off, on = one("b"), one("b", (PUSH, PRODUCTS), refusal="The shop is in the region DE")

    with pytest.raises(SpecError, match=r"'Push it' is not possible\. The shop is in the region DE"):
        refuse_impossible({"b": off}, [on])
    refuse_impossible({"b": on}, [on])


def test_a_first_decision_changes_no_direction_and_a_later_one_does() -> None:
    before = Situation(truth("", ""), {"a": one("a"), "b": one("b")})
    pushing = Situation(truth("a"), {"a": one("a", (PULL, PRODUCTS)), "b": one("b", (PUSH, PRODUCTS))})
    turned = Situation(truth("b"), {"a": one("a", (PUSH, PRODUCTS)), "b": one("b", (PULL, PRODUCTS))})

    assert new_ways(before, pushing) == []
    assert new_ways(pushing, pushing) == []
    assert new_ways(pushing, turned) == [("b", "a")]


def warehouse(*on: tuple[Direction, Entity]) -> Wired:
    flows = [(PUSH, Entity.SHIPPING_REQUESTS), (PULL, INVENTORY)]
    return Wired("wms", "Warehouse", {flow: flow in on for flow in flows}, rules=Rules())


def test_a_warehouse_owns_nothing() -> None:
    assert "wms is a warehouse, which owns nothing" in why([warehouse()], truth("hub", "wms"))


def test_a_warehouse_counts_where_the_hub_owns_stock_and_nowhere_else() -> None:
    counting = warehouse((PULL, INVENTORY))
    owner = one("a", (PULL, PRODUCTS), (PULL, INVENTORY))
    refuse([counting], truth("hub", "hub"))

    assert "Warehouse can count stock only where the hub owns it, and a does" in why(
        [owner, counting], truth()
    )
    assert "can count stock only" in why([owner, counting], truth("a", "a", INVENTORY_RACE))
