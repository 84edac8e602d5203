"""Dataclasses to JSON text and back, and the fingerprints of mapped records."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")


def pack(value: Any) -> str:
    """JSON text; Decimals as strings, keys sorted."""
    return _encoder.encode(value).decode()


def unpack(kind: type[T] | Any, text: str | None) -> Any:
    """The value of `kind` behind the text. Raises msgspec.ValidationError when it does not fit."""
    return msgspec.json.decode(text or "null", type=kind)


def fingerprint(value: Any) -> str:
    """Equal for equal values, whatever the order of mappings and sets."""
    return hashlib.blake2b(_encoder.encode(value), digest_size=12).hexdigest()


def hub_id(prefix: str, *parts: str) -> str:
    """The hub's id of a record, derived from where it came from, so that storing it twice is storing it once."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
    return f"{prefix}_{digest}"
