"""A merchant whose orders leave from the hub's own locations: its warehouses, its cards, and what they are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.operations.setup.spec import Spec
from crossdock.operations.task import HUB
from crossdock.store import tables
from journeys.test_hub_stock import MAIN, own, simple_skus
from support.merchant import NUMBER, Merchant
from support.world import World

WMS = "my-warehouse"
MANUAL: dict[str, Any] = {"name": WMS, "connector": "manual_warehouse"}
TELLS: dict[str, Any] = {"push_fulfillments": True}
ANYWHERE: list[dict[str, Any]] = [{"name": "Everything", "destinations": [MAIN]}]
MOST_SYNCS = 5
KEPT = (
    tables.order,
    tables.order_line,
    tables.movement,
    tables.event,
    tables.sale_report,
    tables.fulfillment,
    tables.shipping_request,
    tables.shipping_request_line,
    tables.cancellation,
    tables.exception_case,
)


class Dispatch(Merchant):
    """A merchant who tells both platforms what has left."""

    def link(self, *warehouses: dict[str, Any], links: dict[str, str], **rest: Any) -> None:
        """Add warehouses and link the hub's locations to them, with what the file says beside."""
        places = [{"location": name, "integration": HUB, "linked_to": to} for name, to in links.items()]
        self.apply(integrations=list(warehouses), locations=places, **rest)

    def apply(self, **parts: Any) -> None:
        """What these parts of the file say; all others stay."""
        self.world.hub.apply(Spec.model_validate(parts))

    def requests(self, order: str) -> list[tuple[str, str, int]]:
        """Location, state and open units of each shipping request of an order, the first one first."""
        listed = self.ask.told("requests", "list", "--order", order)["items"]
        found = sorted(listed, key=lambda each: each["number"])
        return [(r["location"], r["state"], sum(line["open"] for line in r["lines"])) for r in found]

    def ship(self, request: str, *more: str, tracking: str = NUMBER) -> Any:
        """Somebody in the warehouse enters what has left."""
        return self.ask.told("requests", "ship", request, "--carrier", "UPS", "--tracking", tracking, *more)

    def pick_list(self, warehouse: str = WMS) -> dict[str, int]:
        """Units to take from the shelves, by SKU."""
        lists = self.ask.told("pick-list", warehouse)
        return {pick["sku"]: pick["quantity"] for each in lists for pick in each["picks"]}

    def cases(self, *kinds: str) -> list[str]:
        """The causes of open exception cases, as people read them."""
        listed = self.ask.told("exceptions")["items"]
        return [each["cause"] for each in listed if not kinds or each["kind"] in kinds]

    def assert_idle(self) -> None:
        """Another sync changes nothing anywhere."""
        self.sync(MOST_SYNCS)
        before = self._everything()
        self.world.sync()
        assert self._everything() == before

    def _everything(self) -> list[Any]:
        made = self.world
        return [made.writes(), *(sorted(map(repr, made.rows(table))) for table in KEPT)]


def dispatch(made: World, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Dispatch:
    """The hub owns the stock: 20 units of each SKU in the main warehouse, 5 in the annex."""
    store, shop = (TELLS | settings.get(name, {}) for name in ("store", "shop"))
    own(made, store=store, shop=shop)
    return Dispatch(made, monkeypatch, sku=simple_skus(made)[0])
