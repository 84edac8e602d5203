"""The socket that a server answers on, taken before anything is started."""

from __future__ import annotations

import socket


class AddressTakenError(Exception):
    """Nothing can listen at that address; the message says why."""


def listening(host: str, port: int) -> socket.socket:
    """A socket at that address, in which connections wait until they are served. Raises AddressTakenError."""
    try:
        return _bound(host, port)
    except OSError as error:
        raise AddressTakenError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another with --port"
        ) from None


def _bound(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it small answers take 40 ms.
    made = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(256)
    except OSError:
        made.close()
        raise
    return made
