"""What cannot be set at the same time: each contradiction is refused with its reason, some unless knowingly overridden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crossdock.connectors.contract import Rules
from crossdock.domain.sync import Direction, Entity
from crossdock.operations.setup.spec_locations import SpecError
from crossdock.operations.task import HUB, SourcesOfTruth

INVENTORY_RACE = "inventory-race"
UNDECIDED_SOURCES = "undecided-sources"
OVERRIDES: dict[str, str] = {
    INVENTORY_RACE: "Stock is written in both directions. This is a race condition: of two changes at the same moment "
    "the later write wins, so that sales get lost and goods are sold that are not there",
    UNDECIDED_SOURCES: "Flows run although nobody said who owns catalog and inventory: products of several platforms "
    "mix, and no platform is told a stock level",
}
"""What a person may knowingly override, by name, and the risk that is taken with it."""

BOTH_AT_ONCE = "A file that says both changes them in one step"

Flow = tuple[str, Entity]


@dataclass(frozen=True, slots=True)
class Wired:
    """An integration as its settings have it: what would run, and what its account refuses."""

    name: str
    title: str
    flows: Mapping[Flow, bool]
    refusals: Mapping[Flow, str] = field(default_factory=dict)
    chosen: Mapping[Entity, str] = field(default_factory=dict)
    """The label of what is chosen in the setting of that entity."""
    rules: Rules = field(default_factory=Rules)

    @property
    def is_warehouse(self) -> bool:
        """Whether it is told what to ship."""
        return (Direction.PUSH, Entity.SHIPPING_REQUESTS) in self.flows

    def runs(self, direction: Direction, entity: Entity) -> bool:
        return self.flows.get((direction, entity), False)

    def setting(self, entity: Entity) -> str:
        """The place of the setting that decides about this entity."""
        return f"integrations.{self.name}.settings.{entity}"

    def said(self, entity: Entity) -> str:
        return f"{self.chosen.get(entity, 'this')!r}"


def refuse(wired: Sequence[Wired], truth: SourcesOfTruth) -> None:
    """Raises SpecError for the first contradiction, naming its place, the reason and the way out."""
    _refuse_unable_owners(wired, truth)
    _refuse_undecided(wired, truth)
    _refuse_two_catalogs(wired, truth)
    _refuse_counts_beside_an_owner(wired, truth)
    if INVENTORY_RACE not in truth.overrides:
        _refuse_stock_races(wired, truth)


def refuse_impossible(before: Mapping[str, Wired], after: Sequence[Wired]) -> None:
    """Raises SpecError for a flow that would be turned on and that the account, as far as it is known, forbids."""
    for one in after:
        old = before.get(one.name)
        for (direction, entity), why in one.refusals.items():
            is_new = old is None or not old.flows.get((direction, entity), False)
            if is_new and one.flows.get((direction, entity), False):
                raise SpecError(f"{one.setting(entity)}: {one.said(entity)} is not possible. {why}")


def _refuse_unable_owners(wired: Sequence[Wired], truth: SourcesOfTruth) -> None:
    by_name = {one.name: one for one in wired}
    for what, owner, entity in (
        ("catalog", truth.catalog, Entity.PRODUCTS),
        ("inventory", truth.inventory, Entity.INVENTORY),
    ):
        if not owner or owner == HUB:
            continue
        if owner not in by_name:
            names = ", ".join(sorted([*by_name, HUB]))
            raise SpecError(f"sources_of_truth.{what}: {owner!r} is no integration; there are {names}")
        if by_name[owner].is_warehouse:
            raise SpecError(
                f"sources_of_truth.{what}: {owner} is a warehouse, which owns nothing. Record {HUB}, and link a "
                f"location of the hub to it: its counts are taken there"
            )
        if (Direction.PULL, entity) not in by_name[owner].flows:
            raise SpecError(
                f"sources_of_truth.{what}: {owner} cannot own it, since the hub only writes {what} to "
                f"{by_name[owner].title} and never takes it from there. Name another integration, or {HUB}"
            )


def _refuse_undecided(wired: Sequence[Wired], truth: SourcesOfTruth) -> None:
    missing = " and ".join(what for what in ("catalog", "inventory") if not getattr(truth, what))
    # What is to be shipped is told to a warehouse whoever owns the goods.
    on = [
        one.name
        for one in wired
        if any(is_on for (_, entity), is_on in one.flows.items() if entity is not Entity.SHIPPING_REQUESTS)
    ]
    if missing and on and UNDECIDED_SOURCES not in truth.overrides:
        raise SpecError(
            f"sources_of_truth: say which integration owns {missing} before anything of {on[0]} is synced. "
            f"{_override(UNDECIDED_SOURCES)}"
        )


def _refuse_two_catalogs(wired: Sequence[Wired], truth: SourcesOfTruth) -> None:
    pulling = [one for one in wired if one.runs(Direction.PULL, Entity.PRODUCTS)]
    if len(pulling) > 1 and truth.catalog not in (one.name for one in pulling):
        first, second = pulling[:2]
        raise SpecError(
            f"{second.setting(Entity.PRODUCTS)}: {second.said(Entity.PRODUCTS)} and "
            f"{first.said(Entity.PRODUCTS)} contradict each other: a catalog has one source. Disable one of them"
        )
    for one in wired:
        if not truth.catalog:
            continue
        if one.runs(Direction.PULL, Entity.PRODUCTS) and one.name != truth.catalog:
            raise SpecError(
                f"{one.setting(Entity.PRODUCTS)}: {one.said(Entity.PRODUCTS)} contradicts the source of truth: "
                f"{truth.catalog} owns the catalog, and a catalog has one source. Push to {one.name} or disable "
                f"its catalog, or record {one.name} as sources_of_truth.catalog. {BOTH_AT_ONCE}"
            )
        if one.runs(Direction.PUSH, Entity.PRODUCTS) and one.name == truth.catalog:
            raise SpecError(
                f"{one.setting(Entity.PRODUCTS)}: {one.said(Entity.PRODUCTS)} contradicts the source of truth: "
                f"{one.name} owns the catalog, so there is no other to push to it. Record another owner as "
                f"sources_of_truth.catalog, such as {HUB}, or choose another direction. {BOTH_AT_ONCE}"
            )


def _refuse_counts_beside_an_owner(wired: Sequence[Wired], truth: SourcesOfTruth) -> None:
    """A warehouse counts shelves of the hub; where somebody else owns stock there are none."""
    for one in wired:
        if (
            one.is_warehouse
            and one.runs(Direction.PULL, Entity.INVENTORY)
            and truth.inventory not in ("", HUB)
        ):
            raise SpecError(
                f"{one.setting(Entity.INVENTORY)}: {one.title} can count stock only where the hub owns it, and "
                f"{truth.inventory} does. Record {HUB} as sources_of_truth.inventory, or leave this off"
            )


def _refuse_stock_races(wired: Sequence[Wired], truth: SourcesOfTruth) -> None:
    if not truth.inventory:
        return
    for one in (each for each in wired if not each.is_warehouse):
        pulls = one.runs(Direction.PULL, Entity.INVENTORY) and one.name != truth.inventory
        pushes = one.runs(Direction.PUSH, Entity.INVENTORY) and one.name == truth.inventory
        if pulls or pushes:
            raise SpecError(
                f"{one.setting(Entity.INVENTORY)}: {one.said(Entity.INVENTORY)} contradicts the source of truth: "
                f"{truth.inventory} owns inventory, and it has one direction. {_override(INVENTORY_RACE)}"
            )


def _override(name: str) -> str:
    return f"To do it all the same, add {name} to sources_of_truth.overrides; the risk: {OVERRIDES[name]}"
