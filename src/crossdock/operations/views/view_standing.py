"""Where each product stands on each channel: one rule in SQL, for lists, filters and counts alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ListingState
from crossdock.domain.sync import Direction, Entity
from crossdock.operations.publishing import PublicationState
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

PRODUCT = tables.product
VARIANT = tables.variant
LISTING = tables.listing
PUBLICATION = tables.publication
CASE = tables.exception_case
FLOW = tables.flow

PUSHED = (Direction.PUSH, Entity.PRODUCTS)
READ = (Direction.PULL, Entity.LISTINGS)
UNDER_WAY = (
    PublicationState.NEW,
    PublicationState.WAITING,
    PublicationState.QUEUED,
    PublicationState.UNSETTLED,
    PublicationState.UNCLEAR,
)


class Standing(StrEnum):
    """Where a product stands on a channel, in one word."""

    SYNCED = "synced"
    WAITING = "waiting"
    BLOCKED = "blocked"
    """The hub does not send it: something has to be corrected first."""
    DRAFT = "draft"
    """Kept on the channel where nobody can buy it, until what it lacks is there."""
    EXCLUDED = "excluded"
    IN_REVIEW = "in review"
    REFUSED = "refused"
    """The channel itself refused it, in its own words."""
    NOT_LISTED = "not listed"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that lists products. `refusal` is why its account takes none from the hub, where it should."""

    integration: str
    is_pushed: bool
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class ChannelStanding:
    """Where one product stands on one channel, and what would change that."""

    integration: str
    state: str
    message: str
    fix: str


def channels(tx: Transaction) -> list[Channel]:
    """The integrations that products are pushed to or whose listings are read, by name."""
    found: dict[str, Channel] = {}
    for row in tx.execute(sa.select(FLOW).where(FLOW.c.is_on).order_by(FLOW.c.integration)):
        if (row.direction, row.entity) == PUSHED:
            found[row.integration] = Channel(row.integration, not row.refusal, row.refusal)
        elif (row.direction, row.entity) == READ:
            found.setdefault(row.integration, Channel(row.integration, is_pushed=False))
    return list(found.values())


def standings(tx: Transaction, product_ids: Iterable[str]) -> dict[str, list[ChannelStanding]]:
    """For each product where it stands on each channel other than its source."""
    ids = list(product_ids)
    found: dict[str, list[ChannelStanding]] = {key: [] for key in ids}
    for channel in channels(tx):
        rows = select_in(tx, statement(channel), PRODUCT.c.id, ids)
        said = _reviews(tx, channel.integration, [row.id for row in rows if row.state == Standing.REFUSED])
        for row in rows:
            found[row.id].append(_standing(channel, row, said))
    return found


def _standing(channel: Channel, row: Any, said: dict[str, tuple[str, str]]) -> ChannelStanding:
    cause, fix = said.get(row.id, ("", ""))
    message = row.message or cause
    if not message and row.state == Standing.BLOCKED:
        message = channel.refusal
    if not message and row.state == Standing.WAITING:
        message = "Waits for the next push"
    if not fix and row.state == Standing.EXCLUDED:
        fix = f"Change that setting of {channel.integration} to have it there"
    return ChannelStanding(channel.integration, row.state, message, row.fix or fix)


def statement(channel: Channel) -> sa.Select[Any]:
    """Per product that the channel does not itself own: `id`, `state`, `message`, `fix`, `title`."""
    case_key = sa.literal(f"push-refused:{channel.integration}:products:") + PRODUCT.c.id
    # Where nothing is pushed, what was pushed in former times says nothing.
    publication = sa.and_(
        sa.true() if channel.is_pushed else sa.false(),
        PUBLICATION.c.record_id == PRODUCT.c.id,
        PUBLICATION.c.integration == channel.integration,
        PUBLICATION.c.entity == Entity.PRODUCTS,
    )
    said_by_channel = sa.and_(CASE.c.key == case_key, CASE.c.state == "open")
    # What was set aside keeps its message until it settles; only a state that still holds is explained by it.
    explained = PUBLICATION.c.state.in_([state for state in PublicationState if state != "settled"])
    return (
        sa.select(
            PRODUCT.c.id,
            PRODUCT.c.title,
            _state(channel).label("state"),
            sa.case((explained, PUBLICATION.c.message), else_="").label("message"),
            sa.case((explained, PUBLICATION.c.fix), else_="").label("fix"),
        )
        .select_from(PRODUCT)
        .outerjoin(PUBLICATION, publication)
        .outerjoin(CASE, said_by_channel)
        .where(~PRODUCT.c.is_removed, PRODUCT.c.source != channel.integration)
    )


def _state(channel: Channel) -> sa.ColumnElement[str]:
    """Refusals first, then what keeps it from being sent, then what the channel shows."""
    # A refusal with a code came from the channel; one without is the hub's own finding.
    has_code = sa.and_(CASE.c.evidence.contains('"code":"'), ~CASE.c.evidence.contains('"code":""'))
    rejected = PUBLICATION.c.state == PublicationState.REJECTED
    under_way = sa.or_(PUBLICATION.c.state.in_(UNDER_WAY), PUBLICATION.c.is_dirty)
    rest = Standing.BLOCKED if channel.refusal else Standing.NOT_LISTED
    return sa.case(
        (sa.and_(rejected, has_code), Standing.REFUSED.value),
        (rejected, Standing.BLOCKED.value),
        (_is_listed_as(channel, ListingState.REFUSED, ListingState.FROZEN), Standing.REFUSED.value),
        (PUBLICATION.c.state == PublicationState.DRAFT, Standing.DRAFT.value),
        (PUBLICATION.c.state == PublicationState.EXCLUDED, Standing.EXCLUDED.value),
        (under_way, Standing.WAITING.value),
        (_is_listed_as(channel, ListingState.IN_REVIEW, ListingState.DRAFT), Standing.IN_REVIEW.value),
        (_is_listed_as(channel, ListingState.LIVE), Standing.SYNCED.value),
        else_=rest.value,
    )


def _is_listed_as(channel: Channel, *states: ListingState) -> sa.ColumnElement[bool]:
    """Whether a variant of the product is linked to a listing in one of these states.

    Nested, and not joined: a planner without statistics would else go through all listings per product.
    """
    state = (
        sa.select(LISTING.c.state)
        .where(LISTING.c.integration == channel.integration, LISTING.c.variant_id == VARIANT.c.id)
        .correlate(VARIANT)
        .scalar_subquery()
    )
    linked = sa.select(VARIANT.c.id).where(VARIANT.c.product_id == PRODUCT.c.id, state.in_(states))
    return sa.exists(linked.correlate(PRODUCT))


def _reviews(tx: Transaction, integration: str, product_ids: list[str]) -> dict[str, tuple[str, str]]:
    """What the channel's review said against these products: cause and fix."""
    rows = select_in(
        tx,
        sa.select(VARIANT.c.product_id, CASE.c.cause, CASE.c.fix)
        .join(LISTING, sa.and_(LISTING.c.variant_id == VARIANT.c.id, LISTING.c.integration == integration))
        .join(
            CASE,
            sa.and_(
                CASE.c.key == sa.literal(f"listing-refused:{integration}:") + LISTING.c.product_channel_id,
                CASE.c.state == "open",
            ),
        ),
        VARIANT.c.product_id,
        product_ids,
    )
    return {row.product_id: (row.cause, row.fix) for row in rows}
