"""The attributes of a product from the settings, as far as its category asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import Attribute, RequirementCondition

PRODUCT_PROPERTY, SALES_PROPERTY = "PRODUCT_PROPERTY", "SALES_PROPERTY"
Json = dict[str, Any]


def of_type(attributes: Iterable[Attribute], kind: str) -> list[Attribute]:
    return [attribute for attribute in attributes if text(attribute.type) == kind]


def to_values(
    attributes: Sequence[Attribute], defaults: Mapping[str, str], *, category_id: str
) -> dict[str, Json]:
    """By attribute id, for each attribute that the settings give a value which the category takes."""
    wanted = {name.casefold().strip(): value for name, value in defaults.items()}
    values: dict[str, Json] = {}
    for attribute in of_type(attributes, PRODUCT_PROPERTY):
        name = text(attribute.name).casefold()
        value = wanted.get(f"{category_id}/{name}", wanted.get(name, ""))
        if value and (entry := value_of(attribute, value)):
            values[text(attribute.id)] = entry
    return values


def value_of(attribute: Attribute, value: str) -> Json | None:
    """A value of the category's list by its id, else a free one where those are allowed."""
    for known in attribute.values or ():
        if value.casefold() in (text(known.name).casefold(), text(known.id)):
            return {"id": text(known.id)}
    return {"name": value} if attribute.is_customizable or not attribute.values else None


def missing(attributes: Sequence[Attribute], values: Mapping[str, Json]) -> list[str]:
    """Names of the attributes that the category requires, some only along with others, and that have no value."""
    return [
        _with_choices(attribute)
        for attribute in of_type(attributes, PRODUCT_PROPERTY)
        if text(attribute.id) not in values and _is_required(attribute, values)
    ]


def _is_required(attribute: Attribute, values: Mapping[str, Json]) -> bool:
    if attribute.is_required:
        return True
    return any(_applies(condition, values) for condition in attribute.requirement_conditions or ())


def _applies(condition: RequirementCondition, values: Mapping[str, Json]) -> bool:
    chosen = values.get(text(condition.attribute_id), {}).get("id")
    return text(condition.condition_type) == "VALUE_ID_MATCH" and chosen == text(condition.attribute_value_id)


def _with_choices(attribute: Attribute) -> str:
    choices = [text(value.name) for value in attribute.values or ()][:5]
    return f"{text(attribute.name)} (such as {', '.join(choices)})" if choices else text(attribute.name)
