"""A shipment of the store as a parcel, and the tracking of a fulfillment in the store's words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping.dates import to_moment
from crossdock.connectors.bigcommerce.payloads_shipment import Shipment, ShipmentItem
from crossdock.domain import carriers
from crossdock.domain.channel import ChannelId, ChannelSku, Parcel, ShippedUnits
from crossdock.domain.fulfillment import WantedFulfillment

LONGEST_NUMBER = 50
LONGEST_LINK = 500
# How the platform writes that an order has no method.
NO_METHOD = "None"

_PROVIDERS = {
    "auspost": "auspost",
    "australiapost": "auspost",
    "canadapost": "canadapost",
    "endicia": "endicia",
    "usps": "usps",
    "uspostalservice": "usps",
    "unitedstatespostalservice": "usps",
    "fedex": "fedex",
    "federalexpress": "fedex",
    "ups": "ups",
    "unitedparcelservice": "ups",
    "royalmail": "royalmail",
}
"""Names of carriers as people write them, folded → the platform's own key (`shipping_provider` in Orders v2)."""


_COURIERS: Mapping[str, str] = {
    "DHL": "dhl",
    "DHL Express": "dhl",
    "DHL eCommerce": "dhl-global-mail",
    "DPD UK": "dpd-uk",
    "DPD Local": "dpd-uk",
    "DPD": "dpd",
    "Evri": "myhermes-uk",
    "Yodel": "yodel",
    "Parcelforce": "parcel-force",
    "OnTrac": "ontrac",
    "GLS": "gls",
    "La Poste": "la-poste-colissimo",
    "Poste Italiane": "poste-italiane",
    "Correos": "spain-correos-es",
    "An Post": "an-post",
    "Japan Post": "japan-post",
    "Yamato": "taqbin-jp",
    "Sagawa": "sagawa",
    "China Post": "china-post",
}
"""Carriers without a key of the platform → the word of its tracking service AfterShip (`tracking_carrier`)."""
_KEYS = {carriers.folded(name): key for name, key in _COURIERS.items()}
_NAMES = {key: name for name, key in reversed(tuple(_COURIERS.items()))}


def to_parcel(raw: Shipment, lines: Mapping[int, payloads.OrderLine]) -> Parcel:
    method = "" if raw.shipping_method in (None, NO_METHOD) else str(raw.shipping_method)
    courier = _NAMES.get(raw.tracking_carrier or "", raw.tracking_carrier)
    carrier = raw.shipping_provider_display_name or courier or raw.shipping_provider or ""
    return Parcel(
        channel_id=ChannelId(str(raw.id)),
        units=tuple(_to_units(item, lines.get(item.order_product_id)) for item in raw.items),
        carrier=carrier or method,
        tracking_number=number_of(raw),
        tracking_url=raw.tracking_link or raw.generated_tracking_link or "",
        service=method,
        shipped_at=to_moment(raw.date_created) if raw.date_created else None,
    )


def _to_units(item: ShipmentItem, line: payloads.OrderLine | None) -> ShippedUnits:
    return ShippedUnits(
        ChannelId(str(item.order_product_id)),
        item.quantity,
        variant_id=ChannelId(str(line.variant_id) if line and line.variant_id else ""),
        channel_sku=ChannelSku(line.sku or "" if line else ""),
    )


def number_of(raw: Shipment) -> str:
    return (raw.tracking_number or "").strip()


def from_tracking(wanted: WantedFulfillment) -> dict[str, str]:
    """The fields that tell how a parcel travels. A carrier that the store has no key for is named in the method, and
    where its tracking service knows it, the store makes the link to follow the parcel."""
    provider = provider_of(wanted.carrier)
    unnamed = "" if provider else wanted.carrier
    method = "" if unnamed in wanted.service else unnamed
    return {
        "tracking_number": wanted.tracking_number.strip(),
        "shipping_provider": provider,
        "tracking_carrier": courier_of(wanted.carrier) if unnamed and wanted.tracking_number.strip() else "",
        "tracking_link": wanted.tracking_url if len(wanted.tracking_url) <= LONGEST_LINK else "",
        "shipping_method": " ".join(part for part in (method, wanted.service) if part),
    }


def provider_of(carrier: str) -> str:
    """The platform's key of a carrier, by its name or the first word of it ("UPS Ground"); empty where it has none."""
    words = carrier.lower().replace(".", "").split()
    whole = re.sub(r"[^a-z0-9]", "", "".join(words))
    return _PROVIDERS.get(whole) or (_PROVIDERS.get(words[0], "") if words else "")


def courier_of(carrier: str) -> str:
    """The tracking service's word for a carrier, by any of its names; empty where none is known."""
    known = carriers.named(carrier)
    return _KEYS.get(carriers.folded(carrier)) or (_COURIERS.get(known.name, "") if known else "")


def shows(raw: Shipment, tracking: Mapping[str, str]) -> bool:
    """Whether a shipment bears this tracking already."""
    return all((getattr(raw, name) or "") == value for name, value in tracking.items())
