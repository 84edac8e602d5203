"""Shipments that are there no more: deleted by the hub while a page was under way, or by the merchant on purpose."""

from __future__ import annotations

import pytest

from crossdock.domain.channel import ChannelId
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Confirmed, Unclear
from crossdock.operations import retrying
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.fulfillments.told_parcels import GONE, told_by
from crossdock.operations.views import views
from crossdock.store import tables
from support.make import STORE, Bench
from support.shipping import (
    S1,
    copied,
    due,
    enter,
    lines,
    read,
    settle,
    shipment,
    shown,
    sold,
    status,
    tell,
    void,
)


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """Three teas sold in the shop, and copied into the store."""
    hub.open_shop(TEA=10)
    hub.read_orders(sold({"TEA": 3}))
    hub.read_orders(copied({"TEA": 3}), of=STORE)
    return hub


def standing(hub: Bench) -> list[str]:
    return [one.source for one in shown(hub, state="shipped")]


# Deleted by the hub


@pytest.mark.parametrize("number", ["1Z-1", ""])
def test_a_page_from_before_a_shipment_was_deleted_brings_nothing_back(selling: Bench, number: str) -> None:
    key = enter(selling, Tracking("UPS", number), units={"TEA": 2})
    tell(selling, "5", integration=STORE)
    asked_at = selling.tick()
    void(selling, key)
    tell(selling, "", integration=STORE)

    read(selling, shipment("5", number, TEA=2), asked_at=asked_at)

    assert (standing(selling), lines(selling)["TEA"]) == ([], (0, 0, 3))
    assert due(selling) == [], "the shop is told of nothing"


def test_what_was_deleted_before_its_id_was_known_is_known_by_its_number(selling: Bench) -> None:
    key = enter(selling, units={"TEA": 2})
    [sent] = due(selling, STORE)
    settle(selling, sent, Unclear(key, "The connection broke"), STORE)
    asked_at = selling.tick()
    void(selling, key)
    tell(selling, "", integration=STORE)

    read(selling, shipment("5", "1Z-1", TEA=2), asked_at=asked_at)
    assert standing(selling) == []

    read(selling, shipment("6", "1Z-1", TEA=2))
    assert standing(selling) == [STORE], "the merchant has made it anew since"


def test_a_shipment_that_was_made_anew_for_other_units_is_not_met_again(selling: Bench) -> None:
    key = enter(selling, units={"TEA": 2})
    tell(selling, "5", integration=STORE)
    with selling.step() as (tx, _):
        tx.execute(tables.publication.update().values(is_dirty=True, fingerprint=""))
    [again] = due(selling, STORE)
    settle(selling, again, Confirmed(key, ChannelId("6")), STORE)

    read(selling, shipment("5", "1Z-0", TEA=1))

    assert standing(selling) == ["hub"]


def test_an_id_that_comes_back_under_the_same_number_is_the_fulfillments_own(selling: Bench) -> None:
    """As platforms do that combine parcels and take them apart again."""
    key = enter(selling, units={"TEA": 2})
    tell(selling, "5", integration=STORE)
    read(selling, shipment("6", "1Z-1", TEA=2))

    read(selling, shipment("5", "1Z-1", TEA=2))

    table = tables.publication
    [row] = selling.rows(table, table.c.integration == STORE, table.c.record_id == key)
    assert (told_by(row.body).parcels, told_by(row.body).deleted) == (("5",), ("6",))
    assert standing(selling) == ["hub"]


# Deleted by the merchant


def recorded_and_deleted(hub: Bench) -> str:
    key = enter(hub, units={"TEA": 2})
    tell(hub, "5", integration=STORE)
    read(hub)
    return key


def test_a_recorded_shipment_that_somebody_deletes_is_a_case(selling: Bench) -> None:
    key = recorded_and_deleted(selling)

    [case] = selling.cases(GONE)
    assert (case.subject_id, case.integration) == (S1, STORE)
    assert case.cause.startswith(
        f"Shipment 5 (1Z-1), which the hub had recorded in {STORE}, was deleted there"
    )
    assert f"void {key}" in case.fix
    assert (lines(selling)["TEA"], status(selling)) == ((2, 0, 1), "Partially Fulfilled")
    assert due(selling, STORE) == [], "nobody makes anew what the merchant has taken away"

    read(selling)
    assert len(selling.cases()) == 1


def test_the_case_ends_where_it_is_taken_back_whoever_is_told(selling: Bench) -> None:
    void(selling, recorded_and_deleted(selling))

    assert selling.cases() == []
    tell(selling, "", integration=STORE)
    assert (selling.cases(), lines(selling)["TEA"]) == ([], (0, 0, 3))


def test_the_case_ends_where_it_is_recorded_again(selling: Bench) -> None:
    key = recorded_and_deleted(selling)
    with selling.step(STORE) as (tx, task):
        [case] = views.exceptions(tx, kind=GONE).items
        retrying.retry(tx, task, case, by="ada")

    [one] = due(selling, STORE)
    assert one.change.channel_id == "5"
    settle(selling, one, Confirmed(key, ChannelId("6")), STORE)

    assert selling.cases() == []
    read(selling, shipment("6", "1Z-1", TEA=2))
    assert (selling.cases(), standing(selling)) == ([], ["hub"])


def test_the_case_ends_where_it_is_there_again(selling: Bench) -> None:
    recorded_and_deleted(selling)

    read(selling, shipment("5", "1Z-1", TEA=2))

    assert selling.cases() == []


def test_one_of_several_addresses_is_missed_as_well(selling: Bench) -> None:
    enter(selling, units={"TEA": 3})
    tell(selling, "5+6", integration=STORE)

    read(selling, shipment("5", "1Z-1", TEA=2))

    [case] = selling.cases(GONE)
    assert case.cause.startswith("Shipment 6 (1Z-1)")


def test_what_was_recorded_after_a_page_was_asked_for_is_not_missed_in_it(selling: Bench) -> None:
    enter(selling, units={"TEA": 2})
    asked_at = selling.tick()
    tell(selling, "5", integration=STORE)

    read(selling, asked_at=asked_at)

    assert selling.cases() == []


def test_a_shipment_under_another_id_is_not_missed(selling: Bench) -> None:
    enter(selling, units={"TEA": 2})
    tell(selling, "5", integration=STORE)

    read(selling, shipment("6", "1Z-1", TEA=2))

    assert selling.cases() == []


def test_nothing_is_missed_of_an_order_that_is_canceled_there(selling: Bench) -> None:
    recorded_and_deleted(selling)
    selling.read_orders(copied({"TEA": 3}, status=OrderStatus.CANCELED), of=STORE)

    read(selling)

    assert selling.cases(GONE) == []
