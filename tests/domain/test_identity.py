"""Who an incoming product is: by its listing, by an exactly equal SKU, or nobody yet."""

from __future__ import annotations

from dataclasses import replace

from crossdock.domain.channel import ChannelId, ChannelSku, ChannelVariant
from crossdock.domain.identity import Identity, Kept, identify

OLD = Kept("v1", "p1", "Cup", "store", "A", is_listed_elsewhere=True)


def variant(sku: str, channel_id: str) -> ChannelVariant:
    return ChannelVariant(ChannelId(channel_id), ChannelSku(sku))


def found(*kept: Kept, skus: str = "A", mine: str | None = None, adopts: bool = True) -> Identity:
    variants = [variant(sku, f"t-{sku}") for sku in skus.split()]
    return identify(variants, kept, source="tiktok", mine=mine, adopts=adopts)


def test_an_equal_sku_of_another_source_is_taken_over() -> None:
    assert found(OLD) == Identity("p1", {"t-A": "v1"}, taken_from="store")


def test_the_listing_says_more_than_the_sku() -> None:
    renamed = replace(OLD, sku="another", listed_as="t-A")
    namesake = replace(OLD, variant_id="v2", product_id="p2")

    assert found(renamed, namesake).variants == {"t-A": "v1"}


def test_a_source_that_does_not_own_the_catalog_takes_nothing_over() -> None:
    assert found(OLD, adopts=False) == Identity()


def test_a_product_of_the_same_source_is_never_taken_over() -> None:
    assert found(replace(OLD, source="tiktok")) == Identity()


def test_a_variant_that_is_another_listing_of_the_source_is_not_claimed_by_its_sku() -> None:
    assert found(replace(OLD, listed_as="t-other")) == Identity()


def test_variants_of_several_products_are_not_merged() -> None:
    other = Kept("v2", "p2", "Saucer", "store", "B")

    who = found(OLD, other, skus="A B")

    assert not who.is_settled
    assert who.product_id is None
    assert {one.title for one in who.spread} == {"Cup", "Saucer"}


def test_a_sku_that_is_almost_equal_is_a_doubt_only_where_the_other_is_still_listed() -> None:
    assert found(OLD, skus="a").doubtful == (OLD,)
    assert found(replace(OLD, is_listed_elsewhere=False), skus="a") == Identity()


def test_a_known_product_keeps_its_own_variants_and_takes_none_of_another() -> None:
    own = replace(OLD, source="tiktok", listed_as="t-A")
    other = Kept("v2", "p2", "Saucer", "store", "B")

    assert found(own, other, skus="A B", mine="p1") == Identity("p1", {"t-A": "v1"})


def test_a_known_product_finds_again_what_only_its_former_source_had() -> None:
    left_over = replace(OLD, variant_id="v2", sku="B", source="tiktok")

    assert found(left_over, skus="B", mine="p1").variants == {"t-B": "v2"}


def test_two_variants_with_one_sku_do_not_become_the_same() -> None:
    variants = [variant("A", "t-1"), variant("A", "t-2")]

    who = identify(variants, [OLD], source="tiktok", mine=None, adopts=True)

    assert who.variants == {"t-1": "v1"}


def test_a_removed_variant_comes_back_only_where_nobody_else_is_sold_under_its_sku() -> None:
    removed = replace(OLD, sku="removed:v1", listed_as="t-A", is_removed=True)
    successor = Kept("v2", "p2", "Cup again", "store", "A")

    assert found(removed).variants == {"t-A": "v1"}
    assert found(removed, successor).variants == {"t-A": "v2"}
