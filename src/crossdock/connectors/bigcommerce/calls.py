"""How one call is made: sent once, its failures sorted, what it says of the quota passed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from crossdock.connectors.bigcommerce import failures, payloads
from crossdock.connectors.bigcommerce.api_path import ApiPath
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.http import Answer, Http

T = TypeVar("T")
Query = Mapping[str, str]

_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list as it came. `answered_at` is the platform's own time, where it says so."""

    records: Sequence[Raw]
    total: int | None = None
    per_page: int | None = None
    answered_at: datetime | None = None


class Caller:
    """Makes the calls of one store."""

    def __init__(self, http: Http, path: ApiPath, access_token: str) -> None:
        self._http = http
        self._path = path
        self._headers = {"X-Auth-Token": access_token, "Accept": "application/json"}

    def _listing(self, place: str, query: Query, *, lane: str = "normal") -> Listing:
        answer = self._send("GET", place, query=query, lane=lane)
        envelope = self._one(answer, payloads.Envelope)
        pagination = (envelope.meta and envelope.meta.pagination) or payloads.Pagination()
        records = _objects(envelope.data or ())
        return Listing(records, pagination.total, pagination.per_page, _answered_at(answer))

    def _bare_list(self, place: str, query: Query) -> Listing:
        answer = self._send("GET", place, query=query, lane="urgent")
        records = [] if answer.status == 204 else self._one(answer, list[Raw])
        return Listing(_objects(records), answered_at=_answered_at(answer))

    def _send(
        self,
        method: str,
        place: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        lane: str = "normal",
    ) -> Answer:
        root = self._path.v2 if place.startswith("/v2") else self._path.v3
        headers = self._headers if body is None else {**self._headers, "Content-Type": "application/json"}
        content = None if body is None else _ENCODER.encode(body)
        try:
            answer = self._http.send(
                method, root + place[3:], lane=lane, params=query, headers=headers, content=content
            )
        except UnavailableError as error:
            # A read that got no answer has changed nothing.
            error.is_unclear = error.is_unclear and method != "GET"
            raise
        if (budget := failures.budget(answer.headers)) is not None:
            self._http.gate.learn(budget)
        failures.raise_for(answer, place=place, is_write=method != "GET")
        return answer

    def _one(self, answer: Answer, kind: type[T], *, is_write: bool = False) -> T:
        return self._decoded(answer.body, kind, is_write=is_write)

    def _record(self, answer: Answer, kind: type[T]) -> T:
        """One record that was asked for by its id: where it alone cannot be understood, it is as good as refused."""
        try:
            return msgspec.json.decode(answer.body, type=kind, strict=False)
        except msgspec.ValidationError as error:
            _objects([Raw(answer.body)])
            reason = f"what BigCommerce says of it cannot be read: {error}"
            raise RefusedError(reason, code="unreadable", fix="Report it; then retry this case") from error
        except msgspec.DecodeError:
            return self._one(answer, kind)

    def _decoded(self, body: bytes, kind: type[T], *, is_write: bool) -> T:
        """A success that cannot be read is a failure of the platform; what was written may have been applied."""
        try:
            return msgspec.json.decode(body, type=kind, strict=False)
        except msgspec.DecodeError as error:
            raise UnavailableError(
                f"BigCommerce answered something unreadable: {error}", is_unclear=is_write
            ) from error


def _objects(records: Sequence[Raw]) -> Sequence[Raw]:
    """The records, each of which is an object; anything else is no answer to what was asked, and is asked again."""
    for record in records:
        start = bytes(memoryview(record)[:40])
        if not start.lstrip().startswith(b"{"):
            said = start.decode(errors="replace")
            problem = f"BigCommerce answered something unreadable: {said} where a record belongs"
            raise UnavailableError(problem, is_unclear=False)
    return records


def _answered_at(answer: Answer) -> datetime | None:
    with suppress(KeyError, ValueError):
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
    return None
