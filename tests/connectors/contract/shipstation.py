"""ShipStation under the contract suite, against its simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from connectors.contract.subject import Pull, Spoil, Subject, Trial
from connectors.shipstation.bench import SAM, Yard, change, open_yard, request
from crossdock.connectors.contract import Connector
from crossdock.connectors.http import Http
from crossdock.connectors.shipstation.connector import ShipStation

ON = {"orders": True, "fulfillments": True}


class ShipStationSubject(Subject):
    kind = ShipStation
    wrong_field = "API secret"
    pulls: ClassVar = {
        "pull_shipping_requests": Pull(Spoil("/orders$", "orders", "orderStatus"), ON),
        "pull_fulfillments": Pull(Spoil("/shipments$", "shipments", "orderNumber"), ON),
    }

    def __init__(self, yard: Yard) -> None:
        self.yard = yard

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Subject]:
        with open_yard() as yard:
            yield cls(yard)

    def fill(self, pull: str) -> None:  # noqa: ARG002  # the same records serve both
        """Each time of other requests."""
        first = len(self.yard.orders())
        for number in self.yard.send(*(request(f"{n}-1") for n in range(first, first + 5))):
            self.yard.act(f"orders/{number}/label", tracking_number=f"1Z{number}")

    def connector(self, *, http: Http | None = None, wrong: bool = False, **settings: Any) -> Connector:
        return self.yard.hub(http=http, api_secret="wrong" if wrong else "", **settings)

    def secrets(self) -> Sequence[str]:
        return list(self.yard.simulator.credentials.values())

    def fails(self, kind: str, path: str, **more: Any) -> None:
        self.yard.fails(kind, path, **more)

    def small_pages(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr("crossdock.connectors.shipstation.client.LARGEST_PAGE", 2)

    def trials(self) -> Mapping[str, Trial]:
        there = set(self.yard.orders())
        new = [request(f"1001-{n}") for n in range(1, 4)]
        refused = replace(request("1002-1"), address=replace(SAM, country_code="XXX"))
        return {
            "push_shipping_requests": Trial(
                changes=[change(one) for one in new],
                refused=change(refused),
                effect=lambda: sorted(
                    (one.number, one.status)
                    for one in self.yard.simulator.account.orders.values()
                    if one.number not in there
                ),
                wanted=[(one.number, "awaiting_shipment") for one in new],
                path="/orders/createorder",
                settings=ON,
            )
        }


SUBJECT = ShipStationSubject
