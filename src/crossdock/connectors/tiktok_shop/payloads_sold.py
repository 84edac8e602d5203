"""A product by id, as TikTok Shop answers it, read for everything that makes it a product of the hub."""

from __future__ import annotations

from crossdock.connectors.tiktok_shop.payloads import Payload, Text
from crossdock.connectors.tiktok_shop.payloads_product import AuditFailure, SkuPrice


class ProductImage(Payload, frozen=True):
    urls: list[str] | None = None
    thumb_urls: list[str] | None = None


class Measure(Payload, frozen=True):
    value: Text = None
    unit: Text = None


class PackageSize(Payload, frozen=True):
    length: Text = None
    width: Text = None
    height: Text = None
    unit: Text = None


class SalesAttribute(Payload, frozen=True):
    name: Text = None
    value_name: Text = None
    sku_img: ProductImage | None = None


class IdentifierCode(Payload, frozen=True):
    code: Text = None
    type: Text = None


class ListPrice(Payload, frozen=True):
    amount: Text = None
    currency: Text = None


class SoldSku(Payload, frozen=True):
    """A SKU as the detail gives it."""

    id: str | int
    seller_sku: Text = None
    price: SkuPrice | None = None
    list_price: ListPrice | None = None
    identifier_code: IdentifierCode | None = None
    sales_attributes: list[SalesAttribute] | None = None
    sku_weight: Measure | None = None
    sku_dimensions: PackageSize | None = None


class SoldBrand(Payload, frozen=True):
    name: Text = None


class ChainLink(Payload, frozen=True):
    id: Text = None
    parent_id: Text = None
    local_name: Text = None


class SoldProduct(Payload, frozen=True):
    """A product by id, with everything that makes it a product of the hub."""

    id: str | int
    description: Text = None
    brand: SoldBrand | None = None
    category_chains: list[ChainLink] | None = None
    main_images: list[ProductImage] | None = None
    package_weight: Measure | None = None
    package_dimensions: PackageSize | None = None
    audit_failed_reasons: list[AuditFailure] | None = None
    skus: list[SoldSku] | None = None
