"""Values that a form or a program gave, read so that a mistake is a sentence. A form's values are texts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

YES = ("true", "1", "yes", "on")


def text(given: Mapping[str, Any], name: str) -> str:
    """What cannot be left out, as it was given: a SKU may begin or end with a blank."""
    value = str(given.get(name) or "")
    if not value.strip():
        raise ValueError(f"{_label(name)} is missing")
    return value


def whole(
    given: Mapping[str, Any], name: str, *, default: int | None = None, least: int | None = None
) -> int:
    """A whole number of at least `least`; `default` stands for a field that was not sent, never for an empty one."""
    value = str(given.get(name, "" if default is None else default)).strip()
    if not value:
        raise ValueError(f"{_label(name)} is missing")
    try:
        number = int(value)
    except ValueError:
        raise ValueError(f"{_label(name)} has to be a whole number, not {value!r}") from None
    if least is not None and number < least:
        raise ValueError(f"{_label(name)} has to be at least {least}, not {number}")
    return number


def is_filled(given: Mapping[str, Any], name: str) -> bool:
    return str(given.get(name, "")).strip() != ""


def units(given: Mapping[str, Any], sku: str, left: Mapping[str, int]) -> int:
    """How many units of `sku`, or of all where it is empty, are meant of what is `left` by SKU."""
    total = left.get(sku, 0) if sku else sum(left.values())
    if not total:
        raise ValueError(f"Nothing of {sku or 'the order'} is left")
    wanted = whole(given, "quantity", least=1) if is_filled(given, "quantity") else total
    if wanted > total:
        raise ValueError(f"{sku or 'The order'} has {total} left, not {wanted}")
    if not sku and wanted < total and len(left) > 1:
        raise ValueError("Which SKU? A number of units belongs to one")
    return wanted


def amount(value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number


def truth(value: object) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in YES


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize().replace("sku", "SKU").replace("Sku", "SKU")
