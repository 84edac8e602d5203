"""What a product should look like on a channel, with the stock that its variants may offer there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.domain.catalog import Listable, ListableVariant, Product, ProductKind, Variant
from crossdock.domain.channel import ChannelId, ChannelSku, ChannelVariant, Image
from crossdock.domain.matching import folded
from crossdock.domain.sync import Change
from crossdock.operations import exceptions
from crossdock.operations.catalog import attempts, sharing, skus, withdrawing
from crossdock.operations.catalog.withdrawing import Withdrawal
from crossdock.operations.publishing import PublicationState
from crossdock.operations.stock import offering
from crossdock.operations.stock.offering import Offer
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

PRODUCT = tables.product
VARIANT = tables.variant
LISTING = tables.listing


class Body(msgspec.Struct, frozen=True):
    """The part of a product row that no query looks into."""

    description: str = ""
    brand: str = ""
    categories: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    is_visible: bool = True
    is_taxable: bool = True
    required_modifiers: tuple[str, ...] = ()
    is_content_known: bool = True
    """False for a product that is known by its SKUs only: there is nothing of it to push."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A change to send, or why there is none."""

    record_id: str
    change: Change[Listable] | None = None
    state: PublicationState = PublicationState.NEW
    reason: str = ""
    fix: str = ""
    off_sale: tuple[ChannelId, ...] = ()
    """The channel's products to take off sale, since the catalog source has it no more."""


def drafts(tx: Transaction, task: Task, rows: Sequence[Any]) -> list[Draft]:
    """For each marked publication of a product: what the channel should show."""
    ids = [row.record_id for row in rows]
    products = {row.id: row for row in select_in(tx, sa.select(PRODUCT), PRODUCT.c.id, ids)}
    variants = _variants(tx, ids)
    every = [row.id for of_product in variants.values() for row in of_product]
    on = offering.channel(tx, task.integration, task.rules)
    offers = offering.offers(tx, on, task.truth.inventory, every)
    listed = _listed(tx, task.integration, every)
    given = skus.channel_skus(tx, task.integration)
    held = _held_skus(tx, task.integration) | _left_behind(tx, task.integration, given)
    held |= attempts.left_behind(tx, task.integration, rows) | _meant_for_others(given, variants)
    gone = {i for i in ids if i not in products or _is_gone(products[i])}
    withdrawals = withdrawing.withdrawals(tx, task.integration, gone)
    left = _left(tx, task.integration, ids)
    shared = sharing.shared(tx, task.integration, listed)
    made = []
    for row in rows:
        if row.record_id in gone:
            made.append(_withdrawn(task, row.record_id, products.get(row.record_id), withdrawals))
            continue
        others = _others(tx, task.integration, variants[row.record_id], listed)
        seen = _Seen(offers, listed, held, given, others, left[row.record_id], shared)
        made.append(_draft(task, row, products.get(row.record_id), variants[row.record_id], seen))
    return made


def _is_gone(product: Any) -> bool:
    """Whether the catalog source deleted the product or hides it."""
    body: Body = unpack(Body, product.body)
    return bool(product.is_removed) or not body.is_visible


def _withdrawn(task: Task, key: str, product: Any, withdrawals: Mapping[str, Withdrawal]) -> Draft:
    is_hidden = product is not None and not product.is_removed
    why = "Not visible in the catalog source" if is_hidden else withdrawing.GONE
    found = withdrawals.get(key)
    if found is None:
        return Draft(key, state=PublicationState.EXCLUDED, reason=why)
    return Draft(
        key,
        state=PublicationState.EXCLUDED,
        reason=f"{why}; {found.said(task.integration)}",
        off_sale=found.places,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    offers: dict[str, Offer]
    listed: dict[str, Any]
    held: dict[str, str]
    """SKUs of listings that may be ours, by folded SKU or by the variant that had them."""
    channel_skus: dict[str, str]
    others: tuple[ChannelId, ...]
    withdrawn: tuple[ChannelId, ...]
    shared: Mapping[tuple[str, str], str]

    def sku_of(self, variant: Any) -> str:
        """The SKU that the variant has, or is to have, on the channel."""
        return str(self.channel_skus.get(variant.id, variant.sku))


def _variants(tx: Transaction, product_ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    statement = sa.select(VARIANT).where(~VARIANT.c.is_removed).order_by(VARIANT.c.position)
    for row in select_in(tx, statement, VARIANT.c.product_id, product_ids):
        found[row.product_id].append(row)
    return found


def _listed(tx: Transaction, integration: str, variant_ids: Sequence[str]) -> dict[str, Any]:
    rows = select_in(
        tx, sa.select(LISTING).where(LISTING.c.integration == integration), LISTING.c.variant_id, variant_ids
    )
    return {row.variant_id: row for row in rows}


def _held_skus(tx: Transaction, integration: str) -> dict[str, str]:
    """SKUs whose listing on the channel is in doubt, by folded form: a new product could be a second one."""
    held = {}
    for kind in ("sku-near-miss", "sku-duplicate"):
        prefix = f"{kind}:{integration}:"
        for key in exceptions.open_keys(tx, prefix):
            sku = key.removeprefix(prefix)
            held[folded(sku)] = sku
    return held


def _left_behind(tx: Transaction, integration: str, given: dict[str, str]) -> dict[str, str]:
    """Master SKUs of variants that got a channel SKU while a listing still has the master SKU: it may be theirs."""
    if not given:
        return {}
    masters = select_in(tx, sa.select(VARIANT.c.sku, VARIANT.c.folded_sku), VARIANT.c.id, given)
    # Not asked for those without a link only: the database might go through all of these instead of to the SKUs.
    statement = sa.select(LISTING.c.channel_sku, LISTING.c.variant_id).where(
        LISTING.c.integration == integration, LISTING.c.state != "removed"
    )
    alike = select_in(tx, statement, LISTING.c.folded_sku, [master.folded_sku for master in masters])
    there = {row.channel_sku for row in alike if row.variant_id is None}
    return {master.folded_sku: master.sku for master in masters if master.sku in there}


def _meant_for_others(given: Mapping[str, str], variants: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """By variant its master SKU, where a person gave that one to another variant as its channel SKU."""
    owners = {folded(sku): key for key, sku in given.items()}
    return {
        row.id: row.sku
        for of_product in variants.values()
        for row in of_product
        if row.id not in given and row.folded_sku in owners
    }


def _others(
    tx: Transaction, integration: str, variants: Sequence[Any], listed: dict[str, Any]
) -> tuple[ChannelId, ...]:
    """Listings that the channel's product has beside ours."""
    places = {listed[row.id].product_channel_id for row in variants if row.id in listed}
    if not places:
        return ()
    mine = {listed[row.id].channel_id for row in variants if row.id in listed}
    rows = select_in(
        tx,
        sa.select(LISTING.c.channel_id).where(
            LISTING.c.integration == integration, LISTING.c.state != "removed"
        ),
        LISTING.c.product_channel_id,
        places,
    )
    return tuple(ChannelId(row.channel_id) for row in rows if row.channel_id not in mine)


def _left(tx: Transaction, integration: str, product_ids: Sequence[str]) -> dict[str, tuple[ChannelId, ...]]:
    """By product the listings of its variants that are no longer in the catalog."""
    statement = (
        sa.select(VARIANT.c.product_id, LISTING.c.channel_id)
        .join(LISTING, LISTING.c.variant_id == VARIANT.c.id)
        .where(VARIANT.c.is_removed, LISTING.c.integration == integration, LISTING.c.state != "removed")
        .order_by(LISTING.c.channel_id)
    )
    found: dict[str, tuple[ChannelId, ...]] = defaultdict(tuple)
    for row in select_in(tx, statement, VARIANT.c.product_id, product_ids):
        found[row.product_id] += (ChannelId(row.channel_id),)
    return found


def _draft(task: Task, row: Any, product: Any, variants: Sequence[Any], seen: _Seen) -> Draft:
    key = row.record_id
    if not variants:
        return Draft(key, state=PublicationState.EXCLUDED, reason=withdrawing.GONE)
    if not unpack(Body, product.body).is_content_known:
        why = f"Known by its SKUs only: products of {product.source} are not read"
        return Draft(key, state=PublicationState.EXCLUDED, reason=why)
    scope = task.rules.product_skus
    wanted = [v for v in variants if not scope or v.sku in scope]
    if not wanted:
        why = "Left out by the setting “Process only products with specific SKUs”"
        return Draft(key, state=PublicationState.EXCLUDED, reason=why)
    if doubts := [
        seen.held[key]
        for v in wanted
        for key in {v.id, v.folded_sku, folded(seen.sku_of(v))}
        if v.id not in seen.listed and key in seen.held
    ]:
        return Draft(
            key,
            state=PublicationState.REJECTED,
            reason=f"{task.integration} has a listing that may be the same product: {', '.join(map(repr, doubts))}",
            fix="Settle the exception case of that SKU, or correct its Channel SKU; nothing is created twice meanwhile",
        )
    places = {seen.listed[v.id].product_channel_id for v in wanted if v.id in seen.listed}
    if len(places) > 1:
        return Draft(
            key,
            state=PublicationState.REJECTED,
            reason=f"Its SKUs are spread over several products of {task.integration}: {', '.join(sorted(places))}",
            fix="Bring them together in one product there; two products are never merged",
        )
    for place in places:
        if other := seen.shared.get((place, key)):
            return Draft(
                key,
                state=PublicationState.REJECTED,
                reason=f"Its SKUs are in product {place} of {task.integration} together with those of “{other}”",
                fix="Give each a product of its own there, or one product in the catalog source; stock is sent anyway",
            )
    if not task.rules.lists_with_stock:
        return _sent(row, product, wanted, {v.id: Offer() for v in wanted}, seen)
    return _with_stock(row, product, wanted, seen)


def _with_stock(row: Any, product: Any, wanted: Sequence[Any], seen: _Seen) -> Draft:
    key = row.record_id
    offers = {v.id: seen.offers.get(v.id, Offer(waiting_for="its stock")) for v in wanted}
    if any(offers[v.id].blocked_by for v in wanted):
        return Draft(
            key,
            state=PublicationState.REJECTED,
            reason=offering.SHARED_STOCK,
            fix=offering.SHARED_STOCK_FIX,
        )
    if waiting := [v.sku for v in wanted if offers[v.id].waiting_for and v.id not in seen.listed]:
        reason = f"Waits for {offers[next(v.id for v in wanted if offers[v.id].waiting_for)].waiting_for}: {waiting[0]}"
        return Draft(key, state=PublicationState.WAITING, reason=reason)
    usable = [v for v in wanted if not offers[v.id].excluded_by or v.id in seen.listed]
    if not usable:
        reason = f"Left out by the setting “{offers[wanted[0].id].excluded_by}”"
        return Draft(key, state=PublicationState.EXCLUDED, reason=reason)
    return _sent(row, product, usable, offers, seen)


def _sent(row: Any, product: Any, usable: Sequence[Any], offers: dict[str, Offer], seen: _Seen) -> Draft:
    key = row.record_id
    listable = _listable(product, usable, offers, seen)
    place = next((seen.listed[v.id].product_channel_id for v in usable if v.id in seen.listed), None)
    change = Change(
        key=key,
        desired=listable,
        channel_id=ChannelId(place) if place else None,
        fingerprint=content_fingerprint(listable),
        is_unclear=row.state == PublicationState.UNCLEAR,
    )
    return Draft(key, change)


def _listable(product: Any, variants: Sequence[Any], offers: dict[str, Offer], seen: _Seen) -> Listable:
    body: Body = unpack(Body, product.body)
    parts: list[Variant] = [unpack(Variant, v.body) for v in variants]
    whole = Product(
        id=product.id,
        kind=ProductKind(product.kind),
        title=product.title,
        variants=tuple(parts),
        description=body.description,
        brand=body.brand,
        categories=body.categories,
        images=body.images,
        is_taxable=body.is_taxable,
    )
    return Listable(
        whole,
        tuple(
            ListableVariant(
                part,
                ChannelSku(seen.sku_of(part)),
                ChannelId(seen.listed[part.id].channel_id) if part.id in seen.listed else None,
                tuple((ChannelId(place), units) for place, units in offers[part.id].quantities),
            )
            for part in parts
        ),
        seen.others,
        seen.withdrawn,
    )


def content_fingerprint(listable: Listable) -> str:
    """Of what a listing shows; stock has its own push."""
    return fingerprint((listable.product, [variant.channel_sku for variant in listable.variants]))


def as_channel_variants(listable: Listable) -> dict[str, ChannelVariant]:
    """What the listings will look like once the channel has confirmed them, by variant id."""
    return {
        part.variant.id: ChannelVariant(
            channel_id=part.channel_id or ChannelId(""),
            channel_sku=part.channel_sku,
            options=part.variant.options,
            prices=part.variant.prices,
            gtin=part.variant.gtin,
            warehouse_ids=tuple(place for place, _ in part.quantities),
        )
        for part in listable.variants
    }
