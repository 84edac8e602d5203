"""The return from a consent page connects once, for who asked, in time; everything else says why it does not."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from api.bench import GOOD_CODE, SHOP, Bench, Shop
from crossdock.operations.setup import integrations
from crossdock.operations.setup.integrations import Status


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


def test_the_page_is_styled_by_its_own_style_only_and_made_for_any_screen(asked: tuple[Bench, str]) -> None:
    bench, state = asked

    answer = come_back(bench, code=GOOD_CODE, state=state)

    style = answer.text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert "prefers-color-scheme:dark" in style
    assert 'name="viewport"' in answer.text


@pytest.mark.parametrize("is_known", [True, False])
def test_a_page_that_did_not_connect_names_the_command_that_starts_again(
    asked: tuple[Bench, str], is_known: bool
) -> None:
    bench, state = asked

    answer = come_back(bench, error="access_denied", state=state if is_known else "made-up")

    assert f"<code>crossdock connect {SHOP if is_known else 'NAME'}</code>" in answer.text


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


def test_a_code_that_is_refused_leaves_a_living_connection_alone(asked: tuple[Bench, str]) -> None:
    bench, state = asked
    come_back(bench, code=GOOD_CODE, state=state)
    before = tokens(bench)

    answer = bench.send("POST", f"/integrations/{SHOP}/connect", {"code": "nonsense"})

    assert answer["status"] == Status.CONNECTED
    assert answer["reason"] == "The code is <not> good. The connection goes on as it was"
    assert (status(bench), tokens(bench)) == (Status.CONNECTED, before)


def test_who_has_consented_for_the_account_of_another_is_asked_for_the_one_that_was_meant(
    asked: tuple[Bench, str],
) -> None:
    bench, state = asked
    come_back(bench, code=GOOD_CODE, state=state)
    new = {"name": "second", "connector": "tiktok_shop", "credentials": {"app_secret": "s"}}
    bench.send("POST", "/integrations", new)

    first = bench.send("POST", "/integrations/second/connect", {"code": GOOD_CODE})
    again = bench.send("POST", "/integrations/second/connect")

    assert (first["status"], first["authorize_link"]) == (Status.ERROR, "")
    assert f"connected already as {SHOP}" in first["reason"]
    assert again["reason"] == first["reason"]
    assert again["authorize_link"]
    assert bench.send("POST", f"/integrations/{SHOP}/connect")["status"] == Status.CONNECTED
