"""Whatever an order holds: no plan ships more than is open, and what was recorded is known again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.bigcommerce.mapping.shipment import provider_of
from crossdock.connectors.bigcommerce.mapping.shipment_plan import Plan, Recorded, plan
from crossdock.connectors.bigcommerce.payloads import OrderLine
from crossdock.connectors.bigcommerce.payloads_shipment import Shipment, ShipmentItem
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits

ORDER = ChannelId("218")
NUMBER = "1Z999"


@st.composite
def cases(draw: st.DrawFn) -> tuple[Recorded, WantedFulfillment]:
    """An order of which a part has left, and a wish that may be for more than is open."""
    lines = [
        OrderLine(
            id=number,
            quantity=draw(st.integers(1, 4)),
            order_address_id=draw(st.sampled_from([0, 31, 32])),
            variant_id=draw(st.sampled_from([0, 1, 2])),
            sku=draw(st.sampled_from(["A", "B"])),
        )
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]
    there = Recorded({line.id: line for line in lines}, ())
    for number in range(90, 90 + draw(st.integers(0, 2))):
        there = recorded(there, (units_of(draw, there),), "OTHER", number)
    wishes = st.lists(
        st.tuples(st.sampled_from(lines), st.integers(1, 5), st.integers(0, 2)), min_size=1, max_size=3
    )
    units = tuple(wish(line, quantity, named_by) for line, quantity, named_by in draw(wishes))
    return there, WantedFulfillment(ORDER, units, tracking_number=NUMBER)


def wish(line: OrderLine, quantity: int, named_by: int) -> WantedUnits:
    """By its line, or only by its variant, or only by its SKU."""
    return WantedUnits(
        quantity,
        line_id=ChannelId(str(line.id) if named_by == 0 else ""),
        variant_id=ChannelId(str(line.variant_id) if named_by < 2 and line.variant_id else ""),
        channel_sku=ChannelSku(line.sku or ""),
    )


def units_of(draw: st.DrawFn, there: Recorded) -> dict[int, int]:
    """Some open units of one line with an address."""
    found = {
        line.id: line.quantity - (line.quantity_shipped or 0)
        for line in there.lines.values()
        if line.order_address_id
    }
    some = [(number, left) for number, left in found.items() if left]
    if not some:
        return {}
    number, left = draw(st.sampled_from(some))
    return {number: draw(st.integers(1, left))}


def recorded(there: Recorded, parts: tuple[dict[int, int], ...], number: str, first_id: int) -> Recorded:
    """The same order after the store has taken these shipments, with its own check of what is open."""
    shipped: Counter[int] = Counter()
    made = []
    for place, units in enumerate(part for part in parts if part):
        shipped.update(units)
        items = [ShipmentItem(line, count) for line, count in units.items()]
        made.append(Shipment(first_id + place, items, tracking_number=number))
    lines = {
        key: msgspec.structs.replace(line, quantity_shipped=(line.quantity_shipped or 0) + shipped[key])
        for key, line in there.lines.items()
    }
    assert all((line.quantity_shipped or 0) <= line.quantity for line in lines.values()), "over-shipped"
    return Recorded(lines, [*there.shipments, *made])


def carried_out(there: Recorded, planned: Plan) -> Recorded:
    for address, units in planned.to_make:
        assert {there.lines[line].order_address_id for line in units} == {address}
    return recorded(there, tuple(dict(units) for _, units in planned.to_make), NUMBER, 10)


def made_units(planned: Plan) -> int:
    return sum(sum(units.values()) for _, units in planned.to_make)


@given(cases())
def test_all_that_is_wanted_is_recorded_or_nothing(case: tuple[Recorded, WantedFulfillment]) -> None:
    there, want = case
    asked = sum(part.quantity for part in want.units)

    planned = plan(want, there, ())

    carried_out(there, planned)
    if planned.lacking:
        assert (planned.to_make, planned.found, planned.extra) == ((), (), ())
    else:
        assert made_units(planned) + planned.needless == asked


@given(cases())
def test_what_was_recorded_is_known_again_with_and_without_its_ids(
    case: tuple[Recorded, WantedFulfillment],
) -> None:
    there, want = case
    after = carried_out(there, plan(want, there, ()))
    ours = [one for one in after.shipments if one.tracking_number == NUMBER]

    lost = plan(want, after, ())
    known = plan(want, after, [one.id for one in ours])

    assert (lost.to_make, sorted(one.id for one in lost.found)) == ((), sorted(one.id for one in ours))
    assert (known.to_make, known.extra, len(known.kept)) == ((), (), len(ours))


@given(cases())
def test_what_stands_for_another_fulfillment_is_never_taken(case: tuple[Recorded, WantedFulfillment]) -> None:
    there, want = case
    after = carried_out(there, plan(want, there, ()))
    taken = tuple(ChannelId(str(one.id)) for one in after.shipments)

    again = plan(replace(want, taken=taken), after, ())

    assert again.found == ()
    carried_out(after, again)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("UPS", "ups"),
        ("UPS Ground", "ups"),
        ("U.S. Postal Service", "usps"),
        ("USPS Priority Mail", "usps"),
        ("FedEx", "fedex"),
        ("Fed Ex", "fedex"),
        ("Federal Express", "fedex"),
        ("Royal Mail", "royalmail"),
        ("Australia Post", "auspost"),
        ("Canada Post", "canadapost"),
        ("DHL eCommerce", ""),
        ("Upsilon Parcels", ""),
        ("", ""),
    ],
)
def test_a_carrier_is_known_by_the_names_that_people_use(name: str, key: str) -> None:
    assert provider_of(name) == key
