"""The attributes of a product from its own data and the settings, as far as its category asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.connectors.tiktok_shop.mapping.fault import Fault
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import Attribute, RequirementCondition
from crossdock.domain.catalog import Listable, Variant

PRODUCT_PROPERTY, SALES_PROPERTY = "PRODUCT_PROPERTY", "SALES_PROPERTY"
NUMBER = "POSITIVE_INT_OR_DECIMAL"
FIX = "Set it in Attribute values (attribute_defaults) or Attribute map (attribute_map)."
Json = dict[str, Any]
Values = Mapping[str, Sequence[Json]]
"""By attribute id its values, each by id or by name."""

_POSITIVE = re.compile(r"(?=.*[1-9])\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where values come from: the hub's field for an attribute, and the value for those without."""

    attribute_map: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """The values found, and by attribute id what was meant for it and is not taken there."""

    values: Values
    refused: Mapping[str, str]


def of_type(attributes: Iterable[Attribute], kind: str) -> list[Attribute]:
    return [attribute for attribute in attributes if text(attribute.type) == kind]


def fill(
    attributes: Sequence[Attribute], listable: Listable, sources: Sources, *, category_id: str
) -> Filled:
    """For each attribute that something is known for: the values that the category takes."""
    values: dict[str, list[Json]] = {}
    refused: dict[str, str] = {}
    for attribute in of_type(attributes, PRODUCT_PROPERTY):
        wanted = _wanted(attribute, listable, sources, category_id)
        taken = [entry for each in wanted if (entry := value_of(attribute, each))]
        if len(wanted) > 1 and not attribute.is_multiple_selection:
            refused[text(attribute.id)] = f"takes one value only, and not {', '.join(wanted)}"
        elif taken:
            values[text(attribute.id)] = taken
        elif wanted:
            refused[text(attribute.id)] = f"does not take “{wanted[0]}”"
    return Filled(values, refused)


def _wanted(attribute: Attribute, listable: Listable, sources: Sources, category_id: str) -> tuple[str, ...]:
    """What the product itself says, by the map; else the value from the settings."""
    if (mapped := _named(sources.attribute_map, attribute, category_id)) and (
        own := hub_values(listable, mapped)
    ):
        return own
    default = _named(sources.defaults, attribute, category_id)
    if attribute.is_multiple_selection:
        return tuple(part.strip() for part in default.split(";") if part.strip())
    return (default,) if default else ()


def _named(setting: Mapping[str, str], attribute: Attribute, category_id: str) -> str:
    """The entry for this attribute in this category, else the one for all categories."""
    known = {key.casefold().strip(): value.strip() for key, value in setting.items()}
    name = text(attribute.name).casefold()
    return known.get(f"{category_id}/{name}") or known.get(name, "")


def hub_values(listable: Listable, name: str) -> tuple[str, ...]:
    """What the hub knows under this name, of the product or of its variants: each value once."""
    product = listable.product
    key = name.casefold().strip()
    of_product = {
        "brand": product.brand,
        "title": product.title,
        "category": product.categories[0].rpartition(" / ")[2] if product.categories else "",
    }
    if key in of_product:
        found: Iterable[str] = [of_product[key]]
    else:
        found = (value for variant in listable.variants for value in _of_variant(variant.variant, key))
    return tuple(dict.fromkeys(value.strip() for value in found if value.strip()))


def _of_variant(variant: Variant, key: str) -> Iterator[str]:
    if key in ("sku", "mpn", "gtin"):
        yield str(getattr(variant, key))
    elif key == "weight":
        yield f"{variant.weight.value.normalize():f} {variant.weight.unit}" if variant.weight else ""
    else:
        yield from (option.value for option in variant.options if option.name.strip().casefold() == key)


def value_of(attribute: Attribute, value: str) -> Json | None:
    """A value of the category's list by its id, else a free one where those are allowed."""
    for known in attribute.values or ():
        if value.casefold() in (text(known.name).casefold(), text(known.id)):
            return {"id": text(known.id)}
    if text(attribute.value_data_format) == NUMBER and not _POSITIVE.fullmatch(value):
        return None
    is_free = attribute.is_customizable or (attribute.is_customizable is None and not attribute.values)
    return {"name": value} if is_free else None


def present_values(attributes: Iterable[Json]) -> Values:
    """The values that a product on TikTok Shop has already."""
    return {
        text(entry["id"]): [
            {"id": text(value["id"])} if value.get("id") else {"name": value.get("name", "")}
            for value in entry.get("values") or ()
        ]
        for entry in attributes
    }


def missing(
    attributes: Sequence[Attribute], filled: Filled, present: Values, *, category: str
) -> list[Fault]:
    """The attributes that the category requires, some only along with others, and that have no value."""
    values = {**present, **filled.values}
    return [
        Fault(_lack(attribute, filled.refused, category), FIX, is_draftable=True)
        for attribute in of_type(attributes, PRODUCT_PROPERTY)
        if not values.get(text(attribute.id)) and _is_required(attribute, values)
    ]


def notes(attributes: Sequence[Attribute], filled: Filled) -> list[str]:
    """What was left out although it was meant to be there."""
    names = {text(attribute.id): text(attribute.name) for attribute in attributes}
    return [f"The attribute {names[key]} {why}; it was left out" for key, why in filled.refused.items()]


def _is_required(attribute: Attribute, values: Values) -> bool:
    if attribute.is_required:
        return True
    return any(applies(condition, values) for condition in attribute.requirement_conditions or ())


def applies(condition: RequirementCondition, values: Values) -> bool:
    chosen = {entry.get("id") for entry in values.get(text(condition.attribute_id), ())}
    return text(condition.condition_type) == "VALUE_ID_MATCH" and text(condition.attribute_value_id) in chosen


def _lack(attribute: Attribute, refused: Mapping[str, str], category: str) -> str:
    choices = [text(value.name) for value in attribute.values or ()][:5]
    such_as = f" (such as {', '.join(choices)})" if choices else ""
    said = f"the attribute {text(attribute.name)}{such_as} of category {category}"
    why = refused.get(text(attribute.id))
    return f"{said}, which {why}" if why else said
