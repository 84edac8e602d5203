"""A person has seen to an exception case: what it held back is tried again."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import exceptions, publishing
from crossdock.operations.automations import outbox
from crossdock.operations.events import Subject
from crossdock.operations.fulfillments import told_parcels
from crossdock.operations.orders import (
    cancellation_push,
    copies,
    copy_sales,
    orders,
    return_push,
    sending,
    sent_state,
)
from crossdock.operations.publishing import PublicationState
from crossdock.operations.routing import on_its_way
from crossdock.operations.setup import integrations
from crossdock.operations.stock import sales
from crossdock.operations.task import HUB, Task
from crossdock.operations.views.view_cases import CaseView
from crossdock.store import tables
from crossdock.store.database import Transaction

PUBLICATION = tables.publication
REPORTS = ("report_refused", "report_unclear")
NOT_RELEASED = "created_not_released"
SALES = (*REPORTS, "order_refused", "order_unclear", "created_not_canceled", NOT_RELEASED)
CANCELLATIONS = ("cancellation_refused", "cancellation_locked", "cancellation_unclear")
RETURNS = ("return_answer_refused", "return_answer_unclear")
FULFILLMENTS = ("fulfillment_refused", "carrier_unknown", told_parcels.GONE)
PUSHES = ("push_refused", "silent_refusal")


def retry(tx: Transaction, task: Task, case: CaseView, *, by: str) -> list[FlowKey]:
    """Have what the case held back tried again; answers the flows to wake.

    The case closes itself when that helped. Only that of a report closes here, since a report that
    is accepted the second time looks like any other.
    """
    if case.kind in SALES:
        _send_sales(tx, task, case, by=by)
        return [FlowKey(case.integration, Direction.PUSH, Entity.SALES)]
    if case.kind in PUSHES:
        entity = Entity.PRODUCTS if case.subject_kind == Subject.PRODUCT else Entity.INVENTORY
        _send_anew(tx, case.integration, entity, [case.subject_id])
        return [FlowKey(case.integration, Direction.PUSH, entity)]
    if case.kind == "listing_refused":
        _send_anew(tx, case.integration, Entity.PRODUCTS, _products_listed(tx, case))
        return [FlowKey(case.integration, *place) for place in _REVIEWED]
    if case.kind in CANCELLATIONS:
        decision = str(case.evidence.get("decision", ""))
        cancellation_push.retry(tx, task, str(case.evidence["cancellation"]), decision=decision)
        return [FlowKey(case.integration, Direction.PUSH, Entity.CANCELLATIONS)]
    if case.kind in RETURNS:
        return_push.retry(tx, task, str(case.evidence["return"]))
        return [FlowKey(case.integration, Direction.PUSH, Entity.RETURNS)]
    if case.kind in FULFILLMENTS:
        _send_anew(tx, case.integration, Entity.FULFILLMENTS, [str(case.evidence["fulfillment"])])
        return [FlowKey(case.integration, Direction.PUSH, Entity.FULFILLMENTS)]
    if case.kind in sent_state.CASE_KINDS:
        sending.retry(tx, str(case.evidence["order"]))
        return [FlowKey(case.integration, Direction.PUSH, Entity.FULFILLMENTS)]
    if case.kind == "unreadable":
        return [_read_anew(tx, task, case, by=by)]
    return _look_again(tx, task, case)


def _look_again(tx: Transaction, task: Task, case: CaseView) -> list[FlowKey]:
    """What is no record on its way to or from a channel."""
    if case.kind == "line_unmatched":
        orders.resolve_lines(tx, task, [str(sku) for sku in case.evidence.get("skus", [])])
        return []
    if case.kind in on_its_way.KINDS:
        return on_its_way.retry(tx, task, case)
    if case.kind in outbox.QUIET:
        if case.kind == outbox.NOT_SENT:
            outbox.retry_all_like(tx, task, str(case.evidence["notification"]))
        return [FlowKey(HUB, Direction.PUSH, Entity.NOTIFICATIONS)]
    return [FlowKey.parse(case.flow)] if case.flow else []


def _read_anew(tx: Transaction, task: Task, case: CaseView, *, by: str) -> FlowKey:
    """Everything is read once; the case closes where its record is read well, and one without id closes now."""
    flow = FlowKey.parse(case.flow)
    integrations.restart_flow(tx, flow)
    if not case.subject_id:
        exceptions.close_by_person(tx, case.id, state="resolved", now=task.now, by=by)
    return flow


def _send_sales(tx: Transaction, task: Task, case: CaseView, *, by: str) -> None:
    if case.kind in REPORTS:
        exceptions.close_by_person(tx, case.id, state="resolved", now=task.now, by=by)
        _send_reports(tx, task, case)
    elif case.kind == NOT_RELEASED:
        copies.release_again(tx, task, case.subject_id)
    else:
        copy_sales.reopen(tx, task, case.subject_id)


def _send_reports(tx: Transaction, task: Task, case: CaseView) -> None:
    """What was refused of the SKU was certainly not applied; of what is unclear, a person spoke of this one only."""
    if case.kind == "report_refused":
        sales.send_again(tx, task, case.subject_id, states=[ReportState.REFUSED])
    else:
        only = case.evidence.get("reports")
        sales.send_again(tx, task, case.subject_id, states=[ReportState.UNCLEAR], only=only)


_REVIEWED = ((Direction.PUSH, Entity.PRODUCTS), (Direction.PULL, Entity.LISTINGS))


def _send_anew(tx: Transaction, integration: str, entity: Entity, record_ids: Sequence[str]) -> None:
    """Forget the refusal, so that even an unchanged record is sent."""
    for record_id in record_ids:
        publishing.write(
            tx,
            integration,
            entity,
            record_id,
            state=PublicationState.NEW,
            fingerprint="",
            attempts=0,
            is_dirty=True,
            marks=PUBLICATION.c.marks + 1,
        )


def _products_listed(tx: Transaction, case: CaseView) -> list[str]:
    listing, variant = tables.listing, tables.variant
    statement = (
        sa.select(variant.c.product_id)
        .join(listing, listing.c.variant_id == variant.c.id)
        .where(listing.c.integration == case.integration, listing.c.product_channel_id == case.subject_id)
        .distinct()
    )
    return [str(key) for key in tx.scalars(statement)]
