"""Failures as problem documents (RFC 9457): what happened, what to do, and which field is meant."""

from __future__ import annotations

import http
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from crossdock.connectors.errors import ChannelError, SettingsError
from crossdock.operations.setup.effects import NeedsConfirmationError
from crossdock.operations.setup.spec import SpecError
from crossdock.operations.views.view_page import MarkError
from crossdock.store.cipher import WrongKeyError

MEDIA_TYPE = "application/problem+json"
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Where the standard library's words changed from one version of Python to the next."""

_log = structlog.get_logger(__name__)


class FieldProblem(BaseModel):
    """One field of the request that is not acceptable, and why."""

    field: str
    problem: str


class Problem(BaseModel):
    """A problem document."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:crossdock:problem:unprocessable-content",
                "title": "Unprocessable Content",
                "status": 422,
                "detail": "inventory_buffer: Input should be greater than or equal to 0",
                "errors": [
                    {"field": "inventory_buffer", "problem": "Input should be greater than or equal to 0"}
                ],
            }
        }
    )

    type: str = Field(description="A stable name of the kind of problem")
    title: str
    status: int
    detail: str = Field(description="What happened and what to do about it")
    errors: list[FieldProblem] = Field(default_factory=list, description="The fields that are meant, if any")


class ProblemError(Exception):
    """A request that cannot be done, to be answered as a problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers


def not_found(what: str) -> ProblemError:
    return ProblemError(404, f"There is no {what}")


def answer(
    status: int,
    detail: str,
    *,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    title = title_of(status)
    kind = title.casefold().replace(" ", "-")
    problem = Problem(
        type=f"urn:crossdock:problem:{kind}", title=title, status=status, detail=detail, errors=list(errors)
    )
    kept = dict(headers) if headers else None
    return JSONResponse(problem.model_dump(), status_code=status, media_type=MEDIA_TYPE, headers=kept)


def title_of(status: int) -> str:
    return TITLES.get(status) or http.HTTPStatus(status).phrase


def install(app: FastAPI) -> None:
    """Have every failure of a request answered as a problem."""
    for kind, handler in _handlers().items():
        app.add_exception_handler(kind, handler)


def answer_to(request: Request, error: Exception) -> JSONResponse:
    """The same answer, for what does not go through the application's routing."""
    handlers = _handlers()
    return next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)(request, error)


def _handlers() -> dict[type[Exception], Callable[[Request, Any], JSONResponse]]:
    return {
        ProblemError: _asked_for,
        HTTPException: _http,
        RequestValidationError: _invalid,
        MarkError: _bad_mark,
        SettingsError: _bad_setting,
        SpecError: _bad_spec,
        NeedsConfirmationError: _unconfirmed,
        ChannelError: _channel_failed,
        WrongKeyError: _wrong_key,
        DataError: _not_storable,
        Exception: _broken,
    }


def _asked_for(_: Request, error: ProblemError) -> JSONResponse:
    return answer(error.status, error.detail, errors=error.errors, headers=error.headers)


def _http(_: Request, error: HTTPException) -> JSONResponse:
    return answer(error.status_code, str(error.detail), headers=error.headers)


def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    """The input itself is not repeated: it may be a secret."""
    found = [
        FieldProblem(field=_place(part["loc"]), problem=str(part["msg"]).removeprefix("Value error, "))
        for part in error.errors()
    ]
    detail = f"{found[0].field}: {found[0].problem}" if found else "The request is not acceptable"
    return answer(422, detail, errors=found)


def _place(location: Sequence[int | str]) -> str:
    """Dotted, without saying whether it was in the body or the query."""
    parts = location[1:] if len(location) > 1 else location
    return ".".join(str(part) for part in parts)


def _bad_mark(_: Request, error: MarkError) -> JSONResponse:
    return answer(422, str(error), errors=[FieldProblem(field="after", problem=str(error))])


def _bad_setting(_: Request, error: SettingsError) -> JSONResponse:
    return answer(422, str(error), errors=[FieldProblem(field=error.field, problem=error.problem)])


def _bad_spec(_: Request, error: SpecError) -> JSONResponse:
    """The message begins with the place where it has one."""
    place, colon, problem = str(error).partition(": ")
    if colon and " " not in place:
        return answer(422, str(error), errors=[FieldProblem(field=place, problem=problem)])
    return answer(422, str(error))


def _unconfirmed(_: Request, error: NeedsConfirmationError) -> JSONResponse:
    return answer(409, f"{error}, with confirm=true")


def _channel_failed(_: Request, error: ChannelError) -> JSONResponse:
    """The request was good, but a platform did not do its part."""
    return answer(502, f"{error}. {error.fix}" if error.fix else str(error))


def _wrong_key(_: Request, error: WrongKeyError) -> JSONResponse:
    return answer(500, str(error))


def _not_storable(_: Request, __: DataError) -> JSONResponse:
    return answer(
        422, "The request has a text or number that cannot be stored, such as one with a NUL character"
    )


def _broken(request: Request, error: Exception) -> JSONResponse:
    _log.error("request failed unexpectedly", path=request.url.path, exc_info=error)
    return answer(500, "The hub itself failed; its log has the details")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for its description."""
    return {status: {"description": title_of(status), "model": Problem} for status in statuses}
