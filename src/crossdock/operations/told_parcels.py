"""What stands on a channel for fulfillments that the hub told it of, so that nothing of it is taken for a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.domain.channel import Parcel
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.publishing import PublicationState
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
PUBLICATION = tables.publication

SENT = (PublicationState.UNCLEAR, PublicationState.UNSETTLED)
"""Something was sent, and what the channel has of it is to be seen."""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a publication: the channel's ids of the parcels that stand for a fulfillment there."""

    parcels: tuple[str, ...] = ()


def told(publication: Any) -> Told:
    return unpack(Told | None, publication.body) or Told()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One fulfillment as a channel was told of it: its parcels there, none where the answer is still to come."""

    fulfillment: str
    parcels: frozenset[str]
    tracking_number: str
    units: int
    may_be_there: bool
    """Whether a parcel without a known id can be this one: it was sent, or bears the same number."""

    def is_like(self, parcel: Parcel) -> bool:
        units = sum(part.quantity for part in parcel.units)
        return (parcel.tracking_number, units) == (self.tracking_number, self.units)


def foreign(
    recorded: Sequence[Recorded], parcels: Sequence[Parcel], known: Collection[str]
) -> tuple[list[Parcel], dict[str, str]]:
    """The parcels of one order that the hub did not record there, and new ids of those that it did, by fulfillment.

    Each fulfillment stands for its own parcels. Where none of these is there, because the answer was lost or the
    channel has given the parcel another id, it stands for one with the same number and as many units. Those
    that are `known`, by their ids, were never the hub's.
    """
    ours = {key for each in recorded for key in each.parcels}
    there = {parcel.channel_id for parcel in parcels}
    left = [parcel for parcel in parcels if parcel.channel_id not in ours]
    renamed: dict[str, str] = {}
    for each in recorded:
        if False:
            like = (one for one in left if one.channel_id not in known and each.is_like(one))
            if (found := next(like, None)) is not None:
                left.remove(found)
                renamed |= {each.fulfillment: found.channel_id} if each.parcels else {}
    return left, renamed


def recorded(tx: Transaction, integration: str, order_ids: Iterable[str]) -> dict[str, list[Recorded]]:
    """By order: what the channel was told, or may have been told, of its fulfillments."""
    statement = (
        sa.select(FULFILLMENT, PUBLICATION.c.state.label("told_state"), PUBLICATION.c.body.label("told_body"))
        .join(PUBLICATION, PUBLICATION.c.record_id == FULFILLMENT.c.id)
        .where(PUBLICATION.c.integration == integration, PUBLICATION.c.entity == Entity.FULFILLMENTS)
        .order_by(FULFILLMENT.c.created_at, FULFILLMENT.c.id)
    )
    rows = select_in(tx, statement, FULFILLMENT.c.order_id, order_ids)
    units = _units(tx, [row.id for row in rows])
    found: dict[str, list[Recorded]] = defaultdict(list)
    for row in rows:
        parcels = frozenset((unpack(Told | None, row.told_body) or Told()).parcels)
        was_sent = row.told_state in SENT or bool(parcels)
        is_pending = row.told_state != PublicationState.REJECTED and row.state == FulfillmentState.SHIPPED
        may_be_there = was_sent or (is_pending and bool(row.tracking_number))
        one = Recorded(row.id, parcels, row.tracking_number, units[row.id], may_be_there)
        found[row.order_id].append(one)
    return found


def rename(tx: Transaction, integration: str, renamed: Mapping[str, str]) -> None:
    """The channel has given these fulfillments' parcels another id."""
    for fulfillment, parcel in renamed.items():
        publishing.write(tx, integration, Entity.FULFILLMENTS, fulfillment, body=pack(Told((parcel,))))


def standing(tx: Transaction, integration: str, order_ids: Iterable[str]) -> dict[str, set[str]]:
    """By order: the parcels there that stand for a fulfillment, whoever recorded it."""
    found: dict[str, set[str]] = defaultdict(set)
    for order, each in recorded(tx, integration, order_ids).items():
        found[order] = {parcel for one in each for parcel in one.parcels}
    read = sa.select(FULFILLMENT).where(
        FULFILLMENT.c.integration == integration, FULFILLMENT.c.state == FulfillmentState.SHIPPED
    )
    for row in select_in(tx, read, FULFILLMENT.c.order_id, order_ids):
        found[row.order_id].add(row.channel_id)
    return found


def _units(tx: Transaction, fulfillment_ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in select_in(tx, sa.select(PART), PART.c.fulfillment_id, fulfillment_ids):
        found[row.fulfillment_id] += row.quantity
    return found
