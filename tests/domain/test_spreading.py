"""Where the units of a line are taken from: the shares always make the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.spreading import Share, moved_to, spread

PLACES = ("east", "west", "main")
UNITS = st.integers(0, 6)
BY_PLACE = st.dictionaries(st.sampled_from(PLACES), UNITS, max_size=3)
WHOLE = st.tuples(UNITS, UNITS).map(lambda pair: Share(max(pair), min(pair)))


@given(whole=WHOLE, asked=BY_PLACE, left=BY_PLACE, gone=BY_PLACE, usual=st.sampled_from(PLACES))
def test_the_shares_make_the_whole(
    whole: Share, asked: dict[str, int], left: dict[str, int], gone: dict[str, int], usual: str
) -> None:
    shares = spread(whole, asked=asked, left=left, gone=gone, usual=usual)

    assert sum(each.sold for each in shares.values()) == whole.sold
    assert sum(each.shipped for each in shares.values()) == whole.shipped
    assert all(0 <= each.shipped <= each.sold for each in shares.values())
    assert shares.keys() >= asked.keys() | left.keys() | gone.keys()


@given(whole=WHOLE, asked=BY_PLACE)
def test_nothing_lies_elsewhere_while_what_was_asked_for_has_room(
    whole: Share, asked: dict[str, int]
) -> None:
    shares = spread(whole, asked=asked, left={}, gone={}, usual="elsewhere")

    assert shares["elsewhere"].sold == max(0, whole.sold - sum(asked.values()))


def test_what_left_counts_where_it_left_and_the_rest_waits_where_it_was_asked_for() -> None:
    shares = spread(
        Share(5, 3), asked={"east": 3, "west": 2}, left={"west": 2}, gone={"west": 2}, usual="main"
    )

    assert shares == {"east": Share(3, 1), "west": Share(2, 2), "main": Share()}


def test_what_the_ledger_took_stays_taken_where_nobody_says_otherwise() -> None:
    shares = spread(Share(4, 2), asked={}, left={}, gone={"west": 2}, usual="main")

    assert shares == {"west": Share(2, 2), "main": Share(2, 0)}


LOTS = st.lists(st.tuples(st.sampled_from(PLACES), st.integers(1, 6)), max_size=4)


@given(lots=LOTS, wanted=st.dictionaries(st.sampled_from(PLACES), st.integers(-2, 6), max_size=3))
def test_lots_lie_where_they_are_wanted_and_no_unit_is_lost_or_moved_without_need(
    lots: list[tuple[str, int]], wanted: dict[str, int]
) -> None:
    moved = moved_to(dict(enumerate(lots)), wanted)

    before = {place: sum(n for at, n in lots if at == place) for place in PLACES}
    after = {place: sum(shares.get(place, 0) for shares in moved.values()) for place in PLACES}
    assert [sum(moved[key].values()) for key in moved] == [units for _, units in lots]
    lacking = {place: max(0, wanted.get(place, 0) - before[place]) for place in PLACES}
    spare = sum(max(0, before[place] - max(0, wanted.get(place, 0))) for place in PLACES)
    came = {place: max(0, after[place] - before[place]) for place in PLACES}
    assert sum(came.values()) == min(spare, sum(lacking.values()))
    assert all(came[place] <= lacking[place] for place in PLACES)
    assert all(units > 0 for shares in moved.values() for units in shares.values())
