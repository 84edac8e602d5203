"""The lines and shipments of one order, read whole: those that come with it, or all pages of their own lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from msgspec import Raw

from crossdock.connectors.bigcommerce import payloads, payloads_shipment
from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.reading import SHORT_PAGE, decoded
from crossdock.connectors.errors import ProtocolError

MOST_PAGES = 100
# The key that the platform adds to a consignment of which it left lines out.
_CUT = b'"__warning__"'


def all_lines(client: Client, order_id: int | str, *, units: int = 0) -> list[payloads.OrderLine]:
    """Where the `units` of the whole order are known, no page is asked for beyond the lines that come to them."""

    def are_all(raws: Iterable[Raw]) -> bool:
        return 0 < units <= sum(decoded(raw, payloads.OrderLine).quantity for raw in raws)

    raws = _all(lambda page: client.order_lines(order_id, page), f"The lines of order {order_id}", are_all)
    lines = {line.id: line for line in (decoded(raw, payloads.OrderLine) for raw in raws)}
    return sorted(lines.values(), key=lambda line: line.id)


def all_shipments(client: Client, order_id: int | str) -> list[payloads_shipment.Shipment]:
    """Raises ValueError where one of them cannot be understood."""
    raws = _all(lambda page: client.shipments(order_id, page), f"The shipments of order {order_id}")
    shipments = {one.id: one for one in (decoded(raw, payloads_shipment.Shipment) for raw in raws)}
    return sorted(shipments.values(), key=lambda one: one.id)


def _all(
    fetch: Callable[[int], Listing], what: str, are_all: Callable[[Iterable[Raw]], bool] = lambda _: False
) -> list[Raw]:
    found: dict[bytes, Raw] = {}
    for page in range(1, MOST_PAGES + 1):
        records = fetch(page).records
        known = len(found)
        found |= {bytes(raw): raw for raw in records}
        if len(records) < SHORT_PAGE or len(found) == known or are_all(found.values()):
            return list(found.values())
    raise ProtocolError(f"{what} have not ended after {MOST_PAGES} pages")


def consignments_of(raw: Raw) -> payloads.Consignments:
    """Empty where the platform sent a mere link, so that the lines are fetched apart."""
    body = bytes(raw)
    return decoded(body, payloads.Consignments) if body.startswith(b"{") else payloads.Consignments()


def are_cut(raw: Raw) -> bool:
    """Whether the platform says that it left lines out."""
    return _CUT in bytes(raw)


def included_lines(consignments: payloads.Consignments) -> list[payloads.OrderLine]:
    certificates = consignments.email.gift_certificates if consignments.email else None
    groups = (consignments.shipping, consignments.pickups, consignments.downloads, certificates)
    lines: dict[int, payloads.OrderLine] = {}
    for group in groups:
        for consignment in group or ():
            lines |= {line.id: line for line in _lines_of(consignment.line_items)}
    return sorted(lines.values(), key=lambda line: line.id)


def _lines_of(line_items: Raw) -> Iterator[payloads.OrderLine]:
    """Lines come as a list, as links where they were not asked for, and with a note among them where they were cut."""
    body = bytes(line_items)
    parts: list[Raw] = []
    if body.startswith(b"["):
        with suppress(ValueError):  # as where they were cut; then each of them is looked at
            yield from decoded(body, list[payloads.OrderLine])
            return
        parts = decoded(body, list[Raw])
    elif body.startswith(b"{"):
        parts = list(decoded(body, dict[str, Raw]).values())
    for part in parts:
        if bytes(part).startswith(b"{") and b'"quantity"' in bytes(part):
            yield decoded(part, payloads.OrderLine)
