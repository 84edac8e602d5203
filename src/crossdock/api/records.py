"""Routes about what the hub holds: products, orders, stock, locations and timelines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import After, Limit, LocationForm, OrderQuery, Search
from crossdock.api.problems import documented, not_found
from crossdock.connectors.errors import SettingsError
from crossdock.operations.events import Subject
from crossdock.operations.routing import warehouses
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.stock import location_map, own_locations
from crossdock.operations.stock import locations as places
from crossdock.operations.stock.location_map import LocationMap
from crossdock.operations.task import HUB
from crossdock.operations.views import views
from crossdock.operations.views.views import (
    EventView,
    LocationView,
    MovementView,
    OrderDetail,
    OrderView,
    ProductDetail,
    ProductView,
    Slice,
    Standing,
    StockExplanation,
    StockView,
    Summary,
)
from crossdock.store.codec import pack

router = APIRouter(tags=["Records"], responses=documented(401, 403, 422))


@router.get("/summary", summary="The hub in numbers")
def get_summary(_: Reader, desk: Desk) -> Summary:
    with desk.database.reading() as tx:
        return views.summary(tx)


@router.get("/products", summary="Products by title, with where each stands on every channel")
def list_products(
    _: Reader,
    desk: Desk,
    search: Search = "",
    state: Standing | None = None,
    after: After = "",
    limit: Limit = 50,
) -> Slice[ProductView]:
    with desk.database.reading() as tx:
        return views.products(tx, search=search, state=state or "", after=after, limit=limit)


@router.get(
    "/products/{id_or_sku:path}",
    summary="One product in full, by its id or a SKU",
    response_model_exclude_none=True,
    responses=documented(404),
)
def get_product(_: Reader, desk: Desk, id_or_sku: str) -> ProductDetail:
    """A listing on TikTok Shop has no `channel_sku`: that platform knows a variant by its master SKU only."""
    with desk.database.reading() as tx:
        found = views.product(tx, id_or_sku, desk.hub.rules_of)
    if found is None:
        raise not_found(f"product with the id or SKU {id_or_sku!r}")
    return found


@router.get("/orders", summary="Orders, the newest first, without their buyers")
def list_orders(_: Reader, desk: Desk, query: Annotated[OrderQuery, Query()]) -> Slice[OrderView]:
    with desk.database.reading() as tx:
        return views.orders(tx, query.filters(), after=query.after, limit=query.limit)


@router.get(
    "/orders/{id_or_number:path}",
    summary="One order in full, with its buyer's addresses",
    responses=documented(404),
)
def get_order(_: Reader, desk: Desk, id_or_number: str) -> OrderDetail:
    """`progress` says step by step what the order waits for. An order that was never routed is rehearsed."""
    with desk.database.reading() as tx:
        found = views.order(tx, id_or_number, desk.hub.cipher)
    if found is None:
        raise not_found(f"order with the id or number {id_or_number!r}")
    return found


@router.get("/inventory", summary="Stock per SKU, in total and by location")
def list_inventory(
    _: Reader, desk: Desk, search: Search = "", after: After = "", limit: Limit = 50
) -> Slice[StockView]:
    with desk.database.reading() as tx:
        return views.inventory(tx, search=search, after=after, limit=limit)


@router.get(
    "/inventory/{sku:path}",
    summary="Why each channel is offered its number of a SKU",
    responses=documented(404),
)
def explain_sku(_: Reader, desk: Desk, sku: str) -> StockExplanation:
    with desk.database.reading() as tx:
        found = views.explain_sku(tx, sku, desk.hub.rules_of)
    if found is None:
        raise not_found(f"SKU {sku!r}; SKUs are compared to the letter, spaces and case included")
    return found


@router.get("/ledger", summary="The stock ledger of a SKU, the latest line first")
def list_ledger(
    _: Reader, desk: Desk, sku: Annotated[str, Query(max_length=500)], limit: Limit = 50
) -> list[MovementView]:
    with desk.database.reading() as tx:
        return views.ledger(tx, sku, limit)


@router.get("/locations", summary="Places that hold stock")
def list_locations(_: Reader, desk: Desk) -> list[LocationView]:
    with desk.database.reading() as tx:
        return views.locations(tx)


@router.get(
    "/location-map/{name}",
    summary="Which hub location feeds which warehouse of a channel, and where its orders are taken from",
    responses=documented(404),
)
def get_location_map(_: Reader, desk: Desk, name: str) -> LocationMap:
    """Says of every location what happens to it, those outside the map included."""
    with desk.database.reading() as tx:
        if accounts.get(tx, name) is None:
            raise not_found(f"integration {name!r}")
        owner = accounts.truth(tx).inventory
        return location_map.of_channel(tx, name, desk.hub.rules_of(name), owner=owner)


@router.get("/locations/{location}", summary="One location", responses=documented(404))
def get_location(_: Reader, desk: Desk, location: str) -> LocationView:
    return _location(desk, location)


@router.patch("/locations/{location}", summary="Decide whether a location counts", responses=documented(404))
def change_location(key: Writer, desk: Desk, location: str, form: LocationForm) -> LocationView:
    """Every number that is pushed is looked at again."""
    _location(desk, location)
    values = {name: getattr(form, name) for name in form.model_fields_set if getattr(form, name) is not None}
    _require_known(desk, values.get("excluded_for"))
    if "excluded_for" in values:
        values["excluded_for"] = pack(values["excluded_for"])
    own = {name: values.pop(name) for name in ("name", "code", "is_active", "is_default") if name in values}
    with desk.database.serial() as tx:
        task = desk.task(tx, HUB, actor=key.name)
        warehouses.require(tx, "linked_integration", values.get("linked_integration", ""))
        if own:
            own_locations.change(tx, task, location, **own)
        if values:
            places.change(tx, task, location, **values)
    return _location(desk, location)


def _require_known(desk: ApiDesk, excluded_for: list[str] | None) -> None:
    """A location is excluded for integrations that exist."""
    with desk.database.reading() as tx:
        known = {each.name for each in accounts.every(tx)}
    if unknown := [name for name in excluded_for or () if name not in known]:
        problem = f"there is no integration {unknown[0]!r}; there are: {', '.join(sorted(known))}"
        raise SettingsError("excluded_for", problem)


def _location(desk: ApiDesk, location: str) -> LocationView:
    with desk.database.reading() as tx:
        found = next((view for view in views.locations(tx) if view.id == location), None)
    if found is None:
        raise not_found(f"location with the id {location!r}")
    return found


@router.get("/events", summary="The timeline of one record, the latest line first")
def list_events(
    _: Reader,
    desk: Desk,
    subject_kind: Subject,
    subject_id: Annotated[str, Query(max_length=500)],
    limit: Limit = 50,
) -> list[EventView]:
    with desk.database.reading() as tx:
        return views.events(tx, subject_kind, subject_id, limit)
