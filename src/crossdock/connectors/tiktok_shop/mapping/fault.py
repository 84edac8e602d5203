"""One thing that a product lacks."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """`is_draftable` says that a draft can be saved all the same, to be completed later."""

    reason: str
    fix: str
    is_draftable: bool = False
