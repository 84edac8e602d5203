"""One method per call of the platform, in its words. Errors are sorted here; nothing is ever sent twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crossdock.connectors.bigcommerce import payloads, payloads_product
from crossdock.connectors.bigcommerce.calls import Listing, Query
from crossdock.connectors.bigcommerce.client_orders import OrderCalls
from crossdock.connectors.bigcommerce.mapping.dates import from_moment

PRODUCTS_PAGE = 250
ITEMS_PAGE = 1000
NAMES_PAGE = 250
HOOKS_PAGE = 250
FIELDS_TO_MATCH_BY = (
    "name",
    "sku",
    "inventory_tracking",
    "base_variant_id",
    "availability",
    "is_visible",
    "date_modified",
)
"""What is read of products whose content is left alone, so that their SKUs can be matched."""
FIELDS_TO_COMPARE = (*FIELDS_TO_MATCH_BY, "price", "sale_price", "retail_price", "calculated_price")
"""What is read of products that the hub pushes, to see whether somebody changed them."""


class Client(OrderCalls):
    """Calls of one store. `urgent` calls go before the catalog when the quota is short."""

    # Store

    def store(self) -> payloads.Store:
        return self._one(self._send("GET", "/v2/store"), payloads.Store)

    def inventory_settings(self) -> payloads.InventorySettings:
        answer = self._send("GET", "/v3/settings/inventory")
        return self._one(answer, payloads.InventorySettingsAnswer).data or payloads.InventorySettings()

    def probe(self, place: str) -> None:
        """The cheapest call that shows whether an area may be read."""
        self._send("GET", place, query={"limit": "1"})

    # Catalog

    def products_after(self, product_id: int, *, skus_only: bool = False) -> Listing:
        """Products by id: a list that changes meanwhile can neither skip nor repeat one."""
        query = {"id:greater": str(product_id), "sort": "id", "direction": "asc"}
        return self._products(query, fields=FIELDS_TO_MATCH_BY if skus_only else ())

    def products_to_compare(self, product_id: int) -> Listing:
        """Products by id, for their names, SKUs, prices and whether they are for sale."""
        query = {"id:greater": str(product_id), "sort": "id", "direction": "asc"}
        return self._products(query, fields=FIELDS_TO_COMPARE)

    def products_modified(self, since: datetime, page: int, *, skus_only: bool = False) -> Listing:
        """Products by date, oldest change first. A full timestamp is sent: a bare date takes on the time of day."""
        query = {"date_modified:min": from_moment(since), "sort": "date_modified", "direction": "asc"}
        fields = FIELDS_TO_MATCH_BY if skus_only else ()
        return self._products(query | {"page": str(page)}, fields=fields)

    def _products(self, query: Query, *, fields: Sequence[str] = ()) -> Listing:
        """Whole products with variants and images, or just these fields and the variants."""
        # Options and modifiers are left out: including either caps a page at 10.
        parts = {"include": "variants,images", "limit": str(PRODUCTS_PAGE)}
        if fields:
            parts |= {"include": "variants", "include_fields": ",".join(fields)}
        return self._listing("/v3/catalog/products", {**query, **parts})

    def tracked_products(self, product_ids: Iterable[int]) -> Listing:
        query = {
            "id:in": _ids(product_ids),
            "include_fields": "inventory_tracking,base_variant_id",
            "limit": str(PRODUCTS_PAGE),
        }
        return self._listing("/v3/catalog/products", query)

    def brands(self, brand_ids: Iterable[int]) -> Listing:
        query = {"id:in": _ids(brand_ids), "include_fields": "name", "limit": str(NAMES_PAGE)}
        return self._listing("/v3/catalog/brands", query)

    def categories(self, category_ids: Iterable[int]) -> Listing:
        query = {"category_id:in": _ids(category_ids), "limit": str(NAMES_PAGE)}
        return self._listing("/v3/catalog/trees/categories", query)

    # Pushed products

    def products_with(self, product_ids: Iterable[int]) -> Listing:
        """Products as they stand, with variants and images."""
        return self._products({"id:in": _ids(product_ids)})

    def products_with_skus(self, skus: Sequence[str]) -> Listing:
        """Products by the SKU of the product itself, which is that of its base variant where it has no options."""
        query = {"include_fields": "sku", "limit": str(PRODUCTS_PAGE)}
        return self._listing("/v3/catalog/products", {**query, **_skus("sku", skus)})

    def variants_with_sku(self, sku: str) -> Listing:
        """Variants by their SKU; base variants may be left out."""
        query = {"sku": sku, "include_fields": "product_id,sku"}
        return self._listing("/v3/catalog/variants", query)

    def items_with_skus(self, skus: Sequence[str]) -> Listing:
        """What carries stock under these SKUs, which untracked variants do not."""
        query = {"sku:in": ",".join(skus), "limit": str(ITEMS_PAGE)}
        return self._listing("/v3/inventory/items", query)

    def categories_named(self, name: str) -> Listing:
        return self._listing("/v3/catalog/trees/categories", {"name": name, "limit": str(NAMES_PAGE)})

    def create_product(self, body: Mapping[str, Any]) -> payloads_product.Written:
        answer = self._send("POST", "/v3/catalog/products", body=body)
        return self._one(answer, payloads_product.Written, is_write=True)

    def update_products(self, rows: Sequence[Mapping[str, Any]]) -> payloads_product.WrittenRows:
        """At most 10 products; what is not named stays, a list that is named is replaced."""
        answer = self._send("PUT", "/v3/catalog/products", body=rows)
        return self._one(answer, payloads_product.WrittenRows, is_write=True)

    def update_variants(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """At most 50 variants, by a part of their fields."""
        self._send("PUT", "/v3/catalog/variants", body=rows)

    def update_variant(self, product_id: int, variant_id: int, body: Mapping[str, Any]) -> None:
        """All fields but the option values; null makes a variant follow its product again."""
        self._send("PUT", f"/v3/catalog/products/{product_id}/variants/{variant_id}", body=body)

    def create_variant(self, product_id: int, body: Mapping[str, Any]) -> payloads_product.WrittenVariant:
        answer = self._send("POST", f"/v3/catalog/products/{product_id}/variants", body=body)
        return self._one(answer, payloads_product.WrittenVariant, is_write=True)

    def delete_variant(self, product_id: int, variant_id: int) -> None:
        self._send("DELETE", f"/v3/catalog/products/{product_id}/variants/{variant_id}")

    def product_options(self, product_id: int) -> Listing:
        return self._listing(f"/v3/catalog/products/{product_id}/options", {"limit": str(NAMES_PAGE)})

    def create_option_value(
        self, product_id: int, option_id: int, body: Mapping[str, Any]
    ) -> payloads_product.Named:
        place = f"/v3/catalog/products/{product_id}/options/{option_id}/values"
        return self._one(
            self._send("POST", place, body=body), payloads_product.NamedAnswer, is_write=True
        ).data

    def create_image(self, product_id: int, body: Mapping[str, Any]) -> payloads_product.Named:
        """The platform downloads the image during the call."""
        answer = self._send("POST", f"/v3/catalog/products/{product_id}/images", body=body)
        return self._one(answer, payloads_product.NamedAnswer, is_write=True).data

    def delete_image(self, product_id: int, image_id: int) -> None:
        self._send("DELETE", f"/v3/catalog/products/{product_id}/images/{image_id}")

    def set_variant_image(self, product_id: int, variant_id: int, image_url: str) -> None:
        place = f"/v3/catalog/products/{product_id}/variants/{variant_id}/image"
        self._send("POST", place, body={"image_url": image_url})

    # Stock and locations

    def items(self, page: int) -> Listing:
        query = {"limit": str(ITEMS_PAGE), "page": str(page)}
        return self._listing("/v3/inventory/items", query, lane="urgent")

    def items_of_variants(self, variant_ids: Iterable[int]) -> Listing:
        return self._items_where("variant_id:in", variant_ids)

    def items_of_products(self, product_ids: Iterable[int]) -> Listing:
        return self._items_where("product_id:in", product_ids)

    def _items_where(self, name: str, numbers: Iterable[int]) -> Listing:
        query = {name: _ids(numbers), "limit": str(ITEMS_PAGE)}
        return self._listing("/v3/inventory/items", query, lane="urgent")

    def locations(self, page: int) -> Listing:
        query = {"limit": str(ITEMS_PAGE), "page": str(page)}
        return self._listing("/v3/inventory/locations", query)

    def adjust_absolute(self, reason: str, items: Sequence[Mapping[str, int]]) -> payloads.Transaction:
        """Sets units on hand, whatever they were; at most 2,000 rows, applied some time after the answer."""
        body = {"reason": reason, "items": items}
        answer = self._send("PUT", "/v3/inventory/adjustments/absolute", body=body, lane="urgent")
        return self._one(answer, payloads.Transaction, is_write=True)

    def adjust_relative(self, reason: str, items: Sequence[Mapping[str, int]]) -> payloads.Transaction:
        """All or nothing, and applied some time after the answer."""
        body = {"reason": reason, "items": items}
        answer = self._send("POST", "/v3/inventory/adjustments/relative", body=body, lane="urgent")
        return self._one(answer, payloads.Transaction, is_write=True)

    # Webhooks

    def hooks(self) -> list[payloads.Hook]:
        """The hooks of this access token; those of another one cannot be seen."""
        listing = self._listing("/v3/hooks", {"limit": str(HOOKS_PAGE)})
        return [self._decoded(bytes(raw), payloads.Hook, is_write=False) for raw in listing.records]

    def create_hook(self, body: Mapping[str, Any]) -> None:
        self._send("POST", "/v3/hooks", body=body)

    def update_hook(self, hook_id: int, body: Mapping[str, Any]) -> None:
        self._send("PUT", f"/v3/hooks/{hook_id}", body=body)


def _ids(numbers: Iterable[int]) -> str:
    return ",".join(str(number) for number in sorted(numbers))


def _skus(name: str, skus: Sequence[str]) -> dict[str, str]:
    """One SKU may hold a comma, which in a list would part it in two."""
    return {name: skus[0]} if len(skus) == 1 else {f"{name}:in": ",".join(skus)}
