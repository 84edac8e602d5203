"""Makes units leave on TikTok Shop, and gives packages that left another number or carrier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crossdock.connectors.errors import RefusedError
from crossdock.connectors.tiktok_shop.cancellations import NO_REJECTION_MARKETS
from crossdock.connectors.tiktok_shop.client_fulfillment import FulfillmentClient, Item, Label
from crossdock.connectors.tiktok_shop.mapping.carrier import are_same
from crossdock.connectors.tiktok_shop.mapping.lines import Shipment, Unit
from crossdock.connectors.tiktok_shop.mapping.shipping import (
    Need,
    Parts,
    by_line_item,
    chosen_packages,
    chosen_units,
    leaves_whole,
)
from crossdock.connectors.tiktok_shop.order_book import Entry, OrderBook
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.domain.fulfillment import Companion

# Here a package comes to be by saying that it has left; in other markets it is made when the order is placed.
MARKING_MARKETS = frozenset({"US", "GB", "UK", "ES", "IE", "IT", "DE", "FR", "JP"})
REJECTED_REQUEST = "the buyer's request to cancel was rejected by it, as TikTok Shop does in the US"


@dataclass(frozen=True, slots=True)
class Sent:
    """The parcels that came of it, and what TikTok Shop had to say."""

    parcels: tuple[Shipment, ...] = ()
    notes: tuple[str, ...] = ()
    request_id: str = ""


class Shipper:
    """Raises RefusedError where something cannot leave, or not in the way that is asked."""

    def __init__(self, client: FulfillmentClient, orders: OrderBook) -> None:
        self._client = client
        self._orders = orders

    @property
    def marks(self) -> bool:
        return self._client.region in MARKING_MARKETS

    def ship(
        self, entry: Entry, needs: Sequence[Need], shipment: Shipment, beside: Sequence[Companion]
    ) -> Sent:
        """Have what is lacking leave under this number; `shipment` has no package yet.

        `beside` left in the same parcel, and leaves with it where TikTok Shop has the orders in one package.
        """
        if not needs:
            return Sent()
        asks = entry.order.is_buyer_request_cancel and self._client.region in NO_REJECTION_MARKETS
        sent = (
            self._mark(entry, needs, shipment)
            if self.marks
            else self._ship_packages(entry, needs, shipment, beside)
        )
        return replace(sent, notes=(*sent.notes, REJECTED_REQUEST)) if asks else sent

    def _mark(self, entry: Entry, needs: Sequence[Need], shipment: Shipment) -> Sent:
        """All units in one package, each of them named."""
        chosen = chosen_units(needs)
        parts = by_line_item(chosen, entry.units)
        whole = [each.line_id for each in parts] if all(each.is_whole for each in parts) else None
        reply = self._client.mark_shipped(
            text(entry.order.id), list(items_of(parts)), _label(shipment), whole=whole
        )
        made = replace(shipment, package_id=text(reply.data.package_id))
        entry.ship({unit.id for unit in chosen}, made)
        warning = text(reply.data.warning.message) if reply.data.warning else ""
        return Sent((made,), (f"TikTok Shop: {warning}",) if warning else (), reply.request_id)

    def _ship_packages(
        self, entry: Entry, needs: Sequence[Need], shipment: Shipment, beside: Sequence[Companion]
    ) -> Sent:
        sent = Sent()
        for package, others in self.packages_for(entry, needs, beside).items():
            reply = self._client.ship_package(package, _label(shipment))
            made = replace(shipment, package_id=package)
            for each in (entry, *others):
                each.ship_package(made)
            ids = ", ".join(text(each.order.id) for each in others)
            notes = (f"package {package} left with order {ids} in it too",) if others else ()
            sent = Sent((*sent.parcels, made), (*sent.notes, *notes), reply.request_id)
        return sent

    def packages_for(
        self, entry: Entry, needs: Sequence[Need], beside: Sequence[Companion] | None
    ) -> dict[str, list[Entry]]:
        """Packages made when the order was placed that hold just this, and which other orders each holds.

        Raises RefusedError where none do, or where one would take along what is not `beside` it; of what travels with
        TikTok's own label nobody can tell (None).
        """
        packages = chosen_packages(needs, entry.units)
        if packages is None:
            raise _does_not_fit(needs, entry.units)
        return {package: self._others(package, text(entry.order.id), beside) for package in packages}

    def _others(self, package: str, order_id: str, beside: Sequence[Companion] | None) -> list[Entry]:
        """A combined package leaves for all of its orders, so all of them have to have left in this parcel."""
        held = {text(each.id) for each in self._client.package(package).orders or ()}
        others = held - {order_id, ""}
        left = {each.order_id: each.units for each in beside or () if each.order_id in others}
        leaving = {other: self._orders.entry(other) for other in left}
        whole = {key for key, each in leaving.items() if leaves_whole(each.units, left[key], package)}
        if staying := sorted(others - whole):
            raise _is_shared(package, staying, has_label=beside is None)
        return list(leaving.values())

    def correct(self, entry: Entry, parcels: Sequence[Shipment], shipment: Shipment) -> list[Shipment]:
        """Bring these parcels to the number and carrier of `shipment`; those that have them already stay."""
        return [self._correct(entry, each, shipment) for each in parcels]

    def _correct(self, entry: Entry, parcel: Shipment, shipment: Shipment) -> Shipment:
        if parcel.number == shipment.number and _is_by_same(parcel, shipment):
            return parcel
        if len(entry.packages()) > 1 and parcel.package_id:
            self._client.correct_package(parcel.package_id, _label(shipment))
        else:
            self._client.correct_order(text(entry.order.id), _label(shipment))
        corrected = replace(shipment, package_id=parcel.package_id, left_at=parcel.left_at)
        entry.relabel(parcel.id, corrected)
        return corrected


def _is_by_same(parcel: Shipment, shipment: Shipment) -> bool:
    if parcel.provider_id:
        return parcel.provider_id == shipment.provider_id
    return not parcel.carrier or are_same(parcel.carrier, shipment.carrier)


def _label(shipment: Shipment) -> Label:
    return Label(shipment.number, shipment.provider_id)


def items_of(parts: Sequence[Parts]) -> Iterator[Item]:
    for each in parts:
        if not each.are_named and not each.is_whole:
            raise RefusedError(
                f"TikTok Shop does not say which parts bundle {each.line_id} is made of, so it leaves as a whole",
                fix="Ship all of its components in one fulfillment, or ship it in Seller Center",
                code="bundle_in_part",
            )
        yield from (Item(each.line_id, part) for part in each.part_ids or ("",))


def _is_shared(package: str, staying: Sequence[str], *, has_label: bool) -> RefusedError:
    told = f"package {package} holds goods of order {', '.join(staying)} too"
    if has_label:
        return RefusedError(
            f"{told}, and a package leaves as a whole",
            fix="Hand it over in Seller Center; it is found there then. Or take the orders apart there",
            code="package_shared",
        )
    return RefusedError(
        f"{told}, which did not all leave under this number, and a package leaves as a whole",
        fix=(
            "If they are in the same parcel, record them under the same number, and it goes by itself; if not, take "
            "the orders apart in Seller Center, or ship the package there"
        ),
        code="package_shared",
    )


def _does_not_fit(needs: Sequence[Need], units: Sequence[Unit]) -> RefusedError:
    free = {unit.id for need in needs for unit in need.free}
    packages = sorted({unit.shipment.package_id for unit in units if unit.id in free} - {""})
    if not packages:
        return RefusedError("TikTok Shop has made no package for the order yet", code="not_ready")
    return RefusedError(
        f"in this market whole packages leave, and the fulfillment covers {', '.join(packages)} in part or beside more",
        fix="Split the package in Seller Center as the goods were packed and retry this case, or ship it there",
        code="package_in_part",
    )
