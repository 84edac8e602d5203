"""A TikTok Shop warehouse becomes a location; the one place for sale and returns has two ids."""

from __future__ import annotations

from crossdock.connectors.tiktok_shop.payloads import Warehouse, WarehouseAddress, text
from crossdock.domain.channel import Address, ChannelId, ChannelLocation, LocationKind


def to_location(warehouse: Warehouse) -> ChannelLocation:
    """RESTRICTED and DISABLED warehouses sell nothing, so they count as inactive."""
    is_returns = text(warehouse.type) == "RETURN_WAREHOUSE"
    return ChannelLocation(
        channel_id=ChannelId(text(warehouse.id)),
        name=text(warehouse.name) or text(warehouse.id),
        kind=LocationKind.RETURNS if is_returns else LocationKind.WAREHOUSE,
        is_active=text(warehouse.effect_status) in ("ENABLED", ""),
        is_default=bool(warehouse.is_default),
        address=_address(warehouse.address),
    )


def _address(address: WarehouseAddress | None) -> Address | None:
    if address is None:
        return None
    lines = tuple(
        line
        for part in (
            address.address_line1,
            address.address_line2,
            address.address_line3,
            address.address_line4,
        )
        if (line := text(part))
    )
    return Address(
        name=text(address.contact_person),
        lines=lines or tuple(filter(None, (text(address.full_address),))),
        city=text(address.city),
        state=text(address.state),
        postal_code=text(address.postal_code),
        country_code=text(address.region_code),
        phone=text(address.phone_number),
    )
