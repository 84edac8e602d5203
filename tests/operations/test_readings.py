"""Numbers that are read while reports are under way: they count together with what they show of those, or not at all."""

from __future__ import annotations

from datetime import datetime

from crossdock.domain.channel import ChannelStock
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Cursor, Page
from crossdock.operations.stock import readings, sales
from operations.test_sales import states
from support.make import STORE, stock
from support.owner import PLACES, SKU, Owner


def page(owner: Owner, *, began: datetime | None = None) -> Page[ChannelStock]:
    numbers = [stock(SKU, owner.units[place], place) for place in PLACES]
    return Page(tuple(numbers), Cursor(""), read_began_at=began or owner.hub.tick())


def read_in_passing(owner: Owner) -> list[str]:
    """As the whole stock is read; answers the variants that were left out."""
    with owner.hub.step(STORE) as (tx, task):
        _, left_out = readings.take_in_others(tx, task, page(owner))
    return [sku for _, sku in left_out]


def read_and_judge(owner: Owner, *, began: datetime | None = None) -> None:
    read = page(owner, began=began)
    behind = owner.hub.tick()
    with owner.hub.step(STORE) as (tx, task):
        readings.take_in(tx, task, [read], orders_read_until=behind)


def test_a_number_that_is_net_of_a_report_comes_in_with_the_end_of_its_commitment(owner: Owner) -> None:
    owner.sell(3)
    assert owner.send()

    assert read_in_passing(owner) == [SKU]
    assert owner.hub.offered(SKU) == 22

    read_and_judge(owner)
    assert (owner.hub.offered(SKU), states(owner)) == (22, [ReportState.SEEN])
    assert read_in_passing(owner) == []


def test_a_number_that_was_read_before_the_answer_says_nothing(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    early = owner.hub.tick()
    owner.apply(sent[1])
    read_and_judge(owner)
    assert owner.hub.offered(SKU) == 22, "it is under way"

    with owner.hub.step(STORE) as (tx, task):
        sales.answered(tx, task, *sent, "t-1")
    read_and_judge(owner, began=early)
    assert (owner.hub.offered(SKU), states(owner)) == (22, [ReportState.ANSWERED])

    read_and_judge(owner)
    assert (owner.hub.offered(SKU), states(owner)) == (22, [ReportState.SEEN])


def test_a_report_whose_run_was_killed_keeps_no_readings_out(owner: Owner) -> None:
    owner.sell(3)
    assert owner.take_due() is not None
    owner.units["1"] -= 5

    read_and_judge(owner)
    assert owner.hub.offered(SKU) == 22

    owner.hub.tick(readings.ANSWERED_WITHIN.total_seconds())
    read_and_judge(owner)
    assert owner.hub.offered(SKU) == 17
