"""What a change of the catalog's direction would do, counted before it is done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.switching import Side, preview


def sides(*products: str, at: str = "s") -> list[Side]:
    """Products by their SKUs: "A B" is one product of two variants."""
    return [
        Side(f"{at}{number}", f"Product {skus}", "" if sku == "-" else sku)
        for number, skus in enumerate(products)
        for sku in skus.split()
    ]


def test_products_with_a_sku_on_the_target_are_linked_and_the_others_created() -> None:
    found = preview(sides("A B", "C", "D"), sides("B", "C", "X", at="t"))

    assert (found.linked, found.created, found.held) == (2, 1, ())
    assert found.created_samples == ("Product D",)
    assert found.linked_samples == ("Product A B", "Product C")
    assert found.only_on_target == 1


def test_a_near_miss_holds_its_product() -> None:
    found = preview(sides("ABC", "D"), sides("abc", at="t"))

    assert (found.linked, found.created, found.held) == (0, 1, ("ABC",))


def test_a_sku_that_either_side_has_twice_holds_its_product() -> None:
    assert preview(sides("A", "A"), sides("B", at="t")).held == ("A",)
    assert preview(sides("A"), sides("A", "A", at="t")).held == ("A",)


def test_a_product_that_is_several_on_the_target_is_held() -> None:
    found = preview(sides("A B"), sides("A", "B", at="t"))

    assert (found.linked, found.created, found.held) == (0, 0, ("A", "B"))


def test_a_link_in_the_hub_counts_whatever_the_skus() -> None:
    ours = [Side("s0", "Cup", "A", "v1")]
    theirs = [Side("t0", "Cup", "A-ON-TARGET", "v1")]

    assert preview(ours, theirs).linked == 1


def test_products_without_any_sku_are_counted_apart() -> None:
    found = preview(sides("-", "A -"), [])

    assert (found.without_sku, found.created) == (1, 1)


SKUS = st.lists(st.sampled_from(["A", "a", "B", "C", "D ", "D"]), min_size=1, max_size=3).map(" ".join)


@given(st.lists(SKUS, max_size=6), st.lists(SKUS, max_size=6))
def test_every_product_of_the_source_has_exactly_one_fate(ours: list[str], theirs: list[str]) -> None:
    found = preview(sides(*ours), sides(*theirs, at="t"))

    held = {key for side in sides(*ours) if side.sku in found.held for key in [side.product_id]}
    assert found.linked + found.created + found.without_sku + len(held) == len(ours)
