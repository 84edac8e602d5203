"""The connector against a simulated store that was written from the same documents by somebody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.bigcommerce.order_bench import line, order
from connectors.bigcommerce.simulated import Shop, open_shop
from connectors.bigcommerce.test_order_money import added_up
from crossdock.connectors.bigcommerce.webhooks import key_of
from crossdock.connectors.errors import (
    CredentialsError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from crossdock.domain.channel import ChannelId, ChannelOrder, ChannelSku, ChannelVariant, StockAdjustment
from crossdock.domain.order import OrderStatus
from crossdock_simulators.kit import Fault


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop(30) as opened:
        yield opened


def variants(shop: Shop) -> list[ChannelVariant]:
    pages = shop.hub().pull_products(None)
    return [variant for page in pages for product in page.records for variant in product.variants]


def orders(shop: Shop, **settings: Any) -> list[ChannelOrder]:
    return [record for page in shop.hub(**settings).pull_orders(None) for record in page.records]


def some_sku(shop: Shop, *, tracking: str, with_options: bool | None = None) -> str:
    """A SKU whose stock is counted this way and that nobody else shares."""
    for product in shop.simulator.store.products.values():
        if product.tracking == tracking and (with_options is None or bool(product.options) is with_options):
            variant = shop.simulator.store.variants[product.variants[0]]
            return variant.sku if product.options else product.sku
    raise AssertionError("the merchant sells nothing of this kind")


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_a_check_knows_the_store_and_finds_no_access_missing(shop: Shop) -> None:
    account = shop.hub().check()

    assert (account.channel_id, account.currency, account.missing_access) == ("abc123", "USD", ())
    assert (account.facts["weight_unit"], account.facts["stock_behavior"]) == ("oz", "order_placed")


def test_a_check_names_what_a_weaker_account_lacks(shop: Shop) -> None:
    account = shop.simulator.account
    account.scopes -= {"store_v2_orders", "store_locations"}

    missing = shop.hub().check().missing_access

    assert [text.partition(":")[0] for text in missing] == ["orders", "locations"]


def test_a_wrong_token_is_told_from_everything_else(shop: Shop) -> None:
    shop.simulator.account.revoked = True

    with pytest.raises(CredentialsError):
        shop.hub().check()


def test_the_whole_catalog_comes_in_with_names_units_and_images(shop: Shop) -> None:
    pages = list(shop.hub().pull_products(None))

    products = [record for page in pages for record in page.records]
    store = shop.simulator.store
    assert {product.channel_id for product in products} == {str(number) for number in store.products}
    skus = {variant.channel_sku for product in products for variant in product.variants}
    assert skus == {row["sku"] for row in shop.act("state")["variants"]}
    assert all(product.brand and product.categories and product.images for product in products)
    assert all(variant.prices and variant.weight for product in products for variant in product.variants)
    assert (pages[-1].completes_sweep, [page.unreadable for page in pages]) == (True, [()] * len(pages))


def test_after_a_sweep_only_changes_are_read_and_quiet_costs_one_request(shop: Shop) -> None:
    memory, hub = None, shop.hub()
    cursor = list(hub.pull_products(None))[-1].cursor
    product_id = next(iter(shop.simulator.store.products))
    shop.act(f"products/{product_id}", name="Renamed by the merchant")
    before = shop.simulator.journal.last_number

    pages = list(shop.hub(memory=memory).pull_products(cursor))

    assert "Renamed by the merchant" in [record.title for page in pages for record in page.records]
    # The sweep is minutes young, so the overlap covers every product: names are all the extra it may cost.
    assert shop.simulator.journal.count("GET", r"/catalog/products", since=before) == 1


def test_stock_is_linked_to_the_variants_of_the_catalog_unless_it_is_shared(shop: Shop) -> None:
    known = {variant.channel_id: variant for variant in variants(shop)}

    levels = [level for page in shop.hub().pull_inventory(None) for level in page.records]

    truth = shop.stock()
    assert {level.location_id for level in levels} == {str(n) for n in shop.simulator.store.locations}
    for level in levels:
        assert level.on_hand == truth[(level.channel_sku, int(level.location_id))]
        if not level.variant_id.startswith("product:"):
            assert known[level.variant_id].channel_sku == level.channel_sku
    assert len(levels) == len(truth)


def test_stock_of_chosen_variants_is_what_the_full_scan_says(shop: Shop) -> None:
    hub = shop.hub()
    scanned = {level for page in hub.pull_inventory(None) for level in page.records}
    chosen = sorted({(level.variant_id, level.channel_sku) for level in scanned})[::3]

    read = {level for page in hub.read_stock(chosen) for level in page.records}

    assert read == {level for level in scanned if (level.variant_id, level.channel_sku) in chosen}


def test_the_stores_locations_come_in(shop: Shop) -> None:
    (page,) = shop.hub().pull_locations(None)

    assert [place.channel_id for place in page.records if place.is_default] == ["1"]
    assert len(page.records) == len(shop.simulator.store.locations)


def test_an_order_with_discount_coupon_tax_and_shipping_adds_up(shop: Shop) -> None:
    first, second = (variant.channel_sku for variant in variants(shop)[:2])
    lines = [{"sku": first, "quantity": 3}, {"sku": second, "quantity": 1}]
    placed = shop.act(
        "orders",
        lines=lines,
        oversell=True,
        coupon="4.05",
        discount="1.10",
        tax_rate="0.0825",
        shipping="4.99",
    )

    (read,) = orders(shop)

    assert read.channel_id == str(placed["id"])
    assert added_up(read.totals) == read.totals.total.amount == Decimal(placed["total_inc_tax"])
    by_line = sum(
        one.unit_price.amount * one.quantity - one.seller_discount.amount - one.platform_discount.amount
        for one in read.lines
    )
    assert by_line == read.totals.subtotal.amount
    discounts = sum(one.seller_discount.amount for one in read.lines) + read.totals.order_discount.amount
    assert discounts == Decimal("5.15")
    assert (read.totals.tax.amount > 0, read.totals.fees.amount) == (True, 0)
    assert read.status is OrderStatus.READY_FOR_FULFILLMENT
    assert [one.channel_sku for one in read.lines] == [first, second]


def test_a_cancellation_is_read_by_the_next_pull(shop: Shop) -> None:
    sku = variants(shop)[0].channel_sku
    placed = shop.act("orders", sku=sku, quantity=1, oversell=True)
    hub = shop.hub()
    cursor = list(hub.pull_orders(None))[-1].cursor
    shop.act(f"orders/{placed['id']}/cancel", reason="x")

    newest = [record for page in hub.pull_orders(cursor) for record in page.records][-1]

    assert (newest.channel_id, newest.status) == (str(placed["id"]), OrderStatus.CANCELED)
    assert newest.lines[0].quantity_canceled == 1


def test_an_order_of_more_lines_than_a_list_shows_comes_in_whole(shop: Shop) -> None:
    skus = [variant.channel_sku for variant in variants(shop)][:60]
    assert len(skus) == 60
    shop.act("orders", lines=[{"sku": sku, "quantity": 1} for sku in skus], oversell=True)

    (read,) = orders(shop)

    assert [one.channel_sku for one in read.lines] == skus
    assert added_up(read.totals) == read.totals.total.amount


def test_orders_that_move_while_we_page_are_all_read(shop: Shop) -> None:
    sku = variants(shop)[0].channel_sku
    placed = {str(shop.act("orders", sku=sku, quantity=1, oversell=True)["id"]) for _ in range(70)}
    shop.simulator.faults.add(Fault(kind="shift_page", path="/v2/orders", times=None))

    assert {one.channel_id for one in orders(shop)} == placed


@pytest.mark.parametrize(("tracking", "with_options"), [("variant", True), ("product", False)])
def test_a_sale_elsewhere_lowers_the_stock_that_counts_it(
    shop: Shop, tracking: str, with_options: bool
) -> None:
    sku = some_sku(shop, tracking=tracking, with_options=with_options)
    variant_id = next(variant.channel_id for variant in variants(shop) if variant.channel_sku == sku)
    shop.act("stock", sku=sku, location_id=1, quantity=9)

    transaction = shop.hub().report_sales([StockAdjustment(variant_id, ChannelSku(sku), ChannelId("1"), -4)])

    assert transaction
    until(lambda: shop.stock()[(sku, 1)] == 5)


def test_a_report_that_would_sell_more_than_there_is_changes_nothing(shop: Shop) -> None:
    sku = some_sku(shop, tracking="variant")
    variant_id = next(variant.channel_id for variant in variants(shop) if variant.channel_sku == sku)
    shop.act("stock", sku=sku, location_id=1, quantity=2)

    with pytest.raises(RefusedError) as caught:
        shop.hub().report_sales([StockAdjustment(variant_id, ChannelSku(sku), ChannelId("1"), -3)])

    assert caught.value.code == "422"
    assert shop.stock()[(sku, 1)] == 2


@pytest.mark.parametrize("kind", ["error_after", "reset_after", "truncate", "not_json"])
def test_an_answer_that_is_lost_after_the_effect_is_unclear_and_not_repeated(shop: Shop, kind: Any) -> None:
    sku = some_sku(shop, tracking="variant")
    variant_id = next(variant.channel_id for variant in variants(shop) if variant.channel_sku == sku)
    shop.act("stock", sku=sku, location_id=1, quantity=9)
    shop.simulator.faults.add(Fault(kind=kind, method="POST", path="adjustments/relative"))

    with pytest.raises(UnavailableError) as caught:
        shop.hub().report_sales([StockAdjustment(variant_id, ChannelSku(sku), ChannelId("1"), -4)])

    assert caught.value.is_unclear
    assert shop.simulator.journal.count("POST", "adjustments/relative") == 1
    until(lambda: shop.stock()[(sku, 1)] == 5)


@pytest.mark.parametrize(
    ("kind", "has_time"), [("too_many_requests", True), ("too_many_requests_bare", False)]
)
def test_a_store_that_is_too_busy_is_heard(shop: Shop, kind: Any, has_time: bool) -> None:
    shop.simulator.faults.add(Fault(kind=kind))

    with pytest.raises(RateLimitedError) as caught:
        list(shop.hub().pull_orders(None))

    assert (caught.value.retry_after is not None) is has_time


def test_an_order_created_in_the_store_is_found_again_with_its_total(shop: Shop) -> None:
    bought = variants(shop)[0]
    sku = bought.channel_sku
    store = shop.simulator.store
    owner = store.variants[int(bought.channel_id)].product_id
    if store.products[owner].tracking != "none":
        shop.act("stock", sku=sku, location_id=1, quantity=50)
    original = order(line("1"), line("2"))
    hub = shop.hub(inventory="pull", sales_report="order")

    assert hub.find_order(original.channel_id) is None
    created = hub.create_order(original, {ChannelId("1"): (ChannelId(str(owner)), bought.channel_id)})

    assert hub.find_order(original.channel_id) == created
    assert created.total == original.totals.total
    (read,) = orders(shop)
    assert (read.channel_id, read.external_source) == (created.channel_id, "crossdock")
    assert read.external_reference == original.channel_id
    assert read.totals.total.amount == original.totals.total.amount
    assert added_up(read.totals) == read.totals.total.amount
    assert [one.channel_sku for one in read.lines] == [sku, "SKU-2"]
    assert read.shipping_address is not None
    assert read.shipping_address.state == "Texas"


def test_an_order_whose_creation_was_unclear_is_found_and_not_made_twice(shop: Shop) -> None:
    hub = shop.hub()
    shop.simulator.faults.add(Fault(kind="reset_after", method="POST", path="/v2/orders"))

    with pytest.raises(UnavailableError):
        hub.create_order(order(), {})

    assert hub.find_order(order().channel_id) is not None
    assert len(shop.act("state")["orders"]) == 1


def test_an_order_of_what_is_sold_out_is_refused_and_names_it(shop: Shop) -> None:
    sku = some_sku(shop, tracking="variant")
    bought = next(variant for variant in variants(shop) if variant.channel_sku == sku)
    shop.act("stock", sku=sku, location_id=1, quantity=0)
    owner = str(shop.simulator.store.variants[int(bought.channel_id)].product_id)

    with pytest.raises(RefusedError, match=sku):
        shop.hub().create_order(order(line("1")), {ChannelId("1"): (ChannelId(owner), bought.channel_id)})

    assert shop.act("state")["orders"] == []


def test_an_order_with_a_withheld_address_is_accepted(shop: Shop) -> None:
    bare = replace(order(), shipping_address=None)

    assert shop.hub().create_order(bare, {})


def test_webhooks_are_subscribed_once_and_woken_up(shop: Shop) -> None:
    hub = shop.hub(orders=True, products="pull", inventory="pull", locations=True)
    address = "http://127.0.0.1:9/webhooks/my-store"

    created = hub.ensure_webhooks(address)
    hooks = shop.simulator.store.hooks
    next(iter(hooks.values())).is_active = False

    assert len(created) == len(hooks)
    assert len(hub.ensure_webhooks(address)) == 1
    assert hub.ensure_webhooks(address) == []
    assert all(hook.is_active for hook in hooks.values())
    secret = shop.simulator.credentials["client_secret"]
    assert all(hook.headers == {"X-Hub-Key": key_of(secret)} for hook in hooks.values())
