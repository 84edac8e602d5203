"""A hub that was put back to a backup: what it did since then it has forgotten, and must not do again.

It first reads what happened on the platforms. What it may have sent already is in doubt then: it is looked for, and
never sent again blindly. Only after that it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from crossdock.connectors.contract import Rules, SalesReport
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.fulfillments.told_parcels import told
from crossdock.operations.orders import copies
from crossdock.operations.publishing import PublicationState
from crossdock.operations.setup import integrations
from crossdock.operations.setup.integrations import Status
from crossdock.operations.stock import observing, sales
from crossdock.operations.stock.sales import Due, IntentKind
from crossdock.operations.task import HUB, Task
from crossdock.store import tables, wishes
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction

FLOW = tables.flow
SETTING = tables.hub_setting
PUBLICATION = tables.publication
REPORT = tables.sale_report

KEY = "restored"
GOODS = frozenset({Entity.LOCATIONS, Entity.PRODUCTS, Entity.LISTINGS})
AFTER_GOODS = frozenset({Entity.ORDERS, Entity.CANCELLATIONS, Entity.RETURNS, Entity.FULFILLMENTS})
OF_THE_OWNER = AFTER_GOODS | {Entity.INVENTORY}
"""What a reading of would change the numbers that sales in doubt are measured against."""
WHY_UNCLEAR = "the hub was restored from a backup, and may have reported this after that was made"


class Restored(msgspec.Struct, frozen=True):
    """Since when the hub reads what it missed. `has_doubted` once it has all sales that it may have reported."""

    at: datetime
    has_doubted: bool = False


def begin(tx: Transaction, at: datetime) -> None:
    """Put down that this database was restored at `at`: nothing that is written on a platform is taken for known.

    Absolute states, such as stock and products, are compared with what the platform shows before they are sent.
    """
    for table in (tables.worker, tables.role):
        tx.execute(sa.delete(table))
    integrations.fence_all(tx)
    pushed = sa.select(FLOW).where(FLOW.c.direction == Direction.PUSH, FLOW.c.is_on)
    for row in tx.execute(pushed).all():
        entity = Entity(row.entity)
        if entity in integrations.PUBLISHED:
            publishing.mark_all(tx, row.integration, entity)
            publishing.doubt_all(tx, row.integration, entity)
    tx.execute(sa.update(FLOW).where(FLOW.c.is_on).values(due_at=0.0, failures=0))
    wishes.note_everything(tx, FLOW.c.is_on)
    _keep(tx, Restored(at))


def state(tx: Transaction) -> Restored | None:
    """None where the hub has read all that it missed, or was never restored."""
    kept = tx.scalar(sa.select(SETTING.c.value).where(SETTING.c.key == KEY))
    return unpack(Restored, kept) if kept else None


def _keep(tx: Transaction, restored: Restored | None) -> None:
    tx.execute(sa.delete(SETTING).where(SETTING.c.key == KEY))
    if restored is not None:
        tx.execute(sa.insert(SETTING).values(key=KEY, value=pack(restored)))


def held(tx: Transaction, restored: Restored, flow: FlowKey) -> str:
    """Why a flow does not run yet; empty where it may."""
    reads = flow.direction is Direction.PULL and flow.entity is not Entity.DRIFT
    if reads and (restored.has_doubted or not _is_of_the_owner(tx, flow)):
        return ""
    waits = ", ".join(map(str, awaited(tx, restored))) or "the other flows"
    return f"The hub was restored from a backup and first reads what it missed; it waits for {waits}"


def _is_of_the_owner(tx: Transaction, flow: FlowKey) -> bool:
    return flow.integration == integrations.truth(tx).inventory and flow.entity in OF_THE_OWNER


def awaited(tx: Transaction, restored: Restored) -> list[FlowKey]:
    """The pulls that have to read once before the next step. One that is off or not connected is not waited for."""
    account = tables.integration
    rows = tx.execute(
        sa.select(FLOW)
        .join(account, account.c.name == FLOW.c.integration)
        .where(FLOW.c.direction == Direction.PULL, FLOW.c.is_on, FLOW.c.refusal == "")
        .where(account.c.status == Status.CONNECTED)
        .order_by(FLOW.c.key)
    )
    unread = [FlowKey.parse(row.key) for row in rows if not _has_read(row, restored)]
    return [flow for flow in unread if _matters(tx, restored, flow)]


def _has_read(row: sa.Row[tuple[object, ...]], restored: Restored) -> bool:
    moments = (row.read_until, row.last_success_at)
    return any(moment is not None and moment >= restored.at for moment in moments)


def _matters(tx: Transaction, restored: Restored, flow: FlowKey) -> bool:
    if _is_of_the_owner(tx, flow):
        return restored.has_doubted
    return not restored.has_doubted and flow.entity in GOODS | AFTER_GOODS


def go_on(tx: Transaction, task: Task, rules_of: Callable[[str], Rules]) -> bool:
    """Take the next step once all that it needs has been read; answers whether it was taken."""
    restored = state(tx)
    if restored is None or awaited(tx, restored):
        return False
    if not restored.has_doubted:
        owner = integrations.truth(tx).inventory
        if owner and owner != HUB:
            doubt_reports(tx, replace(task, integration=owner, rules=rules_of(owner)))
        _keep(tx, msgspec.structs.replace(restored, has_doubted=True))
    else:
        _doubt_fulfillments(tx)
        _doubt_requests(tx)
        _keep(tx, None)
    tx.execute(sa.update(FLOW).where(FLOW.c.is_on).values(due_at=0.0, failures=0))
    wishes.note_everything(tx, FLOW.c.is_on)
    return True


def doubt_reports(tx: Transaction, task: Task) -> None:
    """Every sale that waits to be reported may have been: its units stay off sale until the owner's number shows it.

    It is measured against the number that the backup holds, read before any report that is forgotten was sent.
    """
    if task.rules.sales_report is SalesReport.ELSEWHERE:
        return
    waiting = sa.select(REPORT.c.order_id).where(
        REPORT.c.owner == task.integration, REPORT.c.state == ReportState.OPEN
    )
    orders = list(dict.fromkeys(tx.scalars(waiting.order_by(REPORT.c.id))))
    as_orders = task.rules.sales_report is SalesReport.ORDER
    wanted = set(copies.still_wanted(tx, task.integration, orders)) if as_orders else set()
    canceled = dict(copies.to_cancel(tx, task.integration))
    for order in orders:
        due = sales.due_of_order(tx, task.integration, order)
        sold = IntentKind.ORDER if order in wanted else IntentKind.ADJUSTMENT
        back = IntentKind.ORDER_CANCEL if order in canceled else IntentKind.ADJUSTMENT
        _doubt(tx, task, [item for item in due if item.delta < 0], sold)
        _doubt(tx, task, [item for item in due if item.delta > 0], back)


def _doubt(tx: Transaction, task: Task, items: Sequence[Due], kind: IntentKind) -> None:
    if not items:
        return
    since = replace(task, now=min(_read_at(tx, task, items), default=task.now))
    intent, kept = sales.write_intent(tx, since, items, kind=kind)
    sales.unclear(tx, task, intent, kept, WHY_UNCLEAR)


def _read_at(tx: Transaction, task: Task, items: Sequence[Due]) -> Iterator[datetime]:
    for item in items:
        if (read_at := observing.oldest_reading(tx, task.integration, item.variant_id)) is not None:
            yield read_at


def _doubt_fulfillments(tx: Transaction) -> None:
    """A channel may have been told of these: they are looked for there before they are recorded."""
    fulfillment = tables.fulfillment
    rows = tx.execute(
        sa.select(PUBLICATION, fulfillment.c.carrier, fulfillment.c.tracking_number)
        .join(fulfillment, fulfillment.c.id == PUBLICATION.c.record_id)
        .where(PUBLICATION.c.entity == Entity.FULFILLMENTS, PUBLICATION.c.is_dirty)
        .where(PUBLICATION.c.state == PublicationState.NEW)
    ).all()
    for row in rows:
        sent = told(row).about_to_send(row.carrier, row.tracking_number)
        values = {"state": PublicationState.UNCLEAR, "body": pack(sent)}
        publishing.write(tx, row.integration, Entity.FULFILLMENTS, row.record_id, **values)


def _doubt_requests(tx: Transaction) -> None:
    """A warehouse may have these: it is asked before it is told."""
    request = tables.shipping_request
    is_untold = (request.c.is_dirty, request.c.channel_id == "", request.c.attempts == 0)
    tx.execute(sa.update(request).where(*is_untold).values(attempts=1))
