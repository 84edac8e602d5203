"""The two signatures of TikTok Shop: over our calls, and over its webhooks."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

UNSIGNED = frozenset({"sign", "access_token"})


def sign(secret: str, path: str, query: Mapping[str, str], body: bytes = b"") -> str:
    """The `sign` of a call: decoded query values, and the very bytes that will be sent (none of an upload)."""
    pairs = "".join(name + query[name] for name in sorted(query) if name not in UNSIGNED)
    key = secret.encode()
    return hmac.new(key, key + (path + pairs).encode() + body + key, sha256).hexdigest()


def sign_webhook(app_key: str, app_secret: str, body: bytes) -> str:
    """What the Authorization header of a genuine webhook holds."""
    return hmac.new(app_secret.encode(), app_key.encode() + body, sha256).hexdigest()
