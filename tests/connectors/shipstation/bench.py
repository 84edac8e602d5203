"""A simulated ShipStation account over real HTTP, and connectors that are plugged into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request as ControlRequest
from urllib.request import urlopen

from connectors.bigcommerce.scripted import DictMemory, LearningGate, NoVault
from crossdock.connectors.contract import Toolbox
from crossdock.connectors.http import Http
from crossdock.connectors.shipstation.connector import ShipStation
from crossdock.connectors.shipstation.settings import ShipStationCredentials, ShipStationSettings
from crossdock.domain.channel import Address, ChannelId
from crossdock.domain.shipping import RequestedLine, ShippingOrder
from crossdock.domain.sync import Change, Outcome
from crossdock_simulators.kit import Fault
from crossdock_simulators.shipstation.app import Simulator
from support.stage import on_stage

PLENTY = 100_000
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SAM = Address(
    name="Sam Shopper",
    lines=("12 Sample Street", "Flat 3", "Rear", "Left"),
    city="Austin",
    state="TX",
    postal_code="78701",
    country_code="US",
    phone="+1 512 555 0100",
    email="sam@example.com",
)


def request(number: str = "1001-1", *units: tuple[str, int], **more: Any) -> ShippingOrder:
    """A shipping request for units by SKU, two mugs and a tote unless told otherwise."""
    lines = tuple(
        RequestedLine(str(place), sku, f"A {sku.lower()}", quantity)
        for place, (sku, quantity) in enumerate(units or (("MUG", 2), ("TOTE", 1)), start=1)
    )
    given = {"order_number": number.partition("-")[0], "channel": "store", "placed_at": NOW, "address": SAM}
    return ShippingOrder(number=number, lines=lines, **given | more)


def change(wanted: ShippingOrder, channel_id: str = "", *, is_unclear: bool = False) -> Change[ShippingOrder]:
    return Change(
        f"hub-{wanted.number}", wanted, ChannelId(channel_id) if channel_id else None, is_unclear=is_unclear
    )


@dataclass
class Yard:
    """The account as people in the warehouse see it, and the hub's connector to it."""

    simulator: Simulator
    address: str
    gate: LearningGate = field(default_factory=LearningGate)
    https: list[Http] = field(default_factory=list)

    def hub(self, *, http: Http | None = None, api_secret: str = "", **settings: Any) -> ShipStation:
        self.https.append(http or Http(gate=self.gate))
        given = {**self.simulator.credentials, "api_base": self.address}
        return ShipStation(
            toolbox(self.https[-1], given | ({"api_secret": api_secret} if api_secret else {}), **settings)
        )

    def push(self, *changes: Change[ShippingOrder], **settings: Any) -> list[Outcome]:
        return list(self.hub(**settings).push_shipping_requests(changes))

    def send(self, *wanted: ShippingOrder) -> list[str]:
        """The ids of new orders for these requests."""
        return [getattr(outcome, "channel_id") for outcome in self.push(*map(change, wanted))]  # noqa: B009

    def act(self, path: str, **values: Any) -> Any:
        """What a person does there, by the simulator's own door."""
        headers = {"Content-Type": "application/json"}
        asked = ControlRequest(
            f"{self.address}/_sim/{path}", data=json.dumps(values).encode(), headers=headers
        )
        with urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    def fails(self, kind: Any, path: str = "", **more: Any) -> None:
        self.simulator.faults.add(Fault(kind, path=path, **more))

    def orders(self) -> dict[str, tuple[str, dict[str, int]]]:
        """Status and units by SKU of every order, by number."""
        return {
            one.number: (one.status, {str(item["sku"]): item["quantity"] for item in one.items})
            for one in self.simulator.account.orders.values()
        }

    def calls(self, since: int = 0) -> list[str]:
        return [f"{entry.method} {entry.path}" for entry in self.simulator.journal.entries(since)]


def toolbox(http: Http, credentials: dict[str, str] | None = None, **settings: Any) -> Toolbox:
    given = credentials or {"api_key": "the-key", "api_secret": "the-secret"}
    return Toolbox(
        integration="my-3pl",
        http=http,
        credentials=ShipStationCredentials.parse(given),
        settings=ShipStationSettings.parse(settings),
        vault=NoVault(),
        memory=DictMemory(),
        clock=lambda: datetime.now(UTC),
    )


@contextmanager
def open_yard(**options: Any) -> Iterator[Yard]:
    simulator = Simulator(**{"per_minute": PLENTY} | options)
    with on_stage(simulator.asgi) as address:
        yard = Yard(simulator, address)
        try:
            yield yard
        finally:
            for http in yard.https:
                http.close()
            simulator.close()
