"""A shipping request as the rows of a file: one for each of its lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from enum import StrEnum

from crossdock.connectors.flat_files.mapping.table import one_line
from crossdock.domain.channel import Address
from crossdock.domain.shipping import RequestedLine, ShippingOrder

FIELDS = (
    "operation",
    "number",
    "order_number",
    "channel",
    "placed_at",
    "location",
    "method",
    "line",
    "sku",
    "gtin",
    "name",
    "options",
    "quantity",
    "unit_price",
    "currency",
    "recipient",
    "company",
    "address_1",
    "address_2",
    "city",
    "state",
    "postal_code",
    "country",
    "phone",
    "email",
    "note",
    "tags",
)
KEPT = ("operation", "number", "sku", "quantity")
"""Without these a warehouse could not tell what to do."""
PLACEHOLDERS = ("number", "order_number", "operation", "location", "fingerprint")
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
LONGEST_PART = 60


class Operation(StrEnum):
    """What a file asks for. Each says the whole request as it is to be; CANCEL says that none of it is to leave."""

    CREATE = "create"
    CHANGE = "change"
    CANCEL = "cancel"


def to_rows(order: ShippingOrder, operation: Operation) -> list[dict[str, str | int]]:
    """Rows by our names of the columns. A line of which nothing is to leave is told only where it had been told before."""
    lines = [line for line in order.lines if line.quantity or operation is not Operation.CREATE]
    return [_row(order, line, operation) for line in lines]


def _row(order: ShippingOrder, line: RequestedLine, operation: Operation) -> dict[str, str | int]:
    price = line.unit_price
    texts = {
        "operation": operation.value,
        "number": order.number,
        "order_number": order.order_number,
        "channel": order.channel,
        "placed_at": order.placed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "location": order.location,
        "method": order.method,
        "line": line.number,
        "sku": line.sku,
        "gtin": line.gtin,
        "name": line.name,
        "options": "; ".join(line.options),
        "unit_price": str(price.amount) if price else "",
        "currency": price.currency if price else order.currency,
        "note": order.note,
        "tags": ", ".join(order.tags),
    } | _address(order.address or Address())
    units = 0 if operation is Operation.CANCEL else line.quantity
    return {name: one_line(text) for name, text in texts.items()} | {"quantity": units}


def _address(address: Address) -> dict[str, str]:
    return {
        "recipient": address.name,
        "company": address.company,
        "address_1": address.lines[0] if address.lines else "",
        "address_2": ", ".join(address.lines[1:]),
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "country": address.country_code,
        "phone": address.phone,
        "email": address.email,
    }


def file_name(pattern: str, order: ShippingOrder, operation: Operation, *, fingerprint: str) -> str:
    """The name without its ending. Whatever stands in a number, it names a file and no path."""
    values: Mapping[str, str] = {
        "number": order.number,
        "order_number": order.order_number,
        "operation": operation.value,
        "location": order.location,
        "fingerprint": fingerprint,
    }
    plain = {name: NOT_IN_NAMES.sub("_", text)[:LONGEST_PART] for name, text in values.items()}
    return pattern.format_map(plain)
