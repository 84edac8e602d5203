"""What an automation may say: each mistake is named with its field, before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import (
    REQUIRED,
    TITLE_FIELDS,
    Action,
    Change,
    Changeable,
    Conditions,
    Hold,
    Notify,
    Rule,
    Tag,
    Trigger,
    unknown_fields,
)
from crossdock.domain.filters import Filters
from crossdock.domain.shipping import RequestState
from crossdock.operations.routing.card_rules import filters_in_form

LONGEST_HOLD_MINUTES = 366 * 24 * 60
MOST_ACTIONS = 20
MOST_EMAILS = 20
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9-]+\.)*[A-Za-z0-9-]+"
)
_KIND = re.compile(r"[a-z][a-z_]*")


def in_form(rule: Rule) -> Rule:
    """The rule as it is kept, with what can be told without looking anything up. Raises SettingsError."""
    _text("name", rule.name, most=100)
    for field, problem in _wrong_conditions(rule.trigger, rule.conditions):
        raise SettingsError(f"filters.{field}", problem)
    if not 0 < len(rule.actions) <= MOST_ACTIONS:
        raise SettingsError("actions", f"a rule has one action or more, and at most {MOST_ACTIONS}")
    for place, action in enumerate(rule.actions):
        if rule.trigger is Trigger.PRODUCT_UPDATED and not isinstance(action, Notify):
            problem = "a product can only be told of (notify); all other actions are for orders"
            raise SettingsError(f"actions.{place}", problem)
        _check_action(f"actions.{place}", action)
    filters = filters_in_form(rule.conditions.order)
    return replace(rule, name=rule.name.strip(), conditions=replace(rule.conditions, order=filters))


def _wrong_conditions(trigger: Trigger, given: Conditions) -> Iterator[tuple[str, str]]:
    """Fields that make no sense, or not with this trigger, each with the reason."""
    for_one_trigger = (
        ("exceptions", given.case_kinds, Trigger.EXCEPTION),
        ("request_states", given.request_states, Trigger.SHIPPING_REQUEST_UPDATED),
        ("title", given.product_title, Trigger.PRODUCT_UPDATED),
    )
    for field, value, needed in for_one_trigger:
        if value and trigger is not needed:
            yield field, f"goes with the trigger {needed} only"
    if trigger is Trigger.PRODUCT_UPDATED and given.order != Filters():
        unfit = next(name for name in Filters.__dataclass_fields__ if getattr(given.order, name))
        yield unfit, "looks at orders; a rule about products has the filters skus and title"
    for kind in given.case_kinds:
        if not _KIND.fullmatch(kind):
            yield (
                "exceptions",
                f"{kind!r} is no kind of case; `crossdock exceptions` shows them, such as line_unmatched",
            )
    for state in given.request_states:
        if state not in [*RequestState]:
            yield "request_states", f"{state!r} is none; choose from {', '.join(RequestState)}"


def _check_action(field: str, action: Action) -> None:
    match action:
        case Hold(minutes, reason):
            if minutes is not None and not 0 < minutes <= LONGEST_HOLD_MINUTES:
                problem = (
                    f"{minutes} is not between 1 and {LONGEST_HOLD_MINUTES}; leave it out to hold without end"
                )
                raise SettingsError(f"{field}.hold.minutes", problem)
            _text(f"{field}.hold.reason", reason, most=500, may_be_empty=True)
        case Tag():
            _check_tag(f"{field}.tag", action)
        case Change(what, value):
            _text(f"{field}.change.{what}", value, most=200 if what is Changeable.SHIPPING_METHOD else 2000)
            if what is Changeable.REVIEW and value != REQUIRED:
                raise SettingsError(
                    f"{field}.change.review", f"{value!r} cannot be set; only {REQUIRED!r} can"
                )
        case Notify():
            _check_notify(f"{field}.notify", action)


def _check_tag(field: str, action: Tag) -> None:
    if not action.add and not action.remove:
        raise SettingsError(field, "name the tags to add or to remove")
    for tag in (*action.add, *action.remove):
        _text(field, tag, most=100)
    if both := sorted(set(action.add).intersection(action.remove)):
        raise SettingsError(field, f"{both[0]!r} is both added and removed")


def _check_notify(field: str, action: Notify) -> None:
    if not action.emails and not action.url:
        raise SettingsError(field, "name e-mail addresses, or the url of a webhook")
    if len(action.emails) > MOST_EMAILS:
        raise SettingsError(
            f"{field}.emails", f"at most {MOST_EMAILS} addresses; use a mailing list for more"
        )
    for address in action.emails:
        if len(address) > 254 or not _EMAIL.fullmatch(address):
            raise SettingsError(
                f"{field}.emails", f"{address!r} is no e-mail address, such as desk@example.com"
            )
    if action.url:
        _check_url(f"{field}.url", action.url)
    if action.title:
        _check_title(f"{field}.title", action.title)


def _check_url(field: str, url: str) -> None:
    """What can be told without asking anybody; whether its host may be called is decided as it is."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or not url.isascii() or not url.isprintable() or " " in url or len(url) > 2000:
        raise SettingsError(field, "is no web address, such as https://example.com/hooks")
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            field, "has a user name or password, which would be shown; the receiver checks the signature"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise SettingsError(
            field, f"{host} must be called by https; plain http is for loopback addresses only"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_title(field: str, title: str) -> None:
    _text(field, title, most=200)
    try:
        unknown = unknown_fields(title)
    except ValueError:
        raise SettingsError(field, "has a brace without its other; write {{ for a brace itself") from None
    if unknown:
        fields = ", ".join("{" + name + "}" for name in TITLE_FIELDS)
        raise SettingsError(field, f"there is no {{{unknown[0]}}}; choose from {fields}")


def _text(field: str, text: str, *, most: int, may_be_empty: bool = False) -> None:
    if not text.strip() and not may_be_empty:
        raise SettingsError(field, "is missing")
    if len(text) > most:
        raise SettingsError(field, f"has {len(text)} characters; at most {most} are kept")
    if not text.isprintable():
        raise SettingsError(field, "has a character that cannot be printed, such as a line break")
