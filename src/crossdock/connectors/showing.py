"""What a channel may be able to show of what the hub knows of it, for the hub to see whether it still is so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelRecord, Standing
from crossdock.domain.drift import Difference, ShownStock
from crossdock.domain.sync import Cursor, Page


@runtime_checkable
class ShowsStock(Protocol):
    """A channel that shows all that it offers page by page, in fewer calls than variant by variant."""

    def shown_stock(self, since: Cursor | None) -> Iterator[Page[ShownStock]]:
        """Every variant with a number once, whoever set it; one call a page."""
        ...


@runtime_checkable
class ShowsProducts(Protocol):
    """A channel whose products can be read, in few calls, for what the hub sets of them.

    `keeps_deleted` says that it goes on showing what was deleted, as such, so that one on no page is no proof.
    """

    keeps_deleted: ClassVar[bool]

    def shown_products(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]:
        """Every product once, whoever made it: title, state, SKUs and prices; one call a page."""
        ...

    def differences(self, wanted: Listable, shown: ChannelProduct) -> Iterable[Difference]:
        """What is shown otherwise than a push of this would leave it. What the settings leave alone is none."""
        ...


@runtime_checkable
class ShowsStanding(Protocol):
    """A channel whose catalog can be asked for single variants, which may be there without a number of their own."""

    def standing(self, records: Sequence[ChannelRecord]) -> Mapping[ChannelId, Standing]:
        """By variant, what the catalog says of it now; nothing of one whose product cannot be read."""
        ...
