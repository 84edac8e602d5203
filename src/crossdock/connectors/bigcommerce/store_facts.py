"""What must be known of the store to read its numbers, asked for once where the last check does not say."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.account import to_store_facts
from crossdock.connectors.bigcommerce.mapping.product import StoreUnits
from crossdock.domain.channel import LengthUnit, WeightUnit


class StoreFacts:
    """The facts of the last connection check, completed by one call where they are not there."""

    def __init__(self, client: Client, checked: Mapping[str, str]) -> None:
        self._client = client
        self._facts = dict(checked)
        self._is_complete = "currency" in self._facts

    @property
    def stock_behavior(self) -> str:
        return self._facts.get("stock_behavior", "")

    @property
    def currency(self) -> str:
        return self._complete().get("currency", "")

    @property
    def country(self) -> str:
        return self._complete().get("country", "")

    def units(self) -> StoreUnits:
        facts = self._complete()
        weight, length = None, None
        with suppress(ValueError):
            weight = WeightUnit(facts.get("weight_unit", ""))
        with suppress(ValueError):
            length = LengthUnit(facts.get("dimension_unit", ""))
        return StoreUnits(facts.get("currency", ""), weight, length)

    def _complete(self) -> Mapping[str, str]:
        if not self._is_complete:
            self._facts |= to_store_facts(self._client.store())
            self._is_complete = True
        return self._facts
