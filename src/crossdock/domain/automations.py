"""Automations: which rule acts on what happened, and what its actions are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter

from crossdock.domain.aftersales import CancelReason
from crossdock.domain.filters import Filters, OrderFacts
from crossdock.domain.words import counted

TITLE_FIELDS = ("rule", "order", "channel", "status", "request", "case", "product")
"""What a title may name in braces; each is empty where what happened has none."""
LONGEST_TITLE = 200


class Trigger(StrEnum):
    """What has to happen for rules to be asked."""

    ORDER_NEW = "order_new"
    ORDER_UPDATED = "order_updated"
    SHIPPING_REQUEST_UPDATED = "shipping_request_updated"
    FULFILLMENT_CREATED = "fulfillment_created"
    EXCEPTION = "exception"
    PRODUCT_UPDATED = "product_updated"

    @property
    def record(self) -> str:
        """The kind of record that it is about, which a rule may act on once only."""
        return _RECORDS[self]

    @property
    def headline(self) -> str:
        """The title of a notification whose rule gives it none."""
        return _HEADLINES[self]


_RECORDS = {
    Trigger.ORDER_NEW: "order",
    Trigger.ORDER_UPDATED: "order",
    Trigger.SHIPPING_REQUEST_UPDATED: "shipping request",
    Trigger.FULFILLMENT_CREATED: "fulfillment",
    Trigger.EXCEPTION: "exception case",
    Trigger.PRODUCT_UPDATED: "product",
}
_HEADLINES = {
    Trigger.ORDER_NEW: "Order {order} of {channel} is new: {status}",
    Trigger.ORDER_UPDATED: "Order {order} of {channel} has changed: {status}",
    Trigger.SHIPPING_REQUEST_UPDATED: "Shipping request {request} is {status}",
    Trigger.FULFILLMENT_CREATED: "Units of order {order} of {channel} have left: {status}",
    Trigger.EXCEPTION: "{case}",
    Trigger.PRODUCT_UPDATED: "Product {product} has changed",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """The order waits: for so many minutes, or until a person ends it."""

    minutes: int | None = None
    reason: str = ""

    def __str__(self) -> str:
        return f"held {_how_long(self.minutes)}"


@dataclass(frozen=True, slots=True)
class Cancel:
    """All that is open of the order is canceled."""

    reason: CancelReason = CancelReason.OTHER
    restocks: bool = True

    def __str__(self) -> str:
        why = "" if self.reason is CancelReason.OTHER else f" ({self.reason.replace('_', ' ')})"
        return f"canceled{why}"


@dataclass(frozen=True, slots=True)
class Tag:
    """Tags are given to the order here, or taken away; those of its channel stay."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __str__(self) -> str:
        given = [f"tagged {', '.join(self.add)}"] if self.add else []
        return " and ".join(given + ([f"untagged {', '.join(self.remove)}"] if self.remove else []))


class Changeable(StrEnum):
    """What of an order a rule may change."""

    SHIPPING_METHOD = "shipping_method"
    NOTE = "note"
    REVIEW = "review"


REQUIRED = "required"
"""What a rule changes `review` to: a person has to look at the order first."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value of the order is set here, whatever its channel says."""

    field: Changeable
    value: str

    def __str__(self) -> str:
        if self.field is Changeable.REVIEW:
            return "marked for review"
        return f"{self.field.replace('_', ' ')} set to “{self.value}”"


@dataclass(frozen=True, slots=True)
class Notify:
    """People are told by e-mail, and another system by a signed webhook."""

    emails: tuple[str, ...] = ()
    url: str = ""
    title: str = ""

    def __str__(self) -> str:
        return f"notification to {', '.join([*self.emails, *filter(None, [self.url])])}"


Action = Hold | Cancel | Tag | Change | Notify


@dataclass(frozen=True, slots=True)
class Happening:
    """What conditions look at: a record that something happened to, and its order where it has one."""

    trigger: Trigger
    record: str
    order: OrderFacts | None = None
    case_kind: str = ""
    request_state: str = ""
    product_skus: frozenset[str] = frozenset()
    product_title: str = ""


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that are given have to be met; each list is met by one of its members."""

    order: Filters = field(default_factory=Filters)
    case_kinds: tuple[str, ...] = ()
    request_states: tuple[str, ...] = ()
    product_skus: tuple[str, ...] = ()
    product_title: str = ""
    """Part of the product's title, whatever the case."""

    def unmet(self, happening: Happening) -> tuple[str, ...]:
        """What of them is not met, in words; empty where the rule is meant."""
        return tuple(self._unmet(happening))

    def _unmet(self, happening: Happening) -> Iterator[str]:
        if happening.order is not None:
            yield from self.order.unmet(happening.order)
        elif self.order != Filters():
            yield "it has no order"
        if self.case_kinds and happening.case_kind not in self.case_kinds:
            yield f"its kind is {happening.case_kind or 'none'}, not {' or '.join(self.case_kinds)}"
        if self.request_states and happening.request_state not in self.request_states:
            yield f"its state is {happening.request_state or 'none'}, not {' or '.join(self.request_states)}"
        if self.product_skus and not happening.product_skus.intersection(self.product_skus):
            yield f"it has none of the SKUs {', '.join(self.product_skus)}"
        if self.product_title.casefold() not in happening.product_title.casefold():
            yield f"its title does not contain “{self.product_title}”"


@dataclass(frozen=True, slots=True)
class Rule:
    """One automation. `id` is the hub's number of it; 0 while it is not stored."""

    name: str
    trigger: Trigger
    actions: tuple[Action, ...]
    conditions: Conditions = field(default_factory=Conditions)
    is_on: bool = True
    is_once: bool = True
    """Whether it acts on each record once and never again."""
    id: int = 0


def choose(rules: Iterable[Rule], happening: Happening, *, done: Collection[int] = ()) -> Rule | None:
    """The rule that acts: the first whose conditions are met. `done` are the ids of those that have acted on the record.

    Where the first has acted and may do so once only, nothing happens: the rules below it are for other records.
    """
    for rule in rules:
        if rule.is_on and rule.trigger is happening.trigger and not rule.conditions.unmet(happening):
            return None if rule.is_once and rule.id in done else rule
    return None


def unknown_fields(title: str) -> list[str]:
    """What a title names in braces that there is not. Raises ValueError where its braces do not fit together."""
    parts = [
        f"{name}{'!' + conversion if conversion else ''}{':' + form if form else ''}"
        for _, name, form, conversion in Formatter().parse(title)
        if name is not None
    ]
    return [part for part in parts if part not in TITLE_FIELDS]


def titled(title: str, values: Mapping[str, str]) -> str:
    """The title with what it names, on one line that any mail can have as its subject."""
    known = {name: values.get(name, "") for name in TITLE_FIELDS}
    line = " ".join(title.format_map(known).split())
    text = "".join(each for each in line if each.isprintable())
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1] + "…"


def _how_long(minutes: int | None) -> str:
    return "until a person releases it" if minutes is None else f"for {counted(minutes, 'minute')}"
