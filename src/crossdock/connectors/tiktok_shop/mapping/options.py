"""A variant's options become sales attributes: built-in ones by id, others by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crossdock.connectors.tiktok_shop.mapping.attributes import SALES_PROPERTY
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import Attribute, AttributeValue
from crossdock.domain.catalog import ListableVariant
from crossdock.domain.channel import Option

IN_USE = "IN_USE"
"""Our own type for attributes that a product on TikTok Shop has already."""
ONE_COLOR = Option("Color", "One Color")
COLOR_NAMES = frozenset({"color", "colour"})
CLOTHING = frozenset(
    {
        *("clothing", "clothes", "apparel", "womenswear", "menswear", "underwear", "shirts", "t-shirts"),
        *("tops", "hoodies", "sweatshirts", "dresses", "trousers", "pants", "jeans", "skirts", "jackets"),
        *("coats", "socks"),
    }
)
MOST_OPTIONS = 3
LONGEST_NAME, LONGEST_VALUE = 20, 50
Json = dict[str, Any]


def is_clothing(names: Iterable[str]) -> bool:
    """By the words of the category's names, since ids change too often to be listed."""
    words = {word.strip(",&").casefold() for name in names for word in name.replace("/", " ").split()}
    return not words.isdisjoint(CLOTHING)


def options_of(variant: ListableVariant, *, needs_color: bool) -> tuple[Option, ...]:
    options = variant.variant.options
    if needs_color and not any(is_color(option.name) for option in options):
        return (ONE_COLOR, *options)
    return options


def is_color(name: str) -> bool:
    return name.strip().casefold() in COLOR_NAMES


def from_options(
    options: Sequence[Option], attributes: Sequence[Attribute], images: Mapping[Option, str]
) -> list[Json]:
    """The image goes with the color, or with the first option where there is none; never with two."""
    pictured = next((option for option in options if is_color(option.name)), options[0] if options else None)
    return [
        _attribute(option, attributes)
        | ({"sku_img": {"uri": images[option]}} if option == pictured and option in images else {})
        for option in options
    ]


def _attribute(option: Option, attributes: Sequence[Attribute]) -> Json:
    known = next(
        (
            attribute
            for attribute in attributes
            if text(attribute.type) in (SALES_PROPERTY, IN_USE)
            and _same_name(text(attribute.name), option.name)
        ),
        None,
    )
    if known is None:
        return {"name": option.name.strip(), "value_name": option.value.strip()}
    # An attribute that a seller made up is known by its name as well as by its id.
    named = {"name": text(known.name)} if known.type == IN_USE else {}
    for value in known.values or ():
        if text(value.name).casefold() == option.value.strip().casefold():
            return {"id": text(known.id), **named, "value_id": text(value.id)}
    return {"id": text(known.id), **named, "value_name": option.value.strip()}


def _same_name(theirs: str, ours: str) -> bool:
    return theirs.strip().casefold() == ours.strip().casefold() or (is_color(theirs) and is_color(ours))


def attributes_in_use(skus: Iterable[Mapping[str, Any]]) -> list[Attribute]:
    """The sales attributes that a product on TikTok Shop has already, with the values in use."""
    found: dict[str, tuple[str, list[AttributeValue]]] = {}
    for entry in (entry for sku in skus for entry in sku.get("sales_attributes") or ()):
        _, values = found.setdefault(text(entry.get("id")), (text(entry.get("name")), []))
        if entry.get("value_id"):
            values.append(AttributeValue(id=text(entry["value_id"]), name=entry.get("value_name")))
    return [
        Attribute(id=attribute_id, name=name, type=IN_USE, values=values)
        for attribute_id, (name, values) in found.items()
        if attribute_id
    ]
