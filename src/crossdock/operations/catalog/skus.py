"""Which variant a SKU means on a channel: its channel SKU where a person gave it one, else its master SKU."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from crossdock.domain.matching import folded
from crossdock.store import tables
from crossdock.store.asking import Question, parameter
from crossdock.store.database import Transaction

OPTION = tables.channel_option
VARIANT = tables.variant
MASTERS = Question(sa.select(VARIANT.c.sku, VARIANT.c.id).where(~VARIANT.c.is_removed), VARIANT.c.sku)
CHANNEL_SKUS = (
    sa.select(OPTION.c.variant_id, OPTION.c.channel_sku)
    .join(VARIANT, VARIANT.c.id == OPTION.c.variant_id)
    .where(
        OPTION.c.integration == parameter("integration", OPTION.c.integration),
        OPTION.c.channel_sku != "",
        ~VARIANT.c.is_removed,
    )
)


def channel_skus(tx: Transaction, integration: str) -> dict[str, str]:
    """The channel SKUs given on this channel, by variant id."""
    rows = tx.execute(CHANNEL_SKUS, {"integration": integration})
    return {row.variant_id: row.channel_sku for row in rows}


def meant(tx: Transaction, integration: str, skus: Iterable[str]) -> dict[str, str]:
    """The variant that each of these SKUs means on this channel, by SKU. Compared exactly.

    A variant that has a channel SKU there is not known by its master SKU any more.
    """
    given = channel_skus(tx, integration)
    wanted = {sku for sku in skus if sku}
    masters = MASTERS.rows(tx, sorted(wanted))
    found = {row.sku: row.id for row in masters if row.id not in given}
    return found | {sku: variant for variant, sku in given.items() if sku in wanted}


def alike(tx: Transaction, integration: str, sku: str) -> dict[str, str]:
    """The variants known on this channel by this SKU or one that differs from it by case only: variant id → its SKU."""
    given = channel_skus(tx, integration)
    masters = tx.execute(
        sa.select(VARIANT.c.id, VARIANT.c.sku).where(
            ~VARIANT.c.is_removed, VARIANT.c.folded_sku == folded(sku)
        )
    )
    known = {row.id: row.sku for row in masters if row.id not in given} | given
    return {variant: one for variant, one in known.items() if one.casefold() == sku.casefold()}
