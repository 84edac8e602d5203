"""Has TikTok Shop make packages with its own label of what a location has packed, and hands the labels out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.connectors.errors import RefusedError
from crossdock.connectors.tiktok_shop import payloads_fulfillment as parcels
from crossdock.connectors.tiktok_shop.client_fulfillment import FulfillmentClient
from crossdock.connectors.tiktok_shop.mapping.labels import bought, from_services, handover
from crossdock.connectors.tiktok_shop.mapping.lines import Shipment
from crossdock.connectors.tiktok_shop.mapping.shipping import Need, by_line_item, chosen_units
from crossdock.connectors.tiktok_shop.order_book import Entry
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.shipping import Sent, Shipper, items_of
from crossdock.domain.channel import ChannelId
from crossdock.domain.fulfillment import ShippingLabel

KEPT = "TikTok Shop ships it with its own label, whose carrier and number stay as they are"


@dataclass(frozen=True, slots=True)
class Labels:
    """`handover` is how the carrier gets parcels: DROP_OFF or PICKUP."""

    client: FulfillmentClient
    shipper: Shipper
    handover: str

    def make(self, entry: Entry, needs: Sequence[Need]) -> Sent:
        """Packages for what is lacking. Raises RefusedError where it cannot leave so."""
        return self._buy(entry, needs) if self.shipper.marks else self._hand_over(entry, needs)

    def _buy(self, entry: Entry, needs: Sequence[Need]) -> Sent:
        """In these markets no package is there before its label is bought."""
        order_id, chosen = text(entry.order.id), chosen_units(needs)
        parts = by_line_item(chosen, entry.units)
        items = list(items_of(parts))
        terms = from_services(self.client.shipping_services(order_id, items))
        lines = [each.line_id for each in parts] if all(each.is_whole for each in parts) else None
        is_all = {unit.id for unit in chosen} == {unit.id for unit in entry.units if not unit.is_canceled}
        reply = self.client.buy_label(order_id, None if is_all else items, terms, whole=lines)
        made = Shipment(package_id=text(reply.data.package_id))
        entry.ship({unit.id for unit in chosen}, made)
        return Sent((made,), (bought(reply.data.shipping_service_info),), reply.request_id)

    def _hand_over(self, entry: Entry, needs: Sequence[Need]) -> Sent:
        """In these markets packages are there, and leave whole once it is said how the carrier gets them."""
        sent = Sent()
        for package in self.shipper.packages_for(entry, needs, None):
            how = handover(self._slots(package), self.handover)
            if how is None:
                raise RefusedError(
                    f"TikTok Shop offers neither drop-off nor pickup of package {package} now",
                    fix="Arrange it in Seller Center, and retry this case; it is found there then",
                    code="no_handover",
                )
            reply = self.client.hand_over(package, how)
            made = Shipment(package_id=package)
            entry.ship_package(made)
            note = f"package {package}: {how['handover_method'].lower().replace('_', '-')}"
            sent = Sent((*sent.parcels, made), (*sent.notes, note), reply.request_id)
        return sent

    def _slots(self, package: str) -> parcels.HandoverSlots | None:
        """None where the shop does not say; the ways it offers are only looked at to choose well."""
        try:
            return self.client.handover_slots(package)
        except RefusedError:
            return None


def labels_of(client: FulfillmentClient, packages: Sequence[ChannelId]) -> list[ShippingLabel]:
    """Where the labels of these packages can be fetched. Raises RefusedError."""
    found = []
    for package in packages:
        document = client.shipping_label(package)
        if not text(document.doc_url):
            raise RefusedError(f"TikTok Shop has no label for package {package} yet; ask again in a while")
        found.append(ShippingLabel(package, text(document.doc_url), text(document.tracking_number)))
    return found
