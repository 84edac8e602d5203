"""One call: signed bytes, tokens and ciphers renewed once, and every refusal sorted by who must act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.tiktok_shop.tiktok_bench import (
    CREDENTIALS,
    FACTS,
    NOW,
    MemoryVault,
    Sent,
    answer,
    good_tokens,
    refusal,
    scripted,
)
from crossdock.connectors.errors import (
    AccessMissingError,
    ChannelError,
    CredentialsError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from crossdock.connectors.http import Answer
from crossdock.connectors.tiktok_shop.signing import sign
from crossdock.domain.channel import ChannelId, ChannelSku, StockTarget
from crossdock.domain.sync import Change, Unclear

TOKENS = {
    "access_token": "TTP_new",
    "access_token_expire_in": int(NOW.timestamp()) + 7 * 86_400,
    "refresh_token": "TTP_new_refresh",
    "refresh_token_expire_in": int(NOW.timestamp()) + 365 * 86_400,
    "open_id": "701",
    "seller_name": "Test Seller",
    "user_type": 0,
    "granted_scopes": ["seller.order.info", "seller.product.basic"],
}
SHOP = {"id": "1", "name": "One", "region": "US", "seller_type": "LOCAL", "cipher": "C1", "code": "US1"}
OTHER = {
    "id": "2",
    "name": "Two",
    "region": "GB",
    "seller_type": "CROSS_BORDER",
    "cipher": "C2",
    "code": "GB2",
}


def pull(bench: Any) -> Any:
    return list(bench.connector().pull_orders(None))


def test_the_bytes_that_were_signed_are_the_bytes_that_are_sent() -> None:
    bench, http = scripted(lambda _: {})
    target = StockTarget(ChannelId("9"), ChannelId("7"), ChannelSku("é"), ((ChannelId("w"), 3),))

    list(bench.connector().push_inventory([Change("k", target)]))

    sent = http.sent[0]
    assert sent.query["sign"] == sign(CREDENTIALS["app_secret"], sent.path, sent.query, sent.content or b"")
    assert sent.headers["x-tts-access-token"] == "TTP_access"
    assert sent.query["shop_cipher"] == FACTS["shop_cipher"]
    assert sent.query["timestamp"] == str(int(NOW.timestamp()))


def test_a_call_without_arguments_has_no_body() -> None:
    bench, http = scripted(lambda _: {})

    list(bench.connector().pull_locations(None))

    assert http.sent[0].content is None


def test_an_expired_token_is_renewed_once_and_both_tokens_are_kept() -> None:
    def script(sent: Sent) -> Any:
        if sent.path == "/api/v2/token/refresh":
            return TOKENS
        return refusal(105002, status=401) if sent.headers["x-tts-access-token"] == "TTP_access" else {}

    bench, http = scripted(script)
    pull(bench)

    assert http.paths()[1] == "/api/v2/token/refresh"
    assert len(http.sent) == 3
    assert (bench.vault.kept["access_token"], bench.vault.kept["refresh_token"]) == (
        "TTP_new",
        "TTP_new_refresh",
    )
    assert bench.vault.kept["access_token_expires_at"] == str(TOKENS["access_token_expire_in"])


def test_a_token_that_stays_refused_is_not_renewed_for_ever() -> None:
    bench, http = scripted(lambda s: TOKENS if "/token/" in s.path else refusal(105002, status=401))

    with pytest.raises(CredentialsError):
        pull(bench)

    assert len(http.sent) == 3


def test_a_token_with_less_than_a_day_left_is_renewed_before_the_call() -> None:
    soon = str(int(NOW.timestamp()) + 23 * 3600)
    bench, http = scripted(
        lambda s: TOKENS if "/token/" in s.path else {},
        vault=MemoryVault(good_tokens() | {"access_token_expires_at": soon}),
    )

    pull(bench)

    assert [s.headers.get("x-tts-access-token") for s in http.sent] == [None, "TTP_new"]


def test_a_token_still_good_for_hours_serves_while_the_token_host_is_down() -> None:
    soon = str(int(NOW.timestamp()) + 3600)
    bench, http = scripted(
        lambda s: UnavailableError("down") if "/token/" in s.path else {},
        vault=MemoryVault(good_tokens() | {"access_token_expires_at": soon}),
    )

    pull(bench)

    assert http.sent[-1].headers["x-tts-access-token"] == "TTP_access"


def test_a_token_that_another_worker_renewed_is_used_without_a_second_refresh() -> None:
    vault = MemoryVault(good_tokens())

    def script(sent: Sent) -> Any:
        vault.kept["access_token"] = "TTP_by_another"
        return refusal(105002, status=401) if sent.headers["x-tts-access-token"] == "TTP_access" else {}

    bench, http = scripted(script, vault=vault)
    pull(bench)

    assert "/api/v2/token/refresh" not in http.paths()
    assert http.sent[-1].headers["x-tts-access-token"] == "TTP_by_another"


def test_a_refused_refresh_asks_to_authorize_again_without_showing_a_secret() -> None:
    bench, _ = scripted(
        lambda s: (
            refusal(36004009, "TTP_refresh of hush-hush is invalid")
            if "/token/" in s.path
            else refusal(105002, status=401)
        )
    )

    with pytest.raises(CredentialsError, match="authorize again") as caught:
        pull(bench)

    assert not any(secret in str(caught.value) for secret in ("hush-hush", "TTP_refresh", "TTP_access"))


def test_without_tokens_the_operator_is_told_to_authorize() -> None:
    bench, _ = scripted(lambda _: {}, vault=MemoryVault({}))

    with pytest.raises(CredentialsError, match="authorize"):
        pull(bench)


def test_a_code_is_traded_for_tokens_with_absolute_times() -> None:
    bench, http = scripted(lambda _: TOKENS)

    kept = bench.connector().exchange_code("once")

    assert kept["access_token_expires_at"] == str(TOKENS["access_token_expire_in"])
    assert kept["scopes"] == "seller.order.info,seller.product.basic"
    assert http.sent[0].query["grant_type"] == "authorized_code"


def test_a_used_code_is_refused_with_the_platforms_reason() -> None:
    bench, _ = scripted(lambda _: refusal(36004004, "auth code is used"))

    with pytest.raises(CredentialsError, match="auth code is used"):
        bench.connector().exchange_code("twice")


def test_an_authorization_of_a_creator_is_refused() -> None:
    bench, _ = scripted(lambda _: TOKENS | {"user_type": 1})

    with pytest.raises(CredentialsError, match="main account"):
        bench.connector().exchange_code("code")


def test_a_stale_cipher_is_read_anew_once() -> None:
    def script(sent: Sent) -> Any:
        if sent.path.endswith("/shops"):
            return {"shops": [SHOP]}
        return {} if sent.query["shop_cipher"] == "C1" else refusal(106013, status=400)

    bench, http = scripted(script)
    pull(bench)

    assert http.paths()[1] == "/authorization/202309/shops"
    assert "shop_cipher" not in http.sent[1].query
    assert len(http.sent) == 3


def test_the_only_shop_is_chosen_by_itself() -> None:
    bench, _ = scripted(lambda s: {"shops": [SHOP]} if s.path.endswith("/shops") else {}, facts={})

    account = bench.connector().check()

    assert (account.channel_id, account.region, account.currency) == ("1", "US", "USD")
    assert account.facts["shop_cipher"] == "C1"
    assert account.missing_access == ()


def test_several_shops_need_a_choice_and_are_listed() -> None:
    bench, _ = scripted(lambda _: {"shops": [SHOP, OTHER]}, facts={})

    with pytest.raises(CredentialsError, match=r"1 One \(US\); 2 Two \(GB\)"):
        bench.connector().check()


@pytest.mark.parametrize("chosen", ["2", "GB2"])
def test_a_shop_is_chosen_by_id_or_code(chosen: str) -> None:
    credentials = CREDENTIALS | {"shop_id": chosen}
    bench, _ = scripted(
        lambda s: {"shops": [SHOP, OTHER]} if s.path.endswith("/shops") else {},
        facts={},
        credentials=credentials,
    )

    assert bench.connector().check().currency == "GBP"


def test_each_area_without_access_is_named() -> None:
    def script(sent: Sent) -> Any:
        if sent.path.endswith("/shops"):
            return {"shops": [SHOP]}
        return refusal(105005, "scope", status=401) if "/product/" in sent.path else {}

    bench, _ = scripted(script)

    missing = bench.connector().check().missing_access

    assert len(missing) == 1
    assert missing[0].startswith("products:")
    assert "“Product”" in missing[0]


def test_what_the_shop_lacks_before_listing_is_found_by_the_check() -> None:
    lacking = {"check_item": "RETURN_WAREHOUSE", "is_failed": True, "fail_reasons": ["No return warehouse"]}

    def script(sent: Sent) -> Any:
        if sent.path.endswith("/shops"):
            return {"shops": [SHOP]}
        fine = {"check_item": "SHOP_STATUS", "is_failed": False}
        return {"check_results": [fine, lacking]} if sent.path.endswith("/prerequisites") else {}

    bench, _ = scripted(script)

    facts = bench.connector(products="push").check().facts

    assert facts["lacks_before_listing"] == "RETURN_WAREHOUSE: No return warehouse"


REFUSALS: dict[str, tuple[Answer, type[ChannelError], str]] = {
    "scope": (refusal(105005, "no scope", status=401), AccessMissingError, "Order Information"),
    "forbidden": (refusal(1, "no", status=403), AccessMissingError, "scope"),
    "signature": (refusal(106001, "bad sign", status=401), CredentialsError, "App secret"),
    "wrong app key": (refusal(36009004, "app_key invalid", status=400), CredentialsError, "App key"),
    "sign missing": (refusal(36009004, "signature missing", status=400), CredentialsError, "App secret"),
    "clock": (refusal(36009004, "timestamp is invalid", status=400), UnavailableError, "clock"),
    "version": (refusal(36009004, "version unsupported", status=400), ProtocolError, "version"),
    "path": (refusal(36009009, "no path", status=404), ProtocolError, "no path"),
    "deactivated": (refusal(36009043, "off", status=401), CredentialsError, "deactivated"),
    "internal": (refusal(36009003, "oops"), UnavailableError, "oops"),
    "timeout": (refusal(36009007, "slow"), UnavailableError, "slow"),
    "server error": (refusal(1, "x", status=502), UnavailableError, "x"),
    "not json": (Answer(200, {}, b"<html>"), UnavailableError, "cannot be read"),
    "truncated": (Answer(200, {}, b'{"code":0,"data":{'), UnavailableError, "cannot be read"),
    "business": (refusal(98001004, "page_size wrong"), RefusedError, "page_size wrong"),
    "odd data": (answer({"code": 0, "data": {"orders": 7}}), ProtocolError, "documents"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_each_refusal_says_who_must_act(name: str) -> None:
    given, kind, words = REFUSALS[name]
    bench, _ = scripted(lambda _: given)

    with pytest.raises(kind, match=words):
        pull(bench)


@pytest.mark.parametrize(
    ("given", "pause"),
    [
        (lambda: refusal(36009002, status=429, headers={"retry-after": "2"}), timedelta(seconds=2)),
        (
            lambda: refusal(36009002, status=429, headers={"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT"}),
            timedelta(seconds=30),
        ),
        (lambda: refusal(36009002, status=429, headers={"retry-after": "soon"}), None),
        (lambda: Answer(429, {}, b"busy"), None),
        (lambda: refusal(12052109), timedelta(minutes=1)),
        (lambda: refusal(36009037), timedelta(minutes=15)),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(given: Callable[[], Answer], pause: timedelta | None) -> None:
    bench, _ = scripted(lambda _: given())

    with pytest.raises(RateLimitedError) as caught:
        pull(bench)

    assert caught.value.retry_after == pause


def test_an_unreadable_answer_to_a_read_leaves_nothing_unclear() -> None:
    bench, _ = scripted(lambda _: Answer(502, {}, b""))

    with pytest.raises(UnavailableError) as caught:
        pull(bench)

    assert not caught.value.is_unclear


def test_a_lost_answer_to_a_write_leaves_its_records_unclear() -> None:
    bench, _ = scripted(lambda _: UnavailableError("reset"))
    target = StockTarget(ChannelId("9"), ChannelId("7"), ChannelSku("A"), ((ChannelId("w"), 3),))
    outcomes = bench.connector().push_inventory([Change("k", target)])

    assert next(iter(outcomes)) == Unclear("k", "reset")
    with pytest.raises(UnavailableError):
        next(iter(outcomes))


def test_the_consent_page_is_that_of_the_market_and_takes_the_service_id() -> None:
    us, _ = scripted(lambda _: {})
    other, _ = scripted(lambda _: {}, credentials=CREDENTIALS | {"market": "other"})

    assert us.connector().authorize_link("s 1") == (
        "https://services.us.tiktokshop.com/open/authorize?service_id=734&state=s+1"
    )
    assert other.connector().authorize_link("") == (
        "https://services.tiktokshop.com/open/authorize?service_id=734"
    )
