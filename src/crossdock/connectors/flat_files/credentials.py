"""Where the files lie, and how to get there."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from pydantic import ConfigDict, SecretStr, ValidationInfo, field_validator

from crossdock.connectors.flat_files.private_key import read_private_key
from crossdock.connectors.settings import Choice, Credentials, credential

FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


class Where(Choice):
    SFTP = "sftp", "An SFTP server"
    FOLDER = "folder", "A folder of this machine"


def fingerprints(text: str) -> frozenset[str]:
    """The fingerprints of a text, without the padding that some tools write. Raises ValueError."""
    found = frozenset(part.rstrip("=") for part in re.split(r"[\s,]+", text) if part)
    for each in found:
        if not FINGERPRINT.fullmatch(each):
            raise ValueError("a fingerprint looks like SHA256: and 43 letters, digits, + and /")
    return found


class FlatFilesCredentials(Credentials):
    """An SFTP account of the warehouse, or a folder that something else carries the files to and from."""

    # What a place of files needs follows from which it is, so that what was left out is checked as well.
    model_config = ConfigDict(validate_default=True)

    where: Where = credential(title="Files are on", help="An SFTP server, or a folder of this machine.")
    folder: str = credential(
        title="Base folder",
        default="",
        help="All other folders lie in it. On an SFTP server empty means where the user starts; on this machine "
        "the whole path.",
    )
    host: str = credential(title="Host", default="", help="SFTP: name or address of the server.")
    port: int = credential(title="Port", default=22, help="SFTP: mostly 22.")
    user: str = credential(title="User", default="", help="SFTP: the name to log in with.")
    passphrase: SecretStr = credential(
        title="Passphrase", default=SecretStr(""), help="SFTP: of the private key, where it has one."
    )
    private_key: SecretStr = credential(
        title="Private key",
        default=SecretStr(""),
        help="SFTP: the whole text of an RSA, ECDSA or Ed25519 key. Its public half is given to the warehouse.",
    )
    password: SecretStr = credential(
        title="Password", default=SecretStr(""), help="SFTP: where there is no private key."
    )
    host_key: str = credential(
        title="Host key",
        default="",
        help="SFTP: the fingerprint of the server's key, SHA256:…; several with commas. Without it Connect stops "
        "and says which key the server shows, to be compared with what the warehouse says.",
    )

    @field_validator("folder")
    @classmethod
    def _leads_somewhere(cls, folder: str, info: ValidationInfo) -> str:
        if ".." in PurePosixPath(folder).parts or "\x00" in folder:
            raise ValueError("the path may not contain ..")
        if info.data.get("where") is Where.FOLDER and not folder.startswith("/"):
            raise ValueError("a folder of this machine is named by its whole path, beginning with /")
        return folder

    @field_validator("host", "user")
    @classmethod
    def _is_given(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("where") is Where.SFTP and not value:
            raise ValueError(f"an SFTP server needs a {info.field_name}")
        if any(character.isspace() for character in value):
            raise ValueError("there are no spaces in it")
        return value

    @field_validator("port")
    @classmethod
    def _is_a_port(cls, port: int) -> int:
        if not 1 <= port <= 65535:
            raise ValueError("a port is a number from 1 to 65535")
        return port

    @field_validator("private_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr, info: ValidationInfo) -> SecretStr:
        if text := key.get_secret_value().strip():
            passphrase = info.data.get("passphrase")
            read_private_key(text, passphrase.get_secret_value() if passphrase else "")
        return SecretStr(text)

    @field_validator("password")
    @classmethod
    def _proves_who_we_are(cls, password: SecretStr, info: ValidationInfo) -> SecretStr:
        key = info.data.get("private_key")
        has_no_key = key is not None and not key.get_secret_value()
        if info.data.get("where") is Where.SFTP and has_no_key and not password.get_secret_value():
            raise ValueError("an SFTP server needs a password or a private key")
        return password

    @field_validator("host_key")
    @classmethod
    def _is_a_fingerprint(cls, text: str) -> str:
        fingerprints(text)
        return text

    @property
    def title(self) -> str:
        """What kind of place it is, and whose."""
        return "Folder of this machine" if self.where is Where.FOLDER else f"SFTP server {self.host}"

    @property
    def place(self) -> str:
        """Where the files lie, for people and without anything secret."""
        if self.where is Where.FOLDER:
            return self.folder
        return f"sftp://{self.user}@{self.host}:{self.port}/{self.folder.lstrip('/')}"
