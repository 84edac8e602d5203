"""Fulfillments that the hub itself records: a person or a system says what has left, and may correct it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain import carriers
from crossdock.domain.automations import Trigger
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.words import counted
from crossdock.operations.automations import agenda
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.fulfillments import fulfillment_push, left_behind, parcels
from crossdock.operations.fulfillments.fulfillment_push import FULFILLMENT, PART
from crossdock.operations.orders import line_choice, order_life
from crossdock.operations.stock import commitments
from crossdock.operations.task import HUB, Task
from crossdock.operations.warehouse import still_open
from crossdock.store import tables
from crossdock.store.codec import hub_id
from crossdock.store.database import Transaction

ORDER = tables.order
LINE = tables.order_line

LONGEST_NUMBER = 50
"""What every channel takes of a tracking number."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much the clock of a system that records fulfillments may be ahead."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """By which carrier, under which number; all of it may be empty where goods travel without."""

    carrier: str = ""
    number: str = ""
    url: str = ""
    service: str = ""

    def checked(self) -> Tracking:
        """The same without spaces around it. Raises SettingsError naming what no channel could take."""
        number, url = self.number.strip(), self.url.strip()
        if len(number) > LONGEST_NUMBER or any(each.isspace() for each in number):
            raise SettingsError(
                "tracking_number",
                f"{number!r} is no tracking number: at most {LONGEST_NUMBER} characters, no spaces",
            )
        if number and not self.carrier.strip():
            raise SettingsError("carrier", "is missing: a tracking number means nothing without its carrier")
        if url and (not url.startswith(("https://", "http://")) or any(each.isspace() for each in url)):
            raise SettingsError(
                "tracking_url", f"{url!r} is no web address; it begins with https:// and has no spaces"
            )
        clean = Tracking(self.carrier.strip(), number, url, self.service.strip())
        for name, value in _columns(clean).items():
            _refuse_unprintable(name, value)
        return clean

    def corrected(
        self,
        *,
        carrier: str | None = None,
        number: str | None = None,
        url: str | None = None,
        service: str | None = None,
    ) -> Tracking:
        """What is None stays; but an address stays only with the carrier and number that it leads to."""
        parcel = (
            self.carrier if carrier is None else carrier.strip(),
            self.number if number is None else number.strip(),
        )
        kept = self.url if parcel == (self.carrier, self.number) else ""
        return Tracking(*parcel, kept if url is None else url, self.service if service is None else service)


@dataclass(frozen=True, slots=True)
class Entry:
    """What has left: units by SKU or line id, or all that is open."""

    tracking: Tracking = Tracking()
    units: Mapping[str, int] = field(default_factory=dict)
    shipped_at: datetime | None = None
    reference: str = ""
    """The system's own id of it: given again, it is the same fulfillment and nothing is added."""
    request: str = ""
    """The id of the shipping request that it is of; where it is empty, the one that has these units open is taken."""
    left_anyway: bool = False
    """It left with its request although it was not to: the units, by line id, are taken whatever the order has open."""


def enter(tx: Transaction, task: Task, order_id: str, entry: Entry) -> str:
    """Record a fulfillment of an order; its channels are told next. Answers its id. Raises SettingsError."""
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).one()
    _refuse_what_cannot_ship(order, left_anyway=entry.left_anyway)
    tracking = _checked(task, order, entry)
    lines = tx.execute(sa.select(LINE).where(LINE.c.order_id == order_id).order_by(LINE.c.id)).all()
    key = _key(tx, order_id, entry.reference)
    if (was := _row(tx, key)) is not None:
        if was.state == FulfillmentState.VOIDED:
            raise SettingsError(
                "reference", f"{entry.reference!r} was taken back; give the new one another reference"
            )
        return key
    if entry.left_anyway:
        units, request = dict(entry.units), still_open.by_id(tx, entry.request)
    else:
        units = _chosen(order, lines, entry.units, _left(tx, order, lines))
        request = still_open.request_of(tx, order_id, units, entry.request)
    tx.execute(
        sa.insert(FULFILLMENT).values(
            id=key,
            order_id=order_id,
            integration=HUB,
            channel_id=entry.reference,
            location_id=request.location_id if request else "",
            request_id=request.id if request else None,
            state=FulfillmentState.SHIPPED,
            shipped_at=entry.shipped_at or task.now,
            actor=task.actor,
            created_at=task.now,
            updated_at=task.now,
            **_columns(tracking),
        )
    )
    rows = [{"fulfillment_id": key, "line_id": line, "quantity": each} for line, each in units.items()]
    tx.execute(sa.insert(PART), rows)
    what = f"{counted(sum(units.values()), 'unit')} shipped ({_by(tracking)})"
    whose = (
        f", entered by hand for shipping request {request.number} of {request.integration}" if request else ""
    )
    _say_doubt(tx, task, order_id, tracking)
    _take_effect(tx, task, order_id, key, what + whose)
    agenda.note(tx, task, Trigger.FULFILLMENT_CREATED, [key])
    return key


def is_recorded(tx: Transaction, order_id: str, reference: str) -> bool:
    """Whether a fulfillment of this order was entered with this reference, so that giving it again adds nothing."""
    return bool(reference) and _row(tx, _key(tx, order_id, reference)) is not None


def correct(tx: Transaction, task: Task, fulfillment: str, tracking: Tracking) -> None:
    """Give it another carrier or number; channels that were told get the correction. Raises SettingsError."""
    row = _own(tx, fulfillment)
    _refuse_platform_label(tx, row)
    checked = tracking.checked()
    if _columns(checked) == {name: row._mapping[name] for name in _columns(checked)}:
        return
    tx.execute(
        sa.update(FULFILLMENT)
        .where(FULFILLMENT.c.id == fulfillment)
        .values(updated_at=task.now, **_columns(checked))
    )
    was = Tracking(row.carrier, row.tracking_number)
    _say_doubt(tx, task, row.order_id, checked)
    _take_effect(tx, task, row.order_id, fulfillment, f"Tracking corrected: {_by(was)} → {_by(checked)}")


def void(tx: Transaction, task: Task, fulfillment: str) -> None:
    """Take it back: its units are open again, and channels that were told are asked to forget it.

    Raises SettingsError.
    """
    row = _own(tx, fulfillment)
    values = {"state": FulfillmentState.VOIDED, "updated_at": task.now}
    tx.execute(sa.update(FULFILLMENT).where(FULFILLMENT.c.id == fulfillment).values(**values))
    tracking = Tracking(row.carrier, row.tracking_number)
    _take_effect(tx, task, row.order_id, fulfillment, f"Fulfillment taken back ({_by(tracking)})")


def _say_doubt(tx: Transaction, task: Task, order_id: str, tracking: Tracking) -> None:
    """A number that is hardly this carrier's is taken all the same: shapes change, and the channel has the last word."""
    if why := carriers.doubt(tracking.carrier, tracking.number):
        record(
            tx, task, [Event(Subject.ORDER, order_id, f"Check the tracking: {why}", EventStatus.ACKNOWLEDGED)]
        )


def _take_effect(tx: Transaction, task: Task, order_id: str, fulfillment: str, what: str) -> None:
    record(tx, task, [Event(Subject.ORDER, order_id, what)])
    parcels.place_all(tx, task, [order_id])
    fulfillment_push.mark(tx, [fulfillment])
    order_life.settle(tx, task, [order_id])
    commitments.apply(tx, task, [order_id])


def _own(tx: Transaction, fulfillment: str) -> Any:
    row = _row(tx, fulfillment)
    if row is None:
        raise SettingsError("fulfillment", f"there is no fulfillment {fulfillment!r}")
    if row.integration != HUB:
        raise SettingsError(
            "fulfillment",
            f"it was recorded in {row.integration} as shipment {row.channel_id}; change it there, and the hub follows",
        )
    if row.state == FulfillmentState.VOIDED:
        raise SettingsError("fulfillment", "it was taken back already; record a new one")
    return row


def _refuse_platform_label(tx: Transaction, row: Any) -> None:
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == row.order_id)).one()
    if order.fulfilled_by == FulfilledBy.PLATFORM_LABEL_PACKED_HERE:
        raise SettingsError(
            "fulfillment",
            f"order {order.number} travels with the label of {order.integration}, whose carrier and number are taken over "
            "from there by themselves",
        )


def _refuse_unprintable(name: str, value: str) -> None:
    if not value.isprintable():
        raise SettingsError(name, f"{value!r} has a character that cannot be printed")


def _row(tx: Transaction, key: str) -> Any:
    return tx.execute(sa.select(FULFILLMENT).where(FULFILLMENT.c.id == key)).first()


def _key(tx: Transaction, order_id: str, reference: str) -> str:
    if reference:
        return hub_id("ful", HUB, order_id, reference)
    of_order = (FULFILLMENT.c.order_id == order_id, FULFILLMENT.c.integration == HUB)
    earlier = tx.scalar(sa.select(sa.func.count()).where(*of_order))
    return hub_id("ful", HUB, order_id, "", str(earlier))


def _columns(tracking: Tracking) -> dict[str, str]:
    return {
        "carrier": tracking.carrier,
        "tracking_number": tracking.number,
        "tracking_url": tracking.url,
        "service": tracking.service,
    }


def _by(tracking: Tracking) -> str:
    return " ".join(part for part in (tracking.carrier, tracking.number) if part) or "no tracking"


def _checked(task: Task, order: Any, entry: Entry) -> Tracking:
    """What was entered of the parcel. Raises SettingsError where it cannot be."""
    tracking = entry.tracking.checked()
    if order.fulfilled_by == FulfilledBy.PLATFORM_LABEL_PACKED_HERE and (tracking.carrier or tracking.number):
        raise SettingsError(
            "tracking_number",
            f"order {order.number} travels with the label of {order.integration}, which is bought for it as soon as it is "
            "recorded; leave carrier and number out, or ship it there if it left with another label",
        )
    _refuse_unprintable("reference", entry.reference)
    if entry.shipped_at is not None and entry.shipped_at > task.now + CLOCKS_DIFFER:
        raise SettingsError("shipped_at", f"{entry.shipped_at.isoformat()} is still to come")
    return tracking


def _refuse_what_cannot_ship(order: Any, *, left_anyway: bool) -> None:
    if order.copy_of is not None:
        raise SettingsError(
            "order",
            f"{order.number} of {order.integration} is the hub's copy of another order; ship that one, and this one "
            "follows",
        )
    if order.stands_for:
        raise SettingsError(
            "order",
            f"{order.number} of {order.integration} is the hub's copy of an order that has not been read yet; it can be "
            "shipped as soon as that is",
        )
    if FulfilledBy(order.fulfilled_by).arrives_fulfilled:
        raise SettingsError(
            "order",
            f"order {order.number} is shipped by {order.integration}; there is nothing to record by hand",
        )
    if not left_anyway and (
        order.is_reservation or order.status in (OrderStatus.DRAFT, OrderStatus.CANCELED)
    ):
        why = f"order {order.number} is {order.status}, so nothing of it is to be shipped"
        if order.status == OrderStatus.CANCELED:
            why += (
                "; what left all the same is recorded with its shipping request: crossdock requests ship NUMBER "
                "--left-anyway (left_anyway in the API)"
            )
        raise SettingsError("status", why)


def _left(tx: Transaction, order: Any, lines: Sequence[Any]) -> dict[str, int]:
    """Units per line that are open, or that the channel shows as shipped for nothing but what was taken back."""
    behind = left_behind.units(tx, order.integration, order.id)
    held = order_life.fulfilled(tx, [order.id])
    left = {}
    for line in lines:
        still = line.quantity - line.quantity_canceled
        is_open = still - line.quantity_shipped
        left[line.id] = min(is_open + behind.get(line.id, 0), still - held.get(line.id, 0))
    return left


def _chosen(
    order: Any, lines: Sequence[Any], asked: Mapping[str, int], left: Mapping[str, int]
) -> dict[str, int]:
    """Units per line for what was named by SKU or line id; all that is `left` where nothing is named."""
    if not any(units > 0 for units in left.values()):
        raise SettingsError("lines", f"order {order.number} has nothing left to ship")
    return line_choice.choose(
        order, lines, asked, left, lambda most: f"be shipped; order {order.number} has {most} open"
    )
