"""The calls, filters and fields of version 1, as far as they are used, from https://docs.shipstation.com/apis/shipstation-v1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.samples import Request

PAGES = {"page", "pageSize", "sortBy", "sortDir"}
QUERIES = {
    "GET /stores": {"showInactive", "marketplaceId"},
    "GET /orders": PAGES
    | {"customerName", "itemKeyword", "orderNumber", "orderStatus", "storeId"}
    | {f"{name}Date{end}" for name in ("create", "modify", "order", "payment") for end in ("Start", "End")},
    "GET /orders/{id}": set(),
    "GET /shipments": PAGES
    | {"recipientName", "recipientCountryCode", "orderNumber", "orderId", "carrierCode", "serviceCode"}
    | {"trackingNumber", "storeId", "includeShipmentItems"}
    | {f"{name}Date{end}" for name in ("create", "ship", "void") for end in ("Start", "End")},
    "GET /fulfillments": PAGES
    | {"fulfillmentId", "orderId", "orderNumber", "trackingNumber", "recipientName"}
    | {f"{name}Date{end}" for name in ("create", "ship") for end in ("Start", "End")},
    "POST /orders/createorder": set(),
}
SORTS = {
    "GET /orders": {"OrderDate", "ModifyDate", "CreateDate"},
    "GET /shipments": {"ShipDate", "CreateDate"},
    "GET /fulfillments": {"ShipDate", "CreateDate"},
}
LARGEST_PAGE = 500
ADDRESS = {
    "name",
    "company",
    "street1",
    "street2",
    "street3",
    "city",
    "state",
    "postalCode",
    "country",
    "phone",
}
BODY = {
    "": {
        "orderNumber",
        "orderKey",
        "orderDate",
        "paymentDate",
        "orderStatus",
        "billTo",
        "shipTo",
        "items",
        "internalNotes",
        "requestedShippingService",
        "advancedOptions",
    },
    "billTo": ADDRESS,
    "shipTo": ADDRESS,
    "items": {"lineItemKey", "sku", "name", "quantity", "unitPrice", "upc", "options"},
    "options": {"name", "value"},
    "advancedOptions": {"storeId", "customField1", "customField2", "customField3", "source"},
}
REQUIRED = {"orderNumber", "orderDate", "orderStatus", "billTo", "shipTo"}
RECORD = re.compile(r"(?<=/)\d+(?=/|$)")


def problems_of(request: Request) -> Iterator[str]:
    """What in a request no page describes."""
    call = f"{request.method} {RECORD.sub('{id}', request.path)}"
    if call not in QUERIES:
        yield f"{call} is in no document"
        return
    for name in request.query.keys() - QUERIES[call]:
        yield f"there is no parameter {name}"
    if (sort := request.query.get("sortBy")) and sort not in SORTS[call]:
        yield f"sortBy: {sort} is none of {', '.join(sorted(SORTS[call]))}"
    if int(request.query.get("pageSize", 1)) > LARGEST_PAGE:
        yield f"a page has {LARGEST_PAGE} records at most"
    if not request.headers.get("authorization", "").startswith("Basic "):
        yield "the header authorization is missing"
    if request.body is not None:
        yield from (f"{name} is required" for name in REQUIRED - request.body.keys())
        yield from _unknown("", request.body)


def _unknown(place: str, given: object) -> Iterator[str]:
    if isinstance(given, list):
        for one in given:
            yield from _unknown(place, one)
    elif isinstance(given, dict):
        yield from (f"there is no field {place}.{name}" for name in given.keys() - BODY[place])
        for name, value in given.items():
            if isinstance(value, (dict, list)) and name in BODY:
                yield from _unknown(name, value)
