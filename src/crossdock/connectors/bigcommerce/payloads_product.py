"""What the platform answers to pushed products, and to the question whether it has a SKU, as far as we read it."""

from __future__ import annotations

from msgspec import Struct

from crossdock.connectors.bigcommerce.payloads import Product, Variant


class Named(Struct, frozen=True):
    """A record of which only the number matters."""

    id: int


class NamedAnswer(Struct, frozen=True):
    data: Named


class OptionChoice(Struct, frozen=True):
    id: int
    label: str | None = None
    sort_order: int | None = None


class ProductOption(Struct, frozen=True):
    id: int
    display_name: str | None = None
    option_values: list[OptionChoice] | None = None


class PartialFailure(Struct, frozen=True):
    """What a 207 says: the record was saved, this part of it was not."""

    title: str | None = None
    errors: dict[str, object] | None = None


class Written(Struct, frozen=True):
    data: Product
    errors: PartialFailure | None = None


class WrittenRows(Struct, frozen=True):
    errors: PartialFailure | None = None


class WrittenVariant(Struct, frozen=True):
    data: Variant
    errors: PartialFailure | None = None


class FoundProduct(Struct, frozen=True):
    id: int
    sku: str | None = None


class FoundVariant(Struct, frozen=True):
    id: int
    product_id: int
    sku: str | None = None
