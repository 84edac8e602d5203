"""The store behind the credentials: its name, money, units and how it counts stock."""

from __future__ import annotations

from crossdock.connectors.bigcommerce import payloads
from crossdock.domain.channel import Account, ChannelId, LengthUnit, WeightUnit

WEIGHT_UNITS = {
    "lbs": WeightUnit.POUND,
    "ounces": WeightUnit.OUNCE,
    "kgs": WeightUnit.KILOGRAM,
    "grams": WeightUnit.GRAM,
    "tonnes": WeightUnit.TONNE,
}
LENGTH_UNITS = {"inches": LengthUnit.INCH, "centimeters": LengthUnit.CENTIMETER}
# The location that cannot be deleted and that the storefront sells from.
DEFAULT_LOCATION = "1"


def to_account(
    store: payloads.Store,
    stock: payloads.InventorySettings | None,
    *,
    store_hash: str,
    missing_access: tuple[str, ...],
) -> Account:
    return Account(
        channel_id=ChannelId(store_hash),
        name=store.name or store_hash,
        currency=store.currency or "",
        region=store.country_code or "",
        facts=to_store_facts(store) | _stock_facts(stock) | {"store_hash": store_hash},
        missing_access=missing_access,
    )


def to_store_facts(store: payloads.Store) -> dict[str, str]:
    """What later calls need to know of the store; what it does not say is left out."""
    weight = WEIGHT_UNITS.get((store.weight_units or "").casefold())
    length = LENGTH_UNITS.get((store.dimension_units or "").casefold())
    known = {
        "currency": store.currency,
        "country": store.country_code,
        "weight_unit": weight,
        "weight_units": store.weight_units,
        "dimension_unit": length,
        "time_zone": store.timezone.name if store.timezone else None,
        "plan": store.plan_name,
        "default_location": DEFAULT_LOCATION,
    }
    return {name: str(value) for name, value in known.items() if value}


def _stock_facts(stock: payloads.InventorySettings | None) -> dict[str, str]:
    """A store that does not say is taken to lower stock as an order is placed, and the fact says that we assume it:
    counting its open orders once more would lower the other channel twice for each sale."""
    if stock is None or not stock.update_stock_behavior:
        return {"stock_behavior": "order_placed", "stock_behavior_is": "assumed"}
    facts = {"stock_behavior": stock.update_stock_behavior}
    if stock.refund_order_stock_adjustment is not None:
        facts["refund_restocks"] = "true" if stock.refund_order_stock_adjustment else "false"
    return {name: value for name, value in facts.items() if value}
