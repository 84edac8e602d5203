"""Orders that a location packs and their platform ships: the carrier and number that it gave them, and their labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import ChannelId, Parcel
from crossdock.domain.fulfillment import FulfillmentState, units_by_line
from crossdock.domain.order import FulfilledBy
from crossdock.domain.sync import Entity
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.fulfillments import told_parcels
from crossdock.operations.fulfillments.told_parcels import Recorded, told
from crossdock.operations.publishing import PublicationState
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
ORDER = tables.order
PUBLICATION = tables.publication


def found_again(
    tx: Transaction, task: Task, order: Any, recorded: Sequence[Recorded], parcels: Sequence[Parcel]
) -> Sequence[Recorded]:
    """The same, with the packages that came of those whose answer was lost: each holds just the units of one.

    Nothing else tells them, since the number of a label is the platform's to give. `parcels` are those that were never
    read as somebody else's, with the hub's ids of lines.
    """
    lost = [each for each in recorded if each.was_sent and not each.parcels]
    if order.fulfilled_by != FulfilledBy.PLATFORM_LABEL_PACKED_HERE or not lost:
        return recorded
    taken = {key for each in recorded for key in (*each.told.parcels, *each.told.deleted)}
    left = {parcel.channel_id: parcel for parcel in parcels if parcel.channel_id not in taken}
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for row in select_in(tx, sa.select(PART), PART.c.fulfillment_id, [each.fulfillment for each in lost]):
        held[row.fulfillment_id][row.line_id] = row.quantity
    found: dict[str, Recorded] = {}
    for each in lost:
        units = held[each.fulfillment]
        key = next((key for key, parcel in left.items() if units and units_by_line(parcel) == units), None)
        if key is not None:
            del left[key]
            found[each.fulfillment] = replace(each, told=each.told.standing_as((str(key),)))
    told_parcels.rename(tx, task.integration, {key: each.told for key, each in found.items()})
    return [found.get(each.fulfillment, each) for each in recorded]


def take_tracking(
    tx: Transaction, task: Task, order: Any, recorded: Sequence[Recorded], parcels: Sequence[Parcel]
) -> list[str]:
    """Give the order's fulfillments the carrier and number of their packages; answers those that got another.

    The platform alone chooses these, so what somebody entered of them gives way.
    """
    if order.fulfilled_by != FulfilledBy.PLATFORM_LABEL_PACKED_HERE:
        return []
    by_id = {parcel.channel_id: parcel for parcel in parcels}
    found = {
        each.fulfillment: by_id[ChannelId(key)]
        for each in recorded
        for key in reversed(each.told.parcels)
        if ChannelId(key) in by_id and by_id[ChannelId(key)].tracking_number
    }
    changed = []
    for row in select_in(tx, sa.select(FULFILLMENT), FULFILLMENT.c.id, found):
        parcel = found[row.id]
        if (row.carrier, row.tracking_number) == (parcel.carrier, parcel.tracking_number):
            continue
        values = {"carrier": parcel.carrier, "tracking_number": parcel.tracking_number, "tracking_url": ""}
        of_it = FULFILLMENT.c.id == row.id
        tx.execute(sa.update(FULFILLMENT).where(of_it).values(updated_at=task.now, **values))
        what = f"Label of {task.integration}: {parcel.carrier} {parcel.tracking_number}"
        record(tx, task, [Event(Subject.ORDER, order.id, what, direction="in")])
        changed.append(str(row.id))
    return changed


@dataclass(frozen=True, slots=True)
class Labeled:
    """The packages that a platform's label was made for, by its own ids."""

    integration: str
    parcels: tuple[ChannelId, ...]


def of_fulfillment(tx: Transaction, fulfillment: str) -> Labeled:
    """The packages of this fulfillment, whose labels can be asked for. Raises SettingsError that says why there are none."""
    row = tx.execute(sa.select(FULFILLMENT).where(FULFILLMENT.c.id == fulfillment)).first()
    if row is None:
        raise SettingsError(
            "fulfillment", f"there is no fulfillment {fulfillment!r}; `crossdock fulfillments` lists them"
        )
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == row.order_id)).first()
    if order is None or order.fulfilled_by != FulfilledBy.PLATFORM_LABEL_PACKED_HERE:
        raise SettingsError(
            "fulfillment", "its order travels with the seller's own label, so its platform has none to give"
        )
    if row.state != FulfillmentState.SHIPPED:
        raise SettingsError("fulfillment", "it was taken back, so there is no label for it")
    if row.integration == order.integration:
        return Labeled(order.integration, (ChannelId(row.channel_id),))
    of_it = (PUBLICATION.c.integration == order.integration, PUBLICATION.c.entity == Entity.FULFILLMENTS)
    publication = tx.execute(
        sa.select(PUBLICATION).where(*of_it, PUBLICATION.c.record_id == fulfillment)
    ).first()
    parcels = tuple(map(ChannelId, told(publication).parcels)) if publication is not None else ()
    if not parcels:
        raise SettingsError("fulfillment", _waits(order.integration, publication))
    return Labeled(order.integration, parcels)


def _waits(integration: str, publication: Any) -> str:
    if publication is not None and publication.state == PublicationState.REJECTED:
        return f"{integration} made no label: {publication.message}"
    why = f" ({publication.message})" if publication is not None and publication.message else ""
    return f"{integration} has not made the label yet{why}; it is made as the fulfillment is told there"
