"""How values look on the wire: dates, money, numbers, query parameters and pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from crossdock_simulators.bigcommerce import errors
from crossdock_simulators.kit import Reply, Request, json_reply

T = TypeVar("T")
FOUR_PLACES = Decimal("0.0001")


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc2822(moment: datetime | None) -> str:
    """Version 2 writes an unset date as an empty text."""
    return format_datetime(moment) if moment else ""


def money(value: Decimal) -> str:
    """Version 2 writes money as a text of four decimals."""
    return str(value.quantize(FOUR_PLACES))


def number(value: Decimal) -> float | int:
    """Version 3 writes money as a JSON number."""
    whole = int(value)
    return whole if whole == value else float(value)


def decimal(value: Any) -> Decimal | None:
    """A number or a numeric text; None when it is neither."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        parsed = Decimal(str(value))
    except InvalidOperation:
        return None
    return parsed if parsed.is_finite() else None


def moment(text: str, now: datetime) -> datetime | None:
    """RFC 2822 or ISO 8601. A date without a time gets the current time of day, as the real API does."""
    try:
        if len(text) == 10:
            day = datetime.fromisoformat(text)
            return datetime.combine(day.date(), now.time(), UTC).replace(microsecond=0)
        parsed = datetime.fromisoformat(text)
    except ValueError:
        try:
            parsed = parsedate_to_datetime(text)
        except ValueError:
            return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def integers(text: str, field: str) -> set[int]:
    try:
        return {int(part) for part in text.split(",") if part.strip()}
    except ValueError:
        raise errors.v3(422, f"The filter {field} is not valid", {field: "must be integers"}) from None


def texts(text: str) -> set[str]:
    return {part for part in text.split(",") if part}


def page_of(
    request: Request, items: Sequence[T], *, default: int = 50, most: int = 250
) -> tuple[list[T], Any]:
    """The asked page of `items` and the `meta` that goes with it."""
    page, limit = page_and_limit(request, default=default, most=most)
    start = (page - 1) * limit
    if page > 1 and request.fault is not None and request.fault.kind == "shift_page":
        start += 1  # somebody deleted an earlier record meanwhile, so one record slips past the reader
    chosen = list(items[start : start + limit])
    total_pages = -(-len(items) // limit)
    links = {"current": _link(request, page, limit)}
    if page > 1:
        links["previous"] = _link(request, page - 1, limit)
    if page < total_pages:
        links["next"] = _link(request, page + 1, limit)
    pagination = {
        "total": len(items),
        "count": len(chosen),
        "per_page": limit,
        "current_page": page,
        "total_pages": total_pages,
        "links": links,
    }
    return chosen, {"pagination": pagination}


def page_and_limit(request: Request, *, default: int, most: int) -> tuple[int, int]:
    """What is no number raises `ValueError`, which each API generation refuses in its own shape."""
    page = int(request.query.get("page") or 1)
    limit = int(request.query.get("limit") or default)
    return max(page, 1), min(limit, most) if limit > 0 else default


def _link(request: Request, page: int, limit: int) -> str:
    query = {k: v for k, v in request.query.items() if k not in ("page", "limit")}
    return "?" + urlencode(query | {"page": str(page), "limit": str(limit)}, quote_via=quote)


def data(content: Any, meta: Any = None, status: int = 200) -> Reply:
    """The envelope of version 3."""
    return json_reply({"data": content, "meta": meta or {}}, status)


def listed(rows: list[Any]) -> Reply:
    """A list of version 2: an empty one is a 204 without a body."""
    return json_reply(rows) if rows else Reply(204)


def body_object(request: Request) -> dict[str, Any]:
    given = _decoded(request)
    if not isinstance(given, dict):
        raise errors.v3(422, "JSON data is missing or invalid", {"body": "error.expected.jsobject"})
    return given


def body_list(request: Request) -> list[dict[str, Any]]:
    given = _decoded(request)
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given) or not given:
        raise errors.v3(422, "JSON data is missing or invalid", {"body": "error.expected.jsarray"})
    return given


def v2_body(request: Request) -> dict[str, Any]:
    """A body for version 2, whose refusals are lists."""
    try:
        given = request.json()
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise errors.v2(400, "The request body is not valid JSON.")
    return given


def _decoded(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        raise errors.v3(400, "Input is invalid", {"body": "The body is not valid JSON"}) from None
