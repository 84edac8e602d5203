"""What each channel is offered of a SKU, derived step by step, and the preview of what a channel would receive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.inventory import Offering
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import bundles
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.stock import first_counts
from crossdock.operations.stock import offering as stock
from crossdock.operations.stock.offering import Channel, Offer
from crossdock.operations.task import HUB
from crossdock.operations.views.view_drift import DriftView, latest_of
from crossdock.operations.views.view_levels import LevelView
from crossdock.operations.views.view_page import Slice, bounded, marked, sliced
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

VARIANT = tables.variant
PRODUCT = tables.product
LISTING = tables.listing
PUBLICATION = tables.publication

NOT_LISTED = "No listing of this channel is linked to this SKU"


@dataclass(frozen=True, slots=True)
class ChannelNumber:
    """What one channel is to offer, what it last confirmed, and how the number comes about."""

    integration: str
    offered: int | None
    """None where nothing is to be pushed; `reason` says why."""
    quantities: dict[str, int]
    buffer: int
    guarded: int | None
    """What the last-units guard allows at most; None where it does not hold."""
    steps: list[str]
    confirmed: int | None
    confirmed_quantities: dict[str, int]
    confirmed_at: datetime | None
    looked_at: datetime | None
    """When the channel was last looked at for it although nothing was to be sent."""
    drift: DriftView | None
    """The last time that it showed another number than it had confirmed."""
    state: str
    reason: str
    fix: str


def channel_number(tx: Transaction, levels: Sequence[LevelView], variant: Any, on: Channel) -> ChannelNumber:
    """The channel's number of one variant, explained."""
    owner = accounts.truth(tx).inventory
    offer = stock.offers(tx, on, owner, [variant.id]).get(variant.id, Offer(waiting_for="its stock"))
    listing = tx.execute(
        sa.select(LISTING.c.state).where(
            LISTING.c.integration == on.integration, LISTING.c.variant_id == variant.id
        )
    ).first()
    sent = _sent(tx, on.integration, [variant.id]).get(variant.id)
    why_not = NOT_LISTED if listing is None else offer.why_not
    quantities = {} if why_not else dict(offer.quantities)
    confirmed = _confirmed(sent)
    return ChannelNumber(
        integration=on.integration,
        offered=None if why_not else sum(quantities.values()),
        quantities=quantities,
        buffer=on.rules.inventory_buffer,
        guarded=offer.sum.guarded if offer.sum is not None and not why_not else None,
        steps=[] if why_not else list(_steps(tx, levels, variant, on, offer)),
        confirmed=sum(confirmed.values()) if confirmed is not None else None,
        confirmed_quantities=confirmed or {},
        confirmed_at=sent.settled_at if sent is not None else None,
        looked_at=sent.looked_at if sent is not None else None,
        drift=latest_of(tx, on.integration, variant.id),
        state=sent.state if sent is not None else "not listed" if listing is None else "new",
        reason=why_not or (sent.message if sent is not None else ""),
        fix=sent.fix if sent is not None else "",
    )


def _sent(tx: Transaction, integration: str, variant_ids: Sequence[str]) -> dict[str, Any]:
    statement = sa.select(PUBLICATION).where(
        PUBLICATION.c.integration == integration, PUBLICATION.c.entity == Entity.INVENTORY
    )
    return {row.record_id: row for row in select_in(tx, statement, PUBLICATION.c.record_id, variant_ids)}


def _confirmed(sent: Any) -> dict[str, int] | None:
    """What the channel last answered for; a record that was set aside since keeps it."""
    if sent is None or sent.settled_at is None:
        return None
    return dict(unpack(list[tuple[str, int]] | None, sent.body) or [])


# The sum, line by line, so that anybody can check it


def _steps(
    tx: Transaction, levels: Sequence[LevelView], variant: Any, on: Channel, offer: Offer
) -> Iterator[str]:
    total = sum(units for _, units in offer.quantities)
    if not variant.is_purchasable:
        yield f"It is not for sale in its source, so {total} are offered"
        return
    if offer.sum is None:
        yield f"Nobody counts its stock; the setting for such products offers {total}"
        return
    is_ours = accounts.truth(tx).inventory == HUB
    parts = bundles.components(tx, variant.sku) if is_ours else []
    if is_ours and not parts and first_counts.never_counted(tx, [variant.id]):
        yield f"Nobody has counted it yet; what orders took is all that is known. It waits for {stock.NEVER_COUNTED}"
    if parts:
        yield from _bundle(tx, variant, on, parts)
    else:
        yield from _stocked(levels, on, offer.sum)
    yield from _shared(on, offer.sum)


def _stocked(levels: Sequence[LevelView], on: Channel, found: Offering) -> Iterator[str]:
    left_out = [(level, why) for level in levels if (why := _left_out(level, on))]
    counted = [level for level in levels if not _left_out(level, on)]
    limited = [level for level in counted if not level.is_unlimited]
    for level, why in left_out:
        yield f"{level.location}: {level.available} available, not counted: {why}"
    on_hand, committed = sum(v.on_hand for v in limited), sum(v.committed for v in limited)
    unavailable, available = sum(v.unavailable for v in limited), sum(v.available for v in limited)
    yield f"{on_hand} on hand − {committed} committed − {unavailable} unavailable = {available} available"
    future, taken = sum(v.future for v in limited), sum(v.committed_future for v in limited)
    held, there = sum(v.buffer for v in limited), sum(v.promisable for v in limited)
    if future or taken or held:
        yield f"+ {future} future − {taken} committed future − {held} held back at the locations = {there}"
    for level in counted:
        if level.is_unlimited:
            yield f"{level.location}: without limit, so a set number counts for it"
    if found.available != there and len(limited) == len(counted):
        yield f"Not every location feeds a warehouse of this channel: {found.available} of these do"


def _left_out(level: LevelView, on: Channel) -> str:
    if level.reason:
        return level.reason
    if on.integration in level.excluded_for:
        return f"It is excluded for {on.integration}"
    if on.only and level.location_id not in on.only:
        return f"“{stock.ONE_LOCATION}” is {on.rules.inventory_location}"
    return ""


def _bundle(
    tx: Transaction, variant: Any, on: Channel, parts: Sequence[bundles.ComponentView]
) -> Iterator[str]:
    made = " + ".join(
        f"{part.quantity} × “{part.sku}”{' (no longer in the catalog)' if part.is_removed else ''}"
        for part in parts
    )
    yield f"A bundle of {made}; the scarcest decides at each location"
    owner = accounts.truth(tx).inventory
    found = bundles.levels(tx, [variant.id], owner=owner, channel=on.integration).get(variant.id, [])
    names = {row.id: row.name for row in tx.execute(sa.select(tables.location.c.id, tables.location.c.name))}
    for level in found:
        if not on.only or level.location_id in on.only:
            units = "without limit" if level.is_unlimited else str(level.promisable)
            yield f"{names[level.location_id]}: {units} bundles"


def _shared(on: Channel, found: Offering) -> Iterator[str]:
    """What the channel's own settings make of it."""
    rules = on.rules
    if rules.inventory_percentage != 100:
        yield f"{rules.inventory_percentage} % of {found.available}, rounded down = {found.shared}"
    if rules.inventory_buffer:
        yield f"− {rules.inventory_buffer} buffer = {found.less_buffer}"
    left = found.less_buffer
    if found.guarded is not None:
        left = min(left, found.guarded)
        yield (
            f"Last-units guard, with fewer than {rules.last_units_below} available: {rules.last_units_share} % of "
            f"{found.available}, rounded down, − {rules.last_units_buffer} = {found.guarded} at most"
        )
    if 0 < left < rules.out_of_stock_below:
        yield f"Fewer than {rules.out_of_stock_below}, the out-of-stock threshold, so none are offered"
    below = ", as a number is never below 0" if left < 0 else ""
    yield f"{found.total} offered{below}"


# The preview


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a channel would receive of one SKU. `offered` is None where its number is left alone, for `reason`."""

    sku: str
    title: str
    offered: int | None
    quantities: dict[str, int]
    confirmed: int | None
    is_different: bool
    reason: str


def preview(
    tx: Transaction, on: Channel, *, search: str = "", after: str = "", limit: int = 50
) -> Slice[PreviewRow]:
    """The totals that an integration would receive now, by SKU, whether or not its push is on. Raises MarkError."""
    statement = (
        sa.select(VARIANT.c.id, VARIANT.c.sku, PRODUCT.c.title)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
        .join(LISTING, LISTING.c.variant_id == VARIANT.c.id)
        .where(~VARIANT.c.is_removed, LISTING.c.integration == on.integration)
        .order_by(VARIANT.c.sku)
    )
    if search:
        fits = [column.icontains(search, autoescape=True) for column in (VARIANT.c.sku, PRODUCT.c.title)]
        statement = statement.where(sa.or_(*fits))
    if after:
        statement = statement.where(VARIANT.c.sku > marked(after, 1)[0])
    rows = tx.execute(statement.limit(bounded(limit) + 1)).all()
    ids = [row.id for row in rows]
    offers = stock.offers(tx, on, accounts.truth(tx).inventory, ids)
    sent = _sent(tx, on.integration, ids)
    return sliced(
        rows,
        limit,
        to_item=lambda row: _preview(row, offers.get(row.id, Offer()), sent.get(row.id)),
        key=lambda row: (row.sku,),
    )


def _preview(row: Any, offer: Offer, sent: Any) -> PreviewRow:
    confirmed = _confirmed(sent)
    quantities = dict(offer.quantities)
    return PreviewRow(
        sku=row.sku,
        title=row.title,
        offered=None if offer.why_not else sum(quantities.values()),
        quantities=quantities,
        confirmed=sum(confirmed.values()) if confirmed is not None else None,
        is_different=not offer.why_not and quantities != (confirmed or {}),
        reason=offer.why_not,
    )
