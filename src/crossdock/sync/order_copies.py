"""Sales that reach the owner of stock as orders of its own: created once, canceled with their originals."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.connectors.contract import CreatesOrders
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.domain.channel import ChannelId
from crossdock.operations import copies, sales
from crossdock.operations.sales import Due, IntentKind
from crossdock.sync.measuring import LATER_SECONDS, failed, measured
from crossdock.sync.work import Work

AT_ONCE = 200


def create_and_cancel(work: Work, connector: CreatesOrders) -> None:
    """Each sale becomes an order of the owner; what may exist already is looked for first."""
    with work.database.reading() as tx:
        due = sales.orders_to_create(tx, work.integration, limit=AT_ONCE)
    for order in due:
        with work.database.reading() as tx:
            copy = copies.draft(tx, work.task(), order)
        batch = _batch(work, order)
        if copy is not None and batch:
            _create(work, connector, copy, batch)
    with work.database.reading() as tx:
        to_cancel = copies.to_cancel(tx, work.integration)
    for order, created in to_cancel:
        if batch := _batch(work, order):
            _cancel(work, connector, created, batch)


def _batch(work: Work, order: str) -> list[Due]:
    """The reports of one order with fresh readings behind them; none while the owner goes on selling."""
    with work.database.reading() as tx:
        batch = sales.due_of_order(tx, work.integration, order)
    if not batch or len(measured(work, batch)) < len(batch):
        work.retry_in = LATER_SECONDS if batch else work.retry_in
        return []
    return batch


def resolve_unclear(work: Work, connector: CreatesOrders) -> None:
    """A creation that got no answer left an order with our reference, or none; a cancellation can be repeated."""
    with work.database.reading() as tx:
        unclear = sales.unclear_orders(tx, work.integration)
        to_cancel = dict(copies.of_orders(tx, work.integration, [one.order_id for one in unclear]))
    for one in unclear:
        if one.kind is IntentKind.ORDER_CANCEL:
            connector.cancel_order(to_cancel[one.order_id])
            with work.transaction() as tx:
                sales.answered(
                    tx, work.task(), one.intent_id, one.items, f"canceled {to_cancel[one.order_id]}"
                )
            continue
        with work.database.reading() as tx:
            copy = copies.draft(tx, work.task(), one.order_id)
        existing = connector.find_order(copy.order.channel_id) if copy is not None else None
        with work.transaction() as tx:
            if copy is not None and existing is not None:
                copies.remember(tx, work.task(), copy, existing)
                sales.answered(tx, work.task(), one.intent_id, one.items, f"order {existing}")
            else:
                sales.withdrawn(
                    tx, work.task(), one.intent_id, one.items, "no order with our reference exists"
                )


def _create(work: Work, connector: CreatesOrders, copy: copies.Copy, batch: Sequence[Due]) -> None:
    existing = connector.find_order(copy.order.channel_id)
    with work.transaction() as tx:
        intent, items = sales.write_intent(tx, work.task(), batch, kind=IntentKind.ORDER)
    try:
        created = existing or connector.create_order(copy.order, copy.lines)
    except RefusedError as refusal:
        with work.transaction() as tx:
            work.tally.rejected += 1
            sales.refused(tx, work.task(), intent, items, str(refusal))
    except UnavailableError as failure:
        failed(work, intent, items, failure)
        raise
    else:
        with work.transaction() as tx:
            work.tally.confirmed += 1
            copies.remember(tx, work.task(), copy, created)
            sales.answered(tx, work.task(), intent, items, f"order {created}")


def _cancel(work: Work, connector: CreatesOrders, created: ChannelId, batch: Sequence[Due]) -> None:
    with work.transaction() as tx:
        intent, items = sales.write_intent(tx, work.task(), batch, kind=IntentKind.ORDER_CANCEL)
    try:
        connector.cancel_order(created)
    except RefusedError as refusal:
        with work.transaction() as tx:
            work.tally.rejected += 1
            sales.refused(tx, work.task(), intent, items, str(refusal))
    except UnavailableError as failure:
        failed(work, intent, items, failure)
        raise
    else:
        with work.transaction() as tx:
            work.tally.confirmed += 1
            sales.answered(tx, work.task(), intent, items, f"canceled {created}")
