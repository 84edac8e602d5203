"""Webhooks of both platforms, over real HTTP: registered, looked after, measured, and never needed for the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.api.build import build_api
from crossdock.api.desk import ApiDesk
from crossdock.app import Hub
from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.connectors.errors import RefusedError
from crossdock.connectors.registry import CONNECTORS
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import hints, webhooks
from crossdock.operations.views import views
from crossdock.operations.views.views import WebhookView
from crossdock.store import tables
from crossdock.sync import lease as leases
from support.stage import Stage
from support.world import SHOP, STORE, World

KINDS = ("bigcommerce", "tiktok_shop")
OTHERS = "https://other.example.com/hook"
ORDERS = FlowKey(STORE, Direction.PULL, Entity.ORDERS)


class Reached:
    """A hub that the platforms reach, with both accounts connected."""

    def __init__(self, world: World, address: str) -> None:
        self.world = world
        self.address = address
        self.go_to(address)
        world.begin("reached", lambda: world.connect(store={"products": "pull"}))

    def go_to(self, public_url: str) -> None:
        """Start the hub again with another address."""
        self.world.hub.close()
        self.world.config = self.world.config.model_copy(update={"public_url": public_url})
        self.world.hub = Hub.open(self.world.config)

    def look(self, name: str = STORE) -> str:
        return self.world.run(webhooks.flow_of(name))

    def health(self, name: str = STORE) -> WebhookView:
        with self.world.database.reading() as tx:
            return next(each for each in views.webhooks(tx, KINDS) if each.integration == name)

    def due(self, name: str = STORE) -> list[str]:
        """The account's flows that are due; others may have to pass on what was read."""
        return sorted(str(flow) for flow in leases.due(self.world.database) if flow.integration == name)

    def rest(self) -> None:
        """Nothing is due."""
        with self.world.database.transaction() as tx:
            tx.execute(tables.flow.update().values(due_at=1e12))

    def hooks(self) -> dict[str, str]:
        return {
            hook.scope: hook.destination
            for hook in self.world.store.store.hooks.values()
            if hook.is_active and hook.destination != OTHERS
        }


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


@pytest.fixture
def reached(small_world: World, stage: Stage) -> Iterator[Reached]:
    made = Reached(small_world, stage.address)
    desk = ApiDesk(
        made.world.hub,
        wake=lambda flow: leases.want(made.world.database, flow),
        hint=lambda flow, names: leases.want(made.world.database, flow, names, is_hint=True),
        connectors=CONNECTORS,
    )
    stage.show(build_api(desk))
    return made


def requests(world: World) -> int:
    return len(world.store.journal.entries())


def test_both_platforms_send_their_events_from_the_connection_on(reached: Reached) -> None:
    assert set(reached.hooks().values()) == {f"{reached.address}/webhooks/{STORE}"}
    assert {s.address for s in reached.world.shop.shop.tables.subscriptions.values()} == {
        f"{reached.address}/webhooks/{SHOP}"
    }
    assert [reached.health(name).state for name in (STORE, SHOP)] == ["registered", "registered"]


def test_looking_after_them_is_one_request_and_wakes_nothing(reached: Reached) -> None:
    reached.rest()
    before = requests(reached.world)

    assert reached.look() == ""

    assert requests(reached.world) - before == 1
    assert reached.due() == []
    assert reached.health().restored_at is None


def test_what_was_switched_off_lost_or_moved_is_restored_and_what_it_missed_is_read(reached: Reached) -> None:
    before, world = reached.hooks(), reached.world
    world.sync()
    store = world.store.store
    off, lost, moved, *_ = list(store.hooks.values())
    off.is_active = False
    del store.hooks[lost.id]
    moved.destination = OTHERS
    foreign = replace(off, id=store.next_id("hook"), destination=OTHERS, is_active=False)
    store.hooks[foreign.id] = foreign
    reached.rest()
    sku = next(iter(world.store_stock()))
    world.store.deliveries.switches.paused = True
    sold = world.sell_in_store(sku)

    assert reached.look() == ""

    assert reached.hooks() == before
    assert (foreign.destination, foreign.is_active) == (OTHERS, False)
    assert moved.destination == OTHERS
    assert str(ORDERS) in reached.due()
    assert "Activated the webhook" in reached.health().restored_why
    world.settle(leases.due(world.database))
    assert [row.channel_id for row in world.rows(tables.order)] == [str(sold["id"])]
    reached.rest()
    assert (reached.look(), reached.due()) == ("", [])


def test_a_shop_that_sends_elsewhere_is_told_again(reached: Reached) -> None:
    subscriptions = reached.world.shop.shop.tables.subscriptions
    wanted = {name: each.address for name, each in subscriptions.items()}
    first, second, *_ = list(subscriptions)
    subscriptions[first] = replace(subscriptions[first], address=OTHERS)
    del subscriptions[second]
    reached.rest()

    assert reached.look(SHOP) == ""

    assert {name: each.address for name, each in subscriptions.items()} == wanted
    assert f"{SHOP}/pull-orders" in reached.due(SHOP)


def test_hooks_follow_the_hub_to_another_address(reached: Reached) -> None:
    before = len(reached.world.store.store.hooks)
    reached.go_to("http://127.0.0.1:1")

    assert reached.look() == ""

    assert set(reached.hooks().values()) == {f"http://127.0.0.1:1/webhooks/{STORE}"}
    assert len(reached.world.store.store.hooks) == before
    assert "Pointed the webhook" in reached.health().restored_why


def test_a_hook_that_has_long_been_silent_is_written_again_before_the_platform_switches_it_off(
    reached: Reached,
) -> None:
    hook = next(iter(reached.world.store.store.hooks.values()))
    hook.updated_at -= int(timedelta(days=61).total_seconds())
    reached.rest()
    before = requests(reached.world)

    reached.look()
    reached.look()

    assert requests(reached.world) - before == 3
    assert (reached.due(), reached.health().restored_at) == ([], None)


def test_a_refusal_opens_a_case_until_it_is_lifted(reached: Reached, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> list[str]:
        raise RefusedError("At most 10 webhooks share a scope")

    with monkeypatch.context() as patch:
        patch.setattr(BigCommerce, "ensure_webhooks", refused)
        assert reached.look() == ""

    (case,) = reached.world.open_cases("webhooks")
    assert "At most 10" in case.cause
    assert (reached.health().state, reached.health().reason) == (
        "refused",
        "At most 10 webhooks share a scope",
    )
    assert reached.look() == ""
    assert (reached.world.open_cases("webhooks"), reached.health().state) == ([], "registered")


def test_without_an_address_nothing_is_asked_for_and_it_is_said_that_the_hub_polls(reached: Reached) -> None:
    reached.go_to("")
    before = requests(reached.world)

    assert reached.look() == ""

    assert requests(reached.world) == before
    assert reached.health().state == "polled"
    assert reached.world.open_cases("webhooks") == []


def test_an_event_is_delivered_and_its_way_measured_part_by_part(reached: Reached) -> None:
    world = reached.world
    world.sync()
    reached.rest()
    world.sell_in_store(next(iter(world.store_stock())))
    world.store.deliveries.wait_idle()
    with world.database.reading() as tx:
        (behind,) = [one for one in hints.backlog(tx) if one.flow == str(ORDERS)]
    assert behind.hints >= 1
    assert str(ORDERS) in reached.due()

    world.settle(leases.due(world.database))

    told = reached.health()
    (orders,) = [each for each in told.flows if each.flow == str(ORDERS)]
    assert told.delivered_last_hour >= 1
    assert told.last_delivery_at is not None
    assert (orders.hints, orders.waiting) == (behind.hints, 0)
    for part in (orders.delivery, orders.wait, orders.run, orders.total):
        assert part.p50 is not None
        assert 0 <= part.p50 <= 30
    assert {row.channel_id for row in world.rows(tables.order)}


def test_a_change_of_stock_has_only_what_its_events_name_read(reached: Reached) -> None:
    world = reached.world
    world.sync()
    reached.rest()
    sku = next(iter(world.store_stock()))
    since = world.store.journal.last_number
    world.act(f"{world.store_address}/_sim/stock", {"sku": sku, "quantity": 441})
    world.store.deliveries.wait_idle()

    world.settle([FlowKey(STORE, Direction.PULL, Entity.INVENTORY)])

    entries = world.store.journal.entries(since)
    asked = [entry.query for entry in entries if entry.path.endswith("/inventory/items")]
    assert len(asked) == 1
    assert "_id%3Ain=" in asked[0]
    (variant,) = world.rows(tables.variant, tables.variant.c.sku == sku)
    levels = world.rows(tables.level, tables.level.c.variant_id == variant.id)
    assert sum(level.on_hand for level in levels) == world.store_stock()[sku]
