"""Odd cases of pushed products: SKUs that change hands, names that are taken, answers that are lost midway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.bigcommerce import documents
from connectors.bigcommerce.publish_bench import Bench, bench, change, linked, listable, problems, variant
from connectors.bigcommerce.scripted import Script, connector, v3
from connectors.bigcommerce.test_publish_edit import BLUE, RED, SAND, TOTE, edited
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelSku
from crossdock.domain.sync import Change, Confirmed, Rejected
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


def renamed(known: Change[Listable], **skus: str) -> Change[Listable]:
    """The same product with other SKUs, by those that its variants had."""
    parts = [
        replace(part, channel_sku=ChannelSku(skus.get(part.channel_sku.replace("-", "_"), part.channel_sku)))
        for part in known.desired.variants
    ]
    return replace(known, desired=replace(known.desired, variants=tuple(parts)))


def test_two_skus_that_are_exchanged_are_exchanged(at: Bench) -> None:
    known = at.create(TOTE)
    red, blue = (at.variant(sku).id for sku in ("TOTE-R", "TOTE-B"))

    (outcome,) = at.push(renamed(known, TOTE_R="TOTE-B", TOTE_B="TOTE-R"))

    assert isinstance(outcome, Confirmed), outcome
    assert (at.variant("TOTE-B").id, at.variant("TOTE-R").id) == (red, blue)
    assert len(at.writes()) == 3


def test_skus_that_move_on_in_a_row_are_written_from_the_end_and_a_ring_is_opened(at: Bench) -> None:
    many = [variant(f"X-{n}", ("Size", str(n))) for n in range(4)]
    known = at.create(listable(*many))
    ids = [at.variant(f"X-{n}").id for n in range(4)]

    (row,) = at.push(renamed(known, X_0="X-1", X_1="X-2", X_2="X-NEW"))
    moved = [at.variant(sku).id for sku in ("X-1", "X-2", "X-NEW", "X-3")]
    in_a_row = len(at.writes())
    (ring,) = at.push(renamed(known, X_0="X-3", X_3="X-2", X_2="X-1", X_1="X-0"))

    assert (type(row), type(ring)) == (Confirmed, Confirmed)
    assert (moved, in_a_row) == (ids, 3)
    assert [at.variant(sku).id for sku in ("X-3", "X-0", "X-1", "X-2")] == ids


def test_an_exchange_that_was_cut_short_is_brought_to_its_end_by_the_next_push(at: Bench) -> None:
    known = at.create(TOTE)
    red, blue = (at.variant(sku).id for sku in ("TOTE-R", "TOTE-B"))
    wanted = renamed(known, TOTE_R="TOTE-B", TOTE_B="TOTE-R")
    at.shop.simulator.faults.add(Fault("reset_before", "PUT", rf"/variants/{red}$"))
    with pytest.raises(UnavailableError):
        at.push(wanted)
    assert at.holding("TOTE-B") == 0, "it has stepped aside"

    (outcome,) = at.push(wanted)

    assert isinstance(outcome, Confirmed), outcome
    assert (at.variant("TOTE-B").id, at.variant("TOTE-R").id) == (red, blue)


def test_an_exchange_with_a_refused_price_leaves_no_sku_aside(at: Bench) -> None:
    known = at.create(TOTE)
    wanted = renamed(known, TOTE_R="TOTE-B", TOTE_B="TOTE-R")
    dearer = [
        replace(part, variant=replace(part.variant, prices=variant("X", price="25").variant.prices))
        for part in wanted.desired.variants
    ]
    wanted = replace(wanted, desired=replace(wanted.desired, variants=tuple(dearer)))
    at.shop.simulator.faults.add(Fault("error", "PUT", r"/catalog/variants$", times=None, status=422))

    (outcome,) = at.push(wanted)

    assert isinstance(outcome, Rejected)
    assert {at.variant(part.channel_sku).id for part in dearer} == {
        int(part.channel_id or 0) for part in dearer
    }


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


@pytest.mark.parametrize(("status", "why"), [(403, "lacks access"), (422, "no readable reason")])
def test_stock_that_cannot_be_searched_for_a_sku_is_said_in_the_outcome(
    at: Bench, status: int, why: str
) -> None:
    at.shop.simulator.faults.add(Fault("error", method="GET", path=r"/inventory/items$", status=status))

    (made,) = at.push(change(TOTE))
    (later,) = at.push(change(listable(variant("LATER"), title="Later")))

    assert isinstance(made, Confirmed)
    (note,) = made.notes
    assert note.startswith("Its SKUs were looked for in the store's products, not in its stock: ")
    assert why in note
    assert isinstance(later, Confirmed)
    assert later.notes == ()


def test_a_record_that_was_found_for_a_sku_and_cannot_be_read_is_said_in_the_outcome() -> None:
    made = {"id": 9, "name": "Mug", "sku": "MUG", "variants": [{"id": 1, "sku": "MUG", "option_values": []}]}
    store = Script(
        {
            ("GET", "/v3/catalog/products"): lambda _: (200, v3([{"id": "nine", "sku": "MUG"}])),
            ("GET", "/v3/inventory/items"): lambda _: (200, v3([])),
            ("POST", "/v3/catalog/products"): lambda _: (200, {"data": made, "meta": {}}),
        }
    )
    hub, _ = connector(store, products="push")

    (outcome,) = hub.push_products([change(listable(variant("MUG"), title="Mug"))])

    assert isinstance(outcome, Confirmed)
    (note,) = outcome.notes
    assert note.startswith("A record that the store found for its SKUs cannot be read: ")


def test_a_product_that_cannot_be_read_is_in_the_way_of_its_own_skus_only(at: Bench) -> None:
    at.create(listable(variant("ODD"), title="Odd"))
    at.product("ODD").own["name"] = {"en": "Odd"}

    outcomes = at.push(*(change(listable(variant(sku), title=sku)) for sku in ("ODD", "GOOD")))

    answers = {one.key: one for one in outcomes}
    assert isinstance(answers["p-GOOD"], Confirmed)
    assert isinstance(refused := answers["p-ODD"], Rejected)
    assert "cannot be read" in refused.reason
    assert refused.fix
    assert refused.again_in
    assert at.holding("GOOD") == 1


def test_a_product_that_cannot_be_read_is_in_the_way_of_one_that_shares_some_of_its_skus(at: Bench) -> None:
    at.create(listable(variant("ODD"), title="Odd"))
    at.create(listable(variant("GOOD"), title="Good"))
    at.product("ODD").own["name"] = {"en": "Odd"}

    (outcome,) = at.push(change(listable(variant("GOOD", RED), variant("ODD", BLUE), title="Both")))

    assert isinstance(outcome, Rejected)
    assert "cannot be read" in outcome.reason


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
