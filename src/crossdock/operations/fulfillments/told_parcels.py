"""What stands on a channel for fulfillments that the hub told it of, so that nothing of it is taken for a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from crossdock.domain.channel import Parcel
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.publishing import PublicationState
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
PUBLICATION = tables.publication

GONE = "fulfillment_gone"
"""The kind of a case: what the hub recorded on a channel is there no more, and the hub did not delete it."""
SENT = (PublicationState.UNCLEAR, PublicationState.UNSETTLED)
"""Something was sent, and what the channel has of it is to be seen."""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a publication: the channel's ids of the parcels that stand for a fulfillment there.

    `sent` are carrier and number of the last answer, and those that were sent since: one of them is there. What is
    `deleted` may still stand in a page that was read before.
    """

    parcels: tuple[str, ...] = ()
    sent: tuple[tuple[str, str], ...] = ()
    deleted: tuple[str, ...] = ()

    def about_to_send(self, carrier: str, number: str) -> Told:
        return replace(self, sent=tuple(dict.fromkeys((*self.sent, (carrier, number)))))

    def answered(self, parcels: tuple[str, ...], carrier: str, number: str) -> Told:
        """These stand there now, and those that stood there before do no more."""
        sent = ((carrier, number),) if parcels else ()
        return replace(self.standing_as(parcels), sent=sent)

    def standing_as(self, parcels: tuple[str, ...]) -> Told:
        before = dict.fromkeys((*self.deleted, *self.parcels))
        deleted = tuple(key for key in before if key not in parcels)
        return replace(self, parcels=parcels, deleted=deleted)

    def refused(self, *, is_voided: bool) -> Told:
        """What was there before stays, and nothing is there where there was nothing."""
        if is_voided:
            return self
        return replace(self, sent=self.sent[:1] if self.parcels else ())


def told(publication: Any) -> Told:
    return told_by(publication.body)


def told_by(body: str) -> Told:
    return unpack(Told | None, body) or Told()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One fulfillment as a channel was told of it; it has no parcels there while the answer is still to come."""

    fulfillment: str
    told: Told
    numbers: frozenset[str]
    units: int
    was_sent: bool
    may_be_there: bool
    """Whether a parcel without a known id can be this one: it was sent, or bears the same number."""
    is_expected: bool
    """Whether its parcels have to be there: the channel had said so before it was read."""

    @property
    def parcels(self) -> frozenset[str]:
        return frozenset(self.told.parcels)

    def among(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """The parcels that can be this fulfillment: one with its number and as many units, else parts of it.

        Goods that go to several addresses are several parcels, which may be read before the last of them is there;
        without a number nothing tells such parts from others.
        """
        alike = [parcel for parcel in parcels if parcel.tracking_number in self.numbers]
        whole = next((parcel for parcel in alike if _units_of(parcel) == self.units), None)
        if whole is not None:
            return [whole]
        parts: list[Parcel] = []
        for parcel in alike:
            if (
                self.was_sent
                and parcel.tracking_number
                and sum(map(_units_of, (*parts, parcel))) <= self.units
            ):
                parts.append(parcel)
        return parts


def _units_of(parcel: Parcel) -> int:
    return sum(part.quantity for part in parcel.units)


def foreign(
    recorded: Sequence[Recorded], parcels: Sequence[Parcel], known: Collection[str]
) -> tuple[list[Parcel], dict[str, Told]]:
    """The parcels of one order that the hub did not record there; by fulfillment those that have another id by now.

    Each fulfillment stands for its own parcels. Where none of these is there, because the answer was lost or the
    channel has given them other ids, it stands for those with the same number and no more units. Those
    that are `known`, by their ids, were never the hub's. What the hub has deleted is nobody's.
    """
    ours = {key for each in recorded for key in each.parcels}
    there = {parcel.channel_id for parcel in parcels}
    left = [parcel for parcel in parcels if parcel.channel_id not in ours]
    renamed: dict[str, Told] = {}
    for each in recorded:
        if each.may_be_there and not each.parcels & there:
            found = each.among([one for one in left if one.channel_id not in known])
            left = [one for one in left if one not in found]
            if found and each.parcels:
                ids = tuple(str(one.channel_id) for one in found)
                renamed[each.fulfillment] = each.told.standing_as(ids)
    deleted = {key for each in recorded for key in each.told.deleted}.difference(known)
    return [one for one in left if one.channel_id not in deleted], renamed


def recorded(
    tx: Transaction, integration: str, order_ids: Iterable[str], *, read_began_at: datetime | None = None
) -> dict[str, list[Recorded]]:
    """By order: what the channel was told, or may have been told, of its fulfillments.

    What it answered since `read_began_at` is not seen in what was read then.
    """
    rows = with_publication(tx, integration, order_ids)
    units = _units(tx, [row.id for row in rows])
    found: dict[str, list[Recorded]] = defaultdict(list)
    for row in rows:
        given = told_by(row.told_body)
        numbers = frozenset(number for _, number in given.sent) or {row.tracking_number}
        was_sent = row.told_state in SENT or bool(given.parcels or given.sent)
        is_pending = row.told_state != PublicationState.REJECTED and row.state == FulfillmentState.SHIPPED
        is_seen = bool(read_began_at and row.told_at and row.told_at < read_began_at)
        was_there = bool(read_began_at and row.told_at) and not is_seen
        may_be_there = was_sent or ((is_pending or was_there) and bool(row.tracking_number))
        held = units.get(row.id) or units_in(row)
        is_told = row.told_state == PublicationState.SETTLED and row.state == FulfillmentState.SHIPPED
        found[row.order_id].append(
            Recorded(row.id, given, frozenset(numbers), held, was_sent, may_be_there, is_told and is_seen)
        )
    return found


def gone(
    recorded: Sequence[Recorded], parcels: Sequence[Parcel], renamed: Collection[str]
) -> dict[str, list[str]]:
    """By fulfillment: the parcels of one order that somebody has deleted there."""
    there = {parcel.channel_id for parcel in parcels}
    expected = [each for each in recorded if each.is_expected and each.fulfillment not in renamed]
    return {each.fulfillment: sorted(each.parcels - there) for each in expected if each.parcels - there}


def flag_gone(
    tx: Transaction,
    task: Task,
    order_id: str,
    recorded: Sequence[Recorded],
    gone: Mapping[str, Sequence[str]],
) -> None:
    """One case for each fulfillment that is `gone`; closed once its parcels are there again."""
    missing = [each for each in recorded if each.fulfillment in gone]
    open_cases(tx, task, [_gone_case(task, order_id, each, gone[each.fulfillment]) for each in missing])
    there = [each.fulfillment for each in recorded if each.fulfillment not in gone]
    close_cases(tx, task.now, [_gone_key(task.integration, key) for key in there])


def close_gone(tx: Transaction, task: Task, fulfillment_ids: Iterable[str]) -> None:
    """These were taken back in the hub as well."""
    statement = sa.select(PUBLICATION).where(PUBLICATION.c.entity == Entity.FULFILLMENTS)
    rows = select_in(tx, statement, PUBLICATION.c.record_id, fulfillment_ids)
    close_cases(tx, task.now, [_gone_key(row.integration, row.record_id) for row in rows])


def _gone_key(integration: str, fulfillment: str) -> str:
    return f"{GONE}:{integration}:{fulfillment}"


def _gone_case(task: Task, order_id: str, each: Recorded, gone: Sequence[str]) -> Case:
    number = ", ".join(sorted(number for number in each.numbers if number)) or "no tracking number"
    return Case(
        key=_gone_key(task.integration, each.fulfillment),
        kind=GONE,
        subject=Subject.ORDER,
        subject_id=order_id,
        cause=(
            f"Shipment {', '.join(gone)} ({number}), which the hub had recorded in {task.integration}, was deleted "
            "there; in the hub it has left as before"
        ),
        fix=(
            f"Take it back in the hub as well if the goods did not leave (crossdock fulfillments void "
            f"{each.fulfillment}), or retry this case to record it there again"
        ),
        evidence={"fulfillment": each.fulfillment, "shipments": list(gone)},
    )


def with_publication(tx: Transaction, integration: str, order_ids: Iterable[str]) -> Sequence[Any]:
    """Fulfillments of these orders, the oldest first, each with `told_state` and `told_body` of its publication there."""
    statement = (
        sa.select(
            FULFILLMENT,
            PUBLICATION.c.state.label("told_state"),
            PUBLICATION.c.body.label("told_body"),
            PUBLICATION.c.settled_at.label("told_at"),
        )
        .join(PUBLICATION, PUBLICATION.c.record_id == FULFILLMENT.c.id)
        .where(PUBLICATION.c.integration == integration, PUBLICATION.c.entity == Entity.FULFILLMENTS)
        .order_by(FULFILLMENT.c.created_at, FULFILLMENT.c.id)
    )
    return select_in(tx, statement, FULFILLMENT.c.order_id, order_ids)


def units_in(row: Any) -> int:
    """What was in a parcel that has no place in its order any more, as its channel recorded it."""
    parcel: Parcel | None = unpack(Parcel | None, row.body)
    return _units_of(parcel) if parcel else 0


def rename(tx: Transaction, integration: str, renamed: Mapping[str, Told]) -> None:
    """The channel has given these fulfillments' parcels another id."""
    for fulfillment, again in renamed.items():
        publishing.write(tx, integration, Entity.FULFILLMENTS, fulfillment, body=pack(again))


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
