"""How each kind of golden file is read: the first word of its name says which kind it is."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from connectors.flat_files.bench import NOW
from connectors.plain import telling_fields
from crossdock.connectors.flat_files.inbox import Incoming
from crossdock.connectors.flat_files.mapping.orders import Operation, file_name, to_rows
from crossdock.connectors.flat_files.mapping.table import UnreadableFileError, write_rows
from crossdock.connectors.flat_files.reading import FileReader
from crossdock.connectors.flat_files.settings import FlatFilesSettings
from crossdock.domain.money import Money
from crossdock.domain.shipping import ShippingOrder

GOLDEN = Path(__file__).parent / "golden"
KINDS = ("order", "fulfillments", "stock", "acknowledgements")


def read(kind: str, given: dict[str, Any]) -> Any:
    """What the connector makes of it, as plain JSON; files are told line by line."""
    settings = FlatFilesSettings.parse(given.get("settings", {}))
    return written(given, settings) if kind == "order" else understood(kind, given, settings)


def written(given: dict[str, Any], settings: FlatFilesSettings) -> Any:
    order, operation = msgspec.convert(given["order"], ShippingOrder), Operation(given["operation"])
    content = write_rows(to_rows(order, operation), settings.dialect(), settings.order_columns())
    name = file_name(settings.orders_file, order, operation, fingerprint="0123456789")
    text = content.decode(settings.dialect().encoding)
    return {"name": name, "lines": text.split("\n" if settings.dialect().is_json else "\r\n")}


def understood(kind: str, given: dict[str, Any], settings: FlatFilesSettings) -> Any:
    content = "\n".join(given["lines"]).encode(settings.dialect().encoding)
    file = Incoming("file", "file", content, "0123456789abcdef", NOW)
    reader = FileReader(settings.dialect())
    read = {
        "fulfillments": lambda: reader.fulfillments(
            file, settings.fulfillment_columns(), settings.date_format
        ),
        "stock": lambda: reader.stock(file, settings.count_columns(), settings.locations),
        "acknowledgements": lambda: reader.acknowledgements(
            file, settings.acknowledgement_columns(), settings.acknowledgement_words
        ),
    }
    try:
        reading = read[kind]()
    except UnreadableFileError as error:
        return {"error": str(error)}
    return {
        "records": [plain(each) for each in reading.records],
        "unreadable": {each.channel_id: each.reason for each in reading.unreadable},
    }


def plain(value: Any) -> Any:
    if isinstance(value, Money | Decimal):
        return str(value)
    if is_dataclass(value):
        return {name: plain(one) for name, one in telling_fields(value).items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return json.loads(json.dumps(value, default=str))
