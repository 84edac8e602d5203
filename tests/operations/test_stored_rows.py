"""How many rows are written at once: the same on both databases, whichever of them are there already."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.catalog import Sku, Variant
from crossdock.domain.channel import (
    ChannelId,
    ChannelProduct,
    ChannelSku,
    ChannelVariant,
    Dimensions,
    LengthUnit,
    Option,
    Prices,
    Weight,
    WeightUnit,
)
from crossdock.domain.money import Money
from crossdock.operations.catalog.identity import Arrival, Coming
from crossdock.operations.catalog.product_rows import variant_row
from crossdock.store import tables
from crossdock.store.codec import pack, raw
from crossdock.store.database import Database
from crossdock.store.query import store_rows, upsert
from support.make import empty

NOW = datetime(2026, 1, 2, tzinfo=UTC)
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
BODY_FIELDS = [
    *("options", "prices", "gtin", "mpn", "weight", "dimensions", "image_url"),
    *("is_stock_tracked", "is_stock_shared", "is_purchasable"),
]


def row(key: str, title: str, *, at: datetime = NOW) -> dict[str, Any]:
    texts = {"id": key, "kind": "simple", "title": title, "body": "{}", "source": "s", "channel_id": key}
    return texts | {"fingerprint": title, "seen_at": at, "created_at": at, "updated_at": at}


def stored(database: Database) -> dict[str, tuple[str, datetime]]:
    with database.reading() as tx:
        return {one.id: (one.title, one.created_at) for one in tx.execute(tables.product.select())}


def test_rows_that_are_there_are_changed_and_the_others_added(database: Database) -> None:
    empty(database)
    with database.serial() as tx:
        upsert(tx, tables.product, [row("a", "old", at=EARLIER), row("b", "old", at=EARLIER)])

    with database.serial() as tx:
        rows = [row("c", "new"), row("a", "changed")]
        store_rows(tx, tables.product, rows, {"a", "b"}, keep=("created_at",))

    assert stored(database) == {"a": ("changed", EARLIER), "b": ("old", EARLIER), "c": ("new", NOW)}


def test_of_rows_with_the_same_key_the_last_one_counts(database: Database) -> None:
    empty(database)

    with database.serial() as tx:
        store_rows(tx, tables.product, [row("a", "first"), row("a", "last")], set())

    assert stored(database) == {"a": ("last", NOW)}


TEXT = st.text(st.sampled_from(string.ascii_letters + ',"\\:{}[]é☃\n '), max_size=30)
HOSTILE = st.sampled_from([',"options":', '\\,"options":[', ',"warehouse_ids":[]}', '"', "\\", ""])
WORDS = TEXT | HOSTILE
AMOUNTS = st.decimals(0, 10_000, places=2)
MONEY = st.builds(Money, AMOUNTS, st.just("USD"))
PRICES = st.builds(Prices, MONEY, st.none() | MONEY, st.none() | MONEY, st.none() | MONEY)
OFFERS = st.builds(
    ChannelVariant,
    WORDS.map(ChannelId),
    WORDS.map(ChannelSku),
    st.lists(st.builds(Option, WORDS, WORDS), max_size=3).map(tuple),
    st.none() | PRICES,
    gtin=WORDS,
    mpn=WORDS,
    weight=st.none() | st.builds(Weight, AMOUNTS, st.sampled_from(WeightUnit)),
    dimensions=st.none() | st.just(Dimensions(Decimal(1), Decimal("2.50"), Decimal(3), LengthUnit.INCH)),
    image_url=WORDS,
    is_stock_tracked=st.booleans(),
    is_stock_shared=st.booleans(),
    is_purchasable=st.booleans(),
    warehouse_ids=st.lists(WORDS.map(ChannelId), max_size=2).map(tuple),
)


@given(OFFERS, WORDS, WORDS)
def test_the_kept_body_of_a_variant_is_that_of_the_hubs_own_kind(
    offer: ChannelVariant, key: str, sku: str
) -> None:
    coming = Coming(key, sku, offer)
    arrival = Arrival(ChannelProduct(ChannelId("p"), "Title", (offer,)), "prd", (coming,))

    kept = variant_row(arrival, coming, 0, raw(offer))["body"]

    same = {name: getattr(offer, name) for name in BODY_FIELDS}
    assert kept == pack(Variant(id=key, sku=Sku(sku), **same))


ALIKE = [
    ("customer_order", "copy_of = ''", "id"),
    ("customer_order", "stands_for = ''", "id"),
    ("listing", "integration = 's' AND variant_id IS NOT NULL", "channel_id"),
    ("exception_case", "state = 'open'", "key"),
]


@pytest.mark.parametrize(("table", "alike", "by"), ALIKE)
def test_sqlite_goes_to_what_is_asked_for_and_not_through_all_that_are_alike(
    database: Database, table: str, alike: str, by: str
) -> None:
    """Nearly every order is no copy, nearly every listing is linked, and thousands of cases may be open."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by what it finds in the tables")
    asked = f"SELECT * FROM {table} WHERE {alike} AND {by} IN (SELECT value FROM json_each('[1]'))"
    with database.reading() as tx:
        plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()

    assert plan[0].detail.endswith((f"({by}=?)", f"AND {by}=?)")), plan
