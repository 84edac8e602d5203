"""Of which variants the units of a line are taken: the product itself, or the components of a bundle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from msgspec.structs import replace

from crossdock.operations.catalog import bundles
from crossdock.operations.stock.ledger import LineSums
from crossdock.operations.stock.provisional import Places
from crossdock.operations.stock.sold_lines import Line
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import pack
from crossdock.store.database import Transaction

LINE = tables.order_line

Done = Mapping[tuple[str, str, str], LineSums]
"""What the movements of each order line come to, by line, variant and location."""


def made_of(tx: Transaction, task: Task, lines: Iterable[Line]) -> dict[str, dict[str, int]]:
    """The components of what was sold, where the hub itself takes them off its shelves."""
    if task.truth.inventory != HUB:
        return {}
    return bundles.made_of(tx, [line.variant_id for line in lines])


def composed(
    tx: Transaction,
    lines: Sequence[Line],
    compositions: Mapping[str, dict[str, int]],
    moved: Collection[str],
) -> list[Line]:
    """The lines with what each is put together of, None for one that is no bundle.

    That is decided as the line first moves stock, and kept: a bundle that is put together otherwise later changes
    no order. `moved` are the lines that have moved stock as what they are.
    """
    found = []
    for line in lines:
        known, now = line.taken_as, compositions.get(line.variant_id)
        is_whole = known is not None and known.keys() == {line.variant_id}
        if is_whole:
            known = None
        is_new = known is None and line.sold > 0 and (is_whole or line.id not in moved)
        if is_new and now is not None:
            known = now
            tx.execute(sa.update(LINE).where(LINE.c.id == line.id).values(taken_as=pack(known)))
        found.append(line if known == line.taken_as else replace(line, taken_as=known))
    return found


def by_line(done: Done) -> dict[str, dict[tuple[str, str], LineSums]]:
    """The same by line, and then by variant and location."""
    found: dict[str, dict[tuple[str, str], LineSums]] = defaultdict(dict)
    for (line, variant, place), sums in sorted(done.items(), key=lambda each: each[0]):
        found[line][variant, place] = sums
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """One line with what the ledger has of it, by variant and location."""

    line: Line
    sums: Mapping[tuple[str, str], LineSums]
    places: Places

    def gone(self) -> dict[str, int]:
        """Units of the line by the location that they were taken from."""
        parts = self.line.taken_as
        if parts is None:
            return {at: self._left(self._whole, [at]) for variant, at in self.sums if variant in self._whole}
        own = sorted({at for _, at in self.sums if self.places.belongs(at)})
        return {at: self._left(self._whole, [at]) + self._left(parts, [at]) for at in own}

    @property
    def is_split(self) -> bool:
        """Whether some of a bundle has left: the rest may be taken of it in another way."""
        return self.line.taken_as is not None and any(units > 0 for units in self.gone().values())

    def usual(self) -> str:
        """Where units are that nobody was asked for: where they are promised; empty where there is no location yet."""
        held = (at for (_, at), sums in self.sums.items() if sums.committed and self.places.belongs(at))
        return next(held, "") or self.places.usual(self.line)

    def unplaced(self) -> list[Line]:
        """The line as nobody was asked for it: of a bundle, what it is taken of where it is taken from."""
        if self.line.taken_as is None:
            return [self.line]
        place = self.usual()
        left_from = {at for _, at in self.sums if self.places.belongs(at)}
        return apart(replace(self.line, place=place), self._of(place, left_from))

    def at(self, share: Line) -> list[Line]:
        """A share of the line as what is taken for it at its place."""
        return apart(share, self._of(share.place, [share.place]))

    def _of(self, place: str, left_from: Iterable[str]) -> Mapping[str, int]:
        """Units are taken as those before them, and else in the way of the location."""
        parts, before = self.line.taken_as, list(left_from)
        if parts is None:
            return self._whole
        if self._left(parts, before) > 0:
            return parts
        is_whole = self._left(self._whole, before) > 0 or self.places.keeps_bundles(place)
        return self._whole if is_whole else parts

    @property
    def _whole(self) -> dict[str, int]:
        return {self.line.variant_id: 1}

    def _left(self, parts: Mapping[str, int], places: Iterable[str]) -> int:
        """Units of the line that have left these places as these parts."""
        gone: dict[str, int] = dict.fromkeys(parts, 0)
        for variant, at in self.sums.keys() & {(part, place) for part in parts for place in places}:
            sums = self.sums[variant, at]
            gone[variant] += sums.shipped + sums.noted
        return max((-(-units // parts[variant]) for variant, units in gone.items()), default=0)


def apart(line: Line, parts: Mapping[str, int]) -> list[Line]:
    """The line as these variants, each with so many for one unit."""
    return [
        replace(
            line,
            variant_id=part,
            sold=line.sold * each,
            shipped=line.shipped * each,
            taken_back=line.taken_back * each,
        )
        for part, each in parts.items()
    ]
