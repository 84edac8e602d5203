"""The ids that orders have in other systems, written onto them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.domain.channel import ChannelId
from crossdock.domain.elsewhere import OrderReference
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

ORDERS_A_CALL = 100
LINES_AN_ORDER = 100
# What the platform can call the other system; any other one is some order system.
PLATFORMS = frozenset({"SHOPIFY", "WOOCOMMERCE", "BIGCOMMERCE", "MAGENTO", "AMAZON"})
UNNAMED_PLATFORM = "ORDER_MANAGEMENT_SYSTEM"


def write_references(client: Client, changes: Sequence[Change[OrderReference]]) -> Iterator[Outcome]:
    for start in range(0, len(changes), ORDERS_A_CALL):
        yield from _write(client, changes[start : start + ORDERS_A_CALL])


def _write(client: Client, changes: Sequence[Change[OrderReference]]) -> Iterator[Outcome]:
    try:
        reply = client.add_external_orders([_body(change) for change in changes])
    except RefusedError as error:
        yield from (
            Rejected(each.key, str(error), error.fix, error.code, error.request_id) for each in changes
        )
        return
    except UnavailableError as error:
        if not error.is_unclear:
            raise
        yield from (Unclear(each.key, str(error)) for each in changes)
        return
    refused = {text(each.detail.order_id): each for each in reply.data.errors or () if each.detail}
    for change in changes:
        if (refusal := refused.get(str(change.channel_id))) is not None:
            yield Rejected(
                change.key, text(refusal.message), code=text(refusal.code), request_id=reply.request_id
            )
        else:
            yield Confirmed(change.key, ChannelId(str(change.channel_id)), request_id=reply.request_id)


def _body(change: Change[OrderReference]) -> dict[str, Any]:
    """A unit inside a bundle belongs to the line item of the bundle; a line that is not known bears the order's id."""
    wanted = change.desired
    origins = {unit.partition("/")[0]: line or wanted.reference for unit, line in wanted.lines}
    platform = wanted.platform.upper()
    external = {
        "id": wanted.reference,
        "platform": platform if platform in PLATFORMS else UNNAMED_PLATFORM,
        "line_items": [
            {"id": line, "origin_id": origin} for origin, line in list(origins.items())[:LINES_AN_ORDER]
        ],
    }
    return {"id": str(change.channel_id), "external_order": external}
