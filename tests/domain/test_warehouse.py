"""The pick list adds up what all requests need, and the address is written as it stands on a parcel."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.channel import Address
from crossdock.domain.warehouse import PickOrder, Wanted, address_lines, picks

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def wanted(request: str, sku: str, quantity: int, *, name: str = "", age: int = 0) -> Wanted:
    return Wanted(request, f"of {request}", NOW - timedelta(hours=age), sku, name or f"Item {sku}", quantity)


ANY = st.lists(
    st.builds(
        wanted,
        st.sampled_from(["1-1", "1-2", "2-1"]),
        st.sampled_from(["A", "B", "b", "C"]),
        st.integers(1, 9),
        age=st.integers(0, 5),
    ),
    max_size=12,
)


@given(ANY, st.sampled_from(PickOrder))
def test_no_unit_is_lost_or_picked_twice(some: list[Wanted], by: PickOrder) -> None:
    needed: Counter[tuple[str, str]] = Counter()
    for each in some:
        needed[each.sku, each.request] += each.quantity

    found = picks(some, by)

    assert Counter({(p.sku, s.request): s.quantity for p in found for s in p.shares}) == needed
    assert all(pick.quantity == sum(share.quantity for share in pick.shares) for pick in found)
    assert len({pick.sku for pick in found}) == len(found)


@given(st.data(), ANY, st.sampled_from(PickOrder))
def test_the_list_does_not_hang_on_the_order_in_which_requests_are_read(
    data: st.DataObject, some: list[Wanted], by: PickOrder
) -> None:
    mixed = data.draw(st.permutations(some))

    assert [p.sku for p in picks(mixed, by)] == [p.sku for p in picks(some, by)]


def test_it_goes_by_sku_by_name_or_by_the_oldest_order() -> None:
    some = [
        wanted("1-1", "C", 1, name="apple", age=9),
        wanted("2-1", "a", 1, name="Cup", age=5),
        wanted("3-1", "B", 2, name="Bowl", age=7),
        wanted("4-1", "B", 1, name="Bowl", age=1),
    ]

    assert [pick.sku for pick in picks(some)] == ["a", "B", "C"]
    assert [pick.sku for pick in picks(some, PickOrder.NAME)] == ["C", "B", "a"]
    assert [pick.sku for pick in picks(some, PickOrder.OLDEST)] == ["C", "B", "a"]
    [bowl] = [pick for pick in picks(some) if pick.sku == "B"]
    assert [(share.request, share.quantity) for share in bowl.shares] == [("3-1", 2), ("4-1", 1)]


def test_an_address_is_written_without_what_is_empty_and_without_its_e_mail() -> None:
    address = Address(
        "Ann Lee", "", ("5 Dock Rd", " "), "Newark", "NJ", "07101", "US", "555", "ann@example.com"
    )

    assert address_lines(address) == ("Ann Lee", "5 Dock Rd", "Newark NJ 07101", "US", "555")
    assert address_lines(None) == ()
