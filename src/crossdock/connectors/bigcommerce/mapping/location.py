"""A place that holds stock."""

from __future__ import annotations

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping.account import DEFAULT_LOCATION
from crossdock.domain.channel import Address, ChannelId, ChannelLocation


def to_location(raw: payloads.Location) -> ChannelLocation:
    channel_id = ChannelId(str(raw.id))
    return ChannelLocation(
        channel_id=channel_id,
        name=raw.label or raw.code or channel_id,
        code=raw.code or "",
        is_active=raw.enabled is not False,
        is_default=channel_id == DEFAULT_LOCATION,
        address=_to_address(raw.address) if raw.address else None,
    )


def _to_address(raw: payloads.LocationAddress) -> Address:
    return Address(
        lines=tuple(line for line in (raw.address1, raw.address2) if line),
        city=raw.city or "",
        state=raw.state or "",
        postal_code=raw.zip or "",
        country_code=raw.country_code or "",
        phone=raw.phone or "",
        email=raw.email or "",
    )
