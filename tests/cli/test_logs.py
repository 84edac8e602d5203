"""What is logged: on standard error, in one form, never with a secret."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from crossdock.cli import logs
from support.command import Command


def test_fields_named_like_secrets_are_masked(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", form="json")

    structlog.get_logger("test").info("refreshed", access_token="s3cret", shop_cipher="s3cret", flow="a/b")

    told = capsys.readouterr()
    line = json.loads(told.err)
    assert told.out == ""
    assert "s3cret" not in told.err
    assert (line["event"], line["flow"], line["level"]) == ("refreshed", "a/b", "info")


def test_addresses_of_requests_are_not_logged(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of token exchanges hold secrets in their query."""
    logs.configure("DEBUG")

    logging.getLogger("httpx2").info("HTTP Request: GET https://auth/token?app_secret=s3cret")

    assert "s3cret" not in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_shows_no_local_variables(
    command: Command, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    logs.configure("INFO", form=form)

    try:
        _refuse("s3cret".upper())
    except ValueError:
        structlog.get_logger("test").exception("refused")

    told = capsys.readouterr().err
    assert "6 characters are too few" in told
    assert "S3CRET" not in told


def _refuse(secret: str) -> None:
    raise ValueError(f"{len(secret)} characters are too few")
