"""TikTok Shop's calls, one method each, in the platform's words. Every endpoint has its own latest version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.connectors.tiktok_shop import payloads, payloads_order, payloads_product, payloads_sold
from crossdock.connectors.tiktok_shop.calls import Call, Caller, Reply, Upload

ORDERS_A_PAGE = 100
PRODUCTS_A_PAGE = 100
SELLER_SKUS_A_SEARCH = 10
SKUS_A_STOCK_SEARCH = 600
PRODUCTS_A_SWITCH = 20
BRANDS_A_PAGE = 100

Json = Mapping[str, Any]


class Client:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.shop = caller.shop
        self.find_shop = caller.find_shop

    def search_orders(self, filters: Json, page_token: str = "") -> payloads_order.Orders:
        """Whole orders by update time, oldest first."""
        query = _page(ORDERS_A_PAGE, page_token) | {"sort_field": "update_time", "sort_order": "ASC"}
        call = Call("POST", "/order/202309/orders/search", query=query, body=filters or None, lane="urgent")
        return self._caller.send(call, payloads_order.Orders).data

    def add_external_orders(self, orders: Sequence[Json]) -> Reply[payloads_order.ReferenceErrors]:
        """The ids of at most 100 orders in one other system each; sent again they replace what is there."""
        call = Call(
            "POST", "/order/202406/orders/external_orders", body={"orders": list(orders)}, is_write=True
        )
        return self._caller.send(call, payloads_order.ReferenceErrors)

    def search_products(self, filters: Json, page_token: str = "") -> payloads_product.FoundProducts:
        """Products in no documented order; at most 10,000 can be paged through."""
        query = _page(PRODUCTS_A_PAGE, page_token)
        call = Call("POST", "/product/202502/products/search", query=query, body=filters)
        return self._caller.send(call, payloads_product.FoundProducts).data

    def product(self, product_id: str) -> payloads_product.ProductDetail:
        call = Call("GET", f"/product/202309/products/{product_id}")
        return self._caller.send(call, payloads_product.ProductDetail).data

    def sold_product(self, product_id: str) -> payloads_sold.SoldProduct:
        """The same detail, read for what the product is; its live version, whatever is under review."""
        call = Call("GET", f"/product/202309/products/{product_id}")
        return self._caller.send(call, payloads_sold.SoldProduct).data

    def create_product(self, body: Json) -> Reply[payloads_product.WrittenProduct]:
        call = Call("POST", "/product/202309/products", body=body, is_write=True)
        return self._caller.send(call, payloads_product.WrittenProduct)

    def edit_product_in_part(self, product_id: str, body: Json) -> Reply[payloads_product.WrittenProduct]:
        """Change just the properties in the body; but `skus`, when sent, is the whole list."""
        path = f"/product/202509/products/{product_id}/partial_edit"
        return self._caller.send(
            Call("POST", path, body=body, is_write=True),
            payloads_product.WrittenProduct,
        )

    def update_prices(self, product_id: str, skus: Sequence[Json]) -> Reply[payloads.ItemErrors]:
        path = f"/product/202309/products/{product_id}/prices/update"
        return self._caller.send(Call("POST", path, body={"skus": skus}, is_write=True), payloads.ItemErrors)

    def update_inventory(self, product_id: str, skus: Sequence[Json]) -> Reply[payloads.ItemErrors]:
        """Absolute quantities; every warehouse of each SKU must be named, and no other."""
        path = f"/product/202309/products/{product_id}/inventory/update"
        call = Call("POST", path, body={"skus": skus}, lane="urgent", is_write=True)
        return self._caller.send(call, payloads.ItemErrors)

    def search_inventory(self, sku_ids: Sequence[str]) -> payloads.Stock:
        call = Call(
            "POST", "/product/202309/inventory/search", body={"sku_ids": list(sku_ids)}, lane="urgent"
        )
        return self._caller.send(call, payloads.Stock).data

    def recommend_category(self, title: str, *, version: str, locale: str) -> payloads_product.Recommendation:
        body = {"product_title": title, "category_version": version, "locale": locale}
        call = Call("POST", "/product/202309/categories/recommend", body=body)
        return self._caller.send(call, payloads_product.Recommendation).data

    def category_attributes(
        self, category_id: str, *, version: str, locale: str
    ) -> payloads_product.Attributes:
        query = {"category_version": version, "locale": locale}
        call = Call("GET", f"/product/202309/categories/{category_id}/attributes", query=query)
        return self._caller.send(call, payloads_product.Attributes).data

    def category_rules(
        self, category_id: str, *, version: str, locale: str
    ) -> payloads_product.CategoryRules:
        query = {"category_version": version, "locale": locale}
        call = Call("GET", f"/product/202309/categories/{category_id}/rules", query=query)
        return self._caller.send(call, payloads_product.CategoryRules).data

    def brands(self, name: str, *, category_id: str, version: str) -> payloads_product.Brands:
        """Brands whose names hold this one; what else has to match is up to the caller."""
        query = {"page_size": str(BRANDS_A_PAGE), "brand_name": name, "category_id": category_id}
        call = Call("GET", "/product/202309/brands", query=query | {"category_version": version})
        return self._caller.send(call, payloads_product.Brands).data

    def deactivate_products(self, product_ids: Sequence[str]) -> Reply[payloads.ItemErrors]:
        """Take up to 20 products off sale; each failure stands alone."""
        return self._switch("deactivate", product_ids)

    def activate_products(self, product_ids: Sequence[str]) -> Reply[payloads.ItemErrors]:
        """Put up to 20 deactivated products up for sale again, after a review."""
        return self._switch("activate", product_ids)

    def _switch(self, action: str, product_ids: Sequence[str]) -> Reply[payloads.ItemErrors]:
        body = {"product_ids": list(product_ids)}
        call = Call("POST", f"/product/202309/products/{action}", body=body, is_write=True)
        return self._caller.send(call, payloads.ItemErrors)

    def upload_image(self, content: bytes, *, kind: str, use_case: str) -> payloads_product.UploadedImage:
        """An image of ours on TikTok Shop's own servers; the only images that products may show."""
        upload = Upload(f"image.{kind.rpartition('/')[2]}", content, kind, {"use_case": use_case})
        call = Call("POST", "/product/202309/images/upload", upload=upload, has_cipher=False)
        return self._caller.send(call, payloads_product.UploadedImage).data

    def warehouses(self) -> payloads.Warehouses:
        return self._caller.send(Call("GET", "/logistics/202309/warehouses"), payloads.Warehouses).data

    def prerequisites(self) -> payloads_product.Prerequisites:
        """What the shop itself lacks before it may list anything."""
        call = Call("GET", "/product/202312/prerequisites")
        return self._caller.send(call, payloads_product.Prerequisites).data

    def webhooks(self) -> payloads.Subscriptions:
        return self._caller.send(Call("GET", "/event/202309/webhooks"), payloads.Subscriptions).data

    def set_webhook(self, event_type: str, address: str) -> None:
        """One address per shop and event; setting it again replaces it."""
        body = {"event_type": event_type, "address": address}
        self._caller.send(Call("PUT", "/event/202309/webhooks", body=body, is_write=True), payloads.Nothing)


def _page(size: int, token: str) -> dict[str, str]:
    page = {"page_size": str(size)}
    return {**page, "page_token": token} if token else page
