"""Statuses of a channel, named in settings: by key or name, and only where they fit."""

from __future__ import annotations

import pytest

from crossdock.connectors.bigcommerce.mapping import order_status
from crossdock.connectors.bigcommerce.settings import BigCommerceSettings
from crossdock.connectors.errors import SettingsError
from crossdock.connectors.tiktok_shop.mapping.order_status import to_status
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings
from crossdock.domain.order import FulfilledBy, OrderStatus


def test_a_status_is_named_by_number_or_name_and_kept_by_number() -> None:
    settings = BigCommerceSettings.parse(
        {
            "status_map": {"Awaiting Shipment": "on hold", "13": "READY_FOR_FULFILLMENT"},
            "locked_statuses": ["disputed", "2"],
        }
    )

    assert settings.status_map == {"9": "On Hold", "13": "Ready For Fulfillment"}
    assert settings.locked_statuses == ("13", "2")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"99": "On Hold"}, "'99' is no status of the channel; choose from 0 Incomplete, 1 Pending"),
        ({"9": "Paused"}, "'Paused' is no hub status; choose from Draft, New, On Hold"),
        ({"9": "Canceled"}, "Awaiting Shipment cannot become Canceled"),
        ({"5": "Closed"}, "Cancelled cannot become Closed"),
        ({"9": "New", "awaiting shipment": "Draft"}, "named twice"),
    ],
)
def test_a_map_that_cannot_hold_is_refused_with_what_would(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        BigCommerceSettings.parse({"status_map": given})

    assert caught.value.field == "status_map"


def test_statuses_of_tiktok_shop_are_checked_by_name() -> None:
    settings = TikTokShopSettings.parse(
        {"status_map": {"awaiting_shipment": "To Be Validated"}, "locked_statuses": ["AWAITING_COLLECTION"]}
    )

    assert settings.status_map == {"AWAITING_SHIPMENT": "To Be Validated"}
    assert settings.locked_statuses == ("AWAITING_COLLECTION",)
    with pytest.raises(SettingsError, match="choose from UNPAID, ON_HOLD, AWAITING_SHIPMENT"):
        TikTokShopSettings.parse({"locked_statuses": ["SHIPPED"]})


def test_the_map_decides_what_a_status_means() -> None:
    chosen = {"9": "On Hold", "4": "Closed"}

    assert order_status.to_status(9, chosen) is OrderStatus.ON_HOLD
    assert order_status.to_status(4, chosen) is OrderStatus.CLOSED
    assert order_status.to_status(4, {}) is None
    assert order_status.to_status(11, chosen) is OrderStatus.READY_FOR_FULFILLMENT
    mine = {"DELIVERED": "Closed"}
    assert to_status("DELIVERED", FulfilledBy.SELLER, mine) is OrderStatus.CLOSED
    assert to_status("DELIVERED", FulfilledBy.PLATFORM_WAREHOUSE, mine) is OrderStatus.FULFILLED
    assert to_status("BRAND_NEW", FulfilledBy.SELLER, mine) is None
