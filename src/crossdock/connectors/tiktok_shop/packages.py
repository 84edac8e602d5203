"""Tells TikTok Shop what has left, by which carrier and under which number, and corrects it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from crossdock.connectors.errors import ProtocolError, RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop.carriers import Carriers, NoProvider
from crossdock.connectors.tiktok_shop.client_fulfillment import FulfillmentClient
from crossdock.connectors.tiktok_shop.labels import KEPT, Labels
from crossdock.connectors.tiktok_shop.mapping.labels import packed_already
from crossdock.connectors.tiktok_shop.mapping.lines import Shipment, Unit
from crossdock.connectors.tiktok_shop.mapping.order import PARCEL_LABEL, PLATFORM_WAREHOUSES
from crossdock.connectors.tiktok_shop.mapping.shipping import Look, Need, are_same_number, look, standing
from crossdock.connectors.tiktok_shop.order_book import Entry, OrderBook
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.refusals import (
    ALREADY_SHIPPED,
    BAD_NUMBER,
    CORRECT,
    MEANINGS,
    to_rejected,
)
from crossdock.connectors.tiktok_shop.shipping import Shipper
from crossdock.domain.carriers import doubt
from crossdock.domain.channel import ChannelId
from crossdock.domain.fulfillment import WantedFulfillment
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

TRACKING = re.compile(r"[A-Za-z0-9\-_./]{4,50}")
NOT_READY = frozenset({"UNPAID", "ON_HOLD"})
SELLER = "SELLER"
FOUND = "it was on record there already"
SAME_GOODS_FIX = (
    "If they are the same goods, give the fulfillment the carrier and number that TikTok Shop has, or take it back, "
    "where it was recorded (in the hub: crossdock fulfillments correct, or void)"
)
CANCELED_FIX = MEANINGS["21011041"].fix

Fulfillment = Change[WantedFulfillment]


class Packages:
    """The calls have no idempotency key, so the order is looked at first, every time."""

    def __init__(self, client: FulfillmentClient, carriers: Carriers, *, handover: str) -> None:
        self._carriers = carriers
        self._orders = OrderBook(client)
        self._shipper = Shipper(client, self._orders)
        self._labels = Labels(client, self._shipper, handover)

    def push(self, changes: Sequence[Fulfillment]) -> Iterator[Outcome]:
        asked = [(change, _number_fault(change.desired)) for change in changes]
        self._orders.read(change.desired.order_id for change, fault in asked if fault is None)
        for change, fault in asked:
            yield self._tell(change) if fault is None else to_rejected(change.key, fault)

    def _tell(self, change: Fulfillment) -> Outcome:
        outcome, wanted = self._answer(change), change.desired
        if not isinstance(outcome, Rejected) or wanted.is_voided:
            return outcome
        entry = self._orders.known(wanted.order_id)
        return replace(outcome, channel_id=self._left(change, entry)) if entry else outcome

    def _answer(self, change: Fulfillment) -> Outcome:
        try:
            return self._bring(change)
        except RefusedError as error:
            is_there = error.code in ALREADY_SHIPPED and not change.desired.has_platform_label
            return self._after_all(change, error) if is_there else _rejected(change, error)
        except UnavailableError as error:
            self._orders.forget(change.desired.order_id)
            if error.is_unclear:
                return Unclear(change.key, str(error))
            raise
        except ProtocolError as error:
            self._orders.forget(change.desired.order_id)
            if error.code:
                raise
            # What is wrong with one order must not stop all the others.
            return Unclear(change.key, str(error))

    def _bring(self, change: Fulfillment) -> Outcome:
        wanted, entry = change.desired, self._orders.entry(change.desired.order_id)
        if wanted.is_voided:
            return _taken_back(change, entry)
        if wanted.has_platform_label:
            return self._label(change, entry)
        seen = self._look(change, entry)
        if seen.is_complete and not any(self._differs(each, wanted) for each in seen.own):
            note = "there was nothing to change there" if seen.own else FOUND
            return _confirmed(change, entry, seen.parcels, notes=(note,))
        _refuse_what_cannot_ship(entry)
        _refuse_what_is_gone(seen.needs)
        provider = self._carriers.find(text(entry.order.delivery_option_id), wanted.carrier)
        if isinstance(provider, NoProvider):
            code, choices = "carrier_unknown", provider.choices
            return Rejected(change.key, provider.reason, provider.fix, code, choices=choices)
        shipment = Shipment(
            number=wanted.tracking_number, provider_id=provider.id, carrier=provider.name or wanted.carrier
        )
        others = [each for each in seen.parcels if each not in seen.own]
        own = self._shipper.correct(entry, seen.own, shipment)
        sent = self._shipper.ship(entry, seen.needs, shipment, wanted.beside)
        parcels = [*own, *others, *sent.parcels]
        return _confirmed(change, entry, parcels, notes=sent.notes, request_id=sent.request_id)

    def _label(self, change: Fulfillment, entry: Entry) -> Outcome:
        """TikTok's own label: bought once for these units, and found again by them, since the number is TikTok's."""
        _refuse_what_has_no_label(entry)
        seen, wanted = self._look(change, entry), _with_settled(change.desired, entry)
        if seen.is_complete:
            return _confirmed(change, entry, seen.parcels, notes=(KEPT,))
        packed, needs = packed_already(entry.units, seen.needs, wanted.taken, is_unclear=change.is_unclear)
        if not needs:
            return _confirmed(change, entry, [*seen.parcels, *packed], notes=(FOUND,))
        _refuse_what_is_not_ready(entry)
        _refuse_what_is_gone(needs)
        sent = self._labels.make(entry, needs)
        parcels = [*seen.parcels, *packed, *sent.parcels]
        return _confirmed(change, entry, parcels, notes=sent.notes, request_id=sent.request_id)

    def _after_all(self, change: Fulfillment, refusal: RefusedError) -> Outcome:
        """TikTok Shop says that the units have left: maybe they did under this very number."""
        self._orders.forget(change.desired.order_id)
        try:
            entry = self._orders.entry(change.desired.order_id)
            seen = self._look(change, entry)
            if seen.is_complete:
                return _confirmed(change, entry, seen.parcels, notes=(FOUND,))
            _refuse_what_is_gone(seen.needs)
        except RefusedError as error:
            return to_rejected(change.key, error)
        return to_rejected(change.key, refusal)

    def _left(self, change: Fulfillment, entry: Entry) -> ChannelId:
        """What left of it, before a part was refused or earlier, stands there all the same."""
        taken = _with_settled(change.desired, entry).taken
        return _settled(entry, (each for each in self._look(change, entry).parcels if each.id not in taken))

    def _look(self, change: Fulfillment, entry: Entry) -> Look:
        wanted = _with_settled(change.desired, entry)
        return look(entry.units, wanted, _known(change), in_packages=not self._shipper.marks)

    def _differs(self, parcel: Shipment, wanted: WantedFulfillment) -> bool:
        is_same = are_same_number(parcel.number, wanted.tracking_number)
        return not (is_same and self._carriers.is_by(parcel, wanted.carrier))


def _rejected(change: Fulfillment, error: RefusedError) -> Rejected:
    """Where the number is the matter, with what a number of its carrier looks like, as far as that is known."""
    rejected, wanted = to_rejected(change.key, error), change.desired
    why = doubt(wanted.carrier, wanted.tracking_number) if error.code in BAD_NUMBER else ""
    return replace(rejected, fix=f"{rejected.fix}: {why}") if why else rejected


def _known(change: Fulfillment) -> list[str]:
    return [part for part in (change.channel_id or "").split("+") if part]


def _with_settled(wanted: WantedFulfillment, entry: Entry) -> WantedFulfillment:
    """What came to stand for other fulfillments of the order just now is taken as well."""
    return replace(wanted, taken=(*wanted.taken, *map(ChannelId, sorted(entry.settled))))


def _confirmed(
    change: Fulfillment,
    entry: Entry,
    parcels: Iterable[Shipment],
    *,
    notes: tuple[str, ...] = (),
    request_id: str = "",
) -> Confirmed:
    return Confirmed(change.key, _settled(entry, parcels), notes=notes, request_id=request_id)


def _settled(entry: Entry, parcels: Iterable[Shipment]) -> ChannelId:
    """The ids of these together, which stand for a fulfillment from now on."""
    ids = list(dict.fromkeys(each.id for each in parcels))
    entry.settled.update(ids)
    return ChannelId("+".join(ids))


def _taken_back(change: Fulfillment, entry: Entry) -> Outcome:
    """Nothing is taken back there; what was never there, or stands for another fulfillment now, need not be."""
    left = standing(entry.units, _with_settled(change.desired, entry), _known(change))
    if not left:
        return Confirmed(change.key, ChannelId(""), notes=("there is nothing of it there",))
    return Rejected(
        change.key,
        f"nothing was sent: TikTok Shop has no call that takes a shipment back, and {_told(left)}",
        fix=(
            "If they did leave, record them in the hub again, under this number or another: the package then gets it; "
            "if not, cancel the order in Seller Center, or ask TikTok Shop's support"
        ),
        code="not_voidable",
    )


def _number_fault(wanted: WantedFulfillment) -> RefusedError | None:
    """What no call could carry, said before any is made."""
    number = wanted.tracking_number
    if wanted.is_voided or wanted.has_platform_label or TRACKING.fullmatch(number):
        return None
    if not number:
        return RefusedError(
            "the fulfillment has no tracking number, which TikTok Shop asks for",
            fix=f"{CORRECT}, so that it has one",
            code="tracking_missing",
        )
    return RefusedError(
        f"{number!r} is no tracking number that TikTok Shop takes: 4 to 50 letters, digits and - _ . /",
        fix=CORRECT,
        code="tracking_invalid",
    )


def _refuse_what_cannot_ship(entry: Entry) -> None:
    order = entry.order
    shipping, fulfillment = text(order.shipping_type), text(order.fulfillment_type)
    if shipping not in ("", SELLER) or fulfillment in PLATFORM_WAREHOUSES:
        by = fulfillment if fulfillment in PLATFORM_WAREHOUSES else f"shipping type {shipping}"
        raise RefusedError(
            f"the order is not shipped by the seller with a carrier of their own ({by})",
            fix="Nothing to tell TikTok Shop here; take the fulfillment back (crossdock fulfillments void)",
            code="not_by_seller",
        )
    _refuse_what_is_not_ready(entry)


def _refuse_what_has_no_label(entry: Entry) -> None:
    order = entry.order
    if text(order.shipping_type) != PARCEL_LABEL or text(order.fulfillment_type) in PLATFORM_WAREHOUSES:
        raise RefusedError(
            f"TikTok Shop has no label of its own for it (shipping type {text(order.shipping_type) or 'unknown'})",
            fix="Pull the orders, so that the hub knows how it is shipped now, and retry this case",
            code="no_label",
        )


def _refuse_what_is_not_ready(entry: Entry) -> None:
    if (status := text(entry.order.status)) in NOT_READY:
        raise RefusedError(f"the order is {status} there, and cannot be shipped yet", code="not_ready")


def _refuse_what_is_gone(needs: Iterable[Need]) -> None:
    """Raises RefusedError where fewer units are left there than have to be shipped, and says where those are."""
    short = [need for need in needs if len(need.free) < need.units]
    if not short:
        return
    missing = sum(need.units - len(need.free) for need in short)
    others = [unit for need in short for unit in need.others]
    left = [unit for unit in others if unit.has_left]
    canceled = sum(unit.is_canceled for unit in others)
    is_canceled = canceled > 0 and not left
    packed = len(others) - len(left) - canceled
    told = [
        _told(left),
        f"{canceled} are canceled" if canceled else "",
        f"{packed} are in a package that was made there and has not left" if packed else "",
    ]
    why = ", ".join(each for each in told if each) or "the order there has no such units"
    raise RefusedError(
        f"{missing} of its units are not open there any more: {why}",
        fix=CANCELED_FIX if is_canceled else SAME_GOODS_FIX,
        code="canceled" if is_canceled else "already_shipped",
    )


def _told(units: Sequence[Unit]) -> str:
    """How many units left under which number, one parcel after the other."""
    by_parcel: dict[Shipment, int] = {}
    for unit in units:
        by_parcel[unit.shipment] = by_parcel.get(unit.shipment, 0) + 1
    return ", ".join(
        f"{count} left by {each.carrier or 'an unnamed carrier'} {each.number} (package {each.package_id or 'unknown'})"
        for each, count in by_parcel.items()
    )
