"""The hub's product becomes the body of a create or of an edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crossdock.connectors.tiktok_shop.mapping.attributes import Values, present_values
from crossdock.connectors.tiktok_shop.mapping.checks import code_type
from crossdock.connectors.tiktok_shop.mapping.fault import Fault
from crossdock.connectors.tiktok_shop.mapping.options import from_options, options_of
from crossdock.connectors.tiktok_shop.mapping.stock import sellable
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import Attribute, ProductDetail
from crossdock.domain.catalog import Listable, ListableVariant
from crossdock.domain.channel import Option, Prices

Json = dict[str, Any]
HIGHEST_LIST_PRICE = Decimal("7600")
NO_CENTS = frozenset({"JPY", "VND", "IDR"})
# What an edit sends back of a SKU that it does not change; price and stock stay when they are left out.
KEPT = ("id", "seller_sku", "external_sku_id", "identifier_code", "list_price", "pre_sale")
KEPT_OF_ATTRIBUTE = ("id", "value_id", "value_name", "name")


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that is needed beside the hub's product itself, gathered and checked."""

    title: str
    description: str
    category_id: str
    category_version: str
    image_uris: tuple[str, ...]
    weight: Json
    size: Json | None
    attributes: Sequence[Attribute]
    attribute_values: Values
    brand_id: str = ""
    needs_color: bool = False
    option_images: Mapping[Option, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    lacks: tuple[Fault, ...] = ()
    """What is still missing: with any of it the product can be kept as a draft only."""

    @property
    def save_mode(self) -> str:
        return "AS_DRAFT" if self.lacks else "LISTING"


def from_listable(listable: Listable, draft: Draft, *, currency: str, idempotency_key: str) -> Json:
    """The body of a create."""
    return from_content(draft, from_attributes(draft.attribute_values)) | {
        "save_mode": draft.save_mode,
        "category_id": draft.category_id,
        "external_product_id": listable.product.id,
        "idempotency_key": idempotency_key,
        "skus": [from_variant(variant, draft, currency=currency) for variant in listable.variants],
    }


def from_content(draft: Draft, attributes: Sequence[Json]) -> Json:
    """What reviewers look at; the same in a create and in an edit."""
    content: Json = {
        "title": draft.title,
        "description": draft.description,
        "category_version": draft.category_version,
        "main_images": [{"uri": uri} for uri in draft.image_uris],
        "package_weight": draft.weight,
    }
    if draft.size:
        content["package_dimensions"] = draft.size
    if draft.brand_id:
        content["brand_id"] = draft.brand_id
    if attributes:
        content["product_attributes"] = list(attributes)
    return content


def from_attributes(values: Values, present: Iterable[Json] = ()) -> list[Json]:
    """Ours win over those that the product has already; the others stay."""
    merged = {**present_values(present), **values}
    return [
        {"id": attribute_id, "values": list(entries)} for attribute_id, entries in merged.items() if entries
    ]


def from_variant(variant: ListableVariant, draft: Draft, *, currency: str) -> Json:
    """A SKU that TikTok Shop does not have yet."""
    sku: Json = {
        "seller_sku": variant.channel_sku,
        "external_sku_id": variant.variant.id,
        **from_prices(variant.variant.prices, currency=currency),
        "inventory": [
            {"warehouse_id": warehouse, "quantity": sellable(quantity)}
            for warehouse, quantity in variant.quantities
        ],
    }
    options = options_of(variant, needs_color=draft.needs_color)
    if options:
        sku["sales_attributes"] = from_options(options, draft.attributes, draft.option_images)
    if variant.variant.gtin:
        sku["identifier_code"] = {"code": variant.variant.gtin, "type": code_type(variant.variant.gtin)}
    return sku


def from_prices(prices: Prices | None, *, currency: str) -> Json:
    """Price, and in the US the price it is compared to where that is higher."""
    if prices is None:
        return {}
    found: Json = {"price": {"amount": _amount(prices.current.amount, currency), "currency": currency}}
    compared = max((p.amount for p in (prices.base, prices.msrp) if p is not None), default=Decimal(0))
    if currency == "USD" and prices.current.amount < compared <= HIGHEST_LIST_PRICE:
        found["list_price"] = {"amount": _amount(compared, currency), "currency": currency}
    return found


def _amount(amount: Decimal, currency: str) -> str:
    return str(amount.quantize(Decimal(1) if currency in NO_CENTS else Decimal("0.01")))


def differs_in_price(wanted: Json, present: Mapping[str, Any]) -> bool:
    """Whether a SKU on TikTok Shop has another price than ours, or another one to compare it to."""
    price = present.get("price") or {}
    shown = price.get("sale_price") or price.get("tax_exclusive_price") or price.get("amount") or "0"
    if Decimal(wanted["price"]["amount"]) != Decimal(str(shown)):
        return True
    compared = (present.get("list_price") or {}).get("amount") or "0"
    return "list_price" in wanted and Decimal(wanted["list_price"]["amount"]) != Decimal(str(compared))


def from_present_sku(present: Mapping[str, Any], changed: Json | None = None) -> Json:
    """A SKU that stays: left out of the list, TikTok Shop would delete it."""
    sku = {name: present[name] for name in KEPT if present.get(name)}
    attributes = [_kept_attribute(entry) for entry in present.get("sales_attributes") or ()]
    return sku | ({"sales_attributes": attributes} if attributes else {}) | (changed or {})


def _kept_attribute(entry: Mapping[str, Any]) -> Json:
    kept = {name: entry[name] for name in KEPT_OF_ATTRIBUTE if entry.get(name)}
    image = (entry.get("sku_img") or {}).get("uri")
    return kept | ({"sku_img": {"uri": image}} if image else {})


@dataclass(frozen=True, slots=True)
class Edit:
    """What to send of a product that TikTok Shop has: `skus` and `prices` only where they are needed."""

    content: Json
    skus: tuple[Json, ...] = ()
    prices: tuple[Json, ...] = ()


def edit_of(
    listable: Listable, draft: Draft, detail: ProductDetail, *, currency: str, may_update_prices: bool
) -> Edit:
    """`may_update_prices` says whether prices have their own call now; else they go with the list of SKUs."""
    present = detail.skus or []
    ids = present_ids(listable, present)
    ours = {ids[v.variant.id]: v for v in listable.variants if v.variant.id in ids}
    added = [from_variant(v, draft, currency=currency) for v in listable.variants if v.variant.id not in ids]
    changed = {
        sku_id: prices
        for sku in present
        if (sku_id := text(sku.get("id"))) in ours
        and (prices := from_prices(ours[sku_id].variant.prices, currency=currency))
        and differs_in_price(prices, sku)
    }
    renamed = {
        sku_id: {"seller_sku": ours[sku_id].channel_sku}
        for sku in present
        if (sku_id := text(sku.get("id"))) in ours and sku.get("seller_sku") != ours[sku_id].channel_sku
    }
    content = from_content(draft, from_attributes(draft.attribute_values, detail.product_attributes or ()))
    if may_update_prices and not added and not renamed:
        return Edit(content, prices=tuple({"id": sku_id, **prices} for sku_id, prices in changed.items()))
    if not added and not changed and not renamed:
        return Edit(content)
    return Edit(content, skus=(*_kept(present, changed, renamed), *added))


def _kept(present: Sequence[Mapping[str, Any]], *changes: Mapping[str, Json]) -> Iterator[Json]:
    """Every SKU that the product has, with what changes of it."""
    for sku in present:
        sku_id = text(sku.get("id"))
        changed = [change[sku_id] for change in changes if sku_id in change]
        yield from_present_sku(sku, {name: value for part in changed for name, value in part.items()})


def present_ids(listable: Listable, present: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By variant the id of its SKU on TikTok Shop: by link, else by its seller SKU.

    A SKU that was renamed here may still stand there on the one that had it: that one is not taken twice.
    """
    there = {text(sku.get("id")) for sku in present}
    linked = {v.variant.id: str(v.channel_id) for v in listable.variants if v.channel_id in there}
    free = {
        sku.get("seller_sku"): text(sku.get("id"))
        for sku in present
        if text(sku.get("id")) not in linked.values()
    }
    by_sku = {v.variant.id: free[v.channel_sku] for v in listable.variants if v.channel_sku in free}
    return by_sku | linked
