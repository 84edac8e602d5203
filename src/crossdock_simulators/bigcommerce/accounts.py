"""API accounts: which token may do what, and the refusals of a wrong or too weak one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crossdock_simulators.bigcommerce import errors

ALL_SCOPES = frozenset(
    {
        "store_v2_products",
        "store_inventory",
        "store_locations",
        "store_v2_orders",
        "store_v2_transactions",
        "store_v2_information",
        "store_channel_settings",
        "store_channel_listings",
    }
)
READ_ONLY = "_read_only"
# The first match decides; a path without one, such as the hooks, needs no scope.
_NEEDS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), scopes)
    for pattern, scopes in (
        (r"^/v3/inventory/locations/\d+/items", ("store_inventory",)),
        (r"^/v3/inventory/locations", ("store_locations",)),
        (r"^/v3/inventory/", ("store_inventory",)),
        (r"^/v3/catalog/", ("store_v2_products",)),
        (r"^/v3/orders/.*(transactions|payment_actions)", ("store_v2_transactions", "store_v2_orders")),
        (r"^/v[23]/order", ("store_v2_orders",)),
        (r"^/v3/channels/\d+/listings", ("store_channel_listings",)),
        (r"^/v3/channels", ("store_channel_settings",)),
        (r"^/v2/(store|currencies)", ("store_v2_information",)),
        (r"^/v3/settings", ("store_v2_information",)),
    )
)


@dataclass
class Account:
    """One store-level API account."""

    client_id: str
    client_secret: str
    access_token: str
    scopes: frozenset[str] = ALL_SCOPES
    revoked: bool = False


@dataclass
class Accounts:
    by_token: dict[str, Account] = field(default_factory=dict)

    def add(self, account: Account) -> None:
        self.by_token[account.access_token] = account

    def require(self, token: str | None, method: str, path: str) -> Account:
        """The account of a token that may make this request; `path` begins with `/v2` or `/v3`."""
        account = self.by_token.get(token or "")
        if account is None or account.revoked:
            raise _unauthorized(path)
        if not _allowed(account.scopes, method, path):
            raise _forbidden(path)
        return account


def _allowed(scopes: frozenset[str], method: str, path: str) -> bool:
    for pattern, needed in _NEEDS:
        if pattern.search(path):
            reading = method in ("GET", "HEAD")
            return any(name in scopes or (reading and name + READ_ONLY in scopes) for name in needed)
    return True


def _unauthorized(path: str) -> errors.RefusedError:
    title = "Unauthorized - the v3 Auth client ID or token in the request are not a valid combination"
    if path.startswith("/v2"):
        return errors.v2(401, "No credentials were supplied in the request, or they are not valid.")
    return errors.v3(401, f"{title} for this store.")


def _forbidden(path: str) -> errors.RefusedError:
    if path.startswith("/v2"):
        text = "You are authorized but your scope does not include this resource."
        return errors.RefusedError(403, {"error": text})
    return errors.v3(403, "You don't have a required scope to access the endpoint")
