"""Hub records as a golden file tells them: without what says nothing, so that a new field leaves the files alone."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any

EMPTY: tuple[Any, ...] = ("", [], (), frozenset(), {}, None)


def telling_fields(record: Any) -> dict[str, Any]:
    """The fields of a dataclass that are neither empty nor what they are when nobody sets them."""
    named = {field: getattr(record, field.name) for field in fields(record)}
    return {
        field.name: value
        for field, value in named.items()
        if value is not False and value not in EMPTY and not _is_default(field, value)
    }


def _is_default(field: Field[Any], value: Any) -> bool:
    if field.default is not MISSING:
        return bool(value == field.default)
    return field.default_factory is not MISSING and bool(value == field.default_factory())
