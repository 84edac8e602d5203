"""What the demo's merchant has decided: the apply file that joins the two simulated platforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from crossdock.cli.demo.platforms import Platforms

STORE = "store"
SHOP = "shop"
WAREHOUSE = "warehouse"

STORE_CREDENTIALS = ("api_path", "client_id", "client_secret", "access_token")
SHOP_CREDENTIALS = ("app_key", "app_secret", "service_id", "api_base", "token_base", "authorize_base")

# One required attribute is left out on purpose, so that a draft with what it lacks and its fix can be seen.
ATTRIBUTES = {"Fabric": "Cotton", "Contains batteries": "No"}


def apply_file(platforms: Platforms) -> str:
    """The store owns catalog and stock; the shop gets listings and stock, and its orders lower the store's stock."""
    return yaml.safe_dump(_described(platforms), sort_keys=False)


def warehouse_file(platforms: Platforms, locations: Sequence[str]) -> str:
    """The same with a manual warehouse behind the store's locations, and a routing card that sends everything there."""
    described = _described(platforms)
    described["integrations"][WAREHOUSE] = {"connector": "manual_warehouse"}
    described["locations"] = [{"location": each, "linked_to": WAREHOUSE} for each in locations]
    destinations = [{"location": each} for each in locations]
    described["routing"] = [{"name": "Everything", "destinations": destinations, "allow_split": True}]
    return yaml.safe_dump(described, sort_keys=False)


def _described(platforms: Platforms) -> dict[str, Any]:
    return {
        "sources_of_truth": {"catalog": STORE, "inventory": STORE},
        "integrations": {
            STORE: {
                "connector": "bigcommerce",
                "credentials": _chosen(platforms.store.given, STORE_CREDENTIALS),
                "settings": {
                    "products": "pull",
                    "orders": True,
                    "inventory": "pull",
                    "sales_report": "adjustment",
                    "locations": True,
                    "push_fulfillments": True,
                    "hold_minutes": 0,
                },
            },
            SHOP: {
                "connector": "tiktok_shop",
                "credentials": _chosen(platforms.shop.given, SHOP_CREDENTIALS),
                "settings": {
                    "products": "push",
                    "attribute_defaults": ATTRIBUTES,
                    "orders": True,
                    "inventory": True,
                    "locations": True,
                    "push_fulfillments": True,
                    "hold_minutes": 0,
                },
            },
        },
    }


def _chosen(given: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: given[name] for name in names}
