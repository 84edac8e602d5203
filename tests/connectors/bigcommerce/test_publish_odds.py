"""Odd cases of pushed products: SKUs that change hands, names that are taken, answers that are lost midway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.bigcommerce import documents
from connectors.bigcommerce.publish_bench import Bench, bench, change, linked, listable, problems, variant
from connectors.bigcommerce.test_publish_edit import BLUE, RED, SAND, TOTE, edited
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.channel import ChannelSku
from crossdock.domain.sync import Confirmed, Rejected
from crossdock_simulators.kit import Fault


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as opened:
        yield opened
        if documents.IS_THERE:
            assert problems(opened.http.sent) == set()


def test_a_sku_that_a_renamed_variant_gave_up_goes_to_the_new_variant_and_each_keeps_its_own(
    at: Bench,
) -> None:
    known = at.create(TOTE)
    red, blue = known.desired.variants
    renamed = replace(red, channel_sku=ChannelSku("TOTE-RED"))
    fresh = variant("TOTE-R", SAND, id="hub-new")
    desired = replace(known.desired, variants=(renamed, blue, fresh))

    (outcome,) = at.push(replace(known, desired=desired))

    assert isinstance(outcome, Confirmed), outcome
    links = dict(outcome.links)
    assert len(set(links.values())) == 3
    assert links["hub-TOTE-R"] == red.channel_id
    assert {at.variant(sku).id for sku in ("TOTE-RED", "TOTE-B", "TOTE-R")} == {
        int(n) for n in links.values()
    }


def test_two_skus_that_are_exchanged_are_exchanged_or_said(at: Bench) -> None:
    known = at.create(TOTE)
    red, blue = known.desired.variants
    desired = replace(
        known.desired,
        variants=(replace(red, channel_sku=blue.channel_sku), replace(blue, channel_sku=red.channel_sku)),
    )

    (outcome,) = at.push(replace(known, desired=desired))

    assert isinstance(outcome, Rejected)
    assert outcome.fix


def test_a_taken_name_costs_no_look_for_each_sku(at: Bench) -> None:
    at.create(TOTE)
    many = [variant(f"MANY-{n:03}", ("Size", str(n))) for n in range(60)]

    (outcome,) = at.push(change(listable(*many)))

    assert isinstance(outcome, Confirmed)
    assert len(at.http.sent) < 12, [str(one) for one in at.http.sent]


def test_a_product_whose_first_image_finds_the_store_away_is_still_known_to_be_ours(at: Bench) -> None:
    pictured = replace(
        TOTE,
        product=replace(TOTE.product, images=listable(variant("X"), images=[at.picture(1)]).product.images),
    )
    at.shop.simulator.faults.add(Fault(kind="error", method="POST", path="/images$", times=1))
    with pytest.raises(UnavailableError):
        at.push(change(pictured))

    (found,) = at.push(change(pictured))
    known = linked(pictured, found)
    other = replace(
        known.desired,
        variants=tuple(
            replace(part, variant=replace(part.variant, options=variant("X", SAND).variant.options))
            if part.channel_sku == "TOTE-R"
            else part
            for part in known.desired.variants
        ),
    )
    (outcome,) = at.push(replace(known, desired=other))

    assert isinstance(outcome, Confirmed), outcome


@pytest.mark.parametrize("sku", ["A B", "a/b", "ÄÖ-ß", "007", "A&B=C", "10%", "x+y", 'q"q', "a;b", "a:in=b"])
def test_any_sku_that_the_store_takes_is_found_again(at: Bench, sku: str) -> None:
    made = at.create(listable(variant(sku)))
    (again,) = at.push(change(made.desired))

    assert isinstance(again, Confirmed), again
    assert not again.is_new
    assert again.channel_id == made.channel_id
    assert at.holding(sku) == 1


@pytest.mark.parametrize("title", ["  Tote ", "x" * 300, "T&amp;C <b>bold</b>", "Tote\twith tab"])
def test_a_title_settles(at: Bench, title: str) -> None:
    made = at.create(listable(variant("T-1"), title=title))
    at.push(made)
    assert at.writes() == []


@pytest.mark.parametrize(
    ("price", "sale", "msrp"),
    [("20", "0", None), ("20.005", None, None), ("20", None, "10"), ("0", None, None), ("20", "15", "30")],
)
@pytest.mark.parametrize("prices_on", ["variants", "inherit"])
def test_odd_prices_settle(at: Bench, price: str, sale: str | None, msrp: str | None, prices_on: str) -> None:
    made = at.create(
        listable(variant("T-1", RED, price=price, sale=sale, msrp=msrp), variant("T-2", BLUE)),
        prices_on=prices_on,
    )
    at.push(made, prices_on=prices_on)
    at.push(made, prices_on=prices_on)
    assert at.writes() == []


@pytest.mark.parametrize("count", [100, 300, 600])
def test_products_of_many_variants_are_created_and_changed_and_settle(at: Bench, count: int) -> None:
    many = [variant(f"MANY-{n:03}", ("Size", str(n % 30)), ("Color", str(n // 30))) for n in range(count)]
    made = at.create(listable(*many))
    at.push(made)
    assert at.writes() == []
    assert len({p.channel_id for p in made.desired.variants}) == count
    dearer = edited(
        made,
        listable(
            *[
                variant(f"MANY-{n:03}", ("Size", str(n % 30)), ("Color", str(n // 30)), price="25")
                for n in range(count)
            ]
        ),
    )
    at.push(dearer)
    at.http.sent.clear()
    at.push(dearer)
    assert at.writes() == []


def test_a_product_that_cannot_be_read_is_a_case_and_the_others_are_edited(at: Bench) -> None:
    odd, good = (
        at.create(listable(variant("ODD"), title="Odd")),
        at.create(listable(variant("GOOD"), title="Good")),
    )
    at.product("ODD").own["name"] = {"en": "Odd"}

    outcomes = at.push(odd, edited(good, listable(variant("GOOD"), title="Better")))

    refused = next(one for one in outcomes if isinstance(one, Rejected))
    assert (refused.key, "cannot be read" in refused.reason) == ("p-ODD", True)
    assert at.product("GOOD").name == "Better"
