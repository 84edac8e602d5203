"""Routes about routing: the cards, rehearsals of past and made-up orders, and what the cards cover."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import Desk
from crossdock.api.problems import documented, not_found
from crossdock.domain.routing import Card
from crossdock.operations.routing import card_views, cards, coverage, rehearsal
from crossdock.operations.routing.card_views import CardView
from crossdock.operations.routing.cards import Kept
from crossdock.operations.routing.coverage import MOST_DAYS, Coverage
from crossdock.operations.routing.rehearsal import Rehearsal, Sample
from crossdock.operations.setup.spec_routing import DestinationSpec, FiltersSpec
from crossdock.operations.task import HUB
from crossdock.operations.views import views
from crossdock.store.database import Transaction

router = APIRouter(prefix="/routing", tags=["Routing"], responses=documented(401, 403, 422))

EXAMPLE: dict[str, Any] = {
    "name": "Texas from the annex",
    "filters": {"countries": ["US"], "states": ["Texas"]},
    "destinations": [{"location": "Annex", "regions": [{"country": "US", "states": ["Texas"]}]}],
    "allows_split": True,
}


class CardForm(BaseModel):
    """A routing card. Its locations are given by id, code or name, the preferred one first."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": EXAMPLE})

    name: str = Field(description="Unique, whatever the case")
    is_on: bool = True
    filters: FiltersSpec = Field(default_factory=FiltersSpec)
    destinations: list[DestinationSpec] = Field(min_length=1)
    allows_split: bool = Field(False, description="Whether several locations may share an order")
    ignores_stock: bool = Field(False, description="Whether inventory is not checked")
    sends_future: bool = Field(False, description="Whether stock that is still to come counts")
    position: int | None = Field(
        None, description="When it is tried, from 1 on; after all others if left out"
    )


class CardChange(BaseModel):
    """What is changed of a card; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"ignores_stock": True}}
    )

    name: str | None = None
    is_on: bool | None = None
    filters: FiltersSpec | None = Field(None, description="All of them: they replace those that are there")
    destinations: list[DestinationSpec] | None = Field(None, description="All of them")
    allows_split: bool | None = None
    ignores_stock: bool | None = None
    sends_future: bool | None = None


class MoveForm(BaseModel):
    """When a card is to be tried."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": {"position": 1}})

    position: int = Field(description="From 1 on")


class RehearsalForm(BaseModel):
    """A past order, by its id or number, or one that is made up of the other fields."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"channel": "my-shop", "country": "US", "lines": {"TEA-1": 2}}},
    )

    order: str = Field("", max_length=200)
    channel: str = Field("", description="The integration that it would come from")
    country: str = Field("", description="Two letters, such as US")
    state: str = ""
    lines: dict[str, int] = Field(default_factory=dict, description="Units by master SKU")
    total: Decimal = Decimal(0)
    currency: str = ""
    tags: list[str] = Field(default_factory=list)
    method: str = Field("", description="Its shipping method")
    weight: Decimal | None = Field(None, description="In grams; that of its variants if left out")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> RehearsalForm:
        if self.order and self.model_fields_set != {"order"}:
            raise ValueError("give a past order, or the fields of a made-up one, not both")
        if not self.order and not self.country:
            raise ValueError("give a past order, or the country and lines of a made-up one")
        return self

    def as_sample(self) -> Sample:
        values = self.model_dump(exclude={"order", "lines", "tags"})
        return Sample(**values, units=self.lines, tags=tuple(self.tags))


@router.get("/cards", summary="All routing cards, in the order in which they are tried")
def list_routing_cards(_: Reader, desk: Desk) -> list[CardView]:
    with desk.database.reading() as tx:
        return card_views.every(tx)


@router.get("/cards/{card}", summary="One routing card, by its id or name", responses=documented(404))
def get_routing_card(_: Reader, desk: Desk, card: str) -> CardView:
    with desk.database.reading() as tx:
        return card_views.of(tx, _card(tx, card))


@router.post("/cards", status_code=201, summary="Add a routing card")
def add_routing_card(key: Writer, desk: Desk, form: CardForm) -> CardView:
    """Orders that no card took are tried again, as after every change of a card."""
    wanted = Card(
        form.name,
        tuple(each.as_destination() for each in form.destinations),
        form.filters.as_filters(),
        allows_split=form.allows_split,
        ignores_stock=form.ignores_stock,
        sends_future=form.sends_future,
    )
    with desk.database.serial() as tx:
        task = desk.task(tx, HUB, actor=key.name)
        made = cards.add(tx, task, wanted, is_on=form.is_on, position=form.position)
        return card_views.of(tx, made)


@router.patch("/cards/{card}", summary="Change a routing card", responses=documented(404))
def change_routing_card(key: Writer, desk: Desk, card: str, form: CardChange) -> CardView:
    values: dict[str, Any] = {
        name: value
        for name in ("name", "allows_split", "ignores_stock", "sends_future")
        if (value := getattr(form, name)) is not None
    }
    if form.filters is not None:
        values["filters"] = form.filters.as_filters()
    if form.destinations is not None:
        values["destinations"] = tuple(each.as_destination() for each in form.destinations)
    with desk.database.serial() as tx:
        was = _card(tx, card)
        is_on = was.is_on if form.is_on is None else form.is_on
        task, wanted = desk.task(tx, HUB, actor=key.name), replace(was.card, **values)
        return card_views.of(tx, cards.change(tx, task, was.card.name, wanted, is_on=is_on))


@router.post(
    "/cards/{card}/move", summary="Have a routing card tried sooner or later", responses=documented(404)
)
def move_routing_card(key: Writer, desk: Desk, card: str, form: MoveForm) -> list[CardView]:
    with desk.database.serial() as tx:
        was = _card(tx, card)
        cards.move(tx, desk.task(tx, HUB, actor=key.name), was.card.name, form.position)
        return card_views.every(tx)


@router.delete("/cards/{card}", status_code=204, summary="Remove a routing card", responses=documented(404))
def remove_routing_card(key: Writer, desk: Desk, card: str) -> Response:
    with desk.database.serial() as tx:
        was = _card(tx, card)
        cards.remove(tx, desk.task(tx, HUB, actor=key.name), was.card.name)
    return Response(status_code=204)


@router.post(
    "/rehearsals",
    summary="Where an order would go today, and why every other card and location would not get it",
    responses=documented(404),
)
def rehearse_routing(_: Reader, desk: Desk, form: RehearsalForm) -> Rehearsal:
    """Nothing is changed. A past order is taken as if nothing of it had been requested or shipped."""
    with desk.database.reading() as tx:
        task = desk.task(tx, HUB)
        if not form.order:
            return rehearsal.of_sample(tx, task, form.as_sample())
        shown = views.order_to_change(tx, form.order)
        found = rehearsal.of_order(tx, task, shown.id) if shown is not None else None
    if found is None:
        raise not_found(f"order with the id or number {form.order!r}")
    return found


@router.get("/coverage", summary="What the routing cards cover of the orders of the past days")
def get_routing_coverage(
    _: Reader,
    desk: Desk,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS, description="How many days back")] = 30,
) -> Coverage:
    with desk.database.reading() as tx:
        return coverage.report(tx, desk.task(tx, HUB), days=days)


def _card(tx: Transaction, card: str) -> Kept:
    if (found := cards.find(tx, card)) is None:
        raise not_found(f"routing card with the id or name {card!r}")
    return found
