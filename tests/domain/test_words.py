"""Numbers with their nouns."""

from __future__ import annotations

from crossdock.domain.words import counted


def test_one_is_no_plural() -> None:
    assert [counted(count, "unit") for count in (0, 1, 2)] == ["0 units", "1 unit", "2 units"]
