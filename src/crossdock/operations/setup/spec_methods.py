"""What the declarative file says about shipping methods: the whole map from orders' methods to warehouses' own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from crossdock.connectors.errors import SettingsError
from crossdock.operations.routing import methods
from crossdock.operations.routing.methods import MethodRule
from crossdock.operations.setup.spec_locations import SpecError
from crossdock.operations.task import Task
from crossdock.store.database import Transaction

PLACE = "shipping_methods"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MethodSource(_Part):
    """What an order has; what is left out means any."""

    channel: str = ""
    method: str = ""


class MethodSpec(_Part):
    """One row of the map: what is shipped by which method of a warehouse."""

    source: MethodSource = Field(default_factory=MethodSource, alias="from")
    warehouse: str
    to: str

    def as_rule(self) -> MethodRule:
        return MethodRule(self.source.channel, self.source.method, self.warehouse, self.to)


def refuse(wanted: Sequence[MethodSpec], integrations: Collection[str], warehouses: Collection[str]) -> None:
    """Raises SpecError where a row is there twice, or names what is no integration or no warehouse."""
    seen: set[tuple[str, str, str]] = set()
    for place, each in enumerate(wanted):
        rule = each.as_rule()
        if rule.key in seen:
            raise SpecError(f"{PLACE}.{place}: the same method is mapped twice for {rule.warehouse}")
        seen.add(rule.key)
        if rule.channel and rule.channel not in integrations:
            names = ", ".join(sorted(integrations)) or "none yet"
            raise SpecError(
                f"{PLACE}.{place}.from.channel: {rule.channel!r} is no integration; there are {names}"
            )
        if rule.warehouse not in warehouses:
            names = ", ".join(sorted(warehouses)) or "none yet"
            raise SpecError(
                f"{PLACE}.{place}.warehouse: {rule.warehouse!r} is no warehouse; there are {names}"
            )


def changes(tx: Transaction, wanted: Sequence[MethodSpec]) -> Iterator[tuple[str, str, str]]:
    """What applying this part changes: which row, what it is, and what it is to be."""
    known = {rule.key: rule for rule in methods.every(tx)}
    rules = {each.as_rule().key: each.as_rule() for each in wanted}
    for key, rule in known.items():
        if key not in rules:
            yield _told(rule), rule.to, "removed"
    for key, rule in rules.items():
        before = known[key].to if key in known else "absent"
        if before != rule.to.strip():
            yield _told(rule), before, rule.to.strip()


def bring(tx: Transaction, task: Task, wanted: Sequence[MethodSpec]) -> None:
    """Make these rows the whole map. Raises SpecError."""
    for place, each in enumerate(wanted):
        try:
            methods.checked(tx, each.as_rule())
        except SettingsError as error:
            raise SpecError(f"{PLACE}.{place}.{error}") from None
    methods.replace_all(tx, task, [each.as_rule() for each in wanted])


def _told(rule: MethodRule) -> str:
    return f"{rule.method or 'any method'} of {rule.channel or 'any channel'} for {rule.warehouse}"
