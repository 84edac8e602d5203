"""Calls about orders, one method each, in the platform's words. `urgent` calls go before the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crossdock.connectors.bigcommerce import payloads, payloads_shipment
from crossdock.connectors.bigcommerce.calls import Caller, Listing
from crossdock.connectors.bigcommerce.mapping.dates import from_moment

ORDERS_PAGE = 250
LINES_PAGE = 250
SHIPMENTS_PAGE = 250
REFUNDS_PAGE = 250

_ORDER_PARTS = {
    "include": "consignments,consignments.line_items,fees",
    "consignment_structure": "object",
}


class OrderCalls(Caller):
    def orders(self, modified_since: datetime | None, created_since: datetime | None, page: int) -> Listing:
        """Orders by modification date, oldest first. None is an empty list: the platform says 204."""
        query = {"sort": "date_modified:asc", "limit": str(ORDERS_PAGE), "page": str(page), **_ORDER_PARTS}
        if modified_since is not None:
            query["min_date_modified"] = from_moment(modified_since)
        if created_since is not None:
            query["min_date_created"] = from_moment(created_since)
        return self._bare_list("/v2/orders", query)

    def order_lines(self, order_id: int | str, page: int) -> Listing:
        query = {"limit": str(LINES_PAGE), "page": str(page)}
        return self._bare_list(f"/v2/orders/{order_id}/products", query)

    def orders_referring_to(self, external_order_id: str) -> Listing:
        return self._bare_list("/v2/orders", {"external_order_id": external_order_id})

    def create_order(self, body: Mapping[str, Any]) -> payloads.Created:
        answer = self._send("POST", "/v2/orders", body=body, lane="urgent")
        return self._one(answer, payloads.Created, is_write=True)

    def update_order(self, order_id: str, body: Mapping[str, Any]) -> None:
        self._send("PUT", f"/v2/orders/{order_id}", body=body, lane="urgent")

    def shipping_addresses(self, order_id: str) -> Listing:
        return self._bare_list(f"/v2/orders/{order_id}/shipping_addresses", {"limit": str(LINES_PAGE)})

    def update_shipping_address(self, order_id: str, address_id: int, body: Mapping[str, Any]) -> None:
        place = f"/v2/orders/{order_id}/shipping_addresses/{address_id}"
        self._send("PUT", place, body=body, lane="urgent")

    def order_standing(self, order_id: str) -> payloads.OrderStanding:
        answer = self._send("GET", f"/v2/orders/{order_id}", lane="urgent")
        return self._record(answer, payloads.OrderStanding)

    def shipments(self, order_id: int | str, page: int) -> Listing:
        """None is an empty list: the platform says 204."""
        query = {"limit": str(SHIPMENTS_PAGE), "page": str(page)}
        return self._bare_list(f"/v2/orders/{order_id}/shipments", query)

    def create_shipment(self, order_id: str, body: Mapping[str, Any]) -> payloads_shipment.Made:
        """Its items name lines of one address; the platform may mail the customer each time."""
        answer = self._send("POST", f"/v2/orders/{order_id}/shipments", body=body, lane="urgent")
        return self._one(answer, payloads_shipment.Made, is_write=True)

    def update_shipment(self, order_id: str, shipment_id: int, body: Mapping[str, Any]) -> None:
        """Tracking only: the platform refuses items here."""
        self._send("PUT", f"/v2/orders/{order_id}/shipments/{shipment_id}", body=body, lane="urgent")

    def delete_shipment(self, order_id: str, shipment_id: int) -> None:
        """Its units are open again; the status of the order stays."""
        self._send("DELETE", f"/v2/orders/{order_id}/shipments/{shipment_id}", lane="urgent")

    def refunds(self, created_since: datetime | None, page: int) -> Listing:
        """Refund records of all orders, in no documented order."""
        query = {"limit": str(REFUNDS_PAGE), "page": str(page)}
        if created_since is not None:
            query["created:min"] = from_moment(created_since)
        return self._listing("/v3/orders/payment_actions/refunds", query)
