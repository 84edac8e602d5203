"""What can be set for a warehouse that exchanges files."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, ValidationInfo, field_validator

from crossdock.connectors.flat_files.files import is_safe
from crossdock.connectors.flat_files.mapping import news as ack_rows
from crossdock.connectors.flat_files.mapping import orders as order_rows
from crossdock.connectors.flat_files.mapping import shipments as shipment_rows
from crossdock.connectors.flat_files.mapping import stock as stock_rows
from crossdock.connectors.flat_files.mapping.table import Columns, Dialect
from crossdock.connectors.settings import Choice, ScopedSettings, When, setting
from crossdock.domain.shipping import NewsKind

Names = dict[str, str]


class Format(Choice):
    CSV = "csv", "CSV"
    JSON = "json", "JSON, a list of objects"


class Delimiter(Choice):
    COMMA = "comma", "Comma"
    SEMICOLON = "semicolon", "Semicolon"
    TAB = "tab", "Tab"
    PIPE = "pipe", "Vertical bar"


class Encoding(Choice):
    UTF_8 = "utf-8", "UTF-8"
    WINDOWS = "windows-1252", "Windows (Western European)"
    LATIN_1 = "latin-1", "ISO 8859-1 (Latin 1)"


DELIMITERS = {
    Delimiter.COMMA: ",",
    Delimiter.SEMICOLON: ";",
    Delimiter.TAB: "\t",
    Delimiter.PIPE: "|",
}
CODECS = {Encoding.UTF_8: "utf-8-sig", Encoding.WINDOWS: "cp1252", Encoding.LATIN_1: "latin-1"}

_ORDERS = When("orders", (True,))
_ACKNOWLEDGED = When("acknowledgements", (True,))
_FULFILLMENTS = When("fulfillments", (True,))
_STOCK = When("inventory", (True,))
_CSV = When("format", (Format.CSV,))


def _is_folder(text: str) -> str:
    if not is_safe(text):
        raise ValueError(
            "is a folder below the base folder, as outgoing or to-warehouse/orders, without .. and \\"
        )
    return text


def _columns(
    fields: Sequence[str], *, kept: Sequence[str] = (), may_leave_out: bool = False
) -> Callable[[Names], Names]:
    """Checks a map of our fields to their columns; an empty column leaves the field out."""

    def check(given: Names) -> Names:
        if unknown := [name for name in given if name not in fields]:
            raise ValueError(f"{unknown[0]!r} is no field; choose from {', '.join(fields)}")
        empty = [name for name, column in given.items() if not column.strip()]
        if needed := [name for name in empty if not may_leave_out or name in kept]:
            raise ValueError(f"{needed[0]} needs the name of a column")
        named = [column.strip().casefold() for column in _named(fields, given).values()]
        if twice := next((column for column in named if named.count(column) > 1), ""):
            raise ValueError(f"two fields stand in the column {twice!r}")
        return given

    return check


def _named(fields: Sequence[str], given: Names) -> Names:
    """Every field with its column, in the order of the fields; those that are left out are missing."""
    named = {name: given.get(name, name) for name in fields}
    return {name: column for name, column in named.items() if column.strip()}


def _is_file_name(pattern: str) -> str:
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
    except ValueError as error:
        raise ValueError(f"is no pattern of a name: {error}") from None
    if not used <= set(order_rows.PLACEHOLDERS):
        raise ValueError(f"knows {', '.join(f'{{{name}}}' for name in order_rows.PLACEHOLDERS)}")
    if not {"number", "fingerprint"} <= used:
        raise ValueError(
            "has to contain {number} and {fingerprint}, so that no file takes the place of another"
        )
    if not is_safe(pattern) or "/" in pattern or pattern.startswith(".") or len(pattern) > 80:
        raise ValueError("is the name of a file: no path, no dot in front, at most 80 characters")
    return pattern


def _words(given: Names) -> Names:
    kinds = [kind.value for kind in NewsKind]
    if not given or not set(given.values()) <= set(kinds):
        raise ValueError(f"maps each word of the warehouse to one of {', '.join(kinds)}")
    return given


def _locations(given: Names) -> Names:
    if len(set(given.values())) < len(given) or not all(map(str.strip, [*given, *given.values()])):
        raise ValueError("maps each code of the warehouse to one location of the hub, and no two to the same")
    return given


class FlatFilesSettings(ScopedSettings):
    """Everything is off until somebody turns it on."""

    # A folder that was left as it is may be the one that another was given.
    model_config = ConfigDict(validate_default=True)

    orders: bool = setting(
        False,
        group="Orders",
        title="Send shipping requests",
        help="Writes a file for each request that this warehouse is to ship.",
    )
    orders_folder: Annotated[str, AfterValidator(_is_folder)] = setting(
        "outgoing",
        group="Orders",
        title="Orders folder",
        help="Where the warehouse takes them.",
        when=_ORDERS,
    )
    orders_columns: Annotated[
        Names, AfterValidator(_columns(order_rows.FIELDS, kept=order_rows.KEPT, may_leave_out=True))
    ] = setting(
        {},
        group="Orders",
        title="Columns of orders",
        help=f"Our field → the warehouse's column; empty leaves it out. Fields: {', '.join(order_rows.FIELDS)}.",
        when=_ORDERS,
    )
    orders_file: Annotated[str, AfterValidator(_is_file_name)] = setting(
        "{number}-{operation}-{fingerprint}",
        group="Orders",
        title="Name of order files",
        help="May contain {number}, {order_number}, {operation}, {location}, {fingerprint}. The ending is added.",
        when=_ORDERS,
    )
    stops: bool = setting(
        True,
        group="Orders",
        title="Write stops and changes",
        help="Whether the warehouse understands files whose operation is change or cancel. Else a person has to call.",
        when=_ORDERS,
    )
    acknowledgements: bool = setting(
        False,
        group="Orders",
        title="Read acknowledgements",
        help="Whether the warehouse answers by file what it took, refused, stopped or could not stop.",
        when=_ORDERS,
    )
    acknowledgements_folder: Annotated[str, AfterValidator(_is_folder)] = setting(
        "acknowledgements",
        group="Orders",
        title="Acknowledgements folder",
        help="Where the warehouse puts them.",
        when=_ACKNOWLEDGED,
    )
    acknowledgements_files: str = setting(
        "*",
        group="Orders",
        title="Names of acknowledgement files",
        help="Only these are read, as ack_*.csv.",
        when=_ACKNOWLEDGED,
        min_length=1,
    )
    acknowledgements_columns: Annotated[Names, AfterValidator(_columns(ack_rows.FIELDS))] = setting(
        {},
        group="Orders",
        title="Columns of acknowledgements",
        help=f"Our field → the warehouse's column. Fields: {', '.join(ack_rows.FIELDS)}.",
        when=_ACKNOWLEDGED,
    )
    acknowledgement_words: Annotated[Names, AfterValidator(_words)] = setting(
        {kind.value: kind.value for kind in NewsKind},
        group="Orders",
        title="Words of acknowledgements",
        help="The warehouse's word → accepted, refused, stopped or not_stopped.",
        when=_ACKNOWLEDGED,
    )
    fulfillments: bool = setting(
        False, group="Fulfillments", title="Read fulfillments", help="Reads what has left, with tracking."
    )
    fulfillments_folder: Annotated[str, AfterValidator(_is_folder)] = setting(
        "fulfillments",
        group="Fulfillments",
        title="Fulfillments folder",
        help="Where the warehouse puts them.",
        when=_FULFILLMENTS,
    )
    fulfillments_files: str = setting(
        "*",
        group="Fulfillments",
        title="Names of fulfillment files",
        help="Only these are read, as ship_*.csv.",
        when=_FULFILLMENTS,
        min_length=1,
    )
    fulfillments_columns: Annotated[Names, AfterValidator(_columns(shipment_rows.FIELDS))] = setting(
        {},
        group="Fulfillments",
        title="Columns of fulfillments",
        help=f"Our field → the warehouse's column. Fields: {', '.join(shipment_rows.FIELDS)}. "
        "Of line and sku one is enough.",
        when=_FULFILLMENTS,
    )
    date_format: str = setting(
        "",
        group="Fulfillments",
        title="Form of dates",
        help="As %d/%m/%Y %H:%M. Empty for ISO 8601, as 2026-11-30T14:05:00Z. Without a zone UTC is meant.",
        when=_FULFILLMENTS,
    )
    inventory: bool = setting(
        False,
        group="Inventory",
        title="Read stock",
        help="Reads counts of what lies on the shelves. SKUs that a file leaves out stay as they are.",
    )
    stock_folder: Annotated[str, AfterValidator(_is_folder)] = setting(
        "stock", group="Inventory", title="Stock folder", help="Where the warehouse puts them.", when=_STOCK
    )
    stock_files: str = setting(
        "*",
        group="Inventory",
        title="Names of stock files",
        help="Only these are read, as stock_*.csv.",
        when=_STOCK,
        min_length=1,
    )
    stock_columns: Annotated[Names, AfterValidator(_columns(stock_rows.FIELDS))] = setting(
        {},
        group="Inventory",
        title="Columns of stock",
        help=f"Our field → the warehouse's column. Fields: {', '.join(stock_rows.FIELDS)}.",
        when=_STOCK,
    )
    locations: Annotated[Names, AfterValidator(_locations)] = setting(
        {},
        group="Locations",
        title="Codes of locations",
        help="The warehouse's code → code of the hub location, or its name where it has none. One that is not here "
        "stands for itself; a row of stock without any is of the one location that is linked to this warehouse.",
    )
    format: Format = setting(Format.CSV, group="Files", title="Format", help="Of all files, out and in.")
    delimiter: Delimiter = setting(
        Delimiter.COMMA, group="Files", title="Delimiter", help="What stands between two cells.", when=_CSV
    )
    encoding: Encoding = setting(
        Encoding.UTF_8, group="Files", title="Encoding", help="How letters are written as bytes."
    )
    processed_folder: Annotated[str, AfterValidator(_is_folder)] = setting(
        "processed", group="Files", title="Processed folder", help="Where files go that were read."
    )
    failed_folder: Annotated[str, AfterValidator(_is_folder)] = setting(
        "failed", group="Files", title="Failed folder", help="Where files go of which nothing could be read."
    )
    quiet_seconds: int = setting(
        5,
        group="Files",
        title="Rest before reading",
        help="Seconds for which a file has not changed before it is read. 0 where files are renamed into the folder.",
        ge=0,
        le=3600,
    )

    @field_validator(
        "acknowledgements_folder", "fulfillments_folder", "stock_folder", "processed_folder", "failed_folder"
    )
    @classmethod
    def _is_apart(cls, folder: str, info: ValidationInfo) -> str:
        """Folders that files come into are none that files go to, or the hub would read what it wrote itself."""
        own = [info.data.get(name) for name in ("orders_folder", "processed_folder")]
        theirs = [info.data.get(f"{kind}_folder") for kind in ("acknowledgements", "fulfillments", "stock")]
        is_own = info.field_name in ("processed_folder", "failed_folder")
        if folder in (own + theirs if is_own else own[:1]):
            raise ValueError(f"{folder!r} is another folder of these settings already; choose one of its own")
        return folder

    @field_validator("fulfillments_files", "stock_files")
    @classmethod
    def _are_told_apart(cls, pattern: str, info: ValidationInfo) -> str:
        mine = str(info.field_name).partition("_")[0]
        for other in ("acknowledgements", "fulfillments"):
            is_shared = info.data.get(f"{other}_folder") == info.data.get(f"{mine}_folder")
            if other != mine and is_shared and info.data.get(f"{other}_files") == pattern:
                raise ValueError(
                    f"{other} lie in the same folder under the same names; tell them apart by name"
                )
        return pattern

    def dialect(self) -> Dialect:
        return Dialect(self.format is Format.JSON, DELIMITERS[self.delimiter], CODECS[self.encoding])

    def order_columns(self) -> Names:
        return _named(order_rows.FIELDS, self.orders_columns)

    def fulfillment_columns(self) -> Columns:
        names = _named(shipment_rows.FIELDS, self.fulfillments_columns)
        return Columns(names, shipment_rows.REQUIRED, shipment_rows.ONE_OF)

    def count_columns(self) -> Columns:
        return Columns(_named(stock_rows.FIELDS, self.stock_columns), stock_rows.REQUIRED)

    def acknowledgement_columns(self) -> Columns:
        return Columns(_named(ack_rows.FIELDS, self.acknowledgements_columns), ack_rows.REQUIRED)
