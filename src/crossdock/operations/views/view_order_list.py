"""What can be seen of orders in a list, without their buyers, and which of them a list is to show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crossdock.domain.order import OrderStatus
from crossdock.operations.events import Subject
from crossdock.operations.routing.requested import REQUEST
from crossdock.operations.views.view_page import Slice, amount_text, beyond, bounded, marked_moment, sliced
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
VARIANT = tables.variant
LOCATION = tables.location
CASE = tables.exception_case


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order of the list; who bought is not said. `tags` are its channel's and the hub's.

    `routing` is pending, routed or failed, and empty where nothing is to be routed.
    """

    id: str
    number: str
    integration: str
    channel_id: str
    status: str
    channel_status: str
    routing: str
    fulfilled_by: str
    placed_at: datetime
    total: str
    currency: str
    lines: int
    tags: list[str]
    unmatched_skus: list[str]
    is_reservation: bool
    copy_of: str | None


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """Which orders; what is left empty asks for nothing.

    `search` looks into numbers, channel ids and the SKUs of lines; `sku` is that of a line or of its variant, to the
    letter. `location` is one that is to ship, by id, code or name. Placed from then on, and before. Totals are compared
    without their currencies.
    """

    integration: str = ""
    status: str = ""
    search: str = ""
    sku: str = ""
    tag: str = ""
    location: str = ""
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    total_min: Decimal | None = None
    total_max: Decimal | None = None
    has_exceptions: bool | None = None
    is_archived: bool = False
    """Whether archived ones are shown as well."""
    is_everything: bool = False
    """Whether reservations, and copies that the hub itself created, are shown as well."""


def orders(
    tx: Transaction, filters: OrderFilters = OrderFilters(), *, after: str = "", limit: int = 50
) -> Slice[OrderView]:
    """Orders, the newest first. Raises MarkError."""
    statement = sa.select(ORDER).where(*_wanted(filters))
    if after:
        place = marked_moment(after)
        statement = statement.where(beyond(ORDER.c.placed_at, ORDER.c.id, place, newest=True))
    newest = (ORDER.c.placed_at.desc(), ORDER.c.id.desc())
    rows = tx.execute(statement.order_by(*newest).limit(bounded(limit) + 1)).all()
    lines = lines_of(tx, [row.id for row in rows])
    return sliced(
        rows,
        limit,
        to_item=lambda row: view(row, lines[row.id]),
        key=lambda row: (row.placed_at.isoformat(), row.id),
    )


Clause = sa.ColumnElement[bool]


def _wanted(filters: OrderFilters) -> Iterator[Clause]:
    """The plain columns, and what is hidden unless it is asked for; then what lies in other tables."""
    if filters.integration:
        yield ORDER.c.integration == filters.integration
    if filters.status:
        yield ORDER.c.status == filters.status
    if filters.placed_from:
        yield ORDER.c.placed_at >= filters.placed_from
    if filters.placed_before:
        yield ORDER.c.placed_at < filters.placed_before
    if not (filters.is_archived or filters.status == OrderStatus.ARCHIVED):
        yield ~ORDER.c.is_archived
    if not filters.is_everything:
        yield ~ORDER.c.is_reservation
        yield ORDER.c.copy_of.is_(None)
    yield from _by_total(filters)
    yield from _by_others(filters)


def _by_total(filters: OrderFilters) -> Iterator[Clause]:
    total = sa.cast(ORDER.c.total, sa.Numeric(20, 4))
    if filters.total_min is not None:
        yield total >= filters.total_min
    if filters.total_max is not None:
        yield total <= filters.total_max


def _by_others(filters: OrderFilters) -> Iterator[Clause]:
    if filters.search:
        yield _is_found(filters.search)
    if filters.tag:
        yield sa.or_(_has(ORDER.c.tags, filters.tag), _has(ORDER.c.tags_here, filters.tag))
    if filters.sku:
        variants = sa.select(VARIANT.c.id).where(VARIANT.c.sku == filters.sku)
        is_it = sa.or_(LINE.c.channel_sku == filters.sku, LINE.c.variant_id.in_(variants))
        yield ORDER.c.id.in_(sa.select(LINE.c.order_id).where(is_it))
    if filters.location:
        named = (LOCATION.c.id, LOCATION.c.code, LOCATION.c.name)
        places = sa.select(LOCATION.c.id).where(sa.or_(*(column == filters.location for column in named)))
        yield ORDER.c.id.in_(sa.select(REQUEST.c.order_id).where(REQUEST.c.location_id.in_(places)))
    if filters.has_exceptions is not None:
        open_ones = (CASE.c.state == "open", CASE.c.subject_kind == Subject.ORDER)
        has = ORDER.c.id.in_(sa.select(CASE.c.subject_id).where(*open_ones))
        yield has if filters.has_exceptions else ~has


def _has(column: sa.Column[Any], text: str) -> Clause:
    """Whether a list that is stored as JSON holds this text, to the letter."""
    return sa.func.replace(column, pack(text), "") != column


def _is_found(search: str) -> sa.ColumnElement[bool]:
    by_sku = sa.select(LINE.c.order_id).where(LINE.c.channel_sku.icontains(search, autoescape=True))
    return sa.or_(
        ORDER.c.number.icontains(search, autoescape=True),
        ORDER.c.channel_id.icontains(search, autoescape=True),
        ORDER.c.id.in_(by_sku),
    )


def lines_of(tx: Transaction, order_ids: Iterable[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    statement = (
        sa.select(LINE, VARIANT.c.sku)
        .outerjoin(VARIANT, VARIANT.c.id == LINE.c.variant_id)
        .order_by(LINE.c.channel_id)
    )
    for row in select_in(tx, statement, LINE.c.order_id, order_ids):
        found[row.order_id].append(row)
    return found


def view(row: Any, lines: list[Any]) -> OrderView:
    return OrderView(
        id=row.id,
        number=row.number,
        integration=row.integration,
        channel_id=row.channel_id,
        status=row.status,
        channel_status=row.channel_status,
        routing=row.routing,
        fulfilled_by=row.fulfilled_by,
        placed_at=row.placed_at,
        total=amount_text(row.total),
        currency=row.currency,
        lines=len(lines),
        tags=sorted({*unpack(list[str], row.tags), *unpack(list[str], row.tags_here)}),
        unmatched_skus=[line.channel_sku for line in lines if line.variant_id is None],
        is_reservation=row.is_reservation,
        copy_of=row.copy_of,
    )
