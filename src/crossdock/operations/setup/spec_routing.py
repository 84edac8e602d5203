"""What the declarative file says about routing: the whole list of cards, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crossdock.connectors.errors import SettingsError
from crossdock.domain.filters import Filters
from crossdock.domain.routing import Card, Destination, Region
from crossdock.operations.routing import card_rules, cards
from crossdock.operations.routing.cards import Kept
from crossdock.operations.setup.spec_locations import SpecError
from crossdock.operations.task import Task
from crossdock.store.codec import pack
from crossdock.store.database import Transaction

READ_AS = {True: "ON", False: "NO"}
"""Ontario and Norway, which YAML takes for yes and no where they are not quoted."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_texts(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return [READ_AS[each] if isinstance(each, bool) else each for each in value]


class FiltersSpec(_Form):
    """Which orders are meant: all that are given have to be met, each list by one of its members."""

    channels: tuple[str, ...] = Field((), description="Integrations that orders come from")
    countries: tuple[str, ...] = Field((), description="Two letters each, such as US")
    states: tuple[str, ...] = Field((), description="States or provinces, as orders name them")
    skus: tuple[str, ...] = Field((), description="Master SKUs")
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = Field((), description="An order with one of these tags is not meant")
    methods: tuple[str, ...] = Field((), description="Parts of the shipping method's name")
    min_total: Decimal | None = Field(None, description="In the order's own currency")
    max_total: Decimal | None = None
    min_weight: Decimal | None = Field(None, description="In grams")
    max_weight: Decimal | None = None

    _yes_and_no = field_validator("countries", "states", mode="before")(_as_texts)

    def as_filters(self) -> Filters:
        return Filters(**{name: getattr(self, name) for name in type(self).model_fields})

    @classmethod
    def of(cls, filters: Filters) -> FiltersSpec:
        return cls(**{each.name: getattr(filters, each.name) for each in fields(Filters)})


class RegionSpec(_Form):
    """A country, or some of its states. A country alone may stand for itself."""

    country: str
    states: tuple[str, ...] = Field((), description="As orders name them; empty for the whole country")

    _yes_and_no = field_validator("states", mode="before")(_as_texts)

    @model_validator(mode="before")
    @classmethod
    def _is_country(cls, value: Any) -> Any:
        value = READ_AS[value] if isinstance(value, bool) else value
        return {"country": value} if isinstance(value, str) else value

    @field_validator("country", mode="before")
    @classmethod
    def _yes_or_no(cls, value: Any) -> Any:
        return READ_AS[value] if isinstance(value, bool) else value


class DestinationSpec(_Form):
    """A location by its name, code or id, and where it ships to; no regions means everywhere."""

    location: str
    regions: tuple[RegionSpec, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _is_location(cls, value: Any) -> Any:
        return {"location": value} if isinstance(value, str) else value

    def as_destination(self) -> Destination:
        return Destination(self.location, tuple(Region(each.country, each.states) for each in self.regions))


class CardSpec(_Form):
    """One routing card, under the names that people know its switches by."""

    name: str
    on: bool = True
    filters: FiltersSpec = Field(default_factory=FiltersSpec)
    destinations: tuple[DestinationSpec, ...]
    allow_split: bool = False
    do_not_check_inventory: bool = False
    send_future_orders_immediately: bool = False

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_name(cls, value: Any) -> Any:
        """YAML takes `on` for yes, be it the name of a field."""
        if isinstance(value, dict) and True in value:
            return {("on" if key is True else key): each for key, each in value.items()}
        return value

    def as_card(self) -> Card:
        return Card(
            self.name,
            tuple(each.as_destination() for each in self.destinations),
            self.filters.as_filters(),
            allows_split=self.allow_split,
            ignores_stock=self.do_not_check_inventory,
            sends_future=self.send_future_orders_immediately,
        )


PARTS: dict[str, type[BaseModel]] = {
    "filters": FiltersSpec,
    "destinations": DestinationSpec,
    "regions": RegionSpec,
}
SAID = {
    "allows_split": "allow_split",
    "ignores_stock": "do_not_check_inventory",
    "sends_future": "send_future_orders_immediately",
}
"""Fields of a card as the file calls them, where that is another name."""

Value = tuple[str, str, Any, Any]
"""The card, what of it, what that is, and what it is to be."""


def refuse(wanted: Sequence[CardSpec], integrations: Collection[str]) -> None:
    """Raises SpecError for what cannot be, whatever the hub has."""
    names = [card.name.strip().casefold() for card in wanted]
    if twice := [card.name for card in wanted if names.count(card.name.strip().casefold()) > 1]:
        raise SpecError(f"routing.{twice[0]}: every name may be there once only")
    for card in wanted:
        try:
            found = card_rules.in_form(card.as_card())
            card_rules.require_channels(found.filters.channels, integrations)
        except SettingsError as error:
            raise SpecError(f"routing.{card.name}.{error}") from None


def changes(tx: Transaction, wanted: Sequence[CardSpec], coming: Collection[str]) -> list[Value]:
    """What applying this part changes. `coming` are locations that the same file adds. Raises SpecError."""
    known = {each.card.name.casefold(): each for each in cards.every(tx)}
    kept = {card.name.strip().casefold() for card in wanted}
    found: list[Value] = [
        (each.card.name, "card", "present", "removed") for key, each in known.items() if key not in kept
    ]
    for position, card in enumerate(wanted, start=1):
        after, was = _resolved(tx, card, coming), known.get(card.name.strip().casefold())
        if was is None:
            found.append((after.name, "card", "absent", f"added as number {position}"))
        else:
            found += _differences(was, after, position, is_on=card.on)
    return found


def bring(tx: Transaction, task: Task, wanted: Sequence[CardSpec]) -> None:
    """Have these cards in this order, and no others. Raises SpecError."""
    try:
        cards.replace_all(tx, task, [(card.as_card(), card.on) for card in wanted])
    except SettingsError as error:
        raise SpecError(f"routing.{error}") from None


def _resolved(tx: Transaction, card: CardSpec, coming: Collection[str]) -> Card:
    """The card with its locations by id, or by name where they are still to come."""
    given = card_rules.in_form(card.as_card())
    destinations = []
    for each in given.destinations:
        rows = card_rules.locations_meant(tx, each.location)
        if len(rows) != 1 and (rows or each.location not in coming):
            error = card_rules.no_such_location(tx, each.location, rows)
            raise SpecError(f"routing.{card.name}.{error}")
        destinations.append(Destination(rows[0].id if rows else each.location, each.regions))
    return replace(given, destinations=tuple(destinations))


def _differences(was: Kept, after: Card, position: int, *, is_on: bool) -> list[Value]:
    found: list[Value] = [
        (after.name, SAID.get(name, name), _plain(getattr(was.card, name)), _plain(getattr(after, name)))
        for name in cards.changes(was.card, after)
    ]
    if was.is_on is not is_on:
        found.append((after.name, "on", was.is_on, is_on))
    if was.position != position:
        found.append((after.name, "position", was.position, position))
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | str) else pack(value)
