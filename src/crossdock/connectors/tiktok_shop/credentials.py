"""The app's values that a TikTok Shop integration is connected with."""

from __future__ import annotations

from pydantic import SecretStr, field_validator

from crossdock.connectors.settings import Choice, Credentials, credential


class Market(Choice):
    US = "US", "United States"
    OTHER = "other", "Any other market"


AUTHORIZE_BASES = {
    Market.US: "https://services.us.tiktokshop.com",
    Market.OTHER: "https://services.tiktokshop.com",
}


class TikTokShopCredentials(Credentials):
    """What Partner Center shows of the app; the tokens themselves come by the seller's consent."""

    app_key: str = credential(title="App key", help="Partner Center → App & Service → your app → App key.")
    app_secret: SecretStr = credential(title="App secret", help="Beside the app key.")
    service_id: str = credential(
        title="Service ID", help="Beside the app key; the consent page asks for this one."
    )
    market: Market = credential(
        title="Market",
        default=Market.US,
        help="The market the app was registered for: it decides where the seller gives consent.",
    )
    shop_id: str = credential(
        title="Shop",
        default="",
        help="Only where one seller has several shops: the id or the code of the one to connect.",
    )
    api_base: str = credential(
        title="API address",
        default="https://open-api.tiktokglobalshop.com",
        help="Where calls go.",
        advanced=True,
    )
    token_base: str = credential(
        title="Token address",
        default="https://auth.tiktok-shops.com",
        help="Where codes and tokens are traded.",
        advanced=True,
    )
    authorize_base: str = credential(
        title="Consent page address",
        default="",
        help="Where the seller gives consent; empty for the page of the market.",
        advanced=True,
    )

    @field_validator("api_base", "token_base", "authorize_base", mode="after")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    def consent_base(self) -> str:
        return self.authorize_base or AUTHORIZE_BASES[self.market]
