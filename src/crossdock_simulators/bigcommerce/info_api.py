"""The endpoints about the store itself: identity, time, currencies and stock settings."""

from __future__ import annotations

from typing import Final

from crossdock_simulators.bigcommerce import errors, wire
from crossdock_simulators.bigcommerce.records import Json
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request, json_reply

_FLAGS: Final = ("edit_order_stock_adjustment", "refund_order_stock_adjustment")
_SYMBOLS: Final = {"USD": "$", "GBP": "£", "EUR": "€"}


def get_store(store: Store, _: Request) -> Reply:
    date_format = {"display": "M jS Y", "export": "M jS Y", "extended_display": "M jS Y @ g:i A"}
    zone = {"name": "America/Chicago", "raw_offset": -21_600, "dst_offset": -18_000, "dst_correction": True}
    switches = store.switches
    body = {
        "id": store.store_hash,
        "account_uuid": "00000000-0000-4000-8000-000000000001",
        "domain": "shop.example.com",
        "secure_url": "https://shop.example.com",
        "control_panel_base_url": f"https://store-{store.store_hash}.example.com",
        "status": "live",
        "name": "Simulated Shop",
        "country": "United States",
        "country_code": "US",
        "admin_email": "owner@example.com",
        "order_email": "orders@example.com",
        "timezone": zone | {"date_format": date_format},
        "language": "en",
        "currency": switches.currency,
        "currency_symbol": _SYMBOLS.get(switches.currency, switches.currency),
        "decimal_places": 2,
        "weight_units": switches.weight_units,
        "dimension_units": switches.dimension_units,
        "plan_name": switches.plan,
        "plan_level": switches.plan,
        "plan_is_trial": False,
        "logo": [],
        "is_price_entered_with_tax": False,
        "store_id": 1_025_646,
        "default_channel_id": 1,
        "default_site_id": 1000,
        "active_comparison_modules": [],
        "features": {
            "stencil_enabled": True,
            "checkout_type": "optimized",
            "multi_storefront_enabled": True,
        },
    }
    return json_reply(body)


def get_time(store: Store, _: Request) -> Reply:
    return json_reply({"time": int(store.now().timestamp())})


def list_currencies(store: Store, _: Request) -> Reply:
    code = store.switches.currency
    row = {
        "id": 1,
        "is_default": True,
        "country_iso2": "US",
        "default_for_country_codes": [],
        "currency_code": code,
        "currency_exchange_rate": "1.0000000000",
        "auto_update": False,
        "token_location": "left",
        "token": _SYMBOLS.get(code, code),
        "decimal_token": ".",
        "thousands_token": ",",
        "decimal_places": 2,
        "name": code,
        "enabled": True,
        "is_transactional": True,
        "use_default_name": True,
        "last_updated": wire.iso(store.now()),
    }
    return json_reply([row])


def get_inventory_settings(store: Store, _: Request) -> Reply:
    return wire.data(_inventory_settings(store))


def update_inventory_settings(store: Store, request: Request) -> Reply:
    given = wire.body_object(request)
    behavior = given.get("update_stock_behavior", store.switches.update_stock_behavior)
    if behavior not in ("order_placed", "order_completed_or_shipped"):
        raise errors.invalid("update_stock_behavior", "invalid")
    store.switches.update_stock_behavior = behavior
    for name in _FLAGS:
        if isinstance(given.get(name), bool):
            setattr(store.switches, name, given[name])
    return wire.data(_inventory_settings(store))


def _inventory_settings(store: Store) -> Json:
    switches = store.switches
    return {
        "product_out_of_stock_behavior": "do_nothing",
        "option_out_of_stock_behavior": "do_nothing",
        "update_stock_behavior": switches.update_stock_behavior,
        "edit_order_stock_adjustment": switches.edit_order_stock_adjustment,
        "refund_order_stock_adjustment": switches.refund_order_stock_adjustment,
        "stock_level_display": "dont_show",
        "default_out_of_stock_message": "Out of stock",
        "hide_in_product_filtering": False,
        "show_pre_order_stock_levels": False,
        "show_out_of_stock_message": False,
    }


ROUTES = (
    ("GET", "/v2/store", get_store),
    ("GET", "/v2/time", get_time),
    ("GET", "/v2/currencies", list_currencies),
    ("GET", "/v3/settings/inventory", get_inventory_settings),
    ("PUT", "/v3/settings/inventory", update_inventory_settings),
)
