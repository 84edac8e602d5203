"""The connection check: who the store is, how it counts stock, and what the API account may not do."""

from __future__ import annotations

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.failures import ACCESS
from crossdock.connectors.bigcommerce.mapping.account import to_account
from crossdock.connectors.errors import AccessMissingError, CredentialsError, RefusedError
from crossdock.domain.channel import Account

_NEEDED = ("/v3/catalog/products", "/v2/orders", "/v3/inventory/items", "/v3/inventory/locations")


def check(client: Client, *, store_hash: str) -> Account:
    """Reading is probed; that writing is allowed as well shows only at the first write."""
    store = _store(client, store_hash)
    missing = tuple(text for place in _NEEDED if (text := _missing(client, place)))
    stock = _inventory_settings(client)
    return to_account(store, stock, store_hash=store_hash, missing_access=missing)


def _store(client: Client, store_hash: str) -> payloads.Store:
    try:
        return client.store()
    except RefusedError as error:
        if error.code != "404":
            raise
        raise CredentialsError(
            f"BigCommerce knows no store {store_hash}",
            code=error.code,
            fix="Copy the API path from the API account once more.",
        ) from error


def _missing(client: Client, place: str) -> str:
    try:
        client.probe(place)
    except AccessMissingError:
        area, _, grant = _grant_for(place).partition(" ")
        return f"{area}: read {grant}"
    return ""


def _grant_for(place: str) -> str:
    return next(text for path, text in ACCESS.items() if place.startswith(path))


def _inventory_settings(client: Client) -> payloads.InventorySettings | None:
    """Older stores and plans do not have them; then the hub takes orders to be still in the stock, and says less."""
    try:
        return client.inventory_settings()
    except (AccessMissingError, RefusedError):
        return None
