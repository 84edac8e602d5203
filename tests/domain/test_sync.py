"""The vocabulary of the loops: keys of flows, batches that are halved until the bad record stands alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import (
    Change,
    Confirmed,
    Direction,
    Entity,
    FlowKey,
    HalvingError,
    Outcome,
    Rejected,
    Tally,
    send_halving,
    unreadable_id,
)


class Channel:
    """Refuses a batch whole when one of its records is bad."""

    def __init__(self, bad: set[str]) -> None:
        self.bad = bad
        self.stored: list[str] = []
        self.calls = 0

    def send(self, batch: Sequence[Change[int]]) -> Iterable[Outcome]:
        self.calls += 1
        if any(change.key in self.bad for change in batch):
            raise HalvingError("one of these is bad", code="E1")
        for change in batch:
            self.stored.append(change.key)
            yield Confirmed(change.key, ChannelId(change.key))


@given(st.integers(1, 60), st.sets(st.integers(0, 59), max_size=8))
def test_the_bad_ones_alone_are_rejected_and_the_rest_confirmed(size: int, bad: set[int]) -> None:
    batch = [Change(str(i), i) for i in range(size)]
    channel = Channel({str(i) for i in bad if i < size})

    outcomes = list(send_halving(batch, channel.send))

    assert [outcome.key for outcome in outcomes] == [change.key for change in batch]
    assert {o.key for o in outcomes if isinstance(o, Rejected)} == channel.bad
    assert channel.stored == [change.key for change in batch if change.key not in channel.bad]
    depth = math.ceil(math.log2(size)) + 1
    assert channel.calls <= 1 + 2 * len(channel.bad) * depth


def test_a_rejection_carries_the_channels_words_and_code() -> None:
    (outcome,) = send_halving([Change("1", 1)], Channel({"1"}).send)

    assert outcome == Rejected("1", "one of these is bad", code="E1")


KEYS = st.builds(
    FlowKey,
    st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True),
    st.sampled_from(Direction),
    st.sampled_from(Entity),
)


@given(KEYS)
def test_a_flow_key_reads_back_as_it_is_written(key: FlowKey) -> None:
    assert FlowKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "text", ["", "store", "store/", "/pull-orders", "store/pull", "store/pull-tea", "store/get-orders"]
)
def test_what_is_no_flow_key_is_told_what_one_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match="my-store/pull-orders"):
        FlowKey.parse(text)


def test_a_tally_counts_from_zero() -> None:
    tally = Tally()
    tally.read += 2

    assert tally.as_dict() == {
        "read": 2,
        "written": 0,
        "unchanged": 0,
        "unreadable": 0,
        "confirmed": 0,
        "rejected": 0,
        "unclear": 0,
    }


@pytest.mark.parametrize(
    ("payload", "found"),
    [({"id": 7}, "7"), ({"order_id": "8"}, "8"), ({"name": "x"}, ""), (["x"], ""), (None, "")],
)
def test_an_unreadable_record_is_known_by_the_best_id_it_has(payload: object, found: str) -> None:
    assert unreadable_id(payload) == found
