"""Exception cases as they are shown: each with the name of the record that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.operations.views.view_page import Slice, bounded, marked, sliced
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

CASE = tables.exception_case
# Ids begin with the kind of their record, so a case joins the one record that it is about.
CASES = (
    sa.select(
        CASE,
        sa.func.coalesce(tables.product.c.title, tables.variant.c.sku, tables.order.c.number).label("about"),
    )
    .outerjoin(tables.product, tables.product.c.id == CASE.c.subject_id)
    .outerjoin(tables.variant, tables.variant.c.id == CASE.c.subject_id)
    .outerjoin(tables.order, tables.order.c.id == CASE.c.subject_id)
)


@dataclass(frozen=True, slots=True)
class CaseView:
    """An exception case: what is wrong, how it is put right, and the evidence."""

    id: int
    kind: str
    subject_kind: str
    subject_id: str
    about: str
    """The record by the name that people know it by: a title, a SKU or a number."""
    integration: str
    flow: str
    cause: str
    fix: str
    evidence: dict[str, Any]
    state: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str


def exceptions(  # noqa: PLR0913  # these are the filters of a list
    tx: Transaction,
    *,
    state: str = "open",
    kind: str = "",
    integration: str = "",
    after: str = "",
    limit: int = 50,
) -> Slice[CaseView]:
    """Exception cases, the latest first; an empty filter means all. Raises MarkError."""
    statement = CASES.order_by(CASE.c.id.desc())
    for column, wanted in ((CASE.c.state, state), (CASE.c.kind, kind), (CASE.c.integration, integration)):
        if wanted:
            statement = statement.where(column == wanted)
    if after:
        statement = statement.where(CASE.c.id < _number(*marked(after, 1)))
    rows = tx.execute(statement.limit(bounded(limit) + 1)).all()
    return sliced(rows, limit, to_item=_case, key=lambda row: (str(row.id),))


def exception(tx: Transaction, case_id: int) -> CaseView | None:
    row = tx.execute(CASES.where(CASE.c.id == case_id)).first()
    return _case(row) if row is not None else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _case(row: Any) -> CaseView:
    """A raw payload may hold a buyer's data, so it is not among the evidence that is shown."""
    evidence: Mapping[str, Any] = unpack(dict[str, Any], row.evidence)
    return CaseView(
        id=row.id,
        kind=row.kind,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        about=row.about or row.subject_id,
        integration=row.integration,
        flow=row.flow,
        cause=row.cause,
        fix=row.fix,
        evidence={name: value for name, value in evidence.items() if name != "payload"},
        state=row.state,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
