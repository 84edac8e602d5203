"""What the store remembers: mutable records that hold the platform's own fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
Item = tuple[str, int]  # ("product", product id) or ("variant", variant id): what carries stock


@dataclass(slots=True)
class Product:
    """`own` holds only the fields that differ from the platform's defaults."""

    id: int
    own: Json
    created: datetime
    modified: datetime
    variants: list[int] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    modifiers: list[Json] = field(default_factory=list)
    channels: set[int] = field(default_factory=lambda: {1})

    @property
    def name(self) -> str:
        return str(self.own["name"])

    @property
    def sku(self) -> str:
        return str(self.own.get("sku", ""))

    @property
    def tracking(self) -> str:
        return str(self.own.get("inventory_tracking", "none"))

    @property
    def price(self) -> Any:
        """What a buyer pays unless a variant says otherwise."""
        return self.own.get("sale_price") or self.own.get("price", 0)


@dataclass(slots=True)
class Option:
    id: int
    display_name: str
    type: str
    sort_order: int
    values: list[OptionValue] = field(default_factory=list)


@dataclass(slots=True)
class OptionValue:
    id: int
    label: str
    sort_order: int
    is_default: bool = False
    value_data: Any = None


@dataclass(slots=True)
class Variant:
    """`choices` are (option id, value id); a base variant has none and no SKU id."""

    id: int
    product_id: int
    own: Json
    sku_id: int | None = None
    choices: tuple[tuple[int, int], ...] = ()

    @property
    def sku(self) -> str:
        return str(self.own.get("sku", ""))


@dataclass(slots=True)
class Image:
    id: int
    file: str
    is_thumbnail: bool
    sort_order: int
    description: str
    modified: datetime


@dataclass(slots=True)
class Level:
    """Stock of one item at one location. `initialised` turns true with the first absolute number."""

    onhand: int = 0
    initialised: bool = False
    safety: int = 0
    warning: int = 0
    bin: str = ""
    in_stock: bool = True

    @property
    def available(self) -> int:
        return self.onhand - self.safety


@dataclass(slots=True)
class Location:
    id: int
    fields: Json
    created: datetime
    modified: datetime

    @property
    def enabled(self) -> bool:
        return bool(self.fields["enabled"])


@dataclass(slots=True)
class OrderLine:
    id: int
    product_id: int
    variant_id: int
    name: str
    sku: str
    quantity: int
    price_ex_tax: Decimal
    price_inc_tax: Decimal
    type: str = "physical"
    weight: Decimal = Decimal(0)
    upc: str = ""
    options: list[Json] = field(default_factory=list)
    discount: Decimal = Decimal(0)
    address: int = 0
    """Which of the order's addresses it goes to, counted from 0."""
    quantity_shipped: int = 0
    quantity_refunded: int = 0


@dataclass(slots=True)
class Order:
    """`fields` holds what a client may write and the store hands back unchanged."""

    id: int
    status_id: int
    fields: Json
    billing: Json
    addresses: list[Json]
    lines: list[OrderLine]
    created: datetime
    modified: datetime
    shipping_ex_tax: Decimal = Decimal(0)
    shipping_inc_tax: Decimal = Decimal(0)
    handling: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    """Without and with tax, as is wrapping."""
    wrapping: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    discount: Decimal = Decimal(0)
    coupons: list[Json] = field(default_factory=list)
    fees: list[Json] = field(default_factory=list)
    overrides: dict[str, Decimal] = field(default_factory=dict)
    shipments: list[Shipment] = field(default_factory=list)
    refunds: list[Json] = field(default_factory=list)
    shipped: datetime | None = None
    stock_taken: bool = False
    archived: bool = False


@dataclass(slots=True)
class Shipment:
    id: int
    address_id: int
    fields: Json
    items: list[Json]
    created: datetime


@dataclass(slots=True)
class Channel:
    id: int
    fields: Json
    created: datetime
    modified: datetime
    listings: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Hook:
    id: int
    client_id: str
    scope: str
    destination: str
    headers: dict[str, str] | None
    is_active: bool
    created_at: int
    updated_at: int
    gave_up: bool = False
