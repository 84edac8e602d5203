"""Numbers with their nouns, as sentences for people need them."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """1 unit, 2 units."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
