"""The states of a publication, and the statements by which many are written at once."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.store import many, tables
from crossdock.store.many import Many

PUBLICATION = tables.publication


class PublicationState(StrEnum):
    """Where a record stands on a channel, from the hub's side."""

    NEW = "new"
    WAITING = "waiting"
    QUEUED = "queued"
    """Its turn comes by itself, such as when a daily limit has room again."""
    SETTLED = "settled"
    UNSETTLED = "unsettled"
    UNCLEAR = "unclear"
    REJECTED = "rejected"
    DRAFT = "draft"
    """Kept on the channel where nobody can buy it, until what it lacks is there."""
    EXCLUDED = "excluded"


@lru_cache
def marking(dialect: sa.Dialect, *, unsettle: bool) -> Many:
    """Have records looked at; those that are not known yet are new."""
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    again: dict[str, Any] = {"is_dirty": True, "marks": PUBLICATION.c.marks + 1}
    if unsettle:
        settled = PUBLICATION.c.state == PublicationState.SETTLED.value
        again["state"] = sa.case((settled, PublicationState.UNSETTLED.value), else_=PUBLICATION.c.state)
    keys = ["integration", "entity", "record_id"]
    statement = (
        insert(PUBLICATION)
        .values({"is_dirty": True, "marks": 1})
        .on_conflict_do_update(index_elements=keys, set_=again)
    )
    return many.prepare(statement, dialect, (*keys, "state"))


@lru_cache
def settling(dialect: sa.Dialect) -> Many:
    """Keep what a channel has answered for. A record marked meanwhile stays to be looked at."""
    names = ("integration", "entity", "record_id", "marks", "fingerprint", "body", "run_id", "settled_at")
    given = {name: sa.bindparam(f"_{name}", type_=PUBLICATION.c[name].type) for name in names}
    unchanged = PUBLICATION.c.marks == given["marks"]
    is_other = PUBLICATION.c.body != given["body"]
    statement = (
        sa.update(PUBLICATION)
        .where(*(PUBLICATION.c[name] == given[name] for name in ("integration", "entity", "record_id")))
        .values(
            {name: given[name] for name in ("fingerprint", "body", "run_id", "settled_at")}
            | {"message": "", "fix": "", "attempts": 0, "again_at": None}
            | {
                "state": sa.case(
                    (unchanged, PublicationState.SETTLED.value), else_=PublicationState.UNSETTLED.value
                ),
                "is_dirty": sa.case((unchanged, sa.false()), else_=sa.true()),
                "former": sa.case((is_other, PUBLICATION.c.body), else_=PUBLICATION.c.former),
            }
        )
    )
    return many.prepare(statement, dialect, names)
