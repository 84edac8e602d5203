"""Warehouses, delivery options and carriers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crossdock_simulators.tiktok_shop.calls import Call, Data
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.orders import FBT
from crossdock_simulators.tiktok_shop.records import Warehouse
from crossdock_simulators.tiktok_shop.regions import Region
from crossdock_simulators.tiktok_shop.shop import Shop

SCOPE = "seller.logistics"
TRACKING: Final = re.compile(r"[A-Za-z0-9\-_./]{4,50}")


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A carrier; `pattern` is how its tracking numbers look, empty when any will do."""

    id: str
    name: str
    pattern: str = ""
    regions: frozenset[str] = frozenset()


BY_SELLER: Final = Option("7091146663229654785", "Standard Shipping", "SEND_BY_SELLER")
BY_TIKTOK: Final = Option("7091146663229654786", "TikTok Shipping", "STANDARD")
OPTIONS: Final = {option.id: option for option in (BY_SELLER, BY_TIKTOK)}
_AMERICA, _EUROPE = frozenset({"US"}), frozenset({"GB", "DE", "ES", "FR", "IE", "IT"})
PROVIDERS: Final = (
    Provider("7117858858072016686", "UPS", r"1Z[0-9A-Z]{16}"),
    Provider("7117858858072016687", "USPS", r"\d{20,26}|[A-Z]{2}\d{9}US", _AMERICA),
    Provider("7117858858072016688", "FedEx", r"\d{12}|\d{15}|\d{20}|\d{22}"),
    Provider("7117858858072016689", "DHL"),
    Provider("7117858858072016690", "OnTrac", regions=_AMERICA),
    Provider("7117858858072016691", "Royal Mail", regions=frozenset({"GB"})),
    Provider("7117858858072016692", "Evri", regions=frozenset({"GB"})),
    Provider("7117858858072016693", "DPD", regions=_EUROPE),
    Provider("7117858858072016694", "GLS", regions=_EUROPE),
)


def option_of(shipping_type: str, fulfillment_type: str) -> Option:
    return BY_TIKTOK if shipping_type == "TIKTOK" or fulfillment_type == FBT else BY_SELLER


def providers(region: Region) -> list[Provider]:
    return [p for p in PROVIDERS if not p.regions or region.code in p.regions]


def provider_name(provider_id: str) -> str:
    return next((p.name for p in PROVIDERS if p.id == provider_id), "")


def check_tracking(shop: Shop, provider_id: str, tracking_number: str) -> None:
    provider = next((p for p in providers(shop.region) if p.id == provider_id), None)
    if provider is None:
        raise ApiError(21011022, f"shipping_provider_id {provider_id!r}")
    if not TRACKING.fullmatch(tracking_number):
        raise ApiError(21011022, f"tracking_number {tracking_number!r}")
    strict = shop.switches.checks_tracking_patterns and provider.pattern
    if strict and not re.fullmatch(provider.pattern, tracking_number):
        raise ApiError(11028006, f"{provider.name} {tracking_number}")


def warehouses(shop: Shop, _: Call) -> Data:
    """FBT warehouses are listed by their own call; stock shows them by id."""
    return {"warehouses": [_warehouse(w) for w in shop.warehouses.values() if not w.fbt_id]}


def delivery_options(shop: Shop, call: Call, warehouse_id: str) -> Data:
    if warehouse_id not in shop.warehouses:
        raise ApiError(12052097, warehouse_id)
    if call.query.get("scope", "WAREHOUSE") not in ("WAREHOUSE", "PRODUCT"):
        raise ApiError(36009004, "scope")
    imperial = "POUND" in shop.region.weight_units
    weight = {"min_weight": 0, "max_weight": 150, "unit": "POUND" if imperial else "KILOGRAM"}
    size = {f"max_{side}": 100 for side in ("length", "width", "height")}
    options = [
        {"id": o.id, "name": o.name, "type": o.type, "description": "", "platform": ["TIKTOK_SHOP"]}
        | {"weight_limit": weight, "dimension_limit": size | {"unit": "INCH" if imperial else "CM"}}
        for o in OPTIONS.values()
    ]
    return {"delivery_options": options}


def shipping_providers(shop: Shop, _: Call, option_id: str) -> Data:
    if option_id not in OPTIONS:
        raise ApiError(98001004, f"delivery_option_id {option_id}")
    if option_id == BY_TIKTOK.id:
        raise ApiError(98001004, "delivery_option_id is fulfilled by TikTok")
    return {"shipping_providers": [{"id": p.id, "name": p.name} for p in providers(shop.region)]}


def _warehouse(warehouse: Warehouse) -> Data:
    return {
        "id": warehouse.id,
        "entity_id": warehouse.entity_id,
        "name": warehouse.name,
        "effect_status": warehouse.effect_status,
        "type": warehouse.type,
        "sub_type": "DOMESTIC_WAREHOUSE",
        "is_default": warehouse.is_default,
        "address": dict(warehouse.address),
    }


ENDPOINTS = (
    Endpoint("GET", "/logistics/202309/warehouses", warehouses, SCOPE),
    Endpoint("GET", "/logistics/202309/warehouses/{warehouse_id}/delivery_options", delivery_options, SCOPE),
    Endpoint(
        "GET",
        "/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers",
        shipping_providers,
        SCOPE,
    ),
)
