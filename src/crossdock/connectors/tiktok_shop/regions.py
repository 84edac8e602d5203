"""What differs from market to market, as far as the connector has to know."""

from __future__ import annotations

from collections.abc import Mapping

PUSH_REGIONS = frozenset({"US", "GB", "UK"})
"""TikTok Shop accepts pushed products of these shops only; elsewhere the catalog stays with TikTok Shop."""

CURRENCIES: Mapping[str, str] = {
    "US": "USD",
    "GB": "GBP",
    "UK": "GBP",
    "JP": "JPY",
    "MX": "MXN",
    "BR": "BRL",
    "ID": "IDR",
    "MY": "MYR",
    "PH": "PHP",
    "SG": "SGD",
    "TH": "THB",
    "VN": "VND",
    "CZ": "CZK",
    "HU": "HUF",
    "PL": "PLN",
    **dict.fromkeys(("AT", "BE", "DE", "ES", "FR", "GR", "IE", "IT", "NL", "PT"), "EUR"),
}


def currency_of(region: str) -> str:
    """The one currency in which a shop of this region sells; empty where it is not known."""
    return CURRENCIES.get(region, "")


def is_imperial(region: str) -> bool:
    return region == "US"


def locale_of(region: str) -> str:
    """The language of category and attribute names, which the settings name in English."""
    return "en-GB" if region in ("GB", "UK") else "en-US"
