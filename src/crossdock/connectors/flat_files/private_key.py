"""Reads a private key as SSH clients write it."""

from __future__ import annotations

from io import StringIO

import paramiko

KINDS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def read_private_key(text: str, passphrase: str = "") -> paramiko.PKey:
    """Raises ValueError that says what is wrong and repeats nothing of the key."""
    # What goes through a form or a variable often comes with other line ends, or without the last one.
    plain = text.replace("\r\n", "\n").strip() + "\n"
    for kind in KINDS:
        try:
            return kind.from_private_key(StringIO(plain), passphrase or None)
        except paramiko.PasswordRequiredException:
            raise ValueError("is encrypted; enter its passphrase too") from None
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise ValueError(
        "is no private key that can be read: RSA, ECDSA or Ed25519 in OpenSSH or PEM form, with the right passphrase"
    )
