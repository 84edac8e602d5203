"""What people set of an order here, whatever its channel says: tags, note, shipping method, and putting it away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import OrderStatus
from crossdock.domain.order_life import PUT_AWAY
from crossdock.domain.shipping import RequestState
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.orders import order_life
from crossdock.operations.routing import again
from crossdock.operations.routing.requested import REQUEST
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction

ORDER = tables.order
LINE = tables.order_line

LONGEST_TAG, LONGEST_NOTE, LONGEST_METHOD = 100, 2000, 200


def tag(
    tx: Transaction, task: Task, order: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> None:
    """Give an order tags here, or take some of these away; an order that no card took is routed again by them.

    Raises SettingsError for what is no tag, and for a tag that its channel has given it.
    """
    row = _row(tx, order)
    given, taken = [_text("add", each, LONGEST_TAG) for each in add], [each.strip() for each in remove]
    if not given and not taken:
        raise SettingsError("add", "is missing, and so is remove: name at least one tag")
    before = set(unpack(list[str], row.tags_here))
    theirs = set(unpack(list[str], row.tags))
    for each in taken:
        if each in theirs:
            raise SettingsError(
                "remove", f"{row.integration} has given the order the tag {each!r}; remove it there"
            )
        if each not in before:
            there = ", ".join(sorted(before)) or "none"
            raise SettingsError("remove", f"the order has no tag {each!r} of the hub's; it has: {there}")
    after = before.union(given).difference(taken)
    said = [f"{each} added" for each in sorted(after - before)]
    said += [f"{each} removed" for each in sorted(before - after)]
    if said:
        _write(tx, task, row, f"Tags: {', '.join(said)}", tags_here=pack(sorted(after)))
        again.retry_orders(tx, [order])


def note(tx: Transaction, task: Task, order: str, text: str) -> None:
    """Set the note that goes with an order to its locations; empty takes it away. Raises SettingsError."""
    row = _row(tx, order)
    wanted = _text("note", text, LONGEST_NOTE) if text.strip() else ""
    if wanted != row.note:
        _write(tx, task, row, "Note changed" if wanted else "Note taken away", note=wanted)


def method(tx: Transaction, task: Task, order: str, wanted: str) -> None:
    """Ship an order by another method than its channel says; empty goes back to the channel's. Cards see it as well.

    Raises SettingsError where it is over, or a location was asked for some of it already.
    """
    row = _row(tx, order)
    chosen = _text("method", wanted, LONGEST_METHOD) if wanted.strip() else ""
    if row.status in PUT_AWAY | {OrderStatus.ARCHIVED}:
        raise SettingsError("status", f"order {row.number} is {row.status}; nothing of it is to be shipped")
    statement = sa.select(REQUEST.c.number, REQUEST.c.state).where(REQUEST.c.order_id == order)
    asked = [each.number for each in tx.execute(statement) if each.state != RequestState.STOPPED]
    if asked:
        raise SettingsError(
            "method",
            f"{', '.join(sorted(asked))} has been requested by its method already; stop it first: "
            f"crossdock requests stop {min(asked)}",
        )
    if chosen != row.method_here:
        said = f"Shipping method: {chosen or row.shipping_method or 'none'}"
        _write(tx, task, row, said, method_here=chosen)
        again.retry_orders(tx, [order])


def archive(tx: Transaction, task: Task, order: str) -> OrderStatus:
    """Put an order away that is over, or of which nothing is open. Raises SettingsError for any other."""
    row = _row(tx, order)
    if row.is_archived:
        return OrderStatus(row.status)
    if row.is_reservation or (row.status not in PUT_AWAY and _open(tx, order) > 0):
        raise SettingsError(
            "status",
            f"order {row.number} is {row.status}; only one that is fulfilled or canceled can be archived",
        )
    return _put(tx, task, row, "Archived", is_archived=True)


def unarchive(tx: Transaction, task: Task, order: str) -> OrderStatus:
    """Take an order out again; it stands where its channel and the hub have it."""
    row = _row(tx, order)
    return (
        _put(tx, task, row, "Taken out of the archive", is_archived=False) if row.is_archived else row.status
    )


def _put(tx: Transaction, task: Task, row: Any, said: str, *, is_archived: bool) -> OrderStatus:
    _write(tx, task, row, said, is_archived=is_archived)
    order_life.settle(tx, task, [row.id])
    return OrderStatus(_row(tx, row.id).status)


def _row(tx: Transaction, order: str) -> Any:
    return tx.execute(sa.select(ORDER).where(ORDER.c.id == order)).one()


def _open(tx: Transaction, order: str) -> int:
    return order_life.units_of(tx.execute(sa.select(LINE).where(LINE.c.order_id == order))).open


def _text(field: str, given: str, longest: int) -> str:
    text = given.strip()
    if not text or len(text) > longest or not all(each.isprintable() or each == "\n" for each in text):
        raise SettingsError(field, f"{given!r} will not do: 1 to {longest} characters that can be printed")
    return text


def _write(tx: Transaction, task: Task, row: Any, said: str, **values: Any) -> None:
    tx.execute(sa.update(ORDER).where(ORDER.c.id == row.id).values(updated_at=task.now, **values))
    record(tx, task, [Event(Subject.ORDER, row.id, said, EventStatus.ACKNOWLEDGED)])
