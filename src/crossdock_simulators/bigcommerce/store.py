"""The store's memory: every record, the indexes over them, and the doors to the world outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crossdock_simulators.bigcommerce.records import (
    Channel,
    Hook,
    Image,
    Item,
    Json,
    Level,
    Location,
    Order,
    Product,
    Variant,
)
from crossdock_simulators.kit import Clock

DEFAULT_LOCATION = 1


@dataclass
class Switches:
    """How the store is set up, and the behaviours that the platform's documents leave open."""

    currency: str = "USD"
    weight_units: str = "Ounces"
    dimension_units: str = "Inches"
    plan: str = "Enterprise"
    update_stock_behavior: str = "order_placed"
    edit_order_stock_adjustment: bool = True
    refund_order_stock_adjustment: bool = True
    inventory_delay_seconds: float = 0.2
    shipments_change_status: bool = True
    stock_changes_touch_products: bool = False
    partial_success: bool = False
    sku_limit: int = 0


@dataclass
class Outside:
    """Where events go and who acts later. A trial run of a request gets a muted one."""

    clock: Clock
    publish: Callable[[str, Json], None]
    later: Callable[[timedelta, Callable[[], None]], None]


@dataclass
class Store:
    """Handlers change this under one lock, held by their caller."""

    outside: Outside
    store_hash: str = "abc123"
    address: str = ""
    switches: Switches = field(default_factory=Switches)
    products: dict[int, Product] = field(default_factory=dict)
    variants: dict[int, Variant] = field(default_factory=dict)
    product_by_sku: dict[str, int] = field(default_factory=dict)
    variant_by_sku: dict[str, int] = field(default_factory=dict)
    product_by_name: dict[str, int] = field(default_factory=dict)
    product_by_url: dict[str, int] = field(default_factory=dict)
    brands: dict[int, Json] = field(default_factory=dict)
    categories: dict[int, Json] = field(default_factory=dict)
    image_files: dict[str, bytes] = field(default_factory=dict)
    downloads: dict[str, bytes | None] = field(default_factory=dict)
    locations: dict[int, Location] = field(default_factory=dict)
    stock: dict[Item, dict[int, Level]] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    hooks: dict[int, Hook] = field(default_factory=dict)
    hook_emails: list[str] = field(default_factory=list)
    writes: Counter[str] = field(default_factory=Counter)
    last_ids: Counter[str] = field(default_factory=Counter)
    tracked: list[Item] | None = None

    def now(self) -> datetime:
        """The platform keeps whole seconds."""
        return self.outside.clock.now().replace(microsecond=0)

    def next_id(self, kind: str) -> int:
        self.last_ids[kind] += 1
        return self.last_ids[kind]

    def publish(self, scope: str, data: Json) -> None:
        self.outside.publish(scope, data)

    def trial(self) -> Store:
        """A copy that reaches nobody: what a write would have answered, without its effect."""
        muted = Outside(self.outside.clock, lambda _scope, _data: None, lambda _delay, _action: None)
        return deepcopy(self, {id(self.outside): muted})

    def images_of(self, product: Product) -> list[Image]:
        return sorted(product.images, key=lambda image: (image.sort_order, image.id))

    def touch(self, product: Product) -> None:
        """A change by anybody: the date moves and the hook fires."""
        product.modified = self.now()
        self.publish("store/product/updated", {"type": "product", "id": product.id})

    def items(self) -> list[Item]:
        """Everything that carries stock, by product; rebuilt when the catalog changed."""
        if self.tracked is None:
            self.tracked = [item for product in self.products.values() for item in self.items_of(product)]
        return self.tracked

    def items_of(self, product: Product) -> list[Item]:
        if product.tracking == "product":
            return [("product", product.id)]
        if product.tracking == "variant":
            return [("variant", variant_id) for variant_id in product.variants]
        return []

    def item_of(self, product: Product, variant_id: int) -> Item | None:
        """What a sale of this variant takes stock from."""
        if product.tracking == "product":
            return ("product", product.id)
        return ("variant", variant_id) if product.tracking == "variant" else None

    def product_of(self, item: Item) -> Product | None:
        kind, number = item
        if kind == "product":
            return self.products.get(number)
        variant = self.variants.get(number)
        return self.products.get(variant.product_id) if variant else None

    def level(self, item: Item, location_id: int) -> Level:
        """The level to write to; made at first use."""
        return self.stock.setdefault(item, {}).setdefault(location_id, Level())

    def peek(self, item: Item, location_id: int) -> Level:
        """The level to read; an unset one shows as zero."""
        return self.stock.get(item, {}).get(location_id) or _UNSET


_UNSET = Level()
