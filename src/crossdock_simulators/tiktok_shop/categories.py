"""A small category tree in two versions, with the attributes each leaf asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ROOT: Final = "0"


BRANDS: Final[Mapping[str, str]] = {
    "7082427311584347905": "Acme",
    "7082427311584347906": "Northwind",
    "7082427311584347907": "Umbra",
    "7082427311584347908": "Aurelia",
}
T1_BRANDS: Final = frozenset({"7082427311584347908"})
"""Brands that nobody may sell without an authorization."""


@dataclass(frozen=True, slots=True)
class Attribute:
    id: str
    name: str
    type: str = "PRODUCT_PROPERTY"
    is_required: bool = False
    values: tuple[tuple[str, str], ...] = ()
    is_customizable: bool = True
    is_multiple: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """`words` is what a title may say for this leaf to be recommended."""

    id: str
    parent_id: str
    name: str
    words: frozenset[str] = frozenset()
    attributes: tuple[Attribute, ...] = ()
    needs_dimensions: bool = False
    needs_size_chart: bool = False
    permission: str = "AVAILABLE"
    is_leaf: bool = False


COLOR = Attribute("100000", "Color", "SALES_PROPERTY", values=(("1001064", "Red"), ("1001065", "Blue")))
SIZE = Attribute(
    "100007", "Size", "SALES_PROPERTY", values=(("1001090", "S"), ("1001091", "M"), ("1001092", "L"))
)
SALES: Final = (COLOR, SIZE)
OCCASION = Attribute(
    "100392",
    "Occasion",
    values=(("1001533", "Birthday"), ("1001534", "Everyday")),
    is_customizable=False,
    is_multiple=True,
)
MATERIAL = Attribute("100701", "Material", values=(("1001801", "Cotton"), ("1001802", "Ceramic")))
PATTERN = Attribute("100398", "Pattern", values=(("1001600", "Plain"),))
AGE = Attribute(
    "101395", "Recommended age", is_required=True, values=(("1002001", "3 and over"), ("1002002", "Adults"))
)
INGREDIENTS = Attribute("101610", "Ingredients", is_required=True)
BATTERY = Attribute(
    "101127",
    "Contains batteries",
    is_required=True,
    values=(("1000058", "Yes"), ("1000059", "No")),
    is_customizable=False,
)
FABRIC = Attribute("100702", "Fabric", is_required=True, values=(("1001811", "Cotton"), ("1001812", "Wool")))

# Branch, then its leaves: id in v2, id in v1, name, words of a title, attributes beside color and size.
_Leaf = tuple[str, str, str, str, tuple[Attribute, ...]]
_TREE: Final[tuple[tuple[str, str, str, tuple[_Leaf, ...]], ...]] = (
    (
        "824584",
        "700001",
        "Luggage & Bags",
        (
            ("904328", "700101", "Tote bags", "tote shopper bag bags", (OCCASION,)),
            ("904456", "700102", "Backpacks", "backpack backpacks rucksack", (MATERIAL,)),
            ("904584", "700103", "Wallets", "wallet wallets purse cardholder", (MATERIAL,)),
        ),
    ),
    (
        "601152",
        "700002",
        "Clothing",
        (
            ("601226", "700201", "T-shirts", "t-shirt tshirt tee tees shirt shirts", (PATTERN,)),
            (
                "601265",
                "600202",
                "Hoodies & Sweatshirts",
                "hoodie hoodies sweatshirt sweater jumper",
                (FABRIC,),
            ),
            ("601303", "700203", "Socks", "socks sock", (PATTERN,)),
            ("601352", "700204", "Hats & Caps", "hat hats cap caps beanie", (PATTERN,)),
        ),
    ),
    (
        "600024",
        "700003",
        "Kitchenware",
        (
            ("600154", "700301", "Mugs & Cups", "mug mugs cup cups tumbler", (MATERIAL,)),
            ("600158", "700302", "Teapots & Kettles", "teapot kettle kettles pot", (MATERIAL,)),
            ("600162", "700303", "Plates & Bowls", "plate plates bowl bowls dish", (MATERIAL,)),
            (
                "600166",
                "600304",
                "Cooking Utensils",
                "knife pan spoon spatula torch utensil board",
                (MATERIAL,),
            ),
        ),
    ),
    (
        "600001",
        "700004",
        "Home Supplies",
        (
            ("600338", "700401", "Candles", "candle candles", (OCCASION,)),
            ("600342", "700402", "Cushions & Blankets", "cushion blanket pillow throw towel", (MATERIAL,)),
            ("600346", "700403", "Lamps", "lamp lamps light lantern", (BATTERY,)),
            ("600350", "700404", "Other Home Supplies", "home vase frame clock basket planter", ()),
        ),
    ),
    (
        "604206",
        "700005",
        "Toys & Hobbies",
        (
            ("604579", "700501", "Puzzles & Games", "puzzle puzzles game games cards", (AGE,)),
            ("604583", "700502", "Soft Toys", "plush teddy toy toys doll", (AGE,)),
            ("604587", "700503", "Notebooks & Pens", "notebook journal pen pens pencil poster print", ()),
        ),
    ),
    (
        "601450",
        "700006",
        "Beauty & Personal Care",
        (
            ("601583", "700601", "Soap", "soap soaps shampoo", (INGREDIENTS,)),
            ("601587", "700602", "Skin Care", "cream lotion balm serum", (INGREDIENTS,)),
        ),
    ),
    (
        "601739",
        "700007",
        "Phones & Electronics",
        (
            ("601755", "700701", "Phone Cases", "case cases phone", ()),
            ("601759", "700702", "Cables & Chargers", "cable cables charger adapter", (BATTERY,)),
            ("601763", "700703", "Headphones", "headphone headphones earbuds speaker", (BATTERY,)),
        ),
    ),
)
FALLBACK_NAME: Final = "Other Home Supplies"
_NEEDS_DIMENSIONS: Final = frozenset({"Lamps", "Backpacks", "Tote bags"})
_NEEDS_SIZE_CHART: Final = frozenset({"Hoodies & Sweatshirts"})
_RESTRICTED: Final = {"Skin Care": "INVITE_ONLY"}


def _tree(version: str) -> dict[str, Category]:
    """The whole tree of one version; v1 has other ids and the same leaves."""
    tree: dict[str, Category] = {}
    for v2_id, v1_id, name, leaves in _TREE:
        branch_id = v2_id if version == "v2" else v1_id
        tree[branch_id] = Category(branch_id, ROOT, name)
        for leaf_v2, leaf_v1, leaf_name, words, attributes in leaves:
            leaf_id = leaf_v2 if version == "v2" else leaf_v1
            tree[leaf_id] = Category(
                leaf_id,
                branch_id,
                leaf_name,
                frozenset(words.split()),
                (*SALES, *attributes),
                needs_dimensions=leaf_name in _NEEDS_DIMENSIONS,
                needs_size_chart=leaf_name in _NEEDS_SIZE_CHART,
                permission=_RESTRICTED.get(leaf_name, "AVAILABLE"),
                is_leaf=True,
            )
    return tree


TREES: Final[Mapping[str, Mapping[str, Category]]] = {"v1": _tree("v1"), "v2": _tree("v2")}


def find(category_id: str) -> Category | None:
    """The category of either version."""
    return TREES["v2"].get(category_id) or TREES["v1"].get(category_id)


def chain(category_id: str) -> list[Category]:
    """From the root to the category; empty when it is unknown."""
    found: list[Category] = []
    category = find(category_id)
    while category is not None:
        found.insert(0, category)
        category = find(category.parent_id)
    return found


def recommend(title: str, version: str) -> Category | None:
    """The leaf most of whose words the title has; a title of real words falls back to a general leaf."""
    words = set(re.findall(r"[a-z]+(?:-[a-z]+)?", title.lower()))
    leaves = [category for category in TREES[version].values() if category.is_leaf]
    best = max(leaves, key=lambda leaf: len(leaf.words & words))
    if best.words & words:
        return best
    if not any(len(word) >= 4 for word in words):
        return None
    return fallback(version)


def fallback(version: str) -> Category:
    """The leaf for what fits nowhere else."""
    return next(category for category in TREES[version].values() if category.name == FALLBACK_NAME)
