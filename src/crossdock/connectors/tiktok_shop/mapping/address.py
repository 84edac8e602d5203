"""A recipient's address: state and city stand only in its list of districts."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_order import District, RecipientAddress
from crossdock.domain.channel import Address

STATE_NAMES = frozenset({"state", "province", "prefecture", "region", "nation"})
CITY_NAMES = frozenset({"city", "town", "municipality", "post town"})
# Where level names say nothing: L0 is the country, and below it each market goes as deep as it likes.
STATE_LEVEL = "L1"
CITY_LEVELS = ("L3", "L2")


def to_address(address: RecipientAddress | None, *, email: str) -> Address | None:
    """None while TikTok Shop withholds it: unpaid and in the buyer's hour of remorse."""
    if address is None or not _lines(address):
        return None
    name = text(address.name) or " ".join(filter(None, (text(address.first_name), text(address.last_name))))
    lines, phone = _lines(address), text(address.phone_number)
    districts = address.district_info or ()
    return Address(
        name=name,
        lines=lines,
        city=text(address.post_town) or _district(districts, CITY_NAMES, CITY_LEVELS),
        state=_district(districts, STATE_NAMES, (STATE_LEVEL,)),
        postal_code=text(address.postal_code),
        country_code=text(address.region_code),
        phone=phone,
        email=email,
        is_masked=any("*" in part for part in (name, phone, *lines)),
    )


def _lines(address: RecipientAddress) -> tuple[str, ...]:
    parts = (address.address_line1, address.address_line2, address.address_line3, address.address_line4)
    lines = tuple(line for part in parts if (line := text(part)))
    whole = text(address.address_detail) or (text(address.full_address) if address.district_info else "")
    return lines or tuple(filter(None, (whole,)))


def _district(districts: Sequence[District], names: frozenset[str], levels: Sequence[str]) -> str:
    """By the level's name first, by its number where no name is known."""
    for district in districts:
        if text(district.address_level_name).casefold() in names:
            return text(district.address_name)
    by_level = {text(district.address_level): text(district.address_name) for district in districts}
    return next((by_level[level] for level in levels if by_level.get(level)), "")
