"""What tests of incoming files share: two files of fulfillments, and a reading of all that is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.flat_files.bench import Bench, everything
from crossdock.domain.channel import Parcel
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Cursor

HEAD = "number,line,quantity,carrier,tracking_number\n"
FIRST = HEAD + "1001-1,1,2,UPS,1Z1\n1002-1,1,1,DHL,JD2\n"
SECOND = HEAD + "1001-1,2,1,UPS,1Z9\n"


def shipped(records: list[OrderShipments]) -> dict[str, set[tuple[str, str, int]]]:
    """The last word on each request: its parcels' numbers, lines and units."""
    return {each.order_id: set(_units(each.parcels)) for each in records}


def _units(parcels: tuple[Parcel, ...]) -> Iterator[tuple[str, str, int]]:
    for parcel in parcels:
        for part in parcel.units:
            yield parcel.tracking_number, part.line_id or part.channel_sku, part.quantity


def pull(bench: Bench, since: Cursor | None = None, **settings: Any) -> tuple[Any, Any, Cursor | None]:
    return everything(bench.connector(**settings).pull_fulfillments(since))
