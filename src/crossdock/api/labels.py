"""Routes about labels that a platform makes for what a location packed."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from crossdock.api.access import Writer
from crossdock.api.desk import Desk
from crossdock.api.problems import documented, not_found
from crossdock.domain.fulfillment import ShippingLabel
from crossdock.operations.views import views

router = APIRouter(tags=["Fulfillments"], responses=documented(401, 403, 404, 422, 502))


@dataclass(frozen=True, slots=True)
class LabelsView:
    """One label for each parcel. `url` works for about a day and is kept nowhere: ask again rather than keep it."""

    fulfillment: str
    labels: list[ShippingLabel]


@router.post(
    "/fulfillments/{fulfillment}/labels",
    summary="Ask where the platform's own labels of a fulfillment can be fetched",
)
def ask_for_labels(_: Writer, desk: Desk, fulfillment: str) -> LabelsView:
    """For orders that a location packs and their platform ships. A label shows the buyer's address, so the key has to be
    one that may write. The platform is asked at once; nothing is bought by it.
    """
    with desk.database.reading() as tx:
        if views.fulfillment(tx, fulfillment) is None:
            raise not_found(f"fulfillment with the id {fulfillment!r}")
    return LabelsView(fulfillment, desk.hub.shipping_labels(fulfillment))
