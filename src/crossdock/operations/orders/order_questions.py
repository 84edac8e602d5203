"""What is asked of orders, their lines and what befell them, to know how far they are."""

from __future__ import annotations

import sqlalchemy as sa

from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.operations.routing import stopping
from crossdock.operations.routing.requested import REQUEST
from crossdock.store import tables
from crossdock.store.asking import Question

ORDER = tables.order
LINE = tables.order_line
FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
UNITS = (
    LINE.c.id,
    LINE.c.order_id,
    LINE.c.channel_sku,
    LINE.c.variant_id,
    LINE.c.quantity,
    LINE.c.quantity_canceled,
    LINE.c.quantity_canceled_here,
    LINE.c.quantity_shipped,
    LINE.c.quantity_shipped_here,
)
"""What of a line the standing of its order depends on; the rest of it is for people, and long."""
HEAD = (
    ORDER.c.id,
    ORDER.c.integration,
    ORDER.c.channel_id,
    ORDER.c.number,
    ORDER.c.status,
    ORDER.c.status_there,
    ORDER.c.review,
    ORDER.c.fulfilled_by,
    ORDER.c.sent_at,
    ORDER.c.copy_of,
    ORDER.c.stands_for,
    ORDER.c.is_held,
    ORDER.c.hold_until,
    ORDER.c.problems,
    ORDER.c.routing,
    ORDER.c.routes_rest,
    ORDER.c.is_archived,
    ORDER.c.placed_at,
    ORDER.c.created_at,
)
"""The same of an order whose address is at hand."""
TWIN = ORDER.alias("twin")
HEADS, ADDRESSED = (Question(sa.select(*HEAD, *more), ORDER.c.id) for more in ((), (ORDER.c.buyer,)))
LINES = Question(sa.select(*UNITS), LINE.c.order_id)
LINES_BY_ID = Question(sa.select(*UNITS), LINE.c.id)
SHIPPED_HERE = Question(sa.select(*UNITS).where(LINE.c.quantity_shipped_here != 0), LINE.c.order_id)
FULFILLED = Question(
    sa.select(PART.c.line_id, PART.c.quantity)
    .join(FULFILLMENT, FULFILLMENT.c.id == PART.c.fulfillment_id)
    .where(FULFILLMENT.c.state == FulfillmentState.SHIPPED),
    FULFILLMENT.c.order_id,
)
TWINS = Question(
    sa.select(ORDER.c.id.label("of"), TWIN.c.id, TWIN.c.channel_id, TWIN.c.created_at, TWIN.c.placed_at)
    .join(
        TWIN,
        sa.and_(
            TWIN.c.integration == ORDER.c.integration,
            TWIN.c.number == ORDER.c.number,
            TWIN.c.id != ORDER.c.id,
        ),
    )
    .where(
        TWIN.c.copy_of.is_(None),
        TWIN.c.stands_for == "",
        TWIN.c.status != OrderStatus.CANCELED,
        ~sa.and_(TWIN.c.is_archived, TWIN.c.status_there == OrderStatus.CANCELED),
    ),
    ORDER.c.id,
)
"""Other orders that the same channel has under the same number."""
STILL_ASKED = Question(
    sa.select(REQUEST.c.number)
    .join(ORDER, ORDER.c.id == REQUEST.c.order_id)
    .where(
        REQUEST.c.state.not_in(stopping.PAST_STOPPING),
        sa.or_(
            ORDER.c.copy_of.is_not(None),
            ORDER.c.stands_for != "",
            ORDER.c.fulfilled_by.in_([each for each in FulfilledBy if each.arrives_fulfilled]),
        ),
    ),
    REQUEST.c.order_id,
)
"""Requests that a location may still ship, of orders that are not for the hub to ship."""
