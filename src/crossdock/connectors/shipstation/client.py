"""One method per call of the platform, in its words. Errors are sorted here; nothing is ever sent twice."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from crossdock.connectors.errors import ProtocolError, UnavailableError
from crossdock.connectors.http import Answer, Http
from crossdock.connectors.shipstation import failures, payloads
from crossdock.connectors.shipstation.payloads import Listing
from crossdock.connectors.shipstation.settings import ShipStationCredentials

T = TypeVar("T")
Query = Mapping[str, str]

LARGEST_PAGE = 500
MOST_PAGES = 2_000
_ENCODER = msgspec.json.Encoder(decimal_format="number")
# What changes meanwhile moves to the front, and so can push nothing past the place that a reading has come to.
_NEWEST_CHANGE_FIRST = {"sortBy": "ModifyDate", "sortDir": "DESC"}
_NEWEST_FIRST = {"sortBy": "CreateDate", "sortDir": "DESC"}


class Client:
    """Calls of one account. Dates are texts in the platform's own time; `since` is included."""

    def __init__(self, http: Http, credentials: ShipStationCredentials) -> None:
        self._http = http
        self._base = credentials.api_base
        pair = f"{credentials.api_key.get_secret_value()}:{credentials.api_secret.get_secret_value()}"
        self._headers = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    def stores(self) -> list[payloads.Store]:
        return self._decoded(self._send("GET", "/stores"), list[payloads.Store])

    # Orders

    def orders_changed(self, since: str, page: int, *, store_id: str = "") -> Listing:
        query = {"modifyDateStart": since, **_NEWEST_CHANGE_FIRST}
        return self._page("orders", query | ({"storeId": store_id} if store_id else {}), page)

    def orders_numbered(self, number: str) -> Iterator[Raw]:
        """Orders whose number begins so: the platform looks for no whole number."""
        return self._all("orders", {"orderNumber": number})

    def order(self, order_id: int) -> payloads.Order:
        return self._decoded(self._send("GET", f"/orders/{order_id}"), payloads.Order)

    def save_order(self, body: Mapping[str, Any]) -> payloads.Order:
        """Creates the order with this key, or changes it while it is open: its items become those that are sent."""
        return self._decoded(
            self._send("POST", "/orders/createorder", body=body), payloads.Order, is_write=True
        )

    # What has left

    def shipments_created(self, since: str, page: int) -> Listing:
        return self._page("shipments", {"createDateStart": since, **_NEWEST_FIRST}, page)

    def shipments_voided(self, since: str, page: int) -> Listing:
        return self._page("shipments", {"voidDateStart": since, **_NEWEST_FIRST}, page)

    def shipments_of(self, number: str) -> Iterator[Raw]:
        return self._all("shipments", {"orderNumber": number, "includeShipmentItems": "true"})

    def fulfillments_created(self, since: str, page: int) -> Listing:
        return self._page("fulfillments", {"createDateStart": since, **_NEWEST_FIRST}, page)

    def fulfillments_of(self, number: str) -> Iterator[Raw]:
        """Orders that were marked as shipped without a label of theirs."""
        return self._all("fulfillments", {"orderNumber": number})

    # One call

    def _all(self, name: str, query: Query) -> Iterator[Raw]:
        for page in range(1, MOST_PAGES):
            listing = self._page(name, query, page)
            yield from listing.records
            if page >= listing.pages:
                return
        raise ProtocolError(f"The list of {name} has not ended after {MOST_PAGES} pages")

    def _page(self, name: str, query: Query, page: int) -> Listing:
        query = {**query, "page": str(page), "pageSize": str(LARGEST_PAGE)}
        body = self._decoded(self._send("GET", f"/{name}", query=query), dict[str, Raw])
        try:
            records = msgspec.json.decode(body[name], type=list[Raw])
            return Listing(records, msgspec.json.decode(body["pages"], type=int))
        except (KeyError, msgspec.DecodeError) as error:
            raise _unreadable(error, is_write=False) from error

    def _send(
        self, method: str, place: str, *, query: Query | None = None, body: Mapping[str, Any] | None = None
    ) -> Answer:
        is_write = method != "GET"
        headers = self._headers | ({"Content-Type": "application/json"} if is_write else {})
        content = None if body is None else _ENCODER.encode(body)
        try:
            answer = self._http.send(
                method, self._base + place, params=query, headers=headers, content=content
            )
        except UnavailableError as error:
            # A read that got no answer has changed nothing.
            error.is_unclear = error.is_unclear and is_write
            raise
        if (budget := failures.budget(answer.headers)) is not None:
            self._http.gate.learn(budget)
        failures.raise_for(answer, place=place, is_write=is_write)
        return answer

    def _decoded(self, answer: Answer, kind: type[T], *, is_write: bool = False) -> T:
        """A success that cannot be read is a failure of the platform; what was written may have been applied."""
        try:
            return msgspec.json.decode(answer.body, type=kind, strict=False)
        except msgspec.DecodeError as error:
            raise _unreadable(error, is_write=is_write) from error


def _unreadable(error: Exception, *, is_write: bool) -> UnavailableError:
    return UnavailableError(f"ShipStation answered something unreadable: {error}", is_unclear=is_write)
