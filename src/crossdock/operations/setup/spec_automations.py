"""Automations as people write them: in the declarative file, the whole list in its order, and in the API."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import CancelReason
from crossdock.domain.automations import (
    Action,
    Cancel,
    Change,
    Changeable,
    Conditions,
    Hold,
    Notify,
    Rule,
    Tag,
    Trigger,
)
from crossdock.domain.filters import Filters
from crossdock.operations.automations import checking, rules
from crossdock.operations.routing.card_rules import require_channels
from crossdock.operations.setup.spec_locations import SpecError
from crossdock.operations.setup.spec_routing import FiltersSpec
from crossdock.operations.task import Task
from crossdock.store.database import Transaction


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConditionsSpec(FiltersSpec):
    """When a rule is meant: all that are given have to be met, each list by one of its members."""

    exceptions: tuple[str, ...] = Field((), description="Kinds of exception case, such as line_unmatched")
    request_states: tuple[str, ...] = Field((), description="States of the shipping request, such as refused")
    title: str = Field("", description="Part of the product's title, whatever the case")

    def as_conditions(self, trigger: Trigger) -> Conditions:
        """The SKUs are those of the product, where it is about one."""
        is_product = trigger is Trigger.PRODUCT_UPDATED
        filters = {name: getattr(self, name) for name in FiltersSpec.model_fields}
        return Conditions(
            order=Filters(**(filters | ({"skus": ()} if is_product else {}))),
            case_kinds=self.exceptions,
            request_states=self.request_states,
            product_skus=self.skus if is_product else (),
            product_title=self.title,
        )

    @classmethod
    def of_conditions(cls, given: Conditions) -> ConditionsSpec:
        filters = {name: getattr(given.order, name) for name in FiltersSpec.model_fields}
        filters["skus"] = given.product_skus or given.order.skus
        return cls(
            **filters,
            exceptions=given.case_kinds,
            request_states=given.request_states,
            title=given.product_title,
        )


class HoldSpec(_Form):
    """The order waits for so many minutes; without them until a person releases it."""

    minutes: int | None = None
    reason: str = ""


class CancelSpec(_Form):
    """All that is open of the order is canceled, on its channel too where the settings say so."""

    reason: CancelReason = CancelReason.OTHER
    restock: bool = True


class TagSpec(_Form):
    """Tags are given to the order in the hub, or taken away there."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class ChangeSpec(_Form):
    """One value of the order is set in the hub: its shipping method, a line of its note, or that it needs a review."""

    shipping_method: str | None = None
    note: str | None = None
    review: str | None = Field(None, description="Only `required` can be set")

    @model_validator(mode="after")
    def _is_one(self) -> ChangeSpec:
        _refuse_none_or_several(self)
        return self


class NotifySpec(_Form):
    """People are told by e-mail, and another system by a signed webhook."""

    emails: tuple[str, ...] = ()
    url: str = Field("", description="https://…, or http:// on this machine")
    title: str = Field(
        "", description="May name {order}, {channel}, {status}, {request}, {case}, {product}, {rule}"
    )


class ActionSpec(_Form):
    """One action: exactly one of these."""

    hold: HoldSpec | None = None
    cancel: CancelSpec | None = None
    tag: TagSpec | None = None
    change: ChangeSpec | None = None
    notify: NotifySpec | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_named(cls, value: Any) -> Any:
        """`cancel` alone stands for itself, and so does an action with nothing behind its name."""
        if isinstance(value, str):
            return {value: {}}
        if isinstance(value, dict) and list(value.values()) == [None]:
            return {name: {} for name in value}
        return value

    @model_validator(mode="after")
    def _is_one(self) -> ActionSpec:
        _refuse_none_or_several(self)
        return self

    def as_action(self) -> Action:
        if (hold := self.hold) is not None:
            return Hold(hold.minutes, hold.reason)
        if (cancel := self.cancel) is not None:
            return Cancel(cancel.reason, cancel.restock)
        if (tag := self.tag) is not None:
            return Tag(tag.add, tag.remove)
        if (notify := self.notify) is not None:
            return Notify(notify.emails, notify.url, notify.title)
        changed = self.change.model_dump(exclude_none=True) if self.change else {}
        return next(Change(Changeable(name), value) for name, value in changed.items())

    @classmethod
    def of_action(cls, action: Action) -> ActionSpec:
        match action:
            case Hold(minutes, reason):
                return cls(hold=HoldSpec(minutes=minutes, reason=reason))
            case Cancel(reason, restocks):
                return cls(cancel=CancelSpec(reason=reason, restock=restocks))
            case Tag(add, remove):
                return cls(tag=TagSpec(add=add, remove=remove))
            case Change(field, value):
                return cls(change=ChangeSpec.model_validate({field.value: value}))
            case Notify(emails, url, title):
                return cls(notify=NotifySpec(emails=emails, url=url, title=title))


class AutomationSpec(_Form):
    """One rule: at what it is asked, when it is meant, and what it does."""

    name: str
    trigger: Trigger
    on: bool = True
    once: bool = Field(True, description="Whether it acts on each record once and never again")
    filters: ConditionsSpec = Field(default_factory=ConditionsSpec)
    actions: tuple[ActionSpec, ...]

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_name(cls, value: Any) -> Any:
        """YAML takes `on` for yes, be it the name of a field."""
        if isinstance(value, dict) and True in value:
            return {("on" if key is True else key): each for key, each in value.items()}
        return value

    def as_rule(self, *, number: int = 0) -> Rule:
        return Rule(
            name=self.name,
            trigger=self.trigger,
            actions=tuple(each.as_action() for each in self.actions),
            conditions=self.filters.as_conditions(self.trigger),
            is_on=self.on,
            is_once=self.once,
            id=number,
        )

    @classmethod
    def read(cls, text: str) -> AutomationSpec:
        """The automation behind a file's text, as `crossdock automations show` prints it. Raises SpecError."""
        try:
            raw = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise SpecError(f"This is not YAML: {error}") from None
        return cls.of(raw)

    @classmethod
    def of(cls, values: Any) -> AutomationSpec:
        """Raises SpecError naming the field."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            # A name that is misspelt makes the right one missing; the misspelling says more.
            first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
            inner = [PARTS[str(part)] for part in first["loc"][:-1] if part in PARTS]
            problem = first["msg"].removeprefix("Value error, ")
            if first["type"] == "extra_forbidden":
                fields = (inner or [cls])[-1].model_fields
                problem = f"there is no such field; choose from {', '.join(fields)}"
            place = ".".join(map(str, first["loc"])) or "file"
            raise SpecError(f"{place}: {problem}") from None

    @classmethod
    def of_rule(cls, rule: Rule) -> AutomationSpec:
        return cls(
            name=rule.name,
            trigger=rule.trigger,
            on=rule.is_on,
            once=rule.is_once,
            filters=ConditionsSpec.of_conditions(rule.conditions),
            actions=tuple(ActionSpec.of_action(action) for action in rule.actions),
        )

    def as_written(self) -> dict[str, Any]:
        """What a file says of it: only what is not as it is anyway."""
        return self.model_dump(mode="json", exclude_defaults=True)


PARTS: dict[str, type[BaseModel]] = {
    "filters": ConditionsSpec,
    "actions": ActionSpec,
    "hold": HoldSpec,
    "cancel": CancelSpec,
    "tag": TagSpec,
    "change": ChangeSpec,
    "notify": NotifySpec,
}

Value = tuple[str, str, Any, Any]
"""The automation, what of it, what that is, and what it is to be."""


def refuse(wanted: Sequence[AutomationSpec], integrations: Collection[str]) -> None:
    """Raises SpecError for what cannot be, whatever the hub has."""
    names = [each.name.strip().casefold() for each in wanted]
    if twice := [each.name for each in wanted if names.count(each.name.strip().casefold()) > 1]:
        raise SpecError(f"automations.{twice[0]}: every name may be there once only")
    for each in wanted:
        try:
            found = checking.in_form(each.as_rule())
            require_channels(found.conditions.order.channels, integrations)
        except SettingsError as error:
            raise SpecError(f"automations.{each.name}.{error}") from None


def changes(tx: Transaction, wanted: Sequence[AutomationSpec]) -> list[Value]:
    """What applying this part changes, rule by rule."""
    there = rules.every(tx)
    known = {rule.name.casefold(): (place, rule) for place, rule in enumerate(there, start=1)}
    after = [checking.in_form(each.as_rule()) for each in wanted]
    kept = {rule.name.casefold() for rule in after}
    found: list[Value] = [
        (rule.name, "automation", "present", "removed") for key, (_, rule) in known.items() if key not in kept
    ]
    for place, rule in enumerate(after, start=1):
        if rule.name.casefold() not in known:
            found.append((rule.name, "automation", "absent", f"added as number {place}"))
            continue
        was_at, was = known[rule.name.casefold()]
        before, now = (AutomationSpec.of_rule(each).as_written() for each in (was, rule))
        fields = [name for name in AutomationSpec.model_fields if before.get(name) != now.get(name)]
        found += [(rule.name, name, before.get(name, ""), now.get(name, "")) for name in fields]
        found += [(rule.name, "place", was_at, place)] if was_at != place else []
    return found


def bring(tx: Transaction, task: Task, wanted: Sequence[AutomationSpec]) -> None:
    """Have these automations in this order, and no others. Raises SpecError."""
    try:
        rules.bring(tx, task, [each.as_rule() for each in wanted])
    except SettingsError as error:
        raise SpecError(f"automations.{error}") from None


def _refuse_none_or_several(form: BaseModel) -> None:
    given = [name for name in type(form).model_fields if getattr(form, name) is not None]
    if len(given) != 1:
        choices = ", ".join(type(form).model_fields)
        raise ValueError(f"name exactly one of {choices}" + (f", not {' and '.join(given)}" if given else ""))
