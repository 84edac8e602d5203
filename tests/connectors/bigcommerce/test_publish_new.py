"""New products of the hub in a simulated store: looked for first, created once, refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.bigcommerce import documents
from connectors.bigcommerce.publish_bench import Bench, bench, change, linked, listable, problems, variant
from connectors.bigcommerce.scripted import Script, connector, v3
from crossdock.connectors.errors import AccessMissingError, UnavailableError
from crossdock.domain.channel import ChannelId, Prices
from crossdock.domain.money import Money
from crossdock.domain.sync import Confirmed, Rejected, Unclear
from crossdock_simulators.kit import Fault

RED, BLUE = ("Color", "Red"), ("Color", "Blue")
TOTE = listable(variant("TOTE-R", RED), variant("TOTE-B", BLUE, price="22"))
LOST = ("error_after", "reset_after", "truncate", "not_json")


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as opened:
        yield opened
        if documents.IS_THERE:
            assert problems(opened.http.sent) == set()


def test_a_product_is_created_with_its_variants_in_one_call_and_linked_by_sku(at: Bench) -> None:
    (outcome,) = at.push(change(replace(TOTE, product=replace(TOTE.product, brand="Acme"))))

    made = at.product("TOTE-R")
    assert outcome == Confirmed(
        "p-TOTE-R",
        ChannelId(str(made.id)),
        links=tuple((f"hub-{sku}", ChannelId(str(at.variant(sku).id))) for sku in ("TOTE-R", "TOTE-B")),
        is_new=True,
    )
    assert at.writes() == [("POST", "/products")]
    assert (made.name, made.tracking, made.own["is_visible"]) == ("Canvas tote", "variant", True)
    assert at.store.brands[made.own["brand_id"]]["name"] == "Acme"
    assert [one.display_name for one in made.options] == ["Color"]


def test_a_simple_product_has_its_sku_and_codes_on_itself(at: Bench) -> None:
    mug = listable(variant("MUG", gtin="036000291452", mpn="M-1"), title="Mug")

    (outcome,) = at.push(change(mug))

    made = at.product("MUG")
    assert (made.own["upc"], made.own["gtin"], made.own["mpn"]) == ("036000291452", "036000291452", "M-1")
    assert (made.tracking, made.own["weight"], made.own["price"]) == ("product", 8, 20)
    assert isinstance(outcome, Confirmed)
    assert outcome.links == (("hub-MUG", str(made.variants[0])),)


def test_what_nobody_counts_is_created_without_tracking(at: Bench) -> None:
    at.push(change(listable(variant("GIFT", is_stock_tracked=False))))

    assert at.product("GIFT").tracking == "none"


def test_a_product_that_the_store_has_already_is_linked_and_not_created(at: Bench) -> None:
    held = at.merchant_adds({"name": "Old tote", "sku": "TOTE-R", "inventory_tracking": "product"})

    (outcome,) = at.push(change(TOTE))

    assert outcome == Confirmed(
        "p-TOTE-R",
        ChannelId(str(held.id)),
        links=(("hub-TOTE-R", ChannelId(str(held.variants[0]))),),
    )
    assert at.writes() == []


@pytest.mark.parametrize("kind", LOST)
def test_a_create_whose_answer_is_lost_is_found_and_never_made_twice(at: Bench, kind: Any) -> None:
    at.shop.simulator.faults.add(Fault(kind=kind, method="POST", path="/catalog/products$"))
    with pytest.raises(UnavailableError):
        at.push(change(TOTE))

    (outcome,) = at.push(replace(change(TOTE), is_unclear=True))

    assert isinstance(outcome, Confirmed)
    assert (outcome.is_new, len(outcome.links), at.holding("TOTE-R")) == (False, 2, 1)


def test_the_product_whose_answer_was_lost_is_named_before_the_run_ends(at: Bench) -> None:
    at.shop.simulator.faults.add(Fault(kind="reset_after", method="POST", path="/catalog/products$"))
    outcomes = at.hub().push_products([change(TOTE), change(listable(variant("MUG"), title="Mug"))])

    assert isinstance(next(outcomes), Unclear)
    with pytest.raises(UnavailableError):
        next(outcomes)
    assert at.holding("MUG") == 0


@pytest.mark.parametrize("kind", ["drop_write", "error"])
def test_a_create_that_never_arrived_is_made_the_next_time(at: Bench, kind: Any) -> None:
    at.shop.simulator.faults.add(Fault(kind=kind, method="POST", path="/catalog/products$"))
    try:
        at.push(change(TOTE))
    except UnavailableError:
        assert kind == "error"

    (outcome,) = at.push(replace(change(TOTE), is_unclear=True))

    assert isinstance(outcome, Confirmed)
    assert (outcome.is_new, at.holding("TOTE-R")) == (True, 1)


def test_variants_that_nobody_counts_are_found_once_the_store_says_that_their_sku_is_taken(at: Bench) -> None:
    rows = [{"sku": sku, "option_values": [{"option_display_name": "Color", "label": label}]}
            for sku, label in (("TOTE-R", "Red"), ("TOTE-B", "Blue"))]  # fmt: skip
    held = at.merchant_adds({"name": "Old tote", "variants": rows, "inventory_tracking": "none"})

    (outcome,) = at.push(change(TOTE))

    assert isinstance(outcome, Confirmed)
    assert (outcome.channel_id, outcome.is_new, len(outcome.links)) == (str(held.id), False, 2)
    assert (at.holding("TOTE-R"), at.writes()) == (1, [("POST", "/products")])


def test_a_sku_that_differs_by_case_only_is_refused_before_anything_is_sent(at: Bench) -> None:
    at.merchant_adds({"name": "Old tote", "sku": "tote-r", "inventory_tracking": "product"})

    (outcome,) = at.push(change(TOTE))

    assert isinstance(outcome, Rejected)
    assert "'tote-r'" in outcome.reason
    assert "'TOTE-R'" in outcome.reason
    assert "Channel SKU" in outcome.fix
    assert at.writes() == []


def test_skus_spread_over_several_products_are_never_merged(at: Bench) -> None:
    first = at.merchant_adds({"name": "One", "sku": "TOTE-R", "inventory_tracking": "product"})
    second = at.merchant_adds({"name": "Two", "sku": "TOTE-B", "inventory_tracking": "product"})

    (outcome,) = at.push(change(TOTE))

    assert isinstance(outcome, Rejected)
    assert f"{first.id}, {second.id}" in outcome.reason
    assert at.writes() == []


def test_a_name_that_another_product_has_gets_the_sku_appended_and_that_is_said(at: Bench) -> None:
    at.merchant_adds({"name": "Canvas tote", "sku": "OTHER"})

    (outcome,) = at.push(change(TOTE))

    assert isinstance(outcome, Confirmed)
    assert at.product("TOTE-R").name == "Canvas tote (TOTE-R)"
    assert outcome.notes == ("Another product has the name Canvas tote: it is called Canvas tote (TOTE-R)",)


def test_more_variants_than_the_store_takes_are_refused_before_any_call_with_their_number(at: Bench) -> None:
    many = listable(*(variant(f"S-{n}", ("Size", str(n))) for n in range(601)))

    (outcome,) = at.push(change(many))

    assert isinstance(outcome, Rejected)
    assert "601 variants" in outcome.reason
    assert "600" in outcome.reason
    assert at.http.sent == []


@pytest.mark.parametrize(
    ("desired", "said"),
    [
        (listable(variant("A", RED), variant("B")), "same options"),
        (listable(variant("A", RED), variant("B", ("color", "red "))), "A and B have the same options"),
        (listable(variant("A", RED), variant("a", BLUE)), "case or spaces"),
        (listable(variant("A", prices=None)), "A has no price"),
        (listable(variant("A", prices=Prices(Money.of(1, "EUR")))), "priced in EUR, the store in USD"),
        (listable(variant("A" * 256)), "longer than 255"),
    ],
)
def test_what_the_store_would_refuse_is_refused_with_a_fix_and_without_a_call(
    at: Bench, desired: Any, said: str
) -> None:
    (outcome,) = at.push(change(desired))

    assert isinstance(outcome, Rejected)
    assert said in outcome.reason
    assert outcome.fix
    assert at.http.sent == []


def test_a_partly_saved_product_is_kept_with_what_was_not_saved(at: Bench) -> None:
    at.store.switches.partial_success = True

    (outcome,) = at.push(change(TOTE))

    assert isinstance(outcome, Confirmed)
    assert (outcome.is_new, at.holding("TOTE-R")) == (True, 1)
    assert outcome.notes == (
        "Saved, but Inventory could not be updated; inventory_level: could not be saved",
    )


def test_a_plan_that_is_full_refuses_products_in_its_own_words_and_stops_nothing_else(at: Bench) -> None:
    mug = listable(variant("MUG"), title="Mug")
    known = at.create(mug)
    at.store.switches.sku_limit = 1

    new, edited = sorted(
        at.push(
            change(TOTE),
            replace(known, desired=replace(known.desired, product=replace(mug.product, title="Cup"))),
        ),
        key=lambda outcome: isinstance(outcome, Confirmed),
    )

    assert isinstance(new, Rejected)
    assert "maximum number of SKUs" in new.reason
    assert "plan" in new.fix
    assert isinstance(edited, Confirmed)
    assert at.product("MUG").name == "Cup"


def test_a_store_that_is_full_or_refuses_the_data_makes_a_case_with_a_fix(at: Bench) -> None:
    for status in (507, 422):
        at.shop.simulator.faults.add(
            Fault(kind="error", method="POST", path="/catalog/products$", status=status)
        )

        (outcome,) = at.push(change(TOTE))

        assert isinstance(outcome, Rejected)
        assert (outcome.code, bool(outcome.fix)) == (str(status), True)


def test_images_are_sent_in_order_and_one_that_is_refused_leaves_the_product(at: Bench) -> None:
    images = (
        at.picture(1),
        f"{at.shop.address}/nothing-here.jpg",
        at.picture(2),
        "https://example.com/" + "x" * 250,
    )

    (outcome,) = at.push(change(replace(TOTE, product=listable(*TOTE.variants, images=images).product)))

    assert isinstance(outcome, Confirmed)
    made = at.product("TOTE-R")
    assert [(one.sort_order, one.is_thumbnail) for one in made.images] == [(0, True), (2, False)]
    assert len(outcome.notes) == 2
    assert "nothing-here.jpg was refused" in outcome.notes[0]
    assert "255 characters" in outcome.notes[1]


def test_a_variant_gets_its_own_image(at: Bench) -> None:
    tote = listable(variant("A", RED, image_url=at.picture(1)), variant("B", BLUE))

    at.push(change(tote))

    assert at.variant("A").own["image_url"]
    assert not at.variant("B").own.get("image_url")


def test_a_product_whose_image_got_no_answer_is_found_and_completed_without_a_second_image(at: Bench) -> None:
    tote = listable(*TOTE.variants, images=(at.picture(1), at.picture(2)))
    at.shop.simulator.faults.add(Fault(kind="reset_after", method="POST", path="/images$"))
    with pytest.raises(UnavailableError):
        at.push(change(tote))

    (found,) = at.push(replace(change(tote), is_unclear=True))
    (completed,) = at.push(linked(tote, found))

    assert isinstance(completed, Confirmed)
    assert len(at.product("TOTE-R").images) == 2


def test_a_sku_with_a_comma_is_looked_for_by_itself(at: Bench) -> None:
    held = at.merchant_adds({"name": "Odd", "sku": "A,B", "inventory_tracking": "product"})

    (outcome,) = at.push(change(listable(variant("A,B"))))

    assert isinstance(outcome, Confirmed)
    assert (outcome.channel_id, at.writes()) == (str(held.id), [])


def test_an_answer_that_leaves_the_variants_out_is_completed_by_reading() -> None:
    made = {"id": 9, "name": "Canvas tote", "sku": ""}
    rows = [{"id": n, "sku": sku, "option_values": [{"option_display_name": "Color", "label": sku}]}
            for n, sku in ((1, "TOTE-B"), (2, "TOTE-R"))]  # fmt: skip
    listed = iter([[], [made | {"variants": rows}]])
    store = Script(
        {
            ("GET", "/v3/catalog/products"): lambda _: (200, v3(next(listed))),
            ("GET", "/v3/inventory/items"): lambda _: (200, v3([])),
            ("POST", "/v3/catalog/products"): lambda _: (200, {"data": made, "meta": {}}),
        }
    )
    hub, _ = connector(store, products="push")

    (outcome,) = hub.push_products([change(TOTE)])

    assert isinstance(outcome, Confirmed)
    assert dict(outcome.links) == {"hub-TOTE-R": "2", "hub-TOTE-B": "1"}


def test_an_account_without_write_access_stops_the_flow_and_names_the_access() -> None:
    store = Script(
        {
            ("GET", "/v3/catalog/products"): lambda _: (200, v3([])),
            ("GET", "/v3/inventory/items"): lambda _: (403, {"title": "You don't have a required scope"}),
            ("POST", "/v3/catalog/products"): lambda _: (403, {"title": "You don't have a required scope"}),
        }
    )
    hub, _ = connector(store, products="push")

    with pytest.raises(AccessMissingError, match="store_v2_products"):
        list(hub.push_products([change(TOTE)]))
