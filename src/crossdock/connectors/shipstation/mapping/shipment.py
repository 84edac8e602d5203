"""Labels and orders marked as shipped, as parcels of a shipping request."""

from __future__ import annotations

from collections.abc import Iterable

from crossdock.connectors.shipstation.mapping.dates import to_moment
from crossdock.connectors.shipstation.payloads import Fulfillment, OrderItem, Shipment, ShipmentItem
from crossdock.domain.channel import ChannelId, ChannelSku, Parcel, ShippedUnits

_CARRIERS = {
    "stamps_com": "USPS",
    "endicia": "USPS",
    "usps": "USPS",
    "ups": "UPS",
    "ups_walleted": "UPS",
    "fedex": "FedEx",
    "fedex_walleted": "FedEx",
    "dhl_express": "DHL Express",
    "dhl_express_worldwide": "DHL Express",
    "dhl_express_walleted": "DHL Express",
    "canada_post": "Canada Post",
    "canada_post_walleted": "Canada Post",
    "royal_mail": "Royal Mail",
    "ontrac": "OnTrac",
}
"""Keys of carriers → the names that people and other platforms know. Others are shown as they come."""


def is_parcel(raw: Shipment) -> bool:
    """Whether a label stands for goods that go out."""
    return not raw.voided and not raw.is_return_label


def to_parcel(raw: Shipment, items: Iterable[OrderItem | ShipmentItem]) -> Parcel:
    """`items` are what is in it, for a label that names them as for one that does not."""
    return Parcel(
        channel_id=ChannelId(str(raw.shipment_id)),
        units=tuple(
            _units(item.line_item_key, item.sku, item.quantity) for item in items if item.quantity > 0
        ),
        carrier=carrier(raw.carrier_code),
        tracking_number=(raw.tracking_number or "").strip(),
        service=raw.service_code or "",
        shipped_at=to_moment(raw.create_date),
    )


def marked_parcel(raw: Fulfillment, units: tuple[ShippedUnits, ...]) -> Parcel:
    """An order that was marked as shipped. Its ids are a series of their own beside those of labels."""
    return Parcel(
        channel_id=ChannelId(f"f{raw.fulfillment_id}"),
        units=units,
        carrier=carrier(raw.carrier_code),
        tracking_number=(raw.tracking_number or "").strip(),
        shipped_at=to_moment(raw.create_date),
    )


def left_of(items: Iterable[OrderItem], parcels: Iterable[Parcel]) -> tuple[ShippedUnits, ...]:
    """The units of an order that are in none of the parcels."""
    gone: dict[tuple[str, str], int] = {}
    for part in (part for parcel in parcels for part in parcel.units):
        key = (part.line_id, part.channel_sku)
        gone[key] = gone.get(key, 0) + part.quantity
    left = []
    for item in items:
        unit = _units(item.line_item_key, item.sku, item.quantity)
        key = (unit.line_id, unit.channel_sku)
        taken = min(item.quantity, gone.get(key, 0))
        gone[key] = gone.get(key, 0) - taken
        if item.quantity > taken and not item.adjustment:
            left.append(_units(item.line_item_key, item.sku, item.quantity - taken))
    return tuple(left)


def carrier(code: str | None) -> str:
    return _CARRIERS.get((code or "").lower(), (code or "").replace("_", " "))


def _units(line: str | None, sku: str | None, quantity: int) -> ShippedUnits:
    return ShippedUnits(ChannelId(line or ""), quantity, channel_sku=ChannelSku(sku or ""))
