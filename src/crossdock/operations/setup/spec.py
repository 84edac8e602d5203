"""The declarative description of a hub that `crossdock apply` brings about, and what it would change."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from crossdock.connectors.contract import Connector
from crossdock.connectors.errors import SettingsError
from crossdock.connectors.settings import buttons
from crossdock.operations.routing.warehouses import require_among
from crossdock.operations.setup import (
    integrations,
    spec_automations,
    spec_locations,
    spec_methods,
    spec_routing,
)
from crossdock.operations.setup.contradictions import OVERRIDES
from crossdock.operations.setup.integrations import Integration
from crossdock.operations.setup.spec_automations import AutomationSpec
from crossdock.operations.setup.spec_locations import LocationSpec as LocationSpec
from crossdock.operations.setup.spec_locations import SpecError as SpecError
from crossdock.operations.setup.spec_methods import MethodSpec
from crossdock.operations.setup.spec_routing import CardSpec
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store.cipher import Cipher
from crossdock.store.codec import pack
from crossdock.store.database import Transaction

OF_THE_HUB = "sources of truth"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sources(_Part):
    """Which integration owns what; both have to be decided before anything is synced."""

    catalog: str = ""
    inventory: str = ""
    overrides: list[str] | None = Field(
        None, description="The contradictions whose risk is knowingly taken, by name; left out, they stay"
    )

    @field_validator("overrides")
    @classmethod
    def _are_known(cls, names: list[str] | None) -> list[str] | None:
        for name in names or []:
            if name not in OVERRIDES:
                raise ValueError(f"{name!r} overrides nothing; choose from {', '.join(OVERRIDES)}")
        return names


class IntegrationSpec(_Part):
    name: str
    connector: str
    credentials: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _is_short_and_plain(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(
                "a name is at most 63 small letters, digits, - and _, and begins with neither - nor _"
            )
        if name == HUB:
            raise ValueError("this name means the hub itself; choose another")
        return name


class Spec(_Part):
    sources_of_truth: Sources = Field(default_factory=Sources)
    integrations: list[IntegrationSpec] = Field(default_factory=list)
    locations: list[LocationSpec] = Field(default_factory=list)
    routing: list[CardSpec] | None = Field(None, description="All cards in their order; left out, they stay")
    shipping_methods: list[MethodSpec] | None = Field(None, description="The whole map; left out, it stays")
    automations: list[AutomationSpec] | None = Field(
        None, description="All automations in their order; left out, they stay"
    )

    @field_validator("integrations", mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        """A mapping of name → integration is as good as a list."""
        if not isinstance(value, dict):
            return value
        return [
            {"name": name, **(part or {})} if isinstance(part, dict | None) else part
            for name, part in value.items()
        ]


PARTS: dict[str, type[BaseModel]] = {
    "sources_of_truth": Sources,
    "integrations": IntegrationSpec,
    "locations": LocationSpec,
    "routing": CardSpec,
    "shipping_methods": MethodSpec,
    "automations": AutomationSpec,
}
INNER: dict[str, dict[str, type[BaseModel]]] = {
    "routing": spec_routing.PARTS,
    "automations": spec_automations.PARTS,
}
"""The parts of these parts."""


def read(text: str, *, environment: Mapping[str, str] | None = None) -> Spec:
    """The file's content, `${NAME}` replaced from the environment. Raises SpecError."""
    known = os.environ if environment is None else environment
    try:
        raw = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise SpecError(f"This is not YAML: {error}") from None
    if not isinstance(raw, dict):
        raise SpecError(f"file: it has to name its parts: {', '.join(Spec.model_fields)}")
    return of(_filled(raw, known))


def of(raw: Mapping[str, Any]) -> Spec:
    """The description that these values are. Raises SpecError naming the place."""
    try:
        return Spec.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        # A name that is misspelt makes the right one missing; the misspelling says more.
        first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
        location = first["loc"]
        place = _place(location, raw)
        if first["type"] == "extra_forbidden":
            form = _form(location)
            fields = ", ".join(info.alias or name for name, info in form.model_fields.items())
            raise SpecError(f"{place}: there is no such field; choose from {fields}") from None
        raise SpecError(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None


def _form(location: tuple[int | str, ...]) -> type[BaseModel]:
    """What the field at this place is one of."""
    form = PARTS.get(str(location[0]), Spec) if len(location) > 1 else Spec
    parts = INNER.get(str(location[0]), {})
    inner = [parts[str(part)] for part in location[1:-1] if part in parts]
    return inner[-1] if inner else form


def _place(location: tuple[int | str, ...], raw: Mapping[str, Any]) -> str:
    """Dotted, with integrations under their names, as they stand in the file."""
    parts = [str(part) for part in location]
    given = raw.get("integrations")
    if parts[:1] == ["integrations"] and len(parts) > 1 and isinstance(given, dict):
        parts[1] = str(list(given)[int(parts[1])])
    return ".".join(parts)


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, environment) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, environment) for part in value]
    return (
        _VARIABLE.sub(lambda m: _variable(m.group(1), environment), value)
        if isinstance(value, str)
        else value
    )


def _variable(name: str, environment: Mapping[str, str]) -> str:
    if name not in environment:
        raise SpecError(f"The environment variable {name} is not set; the file asks for it")
    return environment[name]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that applying the file changes. Secrets are only said to differ."""

    where: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One integration of the file, its fields validated by its connector."""

    name: str
    connector: str
    credentials: dict[str, str] | None
    settings: dict[str, Any]
    defaults: dict[str, Any]
    """What each setting is while nobody says anything, as one that came with a newer version of the hub."""
    pressed: Mapping[str, str] = field(default_factory=dict)
    """The settings that are done once and were set, with the entity that each does again. Among `settings` they are
    off, as they are kept."""


def check(spec: Spec, connectors: Mapping[str, type[Connector]]) -> list[Checked]:
    """Validate every integration with its connector. Raises SpecError naming integration, field and fix."""
    names = [part.name for part in spec.integrations]
    if len(set(names)) != len(names):
        raise SpecError("integrations: every name may be there once only")
    return [_checked(part, connectors) for part in spec.integrations]


def _checked(part: IntegrationSpec, connectors: Mapping[str, type[Connector]]) -> Checked:
    key = part.connector.strip().casefold().replace(" ", "_").replace("-", "_")
    kind = connectors.get(key) or next((c for c in connectors.values() if c.title.casefold() == key), None)
    if kind is None:
        raise SpecError(
            f"integrations.{part.name}.connector: {part.connector!r} is none; there are {', '.join(connectors)}"
        )
    place = "credentials"
    try:
        are_given = bool(part.credentials) or not kind.credentials_type.model_fields
        credentials = kind.credentials_type.parse(part.credentials).as_stored() if are_given else None
        place = "settings"
        settings = kind.settings_type.parse(part.settings).as_values()
    except SettingsError as error:
        raise SpecError(f"integrations.{part.name}.{place}.{error}") from None
    pressed = {key: entity for key, entity in buttons(kind.settings_type).items() if settings[key]}
    kept, defaults = settings | dict.fromkeys(pressed, False), kind.settings_type().as_values()
    return Checked(part.name, kind.key, credentials, kept, defaults, pressed)


def differences(tx: Transaction, spec: Spec, parts: list[Checked], cipher: Cipher) -> list[Difference]:
    """What applying would change, in the order it would be done."""
    found: list[Difference] = []
    now = integrations.truth(tx)
    wanted = sources(spec, now)
    for what in ("catalog", "inventory"):
        before, after = getattr(now, what), getattr(wanted, what)
        if before != after:
            found.append(Difference(OF_THE_HUB, what, before or "not decided", after))
    if now.overrides != wanted.overrides:
        told = [", ".join(names) or "none" for names in (now.overrides, wanted.overrides)]
        found.append(Difference(OF_THE_HUB, "overrides", *told))
    for part in parts:
        found += _integration_differences(integrations.get(tx, part.name), part, cipher)
    for place in spec.locations:
        found += [
            Difference(f"location {place.location}", what, _shown(before), _shown(after))
            for what, before, after in spec_locations.changes(tx, place)
        ]
    if spec.routing is not None:
        coming = {place.location for place in spec.locations if place.integration == HUB}
        found += [
            Difference(f"routing card {name}", what, _shown(before), _shown(after))
            for name, what, before, after in spec_routing.changes(tx, spec.routing, coming)
        ]
    if spec.shipping_methods is not None:
        found += [
            Difference(f"shipping method {method}", "to", before, after)
            for method, before, after in spec_methods.changes(tx, spec.shipping_methods)
        ]
    if spec.automations is not None:
        found += [
            Difference(f"automation {name}", what, _shown(before), _shown(after))
            for name, what, before, after in spec_automations.changes(tx, spec.automations)
        ]
    return found


def sources(spec: Spec, now: SourcesOfTruth) -> SourcesOfTruth:
    """The sources of truth after applying: what the file leaves out stays."""
    wanted = spec.sources_of_truth
    overrides = now.overrides if wanted.overrides is None else tuple(sorted(set(wanted.overrides)))
    return SourcesOfTruth(wanted.catalog or now.catalog, wanted.inventory or now.inventory, overrides)


def _integration_differences(old: Integration | None, part: Checked, cipher: Cipher) -> list[Difference]:
    where = f"integration {part.name}"
    was = part.defaults | (old.settings if old else {})
    found = []
    if old is None:
        found.append(Difference(where, "integration", "absent", f"added ({part.connector})"))
    elif part.credentials is not None and part.credentials != old.secrets(cipher):
        found.append(Difference(where, "credentials", "set", "set to other values"))
    for key, value in part.settings.items():
        if was[key] != value:
            found.append(Difference(where, key, _shown(was[key]) if old else "", _shown(value)))
    return found + [Difference(where, key, "", "once") for key in part.pressed]


def _shown(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else pack(value)


def refuse_unknown_places(spec: Spec, names: Collection[str], warehouses: Collection[str]) -> None:
    """Raises SpecError where a location names an integration that there is not, or is linked to no warehouse."""
    for place in spec.locations:
        named = [name for name in (place.linked_to, *(place.excluded_for or ())) if name]
        unknown = [name for name in named if name not in names]
        if place.integration and place.integration not in (HUB, *names):
            unknown.append(place.integration)
        if unknown:
            raise SpecError(
                f"locations.{place.location}: {unknown[0]!r} is no integration; there are {', '.join(sorted(names))}"
            )
        if place.linked_to:
            try:
                require_among("linked_to", place.linked_to, warehouses)
            except SettingsError as error:
                raise SpecError(f"locations.{place.location}.{error}") from None
