"""Makes the merchant: pure, from a seed."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from itertools import product as combinations
from random import Random

from crossdock_simulators.merchant import words
from crossdock_simulators.merchant.defects import DEFECTS, spoiled
from crossdock_simulators.merchant.goods import Merchant, SoldProduct, SoldVariant

SHARE_WITHOUT_STOCK_TRACKING = 0.04
SHARE_ON_SALE = 0.15
SHARE_WITH_UPC = 0.85
CENT = Decimal("0.01")


def merchant(count: int = 200, *, seed: int = 0, defects: bool | Collection[str] = False) -> Merchant:
    """`defects` plants every kind, or the named ones; see `DEFECTS`."""
    random = Random(seed)
    products = [_product(random, number) for number in range(1, count + 1)]
    planted = frozenset(DEFECTS if defects is True else defects or ())
    if unknown := planted - DEFECTS:
        raise ValueError(f"There are no such defects: {', '.join(sorted(unknown))}")
    sold = spoiled(products, planted)
    return Merchant(words.LOCATIONS, words.BRANDS, words.CATEGORIES, tuple(sold))


def upc_a(number: int) -> str:
    """A twelve-digit code that ends in its check digit."""
    digits = f"{number % 10**11:011d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return digits + str(-(3 * odd + even) % 10)


def _product(random: Random, number: int) -> SoldProduct:
    kind = random.choice(words.KINDS)
    options = kind.options if random.random() < 0.9 else ()
    brand = random.choice(words.BRANDS)
    name = f"{random.choice(words.LINES)} {random.choice(words.STYLES)} {kind.noun} No. {number}"
    initials = "".join(word[0] for word in kind.noun.replace("-", " ").split()).upper()
    sku = f"{brand[:3].upper()}-{initials}-{number:05d}"
    price = Decimal(random.randint(kind.price[0] * 100, kind.price[1] * 100)) * CENT
    sale = (price * Decimal("0.8")).quantize(CENT) if random.random() < SHARE_ON_SALE else None
    variants = _variants(random, number, sku=sku, options=options, price=price)
    width, height, depth = (Decimal(random.randint(4, 60)) / 4 for _ in range(3))
    return SoldProduct(
        name=name,
        sku=sku,
        brand=brand,
        category=kind.category,
        description=_description(name, kind.noun, brand),
        price=price,
        sale_price=sale,
        weight=Decimal(random.randint(kind.ounces[0] * 10, kind.ounces[1] * 10)) / 10,
        size=(width, height, depth),
        tracking=_tracking(random, bool(options)),
        images=tuple(_image(random, number, place) for place in range(random.randint(1, 3))),
        variants=variants,
    )


def _variants(
    random: Random, number: int, *, sku: str, options: tuple[str, ...], price: Decimal
) -> tuple[SoldVariant, ...]:
    labels = [_labels(random, option, many=len(options) == 1) for option in options]
    made = []
    for place, chosen in enumerate(combinations(*labels)):
        own = f"{sku}-{'-'.join(label.replace(' ', '')[:4].upper() for label in chosen)}" if chosen else sku
        dearer = price + Decimal(2) if chosen and chosen[-1] in ("XL", "XXL") else None
        upc = upc_a(60_000_000_000 + number * 100 + place) if random.random() < SHARE_WITH_UPC else ""
        stock = (random.randint(0, 120), random.randint(0, 60), random.randint(0, 15))
        made.append(SoldVariant(own, tuple(zip(options, chosen, strict=True)), dearer, upc, stock))
    return tuple(made)


def _labels(random: Random, option: str, *, many: bool) -> tuple[str, ...]:
    known = {"Color": words.COLORS, "Size": words.SIZES, "Material": words.MATERIALS}[option]
    count = random.randint(3, 5) if many else random.randint(2, 4)
    start = random.randrange(len(known) - count + 1)
    return known[start : start + count]


def _tracking(random: Random, has_options: bool) -> str:
    if random.random() < SHARE_WITHOUT_STOCK_TRACKING:
        return "none"
    return "variant" if has_options and random.random() < 0.95 else "product"


def _image(random: Random, number: int, place: int) -> str:
    kind = "png" if random.random() < 0.2 else "jpg"
    return f"drawn/{number * 10 + place}-800x800.{kind}"


def _description(name: str, noun: str, brand: str) -> str:
    return (
        f"<p><strong>{name}</strong> by {brand.replace('&', '&amp;')}.</p>"
        f"<ul><li>A {noun.lower()} made to last</li><li>Checked by hand before it ships</li></ul>"
        "<p>Questions? We answer within a day.</p>"
    )
