"""What is looked at again by itself: queued products, refusals that may pass, drafts; and what goes off sale."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.catalog import withdrawing
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.views import views
from crossdock.operations.views.views import Standing
from crossdock.store import tables
from support.make import SHOP, Bench, product
from support.make import listing as shown

PRODUCTS = Entity.PRODUCTS


def set_aside(hub: Bench, key: str, became: PublicationState, *, again_in: timedelta | None) -> None:
    with hub.step(SHOP) as (tx, task):
        state = State(key, "fingerprint", "null", hub.publication(key, PRODUCTS).marks)
        again_at = task.now + again_in if again_in else None
        publishing.set_aside(tx, task, PRODUCTS, state, became, message="Why", fix="How", again_at=again_at)


def mark_due(hub: Bench, *, after: timedelta) -> bool:
    with hub.step(SHOP) as (tx, task):
        found = publishing.are_any_due(tx, SHOP, PRODUCTS, task.now + after)
        publishing.mark_due(tx, SHOP, PRODUCTS, task.now + after)
    return found


def standing(hub: Bench, key: str) -> Any:
    with hub.database.reading() as tx:
        (item,) = [one for one in views.products(tx).items if one.id == key]
    return item.channels[0]


def test_a_queued_product_is_waiting_and_has_its_turn_at_its_time(hub: Bench) -> None:
    hub.locate()
    (key,) = hub.read_products(product("A"))
    set_aside(hub, key, PublicationState.QUEUED, again_in=timedelta(hours=1))

    said, early = standing(hub, key), mark_due(hub, after=timedelta(minutes=59))
    was_dirty = hub.publication(key, PRODUCTS).is_dirty
    in_time = mark_due(hub, after=timedelta(hours=1, seconds=5))

    assert (said.state, said.message) == (Standing.WAITING, "Why")
    assert (early, was_dirty, in_time) == (False, False, True)
    row = hub.publication(key, PRODUCTS)
    assert (row.is_dirty, row.state, row.again_at) == (True, PublicationState.QUEUED, None)


def test_a_refusal_that_may_pass_is_sent_again_although_nothing_changed(hub: Bench) -> None:
    hub.locate()
    (key,) = hub.read_products(product("A"))
    set_aside(hub, key, PublicationState.REJECTED, again_in=timedelta(days=1))

    mark_due(hub, after=timedelta(days=2))

    row = hub.publication(key, PRODUCTS)
    assert (row.is_dirty, row.state, row.fingerprint) == (True, PublicationState.NEW, "")


def test_a_refusal_without_a_time_stays_as_it_is(hub: Bench) -> None:
    hub.locate()
    (key,) = hub.read_products(product("A"))
    set_aside(hub, key, PublicationState.REJECTED, again_in=None)

    assert not mark_due(hub, after=timedelta(days=999))
    assert not hub.publication(key, PRODUCTS).is_dirty


def test_the_place_in_the_queue_counts_those_before(hub: Bench) -> None:
    hub.locate()
    keys = sorted(hub.read_products(product("A"), product("B"), product("C")))
    for key in keys:
        set_aside(hub, key, PublicationState.QUEUED, again_in=timedelta(hours=1))

    with hub.database.reading() as tx:
        assert [publishing.queued_before(tx, SHOP, PRODUCTS, key) for key in keys] == [0, 1, 2]


def test_a_draft_is_shown_with_what_it_lacks_and_is_looked_at_when_it_was_submitted_there(
    hub: Bench,
) -> None:
    hub.locate()
    (key,) = hub.read_products(product("A"))
    hub.read_listings(shown("A"))
    set_aside(hub, key, PublicationState.DRAFT, again_in=None)
    said = standing(hub, key)

    with hub.step(SHOP) as (tx, _):
        publishing.reopen_drafts(tx, SHOP, [hub.variant_id("A")])

    row = hub.publication(key, PRODUCTS)
    assert (said.state, said.message, said.fix) == (Standing.DRAFT, "Why", "How")
    assert (row.is_dirty, row.state) == (True, PublicationState.UNSETTLED)


def withdrawals(hub: Bench, *keys: str) -> dict[str, withdrawing.Withdrawal]:
    with hub.database.reading() as tx:
        return withdrawing.withdrawals(tx, SHOP, keys)


def test_only_products_whose_skus_are_all_gone_go_off_sale(hub: Bench) -> None:
    hub.locate()
    first, second = hub.read_products(product("A"), product("B"))
    hub.read_listings(shown("A"), shown("B"))
    with hub.step(SHOP) as (tx, _):
        places = dict(
            tx.execute(
                sa.select(tables.listing.c.channel_sku, tables.listing.c.product_channel_id).where(
                    tables.listing.c.integration == SHOP
                )
            ).all()
        )

    alone = withdrawals(hub, first)
    with hub.step(SHOP) as (tx, _):
        tx.execute(
            sa.update(tables.listing)
            .where(tables.listing.c.integration == SHOP)
            .values(product_channel_id=places["A"])
        )
    shared = withdrawals(hub, first)
    both = withdrawals(hub, first, second)

    assert alone[first].places == (places["A"],)
    assert (shared[first].places, shared[first].shared) == ((), (places["A"],))
    assert "has other SKUs that stay" in shared[first].said(SHOP)
    assert both[first].places == both[second].places == (places["A"],)


def test_the_link_of_a_renamed_variant_stays_until_the_push_has_told_the_channel(hub: Bench) -> None:
    hub.locate()
    (key,) = hub.read_products(product("A"))
    hub.read_listings(shown("A"))
    variant = hub.variant_id("A")
    with hub.step(SHOP) as (tx, _):
        tx.execute(sa.update(tables.variant).values(sku="NEW", folded_sku="new"))
        tx.execute(sa.update(tables.publication).values(is_dirty=True))

    def linked() -> str | None:
        hub.read_listings(shown("A", title=f"Touched {hub.publication(key, PRODUCTS).is_dirty}"))
        (row,) = hub.rows(tables.listing, tables.listing.c.integration == SHOP)
        return None if row.variant_id is None else str(row.variant_id)

    before = linked()
    with hub.step(SHOP) as (tx, _):
        tx.execute(sa.update(tables.publication).values(is_dirty=False))

    assert (before, linked()) == (variant, None)
