"""A warehouse without a system of its own: what it is to ship stands on its pick list in the hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from crossdock.connectors.contract import Connector, Rules, TakesShippingRequests
from crossdock.connectors.manual_warehouse.settings import (
    ManualWarehouseCredentials,
    ManualWarehouseSettings,
)
from crossdock.domain.channel import Account, ChannelId
from crossdock.domain.shipping import ShippingOrder
from crossdock.domain.sync import Change, Confirmed, Entity, Outcome
from crossdock.domain.warehouse import Paper, PickOrder, WarehouseStyle


class ManualWarehouse(Connector, TakesShippingRequests):
    """It takes every request at once, since there is nobody to ask: people find it on the pick list."""

    key = "manual_warehouse"
    title = "Manual warehouse"
    settings_type = ManualWarehouseSettings
    credentials_type = ManualWarehouseCredentials
    guidance = "Nothing is needed: it is connected as soon as it is added. Link a location to it next."
    is_built_in = True

    def check(self) -> Account:
        """There is nothing to reach; each one is a warehouse of its own."""
        name = self.toolbox.integration
        return Account(ChannelId(name), name, "")

    def flows(self) -> Mapping[tuple[str, Entity], bool]:
        return {("push", Entity.SHIPPING_REQUESTS): True}

    def rules(self) -> Rules:
        settings = cast("ManualWarehouseSettings", self.toolbox.settings)
        style = WarehouseStyle(
            paper=Paper(settings.paper_size),
            sender=settings.slip_sender,
            note=settings.slip_note,
            picks_by=PickOrder(settings.pick_list_order),
        )
        return Rules(warehouse_style=style)

    def push_shipping_requests(self, changes: Iterable[Change[ShippingOrder]]) -> Iterator[Outcome]:
        """The request's own number is its id here, so that handing it over again changes nothing."""
        for change in changes:
            is_new = change.channel_id is None
            yield Confirmed(change.key, ChannelId(change.desired.number), is_new=is_new)
