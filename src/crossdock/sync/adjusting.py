"""Sales that reach the owner of stock as relative adjustments of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from crossdock.connectors.contract import TakesSalesReports
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.domain.channel import ChannelId, ChannelSku, StockAdjustment
from crossdock.operations.orders import copies
from crossdock.operations.stock import balancing, sales
from crossdock.operations.stock.intents import Item
from crossdock.operations.stock.sales import Due, IntentKind
from crossdock.sync.measuring import TURNED_AWAY, WHILE_SELLING_SECONDS, failed, measured
from crossdock.sync.work import Work

AT_ONCE = 200


def send_due(work: Work) -> None:
    """Everything that is due, in batches as large as the owner takes them."""
    connector = cast(TakesSalesReports, work.connector)
    for _ in range(1000):
        with work.transaction() as tx:
            others = copies.to_follow(tx, work.integration)
            balancing.settle_even(tx, work.task(), without=others)
            limit = min(connector.largest_report, AT_ONCE)
            batch = sales.due(tx, work.integration, limit=limit, without=others)
        if not batch:
            return
        if not (batch := measured(work, batch)):
            work.retry_in = WHILE_SELLING_SECONDS
            return
        send_halving(work, batch)


def send_halving(work: Work, batch: Sequence[Due]) -> None:
    """A refused batch changed nothing: halve it, until the one that is refused stands alone."""
    with work.transaction() as tx:
        if not (batch := sales.still_due(tx, batch)):
            return
        intent, items = sales.write_intent(tx, work.task(), batch, kind=IntentKind.ADJUSTMENT)
    try:
        transaction = cast(TakesSalesReports, work.connector).report_sales(
            [_adjustment(item) for item in items]
        )
    except RefusedError as refusal:
        _refused(work, intent, items, refusal)
        if len(batch) > 1:
            middle = len(batch) // 2
            send_halving(work, batch[:middle])
            send_halving(work, batch[middle:])
    except (UnavailableError, *TURNED_AWAY) as failure:
        failed(work, intent, items, failure)
        raise
    else:
        with work.transaction() as tx:
            work.tally.confirmed += len(items)
            sales.answered(tx, work.task(), intent, items, transaction)


def _adjustment(item: Item) -> StockAdjustment:
    return StockAdjustment(
        ChannelId(item.channel_variant_id),
        ChannelSku(item.channel_sku),
        ChannelId(item.channel_location_id),
        item.delta,
    )


def _refused(work: Work, intent: str, items: Sequence[Item], refusal: RefusedError) -> None:
    with work.transaction() as tx:
        if len(items) > 1:
            sales.refused_as_batch(tx, work.task(), intent, items, str(refusal))
        else:
            work.tally.rejected += 1
            sales.refused(tx, work.task(), intent, items, str(refusal))
