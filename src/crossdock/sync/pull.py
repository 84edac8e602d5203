"""The pull loop: pages come in, and each commits together with its cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from crossdock.domain.scope import Scope
from crossdock.domain.sync import Entity, Page, Unreadable
from crossdock.operations import events, exceptions
from crossdock.operations.events import Event, EventStatus, Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.sync.work import Position, Work, position, save_page, save_read_until, widen

T = TypeVar("T")

# Records deleted on a platform are missed by incremental readings; a full one notices.
SWEEP_EVERY = {Entity.PRODUCTS: timedelta(days=1), Entity.LISTINGS: timedelta(days=1)}

Ingest = Callable[[Transaction, Task, Page[T], Position], int]
"""Stores one page's records and answers how many were new or changed."""


def pull(work: Work, read: Callable[[Position], Iterator[Page[T]]], ingest: Ingest[T]) -> None:
    """Each page and its cursor commit together, so a crash repeats at most one page; the next is fetched meanwhile."""
    began = work.desk.clock()
    with work.transaction() as tx:
        widen(tx, work.lease.flow, _scope(work))
        at = _start(position(tx, work.lease.flow), work)
    for page in ahead(read(at)):
        with work.transaction() as tx:
            task = work.task()
            written = ingest(tx, task, page, at)
            _keep_unreadable(tx, task, page)
            _keep_notes(tx, task, page)
            at = save_page(tx, work.lease.flow, page, at)
            work.tally.read += len(page.records) + len(page.same) + len(page.unreadable)
            work.tally.unreadable += len(page.unreadable)
            work.tally.written += written
            work.tally.unchanged += len(page.records) + len(page.same) - written
    with work.transaction() as tx:
        save_read_until(tx, work.lease.flow, began)


def _scope(work: Work) -> Scope:
    """What the rules let through of the entity that is read."""
    rules, entity = work.rules, work.lease.flow.entity
    if entity in (Entity.ORDERS, Entity.FULFILLMENTS):
        return Scope.of(rules.order_ids, since=rules.ignore_orders_before, without=rules.leaves_out_tags)
    if entity is Entity.INVENTORY:
        return Scope.of(rules.inventory_skus)
    return Scope.of(rules.product_skus if entity is Entity.PRODUCTS else ())


def _start(at: Position | None, work: Work) -> Position:
    """Where to go on reading: from the beginning when the last full reading is too long ago to know what is gone."""
    if at is None:
        return Position(None, None, None, None)
    every = SWEEP_EVERY.get(work.lease.flow.entity)
    is_stale = every is not None and at.swept_at is not None and work.desk.clock() - at.swept_at > every
    return replace(at, cursor=None) if is_stale and at.sweep_began_at is None else at


def sweep_began(page: Page[Any], at: Position) -> datetime | None:
    """When the sweep that this page completes began: with this very page where there is only one."""
    return at.sweep_began_at or (page.read_began_at if at.cursor is None else None)


def ahead(pages: Iterator[Page[T]]) -> Iterator[Page[T]]:
    """The same pages, each fetched in a thread while the one before it is being stored."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="page-ahead") as thread:
        coming = thread.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = thread.submit(next, pages, None)
            try:
                yield page
            except GeneratorExit:
                coming.cancel()
                raise


def _keep_unreadable(tx: Transaction, task: Task, page: Page[T]) -> None:
    """A record that cannot be understood is kept whole; its case closes when it is read well again."""
    exceptions.open_cases(tx, task, [_unreadable_case(task, record) for record in page.unreadable])
    exceptions.close_cases(tx, task.now, [_unreadable_key(task, key) for key in page.readable])


def _keep_notes(tx: Transaction, task: Task, page: Page[T]) -> None:
    status = EventStatus.ACKNOWLEDGED
    told = [Event(Subject.INTEGRATION, task.integration, note, status, "in") for note in page.notes]
    events.record(tx, task, told)


def _unreadable_key(task: Task, channel_id: str) -> str:
    return f"unreadable:{task.flow}:{channel_id}"


_USUAL_FIX = "Report it with its payload; it is read again when it changes, or when you retry this case, with all the rest"


def _unreadable_case(task: Task, record: Unreadable) -> Case:
    return Case(
        key=_unreadable_key(task, record.channel_id),
        kind="unreadable",
        subject=Subject.RECORD,
        subject_id=record.channel_id,
        cause=f"A record of {task.integration} ({record.channel_id or 'without id'}) cannot be read: {record.reason}",
        fix=record.fix or _USUAL_FIX,
        evidence={"payload": task.cipher.encrypt(record.payload).decode()},  # it may hold buyer data
    )
