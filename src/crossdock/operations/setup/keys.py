"""API keys: kept as hashes, shown once, good for what their scopes say until they are revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.store import tables
from crossdock.store.codec import hub_id, pack, unpack
from crossdock.store.database import Transaction

KEY = tables.api_key
PREFIX = "cdk_"


class Scope(StrEnum):
    """What a key may do. Writing includes reading."""

    READ = "read"
    WRITE = "write"


class ScopeError(ValueError):
    """There is no such scope; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, without the secret, which nobody has but its holder."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None

    def allows(self, scope: str) -> bool:
        return scope in self.scopes or (scope == Scope.READ and Scope.WRITE in self.scopes)


def create(tx: Transaction, name: str, scopes: Iterable[str], now: datetime) -> str:
    """Make a key and answer its secret, which is shown this once. Raises ScopeError."""
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Scope):
        raise ScopeError(f"A key has one or more of the scopes {', '.join(Scope)}")
    secret = PREFIX + secrets.token_urlsafe(32)
    hashed = _hash(secret)
    tx.execute(
        sa.insert(KEY).values(
            id=hub_id("key", hashed), name=name, key_hash=hashed, scopes=pack(wanted), created_at=now
        )
    )
    return secret


def verify(tx: Transaction, secret: str) -> Key | None:
    """The key with this secret; None when there is none or it was revoked."""
    row = tx.execute(
        sa.select(KEY).where(KEY.c.key_hash == _hash(secret), KEY.c.revoked_at.is_(None))
    ).first()
    return _key(row) if row is not None else None


def revoke(tx: Transaction, key_id: str, now: datetime) -> bool:
    """End a key at once; False when there is no such key that is still good."""
    ended = tx.execute(
        sa.update(KEY).where(KEY.c.id == key_id, KEY.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return ended.rowcount == 1


def every(tx: Transaction) -> list[Key]:
    """All keys, revoked ones too, oldest first."""
    return [_key(row) for row in tx.execute(sa.select(KEY).order_by(KEY.c.created_at, KEY.c.id))]


def _hash(secret: str) -> str:
    """The secrets are long and random, so a plain hash keeps them safe and can be looked up."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Any) -> Key:
    return Key(row.id, row.name, unpack(list[str], row.scopes), row.created_at, row.revoked_at)
