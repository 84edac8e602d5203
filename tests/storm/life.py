"""What buyers, the merchant and the hub's people do. What a platform itself refuses did not happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from storm import life_hub, life_shop, life_store

if TYPE_CHECKING:
    from storm.storm import Storm

Act = Callable[["Storm"], str]


def act(storm: Storm) -> None:
    """One thing that somebody does; what it was is logged."""
    acts, weights = zip(*ACTS, strict=True)
    chosen: Act = storm.random.choices(acts, weights)[0]
    with storm.aside():
        said = chosen(storm)
    if said:
        storm.say(f"{chosen.__name__}: {said}")


ACTS: tuple[tuple[Act, float], ...] = (
    (life_shop.buys_on_shop, 14),
    (life_store.buys_in_store, 10),
    (life_shop.buyer_of_shop_changes_mind, 4),
    (life_shop.buyer_of_shop_pays, 2),
    (life_shop.buyer_of_shop_moves, 1),
    (life_shop.buyer_of_shop_returns, 1.5),
    (life_shop.return_goes_on, 1.5),
    (life_shop.seller_ships_on_shop, 3),
    (life_shop.carrier_of_shop, 3),
    (life_shop.seller_counts_on_shop, 3),
    (life_shop.seller_edits_on_shop, 1.5),
    (life_store.merchant_cancels_in_store, 2.5),
    (life_store.merchant_sets_status, 2.5),
    (life_store.merchant_edits_order, 4),
    (life_store.merchant_corrects_address, 1),
    (life_store.merchant_ships_in_store, 3),
    (life_store.merchant_corrects_shipment, 1.5),
    (life_store.merchant_counts, 6),
    (life_store.merchant_edits_catalog, 4),
    (life_hub.hub_cancels, 2.5),
    (life_hub.hub_ships, 5),
    (life_hub.hub_corrects_fulfillment, 2),
    (life_hub.hub_answers_buyer, 2),
    (life_hub.hub_resyncs, 1),
    (life_hub.hub_changes_settings, 2),
    (life_hub.hub_retries, 2),
)
