"""A call as its handler sees it: typed readers for query and body, and pages."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from crossdock_simulators.kit import Request
from crossdock_simulators.tiktok_shop.errors import ApiError

Data = dict[str, Any]
T = TypeVar("T")


class Body:
    """An object of the request; every reader refuses a value of the wrong JSON type by name."""

    def __init__(self, values: Mapping[str, Any], where: str = "") -> None:
        self.values = values
        self._where = where

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str) -> str | None:
        return self._read(name, str)

    def required_text(self, name: str) -> str:
        return self._required(name, self.text(name))

    def boolean(self, name: str) -> bool | None:
        return self._read(name, bool)

    def integer(self, name: str) -> int | None:
        value = self.values.get(name)
        if isinstance(value, bool):
            raise self._wrong(name, "an integer")
        return self._read(name, int)

    def required_integer(self, name: str) -> int:
        return self._required(name, self.integer(name))

    def moment(self, name: str) -> datetime | None:
        value = self.integer(name)
        return None if value is None else datetime.fromtimestamp(value, UTC)

    def decimal(self, name: str, *, code: int = 36009004) -> Decimal:
        text = self.required_text(name)
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ApiError(code, f"{self._where}{name} {text!r}") from None
        if not value.is_finite():
            raise ApiError(code, f"{self._where}{name} {text!r}")
        return value

    def texts(self, name: str) -> list[str]:
        values = self._read(name, list) or []
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(name, "a list of strings")
        return values

    def object(self, name: str) -> Body | None:
        value = self._read(name, dict)
        return None if value is None else Body(value, f"{self._where}{name}.")

    def required_object(self, name: str) -> Body:
        return self._required(name, self.object(name))

    def objects(self, name: str) -> list[Body]:
        values = self._read(name, list) or []
        if not all(isinstance(value, dict) for value in values):
            raise self._wrong(name, "a list of objects")
        return [Body(value, f"{self._where}{name}.") for value in values]

    def required_objects(self, name: str) -> list[Body]:
        found = self.objects(name)
        if not found:
            raise self._wrong(name, "a list with at least one object")
        return found

    def _read(self, name: str, kind: type[T]) -> T | None:
        value = self.values.get(name)
        if value is not None and not isinstance(value, kind):
            raise self._wrong(name, f"a JSON {kind.__name__}")
        return value

    def _required(self, name: str, value: T | None) -> T:
        if value is None:
            raise self._wrong(name, "present")
        return value

    def _wrong(self, name: str, expected: str) -> ApiError:
        return ApiError(36009004, f"{self._where}{name} must be {expected}")


@dataclass(frozen=True, slots=True)
class Call:
    request: Request
    query: Mapping[str, str]
    body: Body
    shifts_page: bool = False

    def flag(self, name: str) -> bool:
        value = self.query.get(name, "false").lower()
        if value not in ("true", "false"):
            raise ApiError(36009004, f"{name} must be true or false")
        return value == "true"

    def required(self, name: str) -> str:
        if not (value := self.query.get(name, "")):
            raise ApiError(36009004, f"{name} is required")
        return value

    def listed(self, name: str, *, limit: int) -> list[str]:
        values = self.required(name).split(",")
        if len(values) > limit:
            raise ApiError(36009004, f"at most {limit} {name}")
        return values


@dataclass(frozen=True, slots=True)
class Bounds:
    """The page sizes of one search; a default of None makes page_size required."""

    highest: int
    lowest: int = 1
    default: int | None = None
    code: int = 36009004
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    records: Sequence[T]
    next_page_token: str
    total_count: int

    def rest(self) -> Data:
        return {"next_page_token": self.next_page_token, "total_count": self.total_count}


def page_of(call: Call, records: Sequence[T], bounds: Bounds) -> Page[T]:
    """Pages by position, so a list that changes between two pages repeats or skips records."""
    size = _page_size(call, bounds)
    start = _offset(call)
    if bounds.window is not None and start + size > bounds.window:
        raise ApiError(12052180)
    end = start + size
    following = end + 1 if call.shifts_page else end
    token = _token(call, following) if following < len(records) else ""
    return Page(records[start:end], token, len(records))


def in_window(body: Body, field: str, *, closed: bool = False) -> Callable[[datetime], bool]:
    """Windows are half open (`_ge`, `_lt`), or closed (`_ge`, `_le`) for products."""
    lowest, highest = body.moment(f"{field}_ge"), body.moment(f"{field}_{'le' if closed else 'lt'}")

    def inside(moment: datetime) -> bool:
        if lowest is not None and moment < lowest:
            return False
        return highest is None or moment < highest or (closed and moment == highest)

    return inside


def sorting(call: Call, fields: Mapping[str, Callable[[T], Any]]) -> tuple[Callable[[T], Any], bool]:
    """The key and whether to reverse; newest first unless asked otherwise."""
    name = call.query.get("sort_field") or next(iter(fields))
    order = call.query.get("sort_order") or "DESC"
    if name not in fields:
        raise ApiError(36009004, f"sort_field {name!r}")
    if order not in ("ASC", "DESC"):
        raise ApiError(36009004, f"sort_order {order!r}")
    return fields[name], order == "DESC"


def one_of(body: Body, name: str, values: Sequence[str]) -> str | None:
    value = body.text(name)
    if value is not None and value not in values:
        raise ApiError(36009004, f"{name} {value!r}")
    return value


def _page_size(call: Call, bounds: Bounds) -> int:
    text = call.query.get("page_size") or (str(bounds.default) if bounds.default else "")
    size = int(text) if text.isdecimal() else 0
    if not bounds.lowest <= size <= bounds.highest:
        raise ApiError(bounds.code, f"page_size {text!r}, expected {bounds.lowest} to {bounds.highest}")
    return size


def _token(call: Call, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{offset}.{_fingerprint(call)}".encode()).decode()


def _offset(call: Call) -> int:
    token = call.query.get("page_token", "")
    if not token:
        return 0
    try:
        offset, _, fingerprint = base64.urlsafe_b64decode(token).decode().partition(".")
        position = int(offset)
    except (binascii.Error, ValueError):
        raise ApiError(36009004, "page_token") from None
    if fingerprint != str(_fingerprint(call)):
        raise ApiError(36009004, "page_token belongs to other filters or another sorting")
    return position


def _fingerprint(call: Call) -> int:
    sort = f"{call.query.get('sort_field')}{call.query.get('sort_order')}{call.request.path}"
    return zlib.crc32(sort.encode() + call.request.body)
