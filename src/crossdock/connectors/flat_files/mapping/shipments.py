"""Rows that say what has left: to parcels of our shipping requests, and several files of one request to one answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from crossdock.connectors.flat_files.mapping.table import Row, to_units
from crossdock.domain.channel import ChannelId, ChannelSku, Parcel, ShippedUnits

FIELDS = (
    "number",
    "line",
    "sku",
    "quantity",
    "carrier",
    "tracking_number",
    "tracking_url",
    "method",
    "shipped_at",
    "parcel",
)
REQUIRED = ("number", "quantity")
ONE_OF = ("line", "sku")


@dataclass(frozen=True, slots=True)
class Shipped:
    """One row: units of one line in one parcel of the request `number`."""

    number: str
    parcel: Parcel


def to_shipped(row: Row, *, date_format: str, file_id: str) -> Shipped:
    """`file_id` tells parcels without an id and tracking number of one file from those of others. Raises ValueError."""
    number = row.needed("number")
    units = ShippedUnits(
        ChannelId(row.cell("line")),
        to_units(row.cell("quantity"), least=1),
        channel_sku=ChannelSku(row.cell("sku")),
    )
    own = row.cell("parcel") or row.cell("tracking_number") or f"file-{file_id}"
    parcel = Parcel(
        channel_id=ChannelId(f"{number}/{own}"),
        units=(units,),
        carrier=row.cell("carrier"),
        tracking_number=row.cell("tracking_number"),
        tracking_url=_web_address(row.cell("tracking_url")),
        service=row.cell("method"),
        shipped_at=to_moment(row.cell("shipped_at"), date_format),
    )
    return Shipped(number, parcel)


def to_moment(text: str, date_format: str) -> datetime | None:
    """A date or time; without a zone it is meant in UTC. Raises ValueError."""
    if not text:
        return None
    try:
        found = (
            datetime.strptime(text, date_format)  # noqa: DTZ007  # most forms have no zone; it is given below
            if date_format
            else datetime.fromisoformat(text)
        )
    except ValueError:
        shape = f"of the form {date_format}" if date_format else "like 2026-11-30 or 2026-11-30T14:05:00Z"
        raise ValueError(f"{text!r} is no date {shape}") from None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is no date that can be") from None


def _web_address(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise ValueError(f"{text[:60]!r} is no web address")
    return text


def by_request(rows: Iterable[Shipped]) -> dict[str, tuple[Parcel, ...]]:
    """The parcels of one file by request. Rows of the same line in the same parcel add up, as a row per carton does."""
    parcels: dict[str, dict[str, Parcel]] = {}
    for each in rows:
        of_request = parcels.setdefault(each.number, {})
        was = of_request.get(each.parcel.channel_id)
        of_request[each.parcel.channel_id] = _filled(was, each.parcel, is_added=True) if was else each.parcel
    return {number: tuple(found.values()) for number, found in parcels.items()}


def merged(known: Sequence[Parcel], given: Sequence[Parcel]) -> tuple[Parcel, ...]:
    """All parcels of a request, when a later file is read. What it says of a line or a parcel holds; the rest stays."""
    parcels = {parcel.channel_id: parcel for parcel in known}
    for parcel in given:
        was = parcels.get(parcel.channel_id)
        parcels[parcel.channel_id] = _filled(was, parcel, is_added=False) if was else parcel
    return tuple(parcels.values())


def _filled(was: Parcel, given: Parcel, *, is_added: bool) -> Parcel:
    units = list(was.units)
    for part in given.units:
        place = next((i for i, one in enumerate(units) if _is_same_line(one, part)), None)
        if place is None:
            units.append(part)
            continue
        line, sku = part.line_id or units[place].line_id, part.channel_sku or units[place].channel_sku
        quantity = part.quantity + (units[place].quantity if is_added else 0)
        units[place] = replace(units[place], line_id=line, channel_sku=sku, quantity=quantity)
    return replace(
        was,
        units=tuple(units),
        carrier=given.carrier or was.carrier,
        tracking_number=given.tracking_number or was.tracking_number,
        tracking_url=given.tracking_url or was.tracking_url,
        service=given.service or was.service,
        shipped_at=given.shipped_at or was.shipped_at,
    )


def _is_same_line(one: ShippedUnits, other: ShippedUnits) -> bool:
    """By its number where both have one, else by its SKU."""
    if one.line_id and other.line_id:
        return one.line_id == other.line_id
    return bool(one.channel_sku) and one.channel_sku == other.channel_sku


def dumped(parcels: Sequence[Parcel]) -> str:
    """To be remembered, for `loaded` to read."""
    return json.dumps([_plain(parcel) for parcel in parcels], ensure_ascii=False)


def loaded(text: str | None) -> tuple[Parcel, ...]:
    return tuple(map(_parcel, json.loads(text))) if text else ()


def _plain(parcel: Parcel) -> dict[str, Any]:
    return {
        "id": parcel.channel_id,
        "units": [[part.line_id, part.quantity, part.channel_sku] for part in parcel.units],
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
        "service": parcel.service,
        "shipped_at": parcel.shipped_at.isoformat() if parcel.shipped_at else None,
    }


def _parcel(raw: dict[str, Any]) -> Parcel:
    return Parcel(
        channel_id=ChannelId(raw["id"]),
        units=tuple(
            ShippedUnits(ChannelId(line), quantity, channel_sku=ChannelSku(sku))
            for line, quantity, sku in raw["units"]
        ),
        carrier=raw["carrier"],
        tracking_number=raw["tracking_number"],
        tracking_url=raw["tracking_url"],
        service=raw["service"],
        shipped_at=datetime.fromisoformat(raw["shipped_at"]) if raw["shipped_at"] else None,
    )
