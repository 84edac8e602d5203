"""The published description of the API, to hold answers and webhooks against."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

SPECS = Path(__file__).parents[3].parent / "shared" / "specs" / "tiktok-shop"
# The simulator also plays these versions, whose own schemas are not published; a near one serves.
STANDS_FOR = {
    "/product/202312/products/search": "/product/202309/products/search",
    "/product/202309/prerequisites": "/product/202312/prerequisites",
    "/return_refund/202309/orders/{}/aftersale_eligibility": "/return_refund/202602/orders/{}/aftersale_eligibility",
}


def available() -> bool:
    return SPECS.is_dir()


@cache
def document() -> dict[str, Any]:
    text = (SPECS / "openapi.yaml").read_text()
    loaded: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


@cache
def known_codes() -> frozenset[int]:
    with (SPECS / "error-codes.csv").open() as file:
        return frozenset(int(row["code"]) for row in csv.DictReader(file))


@cache
def _operations() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    return [
        (method.upper(), re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def operation(method: str, path: str) -> dict[str, Any] | None:
    path = STANDS_FOR.get(re.sub(r"/\d{8,}", "/{}", path), path).replace("{}", "1")
    # A path without variables wins over a pattern that would match it too.
    found = [
        (pattern.pattern.count("[^/]+"), described)
        for verb, pattern, described in _operations()
        if verb == method and pattern.fullmatch(path)
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def check_answer(method: str, path: str, status: int, answer: dict[str, Any]) -> None:
    """An answer of success fits its schema and has no name the schema lacks; an error has a known code."""
    if not available():
        return
    assert answer["code"] in known_codes(), answer
    if answer["code"] != 0:
        validate({"$ref": "#/components/schemas/ErrorEnvelope"}, answer)
        return
    assert status == 200
    described = operation(method, path)
    assert described is not None, f"{method} {path} is not in the document"
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    validate(schema, answer)
    unknown = sorted(unknown_names(schema, answer, ""))
    assert not unknown, unknown


def validate(schema: dict[str, Any], value: Any) -> None:
    whole = {"$ref": "#/$defs/it", "$defs": {"it": schema}, "components": document()["components"]}
    errors = [f"{e.json_path}: {e.message}" for e in Draft202012Validator(whole).iter_errors(value)]
    assert not errors, errors


def unknown_names(schema: dict[str, Any], value: Any, where: str) -> set[str]:
    """Names of objects in `value` that the schema does not list, and values outside its known ones."""
    schemas = list(_parts(schema))
    if isinstance(value, list):
        items = [s["items"] for s in schemas if "items" in s]
        return {n for item in items for one in value for n in unknown_names(item, one, where + "[]")}
    if not isinstance(value, dict):
        known = [s["x-known-values"] for s in schemas if "x-known-values" in s]
        return {f"{where}={value}" for values in known if value not in values}
    properties: dict[str, Any] = {}
    for part in schemas:
        properties |= part.get("properties", {})
    if not properties:
        return set()
    names = {f"{where}.{name}" for name in value.keys() - properties.keys()}
    for name in value.keys() & properties.keys():
        names |= unknown_names(properties[name], value[name], f"{where}.{name}")
    return names


def _parts(schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        yield from _parts(document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
        return
    yield schema
    for part in schema.get("allOf", []):
        yield from _parts(part)
