"""Which of a warehouse's shipping methods an order's method stands for: the map, and which methods orders really have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.routing import warehouses
from crossdock.operations.setup import integrations
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

METHOD = tables.shipping_method
ORDER = tables.order
REQUEST = tables.shipping_request

LONGEST = 200
LOOKS_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class MethodRule:
    """One row of the map. `channel` (an integration) and `method` (what it calls the method) are empty for all."""

    channel: str
    method: str
    warehouse: str
    to: str
    """The warehouse's own name or code of the method."""

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.channel, _folded(self.method), self.warehouse)


def every(tx: Transaction, warehouse: str = "") -> list[MethodRule]:
    """The map, of one warehouse where one is named; within a warehouse what goes before comes first."""
    statement = sa.select(METHOD)
    if warehouse:
        statement = statement.where(METHOD.c.warehouse == warehouse)
    rules = [
        MethodRule(row.integration, row.method, row.warehouse, row.warehouse_method)
        for row in tx.execute(statement)
    ]
    return sorted(rules, key=lambda rule: (rule.warehouse, not rule.method, not rule.channel, *rule.key))


def choose(rules: Sequence[MethodRule], channel: str, method: str, warehouse: str) -> str:
    """What a warehouse is told of an order's method on its channel. The most specific row wins: method of the channel,
    method of any channel, any method of the channel, any.

    Where the warehouse has a map and nothing fits, the order's own name is passed on; without a map the answer is
    empty, and the warehouse chooses.
    """
    known = {rule.key: rule.to for rule in rules}
    name = _folded(method)
    places = [("", name), (channel, "")]
    for one, other in ((channel, name), *places, ("", "")):
        if (to := known.get((one, other, warehouse))) is not None:
            return to
    return method.strip() if any(rule.warehouse == warehouse for rule in rules) else ""


def put(tx: Transaction, task: Task, rule: MethodRule) -> MethodRule:
    """Add a row to the map, or give the one that is there another method. Raises SettingsError."""
    clean = checked(tx, rule)
    was = next((each for each in every(tx, clean.warehouse) if each.key == clean.key), None)
    if was is not None and was.to == clean.to:
        return clean
    _write(tx, clean)
    before = f", until now {was.to!r}" if was else ""
    _say(tx, task, clean, f"{_told(clean)} is shipped as {clean.to!r}{before}")
    return clean


def remove(tx: Transaction, task: Task, *, channel: str, method: str, warehouse: str) -> None:
    """Take a row out of the map. Raises SettingsError where there is none."""
    rule = MethodRule(channel, method, warehouse, "")
    was = next((each for each in every(tx, warehouse) if each.key == rule.key), None)
    if was is None:
        raise SettingsError("method", f"{_told(rule)} is not mapped for {warehouse}")
    tx.execute(sa.delete(METHOD).where(*_is(was)))
    _say(tx, task, was, f"{_told(was)} is no longer mapped; it was {was.to!r}")


def replace_all(tx: Transaction, task: Task, rules: Iterable[MethodRule]) -> None:
    """Make these rows the whole map. Raises SettingsError."""
    wanted = {rule.key: rule for rule in rules}
    for was in every(tx):
        if was.key not in wanted:
            remove(tx, task, channel=was.channel, method=was.method, warehouse=was.warehouse)
    for rule in wanted.values():
        put(tx, task, rule)


def checked(tx: Transaction, rule: MethodRule) -> MethodRule:
    """The row as it is kept. Raises SettingsError naming the field."""
    method, to = rule.method.strip(), rule.to.strip()
    if rule.channel and integrations.get(tx, rule.channel) is None:
        names = ", ".join(each.name for each in integrations.every(tx)) or "none yet"
        raise SettingsError("channel", f"{rule.channel!r} is no integration; there are: {names}")
    if not rule.warehouse:
        raise SettingsError("warehouse", "is missing: say whose method is meant")
    warehouses.require(tx, "warehouse", rule.warehouse)
    for field, value in (("method", method), ("to", to)):
        if len(value) > LONGEST or not value.isprintable():
            raise SettingsError(
                field, f"has at most {LONGEST} characters, and only those that can be printed"
            )
    if not to:
        raise SettingsError("to", "is missing: give the warehouse's own name or code of the method")
    return MethodRule(rule.channel, _folded(method), rule.warehouse, to)


def _write(tx: Transaction, rule: MethodRule) -> None:
    tx.execute(sa.delete(METHOD).where(*_is(rule)))
    tx.execute(
        sa.insert(METHOD).values(
            integration=rule.channel,
            method=_folded(rule.method),
            warehouse=rule.warehouse,
            warehouse_method=rule.to,
        )
    )


def _is(rule: MethodRule) -> tuple[sa.ColumnElement[bool], ...]:
    channel, method, warehouse = rule.key
    return (METHOD.c.integration == channel, METHOD.c.method == method, METHOD.c.warehouse == warehouse)


def _say(tx: Transaction, task: Task, rule: MethodRule, what: str) -> None:
    record(tx, task, [Event(Subject.INTEGRATION, rule.warehouse, f"Shipping methods: {what}")])


def _told(rule: MethodRule) -> str:
    method = repr(rule.method) if rule.method else "any method"
    return f"{method} of {rule.channel or 'any channel'}"


def _folded(method: str) -> str:
    return " ".join(method.split()).casefold()


# What is in use


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one warehouse is told of a method; `is_mapped` is false where no row of its map fits."""

    warehouse: str
    to: str
    is_mapped: bool


@dataclass(frozen=True, slots=True)
class OrderMethod:
    """A method that orders of a channel had, how many of them, and what each warehouse makes of it."""

    channel: str
    method: str
    orders: int
    last_placed_at: datetime
    warehouses: list[Mapped]


@dataclass(frozen=True, slots=True)
class WarehouseMethod:
    """A method of a warehouse that the map names or requests were sent with; `requests` counts those."""

    warehouse: str
    method: str
    is_in_map: bool
    requests: int


def of_orders(tx: Transaction, *, now: datetime) -> list[OrderMethod]:
    """The methods that orders of the last 90 days really had, the most frequent first."""
    statement = (
        sa.select(
            ORDER.c.integration,
            ORDER.c.shipping_method,
            sa.func.count().label("orders"),
            sa.func.max(ORDER.c.placed_at).label("last"),
        )
        .where(
            ORDER.c.placed_at >= now - LOOKS_BACK,
            ORDER.c.shipping_method != "",
            ORDER.c.copy_of.is_(None),
            ~ORDER.c.is_reservation,
        )
        .group_by(ORDER.c.integration, ORDER.c.shipping_method)
    )
    rules, places = every(tx), sorted(warehouses.names(tx))
    found = [
        OrderMethod(
            row.integration,
            row.shipping_method,
            row.orders,
            row.last,
            [_mapped(rules, row.integration, row.shipping_method, place) for place in places],
        )
        for row in tx.execute(statement)
    ]
    return sorted(found, key=lambda each: (-each.orders, each.channel, each.method))


def _mapped(rules: Sequence[MethodRule], channel: str, method: str, warehouse: str) -> Mapped:
    name = _folded(method)
    keys = {(one, other, warehouse) for one in (channel, "") for other in (name, "")}
    is_mapped = any(rule.key in keys for rule in rules)
    return Mapped(warehouse, choose(rules, channel, method, warehouse), is_mapped)


def of_warehouses(tx: Transaction) -> list[WarehouseMethod]:
    """The warehouses' own methods, as far as the hub has met them."""
    statement = (
        sa.select(REQUEST.c.integration, REQUEST.c.method, sa.func.count().label("requests"))
        .where(REQUEST.c.method != "")
        .group_by(REQUEST.c.integration, REQUEST.c.method)
    )
    sent = {(row.integration, row.method): row.requests for row in tx.execute(statement)}
    mapped = {(rule.warehouse, rule.to) for rule in every(tx)}
    return [
        WarehouseMethod(*key, is_in_map=key in mapped, requests=sent.get(key, 0))
        for key in sorted({*sent, *mapped})
    ]
