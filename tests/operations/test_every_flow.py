"""Every flow that there is can be turned on and off in words, and every event finds the flows that it concerns."""

from __future__ import annotations

from crossdock.domain.sync import Direction, Entity
from crossdock.operations.setup.deliveries import CONCERNED
from crossdock.operations.setup.effects import STARTS, STOPS
from crossdock.operations.setup.integrations import OF_THE_HUB, RHYTHMS

GO_ALONG = {(Direction.PULL, Entity.DRIFT), (Direction.PULL, Entity.WEBHOOKS)}
"""Come and go with what is pushed, or with a public address, and move no records of anybody."""


def test_what_starts_and_what_stops_is_said_of_every_flow() -> None:
    told = [flow for flow in RHYTHMS if flow not in OF_THE_HUB and flow not in GO_ALONG]

    assert [flow for flow in told if not (flow in STARTS and flow in STOPS)] == []


def test_an_event_of_whatever_is_pulled_finds_its_flow() -> None:
    pulled: list[Entity] = [entity for direction, entity in RHYTHMS if direction is Direction.PULL]

    assert [entity for entity in pulled if entity not in CONCERNED] == []
