"""What can be set for a ShipStation account, and the credentials of its API."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, SecretStr

from crossdock.connectors.settings import ConnectorSettings, Credentials, credential, setting


def _is_store_id(text: str) -> str:
    if text and not text.isdecimal():
        raise ValueError(
            "is the number of a store, as ShipStation's store setup shows it; empty for any store"
        )
    return text


def _without_slash(text: str) -> str:
    return text.rstrip("/")


class ShipStationCredentials(Credentials):
    """The pair of values that ShipStation calls an API key (V1)."""

    api_key: SecretStr = credential(
        title="API key", help="ShipStation → Settings → Account → API Settings: a key of API version 1."
    )
    api_secret: SecretStr = credential(title="API secret", help="Beside the API key.")
    api_base: Annotated[str, AfterValidator(_without_slash)] = credential(
        title="API address",
        default="https://ssapi.shipstation.com",
        help="Where calls go.",
        advanced=True,
    )


class ShipStationSettings(ConnectorSettings):
    """All settings, grouped as they are shown."""

    orders: bool = setting(
        False,
        group="Orders",
        title="Send shipping requests to ShipStation",
        help="Orders that are routed to a location of this integration are created in ShipStation and followed there.",
    )
    store_id: Annotated[str, AfterValidator(_is_store_id)] = setting(
        "",
        group="Orders",
        title="ShipStation store",
        help="The number of the store that shipping requests are created in; empty for ShipStation's own choice. "
        "A store that holds nothing else keeps the hub from looking at orders of others.",
    )
    fulfillments: bool = setting(
        False,
        group="Fulfillments",
        title="Pull fulfillments from ShipStation",
        help="Labels that are bought there, and orders that are marked as shipped there, come back with their tracking.",
    )
