"""What the channel was told of each variant's SKU, so that its listing is known again under an earlier one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.domain.catalog import Listable
from crossdock.domain.matching import folded
from crossdock.domain.sync import Change, Entity
from crossdock.operations import publishing
from crossdock.operations.publishing import PublicationState
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LISTING = tables.listing


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """SKUs by variant: of a create that may have arrived, and of the last state that the channel confirmed."""

    sent: dict[str, str] = {}
    listed: dict[str, str] = {}


def listed(change: Change[Listable] | None) -> str:
    """The body of a publication once the channel has confirmed this."""
    return pack(Told(listed=_skus(change)) if change else Told())


def begin(tx: Transaction, integration: str, change: Change[Listable]) -> None:
    """Marked unclear beforehand: whatever happens to the answer, the next try looks first."""
    body = pack(Told(sent=_skus(change)))
    _write(tx, integration, change, state=PublicationState.UNCLEAR, body=body)


def end(tx: Transaction, integration: str, change: Change[Listable]) -> None:
    """The channel has said that it took nothing."""
    if change.channel_id is None:
        _write(tx, integration, change, body=pack(Told()))


def _skus(change: Change[Listable]) -> dict[str, str]:
    return {part.variant.id: part.channel_sku for part in change.desired.variants}


def _write(tx: Transaction, integration: str, change: Change[Listable], **values: Any) -> None:
    publishing.write(tx, integration, Entity.PRODUCTS, change.key, **values)


def recognize(tx: Transaction, integration: str, publications: Sequence[Any]) -> None:
    """Link what an unclear create left on the channel with the variant it was for, whatever its SKU is by now.

    The listings were read before that create, and none had these SKUs: one that is there now is ours.
    """
    sent = {key: sku for row in publications for key, sku in told(row).sent.items()}
    for channel_id, variant_id in _unlinked(tx, integration, sent).items():
        where = (LISTING.c.integration == integration, LISTING.c.channel_id == channel_id)
        tx.execute(sa.update(LISTING).where(*where).values(variant_id=variant_id))


def left_behind(tx: Transaction, integration: str, publications: Sequence[Any]) -> dict[str, str]:
    """By variant the SKU that it had on the channel and that a listing without a link has there still."""
    known = {key: sku for row in publications for key, sku in told(row).listed.items()}
    return {key: known[key] for key in _unlinked(tx, integration, known).values()}


def _unlinked(tx: Transaction, integration: str, skus: Mapping[str, str]) -> dict[str, str]:
    """Listing → variant, for variants without a listing whose SKU exactly one listing without a variant has."""
    alive = sa.and_(LISTING.c.integration == integration, LISTING.c.state != "removed")
    linked = select_in(tx, sa.select(LISTING.c.variant_id).where(alive), LISTING.c.variant_id, skus)
    done = {row.variant_id for row in linked}
    awaited = {sku: key for key, sku in skus.items() if key not in done}
    # Not asked for those without a link only: the database might go through all of these instead of to the SKUs.
    there = sa.select(LISTING.c.channel_id, LISTING.c.channel_sku, LISTING.c.variant_id).where(alive)
    alike = select_in(tx, there, LISTING.c.folded_sku, map(folded, awaited))
    found = [row for row in alike if row.variant_id is None and row.channel_sku in awaited]
    counts = Counter(row.channel_sku for row in found)
    return {row.channel_id: awaited[row.channel_sku] for row in found if counts[row.channel_sku] == 1}


def told(publication: Any) -> Told:
    return unpack(Told | None, publication.body) or Told()
