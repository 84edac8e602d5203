"""The secret that webhooks of the hub are signed with: made once, kept encrypted, shown to whoever may change things."""

from __future__ import annotations

import hashlib
import hmac

import sqlalchemy as sa

from crossdock.store import tables
from crossdock.store.cipher import Cipher
from crossdock.store.database import Transaction
from crossdock.store.query import upsert

SETTING = tables.hub_setting
_KEY = "webhook_secret"


def secret(tx: Transaction, cipher: Cipher, *, fresh: str) -> str:
    """The secret; where there is none yet, `fresh` is kept as such."""
    row = {"key": _KEY, "value": cipher.encrypt(fresh).decode()}
    upsert(tx, SETTING, [row], keep=("value",))
    kept = tx.execute(sa.select(SETTING.c.value).where(SETTING.c.key == _KEY)).scalar_one()
    return cipher.decrypt(kept.encode())


def rotate(tx: Transaction, cipher: Cipher, *, fresh: str) -> str:
    """From now on webhooks are signed with `fresh`."""
    upsert(tx, SETTING, [{"key": _KEY, "value": cipher.encrypt(fresh).decode()}])
    return fresh


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a dot and the body, in small hexadecimal digits."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
