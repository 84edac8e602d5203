"""Signatures of requests and of webhooks."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

UNSIGNED = frozenset({"sign", "access_token"})


def request_signature(secret: str, path: str, query: Mapping[str, str], body: bytes = b"") -> str:
    """`query` holds decoded values; pass no body for multipart requests, which leave it unsigned."""
    pairs = "".join(name + query[name] for name in sorted(query) if name not in UNSIGNED)
    key = secret.encode()
    return _hex(key, key + path.encode() + pairs.encode() + body + key)


def webhook_signature(secret: str, app_key: str, body: bytes) -> str:
    return _hex(secret.encode(), app_key.encode() + body)


def _hex(key: bytes, message: bytes) -> str:
    return hmac.new(key, message, hashlib.sha256).hexdigest()
