"""Routes by which programs and people give the hub products of its own."""

from __future__ import annotations

import io
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from crossdock.api.access import Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import DryRun
from crossdock.api.problems import FieldProblem, ProblemError, documented, not_found
from crossdock.domain.channel import Option
from crossdock.domain.own_catalog import CLEAR, Fault, FaultyError, ProductEntry, VariantEntry
from crossdock.domain.product_csv import HeaderError
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.catalog import own_products, product_files
from crossdock.operations.catalog.own_products import Became, NotOursError
from crossdock.operations.catalog.product_files import Report
from crossdock.operations.task import HUB
from crossdock.store.database import Transaction

router = APIRouter(tags=["Records"], responses=documented(401, 403, 422))


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class VariantForm(_Form):
    """One variant. What is left out stays; null takes it away. Amounts are texts such as "19.90"."""

    sku: str = Field(min_length=1, max_length=255, description="The master SKU, to the letter")
    options: dict[str, str] | None = Field(None, description='Such as {"Color": "Red"}, in their order')
    price: str | None = None
    currency: str | None = Field(None, description="ISO 4217, such as USD")
    sale_price: str | None = None
    msrp: str | None = None
    gtin: str | None = Field(None, description="UPC, EAN, GTIN or ISBN")
    mpn: str | None = None
    weight: str | None = Field(None, description="Such as 1.5 lb")
    dimensions: str | None = Field(None, description="Such as 12x10x2 in")
    variant_image: str | None = None
    tracked: bool | None = Field(None, description="Whether its stock is counted")


class ProductForm(_Form):
    """A product of the hub's own. What is left out stays; null takes it away."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "product": "teapot",
                "title": "Teapot",
                "categories": ["Kitchen / Tea"],
                "images": ["https://images.example.com/teapot.png"],
                "variants": [{"sku": "TEA-1", "price": "24.50", "currency": "USD", "weight": "1.5 lb"}],
            }
        }
    )

    product: str = Field(min_length=1, max_length=255, description="Your own name of it; it never changes")
    title: str | None = None
    description: str | None = None
    brand: str | None = None
    visible: bool | None = None
    taxable: bool | None = None
    categories: list[str] | None = None
    images: list[str] | None = None
    variants: list[VariantForm] = Field(default_factory=list, max_length=600)


class GivenProduct(BaseModel):
    """What became of a product that was given."""

    product: str
    became: Became
    is_dry_run: bool
    notes: list[str]


@router.post("/products", summary="Create a product of the hub's own, or change one")
def give_product(key: Writer, desk: Desk, form: ProductForm, dry_run: DryRun = False) -> GivenProduct:
    """It feeds every channel that products are pushed to. Variants that are not named stay."""
    with desk.database.serial() as tx:
        task = desk.task(tx, HUB, actor=key.name)
        (given,) = own_products.take(tx, task, [_entry(form)], is_preview=dry_run)
        woken = [] if dry_run else _pushes(tx)
    if given.became is Became.REFUSED:
        raise _faulty(given.faults)
    _wake(desk, woken)
    return GivenProduct(product=given.key, became=given.became, is_dry_run=dry_run, notes=list(given.notes))


@router.post(
    "/products/import",
    summary="Take in a CSV file of products: bad rows are reported, the rest is taken",
    responses=documented(413),
)
def import_products(
    key: Writer,
    desk: Desk,
    content: Annotated[bytes, Body(media_type="text/csv", description="UTF-8, one row per variant")],
    currency: Annotated[str, Query(description="Of prices without one, such as USD")] = "",
    dry_run: DryRun = False,
) -> Report:
    """The columns are those of `crossdock products export`. What is given again unchanged does nothing."""
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        report = product_files.take(
            desk.database,
            lambda tx: desk.task(tx, HUB, actor=key.name),
            text,
            currency=currency,
            is_preview=dry_run,
        )
    except (HeaderError, UnicodeDecodeError) as error:
        said = str(error) if isinstance(error, HeaderError) else "The file has to be UTF-8"
        raise ProblemError(422, said, errors=[FieldProblem(field="content", problem=said)]) from None
    with desk.database.reading() as tx:
        woken = [] if dry_run else _pushes(tx)
    _wake(desk, woken)
    return report


@router.delete(
    "/products/{id_or_sku:path}",
    status_code=204,
    summary="Take a product of the hub's own off, or, with `only_sku`, one of its variants",
    responses=documented(404, 409),
)
def remove_product(key: Writer, desk: Desk, id_or_sku: str, only_sku: bool = False) -> None:
    """Channels stop offering it; its history stays."""
    with desk.database.serial() as tx:
        task = desk.task(tx, HUB, actor=key.name)
        own = _own(tx, id_or_sku)
        try:
            if only_sku:
                own_products.remove_variant(tx, task, id_or_sku)
            else:
                own_products.remove(tx, task, own)
        except FaultyError as error:
            raise _faulty(error.faults) from None
        woken = _pushes(tx)
    _wake(desk, woken)


def _own(tx: Transaction, name: str) -> str:
    try:
        return own_products.key_of(tx, name)
    except LookupError:
        raise not_found(f"product {name!r}") from None
    except NotOursError as error:
        raise ProblemError(409, str(error)) from None


def _pushes(tx: Transaction) -> list[FlowKey]:
    """The pushes that have something to look at now."""
    return [FlowKey(name, Direction.PUSH, Entity(entity)) for name, entity in publishing.dirty_flows(tx)]


def _wake(desk: ApiDesk, flows: list[FlowKey]) -> None:
    for flow in flows:
        desk.wake(flow)


def _faulty(faults: tuple[Fault, ...]) -> ProblemError:
    errors = [FieldProblem(field=fault.field, problem=fault.problem) for fault in faults]
    return ProblemError(422, f"{errors[0].field}: {errors[0].problem}", errors=errors)


def _entry(form: ProductForm) -> ProductEntry:
    variants = tuple(
        VariantEntry(each.sku, _given(each, {"sku", "options"}), _options(each)) for each in form.variants
    )
    lists = {"categories": form.categories, "images": form.images}
    given = {
        name: tuple(value or ()) if name in form.model_fields_set else None for name, value in lists.items()
    }
    return ProductEntry(
        form.product,
        _given(form, {"product", "variants", *lists}),
        variants,
        categories=given["categories"],
        images=given["images"],
    )


def _options(form: VariantForm) -> tuple[Option, ...] | None:
    if "options" not in form.model_fields_set:
        return None
    return tuple(Option(name, value) for name, value in (form.options or {}).items())


def _given(form: _Form, without: set[str]) -> dict[str, str]:
    """What was given as texts; null and an empty text take a value away."""
    values: dict[str, str] = {}
    for name in sorted(form.model_fields_set - without):
        value = getattr(form, name)
        values[name] = CLEAR if value in (None, "") else str(value)
    return values
