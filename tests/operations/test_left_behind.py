"""What was taken back in the hub and still stands on a channel: the same goods, recorded anew, get its parcel."""

from __future__ import annotations

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.sync import Rejected
from crossdock.operations.fulfillments.fulfillments import Tracking
from support.make import STORE, Bench
from support.shipping import (
    copied,
    due,
    enter,
    lines,
    parcel,
    read,
    settle,
    shipment,
    shown,
    sold,
    tell,
    void,
)

OTHER = Tracking("UPS", "1Z-2")


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """Three teas and two mugs sold in the shop, and copied into the store."""
    hub.open_shop(TEA=10, MUG=10)
    hub.read_orders(sold({"TEA": 3, "MUG": 2}))
    hub.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    return hub


def refuse(hub: Bench) -> None:
    [one] = due(hub)
    assert one.change.desired.is_voided
    settle(hub, one, Rejected(one.change.key, "No shipment is taken back", code="not_voidable"))


def test_a_shipment_that_is_deleted_and_made_anew_is_a_correction_of_its_parcel(selling: Bench) -> None:
    read(selling, shipment("7", "1Z-1", TEA=1))
    tell(selling, "p1")
    read(selling)
    refuse(selling)

    read(selling, shipment("8", "1Z-2", TEA=1))
    [one] = due(selling)

    assert (one.change.channel_id, one.change.desired.tracking_number) == ("p1", "1Z-2")
    assert one.change.desired.taken == ()
    assert selling.cases("fulfillment_refused") == [], "there is nothing to take back any more"
    settle(selling, one, Rejected(one.change.key, "Too late", code="21011051"))
    assert len(selling.cases("fulfillment_refused")) == 1
    assert [each.channels[0].parcels for each in shown(selling, state="shipped")] == [["p1"]]


def test_both_in_one_reading_ask_nobody_to_take_anything_back(selling: Bench) -> None:
    read(selling, shipment("7", "1Z-1", TEA=1))
    tell(selling, "p1")

    read(selling, shipment("8", "1Z-2", TEA=1))
    [one] = due(selling)

    assert (one.change.channel_id, one.change.desired.is_voided) == ("p1", False)


def test_other_units_are_another_parcel(selling: Bench) -> None:
    read(selling, shipment("7", "1Z-1", TEA=1))
    tell(selling, "p1")

    read(selling, shipment("8", "1Z-2", TEA=2))

    assert {(one.change.channel_id, one.change.desired.is_voided) for one in due(selling)} == {
        ("p1", True),
        (None, False),
    }


def test_one_parcel_goes_to_one_fulfillment(selling: Bench) -> None:
    read(selling, shipment("7", "1Z-1", TEA=1))
    tell(selling, "p1")

    read(selling, shipment("8", "1Z-2", TEA=1), shipment("9", "1Z-3", TEA=1))

    assert sorted(str(one.change.channel_id) for one in due(selling)) == ["None", "p1"]


def test_what_the_channel_still_shows_can_be_recorded_again(selling: Bench) -> None:
    key = enter(selling)
    tell(selling, "p1")
    selling.read_orders(
        sold(
            {"TEA": 3, "MUG": 2}, shipped={"TEA": 3, "MUG": 2}, parcels=(parcel("p1", "1Z-1", TEA=3, MUG=2),)
        )
    )
    void(selling, key)
    refuse(selling)
    assert lines(selling) == {"TEA": (3, 0, 0), "MUG": (2, 0, 0)}, "the shop says that they left"

    enter(selling, OTHER)
    [one] = due(selling)

    assert (one.change.channel_id, one.change.desired.tracking_number) == ("p1", "1Z-2")
    assert lines(selling) == {"TEA": (3, 0, 0), "MUG": (2, 0, 0)}
    with pytest.raises(SettingsError, match="nothing left to ship"):
        enter(selling, OTHER)


def test_a_refusal_names_the_shipment_that_has_to_be_changed(selling: Bench) -> None:
    read(selling, shipment("7", TEA=1))
    [one] = due(selling)

    settle(selling, one, Rejected(one.change.key, "No number"))

    [case] = selling.cases("fulfillment_refused")
    assert case.cause == f"tiktok did not take the fulfillment of order S1 (shipment 7 of {STORE}): No number"
