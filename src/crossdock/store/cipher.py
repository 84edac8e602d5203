"""Encryption at rest of credentials, tokens and buyer data, with keys that can be rotated."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class WrongKeyError(Exception):
    """The data was encrypted with a key that is not at hand."""


class Cipher:
    """Encrypts with the first secret and decrypts with any of them."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("At least one secret is needed")
        self._fernet = MultiFernet([Fernet(_key(secret)) for secret in secrets])

        self.fingerprints = tuple(fingerprint(secret) for secret in secrets)
        """Names of the keys, the one for new data first; they give nothing of them away."""

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def decrypt(self, data: bytes) -> str:
        try:
            return self._fernet.decrypt(data).decode()
        except InvalidToken:
            raise WrongKeyError(
                "Stored secrets cannot be read with this key; set CROSSDOCK_SECRET_KEY to the one they were stored with"
            ) from None

    def rotate(self, data: bytes) -> bytes:
        """The same data under the first secret."""
        return self._fernet.rotate(data)


def fingerprint(secret: str) -> str:
    """Which key a secret is, without saying it."""
    return hashlib.blake2b(secret.encode(), digest_size=8, person=b"crossdock-print").hexdigest()


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(
        hashlib.blake2b(secret.encode(), digest_size=32, person=b"crossdock-v1").digest()
    )
