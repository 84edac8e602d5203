"""Routes about stock that people decide: counts, files, locations of the hub's own, bundles, and previews."""

from __future__ import annotations

import io
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import After, DryRun, Limit, Search
from crossdock.api.problems import FieldProblem, ProblemError, documented, not_found
from crossdock.domain.channel import Address
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.catalog import bundles
from crossdock.operations.catalog.bundles import ComponentView
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.stock import offering as stock
from crossdock.operations.stock import own_locations, own_stock, stock_file
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.stock.stock_file import FileError, Imported
from crossdock.operations.task import HUB
from crossdock.operations.views import views
from crossdock.operations.views.views import LevelView, LocationView, PreviewRow, Slice

router = APIRouter(tags=["Records"], responses=documented(401, 403, 422))


class RecordForm(BaseModel):
    """What a person sets on one SKU at one location; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"on_hand": 12, "reason": "Counted on Friday"}},
    )

    on_hand: int | None = Field(None, description="A count: so many units are there")
    receive: int | None = Field(None, description="Units that came in; negative for units that went")
    unavailable: int | None = Field(None, description="Units that may not be sold, such as damaged ones")
    buffer: int | None = Field(None, description="Units of this record held back from every channel")
    future: int | None = None
    committed_future: int | None = None
    inbound: int | None = None
    is_locked: bool | None = Field(None, description="Whether readings leave the record as it is")
    reason: str = Field("", max_length=500)


@router.put(
    "/inventory/{sku:path}/locations/{location}",
    summary="Count a SKU at a location, or set its buffer, lock and future units",
)
def set_record(key: Writer, desk: Desk, sku: str, location: str, form: RecordForm) -> LevelView:
    """`location` is the id, code or name. A platform's own number is changed there, or locked here first."""
    with desk.database.serial() as tx:
        task = desk.task(tx, HUB, actor=key.name)
        own_stock.change(tx, task, sku, location, RecordChange(**form.model_dump()))
        place = own_stock.find_location(tx, task, location)
        variant = own_stock.counted_variant(tx, sku)
        found = next(
            each for each in views.levels_of(tx, [variant.id])[variant.id] if each.location_id == place.id
        )
    _wake_pushes(desk)
    return found


@router.post(
    "/inventory/import",
    summary="Take in a CSV file of counts: bad rows are reported, the rest is taken",
    responses=documented(413),
)
def import_stock(
    key: Writer,
    desk: Desk,
    content: Annotated[
        bytes, Body(media_type="text/csv", description="UTF-8, with the columns sku, location, on_hand")
    ],
    dry_run: DryRun = False,
) -> Imported:
    try:
        lines = io.StringIO(content.decode("utf-8-sig"), newline="")
        done = stock_file.take_file(
            desk.database, lambda tx: desk.task(tx, HUB, actor=key.name), lines, is_dry_run=dry_run
        )
    except (FileError, UnicodeDecodeError) as error:
        said = str(error) if isinstance(error, FileError) else "The file has to be UTF-8"
        raise ProblemError(422, said, errors=[FieldProblem(field="content", problem=said)]) from None
    if not dry_run:
        _wake_pushes(desk)
    return done


@router.get(
    "/integrations/{name}/inventory-preview",
    summary="The totals that an integration would receive now",
    responses=documented(404),
)
def preview_inventory(  # these are the filters of a list
    _: Reader, desk: Desk, name: str, search: Search = "", after: After = "", limit: Limit = 50
) -> Slice[PreviewRow]:
    with desk.database.reading() as tx:
        is_known = accounts.get(tx, name) is not None
    if not is_known:
        raise not_found(f"integration {name!r}")
    rules = desk.hub.rules_of(name)
    with desk.database.reading() as tx:
        on = stock.channel(tx, name, rules)
        return views.preview(tx, on, search=search, after=after, limit=limit)


class NewLocation(BaseModel):
    """A warehouse of the hub's own, whose stock people and files count."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"name": "Main warehouse", "code": "MAIN"}}
    )

    name: str
    code: str = ""
    address: Address | None = None
    is_default: bool = False


@router.post("/locations", status_code=201, summary="Add a location of the hub's own")
def add_location(key: Writer, desk: Desk, form: NewLocation) -> LocationView:
    with desk.database.serial() as tx:
        wanted = OwnLocation(form.name, form.code, form.address, form.is_default)
        added = own_locations.add(tx, desk.task(tx, HUB, actor=key.name), wanted)
        return next(each for each in views.locations(tx) if each.id == added)


class ComponentsForm(BaseModel):
    """What one bundle is put together from; none makes it a plain product again."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"components": {"MUG-1": 2, "LID-1": 1}}}
    )

    components: dict[str, int] = Field(description="Master SKU → how many of it")


@router.get("/products/{sku:path}/components", summary="The components of a bundle, by its SKU")
def get_components(_: Reader, desk: Desk, sku: str) -> list[ComponentView]:
    with desk.database.reading() as tx:
        return bundles.components(tx, sku)


@router.put("/products/{sku:path}/components", summary="Say what a bundle is put together from")
def set_components(key: Writer, desk: Desk, sku: str, form: ComponentsForm) -> list[ComponentView]:
    """They count where the hub itself owns stock; a platform that does counts its bundles itself."""
    with desk.database.serial() as tx:
        bundles.set_components(tx, desk.task(tx, HUB, actor=key.name), sku, form.components)
        found = bundles.components(tx, sku)
    _wake_pushes(desk)
    return found


def _wake_pushes(desk: ApiDesk) -> None:
    with desk.database.reading() as tx:
        dirty = publishing.dirty_flows(tx)
    for name, entity in dirty:
        desk.wake(FlowKey(name, Direction.PUSH, Entity(entity)))
