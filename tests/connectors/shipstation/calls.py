"""A sample of every call that the client can make. A new method of the client needs one line in `SAMPLES`."""

from __future__ import annotations

from dataclasses import replace

from connectors.samples import RecordingHttp, Request, Sample, recorded
from connectors.shipstation.bench import SAM, request
from crossdock.connectors.shipstation.client import Client
from crossdock.connectors.shipstation.mapping.order import from_request
from crossdock.connectors.shipstation.settings import ShipStationCredentials
from crossdock.domain.money import Money
from crossdock.domain.shipping import RequestedLine

SINCE = "2026-11-24 04:00:00"
LINE = RequestedLine("1", "MUG", "A mug", 2, Money.of("9.50", "USD"), "0123456789012", ("Color: Red",))
WANTED = replace(request(), lines=(LINE,), method="USPS Priority", location="EAST", note="Ring twice")
ORDER = from_request(WANTED, SAM, status="awaiting_shipment", store_id="67002")
CONNECTION, REQUESTS = "Connection", "Push shipping requests"
NEWS, SHIPPED = "Pull shipping requests", "Pull fulfillments"

SAMPLES = (
    Sample("stores", CONNECTION, lambda c: c.stores()),
    Sample("orders_changed", NEWS, lambda c: c.orders_changed(SINCE, 1, store_id="67002")),
    Sample("orders_numbered", REQUESTS, lambda c: c.orders_numbered("1001-1")),
    Sample("save_order", REQUESTS, lambda c: c.save_order(ORDER), limit="one order a call"),
    Sample("order", SHIPPED, lambda c: c.order(94113592)),
    Sample("shipments_created", SHIPPED, lambda c: c.shipments_created(SINCE, 1)),
    Sample("shipments_voided", SHIPPED, lambda c: c.shipments_voided(SINCE, 1)),
    Sample("shipments_of", SHIPPED, lambda c: c.shipments_of("1001-1")),
    Sample("fulfillments_created", SHIPPED, lambda c: c.fulfillments_created(SINCE, 1)),
    Sample("fulfillments_of", SHIPPED, lambda c: c.fulfillments_of("1001-1")),
)


def request_of(sample: Sample) -> Request:
    """The request that a sample makes."""
    given = ShipStationCredentials.parse({"api_key": "the-key", "api_secret": "the-secret"})
    return recorded(sample, Client(RecordingHttp(), given))
