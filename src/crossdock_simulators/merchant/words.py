"""The vocabulary of the made-up merchant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BRANDS: Final = (
    "Northfold",
    "Cedar & Pine",
    "Lumen House",
    "Harbor Supply",
    "Wren Studio",
    "Tallow Works",
    "Basecamp Nine",
    "Olive Row",
)
LOCATIONS: Final = ("Default location", "East warehouse", "Shop floor")
LINES: Final = (
    "Trail",
    "Harbor",
    "Summit",
    "Meadow",
    "Everyday",
    "Heritage",
    "Coastal",
    "Studio",
    "Alpine",
    "Garden",
    "Metro",
    "Willow",
)
STYLES: Final = ("Classic", "Light", "Deluxe", "Compact", "Original", "Premium", "Slim", "Soft")
COLORS: Final = ("Black", "White", "Navy", "Forest Green", "Burgundy", "Sand", "Sky Blue", "Charcoal")
SIZES: Final = ("XS", "S", "M", "L", "XL", "XXL")
MATERIALS: Final = ("Cotton", "Linen", "Steel", "Ceramic", "Bamboo")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of goods: its noun, category, options, and bounds for price and weight."""

    noun: str
    category: str
    options: tuple[str, ...]
    price: tuple[int, int]
    ounces: tuple[int, int]


KINDS: Final = (
    Kind("T-Shirt", "Apparel", ("Color", "Size"), (15, 38), (5, 9)),
    Kind("Hoodie", "Apparel", ("Color", "Size"), (39, 89), (14, 24)),
    Kind("Tote Bag", "Bags", ("Color",), (18, 60), (6, 14)),
    Kind("Backpack", "Bags", (), (49, 149), (20, 45)),
    Kind("Coffee Mug", "Kitchen", ("Material",), (12, 28), (10, 16)),
    Kind("Water Bottle", "Kitchen", ("Color", "Size"), (16, 42), (9, 15)),
    Kind("Throw Blanket", "Home", ("Color", "Material"), (35, 110), (30, 60)),
    Kind("Scented Candle", "Home", (), (14, 40), (8, 20)),
    Kind("Building Blocks Set", "Toys", (), (19, 70), (12, 50)),
    Kind("Face Cream", "Beauty", ("Size",), (11, 55), (3, 8)),
    Kind("Phone Case", "Electronics Accessories", ("Color", "Material"), (12, 45), (2, 5)),
    Kind("Charging Cable", "Electronics Accessories", (), (9, 29), (2, 6)),
)
CATEGORIES: Final = tuple(dict.fromkeys(kind.category for kind in KINDS))
