"""Products as search and detail show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock_simulators.tiktok_shop import categories
from crossdock_simulators.tiktok_shop.calls import Data
from crossdock_simulators.tiktok_shop.records import Content, Product, SalesAttribute, Sku
from crossdock_simulators.tiktok_shop.shop import Shop, seconds


def money(amount: Decimal) -> str:
    """A decimal without a fixed scale, as the platform writes money."""
    return f"{amount:f}"


def found(shop: Shop, product: Product, *, version: str) -> Data:
    """One product of a search; older versions of the call know fewer fields."""
    content = product.content
    shown: Data = {
        "id": product.id,
        "title": content.title,
        "status": product.status,
        "sales_regions": [shop.region.code],
        "create_time": seconds(product.created),
        "update_time": seconds(product.updated),
        "skus": [_found_sku(shop, sku, version) for sku in content.skus],
    }
    if version == "202502":
        shown |= {
            "audit": {"status": product.audit, "pre_approved_reasons": []},
            "has_draft": product.draft is not None,
            "is_not_for_sale": False,
        }
    return shown | _novelty(shop)


def detail(shop: Shop, product: Product, content: Content) -> Data:
    shown: Data = {
        "id": product.id,
        "title": content.title,
        "description": content.description,
        "status": product.status,
        "product_status": product.status if product.status not in ("PENDING", "FAILED") else "INITIAL",
        "audit": {"status": product.audit, "pre_approved_reasons": [], "not_submitted_reasons": []},
        "audit_failed_reasons": [
            {"listing_platform": "TIKTOK_SHOP", "position": "PRODUCT", "reasons": [reason], "suggestions": []}
            for reason in product.refusals
        ],
        "has_draft": product.draft is not None,
        "category_chains": [
            {"id": c.id, "parent_id": c.parent_id, "is_leaf": c.is_leaf, "local_name": c.name}
            for c in categories.chain(content.category_id)
        ],
        "main_images": [image(shop, uri) for uri in content.image_uris],
        "product_attributes": [_attribute(given, content.category_id) for given in content.attributes],
        "external_product_id": content.external_product_id,
        "create_time": seconds(product.created),
        "update_time": seconds(product.updated),
        "skus": [_detailed_sku(shop, sku) for sku in content.skus],
    }
    if content.brand_id:
        name = shop.tables.brands.get(content.brand_id) or categories.BRANDS.get(content.brand_id, "")
        shown["brand"] = {"id": content.brand_id, "name": name}
    if content.package_weight:
        shown["package_weight"] = dict(content.package_weight)
    if content.package_dimensions:
        shown["package_dimensions"] = dict(content.package_dimensions)
    return shown | dict(content.extra) | _novelty(shop)


def answered_skus(content: Content) -> list[Data]:
    """The SKUs as create and edit answer them."""
    return [
        {
            "id": sku.id,
            "seller_sku": sku.seller_sku,
            "external_sku_id": sku.external_sku_id,
            "sales_attributes": [{"id": a.id, "value_id": a.value_id} for a in sku.sales_attributes],
        }
        for sku in content.skus
    ]


def image(shop: Shop, uri: str) -> Data:
    known = shop.tables.images.get(uri)
    if known is None:
        return {"uri": uri, "urls": [], "thumb_urls": [], "width": 0, "height": 0}
    return {
        "uri": uri,
        "urls": [known.url],
        "thumb_urls": [f"{known.url}?w=300"],
        "width": known.width,
        "height": known.height,
    }


def inventory(shop: Shop, sku_id: str) -> list[Data]:
    return [
        {"warehouse_id": warehouse_id, "quantity": level.available}
        for warehouse_id, level in shop.stock_of(sku_id).items()
    ]


def _found_sku(shop: Shop, sku: Sku, version: str) -> Data:
    # The price of a local seller is in another field here than in the detail.
    price = {"currency": shop.region.currency, "tax_exclusive_price": money(sku.price)}
    shown: Data = {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "price": price,
        "inventory": inventory(shop, sku.id),
    }
    if version != "202502":
        return shown
    if sku.list_price is not None:
        shown["list_price"] = {"amount": money(sku.list_price), "currency": shop.region.currency}
    return shown | {"status_info": {"status": "NORMAL"}}


def _detailed_sku(shop: Shop, sku: Sku) -> Data:
    amount = money(sku.price)
    shown: Data = {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "external_sku_id": sku.external_sku_id,
        "status_info": {"status": "NORMAL"},
        "price": {"currency": shop.region.currency, "sale_price": amount, "tax_exclusive_price": amount},
        "inventory": inventory(shop, sku.id),
        "sales_attributes": [_sales_attribute(shop, a) for a in sku.sales_attributes],
    }
    if sku.list_price is not None:
        shown["list_price"] = {"amount": money(sku.list_price), "currency": shop.region.currency}
    if sku.identifier_code is not None:
        code, kind = sku.identifier_code
        shown["identifier_code"] = {"code": code, "type": kind}
    return shown | dict(sku.extra)


def _sales_attribute(shop: Shop, given: SalesAttribute) -> Data:
    shown: Data = {
        "id": given.id,
        "name": given.name,
        "value_id": given.value_id,
        "value_name": given.value_name,
    }
    return shown | ({"sku_img": image(shop, given.image_uri)} if given.image_uri else {})


def _attribute(given: Any, category_id: str) -> Data:
    category = categories.find(category_id)
    known = next((a for a in category.attributes if a.id == given["id"]), None) if category else None
    values = dict(known.values) if known else {}
    return {
        "id": given["id"],
        "name": known.name if known else "",
        "values": [_named(value, values) for value in given["values"]],
    }


def _named(value: dict[str, str], names: dict[str, str]) -> Data:
    return {"id": value["id"], "name": value["name"] or names.get(value["id"], "")}


def _novelty(shop: Shop) -> Data:
    return {"brand_new_field": {"seen_by": "nobody yet"}} if shop.switches.unknown_fields else {}
