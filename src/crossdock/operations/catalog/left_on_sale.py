"""What a channel goes on selling though the catalog has it no more, where no stock is pushed that would end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.catalog import withdrawing
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_cases, open_keys
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LISTING = tables.listing
PRODUCT = tables.product
VARIANT = tables.variant


def tell(tx: Transaction, task: Task, variant_ids: Sequence[str]) -> None:
    """Open a case for each listing of these variants, which leave the catalog now, that stays as it is.

    Products that go off sale whole, and channels that count their own stock, need none.
    """
    statement = (
        sa.select(LISTING, VARIANT.c.sku, VARIANT.c.product_id, PRODUCT.c.is_removed)
        .join(VARIANT, VARIANT.c.id == LISTING.c.variant_id)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
        .where(LISTING.c.integration != task.integration, LISTING.c.state.in_(withdrawing.ON_SALE))
    )
    rows = select_in(tx, statement, VARIANT.c.id, variant_ids)
    told = {*publishing.pushing_integrations(tx, Entity.INVENTORY), task.truth.inventory}
    staying = [row for row in rows if row.integration not in told and not _goes_off_sale(tx, row)]
    open_cases(tx, task, [_case(row) for row in staying])


def _goes_off_sale(tx: Transaction, row: Any) -> bool:
    """Whether the push of products takes the channel's product off sale, as no other SKU keeps it there."""
    if not row.is_removed or row.integration not in publishing.pushing_integrations(tx, Entity.PRODUCTS):
        return False
    found = withdrawing.withdrawals(tx, row.integration, [row.product_id]).get(row.product_id)
    return found is not None and ChannelId(row.product_channel_id) in found.places


def close_settled(tx: Transaction, task: Task, integration: str) -> None:
    """Close the cases of listings that are off sale or gone, whose SKU is back, or whose stock is pushed again."""
    prefix = _key(integration, "")
    listings = {key.removeprefix(prefix): key for key in open_keys(tx, prefix)}
    if not listings:
        return
    is_pushed = integration in publishing.pushing_integrations(tx, Entity.INVENTORY)
    statement = (
        sa.select(LISTING.c.channel_id, LISTING.c.variant_id, VARIANT.c.is_removed)
        .outerjoin(VARIANT, VARIANT.c.id == LISTING.c.variant_id)
        .where(LISTING.c.integration == integration, LISTING.c.state.in_(withdrawing.ON_SALE))
    )
    # Without its link nothing more is pushed to it, whatever is turned on.
    staying = {
        row.channel_id
        for row in select_in(tx, statement, LISTING.c.channel_id, listings)
        if row.variant_id is None or (row.is_removed and not is_pushed)
    }
    close_cases(tx, task.now, [key for listing, key in listings.items() if listing not in staying])


def _key(integration: str, listing: str) -> str:
    return f"left-on-sale:{integration}:{listing}"


def _case(row: Any) -> Case:
    place = f"product {row.product_channel_id} of {row.integration}"
    return Case(
        key=_key(row.integration, row.channel_id),
        kind="left_on_sale",
        subject=Subject.VARIANT,
        subject_id=row.variant_id,
        cause=f"“{row.channel_sku}” is no longer in the catalog, but {place} still sells it: no stock is pushed to "
        f"{row.integration}, so it keeps the quantity that it shows",
        fix=f"Take the SKU off {place}, or turn on pushing inventory to {row.integration}; the case closes itself. "
        "Where you set its quantity to 0 there instead, close the case by hand",
        evidence={"sku": row.sku, "listing": row.channel_id, "product": row.product_channel_id},
    )
