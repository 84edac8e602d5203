"""What an answer means when it is not the one that was asked for, and what its headers say of the quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from crossdock.connectors.errors import (
    AccessMissingError,
    ChannelError,
    CredentialsError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from crossdock.connectors.http import Answer, Budget

WINDOW = timedelta(minutes=1)
"""The quota is told by the minute: https://docs.shipstation.com/apis/shipstation-v1/docs/start-here/requirements."""
_LONGEST_REASON = 600


def raise_for(answer: Answer, *, place: str, is_write: bool) -> None:
    """Raise what the status means. `place` is the path, such as /orders."""
    if not answer.is_success:
        raise _error(answer, place=place, is_write=is_write)


def _error(answer: Answer, *, place: str, is_write: bool) -> ChannelError:
    status, code, reason = answer.status, str(answer.status), said(answer)
    if status == 429:
        return RateLimitedError("ShipStation asked us to slow down", retry_after=retry_after(answer.headers))
    if status == 401:
        return CredentialsError(
            f"ShipStation does not accept the API key and the API secret: {reason}",
            code=code,
            fix="Copy both from Settings → Account → API Settings once more; they are those of API version 1.",
        )
    if status == 403:
        return AccessMissingError(
            f"ShipStation does not give access to {place}: {reason}",
            code=code,
            fix="Check that the plan of the account includes the API, and what its user may do.",
        )
    if status >= 500:
        return UnavailableError(
            f"ShipStation answered {status} to {place}: {reason}", is_unclear=is_write, code=code
        )
    if status >= 400:
        return RefusedError(reason, code=code)
    return ProtocolError(f"ShipStation answered {status} to {place}", code=code)


def said(answer: Answer) -> str:
    """The platform's own words: a message, and what it says of single fields."""
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return "no readable reason was given"
    return "; ".join(dict.fromkeys(_reasons(body)))[:_LONGEST_REASON] or "no reason was given"


def _reasons(body: Any) -> Iterator[str]:
    if not isinstance(body, dict):
        return
    named = {str(name).casefold(): value for name, value in body.items()}
    yield from (str(named[name]) for name in ("message", "exceptionmessage") if named.get(name))
    fields = named.get("modelstate")
    for name, problems in fields.items() if isinstance(fields, dict) else ():
        told = problems if isinstance(problems, list) else [problems]
        yield f"{name}: {', '.join(map(str, told))}"


def budget(headers: Mapping[str, str]) -> Budget | None:
    """The quota as the headers tell it; None where they are absent or unreadable."""
    try:
        return Budget(
            remaining=int(headers["x-rate-limit-remaining"]),
            resets_in=timedelta(seconds=float(headers["x-rate-limit-reset"])),
            quota=int(headers["x-rate-limit-limit"]),
            window=WINDOW,
        )
    except (KeyError, ValueError):
        return None


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Seconds until the next window begins; None where no header says so."""
    for name in ("x-rate-limit-reset", "retry-after"):
        try:
            return timedelta(seconds=float(headers[name]))
        except (KeyError, ValueError):
            continue
    return None
