"""What each channel last answered for: marks are never lost, settled is only what was answered."""

from __future__ import annotations

import pytest

from crossdock.domain.channel import ListingState
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.setup import integrations
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, listing, order, product, stock
from support.owner import SKU, Owner


def sent(hub: Bench, key: str) -> State:
    """What a push reads before it sends."""
    return State(key, "fingerprint", "[]", hub.publication(key).marks)


def settle(hub: Bench, state: State) -> None:
    with hub.step(SHOP) as (tx, task):
        publishing.settle(tx, task, Entity.INVENTORY, state)


def test_an_answer_settles_exactly_what_was_sent(hub: Bench) -> None:
    hub.open_shop(A=5)
    key = hub.variant_id("A")

    settle(hub, sent(hub, key))

    row = hub.publication(key)
    assert (row.state, row.is_dirty, row.fingerprint) == (PublicationState.SETTLED, False, "fingerprint")


def test_a_change_during_a_push_is_not_lost(hub: Bench) -> None:
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    state = sent(hub, key)
    hub.read_stock(stock("A", 4))

    settle(hub, state)

    row = hub.publication(key)
    assert (row.state, row.is_dirty) == (PublicationState.UNSETTLED, True)


@pytest.mark.parametrize("channel", [SHOP, STORE])
def test_what_is_gone_from_a_channel_while_it_is_sent_there_is_not_left_under_way(
    hub: Bench, channel: str
) -> None:
    with hub.step() as (tx, _):
        integrations.configure_flows(tx, STORE, {("push", Entity.INVENTORY): True}, {})
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    kept = tables.publication
    of_it = (kept.c.integration == channel, kept.c.entity == Entity.INVENTORY, kept.c.record_id == key)
    with hub.step() as (tx, _):
        tx.execute(kept.update().where(*of_it).values(state=PublicationState.UNSETTLED, is_dirty=False))

    if channel == STORE:
        hub.read_products(product("A", state=ListingState.REMOVED))
    else:
        hub.read_listings(listing("A", state=ListingState.REMOVED))

    (row,) = hub.rows(kept, *of_it)
    assert row.is_dirty, "the next push looks at it, and finds that there is nothing to send"


def test_what_is_doubted_is_looked_at_though_it_is_linked_no_more(hub: Bench) -> None:
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    settle(hub, sent(hub, key))
    with hub.step() as (tx, _):
        tx.execute(
            tables.listing.update().where(tables.listing.c.integration == SHOP).values(variant_id=None)
        )

    with hub.step() as (tx, _):
        publishing.mark_all(tx, SHOP, Entity.INVENTORY)
        publishing.doubt_all(tx, SHOP, Entity.INVENTORY)

    row = hub.publication(key)
    assert (row.state, row.is_dirty) == (PublicationState.UNSETTLED, True)


def test_a_change_during_a_refused_push_is_not_lost_either(hub: Bench) -> None:
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    state = sent(hub, key)
    hub.read_stock(stock("A", 4))

    with hub.step(SHOP) as (tx, task):
        publishing.set_aside(
            tx, task, Entity.INVENTORY, state, PublicationState.REJECTED, message="no", fix="yes"
        )

    row = hub.publication(key)
    assert (row.state, row.is_dirty, row.message, row.fix) == ("rejected", True, "no", "yes")


def test_a_sale_on_the_channel_itself_unsettles_its_listing(hub: Bench) -> None:
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    settle(hub, sent(hub, key))

    hub.read_orders(order("1", line("A")))

    assert hub.publication(key).state == PublicationState.UNSETTLED


def test_a_cancellation_on_the_channel_unsettles_its_listing_even_after_the_report(hub: Bench) -> None:
    owner = Owner(hub)
    sale = owner.sell(3)
    owner.send()
    owner.look()
    key = hub.variant_id(SKU)
    settle(hub, sent(hub, key))

    owner.cancel(sale, 3)

    row = hub.publication(key)
    assert (row.state, row.is_dirty) == (PublicationState.UNSETTLED, True)


def test_a_sale_elsewhere_marks_the_listing_and_leaves_it_settled(hub: Bench) -> None:
    hub.open_shop(A=5)
    key = hub.variant_id("A")
    settle(hub, sent(hub, key))

    hub.read_stock(stock("A", 4))

    row = hub.publication(key)
    assert (row.state, row.is_dirty) == (PublicationState.SETTLED, True)


def test_variants_that_a_channel_does_not_list_are_not_marked_there(hub: Bench) -> None:
    hub.locate()
    hub.read_products(product("A"))

    hub.read_stock(stock("A", 5))

    assert {row.entity for row in hub.rows(tables.publication)} == {Entity.PRODUCTS}


def test_a_product_that_waited_for_a_number_is_looked_at_when_it_comes(hub: Bench) -> None:
    hub.locate()
    (key,) = hub.read_products(product("A"))
    with hub.step(SHOP) as (tx, task):
        state = State(key, "", "null", hub.publication(key, Entity.PRODUCTS).marks)
        publishing.set_aside(tx, task, Entity.PRODUCTS, state, PublicationState.WAITING, message="stock")
    assert not hub.publication(key, Entity.PRODUCTS).is_dirty

    hub.read_stock(stock("A", 5))

    assert hub.publication(key, Entity.PRODUCTS).is_dirty


def test_what_is_marked_is_read_in_slices_by_record_id(hub: Bench) -> None:
    hub.open_shop(A=1, B=1, C=1)
    with hub.database.reading() as tx:
        first = publishing.dirty(tx, SHOP, Entity.INVENTORY, limit=2)
        rest = publishing.dirty(tx, SHOP, Entity.INVENTORY, limit=2, after=first[-1].record_id)

    ids = [row.record_id for row in [*first, *rest]]
    assert ids == sorted(hub.variant_id(sku) for sku in "ABC")


def test_a_forced_resync_marks_everything_and_tries_refusals_anew(hub: Bench) -> None:
    hub.open_shop(A=5, B=5)
    first, second = hub.variant_id("A"), hub.variant_id("B")
    settle(hub, sent(hub, first))
    with hub.step(SHOP) as (tx, task):
        publishing.set_aside(tx, task, Entity.INVENTORY, sent(hub, second), PublicationState.REJECTED)

    with hub.step(SHOP) as (tx, _):
        integrations.restart_flow(tx, FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY))

    assert hub.publication(first).is_dirty
    row = hub.publication(second)
    assert (row.is_dirty, row.state, row.fingerprint) == (True, PublicationState.NEW, "")


@pytest.mark.parametrize("entity", [Entity.FULFILLMENTS, Entity.SALES, Entity.CANCELLATIONS])
def test_a_resync_of_what_comes_record_by_record_invents_no_records(hub: Bench, entity: Entity) -> None:
    hub.open_shop(A=5)

    with hub.step(SHOP) as (tx, _):
        integrations.restart_flow(tx, FlowKey(SHOP, Direction.PUSH, entity))

    assert hub.rows(tables.publication, tables.publication.c.entity == entity) == []


def test_a_push_that_is_off_collects_no_marks(hub: Bench) -> None:
    with hub.step(SHOP) as (tx, _):
        off = {("push", Entity.PRODUCTS): False, ("push", Entity.INVENTORY): False}
        integrations.configure_flows(tx, SHOP, off, {})

    hub.open_shop(A=5)

    assert hub.rows(tables.publication) == []


def test_switching_a_push_on_looks_at_everything(hub: Bench) -> None:
    with hub.step(SHOP) as (tx, _):
        integrations.configure_flows(tx, SHOP, {("push", Entity.INVENTORY): False}, {})
    hub.open_shop(A=5)

    with hub.step(SHOP) as (tx, _):
        integrations.configure_flows(tx, SHOP, {("push", Entity.INVENTORY): True}, {})
        assert (SHOP, Entity.INVENTORY) in publishing.dirty_flows(tx)

    assert hub.publication(hub.variant_id("A")).is_dirty


def test_a_refused_flow_is_no_pushing_one(hub: Bench) -> None:
    with hub.step(SHOP) as (tx, _):
        wanted = {("push", Entity.PRODUCTS): True}
        integrations.configure_flows(tx, SHOP, wanted, {("push", Entity.PRODUCTS): "the region is DE"})
        assert publishing.pushing_integrations(tx, Entity.PRODUCTS) == []


def test_the_source_of_a_product_is_never_pushed_its_own(hub: Bench) -> None:
    with hub.step(STORE) as (tx, _):
        integrations.configure_flows(tx, STORE, {("push", Entity.PRODUCTS): True}, {})

    hub.read_products(product("A"))
    hub.read_listings(listing("A"))

    pushed = hub.rows(tables.publication, tables.publication.c.entity == Entity.PRODUCTS)
    assert [row.integration for row in pushed] == [SHOP]
