"""Who ships decides what an order does to the merchant's stock and whether there is anything to ship."""

from __future__ import annotations

import pytest

from crossdock.domain.order import FulfilledBy


@pytest.mark.parametrize(
    ("by", "takes_stock", "arrives_fulfilled"),
    [
        (FulfilledBy.SELLER, True, False),
        (FulfilledBy.PLATFORM_LABEL, True, True),
        (FulfilledBy.PLATFORM_WAREHOUSE, False, True),
    ],
)
def test_status_and_stock_are_apart(by: FulfilledBy, takes_stock: bool, arrives_fulfilled: bool) -> None:
    assert (by.takes_merchant_stock, by.arrives_fulfilled) == (takes_stock, arrives_fulfilled)
