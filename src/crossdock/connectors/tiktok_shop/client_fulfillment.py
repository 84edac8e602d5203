"""TikTok Shop's calls about what leaves, one method each, in the platform's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from crossdock.connectors.errors import ProtocolError, RefusedError
from crossdock.connectors.tiktok_shop import payloads, payloads_order
from crossdock.connectors.tiktok_shop import payloads_fulfillment as parcels
from crossdock.connectors.tiktok_shop.calls import NOT_FOR_THIS_APP, Call, Caller, Reply

ORDERS_A_CALL = 50
NEWEST, NEWEST_LABEL, OLDER = "/202610/", "/202512/", "/202309/"

T = TypeVar("T")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Label:
    """The number and the carrier under which a package travels."""

    number: str
    provider_id: str

    def as_body(self) -> dict[str, str]:
        return {"tracking_number": self.number, "shipping_provider_id": self.provider_id}


@dataclass(frozen=True, slots=True)
class Item:
    """A line item to ship, or one part of it where it is a bundle."""

    line_id: str
    part_id: str = ""

    def as_body(self) -> dict[str, str]:
        return {"order_line_id": self.line_id} | ({"sub_item_id": self.part_id} if self.part_id else {})


class FulfillmentClient:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._is_older = False

    @property
    def region(self) -> str:
        return self._caller.shop().region

    def orders(self, ids: Collection[str]) -> payloads_order.Orders:
        """Up to 50 orders as they stand now; unknown ones are left out."""
        call = Call("GET", "/order/202507/orders", query={"ids": ",".join(ids)}, lane="urgent")
        return self._caller.send(call, payloads_order.Orders).data

    def shipping_providers(self, delivery_option_id: str) -> parcels.Providers:
        """The carriers that fit a delivery option; refused for options that TikTok ships itself."""
        path = f"/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers"
        return self._caller.send(Call("GET", path, lane="urgent"), parcels.Providers).data

    def package(self, package_id: str) -> parcels.PackageDetail:
        call = Call("GET", f"/fulfillment/202309/packages/{package_id}", lane="urgent")
        return self._caller.send(call, parcels.PackageDetail).data

    def mark_shipped(
        self, order_id: str, items: Sequence[Item], label: Label, *, whole: Collection[str] | None
    ) -> Reply[parcels.Marked]:
        """Make a package of these items, which thereby leaves. Not to be repeated blindly.

        `whole` are the line items that `items` amount to, None where they are parts of one: the older version knows
        line items only. Raises RefusedError for an app that has no other.
        """
        body = {"order_line_list": [i.as_body() for i in items], "shipping_info_list": [label.as_body()]}
        older = {"order_line_item_ids": sorted(whole), **label.as_body()} if whole is not None else None
        return self._newest(f"/fulfillment/202610/orders/{order_id}/packages", body, older, parcels.Marked)

    def ship_package(self, package_id: str, label: Label) -> Reply[payloads.Nothing]:
        """Ship a package that TikTok Shop made when the order was placed."""
        path = f"/fulfillment/202309/packages/{package_id}/ship"
        return self._caller.send(_writing(path, {"self_shipment": label.as_body()}), payloads.Nothing)

    def hand_over(self, package_id: str, handover: Json) -> Reply[payloads.Nothing]:
        """Arrange for a package that travels with TikTok's label to be picked up or dropped off."""
        path = f"/fulfillment/202309/packages/{package_id}/ship"
        return self._caller.send(_writing(path, handover), payloads.Nothing)

    def handover_slots(self, package_id: str) -> parcels.HandoverSlots:
        path = f"/fulfillment/202309/packages/{package_id}/handover_time_slots"
        return self._caller.send(Call("GET", path, lane="urgent"), parcels.HandoverSlots).data

    def shipping_services(self, order_id: str, items: Sequence[Item]) -> parcels.Services:
        """What TikTok's label for these items would cost, by service."""
        path = f"/fulfillment/202309/orders/{order_id}/shipping_services/query"
        body = {"order_line_list": [item.as_body() for item in items]}
        return self._caller.send(Call("POST", path, body=body, lane="urgent"), parcels.Services).data

    def buy_label(
        self, order_id: str, items: Sequence[Item] | None, more: Json, *, whole: Collection[str] | None
    ) -> Reply[parcels.Bought]:
        """Make a package of these items, None for the whole order, and buy TikTok's label. Not to be repeated blindly.

        `more` holds service, weight and measures, and `whole` is as for `mark_shipped`.
        """
        body: dict[str, Any] = {"ship_type": "1" if items is None else "2", "order_id": order_id, **more}
        if items is not None:
            body["order_line_item"] = [item.as_body() for item in items]
        older = (
            {"order_id": order_id, "order_line_item_ids": sorted(whole), **more}
            if whole is not None
            else None
        )
        return self._newest(f"/fulfillment{NEWEST_LABEL}packages", body, older, parcels.Bought)

    def shipping_label(self, package_id: str) -> parcels.Document:
        path = f"/fulfillment/202309/packages/{package_id}/shipping_documents"
        query = {"document_type": "SHIPPING_LABEL"}
        return self._caller.send(Call("GET", path, query=query, lane="urgent"), parcels.Document).data

    def correct_order(self, order_id: str, label: Label) -> Reply[payloads.Nothing]:
        """Another number or carrier for an order that left in one package."""
        path = f"/fulfillment/202309/orders/{order_id}/shipping_info/update"
        return self._caller.send(_writing(path, label.as_body()), payloads.Nothing)

    def correct_package(self, package_id: str, label: Label) -> Reply[payloads.Nothing]:
        path = f"/fulfillment/202610/packages/{package_id}/shipping_info/update"
        return self._newest(
            path, {"shipping_info_list": [label.as_body()]}, label.as_body(), payloads.Nothing
        )

    def _newest(self, path: str, body: Json, older: Json | None, kind: type[T]) -> Reply[T]:
        """The newest version, or the older one with its own body for an app that does not have it."""
        call = _writing(path, body)
        if not self._is_older:
            try:
                return self._caller.send(call, kind)
            except ProtocolError as error:
                if error.code not in NOT_FOR_THIS_APP:
                    raise
                self._is_older = True
        if older is None:
            raise RefusedError(
                "the app has only the older version of the call, which ships bundles whole",
                fix="Ship all parts of the bundle in one fulfillment, or ship it in Seller Center",
            )
        return self._caller.send(replace(call, path=_older(path), body=older), kind)


def _older(path: str) -> str:
    return path.replace(NEWEST, OLDER).replace(NEWEST_LABEL, OLDER)


def _writing(path: str, body: Json) -> Call:
    return Call("POST", path, body=body, lane="urgent", is_write=True)
