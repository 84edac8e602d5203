"""The reconstructed description of TikTok Shop's API, and what in a request it does not describe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from connectors.samples import Request

DOCUMENT = Path(__file__).parents[3].parent / "shared" / "specs" / "tiktok-shop" / "openapi.yaml"
IS_THERE = DOCUMENT.exists()
ABSENT = "the platform's documents are not beside this checkout"
UPLOAD, JSON = "multipart/form-data", "application/json"
COMMON = frozenset({"app_key", "timestamp", "sign"})


@cache
def document() -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(DOCUMENT.read_text(encoding="utf-8"), loader)


def resolved(part: Any) -> Any:
    """With references replaced, and with objects closed, so that a misspelt name is seen."""
    if isinstance(part, list):
        return [resolved(item) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        found = document()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return resolved(found)
    made = {name: resolved(value) for name, value in part.items()}
    return made | ({"additionalProperties": False} if isinstance(made.get("properties"), dict) else {})


def operation_of(request: Request) -> Mapping[str, Any]:
    for template, methods in document()["paths"].items():
        pattern = re.sub(r"\{\w+\}", r"[^/]+", template)
        if re.fullmatch(pattern, request.path) and request.method.lower() in methods:
            return {**methods[request.method.lower()]}
    raise AssertionError(f"{request} is in no document")


def problems_of(request: Request) -> Iterator[str]:
    """Everything about a request that the description does not know."""
    operation = operation_of(request)
    parameters = [resolved(parameter) for parameter in operation.get("parameters", [])]
    known = {p["name"]: p for p in parameters if p["in"] == "query"}
    yield from (f"unknown query parameter {name}" for name in request.query.keys() - known.keys())
    required = {name for name, parameter in known.items() if parameter.get("required")}
    yield from (f"query lacks {name}" for name in sorted(required - request.query.keys()))
    for name, text in request.query.items():
        yield from _value_problems(name, known.get(name, {}).get("schema", {}), text)
    yield from _body_problems(request, operation.get("requestBody", {}))


def _value_problems(name: str, schema: Mapping[str, Any], text: str) -> Iterator[str]:
    """Lists are written with commas."""
    value: Any = text
    if schema.get("type") == "integer":
        value = int(text)
    elif schema.get("type") == "array":
        value = text.split(",")
    elif schema.get("type") == "boolean":
        value = {"true": True, "false": False}.get(text, text)
    yield from (f"{name}: {error.message}" for error in _errors(schema, value))


def _body_problems(request: Request, described: Mapping[str, Any]) -> Iterator[str]:
    content = described.get("content", {})
    if request.form is not None:
        if UPLOAD not in content:
            yield "an upload where none is documented"
            return
        fields = resolved(content[UPLOAD]["schema"])["properties"]
        yield from (f"unknown field {name}" for name in request.form.keys() - fields.keys())
    elif request.body is None:
        if described.get("required") and JSON in content:
            yield "no body"
    elif JSON not in content:
        yield "a body where none is documented"
    else:
        schema = resolved(content[JSON]["schema"])
        yield from (f"{error.json_path}: {error.message}" for error in _errors(schema, request.body))


def _errors(schema: Mapping[str, Any], value: Any) -> Iterator[jsonschema.ValidationError]:
    yield from jsonschema.Draft202012Validator(schema).iter_errors(value)
