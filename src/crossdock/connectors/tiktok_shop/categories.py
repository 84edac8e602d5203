"""Finds a product's category, and what that category asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError
from crossdock.connectors.tiktok_shop.choices import CategoryVersion
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import Attribute, CategoryRules
from crossdock.connectors.tiktok_shop.regions import locale_of
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings
from crossdock.domain.catalog import Product

V1, V2 = "v1", "v2"
NOTHING_FITS = frozenset({"12019064", "12052912"})


@dataclass(frozen=True, slots=True)
class Category:
    """`names` are those by which it can be told what kind of goods it holds."""

    id: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demands:
    attributes: tuple[Attribute, ...]
    rules: CategoryRules


class Categories:
    """One shop's category tree, as far as it was asked about."""

    def __init__(self, client: Client, memory: Memory, settings: TikTokShopSettings) -> None:
        self._client = client
        self._memory = memory
        self._settings = settings
        self._demands: dict[tuple[str, str], Demands] = {}

    def version(self) -> str:
        """The tree to use: as set, as learnt from a refusal, or as the shop's market has it."""
        if self._settings.category_version is not CategoryVersion.AUTO:
            return self._settings.category_version.value
        shop = self._client.shop()
        return self._memory.get("category_version", shop.id) or (V2 if shop.region == "US" else V1)

    def turn_to_v2(self) -> bool:
        """Remember that the shop takes v2 only; False where that was known, so that nobody turns in circles."""
        if self._settings.category_version is not CategoryVersion.AUTO or self.version() == V2:
            return False
        self._memory.put("category_version", self._client.shop().id, V2)
        return True

    def choose(self, product: Product, title: str) -> Category | None:
        """By the map, by TikTok Shop's own advice, by the default; None when all three are silent."""
        mapped = mapped_category(product.categories, self._settings.category_map)
        if mapped:
            return Category(mapped, product.categories)
        advised = self._recommended(title)
        if advised.id:
            return advised
        if self._settings.default_category:
            return Category(self._settings.default_category, product.categories)
        return None

    def demands(self, category_id: str) -> Demands:
        version = self.version()
        key = (category_id, version)
        if key not in self._demands:
            locale = locale_of(self._client.shop().region)
            found = self._client.category_attributes(category_id, version=version, locale=locale)
            rules = self._client.category_rules(category_id, version=version, locale=locale)
            self._demands[key] = Demands(tuple(found.attributes or ()), rules)
        return self._demands[key]

    def _recommended(self, title: str) -> Category:
        """TikTok Shop's advice for a title; without an id where it has none. Asked once a title."""
        version = self.version()
        key = sha256(f"{version}\n{title}".encode()).hexdigest()
        kept = self._memory.get("category", key)
        if kept is not None:
            return msgspec.json.decode(kept, type=Category)
        locale = locale_of(self._client.shop().region)
        try:
            advice = self._client.recommend_category(title, version=version, locale=locale)
        except RefusedError as error:
            if error.code not in NOTHING_FITS:
                raise
            return Category("")
        category = Category(
            text(advice.leaf_category_id), tuple(text(level.name) for level in advice.categories or ())
        )
        if category.id:
            self._memory.put("category", key, msgspec.json.encode(category).decode())
        return category


def mapped_category(paths: tuple[str, ...], category_map: Mapping[str, str]) -> str:
    """The id for the most specific of a product's categories that the map knows, by path or by name."""
    known = {name.casefold().strip(): category_id for name, category_id in category_map.items()}
    ranked = sorted((-depth, order, name) for order, path in enumerate(paths) for depth, name in _names(path))
    return next((known[name] for _, _, name in ranked if name in known), "")


def _names(path: str) -> Iterator[tuple[int, str]]:
    """Each level of a path, as the path down to it and as its bare name; deeper levels are more specific."""
    levels = [level.strip().casefold() for level in path.split(" / ")]
    for depth in range(1, len(levels) + 1):
        yield depth, " / ".join(levels[:depth])
        yield depth, levels[depth - 1]
