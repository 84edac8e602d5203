"""Finds a brand by its name, and whether the shop may sell it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from crossdock.connectors.contract import Clock, Memory
from crossdock.connectors.errors import AccessMissingError, RefusedError
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.mapping.fault import Fault
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import Brand

AUTHORIZED, UNAVAILABLE = "AUTHORIZED", "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Branding:
    """The brand's id, where it can be named, and what to know about it otherwise."""

    id: str = ""
    fault: Fault | None = None
    note: str = ""


class Brands:
    """The brands of TikTok Shop, each asked for once a day: authorizations come and go."""

    def __init__(self, client: Client, memory: Memory, clock: Clock) -> None:
        self._client = client
        self._memory = memory
        self._clock = clock

    def find(self, name: str, *, category_id: str, version: str) -> Branding:
        if not name.strip():
            return Branding()
        brand = self._known(name.strip(), category_id=category_id, version=version)
        if brand is None or text(brand.brand_status) == UNAVAILABLE:
            return Branding(note=f"The brand {name} is not among TikTok Shop's; it was left out")
        if brand.is_t1_brand and text(brand.authorized_status) != AUTHORIZED:
            fix = (
                "Have the brand authorized for the shop in Seller Center (My Account → Brand), "
                "or clear it in the catalog source."
            )
            return Branding(fault=Fault(f"an authorization to sell the brand {name}", fix, is_draftable=True))
        if text(brand.authorized_status) != AUTHORIZED:
            return Branding(text(brand.id), note=f"TikTok Shop shows the brand {name} once it is authorized")
        return Branding(text(brand.id))

    def _known(self, name: str, *, category_id: str, version: str) -> Brand | None:
        """The answer of today, or a fresh one. A lookup that is refused holds no product back."""
        key = f"{self._clock():%Y-%m-%d} {category_id} {name.casefold()}"
        kept = self._memory.get("brand", name.casefold()) or ""
        if kept.startswith(key):
            return msgspec.json.decode(kept.removeprefix(key), type=Brand | None)
        try:
            found = self._client.brands(name, category_id=category_id, version=version).brands or ()
        except (RefusedError, AccessMissingError):
            return None
        brand = next((one for one in found if text(one.name).casefold() == name.casefold()), None)
        self._memory.put("brand", name.casefold(), key + msgspec.json.encode(brand).decode())
        return brand
