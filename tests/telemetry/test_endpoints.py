"""Endpoints are named without ids, and nobody outside can make up figures."""

from __future__ import annotations

import pytest

from crossdock.telemetry.endpoints import MOST_ENDPOINTS, OTHER, Known, endpoint


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (
            "https://api.bigcommerce.com/stores/abc123/v3/catalog/products/12?include=images",
            "/v3/catalog/products/:id",
        ),
        ("https://api.bigcommerce.com/stores/abc123/v2/orders/7/shipments/9", "/v2/orders/:id/shipments/:id"),
        (
            "https://open-api.tiktokglobalshop.com/product/202309/products/search?sign=s3cret",
            "/product/202309/products/search",
        ),
        (
            "https://open-api.tiktokglobalshop.com/order/202309/orders/576461413038800008",
            "/order/202309/orders/:id",
        ),
        ("https://auth.example.com/api/v2/token/get?app_secret=s3cret", "/api/v2/token/get"),
        ("https://hooks.example.com/T0/B1/aVerySecretToken", "/:id/:id/:id"),
    ],
)
def test_ids_queries_and_secrets_are_left_out(url: str, name: str) -> None:
    assert endpoint(url) == name


def test_after_so_many_all_others_are_one() -> None:
    known = Known()
    names = {
        known(f"https://x/{'a' * (number % 30 + 1)}/{'b' * (number // 30 + 1)}") for number in range(600)
    }

    assert len(names) == MOST_ENDPOINTS + 1
    assert OTHER in names
