"""The ShipStation connector: what it can do, joined from its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import ClassVar

from crossdock.connectors.contract import (
    Connector,
    PullsFulfillments,
    PullsShippingRequests,
    TakesShippingRequests,
    Toolbox,
)
from crossdock.connectors.errors import CredentialsError
from crossdock.connectors.settings import ConnectorSettings, Credentials
from crossdock.connectors.shipstation.client import Client
from crossdock.connectors.shipstation.news import pull_news
from crossdock.connectors.shipstation.requests import RequestPush
from crossdock.connectors.shipstation.settings import ShipStationCredentials, ShipStationSettings
from crossdock.connectors.shipstation.shipments import Shipments
from crossdock.domain.channel import Account, ChannelId
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.shipping import RequestNews, ShippingOrder
from crossdock.domain.sync import Change, Cursor, Entity, Outcome, Page


class ShipStation(Connector, TakesShippingRequests, PullsShippingRequests, PullsFulfillments):
    key: ClassVar[str] = "shipstation"
    title: ClassVar[str] = "ShipStation"
    settings_type: ClassVar[type[ConnectorSettings]] = ShipStationSettings
    credentials_type: ClassVar[type[Credentials]] = ShipStationCredentials
    guidance: ClassVar[str] = (
        "In ShipStation: Settings → Account → API Settings → generate API keys of version 1, and enter both here. "
        "Then set up a store for the hub's orders there, and name it in the settings."
    )

    def __init__(self, toolbox: Toolbox) -> None:
        super().__init__(toolbox)
        if not isinstance(toolbox.settings, ShipStationSettings):
            raise TypeError("ShipStation needs its own settings")
        if not isinstance(toolbox.credentials, ShipStationCredentials):
            raise TypeError("ShipStation needs its own credentials")
        self._settings = toolbox.settings
        self._credentials = toolbox.credentials
        self._client = Client(toolbox.http, toolbox.credentials)

    def check(self) -> Account:
        """The platform names no account, so that the key stands for it, in a form that gives nothing away."""
        stores = {str(store.store_id): store.store_name for store in self._client.stores() if store.active}
        wanted = self._settings.store_id
        if wanted and wanted not in stores:
            known = ", ".join(f"{number} ({name})" for number, name in stores.items()) or "none"
            raise CredentialsError(
                f"ShipStation store: the account has no active store {wanted}; it has {known}",
                fix="Enter the number of one of them as ShipStation store, or leave it empty.",
            )
        key = sha256(self._credentials.api_key.get_secret_value().encode()).hexdigest()[:12]
        return Account(
            channel_id=ChannelId(f"{key}-{wanted}" if wanted else key),
            name=stores.get(wanted, "") or "ShipStation",
            currency="",
            facts={"stores": ", ".join(stores.values())},
        )

    def flows(self) -> Mapping[tuple[str, Entity], bool]:
        settings = self._settings
        return {
            ("push", Entity.SHIPPING_REQUESTS): settings.orders,
            ("pull", Entity.SHIPPING_REQUESTS): settings.orders,
            ("pull", Entity.FULFILLMENTS): settings.fulfillments,
        }

    def push_shipping_requests(self, changes: Iterable[Change[ShippingOrder]]) -> Iterator[Outcome]:
        return RequestPush(self._client, self._settings.store_id).push(changes)

    def pull_shipping_requests(self, since: Cursor | None) -> Iterator[Page[RequestNews]]:
        return pull_news(self._client, self._settings.store_id, since, self.toolbox.clock)

    def pull_fulfillments(self, since: Cursor | None) -> Iterator[Page[OrderShipments]]:
        return Shipments(self._client).pull(since, self.toolbox.clock)
