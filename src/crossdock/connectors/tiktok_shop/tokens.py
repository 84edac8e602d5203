"""The seller's tokens: traded for a code, kept in the vault, renewed before they run out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from crossdock.connectors.contract import Toolbox
from crossdock.connectors.errors import CredentialsError, ProtocolError, RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop import payloads
from crossdock.connectors.tiktok_shop.answers import Place, envelope_of
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials

RENEW_BEFORE = timedelta(hours=24)
SELLER = 0


class TokenKeeper:
    """Gives out the access token of one integration."""

    def __init__(self, toolbox: Toolbox, credentials: TikTokShopCredentials) -> None:
        self._toolbox = toolbox
        self._credentials = credentials

    def exchange(self, code: str) -> Mapping[str, str]:
        """Trade the one-time code for tokens. Only the shop's main account gives useful ones."""
        tokens = self._ask("get", {"auth_code": code, "grant_type": "authorized_code"})
        if tokens.user_type not in (SELLER, None):
            raise CredentialsError(
                "The authorization is not a seller's: the shop's main account must give consent"
            )
        return _stored(tokens)

    def current(self) -> str:
        """The access token, renewed first when it is about to run out."""
        tokens = self._toolbox.vault.tokens()
        token = tokens.get("access_token", "")
        if not token:
            raise CredentialsError("Not authorized yet: open the authorize link with the shop's main account")
        left = self._seconds_left(tokens)
        if left > RENEW_BEFORE.total_seconds():
            return token
        try:
            return self.renewed(token)
        except UnavailableError:
            if left <= 0:
                raise
            return token

    def renewed(self, stale: str) -> str:
        """A token newer than `stale`. Only one worker refreshes: the old refresh token dies with its use."""
        with self._toolbox.vault.refreshing() as tokens:
            if tokens.get("access_token", "") not in ("", stale):
                return str(tokens["access_token"])
            tokens.update(self._refreshed(tokens.get("refresh_token", "")))
            return str(tokens["access_token"])

    def _refreshed(self, refresh_token: str) -> Mapping[str, str]:
        try:
            return _stored(
                self._ask("refresh", {"refresh_token": refresh_token, "grant_type": "refresh_token"})
            )
        except (RefusedError, CredentialsError) as error:
            raise CredentialsError(
                f"TikTok Shop refused to renew the authorization ({error}); authorize again", code=error.code
            ) from error

    def _ask(self, what: str, query: Mapping[str, str]) -> payloads.Tokens:
        """The secrets travel in the query, so no message repeats it."""
        path = f"/api/v2/token/{what}"
        app = {
            "app_key": self._credentials.app_key,
            "app_secret": self._credentials.app_secret.get_secret_value(),
        }
        answer = self._toolbox.http.send(
            "GET", self._credentials.token_base + path, lane="urgent", params={**app, **query}
        )
        secrets = (app["app_secret"], query.get("refresh_token", ""), query.get("auth_code", ""))
        place = Place("GET", path, is_write=what == "refresh", secrets=secrets)
        try:
            envelope = envelope_of(answer, place, now=self._toolbox.clock())
        except RefusedError as error:
            raise CredentialsError(
                f"{error} (check App key and App secret)", code=error.code, request_id=error.request_id
            ) from None
        try:
            return msgspec.json.decode(envelope.data, type=payloads.Tokens)
        except msgspec.DecodeError:
            raise ProtocolError("The token answer lacks tokens") from None

    def _seconds_left(self, tokens: Mapping[str, str]) -> float:
        expires_at = float(tokens.get("access_token_expires_at") or 0)
        return expires_at - self._toolbox.clock().timestamp()


def _stored(tokens: payloads.Tokens) -> Mapping[str, str]:
    """As the vault keeps them. The platform's `expire_in` are moments, in spite of their name."""
    return {
        "access_token": tokens.access_token,
        "access_token_expires_at": str(tokens.access_token_expire_in),
        "refresh_token": tokens.refresh_token,
        "refresh_token_expires_at": str(tokens.refresh_token_expire_in),
        "open_id": payloads.text(tokens.open_id),
        "seller_name": payloads.text(tokens.seller_name),
        "scopes": ",".join(tokens.granted_scopes or ()),
    }
