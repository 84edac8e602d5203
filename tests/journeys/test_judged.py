"""What a merchant stumbles over: a deleted product, a refused shop, wrong credentials, a consent that lacks access."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.app import UnknownIntegrationError
from crossdock.store import tables
from crossdock_simulators.bigcommerce.catalog import delete_product
from crossdock_simulators.kit import Fault
from journeys.test_catalog import ready
from journeys.test_stock import ADJUSTMENTS, live, tracked_skus
from support.world import SHOP, STORE, World, world


def test_a_product_deleted_in_the_store_is_offered_no_more_after_the_next_reading_of_stock(
    small_world: World,
) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    listing = tables.listing
    [row] = made.rows(listing, listing.c.integration == STORE, listing.c.channel_sku == sku)

    delete_product(made.store.store, made.store.store.products[int(row.product_channel_id)])
    made.sync()

    assert made.shop_stock()[sku] == 0


def test_a_refused_flow_is_a_case_that_ends_with_its_setting(tmp_path: Path) -> None:
    with world(tmp_path, region="DE", products=3) as made:
        ready(made)

        [case] = made.open_cases("flow_refused")
        assert "region DE" in case.cause
        assert "Disabled" in case.fix
        with pytest.raises(UnknownIntegrationError, match="region DE"):
            made.hub.flows([f"{SHOP}/push-products"])

        made.hub.apply(made.spec(shop={"products": "disabled"}))
        assert not made.open_cases("flow_refused")


def test_a_wrong_token_and_a_wrong_store_hash_name_the_field(small_world: World) -> None:
    for field, value, said in (
        ("access_token", "mistyped", "Access token"),
        ("api_path", f"{small_world.store_address}/stores/nosuch/v3/", "API path"),
    ):
        spec = small_world.spec()
        spec.integrations[0].credentials[field] = value
        small_world.hub.apply(spec)

        assert said in small_world.hub.connect(STORE).reason


def test_a_consent_that_lacks_access_can_be_given_anew(small_world: World) -> None:
    small_world.hub.apply(small_world.spec())
    every = sorted(small_world.shop.authorizations.scopes)
    small_world.act(f"{small_world.shop_address}/_sim/scopes", {"scopes": every[:1]})
    code, state = small_world.consent(small_world.hub.connect(SHOP).authorize_link)
    assert small_world.hub.connect(SHOP, code=code, state=state).status == "Error"

    small_world.act(f"{small_world.shop_address}/_sim/scopes", {"scopes": every})
    again = small_world.hub.connect(SHOP)
    code, state = small_world.consent(again.authorize_link)

    assert again.reason
    assert small_world.hub.connect(SHOP, code=code, state=state).status == "Connected"


@pytest.mark.parametrize("status", [401, 403])
def test_a_report_that_was_turned_away_is_sent_once_the_access_is_there(
    small_world: World, status: int
) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    before = made.store_stock()[sku]
    made.store.faults.add(Fault("error", path=ADJUSTMENTS, status=status))

    made.sell(sku, 2)
    made.sync()
    assert made.hub.connect(STORE).status == "Connected"
    made.sync()

    assert made.store_stock()[sku] == before - 2
    assert not made.open_cases("report_unclear")
