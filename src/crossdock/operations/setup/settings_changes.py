"""The ways to change the settings of one integration: some values, an earlier version, or those of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from crossdock.connectors.contract import Connector
from crossdock.connectors.settings import buttons
from crossdock.operations.setup.integrations import Integration
from crossdock.operations.setup.settings_versions import Version
from crossdock.operations.setup.spec import IntegrationSpec, Sources, Spec, SpecError


class SettingsDocument(BaseModel):
    """The settings of an integration as they are exported: without credentials, for others of the same kind."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "example": {"connector": "bigcommerce", "settings": {"products": "pull", "orders": True}}
        },
    )

    connector: str
    settings: dict[str, Any]

    @classmethod
    def read(cls, text: str) -> SettingsDocument:
        """The document behind a file's text. Raises SpecError."""
        try:
            raw = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise SpecError(f"This is not YAML: {error}") from None
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "file"
            raise SpecError(
                f"{place}: {first['msg']}; it has to say what `crossdock settings export` prints"
            ) from None


def with_values(integration: Integration, kind: type[Connector], given: Mapping[str, Any]) -> Spec:
    """Some values are changed, the others stay. Keys may be labels. Raises SettingsError naming the field."""
    form = kind.settings_type.parse(given)
    values = form.as_values()
    return _spec(integration, kind, {key: values[key] for key in form.model_fields_set})


def exported(integration: Integration, kind: type[Connector]) -> SettingsDocument:
    settings = kind.settings_type.known(integration.settings)
    return SettingsDocument(connector=integration.connector, settings=settings)


def imported(integration: Integration, kind: type[Connector], document: SettingsDocument) -> Spec:
    """Take over what another integration of the same kind exported. Raises SpecError, SettingsError."""
    if document.connector != integration.connector:
        raise SpecError(
            f"connector: these are settings of {document.connector}, and {integration.name} is one of "
            f"{integration.connector}"
        )
    return with_values(integration, kind, document.settings)


def as_of(integration: Integration, kind: type[Connector], version: Version) -> Spec:
    """Back to what the settings were after an earlier change; what there was not yet goes to its default."""
    form = kind.settings_type
    kept = {key: value for key, value in form.known(version.after).items() if key not in buttons(form)}
    return _spec(integration, kind, form.parse(kept).as_values())


def sources_as_of(version: Version, settings: Sequence[Spec]) -> Spec:
    """Back to the sources of truth after an earlier change, and to the settings that went with them.

    A direction and its owner contradict each other one by one, so they go back together.
    """
    parts = [part for spec in settings for part in spec.integrations]
    return Spec(sources_of_truth=Sources.model_validate(version.after), integrations=parts)


def _spec(integration: Integration, kind: type[Connector], changes: Mapping[str, Any]) -> Spec:
    settings = {**kind.settings_type.known(integration.settings), **changes}
    part = IntegrationSpec(name=integration.name, connector=integration.connector, settings=settings)
    return Spec(integrations=[part])
