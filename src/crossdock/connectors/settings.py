"""Settings and credentials: declared once per connector, read by validation, API, command line, forms and docs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo

from crossdock.connectors.errors import SettingsError


@dataclass(frozen=True)
class When:
    """The setting matters only while another has one of these values."""

    setting: str
    values: tuple[Any, ...]


class Choice(StrEnum):
    """Base of a setting with fixed choices: `NAME = "value", "Exact label"`."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """A label is as good as its value, whatever the case."""
        wanted = str(value).strip().casefold()
        return next((m for m in cls if wanted in (m.value.casefold(), m.label.casefold())), None)


def setting(
    default: Any,
    *,
    group: str,
    title: str,
    help: str,  # noqa: A002
    when: When | None = None,
    **rules: Any,
) -> Any:
    """Declare a setting. `title` is the exact label; `rules` are Pydantic's (ge, le, max_length …)."""
    extra: dict[str, Any] = {"group": group, "when": when}
    if isinstance(default, (list, dict, set, frozenset, tuple)):
        kept = default
        return Field(
            default_factory=lambda: type(kept)(kept),
            title=title,
            description=help,
            json_schema_extra=extra,
            **rules,
        )
    return Field(default, title=title, description=help, json_schema_extra=extra, **rules)


def button(*, group: str, title: str, help: str, resyncs: str) -> Any:  # noqa: A002
    """Declare what is done once when it is set: everything of the entity `resyncs` is read or pushed again."""
    extra: dict[str, Any] = {"group": group, "when": None, "resyncs": resyncs}
    return Field(default=False, title=title, description=help, json_schema_extra=extra)


def credential(*, title: str, help: str, default: Any = ..., advanced: bool = False) -> Any:  # noqa: A002
    """Declare a credential field under the name that the platform's own control panel shows."""
    return Field(default, title=title, description=help, json_schema_extra={"advanced": advanced})


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False, str_strip_whitespace=True)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """The checked form. Keys may be field names or exact labels. Raises SettingsError naming the field."""
        by_label = {(info.title or "").casefold(): name for name, info in cls.model_fields.items()}
        named = {
            key if key in cls.model_fields else by_label.get(key.casefold(), key): v
            for key, v in values.items()
        }
        try:
            return cls.model_validate(named)
        except ValidationError as error:
            raise _explained(cls, error) from None


class ConnectorSettings(_Form):
    """Base of a connector's settings."""

    @classmethod
    def known(cls, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What was stored, without fields that only another version of the hub knows: they stop nothing here."""
        return {name: value for name, value in stored.items() if name in cls.model_fields}

    def as_values(self) -> dict[str, Any]:
        """JSON-ready values, for storing and for export."""
        return self.model_dump(mode="json")


class Credentials(_Form):
    """Base of a connector's credentials; secret fields are SecretStr and never leave in clear."""

    def as_stored(self) -> dict[str, str]:
        """All values in clear, to be encrypted by whoever calls."""
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in self
            if value is not None
        }

    def shown(self) -> dict[str, str]:
        """What may be seen: secrets are only said to be set."""
        return {
            name: ("set" if value.get_secret_value() else "") if isinstance(value, SecretStr) else str(value)
            for name, value in self
            if value is not None
        }


@dataclass(frozen=True)
class Described:
    """One setting as the API, the command line, the form and the docs show it."""

    key: str
    title: str
    group: str
    kind: str
    default: Any
    help: str
    choices: tuple[tuple[str, str], ...]
    when: str


def described(form: type[ConnectorSettings]) -> Iterable[Described]:
    """Every setting of a connector, in the order of declaration. There are no hidden ones."""
    for name, info in form.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        default = info.get_default(call_default_factory=True)
        yield Described(
            key=name,
            title=info.title or name,
            group=str(extra.get("group", "")),
            kind=_kind(info),
            default=default.value if isinstance(default, Choice) else default,
            help=info.description or "",
            choices=tuple((c.value, c.label) for c in choices_of(info)),
            when=_condition(form, extra.get("when")),
        )


def buttons(form: type[ConnectorSettings]) -> Mapping[str, str]:
    """The settings that are done once when they are set, with the entity that each does again."""
    found = {}
    for name, info in form.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        if entity := extra.get("resyncs"):
            found[name] = str(entity)
    return found


def choices_of(info: FieldInfo) -> tuple[Choice, ...]:
    kind = info.annotation
    return tuple(kind) if isinstance(kind, type) and issubclass(kind, Choice) else ()


def _kind(info: FieldInfo) -> str:
    kind = info.annotation
    if choices_of(info):
        return "choice"
    if isinstance(info.json_schema_extra, dict) and info.json_schema_extra.get("resyncs"):
        return "once"
    if kind is bool:
        return "on/off"
    origin = get_origin(kind)
    if origin in (list, tuple, frozenset, set):
        return "list"
    if origin is dict:
        return "map"
    bare = [
        get_args(part)[0] if get_origin(part) is Annotated else part for part in get_args(kind) or (kind,)
    ]
    name = next(str(part.__name__) for part in bare if part is not type(None))
    return {"int": "number", "str": "text", "Decimal": "number", "datetime": "date"}.get(name, name)


def _condition(form: type[ConnectorSettings], when: Any) -> str:
    if not isinstance(when, When):
        return ""
    title = form.model_fields[when.setting].title or when.setting
    return f"{title} is {' or '.join(_told(value) for value in when.values)}"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value.label if isinstance(value, Choice) else str(value)


def _explained(form: type[BaseModel], error: ValidationError) -> SettingsError:
    found = error.errors(include_url=False, include_input=False)
    # A name that is misspelt makes the right one missing; the misspelling says more.
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    name = str(first["loc"][0]) if first["loc"] else "settings"
    info = form.model_fields.get(name)
    if first["type"] == "extra_forbidden":
        return SettingsError(name, f"there is no such field; choose from {', '.join(form.model_fields)}")
    if first["type"] == "missing":
        return SettingsError(name, f"is required ({info.title if info else name})")
    if info is not None and (choices := choices_of(info)):
        return SettingsError(name, "choose one of: " + "; ".join(f"{c.value} ({c.label})" for c in choices))
    return SettingsError(name, first["msg"].removeprefix("Value error, "))


SkuList = tuple[str, ...]
"""A scope list: exact SKUs, empty for all. Spaces inside and around a SKU are part of it."""


class ScopedSettings(ConnectorSettings):
    """Base that keeps SKUs in lists exactly as typed: stripping one would change which record is meant."""

    model_config = ConfigDict(str_strip_whitespace=False)

    @field_validator("*", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any, info: Any) -> Any:
        """Numbers in lists and maps are names all the same: files write a status or a category without quotes."""
        origin = get_origin(cls.model_fields[info.field_name].annotation)
        if origin is tuple and isinstance(value, str | int):
            return (_as_name(value),)
        if origin is tuple and isinstance(value, list):
            return tuple(map(_as_name, value))
        if origin is dict and isinstance(value, dict):
            return {_as_name(key): _as_name(item) for key, item in value.items()}
        return value


def _as_name(value: Any) -> Any:
    if value is True or value is False:
        raise ValueError(
            "put yes, no, on, off, true and false in quotes, as “'No'”: without them they are no text"
        )
    return str(value) if isinstance(value, int) else value
