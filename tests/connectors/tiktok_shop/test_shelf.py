"""Taking products off sale and putting them back: those without a source, and those that are sold out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.tiktok_shop.tiktok_bench import SimulatedShop, listable, scripted, simulated_shop, variant
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.channel import ChannelId, ChannelSku, StockTarget
from crossdock.domain.sync import Change, Confirmed, Outcome, Postponed, Rejected, Unclear
from crossdock_simulators.kit import Fault
from crossdock_simulators.tiktok_shop.app import SALES_ID
from crossdock_simulators.tiktok_shop.seed import load_listings

MUG = {"title": "Stoneware mug", "skus": [{"seller_sku": "MUG", "price": "12.50", "quantity": 40}]}
TOTE = {
    "title": "Canvas tote bag",
    "skus": [
        {"seller_sku": f"TOTE-{color}", "price": "20", "quantity": 7, "sales_attributes": {"Color": color}}
        for color in ("RED", "SAND")
    ],
}


@pytest.fixture
def shop() -> Iterator[SimulatedShop]:
    with simulated_shop() as made:
        load_listings(made.simulator.shop, [MUG, TOTE])
        yield made


def product_id(shop: SimulatedShop, title: str) -> ChannelId:
    products = shop.simulator.shop.tables.products.values()
    return ChannelId(next(product.id for product in products if product.content.title == title))


def sku_ids(shop: SimulatedShop, title: str) -> list[ChannelId]:
    product = shop.simulator.shop.tables.products[product_id(shop, title)]
    return [ChannelId(sku.id) for sku in product.content.skus]


def status(shop: SimulatedShop, title: str) -> str:
    return shop.simulator.shop.tables.products[product_id(shop, title)].status


def push_stock(shop: SimulatedShop, title: str, *units: int, comes_back: bool = False) -> list[Outcome]:
    """One number for each SKU of the product, in their order."""
    product = product_id(shop, title)
    changes = [
        Change(sku, StockTarget(product, sku, ChannelSku(""), ((ChannelId(SALES_ID), count),), comes_back))
        for sku, count in zip(sku_ids(shop, title), units, strict=True)
    ]
    order = {change.key: place for place, change in enumerate(changes)}
    return sorted(shop.connector().push_inventory(changes), key=lambda outcome: order[outcome.key])


def offered(shop: SimulatedShop, title: str) -> list[int]:
    targets = [StockTarget(product_id(shop, title), sku, ChannelSku(""), ()) for sku in sku_ids(shop, title)]
    found = dict(shop.connector().read_offered(targets))
    return [sum(units for _, units in found[target.variant_id]) for target in targets]


def edit(shop: SimulatedShop, title: str, sku: str) -> Outcome:
    images = (f"{shop.images}/mug-800x800.jpg",)
    known = listable(
        variant(sku, price="12.50", channel_id=sku_ids(shop, title)[0]), title=title, images=images
    )
    connector = shop.connector(products="push", attribute_defaults={"Contains batteries": "No"})
    (outcome,) = connector.push_products([Change("p1", known, product_id(shop, title))])
    return outcome


# Products that their source has no more


def test_a_product_goes_off_sale_and_an_edit_brings_it_back(shop: SimulatedShop) -> None:
    mug = product_id(shop, "Stoneware mug")

    outcomes = list(shop.connector().deactivate_products([mug]))
    while_off = status(shop, "Stoneware mug")
    back = edit(shop, "Stoneware mug", "MUG")

    assert outcomes == [Confirmed(mug, mug)]
    assert isinstance(back, Confirmed)
    assert (while_off, status(shop, "Stoneware mug")) == ("SELLER_DEACTIVATED", "PENDING")


def test_a_product_that_a_person_deactivated_stays_so(shop: SimulatedShop) -> None:
    shop.do(f"/products/{product_id(shop, 'Stoneware mug')}/status", status="SELLER_DEACTIVATED")

    outcome = edit(shop, "Stoneware mug", "MUG")

    assert status(shop, "Stoneware mug") == "SELLER_DEACTIVATED"
    assert isinstance(outcome, Confirmed)
    assert any("activate it in Seller Center" in note for note in outcome.notes)


def test_going_off_sale_twice_changes_nothing_and_what_is_not_on_sale_needs_nothing(
    shop: SimulatedShop,
) -> None:
    mug, tote = product_id(shop, "Stoneware mug"), product_id(shop, "Canvas tote bag")
    shop.do(f"/products/{tote}/status", status="FREEZE")
    connector = shop.connector()

    first = list(connector.deactivate_products([mug, tote, ChannelId("1")]))
    second = list(connector.deactivate_products([mug]))

    assert [type(outcome) for outcome in (*first, *second)] == [Confirmed] * 4


def test_a_refusal_of_one_product_is_about_that_one_only() -> None:
    failing = {"code": 12052901, "message": "In a campaign", "detail": {"product_id": "2"}}
    bench, http = scripted(
        lambda sent: {"errors": [failing]} if "deactivate" in sent.path else {"id": "2", "status": "ACTIVATE"}
    )

    one, two = bench.connector().deactivate_products([ChannelId("1"), ChannelId("2")])

    assert isinstance(one, Confirmed)
    assert isinstance(two, Rejected)
    assert (two.reason, two.code) == ("In a campaign", "12052901")
    assert http.sent[0].body == {"product_ids": ["1", "2"]}


def test_at_most_twenty_products_go_in_a_call() -> None:
    bench, http = scripted(lambda _: {})

    list(bench.connector().deactivate_products([ChannelId(str(n)) for n in range(45)]))

    assert [len(sent.body["product_ids"]) for sent in http.sent] == [20, 20, 5]


def test_a_lost_answer_is_unclear_and_the_next_try_ends_it(shop: SimulatedShop) -> None:
    mug = product_id(shop, "Stoneware mug")
    shop.simulator.faults.add(Fault("reset_after", "POST", "/deactivate"))

    outcomes = shop.connector().deactivate_products([mug])
    assert isinstance(next(outcomes), Unclear)
    with pytest.raises(UnavailableError):
        next(outcomes)
    again = list(shop.connector().deactivate_products([mug]))

    assert again == [Confirmed(mug, mug)]
    assert isinstance(edit(shop, "Stoneware mug", "MUG"), Confirmed)
    assert status(shop, "Stoneware mug") == "PENDING"


# Where TikTok Shop takes no quantity of 0


@pytest.fixture
def strict(shop: SimulatedShop) -> SimulatedShop:
    shop.do("/switches", accepts_zero_quantity=False)
    return shop


def test_a_product_of_which_all_is_sold_out_goes_off_sale_and_counts_as_none(strict: SimulatedShop) -> None:
    outcomes = push_stock(strict, "Canvas tote bag", 0, 0)

    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert status(strict, "Canvas tote bag") == "SELLER_DEACTIVATED"
    assert offered(strict, "Canvas tote bag") == [0, 0]


def test_it_comes_back_when_all_has_stock_again(strict: SimulatedShop) -> None:
    push_stock(strict, "Canvas tote bag", 0, 0)

    outcomes = push_stock(strict, "Canvas tote bag", 3, 4)

    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert status(strict, "Canvas tote bag") == "PENDING"
    assert offered(strict, "Canvas tote bag") == [3, 4]


def test_what_the_hub_took_off_sale_and_puts_back_needs_no_word(strict: SimulatedShop) -> None:
    push_stock(strict, "Canvas tote bag", 0, 0)

    outcomes = push_stock(strict, "Canvas tote bag", 3, 4, comes_back=True)

    assert [outcome.notes for outcome in outcomes if isinstance(outcome, Confirmed)] == [(), ()]


def test_what_is_off_sale_for_another_reason_stays_so_and_that_is_said(strict: SimulatedShop) -> None:
    strict.do(f"/products/{product_id(strict, 'Stoneware mug')}/status", status="SELLER_DEACTIVATED")

    (back,) = push_stock(strict, "Stoneware mug", 5, comes_back=True)
    (changed,) = push_stock(strict, "Stoneware mug", 6)

    assert isinstance(back, Confirmed)
    assert isinstance(changed, Confirmed)
    assert ("stays so" in back.notes[0], changed.notes) == (True, ())
    assert status(strict, "Stoneware mug") == "SELLER_DEACTIVATED"


def test_it_stays_off_sale_while_one_sku_would_be_offered_with_what_it_once_had(
    strict: SimulatedShop,
) -> None:
    push_stock(strict, "Canvas tote bag", 0, 0)

    red, _ = push_stock(strict, "Canvas tote bag", 3, 0)

    assert status(strict, "Canvas tote bag") == "SELLER_DEACTIVATED"
    assert isinstance(red, Rejected)
    assert red.fix


def test_one_sold_out_sku_among_others_is_a_case_and_offers_as_little_as_can_be(
    strict: SimulatedShop,
) -> None:
    red, sand = push_stock(strict, "Canvas tote bag", 0, 5)

    assert isinstance(red, Rejected)
    assert "1 still on offer" in red.reason
    assert "Deactivate" in red.fix
    assert isinstance(sand, Confirmed)
    assert status(strict, "Canvas tote bag") == "ACTIVATE"
    assert offered(strict, "Canvas tote bag") == [1, 5]


def test_a_product_that_somebody_activated_again_is_not_believed_to_be_off_sale(
    strict: SimulatedShop,
) -> None:
    push_stock(strict, "Stoneware mug", 0)
    strict.do(f"/products/{product_id(strict, 'Stoneware mug')}/status", status="ACTIVATE")

    assert offered(strict, "Stoneware mug") == [40]


def test_an_edit_does_not_put_back_what_is_sold_out(strict: SimulatedShop) -> None:
    push_stock(strict, "Stoneware mug", 0)
    list(strict.connector().deactivate_products([product_id(strict, "Stoneware mug")]))

    edit(strict, "Stoneware mug", "MUG")

    assert status(strict, "Stoneware mug") == "SELLER_DEACTIVATED"


def test_a_new_product_without_stock_waits_for_it(strict: SimulatedShop) -> None:
    images = (f"{strict.images}/bag-800x800.jpg",)
    empty = listable(variant("BAG", quantity=0), title="Shopper bag", images=images)
    full = listable(variant("BAG", quantity=2), title="Shopper bag", images=images)

    def send(desired: Any) -> Outcome:
        (outcome,) = strict.connector(products="push").push_products([Change("p1", desired)])
        return outcome

    waiting, made = send(empty), send(full)

    assert isinstance(waiting, Postponed)
    assert "stock" in waiting.reason
    assert isinstance(made, Confirmed)
