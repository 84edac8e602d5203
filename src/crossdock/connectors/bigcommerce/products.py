"""Pulls products: all of them by id, then what changed by date."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.digests import ProductDigests
from crossdock.connectors.bigcommerce.mapping.product import Names, to_product
from crossdock.connectors.bigcommerce.names import NameBook
from crossdock.connectors.bigcommerce.reading import (
    Position,
    Step,
    by_date,
    by_id,
    decoded,
    read_pairs,
    read_records,
)
from crossdock.connectors.bigcommerce.store_facts import StoreFacts
from crossdock.connectors.bigcommerce.tracking import Tracking
from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import ProtocolError
from crossdock.domain.channel import ChannelProduct
from crossdock.domain.sync import Cursor, Page


class Products:
    """Reads the catalog with the names, units and ways of counting that belong to it.

    `skus_only` reads just what matching by SKU needs: the catalog itself is left alone then.
    """

    def __init__(
        self,
        client: Client,
        facts: StoreFacts,
        names: NameBook,
        tracking: Tracking,
        *,
        skus_only: bool = False,
    ) -> None:
        self._client = client
        self._skus_only = skus_only
        self._facts = facts
        self._names = names
        self._tracking = tracking

    def pull(
        self, since: Cursor | None, clock: Clock, digests: ProductDigests
    ) -> Iterator[Page[ChannelProduct]]:
        start = Position.of(since, now=clock())
        if since is None:
            self._names.renew()
        if start.sweep_began is not None:
            for step in by_id(self._after, start, clock):
                yield self._page(step, digests, completes_sweep=step.is_last)
        else:
            for step in by_date(self._modified, start, clock, keeps_newest=False):
                yield self._page(step, digests, completes_sweep=False)

    def show(self, since: Cursor | None, clock: Clock) -> Iterator[Page[ChannelProduct]]:
        """All by id, for just what the hub sets of them; brands and categories are not asked for."""
        nameless, units = Names({}, {}), self._facts.units()
        for step in by_id(self._shown, Position.of(since, now=clock()), clock):
            products, unreadable = read_records(
                step.records,
                lambda raw: to_product(decoded(raw, payloads.Product), names=nameless, units=units),
            )
            yield Page(products, step.next.as_cursor(), step.read_began_at, unreadable, step.is_last)

    def _shown(self, position: Position) -> Listing:
        return self._client.products_to_compare(position.after_id)

    def _after(self, position: Position) -> Listing:
        return self._client.products_after(position.after_id, skus_only=self._skus_only)

    def _modified(self, position: Position) -> Listing:
        if position.after is None:
            raise ProtocolError("A cursor of products outside of a sweep lacks its date")
        return self._client.products_modified(position.after, position.page, skus_only=self._skus_only)

    def _page(self, step: Step, digests: ProductDigests, *, completes_sweep: bool) -> Page[ChannelProduct]:
        """What is to the letter as the hub took it in stays as it is: mapping costs the most of a quiet sweep."""
        named, unread = read_records(step.records, lambda raw: (raw, decoded(raw, payloads.NamedProduct)))
        names, units = self._names.names_for([one for _, one in named]), self._facts.units()
        met = digests.compare(named, names, units)
        pairs, undecoded = read_records(met.changed, lambda raw: (raw, decoded(raw, payloads.Product)))
        self._tracking.learn([product for _, product in pairs])
        mapped, unmapped = read_pairs(pairs, lambda product: to_product(product, names=names, units=units))
        return Page(
            mapped,
            step.next.as_cursor(),
            step.read_began_at,
            unread + undecoded + unmapped,
            completes_sweep,
            same=met.same,
            digests={one.channel_id: met.digests[one.channel_id] for one in mapped},
        )
