"""What is seen of stock: levels that add up, and numbers that can be derived by anybody."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.connectors.contract import Rules
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.catalog import channel_options
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.setup import integrations
from crossdock.operations.stock import locations, offering
from crossdock.operations.views import views
from crossdock.operations.views.views import ChannelNumber, StockExplanation
from crossdock.store.codec import pack
from support.make import SHOP, STORE, Bench, line, location, order, product, stock, variant


@pytest.fixture
def hub(hub: Bench) -> Bench:
    """A hub whose sources of truth are recorded, as they are before anything is synced."""
    with hub.step() as (tx, _):
        integrations.set_truth(tx, hub.truth)
    return hub


def explained(hub: Bench, sku: str = "A") -> StockExplanation:
    with hub.database.reading() as tx:
        found = views.explain_sku(tx, sku, hub.rules.__getitem__)
    assert found is not None
    return found


def number(hub: Bench, sku: str = "A") -> ChannelNumber:
    (only,) = explained(hub, sku).channels
    return only


def two_places(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_locations(location(is_default=True), location("2", "Outlet"), of=STORE)
    hub.read_stock(stock("A", 4, "2"))


def exclude(hub: Bench, name: str) -> None:
    with hub.step() as (tx, task):
        place = next(each for each in views.locations(tx) if each.name == name)
        locations.change(tx, task, place.id, is_excluded=True)


def test_totals_are_the_sums_of_the_locations_that_count(hub: Bench) -> None:
    two_places(hub)
    with hub.database.reading() as tx:
        (before,) = views.inventory(tx).items
    assert (before.on_hand, before.available) == (14, 14)

    exclude(hub, "Outlet")

    with hub.database.reading() as tx:
        (after,) = views.inventory(tx).items
    assert (after.on_hand, after.available) == (10, 10)
    assert [(each.location, each.on_hand, each.counts) for each in after.levels] == [
        ("Outlet", 4, False),
        ("Place 1", 10, True),
    ]
    assert after.levels[0].reason == "It is excluded by a person"


def test_a_location_of_another_platform_does_not_count_and_says_why(hub: Bench) -> None:
    hub.locate()

    with hub.database.reading() as tx:
        reasons = {place.integration: (place.counts, place.reason) for place in views.locations(tx)}

    assert reasons[STORE] == (True, "")
    assert reasons[SHOP] == (False, f"Stock is owned by {STORE}, not by {SHOP}")


def test_the_explained_number_is_the_number_that_is_pushed(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = Rules(inventory_buffer=3)
    hub.read_orders(order("1", line("A", 2)))

    found = number(hub)

    assert found.offered == hub.offered("A") == 9
    assert found.steps == [
        "14 on hand − 2 committed − 0 unavailable = 12 available",
        "− 3 buffer = 9",
        "9 offered",
    ]


def test_the_guard_of_the_last_units_is_explained_with_its_numbers(hub: Bench) -> None:
    hub.open_shop(A=9)
    hub.rules[SHOP] = Rules(last_units_below=10, last_units_share=40, last_units_buffer=1)

    found = number(hub)

    assert (found.offered, found.guarded) == (hub.offered("A"), 2) == (2, 2)
    assert found.steps[1:] == [
        "Last-units guard, with fewer than 10 available: 40 % of 9, rounded down, − 1 = 2 at most",
        "2 offered",
    ]
    hub.read_stock(stock("A", 10))
    assert (number(hub).offered, number(hub).guarded, len(number(hub).steps)) == (10, None, 2)


def test_what_is_withheld_and_what_is_left_out_is_said(hub: Bench) -> None:
    two_places(hub)
    hub.read_stock(stock("A", 10, available=7))
    exclude(hub, "Outlet")

    steps = number(hub).steps

    assert steps == [
        "Outlet: 4 available, not counted: It is excluded by a person",
        "10 on hand − 0 committed − 3 unavailable = 7 available",
        "7 offered",
    ]


def test_a_number_is_never_below_zero_and_says_so(hub: Bench) -> None:
    hub.open_shop(A=1)
    hub.read_orders(order("1", line("A", 3)))

    found = number(hub)

    assert found.offered == 0
    assert found.steps[-1] == "0 offered, as a number is never below 0"


def test_units_that_feed_no_warehouse_of_the_channel_are_accounted_for(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = Rules(warehouse_map={"Outlet": "1"}, unmapped_to_default=False)

    found = number(hub)

    assert found.offered == 4
    assert any("Not every location feeds" in step for step in found.steps)


def test_each_commitment_is_shown_with_its_order_and_its_report(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2)), order("2", line("A", 1)))

    found = explained(hub)

    assert sorted((each.number, each.units) for each in found.commitments) == [("1", 2), ("2", 1)]
    assert sorted((each.quantity, each.state) for each in found.reports) == [(-2, "open"), (-1, "open")]
    assert found.committed == sum(each.units for each in found.commitments) == 3


def test_a_canceled_order_commits_nothing_and_is_not_listed(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2)))
    hub.read_orders(order("1", line("A", 2, quantity_canceled=2)))

    found = explained(hub)

    assert (found.commitments, found.reports, found.committed) == ([], [], 0)


def settle(hub: Bench, sku: str, *quantities: tuple[str, int]) -> None:
    key = hub.variant_id(sku)
    state = State(key, "print", pack(quantities), hub.publication(key).marks)
    with hub.step(SHOP) as (tx, task):
        publishing.settle(tx, task, Entity.INVENTORY, state)


def test_what_the_channel_last_confirmed_stands_beside_what_it_is_to_offer(hub: Bench) -> None:
    hub.open_shop(A=10)
    assert number(hub).confirmed is None
    settle(hub, "A", ("1", 10))

    hub.read_stock(stock("A", 6))

    found = number(hub)
    assert (found.offered, found.confirmed, found.confirmed_quantities) == (6, 10, {"1": 10})
    assert found.confirmed_at is not None
    assert found.state == PublicationState.SETTLED


def test_a_number_that_was_refused_gives_the_reason_and_the_fix(hub: Bench) -> None:
    hub.open_shop(A=10)
    key = hub.variant_id("A")
    with hub.step(SHOP) as (tx, task):
        publishing.set_aside(
            tx,
            task,
            Entity.INVENTORY,
            State(key, "print", "null", hub.publication(key).marks),
            PublicationState.REJECTED,
            message="A promotion holds it",
            fix="End the promotion",
        )

    found = number(hub)

    assert (found.state, found.reason, found.fix) == ("rejected", "A promotion holds it", "End the promotion")


def test_a_variant_that_is_not_listed_is_not_offered(hub: Bench) -> None:
    hub.locate()
    hub.read_products(product("A"))
    hub.read_stock(stock("A", 5))

    found = number(hub)

    assert (found.offered, found.quantities, found.steps) == (None, {}, [])
    assert (found.state, found.reason) == ("not listed", "No listing of this channel is linked to this SKU")


@pytest.mark.parametrize(
    ("more", "rules", "offered", "words"),
    [
        ({"is_purchasable": False}, Rules(), 0, "not for sale"),
        ({"is_stock_tracked": False}, Rules(untracked_quantity=99), 99, "Nobody counts its stock"),
        ({"is_stock_tracked": False}, Rules(), None, "without stock tracking"),
        ({}, Rules(inventory_skus=frozenset({"B"})), None, "specific SKUs"),
    ],
)
def test_special_cases_are_explained(
    hub: Bench, more: dict[str, Any], rules: Rules, offered: int | None, words: str
) -> None:
    hub.open_shop(A=5)
    hub.read_products(product(variant("A", **more)))
    hub.rules[SHOP] = rules

    found = number(hub)

    assert found.offered == offered
    assert words in " ".join([*found.steps, found.reason])


def test_the_ledger_tells_the_latest_first_and_adds_up(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2)))
    hub.read_stock(stock("A", 7))

    with hub.database.reading() as tx:
        lines = views.ledger(tx, "A")
        assert [(each.kind, each.on_hand, each.committed) for each in lines] == [
            ("count", -3, 0),
            ("commit", 0, 2),
            ("count", 10, 0),
        ]
        assert len(views.ledger(tx, "A", 1)) == 1
    assert sum(each.on_hand for each in lines) == explained(hub).on_hand


def test_skus_are_listed_in_slices_and_found_by_part(hub: Bench) -> None:
    hub.read_products(*(product(f"S{n}", title=f"Title {n}") for n in range(5)))
    with hub.database.reading() as tx:
        first = views.inventory(tx, limit=3)
        rest = views.inventory(tx, limit=3, after=first.next)
        assert [each.sku for each in first.items + rest.items] == [f"S{n}" for n in range(5)]
        assert rest.next == ""
        assert [each.sku for each in views.inventory(tx, search="title 3").items] == ["S3"]


def test_an_unknown_sku_has_no_explanation(hub: Bench) -> None:
    with hub.database.reading() as tx:
        assert views.explain_sku(tx, "nothing", hub.rules.__getitem__) is None
        assert views.ledger(tx, "nothing") == []


def test_each_step_of_a_channels_own_share_is_told(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = Rules(inventory_percentage=50, inventory_buffer=3, out_of_stock_below=6)

    found = number(hub)

    assert found.offered == hub.offered("A") == 0
    assert found.steps == [
        "14 on hand − 0 committed − 0 unavailable = 14 available",
        "50 % of 14, rounded down = 7",
        "− 3 buffer = 4",
        "Fewer than 6, the out-of-stock threshold, so none are offered",
        "0 offered",
    ]


def test_a_specific_location_leaves_the_others_out_and_says_so(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = Rules(inventory_location="Outlet")

    assert number(hub).steps == [
        "Place 1: 10 available, not counted: “Push inventory from a specific location only” is Outlet",
        "4 on hand − 0 committed − 0 unavailable = 4 available",
        "4 offered",
    ]


def test_a_specific_location_that_nobody_knows_is_waited_for(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = Rules(inventory_location="Nowhere")

    found = number(hub)

    assert found.offered is None
    assert "'Nowhere'" in found.reason


def test_a_switched_off_item_is_shown_so_unless_switches_have_no_effect(hub: Bench) -> None:
    hub.open_shop(A=5)
    with hub.step(SHOP) as (tx, task):
        channel_options.set_synced(tx, task, "A", is_synced=False)

    found = number(hub)
    hub.rules[SHOP] = Rules(switches_items=False)

    assert (found.offered, found.reason) == (
        None,
        "Switched off for this channel, whose number is left alone",
    )
    assert number(hub).offered == 5


def test_the_preview_is_what_the_explanation_says(hub: Bench) -> None:
    hub.open_shop(A=5, B=2)
    hub.rules[SHOP] = Rules(inventory_skus=frozenset({"A"}))
    settle(hub, "A", ("1", 4))

    with hub.database.reading() as tx:
        on = offering.channel(tx, SHOP, hub.rules[SHOP])
        rows = {row.sku: row for row in views.preview(tx, on).items}

    assert (rows["A"].offered, rows["A"].confirmed, rows["A"].is_different) == (5, 4, True)
    assert rows["A"].offered == number(hub).offered
    assert (rows["B"].offered, rows["B"].is_different) == (None, False)
    assert "specific SKUs" in rows["B"].reason
