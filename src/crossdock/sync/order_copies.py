"""Sales that reach the owner of stock as orders of its own: created once, and brought on with their originals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from crossdock.connectors.contract import CreatesOrders, TakesSalesReports
from crossdock.connectors.errors import GoodsRefusedError, RefusedError, UnavailableError
from crossdock.domain.channel import ChannelId
from crossdock.domain.elsewhere import CreatedOrder
from crossdock.operations.orders import copies, copy_sales
from crossdock.operations.orders.copy_sales import Copied, Sent, UnclearOrder
from crossdock.operations.stock import balancing, beside, sales
from crossdock.operations.stock.intents import Item
from crossdock.operations.stock.sales import Due, IntentKind
from crossdock.store.database import Transaction
from crossdock.store.query import slices
from crossdock.sync import adjusting
from crossdock.sync.measuring import LATER_SECONDS, TURNED_AWAY, Measure, failed, measure, measured
from crossdock.sync.turns import Turns, raise_if_all_lost
from crossdock.sync.work import Work

AT_ONCE = 200
MEASURED_AT_ONCE = 20
"""Orders that share a reading of the owner's numbers: it gets old while they are sent."""


def create_and_cancel(work: Work, connector: CreatesOrders) -> None:
    """Each sale becomes an order of the owner; what may exist already is looked for first.

    Cancellations go first, so that nobody packs what is not wanted any more.
    """
    with work.transaction() as tx:
        balancing.withdraw_contradicting(tx, work.task())
        due = copy_sales.orders_to_create(tx, work.integration, now=work.desk.clock(), limit=AT_ONCE)
        wanted = copies.still_wanted(tx, work.integration, due)
        for order in wanted:
            # An order goes whole: what was refused of it before is tried again with the rest.
            copy_sales.reopen(tx, work.task(), order)
        to_release = copies.to_release(tx, work.task())
    canceling = follow_originals(work, connector)
    creating, others = _create_all(work, connector, wanted), Turns()
    for order in due:
        if order not in wanted:
            others.take(order, partial(_adjust, work, order))
    for order, copy in to_release:
        others.take(order, partial(_release, work, connector, order, copy))
    raise_if_all_lost([creating, canceling, others])


def _create_all(work: Work, connector: CreatesOrders, wanted: Sequence[str]) -> Turns:
    with work.database.reading() as tx:
        turns = Turns(frozenset(copy_sales.failing_orders(tx, work.integration).difference(wanted)))
    for order, taken in _measured(work, wanted):
        turns.take(order, partial(_create, work, connector, order, taken))
        if turns.are_all_lost:
            break
    with work.transaction() as tx:
        for order, failure in turns.lost.items():
            if turns.are_all_lost:
                copy_sales.put_behind(tx, work.task(), order)
            else:
                copy_sales.set_aside(tx, work.task(), order, str(failure))
                work.retry_in = LATER_SECONDS  # then it is known whether it was created all the same
    return turns


def follow_originals(work: Work, connector: CreatesOrders) -> Turns:
    """What was created as an order is canceled as one, even where later sales are reported in another way."""
    with work.database.reading() as tx:
        to_cancel = dict(copies.to_cancel(tx, work.integration))
        to_reduce = dict(copies.to_reduce(tx, work.integration))
        unlisted = [order for order in to_cancel if not sales.due_of_order(tx, work.integration, order)]
    turns = Turns()
    for order in unlisted:
        turns.take(order, partial(_cancel_unlisted, work, connector, (order, to_cancel.pop(order))))
        if turns.are_all_lost:
            return turns
    for order, taken in _measured(work, [*to_cancel, *to_reduce]):
        follow = _follow_canceled if order in to_cancel else _follow_reduced
        turns.take(order, partial(follow, work, connector, (order, (to_cancel | to_reduce)[order]), taken))
        if turns.are_all_lost:
            break
    return turns


def _follow_canceled(work: Work, connector: CreatesOrders, copied: Copied, taken: Measure) -> bool:
    given_back, is_all = _given_back_beside(work, copied[0])
    if not given_back:
        return _cancel(work, connector, copied, taken)
    if is_all and not _cancel_bare(work, connector, copied, beside=given_back):
        return True
    _give_back(work, given_back)
    return True


def _follow_reduced(work: Work, _: CreatesOrders, copied: Copied, taken: Measure) -> bool:
    given_back, _is_all = _given_back_beside(work, copied[0])
    if given_back:
        _give_back(work, given_back)
        return True
    _ask_to_reduce(work, *copied, taken)
    return False


def _given_back_beside(work: Work, order: str) -> tuple[list[Due], bool]:
    """What adjustments took beside the copy, to come back by adjustments; whether it is all that the order gives back."""
    if not isinstance(work.connector, TakesSalesReports):
        return [], False
    with work.transaction() as tx:
        given_back = beside.due_beside(tx, work.integration, order)
        due = sales.due_of_order(tx, work.integration, order)
    return given_back, sum(item.delta for item in given_back) == sum(item.delta for item in due)


def _give_back(work: Work, given_back: Sequence[Due]) -> None:
    """The rest has its turn once this is seen."""
    adjusting.send_halving(work, given_back)
    work.retry_in = 0.0


def _measured(work: Work, orders: Sequence[str]) -> Iterator[tuple[str, Measure]]:
    """Orders with readings behind their reports: one reading for many, and one of its own where that is outdated."""
    for some in slices(orders, MEASURED_AT_ONCE):
        with work.database.reading() as tx:
            due = {order: sales.due_of_order(tx, work.integration, order) for order in some}
        if not (batch := [item for items in due.values() for item in items]):
            continue
        taken = measure(work, batch)
        for order in some:
            with work.database.reading() as tx:
                is_fresh = len(taken.holds(tx, work.integration, due[order])) == len(due[order])
            yield order, taken if is_fresh else measure(work, due[order])


def _ready(tx: Transaction, work: Work, order: str, taken: Measure) -> list[Due]:
    """The reports of an order as they are now; none while the owner goes on selling, which is left for later."""
    batch = sales.due_of_order(tx, work.integration, order)
    if len(taken.holds(tx, work.integration, batch)) == len(batch):
        return batch
    work.retry_in = LATER_SECONDS
    return []


def _write_intent(
    tx: Transaction, work: Work, batch: Sequence[Due], taken: Measure, kind: IntentKind
) -> tuple[str, list[Item]]:
    """From the measure on everything counts as happened since, be it sent against the same readings."""
    return sales.write_intent(tx, replace(work.task(), now=taken.taken_at), batch, kind=kind)


def resolve_unclear(work: Work, connector: CreatesOrders) -> None:
    """A creation that got no answer left an order with our reference, or none; a cancellation can be repeated."""
    with work.database.reading() as tx:
        unclear = copy_sales.unclear_orders(tx, work.integration)
        copied = dict(copies.of_orders(tx, work.integration, [one.order_id for one in unclear]))
    for one in unclear:
        try:
            if one.kind is IntentKind.ORDER_CANCEL:
                _cancel_again(work, connector, one, copied[one.order_id])
            else:
                _find_created(work, connector, one)
        except UnavailableError as failure:
            # It stays unclear and has its turn in the next run; what is sold meanwhile does not wait for it.
            work.tally.unclear += len(one.items)
            _still_unclear(work, one, failure)


def _still_unclear(work: Work, one: UnclearOrder, failure: UnavailableError) -> None:
    with work.transaction() as tx:
        if one.kind is IntentKind.ORDER_CANCEL:
            copy_sales.cancel_unclear(tx, work.task(), one.order_id, str(failure))
        else:
            copy_sales.set_aside(tx, work.task(), one.order_id, str(failure))


def _cancel_again(work: Work, connector: CreatesOrders, one: UnclearOrder, created: ChannelId) -> None:
    try:
        connector.cancel_order(created)
    except RefusedError as refusal:
        _not_canceled(work, (one.intent_id, one.items), (one.order_id, created), refusal)
    else:
        with work.transaction() as tx:
            copy_sales.canceled(tx, work.task(), (one.intent_id, one.items), (one.order_id, created))


def _find_created(work: Work, connector: CreatesOrders, one: UnclearOrder) -> None:
    """Whether the original is wanted still or not: an order that exists has to be known, be it to cancel it."""
    with work.database.reading() as tx:
        copy = copies.of_original(tx, work.task(), one.order_id)
    existing = connector.find_order(copy.order.channel_id)
    with work.transaction() as tx:
        task = work.task()
        if existing is None:
            sales.withdrawn(tx, task, one.intent_id, one.items, "no order with our reference exists")
        else:
            copies.remember(tx, task, copy, existing)
            sales.answered(tx, task, one.intent_id, one.items, f"order {existing.channel_id}")


def _create(work: Work, connector: CreatesOrders, order: str, taken: Measure) -> bool:
    """Answers whether the owner gave an answer to it, be it a refusal."""
    with work.database.reading() as tx:
        reference = copies.of_original(tx, work.task(), order).order.channel_id
    existing = connector.find_order(reference)
    with work.transaction() as tx:
        copy = copies.draft(tx, work.task(), order)
        batch = _ready(tx, work, order, taken)
        if copy is None or not batch:
            return False
        intent, items = _write_intent(tx, work, batch, taken, IntentKind.ORDER)
    refused: Collection[ChannelId] = ()
    try:
        if existing is None:
            existing, refused = _created(work, connector, copy)
    except RefusedError as refusal:
        with work.transaction() as tx:
            work.tally.rejected += 1
            copy_sales.refused(tx, work.task(), (intent, items), copy, refusal)
    except (UnavailableError, *TURNED_AWAY) as failure:
        failed(work, intent, items, failure)
        raise
    else:
        with work.transaction() as tx:
            work.tally.confirmed += 1
            copies.remember(tx, work.task(), copy, existing)
            copy_sales.created(tx, work.task(), (intent, items), existing.channel_id, copy.skus_of(refused))
    return True


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


def _adjust(work: Work, order: str) -> bool:
    """What no order takes off the stock, neither one that exists already nor one to come, is reported beside it."""
    if not isinstance(work.connector, TakesSalesReports):
        return False
    with work.database.reading() as tx:
        due = sales.due_of_order(tx, work.integration, order)
    sold = [item for item in due if item.delta < 0]
    if not sold:
        return False
    if len(batch := measured(work, sold)) < len(sold):
        work.retry_in = LATER_SECONDS
        return False
    adjusting.send_halving(work, batch)
    return True


def _release(work: Work, connector: CreatesOrders, order: str, created: ChannelId) -> bool:
    """Repeating it changes nothing, so a lost answer only means to do it once more."""
    with work.database.reading() as tx:
        copy = copies.draft(tx, work.task(), order)
    if copy is None:
        return False
    try:
        connector.release_order(created, copy.order)
    except RefusedError as refusal:
        with work.transaction() as tx:
            work.tally.rejected += 1
            copies.not_released(tx, work.task(), copy, created, refusal)
    else:
        with work.transaction() as tx:
            work.tally.confirmed += 1
            copies.released(tx, work.task(), order, created)
    return True


def _cancel(work: Work, connector: CreatesOrders, copied: Copied, taken: Measure) -> bool:
    order, created = copied
    with work.transaction() as tx:
        copy_sales.end_given_back(tx, work.task())
        if not (batch := _ready(tx, work, order, taken)):
            return False
        intent, items = _write_intent(tx, work, batch, taken, IntentKind.ORDER_CANCEL)
    try:
        connector.cancel_order(created)
    except RefusedError as refusal:
        _not_canceled(work, (intent, items), copied, refusal)
    except (UnavailableError, *TURNED_AWAY) as failure:
        failed(work, intent, items, failure)
        if isinstance(failure, UnavailableError):
            with work.transaction() as tx:
                copy_sales.cancel_unclear(tx, work.task(), order, str(failure))
        raise
    else:
        with work.transaction() as tx:
            work.tally.confirmed += 1
            copy_sales.canceled(tx, work.task(), (intent, items), copied)
    return True


def _cancel_unlisted(work: Work, connector: CreatesOrders, copied: Copied) -> bool:
    """The owner lists none of its goods any more, so that no number is waited for, and no intent is kept."""
    with work.transaction() as tx:
        copy_sales.end_given_back(tx, work.task())
        if copied not in copies.to_cancel(tx, work.integration):
            return False
    _cancel_bare(work, connector, copied)
    return True


def _cancel_bare(work: Work, connector: CreatesOrders, copied: Copied, *, beside: Sequence[Due] = ()) -> bool:
    """Cancel an order that moves no number; answers whether the owner did.

    Repeating it changes nothing, so a lost answer only means to do it once more.
    """
    try:
        connector.cancel_order(copied[1])
    except RefusedError as refusal:
        with work.transaction() as tx:
            work.tally.rejected += 1
            copy_sales.bare_not_canceled(tx, work.task(), copied, refusal, beside)
        return False
    except UnavailableError as failure:
        with work.transaction() as tx:
            work.tally.unclear += 1
            copy_sales.cancel_unclear(tx, work.task(), copied[0], str(failure))
        raise
    else:
        with work.transaction() as tx:
            work.tally.confirmed += 1
            copy_sales.unlisted_canceled(tx, work.task(), copied)
    return True


def _not_canceled(work: Work, sent: Sent, copied: Copied, refusal: RefusedError) -> None:
    with work.transaction() as tx:
        work.tally.rejected += 1
        copy_sales.not_canceled(tx, work.task(), sent, copied, refusal)


def _ask_to_reduce(work: Work, order: str, created: ChannelId, taken: Measure) -> None:
    """A person takes the units off the order there; the hub waits until the owner's number shows them."""
    with work.transaction() as tx:
        if not (batch := _ready(tx, work, order, taken)):
            return
        intent, items = _write_intent(tx, work, batch, taken, IntentKind.EXPECTED)
        sales.expected(tx, work.task(), intent, items)
        copy_sales.ask_to_reduce(tx, work.task(), order, created, items)
