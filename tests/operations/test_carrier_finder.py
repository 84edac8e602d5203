"""Who is meant by a carrier that a channel does not take: in its case, and for whoever asks."""

from __future__ import annotations

import pytest

from crossdock.domain.sync import Rejected
from crossdock.operations.fulfillments import carrier_finder
from crossdock.operations.fulfillments.fulfillments import Tracking
from support.make import SHOP, Bench
from support.shipping import due, enter, settle, teas_and_mugs_sold

UPS_NUMBER = "1Z999AA10123456784"


@pytest.fixture
def refused(hub: Bench) -> Bench:
    """The shop does not take the carrier of what left, and says which it takes."""
    selling = teas_and_mugs_sold(hub)
    key = enter(selling, Tracking("Brown Vans", UPS_NUMBER))
    [one] = due(selling)
    choices = ("DHL eCommerce", "UPS", "USPS")
    settle(selling, one, Rejected(key, "No such carrier", "Map it", "carrier_unknown", choices=choices))
    return selling


def test_the_case_names_whom_the_number_points_to(refused: Bench) -> None:
    [case] = refused.cases("carrier_unknown")

    assert case.fix == f"Probably meant: UPS ({UPS_NUMBER} is a number of UPS by its shape). Map it"


def test_the_finder_knows_what_the_channel_said_it_takes(refused: Bench) -> None:
    with refused.database.reading() as tx:
        found = carrier_finder.find(tx, "United Parcel Service")
        elsewhere = carrier_finder.find(tx, "United Parcel Service", integration="store")

    assert [(c.integration, [each.name for each in c.candidates]) for c in found.channels] == [
        (SHOP, ["UPS"])
    ]
    assert found.candidates[0].name == "UPS"
    assert elsewhere.channels == ()


def test_a_number_that_is_not_the_carriers_is_said(refused: Bench) -> None:
    with refused.database.reading() as tx:
        assert carrier_finder.find(tx, "USPS", UPS_NUMBER).warning == f"{UPS_NUMBER} looks like UPS, not USPS"


def test_nobody_is_proposed_in_place_of_who_was_named() -> None:
    assert carrier_finder.advice("UPS", "", ()) == ""
    assert carrier_finder.advice("Our own van", "", ("UPS", "USPS")) == ""
    assert carrier_finder.advice("Fedex Home", "", ("FedEx", "UPS")).startswith("Probably meant: FedEx (")
