"""Which endpoint of a platform a call went to, without the ids in its path, so that figures stay few."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

VERSION = re.compile(r"v\d+|20\d{4}")
WORD = re.compile(r"[a-z][a-z_-]{0,39}")
MOST_PARTS = 8
MOST_ENDPOINTS = 200
OTHER = "other"
_STORE = re.compile(r"^/stores/[^/]+")


def endpoint(url: str) -> str:
    """Such as "/v3/catalog/products/:id" of "https://api.example.com/stores/abc/v3/catalog/products/12?include=images"."""
    path = _STORE.sub("", urlsplit(url).path)
    parts = [part for part in path.split("/") if part][:MOST_PARTS]
    return "/" + "/".join(_named(part) for part in parts)


def _named(part: str) -> str:
    return part if VERSION.fullmatch(part) or WORD.fullmatch(part) else ":id"


class Known:
    """The first endpoints that were met; all after them are one, so that nothing outside can make up figures."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = set(names)

    def __call__(self, url: str) -> str:
        name = endpoint(url)
        if name in self._names:
            return name
        if len(self._names) >= MOST_ENDPOINTS:
            return OTHER
        self._names.add(name)
        return name
