"""Catalogs on both platforms, and who owns them: what journeys about the catalog's direction are told in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from crossdock.store import tables
from crossdock_simulators.tiktok_shop.seed import load_listings
from support.world import SHOP, STORE, World

COMPLETE = {
    "attribute_defaults": {"Contains batteries": "No", "Fabric": "Cotton", "Ingredients": "Water, glycerin"},
    "untracked_quantity": 50,
}
STORE_PUSHES = {"products": "push", "default_category": "Kitchen"}
SHOP_PUSHES = {"products": "push", **COMPLETE}
PULL = {"products": "pull"}
OFF = {"products": "disabled"}


def owned_by_shop(made: World, *, inventory: str = STORE, **store: Any) -> dict[str, Any]:
    """TikTok Shop is the catalog's source, and BigCommerce gets it."""
    truth = {"catalog": SHOP, "inventory": inventory}
    return {"sources_of_truth": truth, "store": STORE_PUSHES | store, "shop": COMPLETE | PULL}


def owned_by_store(made: World) -> dict[str, Any]:
    return {"sources_of_truth": {"catalog": STORE, "inventory": STORE}, "store": PULL, "shop": SHOP_PUSHES}


def sold(title: str, *skus: str, price: str = "19.50") -> dict[str, Any]:
    """A product of the shop; several SKUs are its colors, named by what follows the last dash."""
    choices = [{"Color": sku.rpartition("-")[2].title()} if len(skus) > 1 else [] for sku in skus]
    made = [
        {"seller_sku": sku, "price": price, "quantity": 7, "sales_attributes": choice}
        for sku, choice in zip(skus, choices, strict=True)
    ]
    return {"title": title, "description": f"<p>{title}, made to last.</p>", "skus": made}


CATALOG = (
    sold("Stoneware mug", "MUG"),
    sold("Iron pan", "PAN", price="45.00"),
    sold("Canvas tote bag", "TOTE-RED", "TOTE-BLUE"),
)
SKUS = ["MUG", "PAN", "TOTE-BLUE", "TOTE-RED"]


def fill_shop(made: World, catalog: Sequence[dict[str, Any]] = CATALOG) -> None:
    load_listings(made.shop.shop, catalog)


def empty_store(made: World) -> None:
    """A store that was opened today: its categories are there, no product is."""
    state = made.store.store
    state.products.clear()
    state.variants.clear()


def skus_of_store(made: World) -> list[str]:
    """Each SKU as often as the store has it; a simple product's is on the product itself."""
    state = made.store.store
    return sorted(
        sku
        for product in state.products.values()
        for variant in product.variants
        if (sku := state.variants[variant].sku or product.sku)
    )


def skus_of_shop(made: World) -> list[str]:
    products = made.shop.shop.tables.products.values()
    return sorted(sku.seller_sku for product in products for sku in product.content.skus)


def twice(skus: Sequence[str]) -> list[str]:
    return [sku for sku, count in Counter(skus).items() if count > 1]


def links(made: World) -> dict[str, set[str]]:
    """Where each master SKU is linked to a listing of exactly this SKU."""
    skus = {row.id: row.sku for row in made.rows(tables.variant)}
    found: dict[str, set[str]] = {}
    for row in made.rows(tables.listing, tables.listing.c.variant_id.is_not(None)):
        if skus[row.variant_id] == row.channel_sku:
            found.setdefault(row.channel_sku, set()).add(row.integration)
    return found


def sources(made: World) -> dict[str, str]:
    """The source of the product that each SKU belongs to."""
    of_product = {row.id: row.source for row in made.rows(tables.product)}
    alive = made.rows(tables.variant, ~tables.variant.c.is_removed)
    return {row.sku: of_product[row.product_id] for row in alive}


def sync_fully(made: World) -> None:
    """Until TikTok's review is over and both sides have seen what the other got."""
    made.sync()
    made.approve_all()
    made.sync()


def change(made: World, **settings: Any) -> None:
    """A person applies other settings to a hub that is connected already."""
    made.hub.apply(made.spec(**settings), confirm=True)
