"""Products and their categories as TikTok Shop answers them."""

from __future__ import annotations

from typing import Any

import msgspec

from crossdock.connectors.tiktok_shop.payloads import Payload, Text, text


class SkuPrice(Payload, frozen=True):
    """Local sellers' price is `sale_price` in the detail and `tax_exclusive_price` in the search."""

    currency: Text = None
    sale_price: Text = None
    tax_exclusive_price: Text = None
    amount: Text = None

    def shown(self) -> str:
        return text(self.sale_price) or text(self.tax_exclusive_price) or text(self.amount)


class SkuInventory(Payload, frozen=True):
    warehouse_id: Text = None
    quantity: int | None = None


class StatusInfo(Payload, frozen=True):
    status: Text = None


class ProductSku(Payload, frozen=True):
    id: str | int
    seller_sku: Text = None
    price: SkuPrice | None = None
    inventory: list[SkuInventory] | None = None
    status_info: StatusInfo | None = None


class Audit(Payload, frozen=True):
    status: Text = None


class FoundProduct(Payload, frozen=True):
    """A product as the search gives it."""

    id: str | int
    title: Text = None
    status: Text = None
    audit: Audit | None = None
    update_time: int | None = None
    skus: list[ProductSku] | None = None


class ProductTime(Payload, frozen=True):
    update_time: int | None = None


class FoundProducts(Payload, frozen=True):
    products: list[msgspec.Raw] | None = None
    total_count: int | None = None
    next_page_token: Text = None


class AuditFailure(Payload, frozen=True):
    position: Text = None
    reasons: list[str] | None = None
    suggestions: list[str] | None = None


class CategoryLink(Payload, frozen=True):
    id: str | int
    local_name: Text = None
    is_leaf: bool | None = None


class ProductDetail(Payload, frozen=True):
    """A product by id. `skus` stay raw: an edit sends back what it does not change."""

    id: str | int
    title: Text = None
    status: Text = None
    audit: Audit | None = None
    audit_failed_reasons: list[AuditFailure] | None = None
    category_chains: list[CategoryLink] | None = None
    product_attributes: list[dict[str, Any]] | None = None
    certifications: list[dict[str, Any]] | None = None
    size_chart: dict[str, Any] | None = None
    skus: list[dict[str, Any]] | None = None


class Notice(Payload, frozen=True):
    message: Text = None


class WrittenSku(Payload, frozen=True):
    id: str | int
    seller_sku: Text = None
    external_sku_id: Text = None


class WrittenProduct(Payload, frozen=True):
    product_id: Text = None
    skus: list[WrittenSku] | None = None
    warnings: list[Notice] | None = None
    audit: Audit | None = None


class RecommendedCategory(Payload, frozen=True):
    name: Text = None


class Recommendation(Payload, frozen=True):
    leaf_category_id: Text = None
    categories: list[RecommendedCategory] | None = None


class AttributeValue(Payload, frozen=True):
    id: str | int
    name: Text = None


class RequirementCondition(Payload, frozen=True):
    condition_type: Text = None
    attribute_id: Text = None
    attribute_value_id: Text = None


class Attribute(Payload, frozen=True):
    id: str | int
    name: Text = None
    type: Text = None
    # The misspelling is TikTok Shop's.
    is_required: bool | None = msgspec.field(default=None, name="is_requried")
    is_customizable: bool | None = None
    is_multiple_selection: bool | None = None
    value_data_format: Text = None
    values: list[AttributeValue] | None = None
    requirement_conditions: list[RequirementCondition] | None = None


class Attributes(Payload, frozen=True):
    attributes: list[Attribute] | None = None


class Requirement(Payload, frozen=True):
    is_required: bool | None = None


class Certification(Payload, frozen=True):
    id: Text = None
    name: Text = None
    is_required: bool | None = None
    requirement_conditions: list[RequirementCondition] | None = None


class Brand(Payload, frozen=True):
    """`authorized_status` is AUTHORIZED, or UNAUTHORIEZD, which is TikTok Shop's own spelling."""

    id: str | int
    name: Text = None
    authorized_status: Text = None
    is_t1_brand: bool | None = None
    brand_status: Text = None


class Brands(Payload, frozen=True):
    brands: list[Brand] | None = None


class CategoryRules(Payload, frozen=True):
    package_dimension: Requirement | None = None
    size_chart: Requirement | None = None
    product_certifications: list[Certification] | None = None


class UploadedImage(Payload, frozen=True):
    uri: str
    url: Text = None


class PrerequisiteCheck(Payload, frozen=True):
    check_item: Text = None
    is_failed: bool | None = None
    fail_reasons: list[str] | None = None


class Prerequisites(Payload, frozen=True):
    check_results: list[PrerequisiteCheck] | None = None
