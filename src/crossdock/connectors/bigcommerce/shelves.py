"""Which categories of the store a new product goes into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.listing import Fault, folded
from crossdock.connectors.bigcommerce.names import NameBook
from crossdock.connectors.bigcommerce.reading import decoded, read_records
from crossdock.connectors.errors import AccessMissingError, RefusedError
from crossdock.domain.catalog import Product

SETTING = "Default product category"
_BETWEEN = " / "


@dataclass(frozen=True, slots=True)
class Shelved:
    """The numbers of a product's categories, and what a person should know of how they were found."""

    categories: tuple[int, ...]
    notes: tuple[str, ...] = ()


class Shelves:
    """Each name is looked up once; `default` is a number, a name or a path of the store."""

    def __init__(self, client: Client, names: NameBook, default: str) -> None:
        self._client = client
        self._names = names
        self._default = default.strip()
        self._known: dict[str, tuple[int, ...]] = {}
        self._unread: dict[str, str] = {}
        """Paths that the store would not tell anything about, with its words."""

    def for_product(self, product: Product) -> Shelved | Fault:
        """Those that the store has under the same path, else the default; none where no default is set."""
        own = dict.fromkeys(number for path in product.categories for number in self._readable(path)[:1])
        unread = {path: self._unread[path] for path in product.categories if path in self._unread}
        if own or not self._default:
            return Shelved(tuple(own), _notes(unread, "those that could" if own else "none"))
        found = self._numbered() if self._default.isdecimal() else self._at(self._default)
        if len(found) == 1:
            return Shelved(found, _notes(unread, f"the “{SETTING}”"))
        if found:
            reason = f"The store has {len(found)} categories called {self._default}"
            return Fault(reason, f"Enter the path, as Root / Leaf, or the number under {SETTING}.")
        reason = f"The store has no category {self._default}"
        return Fault(reason, f"Create it in BigCommerce, or correct the setting {SETTING}.")

    def _readable(self, path: str) -> tuple[int, ...]:
        """What the store has at a path of the product's; one that it does not tell keeps no product out."""
        if path in self._unread:
            return ()
        try:
            return self._at(path)
        except (AccessMissingError, RefusedError) as error:
            self._unread[path] = str(error)
            return ()

    def _numbered(self) -> tuple[int, ...]:
        """Looked up so that a wrong one is named; where it cannot be read, creating the product is what tells."""
        if self._default not in self._known:
            try:
                listing = self._client.categories([int(self._default)])
            except AccessMissingError:
                return (int(self._default),)
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


def _notes(unread: Mapping[str, str], chosen: str) -> tuple[str, ...]:
    """That categories could not be read, which, why, and where the product is instead."""
    if not unread:
        return ()
    paths = ", ".join(f"“{path}”" for path in unread)
    why = "; ".join(dict.fromkeys(unread.values()))
    return (f"Its categories {paths} could not be read from the store, so it is in {chosen}: {why}",)
