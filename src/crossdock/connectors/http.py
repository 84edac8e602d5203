"""The one way out: pooled, timed, checked and paced HTTP. It never retries; the loops do."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2 as httpx

from crossdock import __version__
from crossdock.connectors.errors import SettingsError, UnavailableError

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
# Refused before a byte of the request left: certain not to have been applied.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a platform's headers say of its quota: `remaining` calls until it is full again in `resets_in`."""

    remaining: int
    resets_in: timedelta
    quota: int
    window: timedelta


class Gate(Protocol):
    """Stands before every call: it fences stale runs and keeps the pace that all workers share."""

    def check(self) -> None:
        """Return where the run may go on, without a call in mind: nobody's turn is taken."""
        ...

    def before_call(self, lane: str, kind: str = "") -> None:
        """Return when a call may go out. `kind` is one of those that the connector's `advised_rates` name."""
        ...

    def learn(self, budget: Budget) -> None: ...

    def pause(self, seconds: float, kind: str = "") -> None: ...


class OpenGate:
    """A gate for calls outside of runs, such as a connection check."""

    def check(self) -> None:
        return

    def before_call(self, lane: str, kind: str = "") -> None:  # noqa: ARG002
        return

    def learn(self, budget: Budget) -> None:  # noqa: ARG002
        return

    def pause(self, seconds: float, kind: str = "") -> None:  # noqa: ARG002
        return


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class AddressRule:
    """Which addresses may be called. Plain http and loopback belong together; private networks need to be named."""

    allow_loopback: bool = True
    private_hosts: Collection[str] = ()

    def check(self, url: str, *, field: str = "address") -> None:
        """Raise SettingsError unless the URL is https to a public host, or http(s) to loopback where allowed."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host or parts.username:
            # Not repeated: what stands before or after the host may be a secret.
            raise SettingsError(field, f"{host or 'this'!r} is no http(s) address without user name")
        addresses = _resolve(host)
        if _is_loopback(addresses) and self.allow_loopback:
            return
        if parts.scheme == "http" and host not in self.private_hosts:
            raise SettingsError(
                field, f"{host} must be called by https; plain http is for loopback addresses only"
            )
        if host not in self.private_hosts and any(not address.is_global for address in addresses):
            raise SettingsError(
                field,
                f"{host} lies inside a private network; add it to CROSSDOCK_PRIVATE_HOSTS if that is meant",
            )


def _resolve(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """All addresses of a host; none when it cannot be resolved, which the call itself will then report."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]


def is_on_this_machine(text: str) -> bool:
    """Whether this is an address of a server on this machine; any other text is none."""
    host = urlsplit(text).hostname if text.startswith(("http://", "https://")) else None
    return host is not None and _is_loopback(_resolve(host))


def _is_loopback(addresses: Collection[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> bool:
    return bool(addresses) and all(address.is_loopback for address in addresses)


class Http:
    """Calls of one integration. Keep one open per integration; it is safe to use from several threads."""

    def __init__(
        self,
        *,
        gate: Gate | None = None,
        addresses: AddressRule | None = None,
        client: httpx.Client | None = None,
    ) -> None:
        self.gate: Gate = gate or OpenGate()
        self._addresses = addresses or AddressRule()
        self._known_good: set[tuple[str, str]] = set()
        self._client = client or new_client()

    def send(  # noqa: PLR0913  # these are the parts of an HTTP request
        self,
        method: str,
        url: str,
        *,
        lane: str = "normal",
        kind: str = "",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        files: Any = None,
        data: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call. Raises UnavailableError when no complete answer came; any status is an answer.

        `params` are encoded here, `+` included. Messages never repeat the URL's query, which may hold secrets.
        """
        self._check(url)
        self.gate.before_call(lane, kind)
        place = f"{method} {url.partition('?')[0]}"
        try:
            request = self._client.build_request(
                method, url, params=params, headers=headers, content=content, files=files, data=data
            )
            return self._answer(request)
        except NEVER_SENT as error:
            raise UnavailableError(f"{place}: {_said(error)}", is_unclear=False) from error
        except httpx.HTTPError as error:
            raise UnavailableError(f"{place}: {_said(error)}") from error

    def _answer(self, request: httpx.Request) -> Answer:
        response = self._client.send(request, stream=True)
        try:
            chunks, size = [], 0
            for chunk in response.iter_bytes():
                size += len(chunk)
                if size > LARGEST_ANSWER_BYTES:
                    raise UnavailableError(
                        f"{request.method} {request.url.path}: the answer is too large to read"
                    )
                chunks.append(chunk)
        finally:
            response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, b"".join(chunks))

    def check_host(self, host: str, *, field: str) -> None:
        """Raise SettingsError for a host that another protocol than HTTP may not call either.

        One on this machine may be called: whoever sets up an account there means it.
        """
        shown = f"[{host}]" if ":" in host else host
        replace(self._addresses, allow_loopback=True).check(f"https://{shown}", field=field)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        if place not in self._known_good:
            self._addresses.check(url)
            self._known_good.add(place)

    def close(self) -> None:
        self._client.close()


def new_client() -> httpx.Client:
    """The pooled client behind `Http`; share one per integration across runs."""
    return httpx.Client(
        timeout=TIMEOUT,
        headers={"User-Agent": f"Crossdock/{__version__}", "Accept": "application/json"},
        follow_redirects=False,
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
    )


def _said(error: Exception) -> str:
    return str(error).strip() or type(error).__name__
