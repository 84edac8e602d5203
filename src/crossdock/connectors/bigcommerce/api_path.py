"""The API path of a store, taken apart: where its two API versions live and which store it is."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import urlsplit

_STORE = re.compile(r"^(?P<before>/.*?)?/stores/(?P<store_hash>[A-Za-z0-9_-]+)(?:/v[23])?/*$")
_EXAMPLE = "https://api.bigcommerce.com/stores/abc123/v3/"


@dataclass(frozen=True, slots=True)
class ApiPath:
    """`v2` and `v3` are bases without a slash at the end: one there makes the platform answer 403."""

    v2: str
    v3: str
    store_hash: str
    is_loopback: bool

    @classmethod
    @lru_cache(maxsize=256)  # each event of a store has it parsed
    def parse(cls, text: str) -> Self:
        """Raises ValueError that says what an API path looks like."""
        parts = urlsplit(text.strip())
        found = _STORE.match(parts.path)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError(f"is a web address with the store in it, such as {_EXAMPLE}")
        if found is None:
            raise ValueError(f"lacks the store hash: it looks like {_EXAMPLE}")
        root = f"{parts.scheme}://{parts.netloc}{found['before'] or ''}/stores/{found['store_hash']}"
        return cls(f"{root}/v2", f"{root}/v3", found["store_hash"], is_loopback(parts.hostname))


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
