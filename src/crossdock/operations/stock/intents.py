"""What is known of a report on its way to the owner: what was sent, against which reading, and its cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.domain.inventory import Reading, ReportState
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

REPORT = tables.sale_report
LEVEL = tables.level
LOCATION = tables.location

IN_FLIGHT = [state for state in ReportState if state.is_in_flight]


class Item(msgspec.Struct, frozen=True):
    """One variant at one location within an intent, with the reading taken just before it was sent."""

    variant_id: str
    location_id: str
    delta: int
    report_ids: tuple[int, ...]
    before: Reading
    channel_variant_id: str
    channel_sku: str
    channel_location_id: str


def reading(tx: Transaction, owner: str, variant_id: str, location_id: str) -> Reading:
    """The owner's stored numbers of one variant."""
    rows = tx.execute(
        sa.select(LEVEL.c.location_id, LEVEL.c.on_hand)
        .join(LOCATION, LOCATION.c.id == LEVEL.c.location_id)
        .where(LEVEL.c.variant_id == variant_id, LOCATION.c.integration == owner)
    ).all()
    return Reading(sum(r.on_hand for r in rows if r.location_id == location_id), sum(r.on_hand for r in rows))


def set_state(tx: Transaction, report_ids: Iterable[int], state: ReportState, **values: Any) -> None:
    """What has ended stays so, as when stock got another owner while an answer was under way."""
    for report_id in report_ids:
        tx.execute(
            sa.update(REPORT)
            .where(REPORT.c.id == report_id, REPORT.c.state.not_in([ReportState.SEEN, ReportState.VOID]))
            .values(state=state, **values)
        )


def unclear_key(task: Task, item: Item, intent_id: str) -> str:
    return unclear_key_of(task, item.variant_id, intent_id)


def unclear_key_of(task: Task, variant_id: str, intent_id: str) -> str:
    return f"report-unclear:{task.integration}:{variant_id}:{intent_id}"


def unclear_case(task: Task, item: Item, intent_id: str, message: str, *, order: str = "") -> Case:
    """`order` is the number of the order that was to take these units, where it is no adjustment that does."""
    what = f"order {order}" if order else "the report of a sale"
    return Case(
        key=unclear_key(task, item, intent_id),
        kind="report_unclear",
        subject=Subject.VARIANT,
        subject_id=item.variant_id,
        cause=(
            f"{task.integration} gave no clear answer to {what}, {item.delta:+d} of “{item.channel_sku}”: {message}. "
            "It may have been applied, so it is not sent again by itself, and these units are kept from sale"
        ),
        fix=(
            f"A reading of the stock that shows it closes this case. Else compare the stock of this SKU in "
            f"{task.integration} with {item.before.total}, its number before. Where this was not applied, “crossdock "
            f"exceptions retry” with the number of this case sends it again, and nothing else. Where it was, and another "
            f"change hides it, do the same and then correct the stock there by {-item.delta:+d}"
        ),
        evidence={
            "delta": item.delta,
            "before": item.before.total,
            "location": item.channel_location_id,
            "reports": list(item.report_ids),
        },
    )


def refused_key(task: Task, variant_id: str, location_id: str) -> str:
    return f"report-refused:{task.integration}:{variant_id}:{location_id}"


def refused_case(task: Task, item: Item, message: str) -> Case:
    return Case(
        key=refused_key(task, item.variant_id, item.location_id),
        kind="report_refused",
        subject=Subject.VARIANT,
        subject_id=item.variant_id,
        cause=f"{task.integration} refused a stock adjustment of {item.delta:+d} for “{item.channel_sku}”: {message}",
        fix="Correct the stock of this SKU at that location; the report is sent again when its number changes",
        evidence={"delta": item.delta, "location": item.channel_location_id},
    )
