"""Dataclasses to JSON text and back, and the fingerprints of mapped records."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

DECODERS_KEPT = 1024
"""More than there are types: each is made once."""
_encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")


def pack(value: Any) -> str:
    """JSON text; Decimals as strings, keys sorted."""
    return _encoder.encode(value).decode()


def unpack(kind: Any, text: str | None) -> Any:
    """The value of `kind` behind the text. Raises msgspec.ValidationError when it does not fit."""
    return _decoder(kind).decode(text or "null")


@lru_cache(maxsize=DECODERS_KEPT)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def prepare() -> None:
    """Have msgspec look at all types of the hub, before there are threads to decode them.

    It keeps what it knows of a type while it is still finding out, and a second thread that decodes the type at that
    moment ends the process with a segmentation fault (msgspec 0.22).
    """
    for kind in (*_structs(msgspec.Struct), *_dataclasses()):
        with suppress(TypeError):  # a dataclass of the hub that is nothing to be decoded
            _decoder(kind)


def _structs(base: type[msgspec.Struct]) -> Iterator[type]:
    for kind in base.__subclasses__():
        yield kind
        yield from _structs(kind)


def _dataclasses() -> Iterator[type]:
    ours = [module for name, module in sys.modules.items() if name.startswith("crossdock.")]
    for module in ours:
        for kind in tuple(vars(module).values()):
            if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
                yield kind


def fingerprint(value: Any) -> str:
    """Equal for equal values, whatever the order of mappings and sets."""
    return _hashed(_encoder.encode(value))


def _hashed(encoded: bytes) -> str:
    return hashlib.blake2b(encoded, digest_size=12).hexdigest()


def raw(value: Any) -> msgspec.Raw:
    """Its JSON, to be put into others as it stands: what is kept in several places is encoded once."""
    return msgspec.Raw(_encoder.encode(value))


def text_of(encoded: msgspec.Raw) -> str:
    return bytes(encoded).decode()


def packed(value: Any) -> tuple[str, str]:
    """Its JSON text and its fingerprint, encoded once for both."""
    encoded = _encoder.encode(value)
    return encoded.decode(), _hashed(encoded)


@lru_cache(maxsize=8192)
def hub_id(prefix: str, *parts: str) -> str:
    """The hub's id of a record, derived from where it came from, so that storing it twice is storing it once."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
    return f"{prefix}_{digest}"
