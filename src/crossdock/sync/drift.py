"""Looks again at what was pushed: some records at a time, all of them at night, in the cheapest calls of the channel."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.connectors.contract import PushesInventory
from crossdock.connectors.showing import ShowsProducts
from crossdock.domain.drift import is_full_due
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import drift
from crossdock.sync.drift_products import look_at_products
from crossdock.sync.drift_rounds import PAUSE_SECONDS, Rounds
from crossdock.sync.drift_stock import look_at_stock
from crossdock.sync.work import Work, is_on, position, save_cursor

LOOKS = {
    Entity.INVENTORY: (PushesInventory, look_at_stock),
    Entity.PRODUCTS: (ShowsProducts, look_at_products),
}


def pull_drift(work: Work) -> None:
    """One call for each of stock and products; of a full reading some more, and the next part after a pause."""
    pushed = _pushed(work)
    rounds = _begin(work, pushed)
    if rounds is None:
        return
    for entity in pushed:
        _, look = LOOKS[entity]
        for _ in range(rounds.pages(entity)):
            rounds, is_over = look(work, rounds)
            _save(work, rounds)
            if is_over:
                break
    if rounds.full:
        work.retry_in = PAUSE_SECONDS


def _pushed(work: Work) -> list[Entity]:
    """What the hub sets on this channel, and can be read there."""
    with work.database.reading() as tx:
        on = {each for each in LOOKS if is_on(tx, FlowKey(work.integration, Direction.PUSH, each))}
    return [
        each
        for each, (capability, _) in LOOKS.items()
        if each in on and isinstance(work.connector, capability)
    ]


def _begin(work: Work, pushed: list[Entity]) -> Rounds | None:
    """Where to go on; None at the very first run, when whatever there is has just been written or is about to be."""
    now = work.desk.clock()
    with work.transaction() as tx:
        drift.let_go(tx, work.task(), pushed)
        at = position(tx, work.lease.flow)
        if at is None or at.first_began_at is None:
            begun = {"first_began_at": now, "swept_at": now}
            save_cursor(tx, work.lease.flow, Rounds.of(None, now=now).as_cursor(), **begun)
            return None
        rounds = Rounds.of(at.cursor, now=now)
        is_due = at.swept_at is None or is_full_due(at.swept_at, now, now.astimezone(_zone(work)).hour)
        if at.cursor is None or (is_due and not rounds.full):
            rounds = Rounds.full_from(now, pushed)
        for entity in (each for each in LOOKS if each not in pushed):
            rounds = rounds.without(entity)
        save_cursor(tx, work.lease.flow, rounds.as_cursor())
    return rounds


def _save(work: Work, rounds: Rounds) -> None:
    """With the place; and, when everything has been looked at once, since when that is so."""
    with work.transaction() as tx:
        if rounds.full_began_at and not rounds.full:
            done = Rounds(rounds.stock, rounds.products)
            save_cursor(tx, work.lease.flow, done.as_cursor(), swept_at=rounds.full_began_at)
        else:
            save_cursor(tx, work.lease.flow, rounds.as_cursor())


def _zone(work: Work) -> tzinfo:
    """Of the account, as the platform names it; nights are by its clock."""
    name = work.connector.toolbox.facts.get("time_zone", "")
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
