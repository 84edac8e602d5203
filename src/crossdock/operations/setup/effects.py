"""What a change of settings would do, said first: what starts and stops, what is created, what has to be confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crossdock.domain.switching import Preview
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import switching
from crossdock.operations.setup.contradictions import OVERRIDES, Flow, Wired
from crossdock.operations.setup.spec_locations import SpecError
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store.database import Transaction

PULL, PUSH = Direction.PULL, Direction.PUSH
STARTS: dict[Flow, str] = {
    (PULL, Entity.PRODUCTS): "Products of {name} become hub products, and follow their changes.",
    (
        PUSH,
        Entity.PRODUCTS,
    ): "Hub products are created and updated on {name}; those it has by SKU are linked.",
    (PULL, Entity.LISTINGS): "What {name} lists is matched by SKU.",
    (
        PUSH,
        Entity.SHIPPING_REQUESTS,
    ): "{name} is told what to ship of the orders that are routed to its locations.",
    (PULL, Entity.SHIPPING_REQUESTS): "What {name} says about shipping requests is read.",
    (PULL, Entity.INVENTORY): "Stock levels of {name} are read into the hub.",
    (PUSH, Entity.INVENTORY): "Stock levels on {name} are set to what the hub has available.",
    (PUSH, Entity.SALES): "Sales made elsewhere lower the stock of {name}.",
    (PULL, Entity.ORDERS): "Orders of {name} are taken in, and what they sell is promised from stock.",
    (PULL, Entity.LOCATIONS): "Locations of {name} become hub locations.",
    (PULL, Entity.CANCELLATIONS): "What buyers on {name} ask to cancel is taken in.",
    (PUSH, Entity.CANCELLATIONS): "Cancellations of the hub are sent to {name}.",
    (PULL, Entity.FULFILLMENTS): "What is recorded as shipped in {name} has left of its orders.",
    (PUSH, Entity.FULFILLMENTS): "{name} is told what was sent and what has left.",
    (PULL, Entity.RETURNS): "Returns and refunds of {name} are shown on their orders.",
    (PUSH, Entity.RETURNS): "What is decided in the hub about returns of {name} is told there.",
    (PULL, Entity.STATEMENTS): "Statements of {name} are shown on their orders.",
    (PUSH, Entity.REFERENCES): "Orders on {name} get the ids that they have elsewhere.",
}
CANCELING: Flow = (PUSH, Entity.CANCELLATIONS)
STOCK_PUSHED: Flow = (PUSH, Entity.INVENTORY)
ANSWERS = "Answers to buyers who ask to cancel are sent to {name}."
"""What pushing cancellations does beside, where buyers' requests are taken in."""
STOPS: dict[Flow, str] = {
    (
        PULL,
        Entity.PRODUCTS,
    ): "Changes of products on {name} no longer reach the hub; products and links stay.",
    (PUSH, Entity.PRODUCTS): "{name} keeps the products that it has; changes no longer reach it.",
    (PULL, Entity.LISTINGS): "What {name} lists is no longer matched; links stay.",
    (PUSH, Entity.SHIPPING_REQUESTS): "{name} is told nothing more; what it has to ship stays with it.",
    (PULL, Entity.SHIPPING_REQUESTS): "What {name} says about shipping requests is no longer read.",
    (PULL, Entity.INVENTORY): "The stock levels of {name} that the hub knows stay as they are and get old.",
    (
        PUSH,
        Entity.INVENTORY,
    ): "{name} keeps the stock levels that it was told last; sales elsewhere no longer lower "
    "them, and it may sell what is not there.",
    (
        PUSH,
        Entity.SALES,
    ): "Sales made elsewhere no longer lower the stock of {name}; those not yet reported wait.",
    (
        PULL,
        Entity.ORDERS,
    ): "New orders of {name}, and changes of those that the hub has, stay outside; what they "
    "sell is not promised from stock.",
    (PULL, Entity.LOCATIONS): "Locations of {name} stay as they were read last.",
    (PULL, Entity.CANCELLATIONS): "What buyers on {name} ask to cancel stays outside.",
    (PUSH, Entity.CANCELLATIONS): "Orders that are canceled in the hub go on on {name}.",
    (PULL, Entity.FULFILLMENTS): "What is recorded as shipped in {name} from now on stays there.",
    (PUSH, Entity.FULFILLMENTS): "{name} is no longer told what was sent and what has left.",
    (PULL, Entity.RETURNS): "Returns and refunds of {name} stay outside.",
    (PUSH, Entity.RETURNS): "Returns of {name} are answered there only.",
    (PULL, Entity.STATEMENTS): "Statements of {name} stay outside.",
    (PUSH, Entity.REFERENCES): "Orders on {name} no longer get the ids that they have elsewhere.",
}


class NeedsConfirmationError(SpecError):
    """A change that has to be confirmed; the message says what it would do."""


@dataclass(frozen=True, slots=True)
class CatalogMove:
    """A catalog that would go a way that it did not go before."""

    source: str
    target: str
    preview: Preview
    unread: tuple[str, ...] = ()
    """Sides that are not connected, of which nothing is known."""

    @property
    def has_products_on_both_sides(self) -> bool:
        found = self.preview
        common = found.linked + len(found.held)
        return common > 0 or (found.only_on_target > 0 and found.created + found.without_sku > 0)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do. What is among `confirmations` is done only when a person confirms it."""

    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    resyncs: tuple[str, ...] = ()
    catalog: tuple[CatalogMove, ...] = ()
    consequences: tuple[str, ...] = ()
    confirmations: tuple[str, ...] = ()

    def refuse_unconfirmed(self) -> None:
        """Raises NeedsConfirmationError where there is something to confirm."""
        if self.confirmations:
            told = " ".join(f"{each}." for each in self.confirmations)
            raise NeedsConfirmationError(
                f"This needs confirmation: {told} Look at the whole effect with a dry run; confirm it to go on"
            )


@dataclass(frozen=True, slots=True)
class Situation:
    """Who owns what, and what every integration does."""

    truth: SourcesOfTruth
    wired: Mapping[str, Wired]

    def ways(self) -> list[tuple[str, str]]:
        """The ways that the catalog goes: from its source to each that it is pushed to."""
        targets = (
            one.name
            for one in self.wired.values()
            if one.runs(PUSH, Entity.PRODUCTS) and (PUSH, Entity.PRODUCTS) not in one.refusals
        )
        return [(self.truth.catalog, name) for name in targets if self.truth.catalog not in ("", name)]


def new_ways(before: Situation, after: Situation) -> list[tuple[str, str]]:
    """Ways that the catalog would go for the first time; of a first decision nothing is new."""
    if not before.truth.catalog:
        return []
    old = before.ways()
    return [way for way in after.ways() if way not in old and way[1] in before.wired]


def effect(tx: Transaction, before: Situation, after: Situation, *, resyncs: Sequence[FlowKey]) -> Effect:
    """Everything that changes as `before` becomes `after`."""
    starts, stops = _difference(before, after), _difference(after, before)
    moves = [_move(tx, source, target, after) for source, target in new_ways(before, after)]
    words = [word.format(name=key.integration) for key in starts for word in _started(key, after)]
    words += [STOPS[key.direction, key.entity].format(name=key.integration) for key in stops]
    words += _cancellations_switched(before, after)
    words += [word for word in _last_units(after) if word not in _last_units(before)]
    return Effect(
        starts=tuple(map(str, starts)),
        stops=tuple(map(str, stops)),
        resyncs=tuple(map(str, resyncs)),
        catalog=tuple(moves),
        consequences=tuple(_of_owners(before.truth, after.truth) + words),
        confirmations=tuple(_owners_changed(before.truth, after.truth) + _moves_told(moves)),
    )


def _difference(without: Situation, with_: Situation) -> list[FlowKey]:
    """Flows that run in the one situation and not in the other."""
    return [
        FlowKey(name, Direction(direction), entity)
        for name, one in with_.wired.items()
        for (direction, entity), is_on in one.flows.items()
        # What is pushed is looked at again without anybody having to know.
        if entity is not Entity.DRIFT
        and is_on
        and (direction, entity) not in one.refusals
        and not _runs(without, name, (direction, entity))
    ]


def _runs(situation: Situation, name: str, flow: Flow) -> bool:
    one = situation.wired.get(name)
    return one is not None and one.flows.get(flow, False) and flow not in one.refusals


def _started(key: FlowKey, after: Situation) -> list[str]:
    """Cancellations are pushed where orders may be canceled, where buyers ask for it, or both."""
    flow, one = (key.direction, key.entity), after.wired[key.integration]
    if flow != (PUSH, Entity.CANCELLATIONS) or not one.runs(PULL, Entity.CANCELLATIONS):
        return [STARTS[flow]]
    return [STARTS[flow], ANSWERS] if one.rules.pushes_cancellations else [ANSWERS]


def _cancellations_switched(before: Situation, after: Situation) -> list[str]:
    """Where they go along with answers to buyers, no flow starts or stops with them."""
    both = [
        (was, one)
        for name, one in after.wired.items()
        if (was := before.wired.get(name)) and all(_runs(each, name, CANCELING) for each in (before, after))
    ]
    return [
        STARTS[CANCELING].format(name=one.name)
        if one.rules.pushes_cancellations
        else f"Cancellations of the hub are not sent to {one.name} any more."
        for was, one in both
        if was.rules.pushes_cancellations != one.rules.pushes_cancellations
    ]


def _last_units(situation: Situation) -> list[str]:
    """What guards of the last units do not prevent, where all channels sell from the hub's stock."""
    pushing = [one for one in situation.wired.values() if _runs(situation, one.name, STOCK_PUSHED)]
    guarded = [one for one in pushing if one.rules.last_units_below]
    if situation.truth.inventory != HUB or len(pushing) < 2 or not guarded:
        return []
    if bare := sorted(one.name for one in pushing if one not in guarded):
        return [
            f"Without a last-units guard on {', '.join(bare)} as well, the same last units can be sold twice."
        ]
    total = sum(one.rules.last_units_share for one in guarded)
    if total <= 100:
        return []
    shares = ", ".join(f"{one.rules.last_units_share} % on {one.name}" for one in guarded)
    return [
        f"Together the channels offer {total} % of the last units of a SKU ({shares}), so that some of them can be sold "
        "twice; let the shares add up to 100 % at most."
    ]


def _move(tx: Transaction, source: str, target: str, after: Situation) -> CatalogMove:
    scopes = [after.wired[name].rules.product_skus for name in (source, target) if name in after.wired]
    lists = [scope for scope in scopes if scope]
    scope = frozenset.intersection(*lists) if lists else frozenset[str]()
    unread = tuple(name for name in (source, target) if not switching.is_read(tx, name))
    if lists and not scope:  # two lists without a SKU in common let nothing through
        return CatalogMove(source, target, Preview(), unread)
    return CatalogMove(
        source, target, switching.preview(tx, source=source, target=target, scope=scope), unread
    )


def _of_owners(before: SourcesOfTruth, after: SourcesOfTruth) -> list[str]:
    words = []
    if before.catalog != after.catalog:
        words.append(f"From now on {after.catalog} says what products are like.")
    if before.inventory != after.inventory:
        words.append(
            f"From now on the stock levels of {after.inventory} are what all channels may sell from; "
            "orders that are open stay promised."
        )
        words += _of_sales(before.inventory, after.inventory)
    return words + [f"{OVERRIDES[name]}." for name in after.overrides if name not in before.overrides]


def _of_sales(former: str, owner: str) -> list[str]:
    """What an owner has to be told of, or no longer is; of a first decision there is nothing to say."""
    words = []
    if former and owner != HUB:
        words.append(
            f"Sales made elsewhere that are not shipped yet are reported to {owner}, which lowers its stock, unless its "
            "number is known to be net of them; lower it for none of them by hand."
        )
    if former not in ("", HUB):
        words.append(f"Sales that {former} was not told of yet are no longer reported to it.")
    return words


def _owners_changed(before: SourcesOfTruth, after: SourcesOfTruth) -> list[str]:
    return [
        f"The source of truth for {what} changes from {old} to {new}"
        for what, old, new in (
            ("the catalog", before.catalog, after.catalog),
            ("inventory", before.inventory, after.inventory),
        )
        if old and old != new
    ]


def _moves_told(moves: Sequence[CatalogMove]) -> list[str]:
    return [
        f"The catalog would go from {each.source} to {each.target} and both have products: "
        f"{each.preview.linked} products would be linked, {each.preview.created} created and "
        f"{len(each.preview.held)} SKUs held back in doubt; duplicates can arise where SKUs differ"
        for each in moves
        if each.has_products_on_both_sides
    ]
