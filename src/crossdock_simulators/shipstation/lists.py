"""Filters, order and pages of the platform's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from crossdock_simulators.kit import Reply, Request, json_reply
from crossdock_simulators.shipstation import errors
from crossdock_simulators.shipstation.records import PACIFIC, Json, moment

DEFAULT_PAGE: Final = 100
LARGEST_PAGE: Final = 500


def between(query: Mapping[str, str], name: str, value: datetime | None) -> bool:
    """Whether a date lies within `<name>Start` and `<name>End`, both included, of those that are given.

    Dates are compared as they are written, so that those of the hour that comes twice in autumn are mixed.
    """
    start, end = query.get(f"{name}Start"), query.get(f"{name}End")
    if value is None:
        return not (start or end)
    there = _as_written(value)
    return (not start or there >= _date(start)) and (not end or there <= _date(end))


def listed(
    request: Request,
    name: str,
    records: Iterable[Any],
    keys: Mapping[str, Callable[[Any], Any]],
    shown: Callable[[Any], Json],
) -> Reply:
    """One page, sorted by one of `keys`, the first of which is the default."""
    query = request.query
    sort = query.get("sortBy", next(iter(keys)))
    if sort not in keys:
        raise errors.refused(f"The value '{sort}' is not valid for sortBy.")
    found = sorted(records, key=keys[sort], reverse=query.get("sortDir", "ASC").upper() == "DESC")
    size = _number(query, "pageSize", DEFAULT_PAGE, LARGEST_PAGE)
    page = _number(query, "page", 1, 1_000_000)
    rows = [shown(one) for one in found[(page - 1) * size : page * size]]
    return json_reply({name: rows, "total": len(found), "page": page, "pages": -(-len(found) // size)})


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise errors.refused(f"The value '{text}' is not valid for {name}.")
    return min(int(text), most)


def _date(text: str) -> datetime:
    try:
        return _as_written(moment(text))
    except ValueError:
        raise errors.refused(f"The value '{text}' is not valid for a date.") from None


def _as_written(value: datetime) -> datetime:
    return value.astimezone(PACIFIC).replace(tzinfo=None)
