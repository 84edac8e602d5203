"""Orders one after the other, none of which holds up the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crossdock.connectors.errors import UnavailableError

MOST_LOST = 3
"""So many orders that nothing came of, and none that anything came of: it is no matter of the single order."""


@dataclass
class Turns:
    """What came of each order so far. `lost` names those without an answer, with what happened instead."""

    failing: frozenset[str] = frozenset()
    """Orders that nothing came of before either, and that have no turn now."""
    lost: dict[str, UnavailableError] = field(default_factory=dict)
    answered: int = 0

    def take(self, order: str, act: Callable[[], bool]) -> None:
        """Let it have its turn; `act` says whether the platform answered at all."""
        try:
            self.answered += act()
        except UnavailableError as failure:
            self.lost[order] = failure

    @property
    def are_all_lost(self) -> bool:
        """Whether the platform rather fails as a whole, so that the others are better left for later."""
        return bool(self.lost) and not self.answered and len(self.failing | self.lost.keys()) >= MOST_LOST


def raise_if_all_lost(turns: Iterable[Turns]) -> None:
    """Once everything has had its turn: where nothing came through, the run has failed, and is paused as such."""
    for some in turns:
        if some.are_all_lost:
            raise list(some.lost.values())[-1]
