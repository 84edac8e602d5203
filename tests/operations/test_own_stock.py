"""Stock that people set: locations of the hub's own, counts, locks, files, and what orders take of it."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import Address
from crossdock.operations.stock import locations, observing, own_locations, sales, stock_file
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.stock.sales import IntentKind
from crossdock.operations.stock.stock_file import FileError, Imported
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from operations.own_bench import ANNEX, MAIN, add, change, decide, moves
from support.make import SHOP, STORE, Bench, line, listing, location, order, product, stock, variant

# Locations


def test_the_first_location_of_the_hub_is_the_default_until_another_is_made_it(own: Bench) -> None:
    def defaults() -> list[str]:
        return [
            row.name
            for row in own.rows(tables.location, tables.location.c.integration == HUB)
            if row.is_default
        ]

    assert defaults() == [MAIN]
    add(own, OwnLocation("Third", is_default=True, address=Address(city="Newark")))
    assert defaults() == ["Third"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [(OwnLocation(MAIN), "name"), (OwnLocation("M"), "name"), (OwnLocation("X", "M"), "code")],
)
def test_a_name_or_code_means_one_location_of_the_hub(own: Bench, wanted: OwnLocation, field: str) -> None:
    with pytest.raises(SettingsError) as raised:
        add(own, wanted)

    assert raised.value.field == field


def test_a_location_that_is_out_of_use_stops_counting(own: Bench) -> None:
    change(own, "A", on_hand=5)
    change(own, "A", ANNEX, on_hand=2)
    (row,) = own.rows(tables.location, tables.location.c.name == MAIN)

    with own.step(HUB) as (tx, task):
        own_locations.change(tx, task, row.id, is_active=False, name="Old main")

    assert own.offered("A") == 2


def test_a_location_that_is_read_from_a_platform_is_not_changed_as_one_of_the_hubs(own: Bench) -> None:
    (row,) = own.rows(tables.location, tables.location.c.integration == SHOP)

    with (
        own.step(HUB) as (tx, task),
        pytest.raises(SettingsError, match="only a location of the hub"),
    ):
        own_locations.change(tx, task, row.id, name="Mine")


# Counts


def test_a_count_and_a_receipt_are_lines_of_the_ledger_with_who_and_why(own: Bench) -> None:
    change(own, "A", on_hand=5, reason="first count")
    change(own, "A", receive=3)
    change(own, "A", on_hand=8)
    change(own, "A", on_hand=6)

    assert moves(own) == [("count", 5, 0), ("receive", 3, 0), ("count", -2, 0)]
    (first, *_) = own.rows(tables.movement, by=tables.movement.c.id)
    assert first.reason == "Counted by Ann: first count"
    assert own.offered("A") == 6
    assert own.ledger_differences() == {}


def test_a_count_of_nothing_is_a_count(own: Bench) -> None:
    assert own.offers("A")["A"].waiting_for

    change(own, "A", on_hand=0)

    assert own.offers("A")["A"].quantities == (("1", 0),)


def test_what_may_be_promised_follows_the_formula(own: Bench) -> None:
    change(own, "A", on_hand=10, unavailable=1, future=4, committed_future=2, buffer=3, inbound=50)
    own.read_orders(order("1", line("A", 2)))

    assert own.offered("A") == 10 - 2 - 1 + 4 - 2 - 3


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"on_hand": -1}, "on_hand"),
        ({"buffer": -2}, "buffer"),
        ({"receive": -1}, "receive"),
        ({"on_hand": 1, "receive": 1}, "receive"),
    ],
)
def test_an_impossible_number_is_refused_by_its_field(own: Bench, wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingsError) as raised:
        change(own, "A", **wanted)

    assert raised.value.field == field
    assert moves(own) == []


def test_a_platforms_own_number_is_not_overwritten_unless_the_record_is_locked(hub: Bench) -> None:
    hub.open_shop(A=5)
    with pytest.raises(SettingsError, match="its next number would replace this one"):
        change(hub, "A", locations.location_id(STORE, "1"), on_hand=9)
    change(hub, "A", locations.location_id(STORE, "1"), on_hand=9, is_locked=True)

    assert hub.read_stock(stock("A", 5)) == 0
    assert hub.on_hand("A") == 9


def test_a_locked_record_is_changed_by_orders_and_by_no_reading_until_it_is_unlocked(hub: Bench) -> None:
    hub.open_shop(A=5)
    place = locations.location_id(STORE, "1")
    change(hub, "A", place, on_hand=9, is_locked=True)

    hub.read_orders(order("own", line("A", 2)), of=STORE)
    hub.read_orders(order("1", line("A", 3)))
    report(hub)
    hub.read_stock(stock("A", 1))

    assert (hub.on_hand("A"), hub.committed("A"), hub.offered("A")) == (4, 0, 4)
    assert hub.cases() == []
    change(hub, "A", place, is_locked=False)
    hub.read_stock(stock("A", 1))
    assert hub.on_hand("A") == 1


def report(hub: Bench) -> None:
    """The report of what is due is sent, accepted, and looked for in the owner's numbers."""
    with hub.step(STORE) as (tx, task):
        sent = sales.write_intent(tx, task, sales.due(tx, STORE, limit=10), kind=IntentKind.ADJUSTMENT)
        sales.answered(tx, task, *sent, "t-1")
        observing.observe(tx, task, orders_read_until=task.now)


def test_a_canceled_sale_comes_back_onto_a_locked_record(hub: Bench) -> None:
    hub.open_shop(A=5)
    change(hub, "A", locations.location_id(STORE, "1"), is_locked=True)
    hub.read_orders(order("1", line("A", 3)))
    report(hub)

    hub.read_orders(order("1", line("A", 3, quantity_canceled=3)))
    report(hub)

    assert (hub.on_hand("A"), hub.offered("A")) == (5, 5)


def test_goods_that_nobody_counts_cannot_be_counted(own: Bench) -> None:
    own.read_products(product(variant("Z", is_stock_tracked=False)))

    with pytest.raises(SettingsError, match="nobody counts the stock"):
        change(own, "Z", on_hand=1)


def test_stock_that_variants_share_in_the_store_is_counted_by_variant_where_the_hub_owns_it(
    own: Bench,
) -> None:
    own.read_products(product(variant("S", is_stock_shared=True)))
    own.read_listings(listing("S"))

    change(own, "S", on_hand=4)
    own.read_orders(order("1", line("S", 1)))

    assert own.offered("S") == 3


# What orders take


def test_orders_of_every_channel_commit_and_shipping_takes_them_off_the_shelf(own: Bench) -> None:
    change(own, "A", on_hand=10)
    own.read_orders(order("1", line("A", 3)))
    own.read_orders(order("2", line("A", 2)), of=STORE)
    assert (own.on_hand("A"), own.committed("A"), own.offered("A")) == (10, 5, 5)

    own.read_orders(order("2", line("A", 2, quantity_shipped=2)), of=STORE)
    own.read_orders(order("1", line("A", 3, quantity_canceled=3)))

    assert (own.on_hand("A"), own.committed("A"), own.offered("A")) == (8, 0, 8)
    assert own.reports() == []


def test_an_order_that_came_before_there_was_a_location_commits_when_there_is_one(hub: Bench) -> None:
    hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
    hub.read_locations(location(is_default=True), of=SHOP)
    hub.read_products(product("A"))
    hub.read_listings(listing("A"))
    hub.read_orders(order("1", line("A", 2)))

    add(hub, OwnLocation(MAIN))
    change(hub, "A", on_hand=5)

    assert hub.offered("A") == 3


def test_a_cancellation_after_shipping_moves_nothing(own: Bench) -> None:
    change(own, "A", on_hand=5)
    own.read_orders(order("1", line("A", 2, quantity_shipped=2)))

    own.read_orders(order("1", line("A", 2, quantity_shipped=2, quantity_canceled=2)))

    assert (own.on_hand("A"), own.committed("A")) == (3, 0)


def test_what_is_sold_from_a_location_without_limit_is_never_counted_down(own: Bench) -> None:
    change(own, "A", on_hand=1)
    decide(own, MAIN, is_unlimited=True)
    assert own.offered("A") == 999

    own.read_orders(order("1", line("A", 7)))
    own.read_orders(order("1", line("A", 7, quantity_shipped=7)))
    own.read_orders(order("1", line("A", 7, quantity_shipped=7), channel_status="DELIVERED"))

    assert (own.on_hand("A"), own.committed("A"), own.offered("A")) == (1, 0, 999)
    own.rules[SHOP] = Rules(untracked_quantity=50)
    assert own.offered("A") == 50


def test_a_line_whose_sku_changes_gives_back_what_it_took_of_the_former(own: Bench) -> None:
    change(own, "A", on_hand=5)
    change(own, "B", on_hand=5)
    own.read_orders(order("1", line("A", 2, "l-1")))

    own.read_orders(order("1", line("B", 2, "l-1")))

    assert (own.committed("A"), own.committed("B")) == (0, 2)


# Files


def take(hub: Bench, text: str, *, is_dry_run: bool = False) -> Imported:
    return stock_file.take_file(
        hub.database,
        lambda _: hub.task(HUB),
        text.splitlines(keepends=True),
        is_dry_run=is_dry_run,
    )


def test_a_file_sets_counts_and_reports_bad_rows_by_line_and_column(own: Bench) -> None:
    change(own, "B", on_hand=2)
    text = (
        "\ufeffLocation;SKU;On_hand;reason\n"
        "Main;A;5;Friday\n"
        "\n"
        "M;B;2;\n"
        "Main;nothing;1;\n"
        "Nowhere;A;1;\n"
        "Main;C;ten;\n"
        f"Main;C;{'9' * 5000};\n"
    )

    done = take(own, text)

    assert (done.changed, done.unchanged) == (1, 1)
    assert [(bad.line, bad.column, bad.value) for bad in done.bad] == [
        (5, "sku", "nothing"),
        (6, "location", "Nowhere"),
        (7, "on_hand", "ten"),
        (8, "on_hand", "9" * 5000),
    ]
    assert own.on_hand("A") == 5
    assert take(own, text).changed == 0


def test_a_dry_run_of_a_file_changes_nothing(own: Bench) -> None:
    done = take(own, "sku,location,on_hand\nA,Main,5\n", is_dry_run=True)

    assert (done.changed, moves(own)) == (1, [])


def test_a_file_leaves_locked_records_as_they_are(own: Bench) -> None:
    change(own, "A", on_hand=3, is_locked=True)

    done = take(own, "sku\tlocation\ton_hand\nA\tMain\t5\n")

    assert "locked" in done.bad[0].problem
    assert own.on_hand("A") == 3


def test_a_file_without_the_columns_is_refused_whole(own: Bench) -> None:
    with pytest.raises(FileError, match="missing: location, on_hand"):
        take(own, "sku,place\nA,Main\n")
