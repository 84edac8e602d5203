"""The return from a consent page connects once, for who asked, in time; everything else says why it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from api.bench import GOOD_CODE, SHOP, Bench, Shop
from crossdock.operations import integrations
from crossdock.operations.integrations import Status


@pytest.fixture
def asked(merchant: Bench) -> tuple[Bench, str]:
    """The shop's owner was sent to the consent page; the state that was sent along."""
    link = merchant.send("POST", f"/integrations/{SHOP}/connect")["authorize_link"]
    return merchant, parse_qs(urlsplit(link).query)["state"][0]


def come_back(bench: Bench, path: str = "/oauth/return", **query: str) -> Any:
    return bench.stranger.get(path, params=query)


def status(bench: Bench) -> str:
    return str(bench.get(f"/integrations/{SHOP}")["status"])


def tokens(bench: Bench) -> bytes | None:
    with bench.database.reading() as tx:
        found = integrations.get(tx, SHOP)
    assert found is not None
    return found.tokens


@pytest.mark.parametrize("path", ["/oauth/return", "/oauth/tiktok_shop/return"])
def test_a_consent_connects(asked: tuple[Bench, str], path: str) -> None:
    bench, state = asked

    answer = come_back(bench, path, code=GOOD_CODE, state=state)

    assert answer.status_code == 200
    assert "Connected" in answer.text
    assert "Tea &lt;Shop&gt;" in answer.text
    assert status(bench) == Status.CONNECTED


def test_the_page_leaks_nothing_and_runs_nothing(asked: tuple[Bench, str]) -> None:
    bench, state = asked

    answer = come_back(bench, code=GOOD_CODE, state=state)

    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_wrong_state_does_not_connect(asked: tuple[Bench, str]) -> None:
    bench, _ = asked

    answer = come_back(bench, code=GOOD_CODE, state="made-up")

    assert answer.status_code == 400
    assert "not known" in answer.text
    assert (Shop.exchanged, tokens(bench)) == ([], None)
    assert status(bench) == Status.CONNECTING


def test_a_missing_state_does_not_connect(asked: tuple[Bench, str]) -> None:
    bench, _ = asked

    assert come_back(bench, code=GOOD_CODE).status_code == 400
    assert (Shop.exchanged, tokens(bench)) == ([], None)


def test_a_state_is_good_once(asked: tuple[Bench, str]) -> None:
    bench, state = asked
    come_back(bench, code=GOOD_CODE, state=state)

    answer = come_back(bench, code=GOOD_CODE, state=state)

    assert answer.status_code == 400
    assert "used already" in answer.text
    assert Shop.exchanged == [GOOD_CODE]
    assert status(bench) == Status.CONNECTED


def test_a_state_expires(asked: tuple[Bench, str]) -> None:
    bench, state = asked
    bench.clock.go_on(timedelta(minutes=31))

    answer = come_back(bench, code=GOOD_CODE, state=state)

    assert answer.status_code == 400
    assert "30 minutes" in answer.text
    assert (Shop.exchanged, tokens(bench)) == ([], None)


def test_a_denied_consent_does_not_connect_and_uses_the_state_up(asked: tuple[Bench, str]) -> None:
    bench, state = asked

    answer = come_back(bench, error="access_denied", error_description="<b>No</b>", state=state)

    assert answer.status_code == 400
    assert "did not consent (&lt;b&gt;No&lt;/b&gt;)" in answer.text
    assert status(bench) == Status.NOT_CONFIGURED
    assert come_back(bench, code=GOOD_CODE, state=state).status_code == 400
    assert (Shop.exchanged, tokens(bench)) == ([], None)


def test_a_stranger_cannot_undo_a_connection_by_claiming_that_it_was_denied(asked: tuple[Bench, str]) -> None:
    bench, state = asked
    come_back(bench, code=GOOD_CODE, state=state)

    for guess in (state, "made-up", ""):
        assert come_back(bench, error="access_denied", state=guess).status_code == 400

    assert status(bench) == Status.CONNECTED


def test_a_code_that_the_platform_refuses_does_not_connect(asked: tuple[Bench, str]) -> None:
    bench, state = asked

    answer = come_back(bench, code="bad-code", state=state)

    assert answer.status_code == 400
    assert "&lt;not&gt; good" in answer.text
    assert tokens(bench) is None
    assert status(bench) == Status.ERROR
