from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulators.tiktok_shop.tiktok_client import Client
from simulators.tiktok_shop.tiktok_schemas import check_answer

BACK = "https://hub.example/callback"


def consent(shop: Client, **answers: str) -> Any:
    form = {"service_id": shop.simulator.credentials["service_id"], "decision": "approve"} | answers
    return shop.http.post("/open/authorize", data=form)


def new_code(shop: Client) -> str:
    shop.control("redirect-url", {"url": BACK})
    location: str = consent(shop).headers["location"]
    return parse_qs(urlsplit(location).query)["code"][0]


def token(shop: Client, kind: str, **query: str) -> Any:
    whole = {"app_key": shop.key, "app_secret": shop.secret} | query
    answer = shop.http.get(f"/api/v2/token/{kind}", params=whole)
    assert answer.status_code == 200
    check_answer("GET", f"/api/v2/token/{kind}", 200, answer.json())
    return answer.json()


def redeem(shop: Client, code: str) -> Any:
    return token(shop, "get", auth_code=code, grant_type="authorized_code")


def refresh(shop: Client, refresh_token: str) -> Any:
    return token(shop, "refresh", refresh_token=refresh_token, grant_type="refresh_token")


def test_the_consent_page_leads_back_with_code_and_state(shop: Client) -> None:
    shop.control("redirect-url", {"url": BACK})
    service = shop.simulator.credentials["service_id"]
    shown = shop.http.get("/open/authorize", params={"service_id": service, "state": "s&1"})

    answer = consent(shop, state="s&1")

    assert 'value="s&amp;1"' in shown.text
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(BACK + "?code=TTP_")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["state"] == ["s&1"]


def test_denying_leads_back_with_an_error(shop: Client) -> None:
    shop.control("redirect-url", {"url": BACK})

    location = consent(shop, decision="deny", state="x").headers["location"]

    assert parse_qs(urlsplit(location).query) == {"error": ["access_denied"], "state": ["x"]}


def test_a_sub_account_and_a_wrong_service_are_refused(shop: Client) -> None:
    assert consent(shop, account="sub").status_code == 403
    assert consent(shop, service_id=shop.key).status_code == 404
    assert "does not exist" in shop.http.get("/open/authorize", params={"service_id": shop.key}).text


def test_without_a_redirect_url_the_code_is_shown(shop: Client) -> None:
    assert "<code>TTP_" in consent(shop).text


def test_a_code_is_used_once_and_dies_after_thirty_minutes(shop: Client) -> None:
    used, late = new_code(shop), new_code(shop)

    first, second = redeem(shop, used), redeem(shop, used)
    shop.advance(minutes=31)

    assert first["code"] == 0
    assert first["data"]["access_token_expire_in"] > 1_700_000_000
    assert second["code"] == 36004004
    assert second["data"] is None
    assert redeem(shop, late)["code"] == 36004004


def test_a_refresh_replaces_both_tokens_and_kills_the_old_ones(shop: Client) -> None:
    before = redeem(shop, new_code(shop))["data"]

    after = refresh(shop, before["refresh_token"])["data"]

    assert {before["access_token"], before["refresh_token"]}.isdisjoint(
        {after["access_token"], after["refresh_token"]}
    )
    assert refresh(shop, before["refresh_token"])["code"] == 36004004
    shops = ("GET", "/authorization/202309/shops")
    assert shop.code(*shops, cipher=False, token=before["access_token"]) == 36009004
    assert shop.code(*shops, cipher=False, token=after["access_token"]) == 0


def test_a_wrong_grant_type_leaves_the_code_usable(shop: Client) -> None:
    code = new_code(shop)

    assert token(shop, "get", auth_code=code, grant_type="authorization_code")["code"] == 36009004
    assert redeem(shop, code)["code"] == 0


def test_a_seller_who_removes_the_app_ends_every_token(shop: Client) -> None:
    shop.control("deauthorize")

    assert shop.code("GET", "/authorization/202309/shops", cipher=False) == 36009004
