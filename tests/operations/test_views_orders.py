"""What is seen of orders: newest first, without buyers; and one order whose amounts add up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import Address
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.views import views
from crossdock.operations.views.view_page import amount_text
from crossdock.operations.views.views import OrderFilters
from support.make import CIPHER, NOW, SHOP, STORE, Bench, line, order

BUYER = Address(name="Jane Roe", lines=("1 Elm Street",), city="Austin", country_code="US")


def numbers(hub: Bench, **query: Any) -> list[str]:
    with hub.database.reading() as tx:
        return [each.number for each in views.orders(tx, OrderFilters(**query)).items]


def test_orders_come_the_newest_first(hub: Bench) -> None:
    hub.read_orders(order("1"), order("2", placed_at=NOW + timedelta(hours=1)), order("3", placed_at=NOW))

    assert numbers(hub)[0] == "2"


def test_orders_are_filtered_by_account_status_and_words(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("111", line("A")), order("222", status=OrderStatus.CANCELED))
    hub.read_orders(order("333"), of=STORE)

    assert numbers(hub, integration=STORE) == ["333"]
    assert numbers(hub, status=OrderStatus.CANCELED) == ["222"]
    assert numbers(hub, search="11") == ["111"]
    assert numbers(hub, search="a") == ["111"], "by the SKU of a line"


def test_reservations_and_copies_are_shown_only_when_everything_is_asked_for(hub: Bench) -> None:
    hub.read_orders(order("1"), order("2", is_reservation=True))
    hub.read_orders(order("9", external_source="crossdock", external_reference="1"), of=STORE)

    assert numbers(hub) == ["1"]
    assert sorted(numbers(hub, is_everything=True)) == ["1", "2", "9"]


def test_slices_show_each_order_once_even_when_placed_at_the_same_moment(hub: Bench) -> None:
    hub.read_orders(*(order(str(number)) for number in range(7)))
    seen: list[str] = []
    after = ""
    with hub.database.reading() as tx:
        while True:
            part = views.orders(tx, after=after, limit=2)
            seen += [each.number for each in part.items]
            if not (after := part.next):
                break

    assert sorted(seen) == [str(number) for number in range(7)]


def test_an_order_names_the_skus_that_no_product_has(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A"), line("LOST")))

    with hub.database.reading() as tx:
        (found,) = views.orders(tx).items

    assert (found.lines, found.unmatched_skus) == (2, ["LOST"])


def test_no_list_and_no_order_without_the_cipher_says_who_bought(hub: Bench) -> None:
    hub.read_orders(order("1", shipping_address=BUYER))

    with hub.database.reading() as tx:
        assert "Jane" not in repr(views.orders(tx))
        assert "Jane" not in repr(views.order(tx, "1"))


def test_one_order_shows_its_buyer_lines_totals_reports_and_timeline(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(
        order(
            "1",
            line("A", 3, quantity_shipped=1),
            shipping_address=BUYER,
            fulfilled_by=FulfilledBy.PLATFORM_LABEL,
        )
    )

    with hub.database.reading() as tx:
        found = views.order(tx, "1", CIPHER)

    assert found is not None
    assert found.shipping_address == BUYER
    assert (found.order.total, found.order.currency, found.order.fulfilled_by) == (
        "30.00",
        "USD",
        "platform_label",
    )
    (only,) = found.lines
    assert (only.sku, only.master_sku, only.quantity, only.quantity_shipped) == ("A", "A", 3, 1)
    assert (only.unit_price, only.total, found.totals.total) == ("10.00", "30.00", "30.00")
    assert [(each.owner, each.quantity) for each in found.reports] == [(STORE, -3)]
    assert [each.integration for each in found.events] == [SHOP]


def test_a_copy_is_shown_with_its_original_and_not_instead_of_it(hub: Bench) -> None:
    hub.read_orders(order("1"))
    hub.read_orders(
        order(
            "9", number="1", external_source="crossdock", external_reference="1", placed_at=NOW + timedelta(1)
        ),
        of=STORE,
    )

    with hub.database.reading() as tx:
        found = views.order(tx, "1")

    assert found is not None
    assert found.order.integration == SHOP
    assert [(each.integration, each.channel_id) for each in found.copies] == [(STORE, "9")]


def test_an_unknown_order_is_none(hub: Bench) -> None:
    with hub.database.reading() as tx:
        assert views.order(tx, "nothing") is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("9.5", "9.50"),
        ("9.5000", "9.50"),
        ("9.995", "9.995"),
        ("1200", "1200.00"),
        ("-0.10", "-0.10"),
        ("1E+3", "1000.00"),
    ],
)
def test_amounts_are_written_with_two_places_or_with_all_that_count(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


def test_what_is_to_be_changed_is_named_so_that_it_can_be_no_other_order(hub: Bench) -> None:
    later = NOW + timedelta(days=1)
    hub.read_orders(order("A", number="101"), order("B", number="7"))
    hub.read_orders(order("C", number="101", placed_at=later), of=STORE)
    hub.read_orders(order("7", external_source="crossdock", external_reference="B"), of=STORE)

    with hub.database.reading() as tx:
        seen, own = views.order(tx, "101"), views.order_to_change(tx, order_id(SHOP, "A"))
        with pytest.raises(SettingsError, match="several orders are meant by '101'") as refused:
            views.order_to_change(tx, "101")
        with_copy = views.order_to_change(tx, "7")
        assert views.order_to_change(tx, "nobody") is None

    assert seen is not None
    assert seen.order.integration == STORE, "the newest is only looked at"
    assert all(order_id(*each) in str(refused.value) for each in ((SHOP, "A"), (STORE, "C")))
    assert own is not None
    assert own.channel_id == "A"
    assert with_copy is not None
    assert with_copy.integration == SHOP, "a copy follows its original"


def test_orders_are_found_by_when_for_how_much_and_by_whole_skus_and_tags(hub: Bench) -> None:
    hub.open_shop(**{"A": 9, "A-1": 9})
    later = NOW + timedelta(days=1)
    hub.read_orders(
        order("1", line("A", 2), tags=frozenset({"vip"})),
        order("2", line("A-1"), tags=frozenset({"vip2"}), placed_at=later),
    )

    assert numbers(hub, placed_from=later) == ["2"]
    assert numbers(hub, placed_before=later) == ["1"]
    assert (numbers(hub, total_min=Decimal(11)), numbers(hub, total_max=Decimal("10.00"))) == (["1"], ["2"])
    assert (numbers(hub, sku="A"), numbers(hub, sku="a")) == (["1"], [])
    assert (numbers(hub, tag="vip"), numbers(hub, tag="VIP")) == (["1"], [])


def test_orders_are_found_by_whether_something_is_wrong_with_them(hub: Bench) -> None:
    hub.open_shop(A=9)
    hub.read_orders(order("1", line("A")), order("2", line("NOBODY")))

    assert numbers(hub, has_exceptions=True) == ["2"]
    assert numbers(hub, has_exceptions=False) == ["1"]


def test_s91_an_order_that_nobody_routes_says_which_location_is_linked_to_no_warehouse(hub: Bench) -> None:
    hub.open_shop(A=9)
    hub.read_orders(order("1", line("A")))

    with hub.database.reading() as tx:
        found = views.order(tx, "1", CIPHER)

    assert found is not None
    assert found.routing.is_rehearsed
    told = "location Place 1 is not linked to a 3PL or warehouse, so the order has no routing destination"
    assert told in found.routing.summary
    assert found.routing.words[-1].startswith("SKU matching does not control routing")
    assert told in next(step.text for step in found.progress if step.stage == "Routed")


def test_what_is_wrong_with_an_order_is_said_in_words(hub: Bench) -> None:
    hub.read_orders(order("1", line("NOBODY"), shipping_address=None))

    with hub.database.reading() as tx:
        found = views.order(tx, "1", CIPHER)

    assert found is not None
    assert found.problems == [
        "Its address will not do: there is no shipping address",
        "No product has the SKU NOBODY",
    ]
    assert [step.color for step in found.progress] == ["green", "green", "red", "gray", "gray"]
