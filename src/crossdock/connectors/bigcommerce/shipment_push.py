"""Records in the store what has left: looked for first, then recorded, corrected or taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.order_status import CANCELED, INCOMPLETE, NAMES
from crossdock.connectors.bigcommerce.mapping.shipment import (
    LONGEST_LINK,
    LONGEST_NUMBER,
    from_tracking,
    number_of,
    provider_of,
    shows,
)
from crossdock.connectors.bigcommerce.mapping.shipment_plan import Plan, Recorded, Units, plan, unknown_skus
from crossdock.connectors.bigcommerce.order_parts import all_lines, all_shipments
from crossdock.connectors.bigcommerce.payloads_shipment import Shipment
from crossdock.connectors.errors import ProtocolError, RefusedError, UnavailableError
from crossdock.domain.channel import ChannelId
from crossdock.domain.fulfillment import WantedFulfillment
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

SHIPPED, PARTIALLY_SHIPPED, AWAITING_FULFILLMENT = 2, 3, 11
BEFORE_SHIPPING = frozenset({1, 7, 9, 11, 12})
"""Statuses that goods which left make untrue. Others tell of something else, and are nobody's but the merchant's."""
GONE = "404"


@dataclass(frozen=True, slots=True)
class ShipmentPush:
    """Writes shipments of one store; `locked` are the keys of statuses that stay as they are."""

    client: Client
    locked: Collection[str]

    def push(self, changes: Sequence[Change[WantedFulfillment]]) -> Iterator[Outcome]:
        given: set[ChannelId] = set()
        for change in changes:
            taken = (*change.desired.taken, *given)
            outcome = self._outcome(replace(change, desired=replace(change.desired, taken=taken)))
            if isinstance(outcome, Confirmed):
                given.update(ChannelId(part) for part in outcome.channel_id.split("+") if part)
            yield outcome

    def _outcome(self, change: Change[WantedFulfillment]) -> Outcome:
        try:
            return self._take_back(change) if change.desired.is_voided else self._record(change)
        except RefusedError as error:
            return Rejected(change.key, str(error), error.fix, error.code, error.request_id)
        except UnavailableError as error:
            if error.is_unclear:
                return Unclear(change.key, str(error))
            raise
        except ProtocolError as error:
            if error.code:
                raise
            # What is wrong with one order must not stop all the others.
            return Unclear(change.key, str(error))
        except ValueError as error:
            reason = f"what is on record of the order in BigCommerce cannot be read: {error}"
            return Rejected(change.key, reason, fix="Report it; then retry this case", code="unreadable")

    # Record and correct

    def _record(self, change: Change[WantedFulfillment]) -> Outcome:
        try:
            return self._look_and_record(change)
        except _VanishedError:
            # A shipment was deleted while it was being corrected: what is there now is looked at once more.
            return self._look_and_record(change)

    def _look_and_record(self, change: Change[WantedFulfillment]) -> Outcome:
        wanted = change.desired
        if len(wanted.tracking_number.strip()) > LONGEST_NUMBER:
            return _too_long(change.key)
        standing = self.client.order_standing(wanted.order_id)
        there = self._recorded(wanted.order_id)
        planned = plan(wanted, there, _own(change), is_unclear=change.is_unclear)
        if planned.lacking and not planned.kept:
            return _no_room(change.key, wanted, there, planned)
        if planned.to_make and standing.status_id in CANCELED | {INCOMPLETE}:
            return _not_to_ship(change.key, standing.status_id)
        tracking = from_tracking(wanted)
        for one in planned.extra:
            self._delete(wanted.order_id, one.id)
        self._correct(wanted.order_id, planned.kept, tracking)
        made = self._make(wanted.order_id, planned.to_make, tracking)
        notes = [*_notes(wanted, planned), *self._follow(wanted.order_id, there, planned)]
        ids = sorted([one.id for one in (*planned.kept, *planned.found)] + made)
        channel_id = ChannelId("+".join(str(number) for number in ids))
        return Confirmed(change.key, channel_id, is_new=bool(made), notes=tuple(notes))

    def _recorded(self, order_id: str) -> Recorded:
        lines = all_lines(self.client, order_id)
        return Recorded({line.id: line for line in lines}, all_shipments(self.client, order_id))

    def _correct(self, order_id: str, kept: Sequence[Shipment], tracking: Mapping[str, str]) -> None:
        for one in kept:
            if not shows(one, tracking):
                try:
                    self._update(order_id, one.id, tracking)
                except RefusedError as error:
                    raise (_VanishedError(error) if error.code == GONE else error) from error

    def _update(self, order_id: str, shipment_id: int, tracking: Mapping[str, str]) -> None:
        try:
            self.client.update_shipment(order_id, shipment_id, tracking)
        except RefusedError as error:
            if not _is_about_courier(error, tracking):
                raise
            self.client.update_shipment(order_id, shipment_id, {**tracking, "tracking_carrier": ""})

    def _create(self, order_id: str, body: Mapping[str, Any]) -> int:
        """A word that the store's tracking service does not know must not keep a shipment back: it is left out."""
        try:
            return self.client.create_shipment(order_id, body).id
        except RefusedError as error:
            if not _is_about_courier(error, body):
                raise
            return self.client.create_shipment(order_id, {**body, "tracking_carrier": ""}).id

    def _make(
        self, order_id: str, to_make: Sequence[tuple[int, Units]], tracking: Mapping[str, str]
    ) -> list[int]:
        """One shipment for each address. Where one is refused, those before it are taken back: all or nothing."""
        made: list[int] = []
        try:
            for address_id, units in to_make:
                items = [{"order_product_id": line, "quantity": count} for line, count in units.items()]
                body: dict[str, Any] = {"order_address_id": address_id, **tracking, "items": items}
                made.append(self._create(order_id, body))
        except RefusedError:
            for number in made:
                self._delete(order_id, number)
            raise
        return made

    def _follow(self, order_id: str, there: Recorded, planned: Plan) -> list[str]:
        """The status of the order, where the store has not moved it by itself."""
        if not (planned.to_make or planned.found):
            return []
        left = there.open_units - sum(sum(units.values()) for _, units in planned.to_make)
        left += sum(item.quantity for one in planned.extra for item in one.items)
        reached = PARTIALLY_SHIPPED if left > 0 else SHIPPED
        status = self.client.order_standing(order_id).status_id
        from_here = BEFORE_SHIPPING if left > 0 else BEFORE_SHIPPING | {PARTIALLY_SHIPPED}
        return self._set_status(order_id, status, reached) if status in from_here else []

    def _set_status(self, order_id: str, status: int, reached: int) -> list[str]:
        """What people have to know of it; nothing where the order has its status."""
        if status == reached:
            return []
        if str(status) in self.locked:
            return [f"the order stays {_name(status)}, which Locked statuses keeps from being overwritten"]
        try:
            self.client.update_order(order_id, {"status_id": reached})
        except RefusedError as error:
            return [f"BigCommerce refused the status {_name(reached)}: {error}"]
        return []

    # Take back

    def _take_back(self, change: Change[WantedFulfillment]) -> Outcome:
        """The store leaves the status of the order as it is, so that is brought to what has left by now."""
        order_id, own = change.desired.order_id, _own(change)
        meant = sorted(own or self._meant(change))
        if meant and not own and not change.desired.tracking_number.strip():
            return _nameless(change.key, meant)
        deleted = [number for number in meant if self._delete(order_id, number)]
        what = "its shipment was deleted" if deleted else "no shipment of it was on record any more"
        # What is gone may have been deleted by a call whose answer was lost, before the status was seen to.
        notes = self._follow_back(order_id) if deleted or own else []
        return Confirmed(change.key, ChannelId(""), notes=(what, *notes))

    def _follow_back(self, order_id: str) -> list[str]:
        try:
            status = self.client.order_standing(order_id).status_id
            if status not in (SHIPPED, PARTIALLY_SHIPPED):
                return []
            has_left = any(line.quantity_shipped for line in self._recorded(order_id).lines.values())
        except RefusedError as error:
            if error.code == GONE:
                return []
            raise
        return self._set_status(order_id, status, PARTIALLY_SHIPPED if has_left else AWAITING_FULFILLMENT)

    def _meant(self, change: Change[WantedFulfillment]) -> list[int]:
        """What was recorded when the answer was lost; without a number it may as well be the merchant's own."""
        wanted = change.desired
        if not (wanted.units or wanted.tracking_number.strip()):
            return []
        try:
            there = self._recorded(wanted.order_id)
        except RefusedError as error:
            if error.code == GONE:
                return []
            raise
        if wanted.units:
            return [one.id for one in plan(wanted, there, (), is_unclear=True).found]
        number = wanted.tracking_number.strip()
        free = (one for one in there.shipments if str(one.id) not in wanted.taken)
        return [one.id for one in free if number_of(one) == number]

    def _delete(self, order_id: str, shipment_id: int) -> bool:
        """Whether it was there to be deleted."""
        try:
            self.client.delete_shipment(order_id, shipment_id)
        except RefusedError as error:
            if error.code != GONE:
                raise
            return False
        return True


def _is_about_courier(error: RefusedError, body: Mapping[str, Any]) -> bool:
    return bool(body["tracking_carrier"]) and "tracking_carrier" in str(error)


class _VanishedError(RefusedError):
    """A shipment was deleted between the look and the correction."""

    def __init__(self, error: RefusedError) -> None:
        super().__init__(str(error), code=error.code, request_id=error.request_id, fix=error.fix)


def _own(change: Change[WantedFulfillment]) -> frozenset[int]:
    return frozenset(int(part) for part in (change.channel_id or "").split("+") if part.isdecimal())


def _name(status_id: int) -> str:
    return NAMES.get(str(status_id), str(status_id))


def _notes(wanted: WantedFulfillment, planned: Plan) -> Iterator[str]:
    for one in planned.found:
        yield f"shipment {one.id} was on record there already"
    if planned.lacking:
        yield "the order there has no room for other units, so the shipment keeps those that it has"
    if planned.needless:
        yield f"{planned.needless} units go to no address there and need no shipment"
    if wanted.carrier and not provider_of(wanted.carrier):
        yield f"BigCommerce has no key for the carrier {wanted.carrier}: it stands in the shipping method"
    if len(wanted.tracking_url) > LONGEST_LINK:
        yield f"its tracking link was left out, since BigCommerce takes {LONGEST_LINK} characters"


def _too_long(key: str) -> Rejected:
    return Rejected(
        key,
        f"BigCommerce takes tracking numbers of at most {LONGEST_NUMBER} characters",
        fix="Correct the tracking number of the fulfillment",
        code="tracking_number",
    )


def _nameless(key: str, ids: Sequence[int]) -> Rejected:
    named = ", ".join(map(str, ids))
    return Rejected(
        key,
        f"shipment {named} holds the same units without a tracking number, and may be this one or the merchant's own",
        fix=f"Delete shipment {named} in BigCommerce if these units did not leave; then retry this case in any event",
        code="not_told_apart",
    )


def _not_to_ship(key: str, status_id: int) -> Rejected:
    return Rejected(
        key,
        f"the order is {_name(status_id)} in BigCommerce, so nothing of it is to be shipped",
        fix=(
            "If the goods did not leave, take the fulfillment back. If they did, they stay off sale in any event: dismiss "
            "this case, or reopen the order in BigCommerce and retry it, so that it shows the shipment"
        ),
        code="canceled" if status_id in CANCELED else "incomplete",
    )


def _no_room(key: str, wanted: WantedFulfillment, there: Recorded, planned: Plan) -> Rejected:
    if unknown := unknown_skus(wanted, there):
        return Rejected(
            key,
            f"the order in BigCommerce has no line of {', '.join(unknown)}",
            fix="Record the shipment in BigCommerce by hand, or link the product to the variant that the order names",
            code="no_line",
        )
    if not there.shipped_units:
        return Rejected(
            key,
            f"it holds {planned.lacking} more than the order in BigCommerce has by now",
            fix="Raise the quantity of the line in BigCommerce and retry this case, or take the fulfillment back in the "
            "hub and record what has left of the order as it is now",
            code="no_room",
        )
    shipments = ", ".join(f"shipment {one.id} ({number_of(one) or 'no tracking'})" for one in planned.rivals)
    return Rejected(
        key,
        f"{planned.lacking} of its units have left there otherwise: {shipments or 'no shipment says how'}",
        fix="Take the fulfillment back in the hub where that is the same parcel, or delete the shipment in BigCommerce "
        "and retry this case",
        code="already_shipped",
    )
