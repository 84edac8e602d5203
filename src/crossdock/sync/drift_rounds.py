"""How far the looking for drift has come: its rounds through all that is pushed, and which of them are full readings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from crossdock.domain.sync import Cursor, Entity
from crossdock.store.codec import pack, unpack

PAGES_A_RUN = 5
"""So many calls of a full reading go out together; then others have their turn."""
PAUSE_SECONDS = 10.0
"""Between two parts of a full reading: at most a tenth of the smallest plan's calls are used by it."""


@dataclass(frozen=True, slots=True)
class Round:
    """One way through all records of an entity: where it stands, and when it began."""

    began_at: datetime
    after: str = ""
    """The channel's cursor, or the last record, that was looked at; empty at the beginning."""

    @property
    def cursor(self) -> Cursor | None:
        return Cursor(self.after) if self.after else None


@dataclass(frozen=True, slots=True)
class Rounds:
    """Where each entity stands. `full` are those that a full reading, begun at `full_began_at`, has yet to finish."""

    stock: Round
    products: Round
    full: tuple[str, ...] = ()
    full_began_at: datetime | None = None

    @classmethod
    def of(cls, cursor: Cursor | None, *, now: datetime) -> Rounds:
        return unpack(Rounds, cursor) if cursor else cls(Round(now), Round(now))

    @classmethod
    def full_from(cls, now: datetime, entities: Collection[Entity]) -> Rounds:
        return cls(Round(now), Round(now), tuple(sorted(entities)), now)

    def as_cursor(self) -> Cursor:
        return Cursor(pack(self))

    def at(self, entity: Entity) -> Round:
        return self.stock if entity is Entity.INVENTORY else self.products

    def pages(self, entity: Entity) -> int:
        return PAGES_A_RUN if entity in self.full else 1

    def moved(self, entity: Entity, after: str) -> Rounds:
        return self._with(entity, replace(self.at(entity), after=after))

    def ended(self, entity: Entity, *, now: datetime) -> Rounds:
        """The round is through; the next one begins at the beginning."""
        left = tuple(each for each in self.full if each != entity)
        return replace(self._with(entity, Round(now)), full=left)

    def without(self, entity: Entity) -> Rounds:
        """What is not pushed has nothing left to be read."""
        return replace(self, full=tuple(each for each in self.full if each != entity))

    def _with(self, entity: Entity, at: Round) -> Rounds:
        return replace(self, stock=at) if entity is Entity.INVENTORY else replace(self, products=at)
