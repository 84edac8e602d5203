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
    metrics_port: int = Field(
        0, description="Port at which `crossdock worker` answers /metrics, /healthz and /readyz; 0 for none"
    )
    drain_seconds: float = Field(
        0.0,
        description="How long `crossdock serve` goes on answering after it was told to stop",
        ge=0,
        le=300,
    )
    keep_runs_days: int = Field(30, description="How long runs are kept; 0 for ever", ge=0)
    keep_idle_runs_days: int = Field(
        2, description="How long runs are kept that ended well and moved nothing; 0 for ever", ge=0
    )
    keep_events_days: int = Field(365, description="How long timelines are kept; 0 for ever", ge=0)
    keep_cases_days: int = Field(
        180, description="How long resolved exception cases are kept; 0 for ever", ge=0
    )
    keep_payloads_days: int = Field(
        14, description="How long closed cases keep the record they were about; 0 for ever", ge=0
    )
    keep_notifications_days: int = Field(
        90, description="How long sent notifications and the log of automations are kept; 0 for ever", ge=0
    )
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
        return self._given_secrets() or _kept_secrets(self._key_file())

    def known_secrets(self) -> list[str]:
        """Those that are there already: none is made for a hub that is only to come. Raises ConfigError as `secrets`."""
        if given := self._given_secrets():
            return given
        file = self._key_file()
        return _split(file.read_text()) if file.exists() else []

    def keep_secrets(self, secrets: list[str]) -> None:
        """Put secrets that came with a backup where the hub looks for them. Raises ConfigError as `secrets`."""
        _keep_secret(self._key_file(), ",".join(secrets))

    def key_place(self) -> str:
        """Where the hub's secrets come from, for people."""
        if self.secret_key is not None or not self.database_url.startswith("sqlite:///"):
            return "set CROSSDOCK_SECRET_KEY to the key of that hub"
        return f"put the key file of that hub at {self._key_file()}, or set CROSSDOCK_SECRET_KEY to its key"

    def _given_secrets(self) -> list[str]:
        given = self.secret_key.get_secret_value() if self.secret_key else ""
        return _split(given)

    def _key_file(self) -> Path:
        if not self.database_url.startswith("sqlite:///"):
            raise ConfigError("Set CROSSDOCK_SECRET_KEY: on PostgreSQL all processes need the same one")
        return Path(self.database_url.removeprefix("sqlite:///") + ".key")


class ConfigError(Exception):
    """The environment does not say what is needed; the message names the variable."""


def _split(given: str) -> list[str]:
    return [part.strip() for part in given.split(",") if part.strip()]


def _kept_secrets(file: Path) -> list[str]:
    """The secrets in the file, made at first use, readable by its owner only."""
    try:
        made = secrets.token_urlsafe(32)
        _keep_secret(file, made)
    except FileExistsError:
        return _split(file.read_text())
    return [made]


def _keep_secret(file: Path, secret: str) -> None:
    """Raises FileExistsError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(secret + "\n")
