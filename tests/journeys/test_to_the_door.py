"""From order to door: cards choose the location, its warehouse ships, and the platforms show what has left."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from crossdock.store import tables
from crossdock_simulators.tiktok_shop.logistics import PROVIDERS
from journeys.test_catalog import COMPLETE
from journeys.test_hub_stock import ANNEX, MAIN, count, default_stock, on_shelf, simple_skus
from journeys.test_hub_stock import both as offered_by_both
from journeys.test_location_preferences import PREFERENCES, sell_from_second
from journeys.test_stock import assert_ledger_adds_up, both, live, stock_at_tiktok, tracked_skus
from support.delivering import ANYWHERE, MANUAL, WMS, Dispatch, dispatch
from support.merchant import NUMBER
from support.sftp_server import SftpServer, sftp_server
from support.world import SHOP, STORE, World

TWO = "1Z999AA10123456785"
FILES = "files"


def test_s104_a_tiktok_order_goes_over_a_manual_warehouse_and_its_tracking_comes_back(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dispatch(any_world, monkeypatch)
    here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
    number = here.sell(3)
    assert here.requests(number) == [(MAIN, "sent", 3)]
    assert here.pick_list() == {here.sku: 3}
    assert here.status(number) == "Sent To Fulfillment"

    here.ship(f"{number}-1")
    here.sync()

    assert (here.on_shop(number), here.status_on_shop(number)) == ([(NUMBER, 3)], "AWAITING_COLLECTION")
    assert provider_on_shop(any_world, number) == "UPS"
    assert here.status(number) == "Fulfilled"
    assert here.requests(number) == [(MAIN, "shipped", 0)]
    assert here.pick_list() == {}
    assert offered_by_both(any_world, here.sku) == (22, 22)
    assert on_shelf(any_world, here.sku) == (22, 0)
    assert_ledger_adds_up(any_world)
    here.assert_idle()


def provider_on_shop(made: World, number: str) -> str:
    """The shipping provider of the one package of an order."""
    [package] = [each for each in made.shop.shop.tables.packages.values() if number in each.order_ids]
    return next(each.name for each in PROVIDERS if each.id == package.provider_id)


def test_s110_a_store_order_that_a_3pl_ships_in_two_parts_by_file_is_partially_shipped_and_then_shipped(
    small_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = dispatch(small_world, monkeypatch)
    with sftp_server(tmp_path / "3pl") as server:
        link_files(here, server)
        first, second = simple_skus(small_world, 2)
        number = sell_in_store(here, {first: 3, second: 1})
        [order] = orders_out(server)
        assert [(row["operation"], row["sku"], row["quantity"]) for row in order] == [
            ("create", first, "3"),
            ("create", second, "1"),
        ]
        request = order[0]["number"]

        put(server, "one.csv", [(request, first, 2, NUMBER)])
        here.sync()
        assert here.order_in_store(number).status_id == 3
        assert units_in_store(here, number) == {NUMBER: {first: 2}}
        assert shipped(here, number) == {first: (3, 2), second: (1, 0)}
        assert here.status(number) == "Partially Fulfilled"
        assert here.requests(number) == [(MAIN, "sent", 2)]

        put(server, "two.csv", [(request, first, 1, TWO), (request, second, 1, TWO)])
        here.sync()
        assert here.order_in_store(number).status_id == 2
        assert units_in_store(here, number) == {NUMBER: {first: 2}, TWO: {first: 1, second: 1}}
        assert shipped(here, number) == {first: (3, 3), second: (1, 1)}
        assert here.status(number) == "Fulfilled"
        assert here.requests(number) == [(MAIN, "shipped", 0)]

        assert [offered_by_both(small_world, sku) for sku in (first, second)] == [(22, 22), (24, 24)]
        assert [on_shelf(small_world, sku) for sku in (first, second)] == [(22, 0), (24, 0)]
        assert_ledger_adds_up(small_world)
        here.assert_idle()
        assert len(orders_out(server)) == 1


def link_files(here: Dispatch, server: SftpServer, **settings: Any) -> None:
    """A 3PL behind an SFTP server, which ships from the main warehouse."""
    on = {"orders": True, "fulfillments": True, "quiet_seconds": 0} | settings
    part = {"name": FILES, "connector": "flat_files", "credentials": server.credentials(), "settings": on}
    here.link(part, links={MAIN: FILES}, routing=ANYWHERE)
    assert here.ask.told("connect", FILES)["status"] == "Connected"


def sell_in_store(here: Dispatch, units: dict[str, int]) -> str:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    number = str(here.world.act(f"{here.world.store_address}/_sim/orders", {"lines": lines})["id"])
    here.sync()
    return number


def orders_out(server: SftpServer) -> list[list[dict[str, str]]]:
    """The rows of each file that the 3PL finds in its folder."""
    files = sorted((server.root / "outgoing").iterdir())
    return [list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())) for file in files]


def put(server: SftpServer, name: str, rows: Iterable[tuple[str, str, int, str]]) -> None:
    """The 3PL says what has left: request, SKU, units and tracking number."""
    told = "".join(f"{number},{sku},{units},UPS,{tracking}\n" for number, sku, units, tracking in rows)
    text = "number,sku,quantity,carrier,tracking_number\n" + told
    (server.root / "fulfillments" / name).write_text(text)


def units_in_store(here: Dispatch, number: str) -> dict[str, dict[str, int]]:
    """Units by SKU of each shipment that the store has of an order."""
    order = here.order_in_store(number)
    skus = {line.id: line.sku for line in order.lines}
    return {
        one.fields["tracking_number"]: {skus[row["order_product_id"]]: row["quantity"] for row in one.items}
        for one in order.shipments
    }


def shipped(here: Dispatch, number: str) -> dict[str, tuple[int, int]]:
    """Units ordered and shipped by SKU, as the hub shows them."""
    lines = here.shown(number)["lines"]
    return {line["sku"]: (line["quantity"], line["quantity_shipped"]) for line in lines}


def test_an_order_that_no_location_can_ship_alone_is_shipped_by_two(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, made = dispatch(small_world, monkeypatch), small_world
    other: dict[str, Any] = {"name": "annex-team", "connector": "manual_warehouse"}
    card = {"name": "Together", "destinations": [MAIN, ANNEX], "allow_split": True}
    here.link(MANUAL, other, links={MAIN: WMS, ANNEX: "annex-team"}, routing=[card])
    count(made, here.sku, 3, MAIN)
    here.sync()
    assert offered_by_both(made, here.sku) == (8, 8)

    number = here.sell(6)
    assert here.requests(number) == [(MAIN, "sent", 3), (ANNEX, "sent", 3)]
    assert (here.pick_list(), here.pick_list("annex-team")) == ({here.sku: 3}, {here.sku: 3})

    here.ship(f"{number}-2", tracking=TWO)
    here.sync()
    assert (here.status(number), here.status_on_shop(number)) == ("Partially Fulfilled", "PARTIALLY_SHIPPING")
    assert by_location(made, here.sku) == {MAIN: (3, 3), ANNEX: (2, 0)}

    here.ship(f"{number}-1")
    here.sync()
    assert sorted(here.on_shop(number)) == [(NUMBER, 3), (TWO, 3)]
    assert (here.status(number), here.status_on_shop(number)) == ("Fulfilled", "AWAITING_COLLECTION")
    assert by_location(made, here.sku) == {MAIN: (0, 0), ANNEX: (2, 0)}
    assert offered_by_both(made, here.sku) == (2, 2)
    assert_ledger_adds_up(made)
    here.assert_idle()


def by_location(made: World, sku: str) -> dict[str, tuple[int, int]]:
    """On hand and committed at each location of the hub."""
    [variant] = made.rows(tables.variant, tables.variant.c.sku == sku)
    names = {row.id: row.name for row in made.rows(tables.location)}
    levels = made.rows(tables.level, tables.level.c.variant_id == variant.id)
    return {names[row.location_id]: (row.on_hand, row.committed) for row in levels}


def test_s64_what_leaves_tiktoks_warehouse_comes_in_fulfilled_and_asks_no_location(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, made = dispatch(small_world, monkeypatch), small_world
    here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
    stock_at_tiktok(made, here.sku)

    number = here.sell(2, fulfillment_type="FULFILLMENT_BY_TIKTOK")

    assert (here.status(number), here.requests(number), here.pick_list()) == ("Fulfilled", [], {})
    assert default_stock(made)[here.sku] == 25
    assert on_shelf(made, here.sku) == (25, 0)
    assert here.cases() == []
    here.assert_idle()


def test_s65_what_leaves_with_tiktoks_label_comes_in_fulfilled_and_lowers_stock_once(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store owns stock, and its location could be asked: the card takes an order of the same SKU right after."""
    made = live(small_world, shop=COMPLETE | {"push_fulfillments": True})
    here = Dispatch(made, monkeypatch, sku=tracked_skus(made)[0])
    place = {"location": default_location(made), "integration": STORE, "linked_to": WMS}
    card = {"name": "Everything", "destinations": [default_location(made)]}
    here.apply(integrations=[MANUAL], locations=[place], routing=[card])
    before = both(made, here.sku)

    by_label = here.sell(2, shipping_type="TIKTOK")

    assert (here.status(by_label), here.requests(by_label), here.pick_list()) == ("Fulfilled", [], {})
    assert both(made, here.sku) == (before[0] - 2, before[1] - 2)

    by_seller = here.sell(1)
    assert [state for _, state, _ in here.requests(by_seller)] == ["sent"]
    here.ship(f"{by_seller}-1")
    here.sync()
    assert here.status(by_seller) == "Fulfilled"
    assert both(made, here.sku) == (before[0] - 3, before[1] - 3)

    rest = default_stock(made)[here.sku]
    last = here.sell_in_store(rest)
    assert here.requests(last) == [(default_location(made), "sent", rest)]
    assert both(made, here.sku) == (before[0] - 3 - rest, before[1] - 3 - rest)
    assert_ledger_adds_up(made)
    here.assert_idle()


def default_location(made: World) -> str:
    return str(made.store.store.locations[1].fields["label"])


def test_s63_with_location_preferences_orders_are_routed_to_the_right_location_without_a_card(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, made = dispatch(small_world, monkeypatch), small_world
    here.link(MANUAL, links={MAIN: WMS, ANNEX: WMS})
    here.ask.set(SHOP, {PREFERENCES: {"Main": MAIN, "Second": ANNEX}})

    second = str(sell_from_second(made, here.sku, 2)["id"])
    main = here.sell(3)

    assert here.requests(second) == [(ANNEX, "sent", 2)]
    assert here.requests(main) == [(MAIN, "sent", 3)]
    assert here.cases() == []

    for number, tracking in ((second, TWO), (main, NUMBER)):
        here.ship(f"{number}-1", tracking=tracking)
    here.sync()
    assert (here.on_shop(second), here.on_shop(main)) == ([(TWO, 2)], [(NUMBER, 3)])
    assert by_location(made, here.sku) == {MAIN: (17, 0), ANNEX: (3, 0)}
    assert_ledger_adds_up(made)
    here.assert_idle()
