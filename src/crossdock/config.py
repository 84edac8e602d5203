"""The configuration of the process, from the environment (CROSSDOCK_…)."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DATABASE_URL = re.compile(r"sqlite:///.|postgresql(\+psycopg)?://.")


class Config(BaseSettings):
    """Everything that is decided per process. Integrations and their settings live in the database."""

    model_config = SettingsConfigDict(env_prefix="CROSSDOCK_", extra="ignore")

    database_url: str = Field(
        "sqlite:///crossdock.sqlite",
        description="sqlite:///FILE for one process, postgresql://USER@HOST/NAME for many",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Encrypts credentials and buyer data; several by comma, the first is used for new data. "
        "Default: made once and kept in a file beside the SQLite database",
    )
    public_url: str = Field(
        "", description="Where the platforms reach this hub; webhooks are registered when it is set"
    )
    private_hosts: str = Field("", description="Hosts inside private networks that may be called, by comma")
    smtp_url: SecretStr | None = Field(
        None,
        description="The mail server for notifications: smtp://USER:PASSWORD@HOST:587?tls=starttls or smtps://…; "
        "without it no mail is sent",
    )
    mail_from: str = Field("", description="Whom these mails are from, such as hub@example.com")
    host: str = Field("127.0.0.1", description="Address that `crossdock serve` listens on")
    port: int = Field(8700, description="Port that `crossdock serve` listens on")
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda level: str(level).upper())
    ] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["text", "json"] = Field("text", description="text or json")

    @field_validator("database_url")
    @classmethod
    def _is_a_database_of_ours(cls, url: str) -> str:
        if not DATABASE_URL.match(url):
            raise ValueError(f"use {cls.model_fields['database_url'].description}")
        return url

    def secrets(self) -> list[str]:
        """The encryption secrets, newest first. Raises ConfigError where one must be set by hand."""
        given = self.secret_key.get_secret_value() if self.secret_key else ""
        return [part.strip() for part in given.split(",") if part.strip()] or [_kept_secret(self._key_file())]

    def _key_file(self) -> Path:
        if not self.database_url.startswith("sqlite:///"):
            raise ConfigError("Set CROSSDOCK_SECRET_KEY: on PostgreSQL all processes need the same one")
        return Path(self.database_url.removeprefix("sqlite:///") + ".key")


class ConfigError(Exception):
    """The environment does not say what is needed; the message names the variable."""


def _kept_secret(file: Path) -> str:
    """The secret in the file, made at first use, readable by its owner only."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as out:
        secret = secrets.token_urlsafe(32)
        out.write(secret + "\n")
    return secret
