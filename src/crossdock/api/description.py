"""The API's OpenAPI document, with an example for each answer and problems under their own media type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from crossdock.api.examples import EXAMPLES
from crossdock.api.problems import MEDIA_TYPE

PROBLEM = {"$ref": "#/components/schemas/Problem"}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document, made at its first use and kept."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        for operation in _operations(document):
            _name_problems(operation)
            _show_example(operation)
        app.openapi_schema = document
    return app.openapi_schema


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _name_problems(operation: dict[str, Any]) -> None:
    for response in operation["responses"].values():
        for content in list(response.get("content", {}).values()):
            if content.get("schema") == PROBLEM:
                response["content"] = {MEDIA_TYPE: content}


def _show_example(operation: dict[str, Any]) -> None:
    example = EXAMPLES.get(operation["operationId"])
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        if example is not None and content is not None and status.startswith("2"):
            content["example"] = example
