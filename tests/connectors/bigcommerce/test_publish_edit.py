"""Products that are in the store already: only the difference is sent, and what is not ours stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.bigcommerce import documents
from connectors.bigcommerce.publish_bench import Bench, bench, change, linked, listable, problems, variant
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.sync import Change, Confirmed, Rejected
from crossdock_simulators.kit import Fault

RED, BLUE, SAND = ("Color", "Red"), ("Color", "Blue"), ("Color", "Sand")
TOTE = listable(variant("TOTE-R", RED), variant("TOTE-B", BLUE))


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as opened:
        yield opened
        if documents.IS_THERE:
            assert problems(opened.http.sent) == set()


def edited(known: Change[Listable], desired: Listable) -> Change[Listable]:
    """The product with new content under the links that it has."""
    ids = {part.variant.id: part.channel_id for part in known.desired.variants}
    parts = tuple(replace(part, channel_id=ids.get(part.variant.id)) for part in desired.variants)
    return replace(known, desired=replace(desired, variants=parts))


def retitled(known: Change[Listable], title: str) -> Change[Listable]:
    product = replace(known.desired.product, title=title)
    return replace(known, desired=replace(known.desired, product=product))


def test_what_is_as_it_should_be_costs_one_read_and_no_write(at: Bench) -> None:
    known = at.create(TOTE)

    (outcome,) = at.push(known)

    assert isinstance(outcome, Confirmed)
    assert [request.method for request in at.http.sent] == ["GET"]


def test_only_changed_fields_are_sent_and_the_merchants_categories_stay(at: Bench) -> None:
    known = at.create(TOTE)
    mine = next(iter(at.store.categories))
    at.shop.act(f"products/{known.channel_id}", categories=[mine])

    at.push(retitled(known, "Big tote"), default_category=str(max(at.store.categories)))

    assert at.bodies("PUT", "/products") == [[{"id": int(known.channel_id or 0), "name": "Big tote"}]]
    assert at.product("TOTE-R").own["categories"] == [mine]


def test_a_price_goes_by_the_batch_of_variants_and_with_the_product_where_it_is_inherited(at: Bench) -> None:
    known = at.create(TOTE, prices_on="inherit")
    dearer = edited(known, listable(variant("TOTE-R", RED, price="25"), variant("TOTE-B", BLUE, price="25")))

    at.push(dearer, prices_on="inherit")
    assert at.writes() == [("PUT", "/products")]
    at.http.sent.clear()
    at.push(dearer, prices_on="variants")

    assert at.writes() == [("PUT", "/variants")]
    assert [at.variant(sku).own["price"] for sku in ("TOTE-R", "TOTE-B")] == [25, 25]
    at.http.sent.clear()
    at.push(dearer, prices_on="inherit")
    # Only the call for one variant takes null by the documents.
    assert at.writes() == [("PUT", "/products/N/variants/N")] * 2
    assert at.variant("TOTE-R").own["price"] is None


def test_a_simple_product_is_edited_on_itself(at: Bench) -> None:
    known = at.create(listable(variant("MUG"), title="Mug"))

    at.push(edited(known, listable(variant("MUG", price="9", gtin="036000291452"), title="Mug")))

    assert at.writes() == [("PUT", "/products")]
    assert (at.product("MUG").own["price"], at.product("MUG").own["upc"]) == (9, "036000291452")


def test_variants_that_the_merchant_added_keep_their_price_and_stay(at: Bench) -> None:
    known = at.create(TOTE, prices_on="inherit")
    self_made = _merchant_adds_variant(at, known, "TOTE-OWN", "Sand")

    at.push(
        edited(known, listable(variant("TOTE-R", RED, price="25"), variant("TOTE-B", BLUE, price="25"))),
        prices_on="inherit",
    )

    assert at.product("TOTE-R").own["price"] == 20
    assert [at.variant(sku).own["price"] for sku in ("TOTE-R", "TOTE-B")] == [25, 25]
    assert at.variant("TOTE-OWN").id == self_made
    assert at.variant("TOTE-OWN").own.get("price") is None


def test_a_missing_variant_is_added_with_its_new_option_value(at: Bench) -> None:
    known = at.create(TOTE)
    more = edited(known, listable(*TOTE.variants, variant("TOTE-S", SAND, price="21")))

    (outcome,) = at.push(more)

    assert isinstance(outcome, Confirmed)
    assert at.writes() == [("POST", "/products/N/options/N/values"), ("POST", "/products/N/variants")]
    assert dict(outcome.links)["hub-TOTE-S"] == str(at.variant("TOTE-S").id)
    assert at.variant("TOTE-S").own["price"] == 21


@pytest.mark.parametrize("path", ["/values$", r"/products/\d+/variants$"])
def test_a_variant_whose_answer_was_lost_is_not_added_twice(at: Bench, path: str) -> None:
    known = at.create(TOTE)
    more = edited(known, listable(*TOTE.variants, variant("TOTE-S", SAND)))
    at.shop.simulator.faults.add(Fault(kind="reset_after", method="POST", path=path))
    with pytest.raises(UnavailableError):
        at.push(more)

    (outcome,) = at.push(more)

    assert isinstance(outcome, Confirmed)
    assert at.skus(at.product("TOTE-S")) == ["TOTE-R", "TOTE-B", "TOTE-S"]
    assert [value.label for value in at.product("TOTE-S").options[0].values] == ["Red", "Blue", "Sand"]


def test_a_variant_never_pushes_a_product_beyond_what_the_store_takes(at: Bench) -> None:
    known = at.create(listable(*(variant(f"S-{n}", ("Size", str(n))) for n in range(200))))
    record = at.product("S-0")
    # Stands for variants that the merchant added: making 400 by calls takes long.
    record.variants *= 3

    (outcome,) = at.push(edited(known, listable(*known.desired.variants, variant("S-X", ("Size", "X")))))

    record.variants = record.variants[:200]
    assert isinstance(outcome, Rejected)
    assert "601 variants" in outcome.reason
    assert at.writes() == []


def test_the_options_of_a_variant_that_the_hub_made_change_by_making_it_anew(at: Bench) -> None:
    known = at.create(TOTE)
    before = at.variant("TOTE-B").id

    (outcome,) = at.push(edited(known, listable(variant("TOTE-R", RED), variant("TOTE-B", SAND))))

    assert isinstance(outcome, Confirmed)
    assert at.writes()[0] == ("DELETE", "/products/N/variants/N")
    assert at.variant("TOTE-B").id != before
    assert dict(outcome.links)["hub-TOTE-B"] == str(at.variant("TOTE-B").id)


def test_the_options_of_a_merchants_variant_are_left_and_said(at: Bench) -> None:
    known = at.create(TOTE)
    at.memory.values.clear()
    before = at.variant("TOTE-B").id

    (outcome,) = at.push(edited(known, listable(variant("TOTE-R", RED), variant("TOTE-B", SAND))))

    assert isinstance(outcome, Rejected)
    assert "options of TOTE-B differ" in outcome.reason
    assert str(before) in outcome.fix
    assert at.variant("TOTE-B").id == before


def test_a_renamed_sku_takes_over_the_variant_that_the_hub_made(at: Bench) -> None:
    known = at.create(TOTE)
    before = at.variant("TOTE-B").id
    renamed = listable(variant("TOTE-R", RED), variant("TOTE-BLUE", BLUE))

    (outcome,) = at.push(edited(known, renamed))

    assert isinstance(outcome, Confirmed)
    assert at.variant("TOTE-BLUE").id == before
    assert at.skus(at.product("TOTE-R")) == ["TOTE-R", "TOTE-BLUE"]


def test_a_merchants_variant_with_the_same_options_is_named_and_kept(at: Bench) -> None:
    known = at.create(TOTE)
    _merchant_adds_variant(at, known, "THEIRS", "Sand")

    (outcome,) = at.push(edited(known, listable(*TOTE.variants, variant("TOTE-S", SAND))))

    assert isinstance(outcome, Rejected)
    assert "under the SKU THEIRS" in outcome.reason
    assert "Channel SKU" in outcome.fix


def test_other_options_than_the_store_has_are_refused_with_a_fix(at: Bench) -> None:
    known = at.create(TOTE)
    sized = listable(*TOTE.variants, variant("TOTE-L", ("Size", "L")))
    simple = at.create(listable(variant("MUG"), title="Mug"))
    two = listable(variant("MUG", RED), variant("MUG-B", BLUE), title="Mug")

    same_names = replace(sized, variants=(*TOTE.variants, variant("TOTE-L", RED, ("Size", "L"))))
    outcomes = at.push(edited(simple, two), edited(known, same_names))

    assert all(isinstance(outcome, Rejected) and outcome.fix for outcome in outcomes)
    assert at.writes() == []


def test_a_single_variant_with_options_fits_a_simple_product_of_the_store(at: Bench) -> None:
    held = at.merchant_adds({"name": "Mug", "sku": "MUG", "inventory_tracking": "product"})
    mug = listable(variant("MUG", ("Color", "One Color"), price="9"), title="Mug")
    (found,) = at.push(change(mug))

    (outcome,) = at.push(linked(mug, found))

    assert isinstance(outcome, Confirmed)
    assert (outcome.channel_id, held.own["price"]) == (str(held.id), 9)


def test_products_are_edited_ten_a_call_and_one_that_is_refused_does_not_hold_back_the_others(
    at: Bench,
) -> None:
    known = [at.create(listable(variant(f"M-{n}"), title=f"Mug {n}")) for n in range(12)]
    at.http.sent.clear()
    at.merchant_adds({"name": "Taken", "sku": "TAKEN"})
    changes = [retitled(one, f"Cup {n}") for n, one in enumerate(known)]
    bad = replace(changes[3].desired.variants[0], channel_sku=ChannelSku("TAKEN"))
    changes[3] = replace(changes[3], desired=replace(changes[3].desired, variants=(bad,)))

    outcomes = at.push(*changes)

    assert [isinstance(one, Confirmed) for one in outcomes] == [n != 3 for n in range(12)]
    assert isinstance(outcomes[3], Rejected)
    assert (outcomes[3].code, bool(outcomes[3].fix)) == ("409", True)
    assert [len(body) for body in at.bodies("PUT", "/products")][:2] == [10, 5]
    names = {record.name for record in at.store.products.values()}
    assert {f"Cup {n}" for n in range(12) if n != 3} <= names


def test_a_name_that_is_taken_by_then_is_not_insisted_on(at: Bench) -> None:
    known = at.create(TOTE)
    at.merchant_adds({"name": "Big tote", "sku": "OTHER"})

    (outcome,) = at.push(retitled(known, "Big tote"))
    (again,) = at.push(retitled(known, "Big tote"))

    assert isinstance(outcome, Confirmed)
    assert at.product("TOTE-R").name == "Big tote (TOTE-R)"
    assert "it is called Big tote (TOTE-R)" in outcome.notes[0]
    assert isinstance(again, Confirmed)
    assert again.notes == ()


@pytest.mark.parametrize("status", [413, 422])
def test_a_batch_of_variants_that_is_refused_is_settled_in_ever_smaller_parts(at: Bench, status: int) -> None:
    known = at.create(listable(*(variant(f"S-{n}", ("Size", str(n))) for n in range(60))))
    dearer = listable(*(variant(f"S-{n}", ("Size", str(n)), price="25") for n in range(60)))
    at.shop.simulator.faults.add(
        Fault(kind="error", method="PUT", path="/catalog/variants$", status=status, times=3)
    )

    (outcome,) = at.push(edited(known, dearer))

    assert isinstance(outcome, Confirmed)
    assert {at.variant(f"S-{n}").own["price"] for n in range(60)} == {25}
    assert max(len(body) for body in at.bodies("PUT", "/variants")) == 50


def test_a_variant_that_stays_refused_makes_its_product_a_case_in_the_platforms_words(at: Bench) -> None:
    known = at.create(TOTE)
    dearer = edited(known, listable(variant("TOTE-R", RED, price="25"), variant("TOTE-B", BLUE)))
    at.shop.simulator.faults.add(
        Fault(kind="error", method="PUT", path="/catalog/variants$", status=422, times=None)
    )

    (outcome,) = at.push(dearer)

    assert isinstance(outcome, Rejected)
    assert (outcome.code, bool(outcome.fix)) == ("422", True)
    assert f"Variant {at.variant('TOTE-R').id}" in outcome.reason


def test_a_partly_saved_edit_is_confirmed_with_what_was_not_saved(at: Bench) -> None:
    known = at.create(TOTE)
    at.store.switches.partial_success = True

    (outcome,) = at.push(retitled(known, "Big tote"))

    assert isinstance(outcome, Confirmed)
    assert "Inventory could not be updated" in outcome.notes[0]
    assert at.product("TOTE-R").name == "Big tote"


def test_our_images_follow_the_catalog_and_the_merchants_stay(at: Bench) -> None:
    known = at.create(listable(*TOTE.variants, images=(at.picture(1), at.picture(2))))
    with at.shop.simulator.lock:
        record = at.product("TOTE-R")
        ours = [one.id for one in record.images]
    at.shop.simulator.store.images_of(record)
    theirs = _merchant_adds_image(at, record)

    at.push(edited(known, listable(*TOTE.variants, images=(at.picture(2), at.picture(3)))))

    left = [one.id for one in record.images]
    assert theirs in left
    assert ours[0] not in left
    assert ours[1] in left
    assert len(left) == 3


def test_images_that_a_product_had_before_the_hub_came_are_left_as_they_are(at: Bench) -> None:
    record = at.merchant_adds({"name": "Mug", "sku": "MUG", "inventory_tracking": "product"})
    _merchant_adds_image(at, record)
    mug = listable(variant("MUG"), title="Mug", images=(at.picture(1),))
    (found,) = at.push(change(mug))

    (outcome,) = at.push(linked(mug, found))

    assert isinstance(outcome, Confirmed)
    assert len(record.images) == 1
    assert "images are left" in outcome.notes[0]


def test_a_product_that_is_gone_from_the_store_is_said_and_tried_again_later(at: Bench) -> None:
    known = at.create(TOTE)

    (outcome,) = at.push(replace(known, channel_id=ChannelId("999999")))

    assert isinstance(outcome, Rejected)
    assert "no longer in BigCommerce" in outcome.reason
    assert outcome.again_in is not None


def test_a_product_that_left_the_catalog_is_hidden_and_shown_again_by_the_next_edit(at: Bench) -> None:
    known, other = at.create(TOTE), at.create(listable(variant("MUG"), title="Mug"))
    ids = [one.channel_id for one in (known, other) if one.channel_id] + [ChannelId("999999")]

    outcomes = list(at.hub().deactivate_products(ids))
    list(at.hub().deactivate_products(ids[:2]))

    assert {outcome.key: isinstance(outcome, Confirmed) for outcome in outcomes} == dict.fromkeys(ids, True)
    assert (at.product("TOTE-R").own["is_visible"], at.product("MUG").own["is_visible"]) == (False, False)
    at.push(known)
    assert at.product("TOTE-R").own["is_visible"] is True
    at.shop.act(f"products/{known.channel_id}", is_visible=False)
    (outcome,) = at.push(known)
    assert at.product("TOTE-R").own["is_visible"] is False
    assert isinstance(outcome, Confirmed)
    assert "hidden in BigCommerce" in outcome.notes[0]


def test_what_the_store_lists_is_read_for_matching_as_it_is_for_the_catalog(at: Bench) -> None:
    at.create(TOTE)

    listed = [record for page in at.hub().pull_listings(None) for record in page.records]

    assert {variant.channel_sku for record in listed for variant in record.variants} >= {"TOTE-R", "TOTE-B"}
    assert len(listed) == len(at.store.products)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"products": "push"}, True),
        ({"products": "pull", "orders": True}, False),
        ({"orders": True}, True),
        ({"inventory": "pull"}, True),
        ({"locations": True}, False),
    ],
)
def test_listings_are_read_where_products_are_not_pulled_and_something_needs_them(
    at: Bench, settings: dict[str, Any], expected: bool
) -> None:
    flows = at.shop.hub(**settings).flows()

    assert {key: on for key, on in flows.items() if key[1] == "listings"} == {("pull", "listings"): expected}


def _merchant_adds_variant(at: Bench, known: Change[Listable], sku: str, label: str) -> int:
    hub = at.shop.hub()
    product_id = int(known.channel_id or 0)
    option = at.store.products[product_id].options[0]
    value = hub._client.create_option_value(product_id, option.id, {"label": label, "sort_order": 9})
    row = {"sku": sku, "option_values": [{"option_id": option.id, "id": value.id}]}
    return int(hub._client.create_variant(product_id, row).data.id)


def _merchant_adds_image(at: Bench, record: Any) -> int:
    hub = at.shop.hub()
    return int(hub._client.create_image(record.id, {"image_url": at.picture(77)}).id)
