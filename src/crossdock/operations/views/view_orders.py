"""What can be seen of one order in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import Address, ChannelOrderLine, NamedAmount, OrderTotals
from crossdock.operations.events import Subject
from crossdock.operations.orders.order_record import Buyer, buyer_of
from crossdock.operations.views import view_order_way
from crossdock.operations.views.view_aftersales import (
    CancellationView,
    ReturnView,
    SettlementView,
    cancellations,
    returns,
    settlements,
)
from crossdock.operations.views.view_fulfillments import FulfillmentView, of_order
from crossdock.operations.views.view_hub import EventView, events
from crossdock.operations.views.view_order_list import OrderView, lines_of, view
from crossdock.operations.views.view_order_way import HoldView, RoutingView, StepView
from crossdock.operations.views.view_page import amount_text
from crossdock.operations.views.view_requests import RequestView, requests_of_order
from crossdock.operations.views.view_stock import ReportView, reports
from crossdock.store import tables
from crossdock.store.cipher import Cipher
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

ORDER = tables.order
LINE = tables.order_line
VARIANT = tables.variant


@dataclass(frozen=True, slots=True)
class TaxView:
    """One tax of a line; `rate` is a share such as 0.0825, empty where the channel does not say."""

    name: str
    rate: str
    amount: str


@dataclass(frozen=True, slots=True)
class LineView:
    """One line. Amounts are for the whole line, `unit_price` for one; `master_sku` is empty while unmatched."""

    id: str
    sku: str
    master_sku: str
    variant_id: str | None
    name: str
    quantity: int
    quantity_canceled: int
    quantity_shipped: int
    unit_price: str
    seller_discount: str
    platform_discount: str
    tax: str
    total: str
    is_gift: bool
    taxes: list[TaxView]


@dataclass(frozen=True, slots=True)
class AmountView:
    """A fee or a discount by name; `is_platform_funded` where the platform pays it to the seller."""

    name: str
    amount: str
    is_platform_funded: bool


@dataclass(frozen=True, slots=True)
class TotalsView:
    """How the channel's total comes about; `unexplained` is what its own parts leave of it, more or less."""

    subtotal: str
    shipping: str
    shipping_seller_discount: str
    shipping_platform_discount: str
    tax: str
    fees: str
    order_discount: str
    included_tax: str
    unexplained: str
    total: str
    named_fees: list[AmountView]
    named_discounts: list[AmountView]


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order in full, with its buyer's addresses. `shipping_method` is its channel's; `method` is the one that
    counts, a person's or a rule's before that. `tags_here` are those of `order.tags` that the hub has given.
    """

    order: OrderView
    progress: list[StepView]
    hold: HoldView
    problems: list[str]
    routing: RoutingView
    lines: list[LineView]
    totals: TotalsView
    shipping_address: Address | None
    billing_address: Address | None
    shipping_method: str
    method: str
    note: str
    tags_here: list[str]
    modified_at: datetime
    copies: list[OrderView]
    reports: list[ReportView]
    requests: list[RequestView]
    fulfillments: list[FulfillmentView]
    cancellations: list[CancellationView]
    returns: list[ReturnView]
    settlements: list[SettlementView]
    events: list[EventView]


def order(tx: Transaction, id_or_number: str, cipher: Cipher | None = None) -> OrderDetail | None:
    """One order by its id, its number or its channel's id, the newest where several fit. Without the cipher no buyer."""
    rows = _meant(tx, id_or_number)
    return _detail(tx, rows[0], cipher) if rows else None


def order_to_change(tx: Transaction, id_or_number: str) -> OrderView | None:
    """The same, of what is to be changed: raises SettingsError where several fit, since the newest may not be meant."""
    rows = _meant(tx, id_or_number)
    others = [row for row in rows[1:] if row.copy_of != rows[0].id]
    if others and rows[0].id != id_or_number:
        named = ", ".join(f"{row.id} ({row.integration} {row.number})" for row in (rows[0], *others))
        raise SettingsError(
            "order", f"several orders are meant by {id_or_number!r}; name one by its id: {named}"
        )
    return view(rows[0], lines_of(tx, [rows[0].id])[rows[0].id]) if rows else None


def _meant(tx: Transaction, id_or_number: str) -> Sequence[Any]:
    columns = (ORDER.c.id, ORDER.c.number, ORDER.c.channel_id)
    best_first = (
        (ORDER.c.id == id_or_number).desc(),
        ORDER.c.copy_of.is_(None).desc(),
        ORDER.c.placed_at.desc(),
    )
    named = sa.or_(*(column == id_or_number for column in columns))
    return tx.execute(sa.select(ORDER).where(named).order_by(*best_first)).all()


def _detail(tx: Transaction, row: Any, cipher: Cipher | None) -> OrderDetail:
    copies = tx.execute(sa.select(ORDER).where(ORDER.c.copy_of == row.id).order_by(ORDER.c.id)).all()
    lines = lines_of(tx, [row.id, *(copy.id for copy in copies)])
    buyer = buyer_of(cipher, row) if cipher else Buyer()
    totals: OrderTotals = unpack(OrderTotals, row.totals)
    requests = requests_of_order(tx, row.id)
    routing = view_order_way.routing(tx, row, cipher)
    fulfillments = of_order(tx, row.id)
    return OrderDetail(
        order=view(row, lines[row.id]),
        progress=view_order_way.progress(row, lines[row.id], routing, requests, fulfillments),
        hold=view_order_way.hold(row),
        problems=view_order_way.problems(row),
        routing=routing,
        lines=[_line(line) for line in lines[row.id]],
        totals=_totals(totals),
        shipping_address=buyer.shipping,
        billing_address=buyer.billing,
        shipping_method=row.shipping_method,
        method=row.method_here or row.shipping_method,
        note=row.note,
        tags_here=unpack(list[str], row.tags_here),
        modified_at=row.modified_at,
        copies=[view(copy, lines[copy.id]) for copy in copies],
        reports=reports(tx, order_id=row.id),
        requests=requests,
        fulfillments=fulfillments,
        cancellations=cancellations(tx, order_id=row.id).items,
        returns=returns(tx, order_id=row.id).items,
        settlements=settlements(tx, row.id),
        events=events(tx, Subject.ORDER, row.id),
    )


def _totals(totals: OrderTotals) -> TotalsView:
    return TotalsView(
        subtotal=amount_text(totals.subtotal.amount),
        shipping=amount_text(totals.shipping.amount),
        shipping_seller_discount=amount_text(totals.shipping_seller_discount.amount),
        shipping_platform_discount=amount_text(totals.shipping_platform_discount.amount),
        tax=amount_text(totals.tax.amount),
        fees=amount_text(totals.fees.amount),
        order_discount=amount_text(totals.order_discount.amount),
        included_tax=amount_text(totals.included_tax.amount),
        unexplained=amount_text(totals.unexplained.amount if totals.unexplained else Decimal(0)),
        total=amount_text(totals.total.amount),
        named_fees=_amounts(totals.named_fees),
        named_discounts=_amounts(totals.named_discounts),
    )


def _amounts(named: Iterable[NamedAmount]) -> list[AmountView]:
    return [AmountView(each.name, amount_text(each.amount.amount), each.is_platform_funded) for each in named]


def _line(row: Any) -> LineView:
    line: ChannelOrderLine = unpack(ChannelOrderLine, row.body)
    total = line.unit_price * row.quantity - line.seller_discount - line.platform_discount
    return LineView(
        id=row.id,
        sku=row.channel_sku,
        master_sku=row.sku or "",
        variant_id=row.variant_id,
        name=row.name,
        quantity=row.quantity,
        quantity_canceled=row.quantity_canceled,
        quantity_shipped=row.quantity_shipped,
        unit_price=amount_text(line.unit_price.amount),
        seller_discount=amount_text(line.seller_discount.amount),
        platform_discount=amount_text(line.platform_discount.amount),
        tax=amount_text(line.tax.amount),
        total=amount_text(total.amount),
        is_gift=line.is_gift,
        taxes=[
            TaxView(tax.name, "" if tax.rate is None else str(tax.rate), amount_text(tax.amount.amount))
            for tax in line.taxes
        ],
    )
