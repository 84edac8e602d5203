"""What the demo's merchant has decided: the apply file that joins the two simulated platforms."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from crossdock.cli.demo.platforms import Platforms

STORE = "store"
SHOP = "shop"

STORE_CREDENTIALS = ("api_path", "client_id", "client_secret", "access_token")
SHOP_CREDENTIALS = ("app_key", "app_secret", "service_id", "api_base", "token_base", "authorize_base")

# One required attribute is left out on purpose, so that a draft with what it lacks and its fix can be seen.
ATTRIBUTES = {"Fabric": "Cotton", "Contains batteries": "No"}


def apply_file(platforms: Platforms) -> str:
    """The store owns catalog and stock; the shop gets listings and stock, and its orders lower the store's stock."""
    described = {
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
                },
            },
        },
    }
    return yaml.safe_dump(described, sort_keys=False)


def _chosen(given: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: given[name] for name in names}
