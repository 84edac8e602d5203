"""Two platforms whose catalogs change at random, and whose owner changes again and again: the hub stays in order."""

from __future__ import annotations

from random import Random

import pytest

from crossdock.domain.channel import ChannelProduct, ListingState
from crossdock.operations.catalog import listings, products
from crossdock.operations.task import SourcesOfTruth
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, product, variant

SKUS = ("A", "B", "C", "D", "a")
STATES = (*[ListingState.LIVE] * 8, ListingState.DRAFT, ListingState.INACTIVE, ListingState.REMOVED)


def catalog(random: Random, side: str) -> list[ChannelProduct]:
    """The SKUs divided into products anew; ids of products and variants return, with other SKUs too."""
    skus = random.sample(SKUS, len(SKUS))
    numbers = random.sample(range(8), 8)
    made = []
    for key in random.sample(range(5), 5):
        some, skus = skus[: (count := random.randint(1, 3))], skus[count:]
        if some:
            variants = [variant(sku, f"{side}-{numbers.pop()}") for sku in some]
            made.append(product(*variants, channel_id=f"{side}-p{key}", state=random.choice(STATES)))
    return made


@pytest.mark.parametrize("seed", range(6))
def test_no_sku_is_there_twice_whoever_owns_the_catalog(hub: Bench, seed: int) -> None:
    random = Random(seed)
    hub.locate()
    for _ in range(8):
        source = random.choice((STORE, SHOP))
        hub.truth = SourcesOfTruth(catalog=source, inventory=STORE)
        for name in (STORE, SHOP):
            with hub.step(name) as (tx, task):
                read = products if name == source else listings
                page = catalog(random, name)
                read.ingest(tx, task, page, read_began_at=task.now)
                if random.random() < 0.5:
                    read.sweep(tx, task, began_at=task.now, met={product.channel_id for product in page})
        assert_in_order(hub)


def assert_in_order(hub: Bench) -> None:
    alive = {row.id: row for row in hub.rows(tables.variant, ~tables.variant.c.is_removed)}
    skus = [row.sku for row in alive.values()]
    assert sorted(set(skus)) == sorted(skus)
    assert set(skus) <= set(SKUS)
    gone = {row.id for row in hub.rows(tables.product, tables.product.c.is_removed)}
    assert not [row.sku for row in alive.values() if row.product_id in gone]
