"""When the settings let more through than before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crossdock.domain.scope import Scope

MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("was", "now", "is_wider"),
    [
        (Scope.of(["1"]), Scope.of([]), True),
        (Scope.of(["1"]), Scope.of(["1", "2"]), True),
        (Scope.of(["1"]), Scope.of(["2"]), True),
        (Scope.of([]), Scope.of(["1"]), False),
        (Scope.of(["1", "2"]), Scope.of(["2"]), False),
        (Scope.of([], since=APRIL), Scope.of([], since=MARCH), True),
        (Scope.of([], since=APRIL), Scope.of([]), True),
        (Scope.of([], since=MARCH), Scope.of([], since=APRIL), False),
        (Scope.of([]), Scope.of([], since=APRIL), False),
        (Scope.of([], without=["sample"]), Scope.of([]), True),
        (Scope.of([]), Scope.of([], without=["sample"]), False),
        (Scope.of(["1"]), Scope.of(["1"]), False),
    ],
)
def test_a_scope_is_wider_where_something_passes_that_did_not(was: Scope, now: Scope, is_wider: bool) -> None:
    assert now.is_wider_than(was) is is_wider
