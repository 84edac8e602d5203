"""The platform's published documents, and what in a request they do not describe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator

from connectors.samples import Request

SPECS = Path(__file__).parents[3].parent / "shared" / "specs" / "bigcommerce"
IS_THERE = SPECS.is_dir()
ABSENT = "the platform's documents are not beside this checkout"
# An order's text says that the sort takes a direction too, which the list of its values leaves out.
SORT_DIRECTION = re.compile(r":(asc|desc)$")
# The schema of a new product requires of its variants the ids that only the answer can give; the guide omits them.
WRONGLY_REQUIRED = re.compile(r"'(id|product_id)' is a required property")
COMBINED = ("allOf", "anyOf", "oneOf")
JSON_TYPE = "application/json"


def problems_of(request: Request) -> Iterator[str]:
    """Everything about a request that its document does not describe."""
    item, document = path_item(request.path)
    if request.method.lower() not in item:
        yield "the method is not documented"
        return
    yield from _query_problems(request, item, document)
    yield from _header_problems(request)
    yield from _body_problems(request, item, document)


def _query_problems(request: Request, item: Mapping[str, Any], document: dict[str, Any]) -> Iterator[str]:
    parameters = query_parameters(item, request.method, document)
    for name, text in request.query.items():
        if name in parameters:
            yield from value_problems(name, inlined(parameters[name].get("schema", {}), document), text)
        else:
            yield f"there is no parameter {name}"
    yield from (
        f"the parameter {name} is missing"
        for name, parameter in parameters.items()
        if parameter.get("required") and name not in request.query
    )


def _header_problems(request: Request) -> Iterator[str]:
    wanted = {"x-auth-token", "accept"} | ({"content-type"} if request.body is not None else set())
    yield from (f"the header {name} is missing" for name in sorted(wanted - request.headers.keys()))
    if request.headers.get("content-type", JSON_TYPE) != JSON_TYPE:
        yield f"the body is {request.headers['content-type']}"


def _body_problems(request: Request, item: Mapping[str, Any], document: dict[str, Any]) -> Iterator[str]:
    described = item[request.method.lower()].get("requestBody")
    if described is None:
        if request.body is not None:
            yield "no body is documented"
        return
    if request.body is None:
        yield "a body is documented and none was sent"
        return
    schema = inlined(resolved(described, document)["content"][JSON_TYPE]["schema"], document)
    for error in OAS30Validator(schema).iter_errors(request.body):
        if not (request.path == "/v3/catalog/products" and WRONGLY_REQUIRED.fullmatch(str(error.message))):
            yield f"{error.json_path}: {error.message}"
    yield from unknown_fields(schema, request.body, "$")


def unknown_fields(schema: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    """Fields that no part of a schema names. The platform ignores or refuses them, while its schemas let them pass."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from unknown_fields(_items(schema), item, f"{place}[{number}]")
    elif isinstance(value, dict) and (known := _all_properties(schema)):
        for name, part in value.items():
            if name not in known:
                yield f"{place}: there is no field {name}"
            else:
                yield from unknown_fields(known[name], part, f"{place}.{name}")


def _items(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = [schema, *(part for name in COMBINED for part in schema.get(name, []))]
    return next((part["items"] for part in parts if "items" in part), {})


def _all_properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Of all the parts that a schema is made of or offers to choose from."""
    found = dict(schema.get("properties", {}))
    for name in COMBINED:
        for part in schema.get(name, []):
            found |= _all_properties(part)
    return found


def value_problems(name: str, schema: Mapping[str, Any], text: str) -> Iterator[str]:
    """Lists are written with commas, numbers as their digits."""
    kind = schema.get("type")
    if kind == "array":
        for part in text.split(","):
            yield from value_problems(name, schema.get("items", {}), part)
    elif kind in ("integer", "number"):
        if not re.fullmatch(r"-?\d+(,\d+)*", text):
            yield f"{name}: {text} is no {kind}"
        elif "," not in text and int(text) > schema.get("maximum", int(text)):
            yield f"{name}: {text} is above {schema['maximum']}"
    elif "enum" in schema and SORT_DIRECTION.sub("", text) not in schema["enum"]:
        yield f"{name}: {text} is none of {schema['enum']}"


@cache
def load(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load((SPECS / name).read_text(encoding="utf-8"), loader)
    return document


@cache
def _files() -> dict[str, list[str]]:
    """The documents by the version of the API that they describe."""
    names = sorted(path.relative_to(SPECS).as_posix() for path in SPECS.rglob("*.yml"))
    return {version: [name for name in names if f".{version}." in name] for version in ("v2", "v3")}


def path_item(place: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a path such as /v3/hooks may be used for, and the document that says so: the most literal template wins."""
    version, path = place[1:3], place[3:]
    fits = [
        (template.count("{"), item, document)
        for name in _files()[version]
        for document in [load(name)]
        for template, item in document["paths"].items()
        if re.fullmatch(re.sub(r"\\\{[^/]+?\\\}", r"[^/]+", re.escape(template)), path)
    ]
    if not fits:
        raise AssertionError(f"{place} is in no document")
    _, item, document = min(fits, key=lambda fit: fit[0])
    return item, document


def query_parameters(
    item: Mapping[str, Any], method: str, document: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    listed = [*item.get("parameters", []), *item[method.lower()].get("parameters", [])]
    parameters = [resolved(one, document) for one in listed]
    return {one["name"]: one for one in parameters if one["in"] == "query"}


def body_schema(method: str, place: str) -> Any:
    """The schema of a request's body with all its references replaced."""
    item, document = path_item(place)
    body = resolved(item[method.lower()]["requestBody"], document)
    return inlined(body["content"][JSON_TYPE]["schema"], document)


def answer_schema(method: str, place: str, status: str) -> Any:
    item, document = path_item(place)
    answer = inlined(item[method.lower()]["responses"][status], document)
    return answer["content"][JSON_TYPE]["schema"]


def resolved(node: Any, document: dict[str, Any]) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def inlined(node: Any, document: dict[str, Any]) -> Any:
    node = resolved(node, document)
    if isinstance(node, dict):
        return {name: inlined(value, document) for name, value in node.items() if not name.startswith("x-")}
    return [inlined(value, document) for value in node] if isinstance(node, list) else node


def properties(schema: Any) -> dict[str, Any]:
    """The properties of an object, gathered from all the parts it is made of."""
    found = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        found |= properties(part)
    return found
