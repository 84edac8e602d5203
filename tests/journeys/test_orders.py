"""Orders of both platforms come into the hub: whole, once, to the cent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.channel import ChannelOrderLine, OrderTotals
from crossdock.domain.money import Money, total
from crossdock.domain.sync import Direction, Entity
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.sync import lease as leases
from crossdock_simulators.kit import Fault
from crossdock_simulators.tiktok_shop.seed import load_listings
from journeys.test_catalog import COMPLETE, listing, ready
from journeys.test_stock import both, live, tracked_skus
from support.asking import Asking
from support.world import SHOP, STORE, World, world


@pytest.fixture
def live_world(small_world: World) -> World:
    return live(small_world)


def orders(made: World, integration: str = "") -> list[Any]:
    return [row for row in made.rows(tables.order) if not integration or row.integration == integration]


def lines(made: World, order: str) -> list[Any]:
    return made.rows(tables.order_line, tables.order_line.c.order_id == order)


def snapshot(made: World) -> dict[str, list[Any]]:
    """Everything that reading the same twice must leave as it is."""
    kept = (tables.order, tables.order_line, tables.movement, tables.sale_report, tables.level, tables.event)
    found = {table.name: sorted(map(repr, made.rows(table))) for table in kept if table is not tables.level}
    return found | {
        "level": sorted(
            (r.variant_id, r.location_id, r.on_hand, r.committed) for r in made.rows(tables.level)
        )
    }


def test_s3_bigcommerce_orders_are_pulled_when_the_pull_is_on(any_world: World) -> None:
    made = live(any_world)
    [sku] = tracked_skus(made)
    placed = made.sell_in_store(sku, 2)

    made.sync()

    [row] = orders(made, STORE)
    assert row.channel_id == str(placed["id"])
    assert row.status == "Ready For Fulfillment"
    assert [(line.channel_sku, line.quantity) for line in lines(made, row.id)] == [(sku, 2)]


def test_s102_tiktok_shop_orders_are_pulled(any_world: World) -> None:
    made = live(any_world)
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 3)

    made.sync()

    [row] = orders(made, SHOP)
    assert row.channel_id == placed["id"]
    assert row.status == "Ready For Fulfillment"
    assert sum(line.quantity for line in lines(made, row.id)) == 3


def test_an_order_in_the_buyers_hour_comes_in_on_hold_and_is_released_later(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    live_world.sell(sku, 1, on_hold=True)
    live_world.sync()
    [held] = orders(live_world, SHOP)
    assert held.status == "On Hold"

    live_world.act(f"{live_world.shop_address}/_sim/clock", {"advance_seconds": 3700})
    live_world.sync()

    [released] = orders(live_world, SHOP)
    assert released.status == "Ready For Fulfillment"


def test_s10_a_flow_that_is_off_reads_and_writes_nothing(tmp_path: Path) -> None:
    off = {"products": "disabled", "orders": False, "inventory": "disabled", "locations": False}
    with world(tmp_path, products=4) as made:
        made.connect(store=off, shop={**off, "inventory": False})
        store, shop = made.store.journal.last_number, made.shop.journal.last_number

        made.sync()

        assert made.store.journal.last_number == store
        assert made.shop.journal.last_number == shop


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("orders", "/v2/orders"),
        ("locations", "/v3/inventory/locations"),
    ],
)
def test_s10_each_flow_of_the_store_is_off_by_itself(tmp_path: Path, setting: str, path: str) -> None:
    with world(tmp_path, products=4) as made:
        made.connect(store={setting: False}, shop=COMPLETE)
        since = made.store.journal.last_number

        made.sync()

        paths = [entry.path for entry in made.store.journal.entries(since) if entry.path.endswith(path)]
        assert paths == []


def test_s10_of_a_catalog_that_is_disabled_only_what_matching_needs_is_read(tmp_path: Path) -> None:
    """Its SKUs and ids: without them neither stock nor orders would find their variants."""
    with world(tmp_path, products=4) as made:
        made.connect(store={"products": "disabled"}, shop=COMPLETE | {"products": "disabled"})
        since = made.store.journal.last_number

        made.sync()

        read = [entry for entry in made.store.journal.entries(since) if "/v3/catalog/" in entry.path]
        assert read
        asked = {parse_qs(entry.query).get("include_fields", ["everything"])[0] for entry in read}
        assert not any(word in fields for fields in asked for word in ("everything", "price", "description"))
        assert made.writes() == (0, 0)


def test_s9_locations_are_pulled_only_when_the_pull_is_on(tmp_path: Path) -> None:
    with world(tmp_path, products=2) as made:
        made.connect(store={"locations": False, "inventory": "disabled"})
        made.sync()
        assert not made.rows(tables.location, tables.location.c.integration == STORE)

        made.hub.apply(made.spec(store={"locations": True, "inventory": "disabled"}))
        made.sync()

        assert made.rows(tables.location, tables.location.c.integration == STORE)


def test_s52_turning_on_the_location_pull_makes_bigcommerce_locations_appear(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_world
    made.connect(store={"locations": False}, shop=COMPLETE)
    made.sync()
    ask = Asking(made, monkeypatch)

    def shown() -> set[str]:
        seen = {row["name"] for row in ask.get("/locations") if row["integration"] == STORE}
        assert seen == {row["name"] for row in ask.told("locations") if row["integration"] == STORE}
        return seen

    assert shown() == set()

    ask.set(STORE, {"Pull locations from BigCommerce": True})
    made.sync()

    assert shown() == {place.fields["label"] for place in made.store.store.locations.values()}


def test_s106_the_same_reading_twice_changes_nothing(live_world: World) -> None:
    on_shop, in_store = tracked_skus(live_world, 2)
    live_world.sell(on_shop, 2)
    live_world.sell_in_store(in_store, 1)
    live_world.sync()
    live_world.sync()
    before = snapshot(live_world)

    for name in (STORE, SHOP):
        live_world.hub.resync(name, Direction.PULL, Entity.ORDERS)
    live_world.sync()

    assert snapshot(live_world) == before


def test_s108_an_unmatched_line_keeps_its_order_and_goes_on_once_the_sku_is_matched(any_world: World) -> None:
    made = live(any_world)
    load_listings(made.shop.shop, [listing("LATECOMER-1")])
    made.sell("LATECOMER-1", 2)
    made.sync()
    [case] = made.open_cases("line_unmatched")
    [order] = orders(made, SHOP)
    assert "LATECOMER-1" in case.cause
    assert [row.variant_id for row in lines(made, order.id)] == [None]

    made.create_in_store(name="Late comer", sku="LATECOMER-1", price="19.50", stock=10)
    for _ in range(2):
        made.sync()

    assert not made.open_cases("line_unmatched")
    assert both(made, "LATECOMER-1") == (8, 8)


MONEY = st.decimals(min_value=0, max_value=40, places=2)


def assert_adds_up(made: World, order: Any) -> None:
    totals: OrderTotals = unpack(OrderTotals, order.totals)
    parts: list[ChannelOrderLine] = [unpack(ChannelOrderLine, row.body) for row in lines(made, order.id)]
    zero = Money.zero(order.currency)
    in_lines = total(
        (p.unit_price * p.quantity - p.seller_discount - p.platform_discount for p in parts), order.currency
    )
    assert in_lines.amount.quantize(Decimal("0.01")) == totals.subtotal.amount.quantize(Decimal("0.01"))
    made_up = (
        totals.subtotal
        + totals.shipping
        - totals.shipping_seller_discount
        - totals.shipping_platform_discount
        + totals.tax
        + totals.fees
        - totals.order_discount
    )
    assert made_up.amount.quantize(Decimal("0.01")) == totals.total.amount.quantize(Decimal("0.01"))
    assert all(
        p.seller_discount.amount >= zero.amount and p.platform_discount.amount >= zero.amount for p in parts
    )


def test_s112_a_tiktok_order_adds_up_to_the_platforms_total_to_the_cent(live_world: World) -> None:
    first, second = tracked_skus(live_world, 2)
    for number in range(6):
        asked = [
            {"seller_sku": first, "quantity": 1 + number % 3, "seller_discount": f"0.{number}7"},
            {"seller_sku": second, "quantity": 1, "platform_discount": f"1.{number}3"},
        ]
        live_world.act(
            f"{live_world.shop_address}/_sim/orders",
            {
                "lines": asked if number % 2 else asked[:1],
                "tax_rate": "0.0825",
                "shipping_fee": "5.99",
                "shipping_fee_seller_discount": f"0.{number}1",
                "shipping_fee_platform_discount": "1.50",
                "on_hold": False,
            },
        )

    live_world.sync()

    placed = live_world.shop.shop.tables.orders
    assert len(orders(live_world, SHOP)) == 6
    for row in orders(live_world, SHOP):
        assert_adds_up(live_world, row)
    assert len(placed) == 6


def test_s112_a_bigcommerce_order_adds_up_to_the_platforms_total_to_the_cent(live_world: World) -> None:
    first, second = tracked_skus(live_world, 2)
    for number in range(6):
        asked = [{"sku": first, "quantity": 1 + number % 3}, {"sku": second, "quantity": 2}]
        live_world.act(
            f"{live_world.store_address}/_sim/orders",
            {
                "lines": asked if number % 2 else asked[:1],
                "tax_rate": "0.0825",
                "shipping": "7.49",
                **({"discount": f"1.{number}1"} if number % 3 else {}),
            },
        )

    live_world.sync()

    assert len(orders(live_world, STORE)) == 6
    for row in orders(live_world, STORE):
        assert_adds_up(live_world, row)


@given(st.lists(MONEY, min_size=1, max_size=5))
def test_money_never_loses_a_cent(amounts: list[Decimal]) -> None:
    assert total((Money(a, "USD") for a in amounts), "USD").amount == sum(amounts)


def test_s109_a_restart_between_any_two_pages_loses_nothing_and_repeats_no_write(tmp_path: Path) -> None:
    """The hub is opened anew after every single run, as after a crash between two transactions."""
    with world(tmp_path) as made:
        made.connect(shop=COMPLETE)
        for _ in range(4):
            for flow in made.hub.flows():
                leases.want(made.database, flow)
                made.run(flow)
                made.reopen()
            made.approve_all()
        skus = [product.content.skus for product in made.shop.shop.tables.products.values()]
        names = [sku.seller_sku for some in skus for sku in some]
        assert sorted(names) == sorted(row.sku for row in made.rows(tables.variant))
        assert made.shop.shop.tables.writes["POST /product/202309/products"] == len(made.rows(tables.product))


@pytest.mark.parametrize("kind", ["reset_after", "error_after", "not_json", "truncate"])
def test_s109_a_product_whose_creation_got_no_answer_is_found_and_never_created_twice(
    small_world: World, kind: Any
) -> None:
    made = ready(small_world)
    made.shop.faults.add(Fault(kind, method="POST", path=r"/product/202309/products$"))

    for _ in range(3):
        made.retry()

    names = [sku.seller_sku for p in made.shop.shop.tables.products.values() for sku in p.content.skus]
    assert sorted(names) == sorted(row.sku for row in made.rows(tables.variant))


def test_s25_secrets_are_never_shown_again(live_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    secrets = [
        live_world.store.credentials["access_token"],
        live_world.store.credentials["client_secret"],
        live_world.shop.credentials["app_secret"],
        live_world.hub.connector(SHOP).toolbox.vault.tokens()["access_token"],
        live_world.hub.connector(SHOP).toolbox.vault.tokens()["refresh_token"],
    ]
    live_world.store.faults.add(Fault("error", times=None))
    live_world.shop.faults.add(Fault("not_json", times=None))
    live_world.retry()

    shown = [repr(live_world.hub.connector(name).toolbox.credentials.shown()) for name in (STORE, SHOP)]
    shown += [repr(live_world.hub.connector(name).toolbox.credentials) for name in (STORE, SHOP)]
    stored = [repr(row) for table in tables.metadata.sorted_tables for row in live_world.rows(table)]
    output = capsys.readouterr()
    text = "\n".join([*shown, *stored, output.out, output.err])
    assert all(len(secret) > 12 for secret in secrets)
    assert [secret for secret in secrets if secret in text] == []
