"""Sales that reach the owner of stock as orders of its own: created once, and brought on with their originals."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from crossdock.connectors.contract import CreatesOrders, TakesSalesReports
from crossdock.connectors.errors import GoodsRefusedError, RefusedError, UnavailableError
from crossdock.domain.channel import ChannelId
from crossdock.domain.elsewhere import CreatedOrder
from crossdock.operations import copies, copy_cases, copy_sales, exceptions, sales
from crossdock.operations.sales import Due, IntentKind
from crossdock.sync import adjusting
from crossdock.sync.measuring import LATER_SECONDS, failed, measured
from crossdock.sync.work import Work

AT_ONCE = 200


def create_and_cancel(work: Work, connector: CreatesOrders) -> None:
    """Each sale becomes an order of the owner; what may exist already is looked for first."""
    with work.database.reading() as tx:
        due = sales.orders_to_create(tx, work.integration, limit=AT_ONCE)
        created = dict(copies.of_orders(tx, work.integration, due))
        to_release = copies.to_release(tx, work.integration)
    for order in due:
        if order in created:
            _adjust(work, order)
        else:
            _create_due(work, connector, order)
    for order, copy in to_release:
        _release(work, connector, order, copy)
    follow_originals(work, connector)


def follow_originals(work: Work, connector: CreatesOrders) -> None:
    """What was created as an order is canceled as one, even where later sales are reported in another way."""
    with work.database.reading() as tx:
        to_cancel = copies.to_cancel(tx, work.integration)
        to_reduce = copies.to_reduce(tx, work.integration)
    for order, copy in to_cancel:
        if batch := _batch(work, order):
            _cancel(work, connector, copy, batch)
    for order, copy in to_reduce:
        if batch := _batch(work, order):
            _ask_to_reduce(work, order, copy, batch)


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
        unclear = copy_sales.unclear_orders(tx, work.integration)
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
                sales.answered(tx, work.task(), one.intent_id, one.items, f"order {existing.channel_id}")
            else:
                sales.withdrawn(
                    tx, work.task(), one.intent_id, one.items, "no order with our reference exists"
                )


def _create_due(work: Work, connector: CreatesOrders, order: str) -> None:
    """An order goes whole: what was refused of it before is tried again with the rest."""
    with work.transaction() as tx:
        copy_sales.reopen(tx, work.task(), order)
        copy = copies.draft(tx, work.task(), order)
    batch = _batch(work, order)
    if copy is not None and batch:
        _create(work, connector, copy, batch)


def _create(work: Work, connector: CreatesOrders, copy: copies.Copy, batch: Sequence[Due]) -> None:
    existing = connector.find_order(copy.order.channel_id)
    with work.transaction() as tx:
        intent, items = sales.write_intent(tx, work.task(), batch, kind=IntentKind.ORDER)
    refused: Collection[ChannelId] = ()
    try:
        if existing is None:
            existing, refused = _created(work, connector, copy)
    except RefusedError as refusal:
        with work.transaction() as tx:
            work.tally.rejected += 1
            copy_sales.refused(tx, work.task(), (intent, items), copy, refusal)
    except UnavailableError as failure:
        failed(work, intent, items, failure)
        raise
    else:
        with work.transaction() as tx:
            work.tally.confirmed += 1
            copies.remember(tx, work.task(), copy, existing)
            copy_sales.created(tx, work.task(), (intent, items), existing.channel_id, copy.skus_of(refused))


def _created(
    work: Work, connector: CreatesOrders, copy: copies.Copy
) -> tuple[CreatedOrder, Collection[ChannelId]]:
    """What the owner has no stock of is booked without a product where the settings say so, and only then."""
    source = work.desk.title_of(copy.integration)
    try:
        return connector.create_order(copy.order, copy.lines, source=source), ()
    except GoodsRefusedError as refusal:
        refused = copy.lines_of(refusal.goods)
        if not (refused and refusal.goods.is_stock and work.rules.refused_stock_as_custom_line):
            raise
    return connector.create_order(copy.order, copy.lines, source=source, refused=refused), refused


def _adjust(work: Work, order: str) -> None:
    """What an order that exists already does not take off the stock is reported beside it."""
    if not isinstance(work.connector, TakesSalesReports):
        return
    if sold := [item for item in _batch(work, order) if item.delta < 0]:
        adjusting.send_halving(work, sold)


def _release(work: Work, connector: CreatesOrders, order: str, created: ChannelId) -> None:
    """Repeating it changes nothing, so a lost answer only means to do it once more."""
    with work.database.reading() as tx:
        copy = copies.draft(tx, work.task(), order)
    if copy is None:
        return
    try:
        connector.release_order(created, copy.order)
    except RefusedError as refusal:
        with work.transaction() as tx:
            work.tally.rejected += 1
            case = copy_cases.not_released(work.task(), order, copy.order.number, created, refusal)
            exceptions.open_case(tx, work.task(), case)
    else:
        with work.transaction() as tx:
            work.tally.confirmed += 1
            copies.released(tx, work.task(), order, created)


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


def _ask_to_reduce(work: Work, order: str, created: ChannelId, batch: Sequence[Due]) -> None:
    """A person takes the units off the order there; the hub waits until the owner's number shows them."""
    with work.transaction() as tx:
        task = work.task()
        intent, items = sales.write_intent(tx, task, batch, kind=IntentKind.EXPECTED)
        sales.expected(tx, task, intent, items)
        copy_sales.ask_to_reduce(tx, task, order, created, items)
