"""Who may ask: the API key of a request and what its scopes allow."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from crossdock.api.desk import Desk
from crossdock.api.problems import ProblemError
from crossdock.operations.setup import keys
from crossdock.operations.setup.keys import Key, Scope

_bearer = HTTPBearer(auto_error=False, description="An API key, as made by `crossdock key create`: cdk_…")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def reader(desk: Desk, bearer: Bearer) -> Key:
    """The request's key, which may read."""
    return _holder(desk, bearer, Scope.READ)


def writer(desk: Desk, bearer: Bearer) -> Key:
    """The request's key, which may change things."""
    return _holder(desk, bearer, Scope.WRITE)


def _holder(desk: Desk, bearer: HTTPAuthorizationCredentials | None, scope: Scope) -> Key:
    asks = {"WWW-Authenticate": "Bearer"}
    if bearer is None:
        detail = "Send an API key as `Authorization: Bearer cdk_…`; `crossdock key create NAME` makes one"
        raise ProblemError(401, detail, headers=asks)
    with desk.database.reading() as tx:
        key = keys.verify(tx, bearer.credentials)
    if key is None:
        raise ProblemError(401, "This API key is not known or was revoked", headers=asks)
    if not key.allows(scope):
        raise ProblemError(403, f"This API key lacks the scope {scope}")
    return key


Reader = Annotated[Key, Depends(reader)]
Writer = Annotated[Key, Depends(writer)]
