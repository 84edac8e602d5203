"""Values as people write them in files, taken by the settings of every connector."""

from __future__ import annotations

import pytest

from crossdock.connectors.bigcommerce.settings import BigCommerceSettings
from crossdock.connectors.errors import SettingsError
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings


def test_a_map_takes_numbers_without_quotes() -> None:
    """YAML reads the 8 of `status_map: {8: Ready For Fulfillment}` as a number."""
    assert BigCommerceSettings.parse({"status_map": {8: "Ready For Fulfillment"}}).status_map == {
        "8": "Ready For Fulfillment"
    }
    assert TikTokShopSettings.parse({"category_map": {"Shirts": 601226}}).category_map == {"Shirts": "601226"}


def test_a_list_takes_numbers_without_quotes() -> None:
    assert BigCommerceSettings.parse({"locked_statuses": [12, "13"]}).locked_statuses == ("12", "13")


def test_on_and_off_are_no_names() -> None:
    """YAML reads an unquoted No as false; as a text it would mean something else."""
    with pytest.raises(SettingsError, match=r"attribute_defaults: put .* in quotes"):
        TikTokShopSettings.parse({"attribute_defaults": {"Contains batteries": False}})
    with pytest.raises(SettingsError, match=r"product_skus: put .* in quotes"):
        TikTokShopSettings.parse({"product_skus": [False]})
