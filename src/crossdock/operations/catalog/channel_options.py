"""Channel Options: what a person decides about a variant on one channel, its SKU there and whether it is synced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.catalog import ProductKind
from crossdock.domain.matching import folded
from crossdock.operations import publishing
from crossdock.operations.catalog import matching, skus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.orders import orders
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

OPTION = tables.channel_option
VARIANT = tables.variant
PRODUCT = tables.product
LISTING = tables.listing
INTEGRATION = tables.integration


# Deciding


def change(tx: Transaction, task: Task, sku: str, *, channel_sku: str | None, is_synced: bool | None) -> None:
    """Set what is given; None leaves it as it is. Raises SettingsError naming the field and the fix."""
    if channel_sku is not None:
        set_channel_sku(tx, task, sku, channel_sku)
    if is_synced is not None:
        set_synced(tx, task, sku, is_synced=is_synced)


def set_channel_sku(tx: Transaction, task: Task, sku: str, channel_sku: str) -> None:
    """Say by which SKU the task's channel knows this variant, exactly as typed; an empty one takes it back.

    Links, cases and waiting order lines follow at once. Raises SettingsError naming the field and the fix.
    """
    variant = _variant(tx, sku)
    _refuse_unknown(tx, task.integration)
    if why := task.rules.channel_sku_refusal:
        raise SettingsError("channel_sku", f"{why}. Make the two SKUs equal instead")
    before = skus.channel_skus(tx, task.integration).get(variant.id, "")
    if before == channel_sku:
        return
    if channel_sku:
        _refuse_blank(channel_sku)
        _refuse_taken(tx, task, variant, channel_sku)
    _write(tx, task, variant.id, channel_sku=channel_sku)
    record(tx, task, [Event(Subject.VARIANT, variant.id, _told(task, before, channel_sku))])
    concerned = [before, channel_sku, variant.sku]
    matching.match_skus(tx, task, task.integration, [folded(one) for one in concerned if one])
    orders.resolve_lines(tx, task, [one for one in concerned if one])
    publishing.mark_products(tx, [variant.product_id], source="")
    publishing.mark_variants(tx, [variant.id], unsettle=task.integration)


def set_synced(tx: Transaction, task: Task, sku: str, *, is_synced: bool) -> None:
    """Switch the stock of one variant on or off for the task's channel. Raises SettingsError."""
    variant = _variant(tx, sku)
    _refuse_unknown(tx, task.integration)
    _write(tx, task, variant.id, is_synced=is_synced)
    what = f"Channel sync switched {'on' if is_synced else 'off'} for {task.integration}"
    record(tx, task, [Event(Subject.VARIANT, variant.id, what)])
    publishing.mark_variants(tx, [variant.id], unsettle=task.integration)


def _variant(tx: Transaction, sku: str) -> Any:
    row = tx.execute(sa.select(VARIANT).where(VARIANT.c.sku == sku, ~VARIANT.c.is_removed)).first()
    if row is None:
        raise SettingsError("sku", f"no variant has the master SKU {sku!r}; SKUs are compared exactly")
    return row


def _refuse_unknown(tx: Transaction, integration: str) -> None:
    if tx.scalar(sa.select(INTEGRATION.c.name).where(INTEGRATION.c.name == integration)) is None:
        raise SettingsError("integration", f"there is no integration {integration!r}")


def _refuse_blank(channel_sku: str) -> None:
    if not channel_sku.strip() or "\0" in channel_sku:
        raise SettingsError(
            "channel_sku", "is blank; enter the SKU as the channel shows it, or leave it empty"
        )


def _refuse_taken(tx: Transaction, task: Task, variant: Any, channel_sku: str) -> None:
    """One SKU of a channel means one variant; stores take no second one that differs by case only."""
    for owner, theirs in sorted(skus.alike(tx, task.integration, channel_sku).items()):
        if owner == variant.id:
            continue
        title, sku = _name(tx, owner)
        near = (
            f"“{theirs}”, which differs from “{channel_sku}” by case only," if theirs != channel_sku else ""
        )
        raise SettingsError(
            "channel_sku",
            f"{near or f'“{channel_sku}”'} already means “{title}” (master SKU “{sku}”) on {task.integration}"
            f"{', which takes the two for one' if near else ''}; give that one another Channel SKU first",
        )


def _name(tx: Transaction, variant_id: str) -> tuple[str, str]:
    row = tx.execute(
        sa.select(PRODUCT.c.title, VARIANT.c.sku)
        .join(VARIANT, VARIANT.c.product_id == PRODUCT.c.id)
        .where(VARIANT.c.id == variant_id)
    ).one()
    return row.title, row.sku


def _write(tx: Transaction, task: Task, variant_id: str, **values: Any) -> None:
    fresh = {"channel_sku": "", "is_synced": True}
    row = {"integration": task.integration, "variant_id": variant_id, "updated_at": task.now}
    upsert(tx, OPTION, [row | fresh | values], keep=[name for name in fresh if name not in values])


def _told(task: Task, before: str, after: str) -> str:
    old = f"“{before}”" if before else "none"
    new = f"“{after}”" if after else "none"
    return f"Channel SKU on {task.integration}: {old} → {new}"


# Seeing


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One variant on one channel. `channel_sku` is None where the channel has none, or where its column is hidden."""

    integration: str
    connector: str
    sku: str
    is_synced: bool
    listing: str
    listing_sku: str
    channel_sku: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelOptions:
    """The Channel Options of a product or of one variant.

    `shows_channel_sku` is false on a parent without any channel SKU; `hint` says where to set one then.
    """

    product_id: str
    title: str
    sku: str
    shows_channel_sku: bool
    hint: str
    rows: list[OptionRow]


def of_product(tx: Transaction, id_or_sku: str, rules_of: Callable[[str], Rules]) -> ChannelOptions | None:
    """By a product's id, or by the SKU of a variant: then of that variant alone. None when there is neither."""
    variant = tx.execute(sa.select(VARIANT).where(VARIANT.c.sku == id_or_sku, ~VARIANT.c.is_removed)).first()
    wanted = variant.product_id if variant is not None else id_or_sku
    product = tx.execute(sa.select(PRODUCT).where(PRODUCT.c.id == wanted)).first()
    if product is None:
        return None
    every = tx.execute(
        sa.select(VARIANT)
        .where(VARIANT.c.product_id == product.id, ~VARIANT.c.is_removed)
        .order_by(VARIANT.c.position, VARIANT.c.id)
    ).all()
    is_parent = variant is None and product.kind == ProductKind.PARENT
    shown = [variant] if variant is not None else list(every)
    rows = _rows(tx, shown, rules_of)
    is_hidden = is_parent and not any(row.channel_sku for row in rows)
    if is_hidden:
        rows = [_without_sku(row) for row in rows]
    children = ", ".join(f"“{row.sku}”" for row in every)
    hint = f"A Channel SKU belongs to a child: open one of {children}" if is_hidden else ""
    sku = shown[0].sku if len(shown) == 1 else ""
    return ChannelOptions(product.id, product.title, sku, not is_hidden, hint, rows)


def _rows(tx: Transaction, variants: Sequence[Any], rules_of: Callable[[str], Rules]) -> list[OptionRow]:
    ids = [variant.id for variant in variants]
    options = _by_place(select_in(tx, sa.select(OPTION), OPTION.c.variant_id, ids))
    listings = _by_place(select_in(tx, sa.select(LISTING), LISTING.c.variant_id, ids))
    channels = tx.execute(
        sa.select(INTEGRATION.c.name, INTEGRATION.c.connector).order_by(INTEGRATION.c.name)
    ).all()
    has_skus = {channel.name: not rules_of(channel.name).channel_sku_refusal for channel in channels}
    made = []
    for variant in variants:
        for channel in channels:
            place = (channel.name, variant.id)
            option, listing = options.get(place), listings.get(place)
            has_sku = has_skus[channel.name]
            given = option.channel_sku if option is not None else ""
            made.append(
                OptionRow(
                    channel.name,
                    channel.connector,
                    variant.sku,
                    option is None or option.is_synced,
                    listing.channel_id if listing is not None else "",
                    listing.channel_sku if listing is not None and has_sku else "",
                    given if has_sku else None,
                )
            )
    return made


def _by_place(rows: Sequence[Any]) -> dict[tuple[str, str], Any]:
    return {(row.integration, row.variant_id): row for row in rows}


def _without_sku(row: OptionRow) -> OptionRow:
    return replace(row, channel_sku=None)


def switched_off(tx: Transaction, integration: str, variant_ids: Sequence[str]) -> set[str]:
    """The variants whose stock a person keeps from being synced with this channel."""
    statement = sa.select(OPTION.c.variant_id).where(OPTION.c.integration == integration, ~OPTION.c.is_synced)
    return {row.variant_id for row in select_in(tx, statement, OPTION.c.variant_id, variant_ids)}
