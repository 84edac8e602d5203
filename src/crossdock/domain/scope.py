"""Which records of a flow the settings let through, so that a reading which is to see more starts anew, once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """`only` names the records that are processed, none meaning all; `since` and `without` leave some out."""

    only: tuple[str, ...] = ()
    since: datetime | None = None
    without: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, only: Collection[str], *, since: datetime | None = None, without: Collection[str] = ()
    ) -> Scope:
        return cls(tuple(sorted(only)), since, tuple(sorted(without)))

    def is_wider_than(self, other: Scope) -> bool:
        """Whether it lets something through that the other did not."""
        return (
            bool(other.only and (not self.only or set(self.only) - set(other.only)))
            or (other.since is not None and (self.since is None or self.since < other.since))
            or bool(set(other.without) - set(self.without))
        )
