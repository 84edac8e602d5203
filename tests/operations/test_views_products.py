"""What is seen of products: where each stands on a channel, why, and the parts of one product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crossdock.domain.channel import ChannelId, ChannelSku, ListingState, Option, Prices
from crossdock.domain.sync import Entity
from crossdock.operations import exceptions, publishing
from crossdock.operations.catalog import products
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.setup import integrations
from crossdock.operations.views import views
from crossdock.operations.views.views import ChannelStanding, MarkError, Standing
from support.make import SHOP, STORE, Bench, listing, money, product, variant

SETTLED, REJECTED = PublicationState.SETTLED, PublicationState.REJECTED


def standing(hub: Bench, sku: str = "A") -> ChannelStanding:
    with hub.database.reading() as tx:
        found = views.product(tx, sku, hub.rules.__getitem__)
    assert found is not None
    (only,) = found.channels
    return only


def product_id(hub: Bench, sku: str = "A") -> str:
    with hub.database.reading() as tx:
        found = views.product(tx, sku, hub.rules.__getitem__)
    assert found is not None
    return found.id


def answer(hub: Bench, became: PublicationState, *, message: str = "", fix: str = "") -> None:
    """How the push of product A ended."""
    key = product_id(hub)
    state = State(key, "print", "null", hub.publication(key, Entity.PRODUCTS).marks)
    with hub.step(SHOP) as (tx, task):
        if became is SETTLED:
            publishing.settle(tx, task, Entity.PRODUCTS, state)
        else:
            publishing.set_aside(tx, task, Entity.PRODUCTS, state, became, message=message, fix=fix)


def refuse(hub: Bench, *, code: str) -> None:
    answer(hub, REJECTED, message="The title is too short", fix="Give it a longer title")
    key = product_id(hub)
    with hub.step(SHOP) as (tx, task):
        name = f"push-refused:{SHOP}:products:{key}"
        case = Case(name, "push_refused", Subject.PRODUCT, key, "No", "Do", {"code": code})
        exceptions.open_case(tx, task, case)


def listed(hub: Bench, state: ListingState, *reasons: str) -> None:
    hub.read_listings(listing("A", state=state, state_reasons=reasons))


def nothing(_: Bench) -> None:
    return


def settled(state: ListingState, *reasons: str) -> Callable[[Bench], None]:
    def do(hub: Bench) -> None:
        listed(hub, state, *reasons)
        answer(hub, SETTLED)

    return do


CASES: list[tuple[str, Callable[[Bench], None], Standing, str]] = [
    ("marked", nothing, Standing.WAITING, "Waits for the next push"),
    (
        "without stock",
        lambda hub: answer(hub, PublicationState.WAITING, message="Waits for its stock: A"),
        Standing.WAITING,
        "Waits for its stock: A",
    ),
    (
        "left out",
        lambda hub: answer(hub, PublicationState.EXCLUDED, message="Left out by a setting"),
        Standing.EXCLUDED,
        "Left out by a setting",
    ),
    ("found wanting", lambda hub: refuse(hub, code=""), Standing.BLOCKED, "The title is too short"),
    ("refused", lambda hub: refuse(hub, code="12052"), Standing.REFUSED, "The title is too short"),
    ("in review", settled(ListingState.IN_REVIEW), Standing.IN_REVIEW, ""),
    ("live", settled(ListingState.LIVE), Standing.SYNCED, ""),
    ("sent and not yet listed", lambda hub: answer(hub, SETTLED), Standing.NOT_LISTED, ""),
]


@pytest.mark.parametrize(("do", "state", "message"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_a_product_stands_on_its_channel_as_the_last_answer_says(
    hub: Bench, do: Callable[[Bench], None], state: Standing, message: str
) -> None:
    hub.read_products(product("A"))

    do(hub)

    found = standing(hub)
    assert (found.integration, found.state, found.message) == (SHOP, state, message)


def test_a_refusal_by_the_channels_review_is_told_in_its_words(hub: Bench) -> None:
    hub.read_products(product("A"))

    settled(ListingState.REFUSED, "The main image is blurred")(hub)

    found = standing(hub)
    assert found.state == Standing.REFUSED
    assert "The main image is blurred" in found.message
    assert found.fix


def test_what_a_setting_leaves_out_says_that_the_setting_can_be_changed(hub: Bench) -> None:
    hub.read_products(product("A"))

    answer(hub, PublicationState.EXCLUDED, message="Left out by the setting “X”")

    assert standing(hub).fix == f"Change that setting of {SHOP} to have it there"


def test_a_message_is_gone_once_the_product_is_in_order(hub: Bench) -> None:
    hub.read_products(product("A"))
    refuse(hub, code="12052")
    listed(hub, ListingState.LIVE)

    answer(hub, SETTLED)

    found = standing(hub)
    assert (found.state, found.message, found.fix) == (Standing.SYNCED, "", "")


def test_where_nothing_is_pushed_only_what_the_channel_lists_counts(hub: Bench) -> None:
    hub.read_products(product("A"), product("B"))
    listed(hub, ListingState.LIVE)
    with hub.step(SHOP) as (tx, _):
        flows = {("push", Entity.PRODUCTS): False, ("pull", Entity.LISTINGS): True}
        integrations.configure_flows(tx, SHOP, flows, {})

    assert standing(hub, "A").state == Standing.SYNCED
    assert standing(hub, "B").state == Standing.NOT_LISTED


def test_products_are_found_by_title_sku_and_standing(hub: Bench) -> None:
    hub.read_products(product("TEA-1", title="Teapot"), product("MUG_1", title="Mug 100%"), product("X"))
    with hub.database.reading() as tx:

        def found(search: str = "", state: str = "") -> list[str]:
            return [each.title for each in views.products(tx, search=search, state=state).items]

        assert found() == ["Mug 100%", "Product p-X", "Teapot"]
        assert found(search="tea-") == ["Teapot"]
        assert found(search="POT") == ["Teapot"]
        assert found(search="%") == ["Mug 100%"]
        assert found(search="_") == ["Mug 100%"]
        assert found(state=Standing.WAITING) == ["Mug 100%", "Product p-X", "Teapot"]
        assert found(state=Standing.SYNCED) == []


def test_slices_show_each_product_once_even_with_equal_titles(hub: Bench) -> None:
    hub.read_products(*(product(f"S{n}", title="Same") for n in range(7)))
    seen: list[str] = []
    after = ""
    with hub.database.reading() as tx:
        while True:
            part = views.products(tx, after=after, limit=3)
            seen += [sku for each in part.items for sku in each.skus]
            if not (after := part.next):
                break

    assert sorted(seen) == [f"S{n}" for n in range(7)]


def test_a_removed_product_is_in_no_list(hub: Bench) -> None:
    hub.read_products(product("A"))
    with hub.step(STORE) as (tx, task):
        products.sweep(tx, task, began_at=task.now, met=())

    with hub.database.reading() as tx:
        assert views.products(tx).items == []
        assert views.inventory(tx).items == []
        assert views.summary(tx).products == 0


def test_a_product_shows_its_variants_with_options_price_listings_and_stock(hub: Bench) -> None:
    red = variant("RED", options=(Option("Color", "Red"),), prices=Prices(money("9.5")), gtin="4006381333931")
    hub.locate()
    hub.read_products(
        product(red, replace(red, channel_id=ChannelId("v2"), channel_sku=ChannelSku("BLUE")), title="Mug")
    )
    hub.read_listings(listing("RED"))

    with hub.database.reading() as tx:
        found = views.product(tx, "BLUE", hub.rules.__getitem__)

    assert found is not None
    assert (found.title, found.kind, [each.sku for each in found.variants]) == (
        "Mug",
        "parent",
        ["RED", "BLUE"],
    )
    first = found.variants[0]
    assert (first.options, first.price, first.currency, first.gtin) == (
        {"Color": "Red"},
        "9.50",
        "USD",
        "4006381333931",
    )
    assert [(each.integration, each.channel_id) for each in first.listings] == [
        (STORE, "v-RED"),
        (SHOP, "l-RED"),
    ]
    assert [each.what for each in found.events] == [f"Read from {STORE}"]


def test_an_unknown_product_is_none(hub: Bench) -> None:
    with hub.database.reading() as tx:
        assert views.product(tx, "nothing", hub.rules.__getitem__) is None
        with pytest.raises(MarkError):
            views.products(tx, after="nonsense")


def test_the_summary_counts_products_by_standing_and_names_refusals(hub: Bench) -> None:
    hub.read_products(product("A", title="Teapot"), product("B"), product("C"))
    hub.read_listings(listing("A"), listing("OTHER"))
    refuse(hub, code="12052")

    with hub.database.reading() as tx:
        found = views.summary(tx)

    (shop,) = found.channels
    assert (found.products, found.variants) == (3, 3)
    assert (shop.listings, shop.linked, shop.refused, shop.waiting, shop.synced) == (2, 1, 1, 2, 0)
    assert [(each.title, each.state, each.reason, each.fix) for each in found.refusals] == [
        ("Teapot", "refused", "The title is too short", "Give it a longer title")
    ]
    assert found.open_cases == {"push_refused": 1}
