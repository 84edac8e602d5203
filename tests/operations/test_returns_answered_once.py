"""An answer to a return is one decision: it is not decided over while it is told, and a lost one is told at once."""

from __future__ import annotations

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.sync import Unclear
from crossdock.operations.orders import return_push
from operations.test_return_answers import LET_KEEP, ON, confirmed, decide, due, read, row, tell
from support import make
from support.make import SHOP, Bench


@pytest.fixture
def selling(hub: Bench) -> Bench:
    hub.open_shop(TEA=10)
    hub.read_orders(make.order("S1", make.line("TEA", 2)))
    return hub


def test_what_was_told_is_not_decided_anew_before_the_channel_shows_what_became_of_it(selling: Bench) -> None:
    read(selling)
    decide(selling, LET_KEEP)
    tell(selling, confirmed(selling))

    with pytest.raises(SettingsError, match="Lee has answered it"):
        decide(selling)

    assert row(selling).decision == LET_KEEP


def test_a_person_has_a_lost_answer_told_at_once_as_the_decision_that_it_was(selling: Bench) -> None:
    read(selling)
    decide(selling)
    [first] = due(selling)
    tell(selling, Unclear(row(selling).id, "no answer"))
    assert due(selling) == []

    with selling.step(SHOP, rules=ON) as (tx, task):
        return_push.retry(tx, task, row(selling).id)

    [again] = due(selling)
    assert (again.desired.key, again.is_unclear) == (first.desired.key, True)
