"""Statements: what TikTok Shop settled, and what each order and adjustment comes to in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from crossdock.connectors.tiktok_shop.payloads import amount, text
from crossdock.connectors.tiktok_shop.payloads_aftersales import Statement, Transaction
from crossdock.domain.aftersales import ChannelStatement, StatementLine
from crossdock.domain.channel import ChannelId
from crossdock.domain.money import Money


def to_statement(raw: Statement, transactions: Sequence[Transaction]) -> ChannelStatement:
    currency = text(raw.currency)
    if not currency:
        raise ValueError("the statement names no currency")
    return ChannelStatement(
        channel_id=ChannelId(text(raw.id)),
        stated_at=datetime.fromtimestamp(raw.statement_time, UTC),
        state=text(raw.payment_status),
        settled=Money(amount(raw.settlement_amount), currency),
        revenue=amount(raw.revenue_amount),
        fees=amount(raw.fee_amount),
        shipping=amount(raw.shipping_cost_amount),
        adjustment=amount(raw.adjustment_amount),
        # A list that grows while its pages are turned names the same one twice.
        lines=tuple(dict.fromkeys(_to_line(place, each) for place, each in enumerate(transactions))),
    )


def _to_line(place: int, raw: Transaction) -> StatementLine:
    """An adjustment names its order apart, and its amount is all that it settles."""
    order = text(raw.order_id) or text(raw.adjustment_order_id)
    settled = raw.settlement_amount if text(raw.settlement_amount) else raw.adjustment_amount
    return StatementLine(
        channel_id=ChannelId(text(raw.id) or text(raw.adjustment_id) or f"{order}/{place}"),
        order_id=ChannelId(order),
        kind=text(raw.type) or ("ORDER" if text(raw.order_id) else "ADJUSTMENT"),
        settled=amount(settled),
        revenue=amount(raw.revenue_amount),
        fees=amount(raw.fee_amount),
        shipping=amount(raw.shipping_cost_amount),
        adjustment=amount(raw.adjustment_amount),
    )
