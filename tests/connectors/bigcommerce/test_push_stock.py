"""The hub's numbers written into a simulated store: what the store sells afterwards is what the hub offers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.bigcommerce.scripted import DictMemory
from connectors.bigcommerce.simulated import Shop, open_shop
from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.channel import ChannelId, ChannelSku, StockTarget
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear
from crossdock_simulators.bigcommerce.records import Product
from crossdock_simulators.kit import Fault
from crossdock_simulators.kit.faults import Kind

ABSOLUTE = "adjustments/absolute"
PUSHING: dict[str, Any] = {"inventory": "push"}
GONE = 999_999


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop(30) as opened:
        yield opened


def some_product(shop: Shop, *, tracking: str, with_options: bool) -> Product:
    for product in shop.simulator.store.products.values():
        if product.tracking == tracking and bool(product.options) is with_options:
            return product
    raise AssertionError("the merchant sells nothing of this kind")


def simple(shop: Shop) -> Product:
    return some_product(shop, tracking="product", with_options=False)


def with_variants(shop: Shop) -> Product:
    return some_product(shop, tracking="variant", with_options=True)


def change(product: Product, units: int, place: str = "1", *, variant: int = 0) -> Change[StockTarget]:
    number = variant or product.variants[0]
    target = StockTarget(
        ChannelId(str(product.id)),
        ChannelId(str(number)),
        ChannelSku(f"sku-{number}"),
        ((ChannelId(place), units),),
    )
    return Change(f"var-{number}-{place}", target, ChannelId(str(number)))


def push(hub: BigCommerce, *changes: Change[StockTarget]) -> list[Outcome]:
    return list(hub.push_inventory(changes))


def offered(hub: BigCommerce, *changes: Change[StockTarget]) -> dict[str, dict[str, int]]:
    """Per variant what the store would sell at each of its locations."""
    shown = hub.read_offered([one.desired for one in changes])
    return {str(variant): {str(place): n for place, n in units} for variant, units in shown}


def sellable(shop: Shop, change: Change[StockTarget], place: str = "1") -> int:
    """By a connector that remembers nothing of what was written."""
    return offered(shop.hub(**PUSHING), change)[change.desired.variant_id][place]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def calls(shop: Shop) -> int:
    return shop.simulator.journal.count("PUT", ABSOLUTE)


def test_a_number_is_written_to_whichever_record_counts_it(shop: Shop) -> None:
    one, other = change(simple(shop), 17), change(with_variants(shop), 4)
    hub = shop.hub(**PUSHING)

    outcomes = push(hub, one, other)

    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert calls(shop) == 1
    until(lambda: (sellable(shop, one), sellable(shop, other)) == (17, 4))


def test_a_number_shows_some_time_after_it_was_accepted(shop: Shop) -> None:
    shop.act("switches", inventory_delay_seconds=1.0)
    wanted = change(simple(shop), 17)
    hub = shop.hub(**PUSHING)
    before = sellable(shop, wanted)

    push(hub, wanted)

    assert sellable(shop, wanted) == before
    until(lambda: sellable(shop, wanted) == 17)
    assert sum(hub.stock_shows_after_seconds) > 1.0


def test_the_safety_stock_of_the_store_is_added_so_that_what_it_sells_is_what_was_wanted(shop: Shop) -> None:
    product = simple(shop)
    shop.simulator.store.level(("product", product.id), 1).safety = 5

    for units in (17, 0):
        wanted = change(product, units)
        push(shop.hub(**PUSHING), wanted)
        until(lambda wanted=wanted, units=units: sellable(shop, wanted) == units)
        assert shop.stock()[(product.sku, 1)] == units + 5


def test_an_item_that_was_never_counted_at_a_location_can_be_written_there(shop: Shop) -> None:
    product = simple(shop)
    places = [str(number) for number in shop.simulator.store.locations]
    wanted = change(product, 3, places[-1])
    level = shop.simulator.store.level(("product", product.id), int(places[-1]))
    level.onhand, level.initialised = 0, False

    [outcome] = push(shop.hub(**PUSHING), wanted)

    assert isinstance(outcome, Confirmed)
    until(lambda: sellable(shop, wanted, places[-1]) == 3)


def test_how_a_product_is_counted_may_change_and_is_asked_for_once_more(shop: Shop) -> None:
    product = with_variants(shop)
    memory, wanted = DictMemory(), change(product, 6)
    hub = shop.hub(memory=memory, **PUSHING)
    push(hub, wanted)
    single = simple(shop)
    push(hub, change(single, 2))
    single.own["inventory_tracking"] = "variant"
    shop.simulator.store.level(("variant", single.variants[0]), 1).initialised = True

    [outcome] = push(shop.hub(memory=memory, **PUSHING), change(single, 8))

    assert isinstance(outcome, Confirmed)
    assert calls(shop) == 4
    until(lambda: shop.simulator.store.peek(("variant", single.variants[0]), 1).onhand == 8)


def test_one_bad_item_stands_alone_and_its_neighbours_are_written(shop: Shop) -> None:
    store = shop.simulator.store
    products = [p for p in store.products.values() if p.tracking == "product" and not p.options][:4]
    wanted = [change(product, 11) for product in products]
    hub = shop.hub(**PUSHING)
    offered(hub, *wanted)
    del store.variants[products[2].variants[0]]
    del store.products[products[2].id]

    outcomes = push(hub, *wanted)

    refused = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
    assert [outcome.key for outcome in refused] == [wanted[2].key]
    assert "not found" in refused[0].reason
    assert sum(isinstance(outcome, Confirmed) for outcome in outcomes) == 3
    until(lambda: all(shop.stock()[(products[n].sku, 1)] == 11 for n in (0, 1, 3)))


@pytest.mark.parametrize(
    ("tracking", "words"), [("none", "does not count the stock"), ("product", "as a whole")]
)
def test_what_the_store_does_not_count_by_itself_is_refused_before_anything_is_sent(
    shop: Shop, tracking: str, words: str
) -> None:
    product = with_variants(shop)
    product.own["inventory_tracking"] = tracking

    [outcome] = push(shop.hub(**PUSHING), change(product, 5))

    assert isinstance(outcome, Rejected)
    assert words in outcome.reason
    assert outcome.fix
    assert calls(shop) == 0


def test_a_variant_that_is_gone_is_refused_before_anything_is_sent(shop: Shop) -> None:
    [outcome] = push(shop.hub(**PUSHING), change(with_variants(shop), 5, variant=GONE))

    assert isinstance(outcome, Rejected)
    assert "no stock record" in outcome.reason
    assert calls(shop) == 0


def test_a_disabled_location_and_one_that_is_not_there_are_refused_with_a_fix(shop: Shop) -> None:
    product = simple(shop)
    other = next(number for number in shop.simulator.store.locations if number != 1)
    shop.simulator.store.locations[other].fields["enabled"] = False

    disabled, unknown = push(shop.hub(**PUSHING), change(product, 5, str(other)), change(product, 5, "77"))

    assert isinstance(disabled, Rejected)
    assert "disabled" in disabled.reason
    assert isinstance(unknown, Rejected)
    assert "no location 77" in unknown.reason
    assert calls(shop) == 0


@pytest.mark.parametrize(("kind", "is_applied"), [("reset_before", False), ("reset_after", True)])
def test_an_answer_that_is_lost_is_unclear_and_writing_again_is_harmless(
    shop: Shop, kind: Kind, is_applied: bool
) -> None:
    wanted = change(simple(shop), 17)
    before = sellable(shop, wanted)
    hub = shop.hub(**PUSHING)
    shop.simulator.faults.add(Fault(kind=kind, method="PUT", path=ABSOLUTE))

    seen: list[Outcome] = []
    with pytest.raises(UnavailableError):
        seen.extend(hub.push_inventory([wanted]))

    assert all(isinstance(outcome, Unclear) for outcome in seen)
    until(lambda: sellable(shop, wanted) == (17 if is_applied else before))
    push(shop.hub(**PUSHING), wanted)
    until(lambda: sellable(shop, wanted) == 17)


def test_more_rows_than_a_call_takes_go_in_several_one_after_the_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossdock.connectors.bigcommerce.stock_push.ITEMS_A_CALL", 2)
    products = [
        p for p in shop.simulator.store.products.values() if p.tracking == "product" and not p.options
    ]

    outcomes = push(shop.hub(**PUSHING), *(change(product, 3) for product in products[:5]))

    assert len(outcomes) == 5
    assert calls(shop) == 3


def test_a_number_is_written_once_for_what_was_read_and_read_anew_for_the_next(shop: Shop) -> None:
    """What the store holds back may change between two writes."""
    product = simple(shop)
    hub = shop.hub(**PUSHING)
    push(hub, change(product, 4))
    until(lambda: sellable(shop, change(product, 4)) == 4)
    shop.simulator.store.level(("product", product.id), 1).safety = 2

    push(hub, change(product, 9))

    until(lambda: shop.stock()[(product.sku, 1)] == 11)


def test_what_was_looked_at_is_kept_until_the_next_look_so_that_a_whole_catalog_never_is(shop: Shop) -> None:
    first, second = change(simple(shop), 4), change(with_variants(shop), 5)
    hub = shop.hub(**PUSHING)

    offered(hub, first)
    before = looks(shop)
    push(hub, first)
    assert looks(shop) == before

    offered(hub, first)
    offered(hub, second)
    before = looks(shop)
    push(hub, second)
    assert looks(shop) == before
    push(hub, first)
    assert looks(shop) > before


def looks(shop: Shop) -> int:
    return shop.simulator.journal.count("GET", "inventory/items")


def test_pushing_stock_needs_no_reading_of_locations() -> None:
    with open_shop(2) as opened:
        hub = opened.hub(**PUSHING)
        flows = {key for key, is_on in hub.flows().items() if is_on}
        assert ("push", "inventory") in flows
        assert ("pull", "locations") not in flows
        assert hub.rules().default_location == "1"
        assert hub.refusal("push", next(e for d, e in flows if d == "push")) is None
