"""Which categories of the store a new product goes into."""

from __future__ import annotations

from contextlib import suppress

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.listing import Fault, folded
from crossdock.connectors.bigcommerce.names import NameBook
from crossdock.connectors.bigcommerce.reading import decoded, read_records
from crossdock.connectors.errors import AccessMissingError, RefusedError
from crossdock.domain.catalog import Product

SETTING = "Default product category"
_BETWEEN = " / "


class Shelves:
    """Each name is looked up once; `default` is a number, a name or a path of the store."""

    def __init__(self, client: Client, names: NameBook, default: str) -> None:
        self._client = client
        self._names = names
        self._default = default.strip()
        self._known: dict[str, tuple[int, ...]] = {}

    def for_product(self, product: Product) -> tuple[int, ...] | Fault:
        """Those that the store has under the same path, else the default; none where no default is set."""
        own: tuple[int, ...] = ()
        for path in product.categories:
            with suppress(AccessMissingError, RefusedError):
                own += self._at(path)[:1]
        if own or not self._default:
            return tuple(dict.fromkeys(own))
        found = self._numbered() if self._default.isdecimal() else self._at(self._default)
        if len(found) == 1:
            return found
        if found:
            reason = f"The store has {len(found)} categories called {self._default}"
            return Fault(reason, f"Enter the path, as Root / Leaf, or the number under {SETTING}.")
        reason = f"The store has no category {self._default}"
        return Fault(reason, f"Create it in BigCommerce, or correct the setting {SETTING}.")

    def _numbered(self) -> tuple[int, ...]:
        if self._default not in self._known:
            listing = self._client.categories([int(self._default)])
            categories = read_records(listing.records, lambda raw: decoded(raw, payloads.Category))[0]
            self._known[self._default] = tuple(category.category_id for category in categories)
        return self._known[self._default]

    def _at(self, path: str) -> tuple[int, ...]:
        """A single name may stand anywhere in the tree, a path is one from the root on."""
        if path not in self._known:
            name = path.rpartition(_BETWEEN)[2].strip()
            listing = self._client.categories_named(name)
            categories = read_records(listing.records, lambda raw: decoded(raw, payloads.Category))[0]
            numbers = {one.category_id for one in categories if folded(one.name or "") == folded(name)}
            paths = self._names.category_paths(numbers)
            self._known[path] = tuple(
                number
                for number in sorted(numbers)
                if _BETWEEN not in path or folded(paths[number]) == folded(path)
            )
        return self._known[path]
