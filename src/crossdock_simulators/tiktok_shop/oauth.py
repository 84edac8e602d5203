"""Authorization: the consent page, codes and tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import escape
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

from crossdock_simulators.kit import Clock, Reply, Request, page
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.shop import Identity, seconds

CODE_LIFETIME = timedelta(minutes=30)
ACCESS_LIFETIME = timedelta(days=7)
PERIODS = {"30": "30 days", "180": "180 days", "365": "one year"}
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Grant:
    """One pair of tokens."""

    access_token: str
    access_expires: datetime
    refresh_token: str
    refresh_expires: datetime
    scopes: frozenset[str] = field(default_factory=frozenset)


class Authorizations:
    """Codes are used once; a refresh replaces both tokens and kills the old ones."""

    def __init__(self, clock: Clock, *, scopes: Iterable[str], region: str, seed: int) -> None:
        self.scopes = frozenset(scopes)
        self._clock = clock
        self._prefix = "TTP_" if region == "US" else "ROW_"
        self._region = region
        self._random = Random(seed)
        self._codes: dict[str, tuple[datetime, timedelta]] = {}
        self._by_access: dict[str, Grant] = {}
        self._by_refresh: dict[str, Grant] = {}

    def new_code(self, period: timedelta = timedelta(days=365)) -> str:
        code = f"{self._prefix}{self._random.getrandbits(160):040x}"
        self._codes[code] = (self._clock.now() + CODE_LIFETIME, period)
        return code

    def redeem(self, code: str) -> Grant:
        expires, period = self._codes.pop(code, (None, timedelta()))
        if expires is None or self._clock.now() > expires:
            raise ApiError(36004004)
        return self.grant(self._clock.now() + period)

    def refresh(self, refresh_token: str) -> Grant:
        old = self._by_refresh.pop(refresh_token, None)
        if old is None or self._clock.now() > old.refresh_expires:
            raise ApiError(36004004)
        self._by_access.pop(old.access_token, None)
        return self.grant(old.refresh_expires)

    def grant(self, refresh_expires: datetime | None = None) -> Grant:
        now = self._clock.now()
        made = Grant(
            access_token=self._token(),
            access_expires=now + ACCESS_LIFETIME,
            refresh_token=self._token(),
            refresh_expires=refresh_expires or now + timedelta(days=365),
            scopes=self.scopes,
        )
        self._by_access[made.access_token] = made
        self._by_refresh[made.refresh_token] = made
        return made

    def check(self, access_token: str) -> Grant:
        """The grant of a living access token."""
        grant = self._by_access.get(access_token)
        if grant is None:
            raise ApiError(36009004, "x-tts-access-token", status=401)
        if self._clock.now() >= grant.access_expires:
            raise ApiError(105002)
        return grant

    def expire_access_tokens(self) -> None:
        for token, grant in list(self._by_access.items()):
            expired = replace(grant, access_expires=self._clock.now() - timedelta(seconds=1))
            self._by_access[token] = self._by_refresh[grant.refresh_token] = expired

    def revoke(self) -> None:
        self._by_access.clear()
        self._by_refresh.clear()

    def described(self, grant: Grant, seller_name: str) -> dict[str, Any]:
        return {
            "access_token": grant.access_token,
            "access_token_expire_in": seconds(grant.access_expires),
            "refresh_token": grant.refresh_token,
            "refresh_token_expire_in": seconds(grant.refresh_expires),
            "open_id": "7010736057180325637",
            "seller_name": seller_name,
            "seller_base_region": self._region,
            "user_type": 0,
            "granted_scopes": sorted(grant.scopes),
        }

    def _token(self) -> str:
        return f"{self._prefix}{self._random.getrandbits(256):064x}"


class TokenHost:
    """The token endpoints and the page where a seller consents."""

    def __init__(self, identity: Identity, authorizations: Authorizations, redirect_url: str) -> None:
        self.redirect_url = redirect_url
        self._identity = identity
        self._authorizations = authorizations

    def token(self, request: Request) -> dict[str, Any]:
        """Either token call; the code or token is only looked at when the app is right."""
        query, identity = request.query, self._identity
        if query.get("app_key") != identity.app_key:
            raise ApiError(36009004, "app_key", status=200)
        if query.get("app_secret") != identity.app_secret:
            raise ApiError(36009004, "app_secret", status=200)
        fetching = request.path.endswith("/get")
        expected = "authorized_code" if fetching else "refresh_token"
        if query.get("grant_type") != expected:
            raise ApiError(36009004, f"grant_type must be {expected}", status=200)
        if fetching:
            grant = self._authorizations.redeem(query.get("auth_code", ""))
        else:
            grant = self._authorizations.refresh(query.get("refresh_token", ""))
        return self._authorizations.described(grant, identity.name)

    def consent_page(self, request: Request) -> Reply:
        if request.query.get("service_id") != self._identity.service_id:
            return _shown("This service does not exist", "Check the service_id of the link.", 404)
        hidden = [
            page.hidden_field("service_id", self._identity.service_id),
            page.hidden_field("state", request.query.get("state", "")),
        ]
        fields = [
            *hidden,
            page.choice_field("Account", "account", [("owner", "Shop owner"), ("sub", "Sub-account")]),
            page.choice_field("Period", "period", reversed(PERIODS.items())),
            page.choice_field("Decision", "decision", [("approve", "Authorize"), ("deny", "Cancel")]),
        ]
        intro = f"<p>An app asks for access to {escape(self._identity.name)}.</p>"
        return _shown("Authorize", intro + page.form("/open/authorize", fields, "Continue"))

    def decide(self, request: Request) -> Reply:
        answers = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if answers.get("service_id") != self._identity.service_id:
            return _shown("This service does not exist", "Check the service_id of the link.", 404)
        if answers.get("account", "owner") != "owner":
            return _shown("Not allowed", "Only the owner of the shop can authorize an app.", 403)
        state = {"state": answers["state"]} if answers.get("state") else {}
        if answers.get("decision") != "approve":
            return self._returned({"error": "access_denied"} | state)
        period = answers.get("period", "365")
        code = self._authorizations.new_code(timedelta(days=int(period if period in PERIODS else "365")))
        return self._returned({"code": code} | state)

    def _returned(self, answer: dict[str, str]) -> Reply:
        if not self.redirect_url:
            rows = "".join(f"<p>{escape(k)}: <code>{escape(v)}</code></p>" for k, v in answer.items())
            return _shown("The app has no redirect URL", rows)
        joint = "&" if "?" in self.redirect_url else "?"
        return Reply(302, headers={"Location": f"{self.redirect_url}{joint}{urlencode(answer)}"})


def _shown(title: str, body: str, status: int = 200) -> Reply:
    return Reply(status, page.document(escape(title), body), HTML)
