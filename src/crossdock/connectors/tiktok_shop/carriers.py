"""Finds the shipping provider that TikTok Shop wants for a carrier of the hub."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from crossdock.connectors.contract import Clock, Memory
from crossdock.connectors.errors import RefusedError
from crossdock.connectors.tiktok_shop import payloads_fulfillment as payloads
from crossdock.connectors.tiktok_shop.client_fulfillment import FulfillmentClient
from crossdock.connectors.tiktok_shop.mapping.carrier import Provider, are_same, chosen, pick
from crossdock.connectors.tiktok_shop.mapping.lines import Shipment
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.refusals import CORRECT

KIND = "carriers"
MOST_NAMES = 60


@dataclass(frozen=True)
class CarrierSettings:
    """What a merchant says about carriers, and where: `carrier_map` is hub name → provider name or id."""

    integration: str
    carrier_map: Mapping[str, str] = field(default_factory=dict)

    def line_for(self, carrier: str) -> str:
        """The command that maps one more carrier; a setting is always given whole."""
        whole = {**self.carrier_map, carrier: "NAME"}
        value = shlex.quote(f"carrier_map={json.dumps(whole, ensure_ascii=False)}")
        return f"crossdock settings set {self.integration} {value}"


@dataclass(frozen=True, slots=True)
class NoProvider:
    """Why no provider fits, and what to do."""

    reason: str
    fix: str
    choices: tuple[str, ...] = ()
    """The providers that there are."""


class Carriers:
    """TikTok Shop's providers, asked for once a day and delivery option."""

    def __init__(
        self, client: FulfillmentClient, memory: Memory, clock: Clock, settings: CarrierSettings
    ) -> None:
        self._client = client
        self._memory = memory
        self._clock = clock
        self._settings = settings
        self._fresh: dict[str, tuple[Provider, ...]] = {}
        self._refused: dict[str, RefusedError] = {}

    def is_by(self, parcel: Shipment, carrier: str) -> bool:
        """Whether a parcel shows this carrier; one that shows none is not known to differ."""
        wanted = chosen(carrier, self._settings.carrier_map)
        shows_none = not parcel.carrier and not parcel.provider_id
        return shows_none or parcel.provider_id == wanted or are_same(parcel.carrier, wanted)

    def find(self, delivery_option_id: str, carrier: str) -> Provider | NoProvider:
        wanted = chosen(carrier, self._settings.carrier_map)
        if not wanted:
            fix = f"{CORRECT}, so that it names its carrier"
            return NoProvider("the fulfillment names no carrier, which TikTok Shop asks for", fix)
        if not delivery_option_id:
            return self._without_list(
                carrier, wanted, "the order names no delivery option to look carriers up by"
            )
        try:
            providers = self._providers(delivery_option_id)
            found = pick(wanted, providers)
            if found is None and delivery_option_id not in self._fresh:
                providers = self._read(delivery_option_id)
                found = pick(wanted, providers)
        except RefusedError as error:
            why = (
                f"TikTok Shop names no carriers for delivery option {delivery_option_id}, as for those that TikTok "
                f"ships itself ({error})"
            )
            return self._without_list(carrier, wanted, why)
        return found or self._unknown(carrier, wanted, providers)

    def _without_list(self, carrier: str, wanted: str, why: str) -> Provider | NoProvider:
        """An id that the settings name is taken at its word where there is no list to find it in."""
        if wanted.isdigit():
            return Provider(wanted)
        fix = f"Map the carrier to the id of TikTok Shop's provider: {self._settings.line_for(carrier)}"
        return NoProvider(why, fix)

    def _unknown(self, carrier: str, wanted: str, providers: Sequence[Provider]) -> NoProvider:
        names = sorted((each.name for each in providers), key=str.casefold)
        listed = ", ".join(names[:MOST_NAMES]) or "none"
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        mapped = "" if wanted == carrier else f" (which the carrier map calls {wanted!r})"
        return NoProvider(
            f"{carrier!r}{mapped} is no carrier that TikTok Shop takes for this order; it takes: {listed}{more}",
            f"Say which of them it is, in place of NAME: {self._settings.line_for(carrier)}",
            tuple(names),
        )

    def _providers(self, option_id: str) -> tuple[Provider, ...]:
        if option_id in self._fresh:
            return self._fresh[option_id]
        today = self._today()
        kept = self._memory.get(KIND, option_id) or ""
        if kept.startswith(today):
            return msgspec.json.decode(kept.removeprefix(today), type=tuple[Provider, ...])
        return self._read(option_id)

    def _read(self, option_id: str) -> tuple[Provider, ...]:
        if option_id in self._refused:
            raise self._refused[option_id]
        try:
            found = self._client.shipping_providers(option_id).shipping_providers or ()
        except RefusedError as error:
            self._refused[option_id] = error
            raise
        providers = tuple(_provider(each) for each in found)
        self._fresh[option_id] = providers
        self._memory.put(KIND, option_id, self._today() + msgspec.json.encode(providers).decode())
        return providers

    def _today(self) -> str:
        return f"{self._clock():%Y-%m-%d} "


def _provider(found: payloads.Provider) -> Provider:
    return Provider(text(found.id), text(found.name))
